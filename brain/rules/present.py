"""``present``: something of the classes is in the zone."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from brain.config.durations import Duration
from brain.core.types import Finding, Observations, Zone
from brain.rules.base import UNKNOWN, Moment, Parameters
from brain.rules.presence import PresenceState, follow
from brain.rules.select import MAX_BOXES, seen, standing_in


class PresentParameters(Parameters):
    """Parameters of ``present``."""

    classes: tuple[str, ...] = Field(min_length=1, description="class names")
    dwell: Duration = Field(0.0, alias="for", description="watched time that something must be there")
    gap: Duration = Field(3.0, le=60, description="a break up to this long does not end a presence")


class Present:
    """The rule word with its parameters."""

    word: ClassVar[str] = "present"
    state_type = PresenceState

    def __init__(self, parameters: PresentParameters, algorithm: str) -> None:
        self.parameters = parameters
        self.algorithm = algorithm

    def start(self) -> PresenceState:
        """The state before the first sample."""
        return PresenceState()

    def step(
        self, state: PresenceState, zone: Zone, observations: Observations, now: Moment
    ) -> tuple[PresenceState, Finding]:
        """The next state and the finding; its measure is the number of things in the zone."""
        detections = observations.by_algorithm.get(self.algorithm)
        if detections is None:
            return state, UNKNOWN
        found = seen(detections, observations.size, self.parameters.classes, self.parameters.min_score)
        things = standing_in(found, zone)
        after = follow(state, bool(things), now, self.parameters.gap)
        return after, Finding(
            active=bool(things),
            since_s=after.since_s if things else None,
            lasted_s=after.lasted_s(now) if things else 0.0,
            needed_s=self.parameters.dwell,
            measure=float(len(things)),
            score=things[0].score if things else 0.0,
            boxes=tuple(item.marked() for item in things[:MAX_BOXES]),
        )
