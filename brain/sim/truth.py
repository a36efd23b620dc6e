"""What a scene shows: events with begin and end, boxes and zones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from brain.core.geometry import Box
from brain.core.types import Zone
from brain.sim.camera import Floats, Projector
from brain.sim.layout import Layout, layout, zones
from brain.sim.spec import SceneSpec
from brain.sim.things import corners


@dataclass(frozen=True, slots=True)
class TruthEvent:
    """One event that a scene shows.

    Attributes:
        scenario: scenario id, ``left_object``.
        zone: name of the zone that it lies in.
        began_s: media time at which the thing comes to rest; the first picture at or after it shows it so.
        ended_s: media time at which it is lifted; ``None`` = it is still there when the clip ends.
        box: the thing in the unshaken picture, shares (0–1) of width and height.
        reach: box of all that it changes in the picture, its shadow included.
    """

    scenario: str
    zone: str
    began_s: float
    ended_s: float | None
    box: Box
    reach: Box


@dataclass(frozen=True, slots=True)
class Truth:
    """All that is known of a scene: ``events`` in order of begin, ``zones`` of its camera."""

    events: tuple[TruthEvent, ...]
    zones: tuple[Zone, ...]


def truth(spec: SceneSpec) -> Truth:
    """What ``render(spec)`` shows; nothing is drawn for it.

    Boxes and zones are those of the unshaken picture: shake moves the picture by up to ``spec.shake_px`` around them.
    """
    if spec.put_down_s is None or not spec.show_thing:
        return Truth(events=(), zones=zones(spec))
    box, reach = thing_boxes(layout(spec))
    event = TruthEvent("left_object", "pavement", spec.put_down_s, spec.taken_s, box, reach)
    return Truth(events=(event,), zones=zones(spec))


def thing_boxes(street: Layout) -> tuple[Box, Box]:
    """Box of the resting thing, and box of it with its shadow, as shares of the unshaken picture."""
    body = corners(street.thing, 0.0)
    step_x, step_z = street.shadow_step
    shadow = np.column_stack([body[:, 0] + step_x * body[:, 1], np.zeros(8), body[:, 2] + step_z * body[:, 1]])
    projector = Projector(street.camera)
    return _box(projector, body), _box(projector, np.vstack([body, shadow]))


def _box(projector: Projector, points: Floats) -> Box:
    shares = np.clip(projector.shares(points), 0.0, 1.0)
    x1, y1 = shares.min(axis=0)
    x2, y2 = shares.max(axis=0)
    return float(x1), float(y1), float(x2), float(y2)
