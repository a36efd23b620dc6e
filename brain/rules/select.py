"""Which detections a rule looks at: of its classes, sure enough, inside the zone, each thing once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Polygon as ShapelyPolygon
from shapely.geometry import box as shapely_box

from brain.core.geometry import Box, Polygon, area, contains, ground_point, iou
from brain.core.types import Detections, MarkedBox, Observations, Zone

MAX_BOXES = 100


@dataclass(frozen=True, slots=True)
class Seen:
    """One detection; box and outline (none where there are boxes alone) in shares (0–1) of width and height."""

    box: Box
    label: str
    score: float
    outline: tuple[Polygon, ...] = ()

    def marked(self) -> MarkedBox:
        """The same as proof in a finding."""
        return MarkedBox(self.box, self.label, self.score, self.outline)


@dataclass(frozen=True, slots=True)
class Selected:
    """What a rule looks at in one sample.

    Attributes:
        size: width and height of the sample in pixels.
        things: in the zone, surest first.
    """

    zone: Zone
    size: tuple[int, int]
    things: tuple[Seen, ...]


def seen(detections: Detections, size: tuple[int, int], labels: Sequence[str], min_score: float) -> tuple[Seen, ...]:
    """Detections with one of ``labels`` and at least ``min_score``; surest first, whatever order they came in."""
    width, height = size
    found = []
    for index, label in enumerate(detections.label):
        score = float(detections.score[index])
        if label in labels and score >= min_score:
            x1, y1, x2, y2 = detections.box(index)
            rings = detections.outlines[index] if detections.outlines is not None else ()
            outline = tuple(tuple((x, y) for x, y in ring.tolist()) for ring in rings)
            found.append(Seen((x1 / width, y1 / height, x2 / width, y2 / height), label, score, outline))
    return tuple(sorted(found, key=lambda item: (-item.score, item.box, item.label)))


def standing_in(things: Sequence[Seen], zone: Zone) -> tuple[Seen, ...]:
    """Things whose ground point (bottom centre) lies in the zone: persons and vehicles."""
    return tuple(item for item in things if contains(zone.polygon, ground_point(item.box)))


def lying_in(things: Sequence[Seen], zone: Zone, share: float) -> tuple[Seen, ...]:
    """Things with at least ``share`` of their box area in the zone: waste, goods, regions."""
    return tuple(item for item in things if share_inside(item.box, zone.polygon) >= share)


def share_inside(box: Box, polygon: Polygon) -> float:
    """Share (0–1) of a box's area that lies in the polygon; 0 for an empty box."""
    whole = area(box)
    return float(_shape(polygon).intersection(shapely_box(*box)).area) / whole if whole > 0 else 0.0


@lru_cache(maxsize=4096)
def _shape(polygon: Polygon) -> Any:
    return ShapelyPolygon(polygon)


def each_once(things: Sequence[Seen], overlap: float) -> tuple[Seen, ...]:
    """Of boxes that overlap by an IoU of ``overlap`` or more only the surest: one vehicle seen as car and as truck.

    Args:
        things: surest first, as ``seen`` returns them.
    """
    kept: list[Seen] = []
    for item in things:
        if all(iou(item.box, other.box) < overlap for other in kept):
            kept.append(item)
    return tuple(kept)


def outside_masks(observations: Observations, masks: Sequence[Zone]) -> Observations:
    """The same observations without detections whose ground point lies in a zone of kind ``mask``."""
    if not masks:
        return observations
    kept = {
        name: detections.keep(_outside(detections, observations.size, masks))
        for name, detections in observations.by_algorithm.items()
    }
    return Observations(observations.pts_s, observations.time, observations.size, kept)


def _outside(detections: Detections, size: tuple[int, int], masks: Sequence[Zone]) -> NDArray[np.bool_]:
    points = (ground_point(detections.box(index)) for index in range(len(detections)))
    shares = [(x / size[0], y / size[1]) for x, y in points]
    return np.array([not any(contains(mask.polygon, point) for mask in masks) for point in shares], dtype=np.bool_)
