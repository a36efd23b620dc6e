"""How much may be under way to one desk: circuit breaker (熔断), slow start and pause. Pure.

``ok`` → five failures in a row → ``tripped``: one message at a time probes, with growing pauses → a success → slow
start: 1, 2, 4 … under way until the limit is reached. A desk that refuses our credentials is ``paused``: one probe at a
long interval, or after a person asked for a retry.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

TRIP_AFTER = 5
PROBE_CAP_S = 60.0
PAUSE_S = 300.0


class LineState(StrEnum):
    """How delivery to a desk goes."""

    OK = "ok"
    FAILING = "failing"
    TRIPPED = "tripped"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Breaker:
    """State of the line to one desk; every change makes a new one.

    Attributes:
        limit: most messages under way at once.
        window: how many may be under way now, 1 … ``limit``.
        failures: failures in a row.
        closed_until: monotonic seconds before which nothing starts.
        reason: why it is failing, tripped or paused; empty when it is not.
        paused: whether a person has to do something at the desk or in the settings.
    """

    limit: int
    window: int
    failures: int = 0
    closed_until: float = 0.0
    reason: str = ""
    paused: bool = False

    @staticmethod
    def fresh(limit: int) -> Breaker:
        """Nothing known yet: all of ``limit`` may be under way."""
        return Breaker(limit, limit)

    @property
    def state(self) -> LineState:
        """What to tell people."""
        if self.paused:
            return LineState.PAUSED
        if self.failures >= TRIP_AFTER:
            return LineState.TRIPPED
        return LineState.FAILING if self.failures else LineState.OK

    def allowed(self, under_way: int, now: float) -> int:
        """How many more messages may start at monotonic time ``now``."""
        return 0 if now < self.closed_until else max(0, self.window - under_way)

    def succeeded(self) -> Breaker:
        """After an answer that shows that the desk works; each one widens the window by one (1, 2, 4 … per round)."""
        return Breaker(self.limit, min(self.limit, self.window + 1))

    def failed(self, reason: str, now: float, probe_pause_s: float, asked_s: float | None = None) -> Breaker:
        """After a failed try.

        Args:
            reason: shown to people.
            now: monotonic seconds.
            probe_pause_s: pause before the next probe, used once the breaker has tripped.
            asked_s: pause that the desk asked for (``Retry-After``); holds all of the line.
        """
        failures = self.failures + 1
        tripped = failures >= TRIP_AFTER
        wait = max(probe_pause_s if tripped else 0.0, asked_s or 0.0)
        window = 1 if tripped else self.window if self.window == self.limit else max(1, self.window // 2)
        until = max(self.closed_until, now + wait) if wait else self.closed_until
        return Breaker(self.limit, window, failures, until, reason)

    def stopped(self, reason: str, now: float, pause_s: float = PAUSE_S) -> Breaker:
        """Paused until a probe ``pause_s`` seconds later succeeds or a person asks for a retry."""
        return Breaker(self.limit, 1, self.failures, now + pause_s, reason, paused=True)

    def resumed(self) -> Breaker:
        """After a person asked for a retry: the next probe may start at once; what is known stays known."""
        return replace(self, closed_until=0.0)
