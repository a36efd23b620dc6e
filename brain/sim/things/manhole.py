"""A manhole: with its cover (``manhole_ok``), without (``manhole_missing``), or with the cover lying beside it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from brain.sim.entity import Painted, Placed
from brain.sim.paint.mesh import MeshBuilder
from brain.sim.things import road_marks
from brain.sim.things.decal import Decal
from brain.sim.things.life import Life
from brain.sim.things.still import Body, StillThing

IRON = (66, 68, 72)


class Manhole:
    """Part 0 = sound, part 1 = the open shaft, part 2 = its cover beside it.

    Args:
        opened: when it is open; ``None`` = never.
        displaced: whether the cover lies beside it then.
    """

    span = (-np.inf, np.inf)

    def __init__(
        self, rng: np.random.Generator, x: float, z: float, opened: Life | None, *, displaced: bool = False
    ) -> None:
        self.labels: tuple[str, ...] = ("manhole_ok",) if opened is None else ("manhole_ok", "manhole_missing", "")
        self._opened = opened
        away = float(np.hypot(x, z))
        self._sound = Decal("", road_marks.cover(rng), x, z)
        self._open = Decal("", road_marks.open_manhole(rng, (x / away, z / away)), x, z)
        bearing = rng.uniform(-0.5, 0.5) + (0.0 if rng.uniform() < 0.5 else np.pi)
        aside = x + 0.72 * np.cos(bearing), z + 0.3 * np.sin(bearing)
        self._lid = StillThing("", lid(), *aside, heading=rng.uniform(0, 3)) if displaced else None

    def at(self, time_s: float) -> Sequence[Placed | Painted]:
        """What shows of it."""
        if self._opened is None or not self._opened.there(time_s):
            return self._sound.at(time_s)
        (hole,) = self._open.at(time_s)
        parts: list[Placed | Painted] = [Painted(1, hole.foot, hole.outline, hole.draw, flat=True)]
        if self._lid is not None:
            (found,) = self._lid.at(time_s)
            parts.append(Placed(2, found.foot, found.outline, found.paint, (), found.contact, still="lid"))
        return parts


def lid() -> Body:
    """An iron disc that lies on the ground, a little tilted."""
    builder = MeshBuilder()
    turn = np.linspace(0, 2 * np.pi, 13)
    rim = [(float(road_marks.COVER_M * np.cos(a)), float(road_marks.COVER_M * np.sin(a))) for a in turn]

    def up(x: float) -> float:
        return 0.09 + 0.12 * x

    for (ax, az), (bx, bz) in itertools.pairwise(rim):
        builder.face(((ax, up(ax), az), (bx, up(bx), bz), (0.0, up(0.0), 0.0)), IRON, gloss=0.15)
        builder.face(((ax, up(ax) - 0.05, az), (bx, up(bx) - 0.05, bz), (bx, up(bx), bz), (ax, up(ax), az)), IRON)
    return Body(meshes=(builder.mesh((0.0, 0.05, 0.0)),))
