"""Things that people carry and leave: a case or a carton."""

from __future__ import annotations

import cv2
import numpy as np

from brain.core.types import Picture
from brain.sim.camera import Floats, Projector
from brain.sim.draw import Colour, Rect, bounds, fill, scaled, stream
from brain.sim.layout import Cuboid

COLOURS: tuple[Colour, ...] = ((70, 40, 28), (42, 36, 118), (38, 36, 34), (50, 66, 32), (38, 56, 84))
FACES = ((0, 1, 2, 3), (4, 7, 6, 5), (0, 4, 5, 1), (1, 5, 6, 2), (2, 6, 7, 3), (3, 7, 4, 0))
"""Corners of bottom, top and the four sides, counted so that the normal points outwards."""


def corners(thing: Cuboid, lift: float) -> Floats:
    """World corners (8×3) of a cuboid whose foot is ``lift`` metres above the ground: four below, four above."""
    ahead = np.array([np.cos(thing.heading), np.sin(thing.heading)]) * thing.length / 2
    aside = np.array([-np.sin(thing.heading), np.cos(thing.heading)]) * thing.breadth / 2
    middle = np.array([thing.x, thing.z])
    foot = np.array([middle - ahead - aside, middle + ahead - aside, middle + ahead + aside, middle - ahead + aside])
    below = np.column_stack([foot[:, 0], np.full(4, lift), foot[:, 1]])
    return np.vstack([below, below + np.array([0.0, thing.height, 0.0])])


def draw_thing(
    image: Picture, projector: Projector, thing: Cuboid, lift: float, *, seed: int, sun: Floats, light: float
) -> None:
    """Draw the thing: shaded faces, a lighter band and a handle."""
    rng = stream(seed, "thing")
    paint = COLOURS[int(rng.integers(len(COLOURS)))]
    world = corners(thing, lift)
    pixels, _ = projector(world)
    eye = np.array([0.0, projector.camera.height_m, 0.0])
    middle = world.mean(axis=0)
    for index, face in enumerate(FACES):
        points = world[list(face)]
        normal = points.mean(axis=0) - middle
        normal = normal / np.linalg.norm(normal)
        if normal @ (eye - points.mean(axis=0)) <= 0:
            continue
        glow = light * (0.55 + 0.55 * max(0.0, float(normal @ sun)) + 0.1 * normal[1])
        fill(image, pixels[list(face)], scaled(paint, glow))
        _trim(image, pixels[list(face)], scaled(paint, glow), side=index >= 2)


def _trim(image: Picture, face: Floats, colour: Colour, *, side: bool) -> None:
    """A band or strap across one face (4×2 pixels) and, on a side, ribs."""
    a, b, c, d = face
    for low, high, factor in ((0.14, 0.2, 0.7), (0.8, 0.86, 0.7), (0.44, 0.56, 1.45)):
        strap = np.array([a + (d - a) * low, b + (c - b) * low, b + (c - b) * high, a + (d - a) * high])
        fill(image, strap if not side else _turned(face, low, high), scaled(colour, factor))


def _turned(face: Floats, low: float, high: float) -> Floats:
    a, b, c, d = face
    return np.array([a + (b - a) * low, a + (b - a) * high, d + (c - d) * high, d + (c - d) * low])


def thing_rect(projector: Projector, thing: Cuboid, lift: float) -> tuple[Rect, float] | None:
    """Box of the thing on the canvas and the depth of its middle in metres; ``None`` when out of the picture."""
    pixels, depth = projector(corners(thing, lift))
    if depth.min() < 1.0:
        return None
    rect = bounds(pixels, projector.camera.canvas)
    return (rect, float(depth.mean())) if rect else None


def thing_shadow(
    projector: Projector, thing: Cuboid, lift: float, step: tuple[float, float]
) -> tuple[Rect, Picture] | None:
    """Box and soft mask (0–255) of the thing's shadow; ``step`` as ``Layout.shadow_step``."""
    world = corners(thing, lift)
    cast = np.column_stack([world[:, 0] + step[0] * world[:, 1], np.zeros(8), world[:, 2] + step[1] * world[:, 1]])
    pixels, depth = projector(cast)
    if depth.min() < 1.0:
        return None
    rect = bounds(pixels, projector.camera.canvas, pad=3.0)
    if rect is None:
        return None
    mask: Picture = np.zeros((rect[3] - rect[1], rect[2] - rect[0]), np.uint8)
    outline = cv2.convexHull((pixels - np.array(rect[:2])).astype(np.float32))[:, 0, :]
    fill(mask, outline.astype(np.float64), 255)
    return rect, cv2.GaussianBlur(mask, (3, 3), 0.8).astype(np.uint8, copy=False)
