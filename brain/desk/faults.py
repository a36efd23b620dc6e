"""What goes wrong on purpose: repeatable by a seed."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """How one request is treated.

    ``error``: not kept, 500, 503 or 429. ``late``: answered after the sender gave up, kept or not by chance.
    ``kept_502`` and ``kept_hang_up``: kept, then 502 or a connection closed without an answer.
    """

    NONE = "none"
    ERROR_500 = "error_500"
    ERROR_503 = "error_503"
    ERROR_429 = "error_429"
    LATE_KEPT = "late_kept"
    LATE_LOST = "late_lost"
    KEPT_502 = "kept_502"
    KEPT_HANG_UP = "kept_hang_up"

    @property
    def keeps(self) -> bool:
        """Whether the desk keeps the message all the same."""
        return self in (Fault.NONE, Fault.LATE_KEPT, Fault.KEPT_502, Fault.KEPT_HANG_UP)

    @property
    def late(self) -> bool:
        """Whether the answer comes too late."""
        return self in (Fault.LATE_KEPT, Fault.LATE_LOST)


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """Shares (0–1) of requests that are treated badly; they add up to 1 at most.

    Attributes:
        error_rate: refused by 500, 503 or 429.
        timeout_rate: answered ``timeout_s`` seconds late.
        store_then_fail_rate: kept, then failed.
        timeout_s: longer than the sender waits.
        seed: of the order of faults.
    """

    error_rate: float = 0.0
    timeout_rate: float = 0.0
    store_then_fail_rate: float = 0.0
    timeout_s: float = 20.0
    seed: int = 0


class Faults:
    """Draws a fault for each request; safe from any thread."""

    def __init__(self, plan: FaultPlan) -> None:
        self.plan = plan
        self._rng = random.Random(plan.seed)
        self._lock = threading.Lock()

    def draw(self) -> Fault:
        """The next one."""
        with self._lock:
            chance = self._rng.random()
            for rate, choices in (
                (self.plan.error_rate, (Fault.ERROR_500, Fault.ERROR_503, Fault.ERROR_429)),
                (self.plan.timeout_rate, (Fault.LATE_KEPT, Fault.LATE_LOST)),
                (self.plan.store_then_fail_rate, (Fault.KEPT_502, Fault.KEPT_HANG_UP)),
            ):
                if chance < rate:
                    return self._rng.choice(choices)
                chance -= rate
        return Fault.NONE
