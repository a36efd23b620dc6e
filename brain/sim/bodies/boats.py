"""Small boats: an open hull with thwarts, its bow along ``x``."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from brain.sim.draw import Colour, scaled
from brain.sim.paint.mesh import TRIM, Mesh, MeshBuilder

PAINTS: tuple[Colour, ...] = ((70, 110, 150), (190, 140, 60), (60, 130, 70), (206, 208, 206))
STATIONS = ((-2.0, 0.62), (-1.0, 0.75), (0.4, 0.75), (1.4, 0.55), (2.1, 0.08))
"""Metres ahead of the middle, and half the width there."""
RIM_M = 0.42


def make_boat(rng: np.random.Generator) -> tuple[Mesh, ...]:
    """4.1 m long, 1.5 m wide, its rim 0.4 m above the water."""
    paint = PAINTS[int(rng.integers(len(PAINTS)))]
    builder = MeshBuilder()
    for (x1, w1), (x2, w2) in pairwise(STATIONS):
        rise_1, rise_2 = RIM_M + 0.03 * max(0.0, x1) ** 2, RIM_M + 0.03 * max(0.0, x2) ** 2
        for side in (-1, 1):
            builder.face(((x1, 0, side * w1 * 0.8), (x2, 0, side * w2 * 0.8), (x2, rise_2, side * w2),
                          (x1, rise_1, side * w1)), paint, gloss=0.2)  # fmt: skip
            builder.face(((x1, rise_1 * 0.85, side * w1 * 1.01), (x2, rise_2 * 0.85, side * w2 * 1.01),
                          (x2, rise_2, side * w2 * 1.02), (x1, rise_1, side * w1 * 1.02)),
                         scaled(paint, 0.6), layer=TRIM)  # fmt: skip
        # What lies inside is seen from above.
        builder.face(((x1, rise_1, -w1), (x2, rise_2, -w2), (x2, rise_2, w2), (x1, rise_1, w1)), scaled(paint, 0.5))
    builder.face(((-2.0, 0, -0.5), (-2.0, 0, 0.5), (-2.0, RIM_M, 0.62), (-2.0, RIM_M, -0.62)), scaled(paint, 0.85))
    for x in (-1.2, 0.1):
        builder.face(((x, RIM_M + 0.02, -0.7), (x + 0.3, RIM_M + 0.02, -0.7), (x + 0.3, RIM_M + 0.02, 0.7),
                      (x, RIM_M + 0.02, 0.7)), (110, 150, 180), layer=TRIM)  # fmt: skip
    return (builder.mesh((0, 0.15, 0)),)
