"""Bicycles, electric scooters and cargo tricycles: wheels as circles, frames and shells as rounded hulls."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from brain.sim.camera import Floats
from brain.sim.draw import Colour, scaled, stream
from brain.sim.paint.mesh import TRIM, Mesh, MeshBuilder, paint_mesh, turned
from brain.sim.paint.pad import Pad
from brain.sim.paint.shading import Shade
from brain.sim.paint.view import NEAR_M, View

SHELLS: tuple[Colour, ...] = (
    (190, 188, 186), (40, 38, 130), (110, 70, 40), (44, 42, 42), (190, 170, 90), (60, 130, 180), (200, 200, 205),
)  # fmt: skip
SHARED: tuple[Colour, ...] = ((40, 190, 235), (190, 140, 40), (90, 190, 60))
RUBBER: Colour = (28, 27, 26)
METAL: Colour = (120, 118, 116)
RIM = np.column_stack([np.cos(np.linspace(0, 2 * np.pi, 15)[:-1]), np.sin(np.linspace(0, 2 * np.pi, 15)[:-1])])
Hull = tuple[tuple[tuple[float, float, float, float], ...], Colour]
"""Discs (ahead, up, aside, radius) whose hull is filled."""


@dataclass(frozen=True, slots=True, eq=False)
class Cycle:
    """A two- or three-wheeler.

    Attributes:
        label: ``bicycle``, ``ebike`` or ``tricycle``.
        wheels: (ahead, aside, radius) of each.
        hulls: frame and shell, from the middle outwards.
        seat: height and place ahead of the rider's hip.
        box: load bed or rear box.
        filled: scooter wheels are full discs, bicycle wheels are rings.
        length: metres.
        discs: those of all hulls, one after the other (N×4).
    """

    label: str
    wheels: tuple[tuple[float, float, float], ...]
    hulls: tuple[Hull, ...]
    seat: tuple[float, float]
    box: Mesh | None
    filled: bool
    length: float
    discs: Floats = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "discs", np.array([disc for discs, _ in self.hulls for disc in discs]))

    def outline(self) -> Floats:
        """Points that enclose it, about its own origin (the ground below its middle)."""
        half, wide = self.length / 2, 0.5 if self.label == "tricycle" else 0.32
        return np.array([[x, y, z] for x in (-half, half) for y in (0.0, 1.15) for z in (-wide, wide)])


def make_bicycle(seed: int) -> Cycle:
    """A town or shared bicycle."""
    rng = stream(seed, "bicycle")
    paints = SHARED if rng.uniform() < 0.6 else SHELLS
    paint = paints[int(rng.integers(len(paints)))]
    frame = ((-0.52, 0.33), (-0.1, 0.3), (0.4, 0.72), (-0.22, 0.72))
    tubes: list[Hull] = [
        (((*frame[a], 0.0, 0.028), (*frame[b], 0.0, 0.028)), paint) for a, b in ((0, 1), (1, 2), (1, 3), (0, 3), (3, 2))
    ]
    tubes.append((((0.52, 0.33, 0.0, 0.022), (0.38, 0.92, 0.0, 0.022)), METAL))
    tubes.append((((0.36, 1.0, -0.26, 0.02), (0.36, 1.0, 0.26, 0.02)), RUBBER))
    tubes.append((((-0.36, 0.84, 0.0, 0.05), (-0.14, 0.85, 0.0, 0.035)), RUBBER))
    if rng.uniform() < 0.6:
        basket = ((0.5, 0.82, -0.12, 0.05), (0.5, 0.82, 0.12, 0.05), (0.5, 0.98, -0.15, 0.03), (0.5, 0.98, 0.15, 0.03))
        tubes.append((basket, (70, 72, 74)))
    return Cycle("bicycle", ((-0.52, 0.0, 0.33), (0.52, 0.0, 0.33)), tuple(tubes), (0.85, -0.25), None, False, 1.75)


def make_ebike(seed: int) -> Cycle:
    """An electric scooter with leg shield, foot board and often a box behind."""
    rng = stream(seed, "ebike")
    paint = scaled(SHELLS[int(rng.integers(len(SHELLS)))], rng.uniform(0.9, 1.08))
    dark = (44, 42, 42)
    hulls: list[Hull] = [
        (((-0.62, 0.5, 0.0, 0.12), (-0.2, 0.42, 0.0, 0.14), (-0.25, 0.66, 0.0, 0.1), (-0.7, 0.66, 0.0, 0.08)), paint),
        (((-0.2, 0.28, 0.0, 0.07), (0.36, 0.28, 0.0, 0.07)), dark),
        (((-0.74, 0.78, 0.0, 0.06), (-0.05, 0.76, 0.0, 0.08)), dark),
        (((0.36, 0.32, 0.0, 0.1), (0.5, 0.74, 0.0, 0.13), (0.42, 0.95, 0.0, 0.1)), paint),
        (((0.6, 0.46, 0.0, 0.07), (0.74, 0.4, 0.0, 0.05)), paint),
        (((0.4, 1.04, -0.3, 0.025), (0.4, 1.04, 0.3, 0.025)), dark),
        (((0.46, 1.0, 0.0, 0.09),), paint),
        (((0.58, 0.84, 0.0, 0.055),), (205, 208, 208)),
        (((-0.82, 0.58, 0.0, 0.04),), (40, 34, 170)),
    ]
    box = None
    if rng.uniform() < 0.45:
        builder = MeshBuilder()
        courier = rng.uniform() < 0.5
        tone = ((200, 150, 30), (40, 200, 240))[int(rng.integers(2))] if courier else dark
        size = 0.5 if courier else 0.34
        builder.box((-1.0, 0.8, -size / 2), (-1.0 + size, 0.8 + size, size / 2), tone, gloss=0.3)
        box = builder.mesh((-0.8, 1.0, 0.0))
    return Cycle("ebike", ((-0.58, 0.0, 0.25), (0.66, 0.0, 0.25)), tuple(hulls), (0.8, -0.3), box, True, 1.8)


def make_tricycle(seed: int) -> Cycle:
    """A cargo tricycle with an open bed."""
    rng = stream(seed, "tricycle")
    paint = scaled(SHELLS[int(rng.integers(1, len(SHELLS)))], rng.uniform(0.9, 1.05))
    builder = MeshBuilder()
    builder.box((-1.25, 0.45, -0.5), (0.15, 0.85, 0.5), paint, gloss=0.2)
    builder.face(((-1.2, 0.86, -0.46), (0.1, 0.86, -0.46), (0.1, 0.86, 0.46), (-1.2, 0.86, 0.46)), (50, 52, 54),
                 layer=TRIM)  # fmt: skip
    hulls: tuple[Hull, ...] = (
        (((0.15, 0.5, 0.0, 0.1), (0.6, 0.45, 0.0, 0.1), (0.3, 0.72, 0.0, 0.1)), paint),
        (((0.9, 0.4, 0.0, 0.05), (0.78, 1.0, 0.0, 0.06)), paint),
        (((0.72, 1.06, -0.32, 0.025), (0.72, 1.06, 0.32, 0.025)), RUBBER),
        (((0.86, 0.86, 0.0, 0.06),), (205, 208, 208)),
    )
    wheels = ((-0.7, -0.52, 0.28), (0.95, 0.0, 0.28), (-0.7, 0.52, 0.28))
    return Cycle("tricycle", wheels, hulls, (0.78, 0.28), builder.mesh((-0.5, 0.6, 0.0)), True, 2.5)


CYCLES = {"bicycle": make_bicycle, "ebike": make_ebike, "tricycle": make_tricycle}


def paint_cycle(pad: Pad, view: View, cycle: Cycle, place: Floats, heading: float, shade: Shade) -> None:
    """Paint wheels, then frame and shell, then the box, near side last."""
    from_eye = view.eye - place
    aside = np.array([-np.sin(heading), 0.0, np.cos(heading)])
    near = 1.0 if from_eye @ aside > 0 else -1.0
    for ahead, side, radius in sorted(cycle.wheels, key=lambda wheel: wheel[1] * near):
        if side * near <= 0:
            _wheel(pad, view, place, heading, (ahead, side, radius), shade, filled=cycle.filled)
    behind = from_eye @ np.array([np.cos(heading), 0.0, np.sin(heading)]) > 0
    if cycle.box is not None and behind:
        paint_mesh(pad, view, cycle.box, place, heading, shade)
    _hulls(pad, view, cycle, place, heading, shade)
    if cycle.box is not None and not behind:
        paint_mesh(pad, view, cycle.box, place, heading, shade)
    for ahead, side, radius in cycle.wheels:
        if side * near > 0:
            _wheel(pad, view, place, heading, (ahead, side, radius), shade, filled=cycle.filled)


def _hulls(pad: Pad, view: View, cycle: Cycle, place: Floats, heading: float, shade: Shade) -> None:
    pixels, depth = view.project(turned(cycle.discs[:, :3], heading) + place)
    if depth.min() < NEAR_M:
        return
    away, end = depth.tolist(), 0
    for discs, colour in cycle.hulls:
        part = slice(end, end := end + len(discs))
        radii = cycle.discs[part, 3] * view.metre(sum(away[part]) / len(discs))
        largest = float(radii.max())
        pad.hull(pixels[part], radii, shade.flat(colour, 0.85))
        if largest > 1.5:
            up = np.array([0.0, -0.35 * largest * (-1.0 if view.mirrored else 1.0)])
            pad.hull(pixels[part] + up, radii * 0.6, shade.flat(colour, 1.12, 0.7))


def _wheel(
    pad: Pad,
    view: View,
    place: Floats,
    heading: float,
    wheel: tuple[float, float, float],
    shade: Shade,
    *,
    filled: bool,
) -> None:
    ahead, side, radius = wheel
    rim = np.column_stack([ahead + radius * RIM[:, 0], radius + radius * RIM[:, 1], np.full(len(RIM), side)])
    pixels, depth = view.project(turned(rim, heading) + place)
    if depth.min() < NEAR_M:
        return
    metre = view.metre(float(depth.mean()))
    if filled:
        pad.poly(pixels, shade.flat(RUBBER))
        middle = pixels.mean(axis=0)
        pad.poly(middle + (pixels - middle) * 0.5, shade.flat(METAL))
        pad.line(pixels, 0.09 * metre, shade.flat(RUBBER), closed=True)
        return
    pad.line(pixels, 0.05 * metre, shade.flat(RUBBER), closed=True)
    pad.line(np.array([pixels[0], pixels[7]]), 0.012 * metre, shade.flat(METAL))
    pad.line(np.array([pixels[4], pixels[11]]), 0.012 * metre, shade.flat(METAL))
