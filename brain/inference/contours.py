"""Outlines of the regions of a grid where its values reach a threshold, with points between the cells.

Marching squares (Lorensen and Cline 1987 in two dimensions): where the threshold lies between the values of two
neighbours, the outline crosses the line between their centres in proportion. It is the outline of the bilinearly
enlarged grid, without enlarging it. Where two cells touch at a corner only, they are two regions.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Points = NDArray[np.float64]
_TOP, _RIGHT, _BOTTOM, _LEFT = range(4)
_MARGIN = 2
# Which corners are inside (1: top left, 2: top right, 4: bottom right, 8: bottom left) → where the outline comes in and
# goes out. Inside is always on its right hand, so that outer rings turn clockwise as one sees them, and holes back.
_STEPS: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((_TOP, _LEFT),),
    2: ((_RIGHT, _TOP),),
    3: ((_RIGHT, _LEFT),),
    4: ((_BOTTOM, _RIGHT),),
    5: ((_TOP, _LEFT), (_BOTTOM, _RIGHT)),
    6: ((_BOTTOM, _TOP),),
    7: ((_BOTTOM, _LEFT),),
    8: ((_LEFT, _BOTTOM),),
    9: ((_TOP, _BOTTOM),),
    10: ((_RIGHT, _TOP), (_LEFT, _BOTTOM)),
    11: ((_RIGHT, _BOTTOM),),
    12: ((_LEFT, _RIGHT),),
    13: ((_TOP, _RIGHT),),
    14: ((_LEFT, _TOP),),
}


@dataclass(frozen=True, slots=True)
class GridRegion:
    """A connected region of a grid.

    Attributes:
        rings: outer ring, then holes; N×2 points x, y in cells, where cell 0 runs from 0 to 1. A region at the edge of
            the grid reaches half a cell beyond it or more, so that who cuts it there leaves no gap.
        cells: how many cells are in it.
        mean: mean of their values.
    """

    rings: tuple[Points, ...]
    cells: int
    mean: float


def grid_regions(values: Array, threshold: float) -> list[GridRegion]:
    """The regions where ``values`` (h×w) reach ``threshold``, in the order in which rows meet them."""
    if not (values >= threshold).any():
        return []
    # The border is repeated once, so that an outline leaves the grid straight, and then closed by what is outside.
    level = np.pad(values.astype(np.float64) - threshold, 1, mode="edge")
    level = np.pad(level, 1, constant_values=-1.0)
    inside = level >= 0
    count, marks = cv2.connectedComponents(inside.astype(np.uint8), connectivity=4)
    own = marks[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN].ravel()
    cells = np.bincount(own, minlength=count)
    sums = np.bincount(own, weights=values.ravel().astype(np.float64), minlength=count)
    rings: dict[int, list[Points]] = {}
    for mark, ring in _rings(level, inside, np.asarray(marks, np.intp)):
        rings.setdefault(mark, []).append(ring)
    means = sums / np.maximum(cells, 1)
    return [
        GridRegion(tuple(sorted(rings[mark], key=_turn, reverse=True)), int(cells[mark]), float(means[mark]))
        for mark in range(1, count)
    ]


def _rings(level: Points, inside: NDArray[np.bool_], marks: NDArray[np.intp]) -> list[tuple[int, Points]]:
    """All closed lines, each with the mark of the region that it belongs to."""
    width = inside.shape[1]
    onward = _onward(inside)
    todo, found = dict(onward), []
    while todo:
        first, edge = todo.popitem()
        line = [first]
        while edge != first:
            line.append(edge)
            edge = todo.pop(edge)
        number = np.array(line, np.intp)
        # An edge is numbered by its upper or left cell, twice: even for the line to the right, odd for that downwards.
        down = (number & 1).astype(np.intp)
        row, column = np.divmod(number >> 1, width)
        other = row + down, column + (1 - down)
        here, there = level[row, column], level[other]
        share = here / (here - there)
        points = np.stack((column + share * (1 - down), row + share * down), axis=1) + 0.5 - _MARGIN
        start = (row[0], column[0]) if here[0] >= 0 else (other[0][0], other[1][0])
        found.append((int(marks[start]), points))
    return found


def _onward(inside: NDArray[np.bool_]) -> dict[int, int]:
    """Number of each crossed line between two cells → that of the next one on the outline."""
    width = inside.shape[1]
    bits = inside.astype(np.intp)
    code = bits[:-1, :-1] + 2 * bits[:-1, 1:] + 4 * bits[1:, 1:] + 8 * bits[1:, :-1]
    onward: dict[int, int] = {}
    for kind, steps in _STEPS.items():
        row, column = np.nonzero(code == kind)
        if not len(row):
            continue
        corner = row * width + column
        sides = (2 * corner, 2 * (corner + 1) + 1, 2 * (corner + width), 2 * corner + 1)
        for come, go in steps:
            onward.update(zip(sides[come].tolist(), sides[go].tolist(), strict=True))
    return onward


def _turn(ring: Points) -> float:
    """Twice the area by the shoelace formula: above 0 for an outer ring, below for a hole."""
    following = np.roll(ring, -1, axis=0)
    return float((ring[:, 0] * following[:, 1] - following[:, 0] * ring[:, 1]).sum())
