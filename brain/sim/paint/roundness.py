"""Light round a soft body: brighter on the side of the light, darker at its edges and on the other side.

What is far inside a body's silhouette looks towards the camera, its edge looks aside. How much of a box, shifted away
from the light, lies within the silhouette tells both in one pass over the coverage.
"""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np

from brain.core.types import Picture
from brain.sim.camera import Floats
from brain.sim.draw import clouds, stream
from brain.sim.paint.pad import Pad
from brain.sim.paint.shading import Shade

BOX_M = 0.2
"""Size of the box in metres."""
FULL = 214
"""Level that leaves a colour as it is; above it is brighter."""
FOLD = 5.0
"""Deviation of the folds of clothes, in levels."""


@lru_cache(maxsize=1)
def _folds() -> tuple[Picture, Picture]:
    """What folds add and what they take (768×384): drawn once, the same on any machine."""
    field = clouds(stream(0, "folds"), (768, 384), (16, 7)) * np.float32(FOLD)
    field[:] = cv2.blur(field, (3, 7))
    return np.maximum(field, 0).astype(np.uint8), np.maximum(-field, 0).astype(np.uint8)


@lru_cache(maxsize=8)
def _levels(depth: int) -> Picture:
    """Share of the box that is covered (0–255) → level; ``depth`` per cent is lost at an edge."""
    share = np.arange(256) / 255
    shown = 1.09 - depth / 100 * (1 - np.clip(share * 1.15, 0, 1)) ** 1.3
    return np.clip(np.rint(shown * FULL), 0, 255).astype(np.uint8)


def round_off(pad: Pad, metre: float, towards: Floats, shade: Shade) -> None:
    """Shade a painted body.

    Args:
        metre: pixels of the canvas per metre.
        towards: direction of the light in the picture (2), any length.
        shade: tells how much of the light has a direction.
    """
    alpha = cv2.extractChannel(pad.image, 3)
    size = max(3, round(BOX_M * metre * pad.fine)) | 1
    x, y = _unit(towards)
    shift = 0.75 * shade.aimed * x, 0.75 * shade.aimed * y - 0.3 * shade.overhead
    anchor = [min(max(round(size // 2 * (1 + part)), 0), size - 1) for part in shift]
    covered = cv2.boxFilter(alpha, -1, (size, size), anchor=(anchor[0], anchor[1]), borderType=cv2.BORDER_CONSTANT)
    level = cv2.LUT(covered, _levels(62))
    more, less = (part[: level.shape[0], : level.shape[1]] for part in _folds())
    if more.shape == level.shape:
        level = cv2.subtract(cv2.add(level, more), less)
    pad.tone(level.astype(np.uint8, copy=False), FULL)


def _unit(vector: Floats) -> tuple[float, float]:
    x, y = vector.tolist()
    length = math.hypot(x, y)
    return (x / length, y / length) if length > 1e-6 else (0.0, 0.0)
