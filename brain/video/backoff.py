"""When a camera is tried again. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass

from brain.core.errors import AuthError, SourceError
from brain.core.types import CameraState

FIRST_S = 1.0
LONGEST_S = 60.0
AFTER_REFUSALS_S = 300.0
REFUSALS = 2
MAX_DOUBLINGS = 16
"""More than it takes to reach the longest wait; a camera that stays away for a day fails a thousand times and more."""


@dataclass(frozen=True, slots=True)
class Retry:
    """How often opening has failed since the camera was last live.

    Attributes:
        failures: of any kind.
        refusals: wrong passwords among them; other failures in between do not make them undone.
        refused: whether the last one was a wrong password.
    """

    failures: int = 0
    refusals: int = 0
    refused: bool = False

    def failed(self, error: SourceError) -> Retry:
        """After one more failure."""
        refused = isinstance(error, AuthError)
        return Retry(self.failures + 1, self.refusals + refused, refused)

    def wait_s(self, draw: random.Random) -> float:
        """Seconds until the next try: 1, 2, 4 … 60 less up to 20 % jitter.

        After two refused passwords a camera is left alone for five minutes and more: many lock an account after five.
        """
        if self.refused and self.refusals >= REFUSALS:
            return AFTER_REFUSALS_S * draw.uniform(1.0, 1.2)
        doublings = min(max(0, self.failures - 1), MAX_DOUBLINGS)
        return min(LONGEST_S, FIRST_S * 2.0**doublings) * draw.uniform(0.8, 1.0)


def state_after(error: SourceError, *, was_live: bool) -> CameraState:
    """What people are shown after a failure."""
    if isinstance(error, AuthError):
        return CameraState.REFUSED
    return CameraState.STALLED if was_live else CameraState.UNREACHABLE
