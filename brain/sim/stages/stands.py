"""Still things on the pavement, painted once: trees, lamp posts, planters, bins."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from brain.core.types import Picture
from brain.sim.camera import Floats, Floats32, Projector
from brain.sim.cuboid import FACES, Cuboid, corners
from brain.sim.draw import Colour, Rect, bounds, fill, hull, scaled
from brain.sim.stages.plan import Stand

TRUNK_M = 2.3
CROWN_M = 3.9
CROWN_RADIUS_M = (1.7, 1.5)
LEAVES = 1400
LAMP_M = 6.5
SPANS = {"tree": (6.9, 2.6), "lamp": (LAMP_M + 0.3, 1.8), "planter": (1.8, 1.2), "bin": (1.1, 0.6)}
"""Height and reach of each kind, metres, large enough for every size."""
SHADES = {"tree": (TRUNK_M + 1, 0.26), "lamp": (6.5, 0.12), "planter": (0.6, 0.9), "bin": (1.0, 0.5)}
"""Height and breadth of the shadow that each kind throws, metres."""
Sprite = tuple[Rect, Picture, Floats32]


class _Pad:
    """A patch of the canvas on which one stand is painted together with its coverage."""

    def __init__(self, rect: Rect, base: Colour) -> None:
        self.rect = rect
        shape = (rect[3] - rect[1], rect[2] - rect[0])
        self.colours: Picture = np.empty((*shape, 3), np.uint8)
        # Soft edges mix with this colour, never with black.
        self.colours[:] = np.array(base)
        self.mask: Picture = np.zeros(shape, np.uint8)

    def fill(self, points: Floats, colour: Colour) -> None:
        """Paint a convex polygon."""
        points = points - np.array(self.rect[:2])
        fill(self.colours, points, colour)
        fill(self.mask, points, 255)

    def hull(self, points: Floats, radii: tuple[float, ...], colour: Colour) -> None:
        """Paint the hull of discs."""
        points = points - np.array(self.rect[:2])
        hull(self.colours, points, radii, colour)
        hull(self.mask, points, radii, 255)

    def sprite(self) -> Sprite:
        """What was painted."""
        return self.rect, self.colours, (self.mask.astype(np.float32) / np.float32(255))[..., None]


@dataclass(frozen=True, slots=True, eq=False)
class _Site:
    """What a painter of one stand needs."""

    stand: Stand
    projector: Projector
    sun: Floats
    rng: np.random.Generator
    rect: Rect

    def metre(self) -> float:
        """Pixels per metre at the foot of the stand."""
        _, depth = self.projector(np.array([[self.stand.x, 0.0, self.stand.z]]))
        return self.projector.camera.focal / float(depth[0])

    def points(self, *places: tuple[float, float, float]) -> Floats:
        """Canvas pixels of places given as metres from the foot of the stand."""
        pixels, _ = self.projector(np.array(places) + np.array([self.stand.x, 0.0, self.stand.z]))
        return pixels


def paint_stand(rng: np.random.Generator, projector: Projector, stand: Stand, sun: Floats) -> Sprite | None:
    """Paint one stand: its box on the canvas, colours (h×w×3) and coverage (h×w×1); ``None`` when out of sight."""
    top, reach = SPANS[stand.kind]
    span = np.array(
        [[stand.x + dx, y, stand.z + dz] for dx in (-reach, reach) for dz in (-reach, reach) for y in (0.0, top)]
    )
    pixels, depth = projector(span)
    if depth.min() < 1.0:
        return None
    rect = bounds(pixels, projector.camera.canvas)
    if rect is None:
        return None
    painter = {"tree": _tree, "lamp": _lamp, "planter": _planter, "bin": _bin}[stand.kind]
    return painter(_Site(stand, projector, sun, rng, rect))


def _tree(site: _Site) -> Sprite:
    """A trunk and a crown of small leaf clumps, gathered in lobes, lit from the sun's side."""
    rng, size, metre = site.rng, site.stand.size, site.metre()
    pad = _Pad(site.rect, (40, 68, 56))
    axis = site.points((0, 0, 0), (0, TRUNK_M * size, 0), (0, CROWN_M * size, 0))
    pad.hull(axis[:2], (0.15 * metre, 0.1 * metre), (58, 68, 76))
    pad.hull(axis[:2] + np.array([0.05 * metre, 0]), (0.05 * metre, 0.04 * metre), (82, 92, 102))
    radius, rise = CROWN_RADIUS_M
    lobes = rng.normal(0, 1, (9, 3))
    lobes = lobes / np.linalg.norm(lobes, axis=1, keepdims=True) * np.array([0.62, 0.55, 0.62])
    count = int(np.clip(metre * 42, 150, LEAVES))
    inside = rng.normal(0, 1, (count, 3))
    inside *= rng.uniform(0.5, 1.0, (count, 1)) / np.linalg.norm(inside, axis=1, keepdims=True)
    offsets = lobes[rng.integers(len(lobes), size=count)] + 0.48 * inside
    places = offsets * np.array([radius, rise, radius]) * size
    for end in lobes[:4]:
        tip = site.points((end[0] * radius * size, (CROWN_M + end[1] * rise) * size, end[2] * radius * size))
        pad.hull(np.vstack([axis[1:2], tip]), (0.07 * metre, 0.03 * metre), (52, 62, 70))
    foot = np.array([site.stand.x, CROWN_M * size, site.stand.z])
    pixels, depths = site.projector(places + foot)
    tint = rng.uniform(0.85, 1.15)
    glows = 0.5 + 0.42 * (0.5 * inside + offsets) @ site.sun + rng.normal(0, 0.13, count)
    for index in np.argsort(-depths):
        leaf = scaled((50, 106, 88), float(np.clip(glows[index], 0.16, 1.3)) * tint)
        pad.hull(pixels[[index]], (rng.uniform(0.05, 0.15) * metre * size,), leaf)
    return pad.sprite()


def _lamp(site: _Site) -> Sprite:
    pad = _Pad(site.rect, (104, 104, 102))
    arm = 1.5 * site.stand.side
    points, metre = site.points((0, 0, 0), (0, LAMP_M, 0), (0, LAMP_M + 0.15, arm), (0, 1.1, 0)), site.metre()
    pad.hull(points[[0, 3]], (0.13 * metre, 0.11 * metre), (84, 88, 88))
    pad.hull(points[:2], (0.08 * metre, 0.05 * metre), (112, 114, 112))
    pad.hull(points[1:3], (0.05 * metre, 0.05 * metre), (118, 120, 118))
    pad.hull(points[[2]], (0.13 * metre,), (190, 190, 186))
    return pad.sprite()


def _planter(site: _Site) -> Sprite:
    size, metre = site.stand.size, site.metre()
    pad = _Pad(site.rect, (60, 86, 74))
    trough = Cuboid(site.stand.x, site.stand.z, 0.0, 1.2 * size, 0.6 * size, 0.55 * size)
    _block(pad, site, trough, (110, 122, 140))
    offsets = site.rng.uniform(-1, 1, (240, 3)) * np.array([0.56, 0.24, 0.26]) * size
    pixels, depths = site.projector(offsets + np.array([site.stand.x, 0.72 * size, site.stand.z]))
    for index in np.argsort(-depths):
        leaf = scaled((52, 104, 80), 0.75 + 1.2 * float(offsets[index, 1]) + site.rng.uniform(-0.25, 0.25))
        if site.rng.uniform() < 0.08:
            leaf = (112, 92, 168)
        pad.hull(pixels[[index]], (site.rng.uniform(0.03, 0.07) * metre,), leaf)
    return pad.sprite()


def _bin(site: _Site) -> Sprite:
    pad = _Pad(site.rect, (70, 84, 60))
    x, z = site.stand.x, site.stand.z
    _block(pad, site, Cuboid(x, z, 0.0, 0.5, 0.55, 1.0), (66, 92, 52))
    _block(pad, site, Cuboid(x, z, 0.0, 0.54, 0.6, 0.12), (54, 60, 48), lift=0.95)
    return pad.sprite()


def _block(pad: _Pad, site: _Site, box: Cuboid, colour: Colour, lift: float = 0.0) -> None:
    world = corners(box, lift)
    pixels, _ = site.projector(world)
    eye = np.array([0.0, site.projector.camera.height_m, 0.0])
    for face in FACES:
        points = world[list(face)]
        normal = points.mean(axis=0) - world.mean(axis=0)
        normal = normal / np.linalg.norm(normal)
        if normal @ (eye - points.mean(axis=0)) > 0:
            pad.fill(pixels[list(face)], scaled(colour, 0.62 + 0.5 * max(0.0, float(normal @ site.sun))))


def crown_shade(rng: np.random.Generator, image: Picture, place: Floats, per_metre: float, size: float) -> None:
    """Paint the dappled shade of one crown into a picture of the ground (0 = sun, 255 = shade), centre in pixels."""
    for _ in range(90):
        offset = rng.normal(0, 0.52, 2) * CROWN_RADIUS_M[0] * size * per_metre
        centre = np.rint((place + offset) * 16).astype(int)
        radius = rng.uniform(0.12, 0.34) * size * per_metre
        cv2.circle(image, (int(centre[0]), int(centre[1])), int(radius * 16), 235, -1, cv2.LINE_AA, 4)
