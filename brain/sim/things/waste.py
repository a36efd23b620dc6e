"""Garbage bags, cartons, heaps of rubble, and wheeled bins: closed, open, overflowing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from brain.sim.camera import Floats
from brain.sim.draw import Colour, scaled
from brain.sim.entity import Placed
from brain.sim.paint.mesh import FINE, TRIM, Mesh, MeshBuilder, turned
from brain.sim.things.life import ALL_THE_TIME, Life
from brain.sim.things.still import Body, Lump, placed

BAGS: tuple[Colour, ...] = (
    (38, 36, 34),
    (34, 32, 32),
    (44, 42, 40),
    (206, 206, 204),
    (150, 100, 60),
    (70, 120, 70),
    (70, 70, 190),
)
CARTON: Colour = (96, 140, 176)
BINS: tuple[Colour, ...] = ((60, 96, 50), (120, 74, 40), (64, 66, 66), (50, 60, 150))
LITTER: tuple[Colour, ...] = (
    (210, 212, 212),
    (120, 160, 190),
    (70, 70, 190),
    (60, 130, 90),
    (190, 140, 90),
    (90, 150, 200),
)


def bag(rng: np.random.Generator) -> Body:
    """A tied bag, 0.4–0.7 m."""
    size = rng.uniform(0.4, 0.7)
    colour = scaled(BAGS[int(rng.choice(len(BAGS), p=(0.24, 0.2, 0.16, 0.14, 0.1, 0.08, 0.08)))], rng.uniform(0.9, 1.1))
    discs = [(rng.normal(0, 0.13) * size, size * rng.uniform(0.2, 0.34), rng.normal(0, 0.13) * size,
              size * rng.uniform(0.24, 0.34)) for _ in range(4)]  # fmt: skip
    tie = np.array([[0.0, size * 0.62, 0.0, size * 0.07], [rng.normal(0, 0.04), size * 0.8, 0.0, size * 0.1]])
    return Body(lumps=(Lump(np.array(discs), colour, 0.16), Lump(tie, scaled(colour, 1.1), 0.0)))


def carton(rng: np.random.Generator) -> Body:
    """A cardboard box, its lid open or taped."""
    builder = MeshBuilder()
    length, breadth, height = rng.uniform(0.4, 0.7), rng.uniform(0.3, 0.5), rng.uniform(0.25, 0.5)
    a, b = length / 2, breadth / 2
    colour = scaled(CARTON, rng.uniform(0.85, 1.1))
    builder.box((-a, 0, -b), (a, height, b), colour)
    builder.face(((-a, height + 0.005, -0.03), (a, height + 0.005, -0.03), (a, height + 0.005, 0.03),
                  (-a, height + 0.005, 0.03)), (150, 180, 200), layer=TRIM)  # fmt: skip
    return Body(meshes=(builder.mesh((0, height / 2, 0)),))


def heap(rng: np.random.Generator, radius: float, *, rubble: bool) -> Body:
    """A heap of loose waste, or of rubble, as wide as twice the radius and about half as high."""
    lumps = []
    count = int(18 + 40 * radius)
    for _ in range(count):
        away, bearing = radius * np.sqrt(rng.uniform()), rng.uniform(0, 2 * np.pi)
        rise = 0.55 * radius * (1 - away / radius) * rng.uniform(0.6, 1.0) + 0.04
        size = rng.uniform(0.05, 0.14) * (1.2 if rubble else 1.0) * (0.6 + radius / 2)
        tone = (140, 148, 152) if rubble else LITTER[int(rng.integers(len(LITTER)))]
        if rubble and rng.uniform() < 0.3:
            tone = (90, 110, 150)
        discs = np.array([[away * np.cos(bearing), rise, away * np.sin(bearing), size],
                          [away * np.cos(bearing) + rng.normal(0, size), max(0.02, rise + rng.normal(0, size / 2)),
                           away * np.sin(bearing) + rng.normal(0, size), size * rng.uniform(0.4, 0.9)]])  # fmt: skip
        lumps.append(Lump(discs, scaled(tone, rng.uniform(0.75, 1.1)), 0.0))
    base = np.array([[radius * 0.7 * np.cos(t), 0.05, radius * 0.7 * np.sin(t), 0.12] for t in np.arange(0, 6.2, 0.7)])
    return Body(lumps=(Lump(base, (96, 104, 112) if rubble else (80, 90, 98)), *lumps))


class GarbageSpot:
    """Bags and cartons that are thrown one after the other onto one spot, taken away together.

    Args:
        moments_s: when each is there; ``ends_s``: when all are gone.
    """

    def __init__(self, rng: np.random.Generator, x: float, z: float, moments_s: Sequence[float], ends_s: float) -> None:
        self.labels = ("garbage_bag",) * len(moments_s)
        self.span = (min(moments_s), ends_s)
        self._items: list[tuple[Life, Body, Floats, float]] = []
        for index, moment_s in enumerate(moments_s):
            body = bag(rng)
            away = 0.0 if index == 0 else 0.28 + 0.16 * index**0.5
            bearing = 2.4 * index + rng.uniform(-0.4, 0.4)
            middle = np.array([x + away * np.cos(bearing), 0.0, z + away * np.sin(bearing)])
            self._items.append((Life(moment_s, ends_s), body, middle, rng.uniform(0, 6.28)))

    def at(self, time_s: float) -> Sequence[Placed]:
        """Those that lie there."""
        return [
            placed(index, body, middle, heading, turned(body.points(), heading) + middle, f"bag {index}")
            for index, (life, body, middle, heading) in enumerate(self._items)
            if life.there(time_s)
        ]


class Bin:
    """A wheeled bin of 240 l: part 0 (``bin``) until it overflows, then part 1 (``bin_overflow``).

    Args:
        overflows: when waste stands above its rim; ``None`` = never.
        lid_open: whether its lid is up.
    """

    span = (-np.inf, np.inf)

    def __init__(
        self,
        rng: np.random.Generator,
        x: float,
        z: float,
        *,
        heading: float = -np.pi / 2,
        overflows: Life | None = None,
        lid_open: bool = False,
    ) -> None:
        colour = BINS[int(rng.integers(len(BINS)))]
        self.labels: tuple[str, ...] = ("bin",) if overflows is None else ("bin", "bin_overflow")
        self._overflows = overflows
        self._middle = np.array([x, 0.0, z])
        self._heading = heading
        full = tuple(_on_top(rng) for _ in range(9))
        self._bodies = (bin_body(colour, lid_open=lid_open), replace(bin_body(colour, lid_open=True), lumps=full))

    def at(self, time_s: float) -> Sequence[Placed]:
        """The bin in its state."""
        part = 1 if self._overflows is not None and self._overflows.there(time_s) else 0
        body = self._bodies[part]
        outline = turned(body.points(), self._heading) + self._middle
        return (placed(part, body, self._middle, self._heading, outline, f"bin {part}"),)


def _on_top(rng: np.random.Generator) -> Lump:
    """One piece of waste above a bin's rim."""
    disc = (rng.normal(0, 0.12), 1.06 + rng.uniform(0, 0.16), rng.normal(0, 0.1), rng.uniform(0.09, 0.17))
    colour = (*BAGS, *LITTER)[int(rng.integers(len(BAGS) + len(LITTER)))]
    return Lump(np.array([disc]), scaled(colour, rng.uniform(0.8, 1.1)), 0.1)


def bin_body(colour: Colour, *, lid_open: bool) -> Body:
    """240 l: 0.58 wide, 0.73 deep, 1.07 m high; its front looks along ``x``, an open lid stands at its back."""
    trunk = _bin_mesh(colour, lid_open=lid_open)
    return Body((_lid(colour), trunk) if lid_open else (trunk,))


def _lid(colour: Colour) -> Mesh:
    """Two sides: each is seen only from where it looks."""
    builder = MeshBuilder()
    for x, tone in ((-0.355, 0.9), (-0.385, 0.7)):
        rim = ((x, 0.98, -0.3), (x, 0.98, 0.3), (x - 0.2, 1.58, 0.3), (x - 0.2, 1.58, -0.3))
        builder.face(rim, scaled(colour, tone))
    return builder.mesh((-0.47, 1.28, 0))


def _bin_mesh(colour: Colour, *, lid_open: bool) -> Mesh:
    builder = MeshBuilder()
    low, high = (0.26, 0.23), (0.34, 0.29)
    corners = ((1, 1), (1, -1), (-1, -1), (-1, 1))
    for index, (ax, az) in enumerate(corners):
        bx, bz = corners[(index + 1) % 4]
        foot = (low[0] * ax, 0.06, low[1] * az), (low[0] * bx, 0.06, low[1] * bz)
        rim = (high[0] * bx, 0.97, high[1] * bz), (high[0] * ax, 0.97, high[1] * az)
        builder.face((*foot, *rim), colour, gloss=0.15)
    if lid_open:
        builder.face(((0.33, 0.97, -0.28), (0.33, 0.97, 0.28), (-0.33, 0.97, 0.28), (-0.33, 0.97, -0.28)), (30, 30, 30))
    else:
        builder.box((-0.37, 0.97, -0.31), (0.38, 1.06, 0.31), scaled(colour, 0.85), gloss=0.2)
    builder.box((-0.44, 0.92, -0.26), (-0.37, 0.98, 0.26), scaled(colour, 0.6), layer=FINE)
    for z in (-0.24, 0.24):
        builder.disc((-0.24, 0.1, z), 0.1, (28, 28, 28), layer=TRIM)
    sign = ((0.305, 0.45, -0.13), (0.305, 0.45, 0.13), (0.322, 0.68, 0.13), (0.322, 0.68, -0.13))
    builder.face(sign, (200, 205, 205), layer=FINE)
    return builder.mesh((0, 0.5, 0))


__all__ = ["ALL_THE_TIME", "Bin", "GarbageSpot", "bag", "carton", "heap"]
