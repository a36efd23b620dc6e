"""What is taken for garbage: a plastic sheet, and a heap that grows piece by piece, which is some."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from brain.sim.camera import Floats
from brain.sim.draw import Colour, scaled
from brain.sim.entity import Placed, since
from brain.sim.paint.mesh import MeshBuilder, turned
from brain.sim.things.life import Life
from brain.sim.things.still import Body, placed
from brain.sim.things.waste import bag, carton, heap

SHEETS: tuple[Colour, ...] = ((190, 120, 50), (210, 212, 212), (70, 130, 80), (90, 94, 98))
STEPS = 10


def plastic_sheet(rng: np.random.Generator) -> Body:
    """A crumpled tarpaulin that lies almost flat."""
    builder, paint = MeshBuilder(), SHEETS[int(rng.integers(len(SHEETS)))]
    columns, rows = 7, 5
    wide, deep = rng.uniform(1.1, 1.7), rng.uniform(0.8, 1.2)
    x = np.linspace(-wide / 2, wide / 2, columns)[None, :] + rng.normal(0, 0.05, (rows, columns))
    z = np.linspace(-deep / 2, deep / 2, rows)[:, None] + rng.normal(0, 0.05, (rows, columns))
    y = rng.uniform(0.01, 0.13, (rows, columns))
    y[[0, -1], :] = 0.01
    y[:, [0, -1]] = 0.01
    grid = [[(float(x[i, j]), float(y[i, j]), float(z[i, j])) for j in range(columns)] for i in range(rows)]
    for i in range(rows - 1):
        for j in range(columns - 1):
            tone = scaled(paint, rng.uniform(0.88, 1.08))
            builder.face((grid[i][j], grid[i][j + 1], grid[i + 1][j + 1]), tone, gloss=0.5)
            builder.face((grid[i][j], grid[i + 1][j + 1], grid[i + 1][j]), scaled(tone, 0.94), gloss=0.5)
    return Body((builder.mesh((0, -3.0, 0)),))


class GrowingPile:
    """Waste that is tipped onto one heap, in steps from ``life.begins_s`` on.

    Args:
        radius: of the full heap in metres.
        rubble: stones and bricks (``rubble_pile``) instead of waste (``garbage_pile``).
    """

    def __init__(
        self, rng: np.random.Generator, x: float, z: float, life: Life, *, radius: float, rubble: bool = False
    ) -> None:
        self.labels = ("rubble_pile",) if rubble else ("garbage_pile",)
        self.life = life
        self.span = life.span
        self._middle = np.array([x, 0.0, z])
        seed = int(rng.integers(1 << 30))
        full = heap(np.random.default_rng(seed), radius, rubble=rubble)
        extras = [bag(rng) if rng.uniform() < 0.6 else carton(rng) for _ in range(0 if rubble else 3)]
        self._bodies = [self._grown(full, extras, radius, (step + 1) / STEPS) for step in range(STEPS)]

    @staticmethod
    def _grown(full: Body, extras: Sequence[Body], radius: float, share: float) -> Body:
        """The heap when ``share`` of it is there: all of it smaller, and the bags around it one by one."""
        scale = np.array([share**0.4, share**0.4, share**0.4, share**0.15])
        lumps = [type(lump)(lump.discs * scale, lump.colour, lump.shine) for lump in full.lumps]
        meshes = []
        for index, extra in enumerate(extras):
            if share < 0.35 + 0.25 * index:
                continue
            turn = 1.2 + 2.1 * index
            ahead, aside = radius * 1.05 * float(np.cos(turn)), radius * 1.05 * float(np.sin(turn))
            meshes += [mesh.moved(ahead, 0.0, aside) for mesh in extra.meshes]
            shift = np.array([ahead, 0.0, aside, 0.0])
            lumps += [type(lump)(lump.discs + shift, lump.colour, lump.shine) for lump in extra.lumps]
        return Body(tuple(meshes), tuple(lumps))

    def at(self, time_s: float) -> Sequence[Placed]:
        """The heap as far as it has grown."""
        if not self.life.there(time_s):
            return ()
        grown = 1.0 if self.life.grows_s <= 0 else since(time_s, self.life.begins_s) / self.life.grows_s
        step = min(STEPS - 1, int(grown * STEPS))
        body = self._bodies[step]
        return (placed(0, body, self._middle, 0.0, _outline(body, self._middle), f"pile {step}"),)


def _outline(body: Body, middle: Floats) -> Floats:
    return turned(body.points(), 0.0) + middle
