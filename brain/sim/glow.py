"""Light that spreads in lens and air: halos of lamps, their streaks on a wet ground, beams of head lamps."""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np

from brain.core.types import Picture
from brain.sim.camera import Floats, Projector
from brain.sim.draw import Rect, bounds
from brain.sim.entity import LampPoint

Bgr = tuple[float, float, float]
BEAM_M = (1.2, 17.0)
"""From where to where before the lamps a beam lights the ground."""
BEAM_WIDTH_M = (1.6, 6.4)


@lru_cache(maxsize=1)
def _spot() -> Picture:
    """A round halo, 64×64, bright in the middle."""
    grid = np.linspace(-1, 1, 64)
    radius = np.hypot(*np.meshgrid(grid, grid))
    spot: Picture = np.rint(255 * np.clip(np.exp(-5.5 * radius**2) - np.exp(-5.5), 0, 1)).astype(np.uint8)
    return spot


@lru_cache(maxsize=1)
def _streak() -> Picture:
    """An upright streak, 96×32: sharp above, fading downwards."""
    down, across = np.linspace(0, 1, 96)[:, None], np.linspace(-1, 1, 32)[None, :]
    fade = np.minimum(1, down * 9) * (1 - down) ** 1.3
    return np.rint(255 * fade * np.exp(-4.5 * across**2)).astype(np.uint8)


@lru_cache(maxsize=1)
def _beam() -> Picture:
    """What two head lamps throw on the ground, 64 along × 48 across."""
    ahead, across = np.linspace(0, 1, 64)[:, None], np.linspace(-1, 1, 48)[None, :]
    width = 0.42 + 0.25 * ahead
    shape = np.exp(-((np.abs(across) / width) ** 2.4)) * np.minimum(1, ahead * 7) * (1 - ahead) ** 1.5
    return np.rint(255 * np.clip(shape * 1.25, 0, 1)).astype(np.uint8)


def _add(image: Picture, rect: Rect, patch: Picture, colour: Bgr, strength: float) -> None:
    """Add a grey patch, placed with its corner at ``rect``'s (which may lie outside), in a colour."""
    height, width = image.shape[:2]
    x1, y1, x2, y2 = max(0, rect[0]), max(0, rect[1]), min(width, rect[2]), min(height, rect[3])
    if x1 >= x2 or y1 >= y2 or strength <= 0:
        return
    part = patch[y1 - rect[1] : y2 - rect[1], x1 - rect[0] : x2 - rect[0]]
    under = image[y1:y2, x1:x2]
    levels = [cv2.convertScaleAbs(part, alpha=strength * channel / 255.0) for channel in colour]
    cv2.add(under, cv2.merge(levels), dst=under)


def add_glow(image: Picture, at: Floats, radius: float, colour: Bgr, strength: float) -> None:
    """Add a halo at a canvas place."""
    size = max(3, round(2 * radius)) | 1
    if size > 900:
        return
    patch = cv2.resize(_spot(), (size, size), interpolation=cv2.INTER_AREA if size < 64 else cv2.INTER_LINEAR)
    x, y = round(float(at[0])) - size // 2, round(float(at[1])) - size // 2
    _add(image, (x, y, x + size, y + size), patch.astype(np.uint8, copy=False), colour, strength)


def add_streak(image: Picture, at: Floats, width: float, length: float, colour: Bgr, strength: float) -> None:
    """Add a streak that begins at a canvas place and goes down."""
    size = (max(3, round(width)), max(6, round(length)))
    if size[0] > 400 or size[1] > 900:
        return
    patch = cv2.resize(_streak(), size, interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)
    x, y = round(float(at[0])) - size[0] // 2, round(float(at[1]))
    _add(image, (x, y, x + size[0], y + size[1]), patch, colour, strength)


def lamp_glow(image: Picture, projector: Projector, lamp: LampPoint, *, wet: float, night: float) -> None:
    """The halo of a vehicle's lamp as far as it shines towards the camera, and its streak on a wet road."""
    x, y, z = lamp.place
    to_eye = -x, 0.5 * (projector.camera.height_m - y), -z
    facing = sum(a * b for a, b in zip(lamp.towards, to_eye, strict=True)) / math.hypot(*to_eye)
    if facing < 0.05:
        return
    pixels, depth = projector(np.array([[x, y, z], [x, -y, z]]))
    if depth.min() < 1.0:
        return
    strength = lamp.strength * facing**1.5
    metre = projector.camera.focal / float(depth[0])
    add_glow(image, pixels[0], 0.22 * metre + 1.0, lamp.colour, min(1.0, strength * 1.6))
    add_glow(image, pixels[0], (0.9 * metre + 3.0) * (0.7 + 0.5 * night), lamp.colour, 0.5 * strength * (0.35 + night))
    if wet > 0.3:
        add_streak(image, pixels[1], 0.28 * metre + 1.5, 2.6 * metre, lamp.colour, 0.75 * strength * wet)


def add_beam(
    image: Picture, colours: Picture, projector: Projector, front: Floats, heading: float, strength: float
) -> None:
    """Light the ground before a vehicle: ``colours`` (of the unlit stage) are added as far as the beam reaches.

    Args:
        front: ground point below its middle (3).
    """
    ahead = np.array([np.cos(heading), 0.0, np.sin(heading)])
    aside = np.array([-ahead[2], 0.0, ahead[0]])
    start = front + ahead * 2.2
    near, far = start + ahead * BEAM_M[0], start + ahead * BEAM_M[1]
    corners = np.array([near - aside * BEAM_WIDTH_M[0], near + aside * BEAM_WIDTH_M[0],
                        far + aside * BEAM_WIDTH_M[1], far - aside * BEAM_WIDTH_M[1]])  # fmt: skip
    pixels, depth = projector(corners)
    if depth.min() < 0.8:
        return
    rect = bounds(pixels, projector.camera.canvas)
    if rect is None:
        return
    x1, y1, x2, y2 = rect
    source = np.array([[0, 0], [47, 0], [47, 63], [0, 63]], np.float32)
    target = (pixels - np.array([x1, y1])).astype(np.float32)
    mask = cv2.warpPerspective(_beam(), cv2.getPerspectiveTransform(source, target), (x2 - x1, y2 - y1))
    lit = cv2.multiply(
        np.ascontiguousarray(colours[y1:y2, x1:x2]), cv2.cvtColor(mask, cv2.COLOR_GRAY2BGR), scale=strength / 255.0
    )
    image[y1:y2, x1:x2] = cv2.add(np.ascontiguousarray(image[y1:y2, x1:x2]), lit)
