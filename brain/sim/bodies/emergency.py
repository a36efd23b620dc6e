"""Vehicles on duty: fire engine, ambulance, refuse truck."""

from __future__ import annotations

import numpy as np

from brain.sim.bodies.heavy import _cab
from brain.sim.bodies.loft import DARK, GLASS, HEAD, TAIL, Shell, Station, across, along, sweep, wheels
from brain.sim.draw import Colour, scaled
from brain.sim.paint.mesh import FINE, TRIM, Mesh, MeshBuilder

RED: Colour = (38, 34, 190)
WHITE: Colour = (224, 226, 226)
STRIPE: Colour = (50, 190, 225)
SHUTTER: Colour = (168, 168, 166)
BLUE_BAR: Colour = (190, 90, 40)
GREENS: tuple[Colour, ...] = ((66, 128, 62), (190, 150, 60), (60, 140, 210))


def make_fire_engine(rng: np.random.Generator) -> tuple[Mesh, ...]:
    """A pumper of about 8 m: red, shutters along its sides, a ladder on its roof, a bar of blue lamps."""
    paint = scaled(RED, rng.uniform(0.92, 1.08))
    back, front = -4.0, 2.1
    builder = MeshBuilder()
    builder.box((back, 0.85, -1.22), (front, 2.95, 1.22), paint, gloss=0.35)
    builder.box((back + 0.2, 0.5, -0.95), (front, 0.85, 0.95), DARK)
    for x in (back + 0.25, back + 1.75, back + 3.25):
        along(builder, (x, x + 1.3), 1.15, 2.35, 1.226, SHUTTER, gloss=0.4)
    along(builder, (back + 0.1, front - 0.1), 0.9, 1.08, 1.228, STRIPE)
    along(builder, (back + 0.1, front - 0.1), 2.45, 2.6, 1.228, WHITE, layer=FINE)
    across(builder, back - 0.01, 1.1, 2.5, (-1.0, 1.0), SHUTTER, gloss=0.3)
    for side in (-1, 1):
        across(builder, back - 0.02, 0.62, 0.82, (side * 0.75, side * 1.1), TAIL, lamp=2)
        z1, z2 = sorted((side * 0.3, side * 0.4))
        builder.box((back + 0.2, 3.08, z1), (front + 1.0, 3.16, z2), SHUTTER, layer=TRIM)
    for x in np.arange(back + 0.5, front + 0.9, 0.7):
        builder.box((float(x), 3.08, -0.3), (float(x) + 0.05, 3.14, 0.3), SHUTTER, layer=FINE)
    wheels(builder, Shell(2.4, 2.0, 0.5, 1.2, axles=(back + 1.4,), wheel=0.48))
    return builder.mesh((-0.9, 1.8, 0)), _crew_cab(4.0, paint), _bar(3.0, 2.78, 0.95)


def make_ambulance(rng: np.random.Generator) -> tuple[Mesh, ...]:
    """A high van: white, a red stripe and a cross, a bar of blue lamps over its windscreen."""
    shell = Shell(1.98, 1.7, 0.32, 1.2, stations=(
        Station(-2.7, 1.0, 0.95), Station(-2.68, 1.4, 0.97), Station(-2.6, 2.35, 0.99), Station(-1.2, 2.42, 1.0),
        Station(0.5, 2.4, 1.0, "s"), Station(1.15, 2.2, 1.0, "ts"), Station(1.85, 1.5, 1.0, "ts"),
        Station(2.15, 1.22, 0.98), Station(2.6, 1.05, 0.94), Station(2.72, 0.72, 0.88),
    ), axles=(-1.65, 1.75), wheel=0.34)  # fmt: skip
    builder = MeshBuilder()
    sweep(builder, shell, scaled(WHITE, rng.uniform(0.95, 1.02)))
    wheels(builder, shell)
    along(builder, (-2.5, 2.0), 0.86, 1.04, 0.996, RED)
    for side in (-1, 1):
        z = side * 0.975
        for (x1, x2), (y1, y2) in (((-1.55, -0.85), (1.55, 1.75)), ((-1.3, -1.1), (1.3, 2.0))):
            builder.face(((x1, y1, z), (x2, y1, z), (x2, y2, z), (x1, y2, z)), RED, layer=TRIM)
        across(builder, -2.71, 1.0, 1.6, (side * 0.8, side * 0.94), TAIL, lamp=2)
        across(builder, 2.735, 0.72, 0.94, (side * 0.52, side * 0.86), HEAD, gloss=0.8, lamp=1)
    across(builder, -2.715, 1.5, 2.15, (-0.7, -0.05), GLASS, gloss=2.0)
    across(builder, -2.715, 1.5, 2.15, (0.05, 0.7), GLASS, gloss=2.0)
    return builder.mesh((0, 1.2, 0)), _bar(0.75, 2.42, 0.7)


def make_refuse_truck(rng: np.random.Generator) -> tuple[Mesh, ...]:
    """A compactor of about 7.4 m with an open hopper at its back."""
    paint = scaled(GREENS[int(rng.integers(len(GREENS)))], rng.uniform(0.92, 1.08))
    back, front = -3.2, 2.0
    builder = MeshBuilder()
    builder.box((back, 0.95, -1.15), (front, 2.75, 1.15), paint, gloss=0.2)
    builder.box((back, 0.55, -0.9), (front, 0.95, 0.9), DARK)
    for x in (back + 0.6, back + 2.0, back + 3.4):
        along(builder, (x, x + 0.12), 1.0, 2.7, 1.16, scaled(paint, 0.75))
    along(builder, (back + 0.9, front - 0.9), 1.6, 2.1, 1.165, WHITE, layer=FINE)
    tail = MeshBuilder()
    for side in (-1.15, 1.15):
        tail.face(((back - 0.75, 0.8, side), (back, 0.8, side), (back, 2.6, side), (back - 0.35, 2.6, side)), paint)
    for half, (x1, y1), (x2, y2), colour in (
        (1.15, (back - 0.75, 0.8), (back - 0.7, 1.25), scaled(paint, 0.85)),
        (1.05, (back - 0.7, 1.25), (back - 0.35, 2.6), (36.0, 36.0, 36.0)),
    ):
        tail.face(((x1, y1, -half), (x1, y1, half), (x2, y2, half), (x2, y2, -half)), colour)
    for side in (-1, 1):
        across(tail, back - 0.77, 0.85, 1.05, (side * 0.8, side * 1.1), TAIL, lamp=2)
    wheels(builder, Shell(2.2, 2.0, 0.45, 1.1, axles=(back + 1.3,), wheel=0.46))
    return tail.mesh((back - 0.2, 1.6, 0)), builder.mesh((-0.6, 1.6, 0)), _cab(rng, 3.7, 2.35)


def _crew_cab(front: float, paint: Colour) -> Mesh:
    """A cab for six with two rows of windows, its nose at ``front``."""
    shell = Shell(2.4, 2.2, 0.45, 1.6, rail=0.2, stations=(
        Station(front - 1.95, 2.74, 1.0), Station(front - 1.75, 2.78, 1.0, "s"), Station(front - 1.05, 2.78, 1.0),
        Station(front - 0.95, 2.78, 1.0, "s"), Station(front - 0.2, 2.74, 1.0), Station(front - 0.05, 2.6, 0.99),
        Station(front, 2.4, 0.96),
    ), axles=(front - 1.1,), wheel=0.48)  # fmt: skip
    builder = MeshBuilder()
    sweep(builder, shell, paint)
    wheels(builder, shell)
    across(builder, front + 0.012, 1.6, 2.5, (-1.05, 1.05), GLASS, gloss=2.4)
    across(builder, front + 0.012, 0.95, 1.2, (-0.8, 0.8), WHITE)
    across(builder, front + 0.012, 0.5, 0.7, (-1.05, 1.05), DARK)
    for side in (-1, 1):
        across(builder, front + 0.014, 0.72, 0.94, (side * 0.75, side * 1.08), HEAD, gloss=0.8, lamp=1)
    return builder.mesh((front - 0.9, 1.5, 0))


def _bar(x: float, foot: float, half: float) -> Mesh:
    builder = MeshBuilder()
    builder.box((x - 0.14, foot, -half), (x + 0.14, foot + 0.16, half), BLUE_BAR, gloss=0.6)
    return builder.mesh((x, foot, 0))
