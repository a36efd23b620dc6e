"""``change``: a static region that is new against the background (a thing put down), or one that is gone."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from brain.config.durations import Duration
from brain.core.geometry import Box, area, iou
from brain.core.types import Finding, Observations, Zone
from brain.rules.anchors import Anchoring, AnchorsState, Kept
from brain.rules.base import Moment, Parameters, Rule
from brain.rules.select import Selected, each_once, lying_in, seen

SAME_REGION_IOU = 0.4
SAME_REGION_INSIDE = 0.8
"""A region whose box grows or shrinks stays the same one while most of the smaller lies in the larger …"""
SAME_REGION_GROWTH = 3.0
"""… and neither is more than three times the other."""
DEFAULT_ALGORITHM = "stationary_change"


class ChangeParameters(Parameters):
    """Parameters of ``change``."""

    labels: tuple[Literal["new", "removed"], ...] = Field(("new",), min_length=1, description="which regions count")
    dwell: Duration = Field(alias="for", description="watched time that it must lie there")
    inside: float = Field(0.5, gt=0, le=1, description="share of its box that must lie in the zone")
    min_area: float = Field(0.0, ge=0, le=1, description="smallest box, as share of the picture")
    max_area: float = Field(1.0, gt=0, le=1, description="largest box, as share of the picture")
    occlusion: Duration = Field(10.0, le=60, description="longest time that it may be hidden in between")

    @model_validator(mode="after")
    def _limits(self) -> Self:
        if self.min_area >= self.max_area:
            raise ValueError(f"min_area {self.min_area:g} must be less than max_area {self.max_area:g}")
        return self


class Change(Rule[AnchorsState, Kept]):
    """The rule word with its parameters; its measure is the longest time that a region lasted, in watched seconds.

    What is there at the start is background to the algorithm, so no region is inherited.
    """

    word = "change"
    state_type = AnchorsState
    tracking = frozenset({"occlusion"})
    parameters: ChangeParameters

    def __init__(self, parameters: ChangeParameters, algorithm: str = DEFAULT_ALGORITHM) -> None:
        self.parameters = parameters
        self.algorithm = algorithm
        self._anchoring = Anchoring(parameters.dwell, parameters.occlusion, inherit=False)

    def start(self) -> AnchorsState:
        """The state before the first sample."""
        return AnchorsState()

    def select(self, zone: Zone, observations: Observations) -> Selected | None:
        """Regions of the labels and of that size that lie in the zone, each once."""
        detections = observations.by_algorithm.get(self.algorithm)
        if detections is None:
            return None
        own = self.parameters
        found = seen(detections, observations.size, own.labels, own.min_score)
        sized = [item for item in found if own.min_area <= area(item.box) <= own.max_area]
        regions = lying_in(each_once(sized, SAME_REGION_IOU), zone, own.inside)
        return Selected(zone, observations.size, regions)

    def track(self, state: AnchorsState, selected: Selected, now: Moment) -> tuple[AnchorsState, Kept]:
        """Anchors that a region which grows or shrinks a little keeps."""
        return self._anchoring.track(state, selected.things, same_region, now)

    def say(self, held: Kept, now: Moment) -> Finding:
        """The finding on the anchor that matters most."""
        return self._anchoring.finding(held, now)


def same_region(anchor: Box, box: Box) -> float:
    """IoU of two boxes if they may be one region that grew or shrank a little, else 0."""
    overlap = iou(anchor, box)
    if overlap >= SAME_REGION_IOU:
        return overlap
    small, large = sorted((area(anchor), area(box)))
    if overlap <= 0 or small <= 0 or large > SAME_REGION_GROWTH * small:
        return 0.0
    shared = overlap * (small + large) / (1 + overlap)
    return overlap if shared >= SAME_REGION_INSIDE * small else 0.0
