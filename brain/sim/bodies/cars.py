"""Cars and vans: sedan, hatchback, off-roader, people carrier and minivan."""

from __future__ import annotations

import numpy as np

from brain.sim.bodies.loft import DARK, GLASS, HEAD, TAIL, Shell, Station, across, along, sweep, wheels
from brain.sim.draw import Colour, scaled
from brain.sim.paint.mesh import FINE, TRIM, Mesh, MeshBuilder

PAINTS: tuple[Colour, ...] = (
    (226, 226, 224), (218, 218, 216), (228, 230, 230), (44, 42, 42), (56, 54, 52), (36, 35, 36), (150, 149, 146),
    (176, 174, 170), (112, 108, 104), (110, 62, 34), (40, 34, 140), (92, 88, 74), (70, 96, 116), (62, 74, 44),
)  # fmt: skip
"""White, black and grey lead, as on the road."""
PLATE: Colour = (160, 92, 40)
GREEN_PLATE: Colour = (150, 200, 150)

SEDAN = Shell(1.82, 1.32, 0.24, 0.94, stations=(
    Station(-2.34, 0.86, 0.84), Station(-2.26, 1.0, 0.93), Station(-1.72, 1.06, 0.99, "t"),
    Station(-1.25, 1.28, 1.0, "ts"), Station(-0.82, 1.42, 1.0, "s"), Station(-0.3, 1.47, 1.0),
    Station(-0.2, 1.47, 1.0, "s"), Station(0.35, 1.44, 1.0, "ts"), Station(0.75, 1.24, 1.0, "ts"),
    Station(1.15, 1.0, 1.0), Station(1.7, 0.93, 0.98), Station(2.1, 0.83, 0.93), Station(2.28, 0.72, 0.86),
    Station(2.36, 0.62, 0.74),
), axles=(-1.38, 1.42))  # fmt: skip
HATCH = Shell(1.76, 1.34, 0.25, 0.98, stations=(
    Station(-2.02, 0.9, 0.86), Station(-1.97, 1.05, 0.94, "t"), Station(-1.66, 1.4, 0.98, "s"),
    Station(-1.1, 1.5, 1.0, "s"), Station(-0.3, 1.53, 1.0), Station(-0.2, 1.53, 1.0, "s"),
    Station(0.4, 1.48, 1.0, "ts"), Station(0.8, 1.26, 1.0, "ts"), Station(1.15, 1.03, 1.0),
    Station(1.6, 0.94, 0.97), Station(1.9, 0.82, 0.9), Station(2.03, 0.66, 0.76),
), axles=(-1.24, 1.26))  # fmt: skip
OFF_ROADER = Shell(1.88, 1.44, 0.32, 1.1, stations=(
    Station(-2.3, 0.95, 0.88), Station(-2.25, 1.16, 0.95, "t"), Station(-1.95, 1.58, 0.99, "s"),
    Station(-1.0, 1.68, 1.0, "s"), Station(-0.35, 1.7, 1.0), Station(-0.24, 1.7, 1.0, "s"),
    Station(0.35, 1.65, 1.0, "ts"), Station(0.75, 1.42, 1.0, "ts"), Station(1.1, 1.18, 1.0),
    Station(1.8, 1.08, 0.98), Station(2.15, 0.98, 0.93), Station(2.3, 0.74, 0.82),
), axles=(-1.36, 1.38), wheel=0.36)  # fmt: skip
CARRIER = Shell(1.86, 1.5, 0.28, 1.1, stations=(
    Station(-2.44, 0.95, 0.9), Station(-2.4, 1.18, 0.96, "t"), Station(-2.2, 1.68, 0.99, "s"),
    Station(-1.2, 1.78, 1.0), Station(-1.1, 1.78, 1.0, "s"), Station(-0.1, 1.79, 1.0), Station(0.0, 1.79, 1.0, "s"),
    Station(0.75, 1.72, 1.0, "ts"), Station(1.2, 1.42, 1.0, "ts"), Station(1.6, 1.12, 1.0),
    Station(2.1, 1.0, 0.96), Station(2.36, 0.86, 0.9), Station(2.46, 0.66, 0.8),
), axles=(-1.5, 1.55))  # fmt: skip
MINIVAN = Shell(1.7, 1.48, 0.3, 1.12, stations=(
    Station(-2.08, 0.95, 0.94), Station(-2.06, 1.15, 0.97, "t"), Station(-1.96, 1.8, 0.99, "s"),
    Station(-1.0, 1.9, 1.0), Station(-0.9, 1.9, 1.0, "s"), Station(0.15, 1.9, 1.0), Station(0.25, 1.9, 1.0, "s"),
    Station(1.15, 1.84, 1.0, "ts"), Station(1.55, 1.45, 1.0, "ts"), Station(1.8, 1.16, 0.98),
    Station(2.0, 0.98, 0.94), Station(2.08, 0.7, 0.88),
), axles=(-1.3, 1.32), wheel=0.29)  # fmt: skip
CAR_SHELLS = ((SEDAN, 0.45), (HATCH, 0.2), (OFF_ROADER, 0.35))
VAN_SHELLS = ((CARRIER, 0.4), (MINIVAN, 0.6))


def make_car(rng: np.random.Generator) -> tuple[Mesh, ...]:
    """A car of some type and colour."""
    return (_body(rng, CAR_SHELLS, PAINTS),)


def make_van(rng: np.random.Generator) -> tuple[Mesh, ...]:
    """A people carrier or a minivan, mostly white or silver."""
    return (_body(rng, VAN_SHELLS, PAINTS[:3] + PAINTS[6:9]),)


def _body(rng: np.random.Generator, shells: tuple[tuple[Shell, float], ...], paints: tuple[Colour, ...]) -> Mesh:
    shell = shells[int(rng.choice(len(shells), p=[share for _, share in shells]))][0]
    tint = rng.uniform(0.93, 1.05)
    paint = scaled(paints[int(rng.integers(len(paints)))], tint)
    builder = MeshBuilder()
    sweep(builder, shell, paint)
    wheels(builder, shell)
    plate = GREEN_PLATE if rng.uniform() < 0.25 else PLATE
    _front(builder, shell, paint, plate)
    _rear(builder, shell, paint, plate)
    _sides(builder, shell, paint)
    return builder.mesh()


def _front(builder: MeshBuilder, shell: Shell, paint: Colour, plate: Colour) -> None:
    nose, before = shell.stations[-1], shell.stations[-2]
    x, half = nose.x + 0.012, shell.width / 2 * nose.width
    slant = before.x - nose.x + 0.03
    wide = shell.width / 2 * before.width * 0.99
    top = nose.top
    across(builder, x, top - 0.12, top + 0.0, (-half * 0.55, half * 0.55), scaled(DARK, 1.1), gloss=0.5)
    across(builder, x, shell.sill + 0.05, shell.sill + 0.17, (-half * 0.8, half * 0.8), DARK)
    across(builder, x + 0.006, top - 0.27, top - 0.15, (-0.22, 0.22), plate, layer=FINE)
    for side in (-1, 1):
        across(builder, x, top - 0.09, top + 0.03, (side * half * 0.62, side * wide), HEAD, gloss=0.8, lamp=1,
               slant=slant, layer=TRIM)  # fmt: skip
        across(builder, x, shell.sill + 0.06, shell.sill + 0.15, (side * half * 0.86, side * half * 0.98),
               scaled(paint, 0.6), layer=FINE)  # fmt: skip


def _rear(builder: MeshBuilder, shell: Shell, paint: Colour, plate: Colour) -> None:
    tail, after = shell.stations[0], shell.stations[1]
    x, half = tail.x - 0.012, shell.width / 2 * tail.width
    slant = after.x - tail.x - 0.02
    wide = shell.width / 2 * after.width * 0.98
    top = tail.top
    across(builder, x, top - 0.34, top - 0.22, (-0.24, 0.24), plate, layer=FINE)
    across(builder, x, shell.sill, shell.sill + 0.2, (-half * 0.95, half * 0.95), DARK)
    across(builder, x, top - 0.37, top - 0.2, (-half * 0.42, half * 0.42), scaled(paint, 0.72))
    for side in (-1, 1):
        across(builder, x, top - 0.16, top + 0.02, (side * half * 0.52, side * wide), TAIL, gloss=0.5, lamp=2,
               slant=slant)  # fmt: skip


def _sides(builder: MeshBuilder, shell: Shell, paint: Colour) -> None:
    z = shell.width / 2 * 1.002
    rear, front = shell.axles
    line = scaled(paint, 0.45)
    middle = (rear + front) / 2 - 0.15
    for x in (middle, front - 0.62, rear + 0.42):
        along(builder, (x, x + 0.025), shell.sill + 0.12, shell.belt - 0.06, z, line)
    along(builder, (rear + 0.5, front - 0.5), shell.sill + 0.13, shell.sill + 0.17, z, line)
    for x in (middle - 0.28, front - 0.9):
        along(builder, (x, x + 0.17), shell.belt - 0.2, shell.belt - 0.16, z + 0.01, scaled(paint, 0.7), gloss=0.5)
    mirror = next(station.x for station in shell.stations if station.x > 0.7 and station.top < shell.belt + 0.35)
    for side in (-1, 1):
        z1, z2 = sorted((side * shell.width / 2 * 0.97, side * (shell.width / 2 + 0.17)))
        builder.box((mirror - 0.2, shell.belt + 0.0, z1), (mirror - 0.04, shell.belt + 0.14, z2), scaled(paint, 0.8),
                    gloss=0.4)  # fmt: skip


__all__ = ["GLASS", "PAINTS", "make_car", "make_van"]
