"""What regions cover: of a picture, and of a zone. Pure; outlines and polygons are in shares (0–1) of the picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from brain.core.geometry import Box, Polygon
from brain.core.types import Outline

Mask = NDArray[np.bool_]
ZONE_CELLS = 256
"""A zone is looked at on a grid of so many cells each way: its cover is true to about a 256th of its width."""


def region_mask(outlines: Iterable[Outline], size: tuple[int, int], window: Box = (0.0, 0.0, 1.0, 1.0)) -> Mask:
    """Which pixels lie in any of some regions: those whose centre does (even-odd rule over the rings of each).

    Args:
        outlines: regions; they may overlap.
        size: width and height of the mask in pixels.
        window: the part of the picture that the mask shows.

    Returns:
        H×W bool.
    """
    width, height = size
    mask = np.zeros((height, width), np.bool_)
    low = np.array(window[:2])
    by = np.array(size) / (np.array(window[2:]) - low)
    for outline in outlines:
        rings = [(ring.astype(np.float64) - low) * by for ring in outline if len(ring) > 2]
        if rings:
            _paint(mask, rings)
    return mask


def covered(outlines: Iterable[Outline], polygon: Polygon) -> float:
    """Share (0–1) of a zone's area that lies in any of some regions."""
    points = np.array(polygon, np.float64)
    (x1, y1), (x2, y2) = points.min(axis=0), points.max(axis=0)
    if x2 <= x1 or y2 <= y1:
        return 0.0
    size, window = (ZONE_CELLS, ZONE_CELLS), (float(x1), float(y1), float(x2), float(y2))
    zone = region_mask([(points.astype(np.float32),)], size, window)
    whole = int(np.count_nonzero(zone))
    return int(np.count_nonzero(zone & region_mask(outlines, size, window))) / whole if whole else 0.0


def _paint(mask: Mask, rings: Sequence[NDArray[np.float64]]) -> None:
    """Sets the pixels in one region; ``rings`` in pixels of the mask.

    Each edge turns the pixels to its right, in the rows whose middle it crosses, from outside to inside or back.
    """
    height, width = mask.shape
    begin = np.concatenate(rings)
    end = np.concatenate([np.roll(ring, -1, axis=0) for ring in rings])
    # Rows whose middle lies in the half-open span of the edge: then a corner counts for one of its two edges.
    first = np.clip(np.ceil(np.minimum(begin[:, 1], end[:, 1]) - 0.5), 0, height).astype(np.intp)
    last = np.clip(np.ceil(np.maximum(begin[:, 1], end[:, 1]) - 0.5), 0, height).astype(np.intp)
    count = last - first
    if not count.any():
        return
    edge = np.repeat(np.arange(len(count)), count)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count) + first[edge]
    slope = (end[edge, 0] - begin[edge, 0]) / (end[edge, 1] - begin[edge, 1])
    x = begin[edge, 0] + (row + 0.5 - begin[edge, 1]) * slope
    column = np.clip(np.ceil(x - 0.5), 0, width).astype(np.intp)
    top, left = int(row.min()), int(column.min())
    rows, columns = int(row.max()) + 1 - top, int(column.max()) + 1 - left
    turns = np.bincount((row - top) * columns + column - left, minlength=rows * columns).reshape(rows, columns)
    inside = (np.cumsum(turns, axis=1) & 1).astype(np.bool_)
    # The last column may be the one right of the picture, where nothing is to be set.
    mask[top : top + rows, left : left + columns] |= inside[:, : width - left]
