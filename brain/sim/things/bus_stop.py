"""A bus stop's sign and its shelter."""

from __future__ import annotations

from brain.sim.paint.mesh import FINE, TRIM, MeshBuilder
from brain.sim.things.still import Body

STEEL = (150, 148, 146)


def bus_sign() -> Body:
    """A post with a board of lines."""
    builder = MeshBuilder()
    builder.box((-0.04, 0.0, -0.04), (0.04, 2.6, 0.04), STEEL)
    builder.box((-0.32, 1.7, -0.03), (0.32, 2.6, 0.03), (160, 90, 40), gloss=0.2)
    for z in (-0.035, 0.035):
        builder.face(((-0.28, 2.35, z), (0.28, 2.35, z), (0.28, 2.55, z), (-0.28, 2.55, z)), (225, 228, 228),
                     layer=TRIM)  # fmt: skip
        for y in (1.78, 1.92, 2.06, 2.2):
            builder.face(((-0.24, y, z), (0.2, y, z), (0.2, y + 0.06, z), (-0.24, y + 0.06, z)), (225, 228, 228),
                         layer=FINE)  # fmt: skip
    return Body((builder.mesh((0, 1.5, 0)),))
