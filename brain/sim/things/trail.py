"""Plumes of a source that moves: exhaust of a car, spray of a truck; and kinds of plumes that are no smoke."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from brain.sim.camera import Floats
from brain.sim.entity import Painted, since
from brain.sim.things.fire import PUFFS_PER_S, Plume, PlumeKind
from brain.sim.things.life import Life

EXHAUST = PlumeKind("", (226, 226, 228), 0.3, (-0.25, -0.1), 0.42, 2.2, 1.15)
FUMES = PlumeKind("", (172, 176, 180), 0.75, (0.35, -0.5), 0.34, 3.4, 1.3)
DUST = PlumeKind("dust", (172, 196, 214), 0.42, (0.9, -0.35), 0.4, 8.0, 1.1)
MIST = PlumeKind("", (236, 236, 234), 0.9, (1.1, -0.6), 0.36, 2.8, 1.5)
SPRAY = PlumeKind("", (222, 222, 220), 0.15, (0.0, -0.25), 0.45, 0.9, 0.7)
FOG_BANK = PlumeKind("", (214, 212, 210), 0.04, (0.5, 0.05), 0.35, 26.0, 0.62)
Place = tuple[float, float, float]


class Trail(Plume):
    """A plume whose puffs start where the source is at that moment.

    Args:
        source: media second → place (3) in metres, ``None`` while it gives off nothing.
    """

    def __init__(
        self,
        kind: PlumeKind,
        seed: int,
        source: Callable[[float], Place | None],
        life: Life,
        *,
        start_radius: float = 0.15,
        puffs_per_s: float = PUFFS_PER_S,
    ) -> None:
        super().__init__(kind, seed, 0.0, 0.0, life, start_radius=start_radius)
        self._where = source
        self._rate = puffs_per_s

    def at(self, time_s: float) -> Sequence[Painted]:
        """The plume while any puff of it is left; its foot is below the newest."""
        parts = super().at(time_s)
        if not parts:
            return ()
        newest = self._puffs(time_s)[0][-1] * np.array([1.0, 0.0, 1.0])
        return tuple(Painted(part.part, newest, part.outline, part.draw, seen=part.seen) for part in parts)

    def _blown(self, time_s: float) -> tuple[Floats, Floats, Floats]:
        kind = self._kind
        start = self.life.begins_s if np.isfinite(self.life.begins_s) else 0.0
        first = int(np.ceil(since(time_s, start + kind.life_s) * self._rate))
        if np.isfinite(self.life.begins_s):
            first = max(0, first)
        last = int(np.floor(since(min(time_s, self.life.ends_s), start) * self._rate + 1e-6))
        numbers, sources = [], []
        for number in range(first, last + 1):
            place = self._where(start + number / self._rate)
            if place is not None:
                numbers.append(number)
                sources.append(place)
        if not numbers:
            return np.zeros((0, 3)), np.zeros(0), np.zeros(0)
        count = np.array(numbers, float)
        age = np.maximum(0.0, time_s - start - count / self._rate)
        wobble = np.sin(count[:, None] * np.array([12.9898, 78.233, 37.719]) + self._seed % 97) * 0.11
        way = np.column_stack([kind.wind[0] * age, kind.rise * age**0.9, kind.wind[1] * age])
        radii = self._radius + kind.spread * np.linalg.norm(way, axis=1)
        places = np.array(sources) + way + wobble * (0.4 + age[:, None])
        thin = np.clip(1 - age / kind.life_s, 0, 1) ** 1.3 * kind.density * (self._radius / radii) ** 0.55
        alive = thin > 0.004
        return places[alive], radii[alive], thin[alive]
