"""Watched seconds: media time without outages, so that no dwell and no clear runs while nobody looks."""

from __future__ import annotations

from brain.rules.base import Moment, State

MIN_OUTAGE_S = 10.0
OUTAGE_CADENCES = 3.0


class WatchState(State):
    """Where the watch stands.

    Attributes:
        last_s: media time of the last sample; ``None`` before the first.
        watched_s: watched seconds so far.
        judged: whether the last sample could be judged.
    """

    last_s: float | None = None
    watched_s: float = 0.0
    judged: bool = False


class Watch:
    """Turns media time into watched seconds.

    A step between two judged samples counts whole, up to ``max(3 × cadence, 10 s)``. A longer one is an outage and
    counts as one cadence. A sample that cannot be judged (algorithm missing, outside the schedule) adds nothing, and
    the step after it counts one cadence at most.

    Args:
        cadence_s: seconds between two samples as planned; > 0.
    """

    def __init__(self, cadence_s: float) -> None:
        if not cadence_s > 0:
            raise ValueError(f"cadence must be > 0 s, not {cadence_s}")
        self.cadence_s = cadence_s
        self.outage_s = max(OUTAGE_CADENCES * cadence_s, MIN_OUTAGE_S)

    def start(self) -> WatchState:
        """The state before the first sample."""
        return WatchState()

    def step(self, state: WatchState, pts_s: float, judged: bool) -> tuple[WatchState, Moment]:
        """The next state, and the moment of this sample.

        Media time never goes back within a camera; if it does all the same, a small step back is ignored, and a large
        one starts a new time base: neither counts.
        """
        if state.last_s is None:
            step_s, last_s = 0.0, pts_s
        elif pts_s < state.last_s:
            step_s, last_s = 0.0, state.last_s if state.last_s - pts_s <= self.outage_s else pts_s
        else:
            step_s, last_s = pts_s - state.last_s, pts_s
        if step_s > self.outage_s or not state.judged:
            step_s = min(step_s, self.cadence_s)
        watched_s = state.watched_s + (step_s if judged else 0.0)
        return WatchState(last_s=last_s, watched_s=watched_s, judged=judged), Moment(pts_s, watched_s)
