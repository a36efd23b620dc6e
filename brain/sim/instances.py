"""Exact truth of one picture: every instance that shows, its box from the painted pixels, its place on the ground."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from brain.core.types import Picture
from brain.sim.camera import Projector
from brain.sim.cast import Cast
from brain.sim.entity import Painted, Placed


@dataclass(frozen=True, slots=True)
class Instance:
    """One thing that shows in one picture.

    Attributes:
        id: its number; the same in every picture of the clip.
        label: class name as in ``models/algorithms.yaml``; empty for what no algorithm looks for.
        box: ``x1, y1, x2, y2`` pixels around its painted pixels, the right and lower edge outside.
        pixels: how many it shows.
        visible: share (0–1) of what it would show in this picture if nothing stood before it.
        cut: it reaches beyond the edge of the picture.
        ground: ``x, z`` metres of its ground point.
        foot: the same point in the picture, pixels; may lie outside.
    """

    id: int
    label: str
    box: tuple[int, int, int, int]
    pixels: int
    visible: float
    cut: bool
    ground: tuple[float, float]
    foot: tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A picture and what it shows.

    Attributes:
        picture: height × width × 3 BGR.
        numbers: height × width uint16, id of the instance that each pixel shows, 0 = the stage.
        instances: in order of their ids.
    """

    picture: Picture
    numbers: NDArray[np.uint16]
    instances: tuple[Instance, ...]


def instances(
    cast: Cast,
    parts: list[tuple[int, Placed | Painted]],
    numbers: NDArray[np.uint16],
    own: dict[int, int],
    projector: Projector,
    offset: tuple[float, float],
) -> tuple[Instance, ...]:
    """All instances that show.

    Args:
        parts: number and part of all that is there.
        numbers: of the picture; own: pixels of each without anything before it (on the canvas).
        offset: canvas pixel at the picture's top left.
    """
    height, width = numbers.shape
    counts, boxes = _extents(numbers)
    shown = []
    for number, part in sorted(parts, key=lambda item: item[0]):
        if number >= len(counts) or not counts[number]:
            continue
        x1, y1, x2, y2 = (int(value) for value in boxes[number])
        foot, _ = projector(part.foot[None, :])
        pixels = int(counts[number])
        shown.append(
            Instance(
                id=number,
                label=cast.label(number),
                box=(x1, y1, x2, y2),
                pixels=pixels,
                visible=round(min(1.0, pixels / max(1, own.get(number, pixels))), 3),
                cut=x1 == 0 or y1 == 0 or x2 == width or y2 == height,
                ground=(float(part.foot[0]), float(part.foot[2])),
                foot=(float(foot[0, 0]) - offset[0], float(foot[0, 1]) - offset[1]),
            )
        )
    return tuple(shown)


def _extents(numbers: NDArray[np.uint16]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Painted pixels of each number (N), and its box ``x1, y1, x2, y2`` (N×4)."""
    height, width = numbers.shape
    counts = np.bincount(numbers.ravel(), minlength=1)
    rows, columns = np.nonzero(numbers)
    found = numbers[rows, columns]
    boxes = np.tile(np.array([width, height, 0, 0]), (len(counts), 1))
    np.minimum.at(boxes[:, 0], found, columns)
    np.minimum.at(boxes[:, 1], found, rows)
    np.maximum.at(boxes[:, 2], found, columns + 1)
    np.maximum.at(boxes[:, 3], found, rows + 1)
    return counts, boxes
