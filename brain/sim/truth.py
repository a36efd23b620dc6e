"""What a scene shows: events with begin and end, boxes and zones, the camera's calibration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from brain.core.geometry import Box
from brain.core.types import Zone
from brain.sim.calibration import Calibration, calibration
from brain.sim.camera import Floats, Projector
from brain.sim.cast import WHOLE, Cast, Happening
from brain.sim.entity import Painted, Placed
from brain.sim.spec import SceneSpec
from brain.sim.world import world

CONTACT_M = 0.25
"""How far the darkness below a body reaches beyond its foot."""


@dataclass(frozen=True, slots=True)
class TruthEvent:
    """One event that a scene shows.

    Attributes:
        scenario: scenario id.
        zone: name of the zone that it lies in.
        began_s: media time at which it begins: the first picture at or after it is the first that shows the thing – or
            shows it at rest, or inside the zone, as ``SceneKind.begins`` of its scene says.
        ended_s: media time at which it is over; ``None`` = it lasts until the clip ends.
        box: where it is halfway through, in the unshaken picture, shares (0–1) of width and height.
        reach: box of all that it changes in the picture, shadows included.
        instances: ids of the instances that it is about.
    """

    scenario: str
    zone: str
    began_s: float
    ended_s: float | None
    box: Box
    reach: Box
    instances: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Truth:
    """All that is known of a scene: ``events`` in order of begin, ``zones`` and calibration of its camera."""

    events: tuple[TruthEvent, ...]
    zones: tuple[Zone, ...]
    camera: Calibration


def truth(spec: SceneSpec) -> Truth:
    """What ``render(spec)`` shows; nothing is drawn for it.

    Boxes and zones are those of the unshaken picture: shake moves the picture by up to ``spec.shake_px`` around them.
    """
    return truth_of(world(spec))


def truth_of(cast: Cast) -> Truth:
    """The same of a cast that is already there."""
    events = [_event(cast, happening) for happening in cast.happenings]
    events.sort(key=lambda event: event.began_s)
    zones = cast.plan.zones
    if any(happening.zone == WHOLE for happening in cast.happenings):
        zones = (*zones, Zone(WHOLE, WHOLE))
    return Truth(tuple(events), zones, calibration(cast.plan.camera))


def _event(cast: Cast, happening: Happening) -> TruthEvent:
    ends_s = cast.spec.seconds if happening.ended_s is None else happening.ended_s
    middle_s = (happening.began_s + ends_s) / 2
    parts = [part for entity in happening.of for part in entity.at(middle_s)]
    projector = Projector(cast.plan.camera)
    body = np.vstack([_shows(part) for part in parts]) if parts else np.zeros((0, 3))
    thrown = [_thrown(part, cast.plan.shadow_step) for part in parts if isinstance(part, Placed) and cast.climate.sun]
    thrown += [_below(part) for part in parts if isinstance(part, Placed)]
    numbers = tuple(cast.first_number(entity) + index for entity in happening.of for index in range(len(entity.labels)))
    return TruthEvent(
        happening.scenario,
        happening.zone,
        happening.began_s,
        happening.ended_s,
        _box(projector, body),
        _box(projector, np.vstack([body, *thrown])),
        numbers,
    )


def _shows(part: Placed | Painted) -> Floats:
    """World points around what of a part shows."""
    return part.seen() if isinstance(part, Painted) and part.seen is not None else part.outline


def _below(part: Placed) -> Floats:
    """The ground that lies in the darkness below a part."""
    if part.contact is None:
        return np.zeros((0, 3))
    around = (
        (CONTACT_M, 0, CONTACT_M),
        (CONTACT_M, 0, -CONTACT_M),
        (-CONTACT_M, 0, CONTACT_M),
        (-CONTACT_M, 0, -CONTACT_M),
    )
    return np.vstack([part.contact + np.array(way) for way in around])


def _thrown(part: Placed, step: tuple[float, float]) -> Floats:
    points = np.vstack([points for points, _ in part.casters]) if part.casters else np.zeros((0, 3))
    return np.column_stack(
        [points[:, 0] + step[0] * points[:, 1], np.zeros(len(points)), points[:, 2] + step[1] * points[:, 1]]
    )


def _box(projector: Projector, points: Floats) -> Box:
    if not len(points):
        return 0.0, 0.0, 1.0, 1.0
    _, depth = projector(points)
    shares = np.clip(projector.shares(points[depth > 0.3]), 0.0, 1.0)
    if not len(shares):
        return 0.0, 0.0, 1.0, 1.0
    x1, y1 = shares.min(axis=0)
    x2, y2 = shares.max(axis=0)
    return float(x1), float(y1), float(x2), float(y2)
