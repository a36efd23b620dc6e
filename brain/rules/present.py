"""``present``: something of the classes is in the zone."""

from __future__ import annotations

from pydantic import Field

from brain.config.durations import Duration
from brain.core.types import Finding, Observations, Zone
from brain.rules.base import Moment, Parameters, Rule
from brain.rules.presence import Presence, PresenceState, follow
from brain.rules.select import MAX_BOXES, Selected, seen, standing_in


class PresentParameters(Parameters):
    """Parameters of ``present``."""

    classes: tuple[str, ...] = Field(min_length=1, description="class names")
    dwell: Duration = Field(0.0, alias="for", description="watched time that something must be there")
    gap: Duration = Field(3.0, le=60, description="a break up to this long does not end a presence")


class Present(Rule[PresenceState, Presence]):
    """The rule word with its parameters; its measure is the number of things in the zone."""

    word = "present"
    state_type = PresenceState
    tracking = frozenset({"gap"})
    parameters: PresentParameters

    def __init__(self, parameters: PresentParameters, algorithm: str) -> None:
        self.parameters = parameters
        self.algorithm = algorithm

    def start(self) -> PresenceState:
        """The state before the first sample."""
        return PresenceState()

    def select(self, zone: Zone, observations: Observations) -> Selected | None:
        """Things of the classes that stand in the zone."""
        detections = observations.by_algorithm.get(self.algorithm)
        if detections is None:
            return None
        found = seen(detections, observations.size, self.parameters.classes, self.parameters.min_score)
        return Selected(zone, observations.size, standing_in(found, zone))

    def track(self, state: PresenceState, selected: Selected, now: Moment) -> tuple[PresenceState, Presence]:
        """Since when anything is there."""
        active = bool(selected.things)
        after = follow(state, active, now, self.parameters.gap)
        return after, Presence(after, selected, active)

    def say(self, held: Presence, now: Moment) -> Finding:
        """The finding; its score is that of the surest thing."""
        things = held.selected.things
        return Finding(
            active=bool(things),
            since_s=held.state.since_s if things else None,
            lasted_s=held.state.lasted_s(now) if things else 0.0,
            needed_s=self.parameters.dwell,
            measure=float(len(things)),
            score=things[0].score if things else 0.0,
            boxes=tuple(item.marked() for item in things[:MAX_BOXES]),
        )
