"""A sprinkler truck: a cab and a round tank."""

from __future__ import annotations

import numpy as np

from brain.sim.bodies.heavy import _cab
from brain.sim.bodies.loft import DARK, TAIL, Shell, across, wheels
from brain.sim.draw import Colour, scaled
from brain.sim.paint.mesh import FINE, Mesh, MeshBuilder

TANKS: tuple[Colour, ...] = ((196, 150, 70), (206, 208, 208), (90, 150, 80), (60, 150, 220))
SIDES = 10


def make_sprinkler(rng: np.random.Generator) -> tuple[Mesh, ...]:
    """About 7.2 m long, its tank 1.9 m across."""
    paint = TANKS[int(rng.integers(len(TANKS)))]
    back, front, middle, radius = -3.4, 1.8, 1.9, 0.95
    builder = MeshBuilder()
    builder.box((back, 0.6, -0.9), (front, 1.0, 0.9), DARK)
    turn = np.linspace(0, 2 * np.pi, SIDES + 1)
    rim = [(float(middle + radius * np.sin(a)), float(1.12 * radius * np.cos(a))) for a in turn]
    for index in range(SIDES):
        (y1, z1), (y2, z2) = rim[index], rim[index + 1]
        builder.face(((back, y1, z1), (front, y1, z1), (front, y2, z2), (back, y2, z2)), paint, gloss=0.4)
        for x, share in ((back, 0.85), (front, 0.8)):
            builder.face(((x, y1, z1), (x, y2, z2), (x, middle, 0.0)), scaled(paint, share))
    for side in (-1, 1):
        across(builder, back - 0.02, 0.7, 0.86, (side * 0.6, side * 0.9), TAIL, lamp=2)
        builder.face(((back + 0.8, 1.75, side * 1.068), (front - 0.8, 1.75, side * 1.068),
                      (front - 0.8, 2.05, side * 1.068), (back + 0.8, 2.05, side * 1.068)), (225, 228, 228),
                     layer=FINE)  # fmt: skip
    wheels(builder, Shell(2.1, 2.0, 0.4, 1.0, axles=(back + 1.3,), wheel=0.46))
    return builder.mesh((-0.8, 1.6, 0)), _cab(rng, 3.5, 2.3)
