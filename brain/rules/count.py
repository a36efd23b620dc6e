"""``count``: at least so many things of the classes are in the zone, or so many to the square metre."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from brain.config.durations import Duration
from brain.config.settings import Settings
from brain.core.types import Finding, Observations, Zone
from brain.rules.base import Moment, Parameters, Rule
from brain.rules.presence import Presence, PresenceState, follow
from brain.rules.select import MAX_BOXES, Seen, Selected, each_once, seen, standing_in

SAME_THING_IOU = 0.7


class DensityParameters(Settings):
    """Density to go by instead of the count, in zones whose square metres are known."""

    at_least: float = Field(gt=0, le=20, description="things per square metre")
    hysteresis: float = Field(0.5, ge=0, description="it stays active until this much below")
    dwell: Duration = Field(0.0, alias="for", description="watched time that it must be so dense")

    @model_validator(mode="after")
    def _limits(self) -> Self:
        if self.hysteresis >= self.at_least:
            raise ValueError(f"hysteresis {self.hysteresis:g} must be less than at_least {self.at_least:g}")
        return self


class CountParameters(Parameters):
    """Parameters of ``count``."""

    classes: tuple[str, ...] = Field(min_length=1, description="class names, counted together")
    at_least: int = Field(ge=1, le=10_000, description="how many make it active")
    release_below: int | None = Field(None, ge=1, description="once active, it stays so until fewer than this")
    dwell: Duration = Field(0.0, alias="for", description="watched time that so many must be there")
    gap: Duration = Field(10.0, le=120, description="a dip up to this long does not end a presence")
    density: DensityParameters | None = Field(None, description="used instead where the zone's square metres are known")

    @model_validator(mode="after")
    def _limits(self) -> Self:
        if self.release_below is not None and self.release_below > self.at_least:
            raise ValueError(f"release_below {self.release_below} must not exceed at_least {self.at_least}")
        return self


class Count(Rule[PresenceState, Presence]):
    """The rule word with its parameters; its measure is the count.

    A crowd that is there at the start is a crowd: nothing is inherited.
    """

    word = "count"
    state_type = PresenceState
    tracking = frozenset({"at_least", "release_below", "gap", "density"})
    parameters: CountParameters

    def __init__(self, parameters: CountParameters, algorithm: str) -> None:
        self.parameters = parameters
        self.algorithm = algorithm

    def start(self) -> PresenceState:
        """The state before the first sample."""
        return PresenceState()

    def select(self, zone: Zone, observations: Observations) -> Selected | None:
        """Things of the classes that stand in the zone, each once."""
        detections = observations.by_algorithm.get(self.algorithm)
        if detections is None:
            return None
        found = seen(detections, observations.size, self.parameters.classes, self.parameters.min_score)
        return Selected(zone, observations.size, standing_in(each_once(found, SAME_THING_IOU), zone))

    def track(self, state: PresenceState, selected: Selected, now: Moment) -> tuple[PresenceState, Presence]:
        """Since when there are enough."""
        active = self._active(len(selected.things), selected.zone, state.holding)
        after = follow(state, active, now, self.parameters.gap)
        return after, Presence(after, selected, active)

    def say(self, held: Presence, now: Moment) -> Finding:
        """The finding; its score is the mean of all."""
        things, active = held.selected.things, held.active
        density = self.parameters.density if held.selected.zone.square_metres is not None else None
        return Finding(
            active=active,
            since_s=held.state.since_s if active else None,
            lasted_s=held.state.lasted_s(now) if active else 0.0,
            needed_s=self.parameters.dwell if density is None else density.dwell,
            measure=float(len(things)),
            score=_mean_score(things),
            boxes=tuple(item.marked() for item in things[:MAX_BOXES]),
        )

    def _active(self, count: int, zone: Zone, was_active: bool) -> bool:
        own = self.parameters
        if own.density is not None and zone.square_metres is not None:
            limit = own.density.at_least - (own.density.hysteresis if was_active else 0.0)
            return count / zone.square_metres >= limit
        return count >= (own.release_below if was_active and own.release_below is not None else own.at_least)


def _mean_score(things: tuple[Seen, ...]) -> float:
    return sum(item.score for item in things) / len(things) if things else 0.0
