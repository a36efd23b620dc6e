"""Cars: a side outline swept across the width, faces shaded by their normals, glass, wheels, lights.

Outlines are in metres for typical vehicles (4.4–4.9 × 1.8 × 1.45–1.95 m).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from brain.core.types import Picture
from brain.sim.camera import Floats, Projector
from brain.sim.draw import Colour, Rect, bounds, fill, fill_any, mixed, scaled, stream
from brain.sim.figures import AIR

Shade = Callable[[Colour, Floats], Colour]
PAINTS: tuple[Colour, ...] = (
    (214, 214, 212), (198, 200, 202), (40, 38, 38), (62, 60, 58), (148, 148, 146), (176, 174, 170), (112, 66, 38),
    (34, 30, 132), (120, 116, 104), (206, 208, 206),
)  # fmt: skip
GLASS: Colour = (64, 54, 46)
TYRE: Colour = (34, 32, 32)
HUB: Colour = (132, 130, 128)
ARCH: Colour = (26, 24, 24)
WINDSCREEN: Colour = (92, 80, 70)
PLATE: Colour = (150, 96, 60)
REAR_LAMP: Colour = (40, 34, 190)
HEAD_LAMP: Colour = (226, 230, 232)
DETAIL_PX = 4.0
"""Pixels per metre from which glass and wheels are drawn."""
RADII = (0.37, 0.32, 0.19, 0.07)
"""Wheel arch, tyre, hub and cap, metres."""
PARTS = ((0, 4), (4, 8), (8, 12), *((12 + 16 * n, 28 + 16 * n) for n in range(8)))
"""Where sill, side glass, pillar and the rims of two wheels lie among the points of a side."""
RIM = np.column_stack([np.cos(np.linspace(0, 2 * np.pi, 17)[:-1]), np.sin(np.linspace(0, 2 * np.pi, 17)[:-1])])


@dataclass(frozen=True, slots=True)
class Shape:
    """Side view of one type: outline from the rear foot over the roof to the front foot, glass and axles.

    Attributes:
        outline: ``(metres ahead of the middle, metres up)``.
        glass: indices of the outline edges (edge ``i`` joins points ``i`` and ``i + 1``) that are windows.
        side_glass: outline of the side windows.
        pillar: where the side window is divided.
        belt: height above which the body narrows towards the roof.
        axles: where the wheels are.
    """

    outline: tuple[tuple[float, float], ...]
    glass: tuple[int, ...]
    side_glass: tuple[tuple[float, float], ...]
    pillar: float
    belt: float
    axles: tuple[float, float]


SHAPES = (
    Shape(
        ((-2.3, 0.3), (-2.32, 0.75), (-2.2, 0.98), (-1.6, 1.03), (-0.95, 1.43), (0.25, 1.46), (1.0, 1.04),
         (2.0, 0.86), (2.28, 0.64), (2.3, 0.3)),
        (3, 5),
        ((-1.45, 1.05), (-0.9, 1.37), (0.22, 1.4), (0.85, 1.06)), -0.3, 1.0, (-1.4, 1.42),
    ),
    Shape(
        ((-2.25, 0.34), (-2.28, 0.9), (-2.2, 1.12), (-1.85, 1.62), (0.3, 1.68), (1.05, 1.16), (2.0, 1.0),
         (2.24, 0.74), (2.26, 0.34)),
        (2, 4),
        ((-1.95, 1.17), (-1.7, 1.56), (0.25, 1.6), (0.9, 1.18)), -0.45, 1.12, (-1.36, 1.36),
    ),
    Shape(
        ((-2.4, 0.34), (-2.42, 1.0), (-2.36, 1.22), (-2.2, 1.88), (1.1, 1.92), (1.75, 1.2), (2.25, 1.02),
         (2.4, 0.7), (2.42, 0.34)),
        (2, 4),
        ((-2.1, 1.26), (-2.0, 1.76), (1.05, 1.8), (1.5, 1.24)), 0.25, 1.2, (-1.5, 1.55),
    ),
)  # fmt: skip
WIDTH_M, ROOF_WIDTH_M = 1.8, 1.42


@dataclass(frozen=True, slots=True, eq=False)
class CarModel:
    """A car of one look, about its own middle, worked out once.

    Attributes:
        shape, paint: what it looks like.
        ahead: ±1, its direction along ``x``.
        sides: 2×N×3, outline of the side at −width and +width.
        normals: (N − 1)×3, outward normals of the faces that run across the car.
        details: 2×M×3, sill, side glass, pillar and wheel rims on each side, in the order of ``PARTS``.
    """

    shape: Shape
    paint: Colour
    ahead: int
    sides: Floats
    normals: Floats
    details: Floats

    @staticmethod
    def of(seed: int, ahead: int) -> CarModel:
        """The car that a seed chooses."""
        rng = stream(seed, "car")
        shape = SHAPES[int(rng.choice(len(SHAPES), p=(0.55, 0.33, 0.12)))]
        paint = PAINTS[int(rng.integers(len(PAINTS)))]
        sides = np.array([_sweep(np.array(shape.outline), shape, ahead=ahead, side=side) for side in (-1, 1)])
        normals = np.cross(sides[1, :-1] - sides[0, :-1], sides[0, 1:] - sides[0, :-1]) * ahead
        normals /= np.maximum(1e-9, np.linalg.norm(normals, axis=1, keepdims=True))
        details = _details(shape)
        both = np.array([_sweep(details, shape, ahead=ahead, side=side, outset=0.01) for side in (-1, 1)])
        return CarModel(shape, paint, ahead, sides, normals, both)


def _details(shape: Shape) -> Floats:
    """Side-view points of everything on a side, in the order of ``PARTS``."""
    sill = [(-2.2, 0.3), (-2.2, 0.48), (2.2, 0.48), (2.2, 0.3)]
    top = shape.side_glass[1][1]
    pillar = [(shape.pillar + dx, y) for dx, y in ((-0.045, shape.belt), (0.045, shape.belt), (0.045, top))]
    pillar.append((shape.pillar - 0.045, top))
    parts = [np.array(sill), np.array(shape.side_glass), np.array(pillar)]
    parts += [np.array([axle, 0.32]) + radius * RIM for axle in shape.axles for radius in RADII]
    return np.vstack(parts)


def _sweep(flat: Floats, shape: Shape, *, ahead: int, side: int, outset: float = 0.0) -> Floats:
    """Points of a side (N×3) from side-view points (N×2): the body narrows from the belt to the roof."""
    top = max(y for _, y in shape.outline)
    narrowing = np.clip((flat[:, 1] - shape.belt) / (top - shape.belt), 0, 1)
    half = (WIDTH_M - (WIDTH_M - ROOF_WIDTH_M) * narrowing) / 2 + outset
    return np.column_stack([ahead * flat[:, 0], flat[:, 1], side * half])


def car_rect(projector: Projector, model: CarModel, place: Floats) -> tuple[Rect, float] | None:
    """Box of a car on the canvas and its depth in metres; ``None`` when it is out of the picture.

    Args:
        place: world point (3) on the ground below its middle.
    """
    pixels, depth = projector(model.sides.reshape(-1, 3) + place)
    if depth.min() < 1.0:
        return None
    metre = projector.camera.focal / float(depth.min())
    rect = bounds(pixels, projector.camera.canvas, pad=0.35 * metre)
    return (rect, float(depth.mean())) if rect else None


def car_shadow(
    projector: Projector, model: CarModel, place: Floats, step: tuple[float, float]
) -> tuple[Rect, Picture] | None:
    """Box and soft mask (0–255) of a car's shadow and of the darkness beneath it."""
    points = model.sides.reshape(-1, 3) + place
    cast = np.column_stack([points[:, 0] + step[0] * points[:, 1], np.zeros(len(points)), points[:, 2]])
    cast[:, 2] += step[1] * points[:, 1]
    foot = points * np.array([1.0, 0.0, 1.0])
    pixels, depth = projector(np.vstack([cast, foot]))
    if depth.min() < 1.0:
        return None
    metre = projector.camera.focal / float(depth.mean())
    rect = bounds(pixels, projector.camera.canvas, pad=0.15 * metre)
    if rect is None:
        return None
    mask: Picture = np.zeros((rect[3] - rect[1], rect[2] - rect[0]), np.uint8)
    outline = cv2.convexHull((pixels - np.array(rect[:2])).astype(np.float32))[:, 0, :]
    fill(mask, outline.astype(np.float64), 255)
    return rect, cv2.GaussianBlur(mask, (0, 0), max(0.7, 0.05 * metre)).astype(np.uint8, copy=False)


def draw_car(
    image: Picture, projector: Projector, model: CarModel, place: Floats, *, sun: Floats, light: float, haze: float
) -> None:
    """Draw one car: faces from far to near, the side that shows, then glass, wheels and lights.

    Args:
        place: world point (3) on the ground below its middle.
        light: brightness, 1 = in the sun.
        haze: share (0–1) of the air's colour.
    """

    def shade(colour: Colour, normal: Floats) -> Colour:
        glow = 0.5 + 0.5 * max(0.0, float(normal @ sun)) + 0.16 * max(0.0, float(normal[1]))
        return mixed(scaled(colour, glow * light), AIR, haze)

    pixels, depth = projector(model.sides.reshape(-1, 3) + place)
    outlines = pixels.reshape(2, -1, 2)
    _faces(image, model, outlines, place - np.array([0.0, projector.camera.height_m, 0.0]), shade)
    side = 0 if place[2] > 0 else 1
    facing = np.array([0.0, 0.25, -0.97 if side == 0 else 0.97])
    fill_any(image, outlines[side], shade(model.paint, facing))
    if projector.camera.focal / float(depth.mean()) < DETAIL_PX:
        return
    details, _ = projector(model.details[side] + place)
    dull = mixed(scaled(GLASS, light), AIR, haze)
    colours = [shade(scaled(model.paint, 0.62), facing), dull, shade(model.paint, facing)]
    colours += [mixed(scaled(colour, light * 0.9), AIR, haze) for colour in (ARCH, TYRE, HUB, TYRE)] * 2
    for (start, end), colour in zip(PARTS, colours, strict=True):
        fill(image, details[start:end], colour)


def _faces(image: Picture, model: CarModel, outlines: Floats, from_eye: Floats, shade: Shade) -> None:
    """The faces that run across the car and show: boot, windows, roof, bonnet, bumpers.

    Args:
        outlines: 2×N×2 pixels of both sides.
        from_eye: vector from the camera to the car's middle.
    """
    middles = (model.sides[:, :-1] + model.sides[:, 1:]).mean(axis=0) / 2 + from_eye
    showing = np.einsum("ij,ij->i", model.normals, middles) < 0
    last = len(model.normals) - 1
    for index in np.argsort(-np.linalg.norm(middles, axis=1)):
        if not showing[index]:
            continue
        normal = model.normals[index]
        quad = np.array([outlines[0, index], outlines[0, index + 1], outlines[1, index + 1], outlines[1, index]])
        fill(image, quad, shade(model.paint, normal))
        middle = quad.mean(axis=0)
        if index in model.shape.glass:
            fill(image, middle + (quad - middle) * 0.88, shade(WINDSCREEN, normal))
        elif index in (1, last - 1):
            _lamps(image, quad, normal, shade, rear=index == 1)
        elif index in (0, last):
            fill(image, middle + (quad - middle) * np.array([[0.26, 0.4]]), shade(PLATE, normal))


def _lamps(image: Picture, quad: Floats, normal: Floats, shade: Shade, *, rear: bool) -> None:
    low_l, high_l, high_r, low_r = quad
    for start, end in ((0.02, 0.24), (0.76, 0.98)):
        left = [low_l + (low_r - low_l) * start, high_l + (high_r - high_l) * start]
        right = [high_l + (high_r - high_l) * end, low_l + (low_r - low_l) * end]
        fill(image, np.array(left + right), shade(REAR_LAMP if rear else HEAD_LAMP, normal))
