"""A closed-off place: barriers around it; and a branch that sways before the camera."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from brain.sim.cast import Cast
from brain.sim.draw import scaled, stream
from brain.sim.entity import Placed
from brain.sim.paint.mesh import TRIM, MeshBuilder
from brain.sim.paint.pad import Pad
from brain.sim.paint.shading import Shade
from brain.sim.paint.view import View
from brain.sim.things.still import Body, StillThing

STEP_M = 2.0
RED, WHITE, GREY = (50, 50, 195), (220, 224, 226), (150, 150, 148)
LEAF = (52, 104, 84)
LEAVES = 130


def barrier() -> Body:
    """A barrier of 2 m, striped red and white, with two feet."""
    builder = MeshBuilder()
    for index in range(5):
        x = -1.0 + 0.4 * index
        for low in (0.42, 0.82):
            builder.box((x, low, -0.025), (x + 0.4, low + 0.2, 0.025), RED if index % 2 else WHITE)
    for x in (-0.9, 0.86):
        builder.box((x, 0.0, -0.03), (x + 0.04, 1.05, 0.03), GREY)
        builder.box((x - 0.02, 0.0, -0.28), (x + 0.06, 0.06, 0.28), GREY)
    return Body((builder.mesh((0, 0.6, 0)),))


def notice() -> Body:
    """A board that forbids to enter."""
    builder = MeshBuilder()
    builder.box((-0.03, 0.0, -0.03), (0.03, 1.0, 0.03), GREY)
    builder.box((-0.35, 1.0, -0.03), (0.35, 1.75, 0.03), WHITE)
    for z in (-0.035, 0.035):
        builder.face(((-0.28, 1.3, z), (0.28, 1.3, z), (0.28, 1.45, z), (-0.28, 1.45, z)), RED, layer=TRIM)
        builder.face(((-0.28, 1.1, z), (0.2, 1.1, z), (0.2, 1.18, z), (-0.28, 1.18, z)), (60, 60, 64), layer=TRIM)
    return Body((builder.mesh((0, 1.2, 0)),))


def fence_off(cast: Cast, x: tuple[float, float], z: tuple[float, float], gap: float) -> None:
    """Barriers around a rectangle, open for 2 m at ``x = gap`` on its near side, with a notice beside the opening."""
    for side in z:
        for middle in np.arange(x[0] + STEP_M / 2, x[1], STEP_M):
            if side == z[0] and abs(middle - gap) < STEP_M / 2:
                continue
            cast.add(StillThing("", barrier(), float(middle), side))
    for end in x:
        for middle in np.arange(z[0] + STEP_M / 2, z[1], STEP_M):
            cast.add(StillThing("", barrier(), end, float(middle), heading=np.pi / 2))
    cast.add(StillThing("", notice(), gap + 1.6, z[0] - 0.5))


class SwayingBranch:
    """A leafy branch that hangs into the picture near the camera and moves in the wind.

    Args:
        x, y, z: where it hangs, metres.
    """

    labels = ("",)
    span = (-np.inf, np.inf)

    def __init__(self, seed: int, x: float, y: float, z: float) -> None:
        rng = stream(seed, "branch")
        self._root = np.array([x, y, z])
        self._leaves = rng.normal(0, 1, (LEAVES, 3)) * np.array([0.5, 0.26, 0.5])
        self._gains = rng.uniform(0.5, 1.2, LEAVES)
        self._sizes = rng.uniform(0.022, 0.045, LEAVES)
        self._rate, self._phase = rng.uniform(0.35, 0.6), rng.uniform(0, 6.28)

    def at(self, time_s: float) -> Sequence[Placed]:
        """The branch at a moment."""
        swing = np.sin(2 * np.pi * self._rate * time_s + self._phase) + 0.4 * np.sin(5.1 * time_s)
        push = np.array([0.22, -0.05, 0.12]) * swing * (0.5 + np.clip(-self._leaves[:, 1:2] + 0.4, 0, 1.2))
        points = self._root + self._leaves + push
        stem = np.vstack([self._root + np.array([-0.6, 1.6, 0.2]), self._root + push.mean(axis=0)])

        def paint(pad: Pad, view: View, shade: Shade) -> None:
            pixels, depth = view.project(np.vstack([points, stem]))
            if depth.min() < 0.3:
                return
            metre = view.metre(float(depth.mean()))
            pad.line(pixels[-2:], 0.05 * metre, shade.flat((52, 62, 70)))
            for index in np.argsort(-depth[:-2]):
                leaf = scaled(LEAF, float(self._gains[index]))
                ends = np.vstack([pixels[index], pixels[index] + np.array([0.06, 0.035]) * metre])
                pad.hull(ends, (self._sizes[index] * metre, 0.012 * metre), shade.flat(leaf, 1.0, 0.6))

        outline = np.vstack([points, stem, points + 0.14, points - 0.14])
        casters = tuple((points[index : index + 1], 0.13) for index in range(0, LEAVES, 4))
        foot = self._root * np.array([1.0, 0.0, 1.0])
        return (Placed(0, foot, outline, paint, casters=casters),)
