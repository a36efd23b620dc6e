"""Small drawing tools: anti-aliased shapes at sub-pixel places, soft shadows, patches."""

from __future__ import annotations

import math
import zlib
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from brain.core.types import Picture
from brain.sim.camera import Floats, Floats32

Colour = tuple[float, float, float]
Rect = tuple[int, int, int, int]
BITS = 4
ONE = 1 << BITS


def _circle(corners: int) -> Floats:
    turn = np.linspace(0, 2 * np.pi, corners + 1)[:-1] + 0.3
    swell = float(np.sqrt(np.pi / corners / np.sin(np.pi / corners)))
    rim: Floats = np.column_stack([np.cos(turn), np.sin(turn)]) * swell
    return rim


CIRCLES = ((2.0, _circle(5)), (5.0, _circle(8)), (np.inf, _circle(14)))
"""Rims for discs of up to so many pixels; of about the disc's own area."""
LIMITS = [limit for limit, _ in CIRCLES]


def stream(seed: int, purpose: str) -> np.random.Generator:
    """Random numbers of one purpose: what another purpose draws does not disturb them."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode())])


def fixed(points: Floats) -> NDArray[np.int32]:
    """Sub-pixel points in OpenCV's fixed-point form."""
    return np.rint(points * ONE).astype(np.int32)


def fill(image: Picture, points: Floats, colour: Colour | float) -> None:
    """Fill a convex polygon (N×2 pixels), anti-aliased."""
    cv2.fillConvexPoly(image, fixed(points), _scalar(colour), cv2.LINE_AA, BITS)


def fill_any(image: Picture, points: Floats, colour: Colour | float) -> None:
    """Fill a polygon of any shape, anti-aliased."""
    cv2.fillPoly(image, [fixed(points)], _scalar(colour), cv2.LINE_AA, BITS)


def circle_for(radius: float) -> int:
    """Which of ``CIRCLES`` serves a hull whose largest disc has this radius in pixels."""
    return bisect_left(LIMITS, radius)


def rims(centres: Floats, radii: Floats, kind: int) -> Floats:
    """Points on the rims of discs (``centres`` N×2, N radii), by one of ``CIRCLES``: N×corners×2."""
    found: Floats = centres[:, None, :] + CIRCLES[kind][1][None, :, :] * radii[:, None, None]
    return found


def hull(image: Picture, centres: Floats, radii: Sequence[float] | Floats, colour: Colour | float) -> None:
    """Fill the convex hull of discs (``centres`` N×2 pixels, N radii): a rounded body."""
    radii = np.asarray(radii)
    points = fixed(rims(centres, radii, circle_for(float(radii.max()))))
    cv2.fillConvexPoly(image, cv2.convexHull(points.reshape(-1, 2)), _scalar(colour), cv2.LINE_AA, BITS)


def scaled(colour: Colour, factor: float) -> Colour:
    """A colour made darker or brighter, kept within 0–255."""
    blue, green, red = (min(255.0, channel * factor) for channel in colour)
    return blue, green, red


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """``share`` (0–1) of ``other``, the rest of ``one``."""
    blue, green, red = (a + (b - a) * share for a, b in zip(one, other, strict=True))
    return blue, green, red


def bounds(points: Floats, size: tuple[int, int], pad: float = 2.0) -> Rect | None:
    """Whole-pixel box ``x1, y1, x2, y2`` around points, cut at the canvas; ``None`` if nothing is left of it."""
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    x1, y1 = max(0, math.floor(left - pad)), max(0, math.floor(top - pad))
    x2, y2 = min(size[0], math.ceil(right + pad) + 1), min(size[1], math.ceil(bottom + pad) + 1)
    return (x1, y1, x2, y2) if x1 < x2 and y1 < y2 else None


def overlap(one: Rect, other: Rect) -> Rect | None:
    """What two boxes share, ``None`` if nothing."""
    x1, y1 = max(one[0], other[0]), max(one[1], other[1])
    x2, y2 = min(one[2], other[2]), min(one[3], other[3])
    return (x1, y1, x2, y2) if x1 < x2 and y1 < y2 else None


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """A still thing that stands before others: where its pixels are.

    Attributes:
        depth: metres from the camera along the axis of view.
        rect: its box on the canvas.
        cover: h×w×3 uint8, 255 where it hides what is behind, the same in each channel; ``rest`` is 255 less that.
        foot: where it stands on the ground, ``(x, z)`` metres.
    """

    depth: float
    rect: Rect
    cover: Picture
    rest: Picture
    foot: tuple[float, float] = (0.0, 0.0)


def put_over(image: Picture, clean: Picture, cut: Cut, rect: Rect) -> None:
    """Bring a still thing back to the front within ``rect``, from the picture without moving things."""
    part = overlap(cut.rect, rect)
    if part is None:
        return
    x1, y1, x2, y2 = part
    rows, columns = slice(y1 - cut.rect[1], y2 - cut.rect[1]), slice(x1 - cut.rect[0], x2 - cut.rect[0])
    own = cv2.multiply(clean[y1:y2, x1:x2], cut.cover[rows, columns], scale=1 / 255.0)
    under = image[y1:y2, x1:x2]
    cv2.add(cv2.multiply(under, cut.rest[rows, columns], scale=1 / 255.0), own, dst=under)


def clouds(rng: np.random.Generator, shape: tuple[int, int], cells: Sequence[float]) -> Floats32:
    """Soft random field, mean about 0, deviation about 1: one octave per cell size in pixels (value noise)."""
    height, width = shape
    total = np.zeros(shape, np.float32)
    for cell in cells:
        grid = rng.standard_normal((max(2, int(height / cell) + 2), max(2, int(width / cell) + 2))).astype(np.float32)
        total += cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
    return total / np.float32(np.sqrt(len(cells)) * 0.7)


def _scalar(colour: Colour | float) -> tuple[float, ...]:
    return colour if isinstance(colour, tuple) else (colour,)
