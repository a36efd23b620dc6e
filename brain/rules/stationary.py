"""``stationary``: a thing of the classes stands in the zone without moving, e.g. a parked vehicle."""

from __future__ import annotations

import math

from pydantic import Field

from brain.config.durations import Duration
from brain.core.geometry import Box, ground_point, iou
from brain.core.types import Finding, Observations, Zone
from brain.rules.anchors import Anchoring, AnchorsState, Kept
from brain.rules.base import Moment, Parameters, Rule
from brain.rules.select import Selected, each_once, seen, standing_in

SAME_PLACE_IOU = 0.85
MOVED_DIAGONALS = 0.15
"""Domain rule: stationary = ground point moved < 0.15 × box diagonal, or IoU with the anchor ≥ 0.85."""
MIN_IOU = 0.3
"""A box that happens to end at the same ground point but covers another area is something that passes in front."""
SAME_THING_IOU = 0.55


class StationaryParameters(Parameters):
    """Parameters of ``stationary``."""

    classes: tuple[str, ...] = Field(min_length=1, description="class names; a flip between them is the same thing")
    dwell: Duration = Field(alias="for", description="watched time that it must stand (grace)")
    occlusion: Duration = Field(10.0, le=60, description="longest time that it may be hidden in between")


class Stationary(Rule[AnchorsState, Kept]):
    """The rule word with its parameters; its measure is the longest standing time in watched seconds."""

    word = "stationary"
    state_type = AnchorsState
    tracking = frozenset({"occlusion"})
    parameters: StationaryParameters

    def __init__(self, parameters: StationaryParameters, algorithm: str) -> None:
        self.parameters = parameters
        self.algorithm = algorithm
        self._anchoring = Anchoring(parameters.dwell, parameters.occlusion, inherit=True)

    def start(self) -> AnchorsState:
        """The state before the first sample."""
        return AnchorsState()

    def select(self, zone: Zone, observations: Observations) -> Selected | None:
        """Things of the classes that stand in the zone, each once."""
        detections = observations.by_algorithm.get(self.algorithm)
        if detections is None:
            return None
        found = seen(detections, observations.size, self.parameters.classes, self.parameters.min_score)
        return Selected(zone, observations.size, standing_in(each_once(found, SAME_THING_IOU), zone))

    def track(self, state: AnchorsState, selected: Selected, now: Moment) -> tuple[AnchorsState, Kept]:
        """Anchors that a thing left in its place keeps."""
        width, height = selected.size

        def likeness(anchor: Box, box: Box) -> float:
            return same_place(anchor, box, width, height)

        return self._anchoring.track(state, selected.things, likeness, now)

    def say(self, held: Kept, now: Moment) -> Finding:
        """The finding on the anchor that matters most."""
        return self._anchoring.finding(held, now)


def same_place(anchor: Box, box: Box, width: float, height: float) -> float:
    """IoU of two boxes (shares of a picture of that size) if they are one thing that did not move, else 0."""
    overlap = iou(anchor, box)
    if overlap >= SAME_PLACE_IOU:
        return overlap
    if overlap < MIN_IOU:
        return 0.0
    (x1, y1), (x2, y2) = ground_point(anchor), ground_point(box)
    moved = math.hypot((x2 - x1) * width, (y2 - y1) * height)
    diagonal = math.hypot((anchor[2] - anchor[0]) * width, (anchor[3] - anchor[1]) * height)
    return overlap if moved < MOVED_DIAGONALS * diagonal else 0.0
