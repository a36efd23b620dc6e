"""The line to one desk: its receiver, its breaker, what is under way and what has been counted.

Only the dispatcher's own thread changes a line; others may look, since every value that they see is replaced whole.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import SecretStr

from brain.config.settings import DeskSettings
from brain.dispatch import backoff
from brain.dispatch.answers import Action, Decision, Outcome, decide
from brain.dispatch.breaker import PAUSE_S, PROBE_CAP_S, TRIP_AFTER, Breaker
from brain.dispatch.outbox import Message, RowState, Settlement
from brain.dispatch.webhook import WebhookReceiver

NORMAL_SLOTS = 4
URGENT_SLOTS = 2
LEASE_MARGIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Totals:
    """Counted since the start of the process.

    Attributes:
        sent: delivered.
        retried: tries that have to be repeated, by cause.
        dead: dead letters, by cause.
    """

    sent: int = 0
    retried: Counter[str] = field(default_factory=Counter)
    dead: Counter[str] = field(default_factory=Counter)

    def plus(self, state: RowState, cause: str) -> Totals:
        """With one more."""
        if state is RowState.SENT:
            return Totals(self.sent + 1, self.retried, self.dead)
        if state is RowState.DEAD:
            return Totals(self.sent, self.retried, self.dead + Counter((cause,)))
        return Totals(self.sent, self.retried + Counter((cause,)), self.dead)


class Line:
    """See the module.

    Args:
        desk: settings.
        secret: signing secret.
        read: bytes of an evidence file.
        rng: source of chance for pauses.
        pause_s: interval of probes while the desk is paused.
    """

    def __init__(
        self,
        desk: DeskSettings,
        secret: SecretStr | None,
        read: Callable[[str], bytes],
        rng: random.Random,
        pause_s: float = PAUSE_S,
    ) -> None:
        self.desk = desk
        self.receiver = WebhookReceiver(desk, secret, read, connections=NORMAL_SLOTS + URGENT_SLOTS)
        self.breaker = Breaker.fresh(NORMAL_SLOTS + URGENT_SLOTS)
        self.under_way: dict[str, Message] = {}
        self.totals = Totals()
        self._policy = backoff.Policy(desk.retry_base, desk.retry_cap, desk.give_up_after)
        self._rng = rng
        self._pause_s = pause_s

    @property
    def lease_s(self) -> float:
        """Length of a lease: longer than a request may last."""
        return self.desk.timeout + LEASE_MARGIN_S

    @property
    def horizon_s(self) -> float:
        """No due time is further away than this, unless a clock jumped."""
        return max(self.desk.retry_cap, backoff.RETRY_AFTER_MAX_S) + 60.0

    def free(self, now_s: float) -> tuple[int, int]:
        """How many messages may start, and how many of low or medium severity among them."""
        start = self.breaker.allowed(len(self.under_way), now_s)
        normal = sum(not message.urgent for message in self.under_way.values())
        return start, min(start, max(0, NORMAL_SLOTS - normal))

    def judge(self, message: Message, outcome: Outcome, now: datetime, now_s: float) -> tuple[Settlement, str]:
        """Turns the outcome of a try into what the row becomes, with its cause, and moves the breaker.

        Args:
            now: UTC.
            now_s: monotonic seconds.
        """
        decision = decide(outcome)
        self._move(decision, outcome, now_s)
        bare = message.bare or decision.action is Action.RETRY_BARE
        if decision.action is Action.SENT:
            settlement = Settlement(
                message.id, RowState.SENT, status=outcome.status, bare=bare, reference=outcome.reference
            )
            return settlement, decision.cause
        reason = f"{decision.cause}: {decision.reason}"
        if decision.action is Action.DEAD:
            return Settlement(message.id, RowState.DEAD, reason, outcome.status, bare=bare), decision.cause
        if decision.action is not Action.RETRY_BARE and backoff.expired(message.created, now, self._policy):
            expired = f"expired: given up after {self.desk.give_up_after / 86400:g} days; last: {decision.reason}"
            return Settlement(message.id, RowState.DEAD, expired, outcome.status, bare=bare), "expired"
        wait = 0.0
        if decision.action is Action.RETRY:
            wait = backoff.pause(message.tries + 1, self._policy, self._rng, outcome.asked_s)
        due = now + timedelta(seconds=wait)
        return Settlement(message.id, RowState.WAITING, reason, outcome.status, due, bare), decision.cause

    def _move(self, decision: Decision, outcome: Outcome, now_s: float) -> None:
        if decision.action is Action.PAUSE:
            self.breaker = self.breaker.stopped(decision.reason, now_s, self._pause_s)
        elif decision.action is Action.RETRY:
            n = self.breaker.failures + 1 - TRIP_AFTER
            probe = backoff.full_jitter(n, self._policy.base_s, min(self._policy.cap_s, PROBE_CAP_S), self._rng)
            self.breaker = self.breaker.failed(decision.reason, now_s, probe, outcome.asked_s)
        elif decision.cause != "damaged":  # a damaged row never reached the desk and says nothing of it
            self.breaker = self.breaker.succeeded()
