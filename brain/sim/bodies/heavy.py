"""Buses, box lorries and dump trucks."""

from __future__ import annotations

import numpy as np

from brain.sim.bodies.loft import DARK, GLASS, HEAD, TAIL, Shell, Station, across, along, sweep, wheels
from brain.sim.draw import Colour, scaled
from brain.sim.paint.mesh import FINE, TRIM, Mesh, MeshBuilder

BUS_PAINTS: tuple[Colour, ...] = ((70, 120, 50), (190, 130, 50), (210, 214, 214), (60, 70, 190))
CAB_PAINTS: tuple[Colour, ...] = ((200, 202, 202), (150, 84, 40), (44, 40, 150), (60, 130, 190))
BOX_PAINTS: tuple[Colour, ...] = ((214, 214, 212), (206, 208, 210), (150, 140, 120), (128, 90, 60))
TIPPER_PAINTS: tuple[Colour, ...] = ((52, 120, 70), (40, 130, 190), (70, 84, 150), (60, 110, 60))


def make_bus(rng: np.random.Generator) -> tuple[Mesh, ...]:
    """A city bus of 10.5–12 m."""
    length = rng.uniform(10.5, 12.0)
    half = length / 2
    paint = BUS_PAINTS[int(rng.integers(len(BUS_PAINTS)))]
    stations = [Station(-half, 2.9, 0.95), Station(-half + 0.12, 3.08, 1.0)]
    x = -half + 0.9
    while x < half - 1.7:
        stations += [Station(x, 3.12, 1.0, "s"), Station(x + 1.38, 3.12, 1.0)]
        x += 1.5
    stations += [Station(half - 0.8, 3.12, 1.0, "s"), Station(half - 0.12, 3.06, 0.99), Station(half, 2.88, 0.94)]
    shell = Shell(2.5, 2.36, 0.3, 1.22, rail=0.62, stations=tuple(stations), axles=(-half + 3.0, half - 2.6),
                  wheel=0.48)  # fmt: skip
    builder = MeshBuilder()
    sweep(builder, shell, paint)
    wheels(builder, shell)
    across(builder, half + 0.01, 1.05, 2.5, (-1.1, 1.1), GLASS, gloss=2.4)
    across(builder, half + 0.015, 2.55, 2.84, (-0.8, 0.8), (24, 40, 60), layer=TRIM)
    across(builder, half + 0.02, 2.62, 2.76, (-0.6, 0.5), (40, 150, 240), layer=FINE)
    across(builder, half + 0.01, 0.45, 0.58, (-0.25, 0.25), (60, 190, 220), layer=FINE)
    across(builder, -half - 0.01, 1.5, 2.5, (-0.95, 0.95), GLASS, gloss=2.0)
    for side in (-1, 1):
        across(builder, half + 0.01, 0.62, 0.86, (side * 0.7, side * 1.12), HEAD, gloss=0.8, lamp=1)
        across(builder, -half - 0.01, 0.8, 1.2, (side * 0.98, side * 1.16), TAIL, lamp=2)
    along(builder, (-half + 0.3, half - 0.3), 0.86, 1.0, 1.256, scaled(paint, 0.6))
    for x in (half - 1.75, half - 6.2):
        along(builder, (x, x + 1.2), 0.38, 2.5, 1.257, scaled(GLASS, 1.2), layer=FINE, gloss=0.8)
    return (builder.mesh((0, 1.6, 0)),)


def make_truck(rng: np.random.Generator) -> tuple[Mesh, ...]:
    """A box lorry of 6–7.5 m."""
    length = rng.uniform(6.0, 7.5)
    half = length / 2
    paint = BOX_PAINTS[int(rng.integers(len(BOX_PAINTS)))]
    builder = MeshBuilder()
    top = rng.uniform(2.8, 3.2)
    builder.box((-half, 0.95, -1.1), (half - 1.75, top, 1.1), paint, gloss=0.15)
    builder.box((-half + 0.2, 0.5, -0.9), (half - 1.75, 0.95, 0.9), DARK)
    across(builder, -half - 0.01, 1.02, top - 0.08, (-1.0, -0.02), scaled(paint, 0.92))
    across(builder, -half - 0.01, 1.02, top - 0.08, (0.02, 1.0), scaled(paint, 0.9))
    for side in (-1, 1):
        across(builder, -half - 0.02, 0.7, 0.86, (side * 0.7, side * 1.0), TAIL, lamp=2)
    stripe = BUS_PAINTS[int(rng.integers(len(BUS_PAINTS)))]
    along(builder, (-half + 0.4, half - 2.2), 1.5, 2.1, 1.106, stripe if rng.uniform() < 0.5 else paint)
    for x in (-half + 1.3,):
        wheels(builder, Shell(2.1, 2.0, 0.4, 1.0, axles=(x,), wheel=0.43))
    return builder.mesh((0, 1.6, 0)), _cab(rng, half, 2.3)


def make_dump_truck(rng: np.random.Generator, *, load: str = "soil") -> tuple[Mesh, ...]:
    """A four-axle dump truck (8.5 m). ``load``: ``soil`` heaped and open, ``covered`` by a lid, ``empty``."""
    paint = TIPPER_PAINTS[int(rng.integers(len(TIPPER_PAINTS)))]
    bed = MeshBuilder()
    bed.box((-4.25, 1.25, -1.24), (2.0, 2.75, 1.24), paint, gloss=0.1)
    bed.box((-4.1, 0.6, -0.95), (2.0, 1.25, 0.95), DARK)
    for x in (-4.1, -3.0, -1.9, -0.8, 0.3, 1.4):
        along(bed, (x, x + 0.14), 1.3, 2.7, 1.29, scaled(paint, 0.72))
    across(bed, -4.27, 1.3, 2.7, (-1.15, 1.15), scaled(paint, 0.85))
    for side in (-1, 1):
        across(bed, -4.29, 0.9, 1.08, (side * 0.7, side * 1.1), TAIL, lamp=2)
    _load(bed, rng, load, paint)
    wheels(bed, Shell(2.4, 2.0, 0.5, 1.2, axles=(-3.2, -1.85, 1.55), wheel=0.5), hub=(60, 60, 62))
    return bed.mesh((-1.1, 1.7, 0)), _cab(rng, 4.25, 2.45)


def _load(bed: MeshBuilder, rng: np.random.Generator, load: str, paint: Colour) -> None:
    if load == "covered":
        bed.box((-4.2, 2.75, -1.2), (1.95, 2.86, 1.2), (60, 62, 60), gloss=0.2)
        return
    if load == "empty":
        bed.face(((-4.15, 2.76, -1.14), (1.9, 2.76, -1.14), (1.9, 2.76, 1.14), (-4.15, 2.76, 1.14)),
                 scaled(paint, 0.3), layer=TRIM)  # fmt: skip
        return
    grid_x, grid_z = np.linspace(-4.1, 1.85, 8), np.linspace(-1.12, 1.12, 5)
    rise = 0.62 * np.outer(np.sin(np.linspace(0.15, np.pi - 0.15, 8)), np.sin(np.linspace(0.2, np.pi - 0.2, 5)))
    rise += rng.uniform(-0.07, 0.07, rise.shape)
    for i in range(7):
        for j in range(4):
            corners = [(float(grid_x[a]), 2.74 + float(rise[a, b]), float(grid_z[b])) for a, b in
                       ((i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1))]  # fmt: skip
            bed.face(corners, scaled((58, 84, 112), rng.uniform(0.8, 1.15)), layer=TRIM)


def _cab(rng: np.random.Generator, front: float, height: float) -> Mesh:
    """A cab over the engine, its nose at ``front``."""
    paint = CAB_PAINTS[int(rng.integers(len(CAB_PAINTS)))]
    shell = Shell(2.2, 2.0, 0.45, height - 1.0, rail=0.22, stations=(
        Station(front - 1.7, height - 0.05, 1.0), Station(front - 1.2, height, 1.0, "s"),
        Station(front - 0.3, height - 0.06, 1.0), Station(front - 0.06, height - 0.18, 0.98),
        Station(front, height - 0.3, 0.94),
    ), axles=(front - 0.95,), wheel=0.45)  # fmt: skip
    builder = MeshBuilder()
    sweep(builder, shell, paint)
    wheels(builder, shell, hub=(120, 120, 118))
    across(builder, front + 0.012, height - 1.0, height - 0.34, (-0.95, 0.95), GLASS, gloss=2.4)
    across(builder, front + 0.012, 0.95, 1.25, (-0.7, 0.7), DARK)
    across(builder, front + 0.015, 0.55, 0.68, (-0.25, 0.25), (60, 190, 220), layer=FINE)
    for side in (-1, 1):
        across(builder, front + 0.014, 0.62, 0.84, (side * 0.6, side * 0.98), HEAD, gloss=0.8, lamp=1)
    return builder.mesh((front - 0.8, 1.4, 0))
