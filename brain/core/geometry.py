"""Boxes and polygons. Boxes are ``x1, y1, x2, y2``; polygons lists of ``x, y``; both in one unit, pixels or 0–1."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
Box = tuple[float, float, float, float]
Polygon = tuple[Point, ...]

WHOLE_PICTURE: Polygon = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def area(box: Box) -> float:
    """Area of a box, 0 for an empty one."""
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def diagonal(box: Box) -> float:
    """Length of the diagonal of a box."""
    return float(np.hypot(box[2] - box[0], box[3] - box[1]))


def ground_point(box: Box) -> Point:
    """Bottom centre of a box: where a person or vehicle stands."""
    return (box[0] + box[2]) / 2, box[3]


def iou(one: Box, other: Box) -> float:
    """Intersection over union of two boxes, 0–1."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    union = area(one) + area(other) - shared
    return min(1.0, shared / union) if union > 0 else 0.0


def iou_matrix(ones: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """IoU of every box of ``ones`` (N×4) with every box of ``others`` (M×4): N×M."""
    low = np.maximum(ones[:, None, :2], others[None, :, :2])
    high = np.minimum(ones[:, None, 2:], others[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=2)
    area_1 = np.prod(np.clip(ones[:, 2:] - ones[:, :2], 0, None), axis=1)
    area_2 = np.prod(np.clip(others[:, 2:] - others[:, :2], 0, None), axis=1)
    union = area_1[:, None] + area_2[None, :] - shared
    return np.where(union > 0, shared / np.maximum(union, 1e-9), 0.0).astype(np.float32)


def contains(polygon: Polygon, point: Point) -> bool:
    """Whether the point lies inside the polygon (even-odd rule; an edge may count either way)."""
    x, y = point
    inside = False
    j = len(polygon) - 1
    for i, (xi, yi) in enumerate(polygon):
        xj, yj = polygon[j]
        if (yi > y) != (yj > y) and x < (xj - xi) * (y - yi) / (yj - yi) + xi:
            inside = not inside
        j = i
    return inside


def polygon_area(polygon: Sequence[Point]) -> float:
    """Area by the shoelace formula."""
    total = 0.0
    for (x1, y1), (x2, y2) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        total += x1 * y2 - x2 * y1
    return abs(total) / 2
