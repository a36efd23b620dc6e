"""Somebody who comes by cycle, parks it and walks away; and perhaps comes back for it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from brain.sim.actors.people import placed_cycle, placed_person
from brain.sim.actors.tracks import Track, along
from brain.sim.bodies.cycles import CYCLES
from brain.sim.bodies.people import Look
from brain.sim.bodies.pose import Pose
from brain.sim.entity import Placed, since
from brain.sim.kept import Kept

RIDE_MS, WALK_MS = 3.2, 1.35
BESIDE_M = 0.55
AWAY_M = 40.0


class CycleParker:
    """A cycle (part 0) and whose it is (part 1).

    Args:
        kind: ``bicycle`` or ``ebike``.
        place: where it is parked, metres; ``heading`` how it stands.
        parks_s: from when it stands there.
        leaves_s: when it is ridden away; ``None`` = it stays.
        via: point from which it is ridden to its place, e.g. on the road.
        outwards: +1 when riders come from smaller ``x`` and ride on to larger.
        walks_z: the line on which its owner walks away; walks_m: how far, before he is gone.
    """

    def __init__(
        self,
        kind: str,
        seed: int,
        place: tuple[float, float],
        heading: float,
        parks_s: float,
        leaves_s: float | None,
        *,
        via: tuple[float, float],
        outwards: float,
        walks_z: float = -1.0,
        walks_m: float = AWAY_M,
    ) -> None:
        self.labels = (kind, "person")
        self.parks_s, self.leaves_s = parks_s, leaves_s
        self._cycle = CYCLES[kind](seed)
        self._kept: Kept[Placed] = Kept(1)
        self._look = Look.of(seed)
        self._heading = heading
        start, end = (via[0] - outwards * AWAY_M, via[1]), (via[0] + outwards * AWAY_M, via[1])
        way = [start, via, place]
        self._comes = along(way, parks_s - _length(way) / RIDE_MS, RIDE_MS)
        self._goes = None if leaves_s is None else along([place, via, end], leaves_s, RIDE_MS, after=False)
        beside = place[0] - BESIDE_M * np.sin(heading), place[1] + BESIDE_M * np.cos(heading)
        path = [beside, (beside[0] + outwards * 1.5, walks_z), (beside[0] + outwards * walks_m, walks_z - 0.2)]
        self._walks = along(path, parks_s + 1.5, WALK_MS, after=False)
        back = path[::-1]
        self._returns = None if leaves_s is None else along(back, leaves_s - 1.0 - _length(back) / WALK_MS, WALK_MS)
        self._stands = Pose(float(beside[0]), float(beside[1]), heading)
        self.span = (self._comes.span[0], np.inf if self._goes is None else self._goes.span[1])

    def parked(self, time_s: float) -> bool:
        """Whether it stands at its place without a rider."""
        return since(time_s, self.parks_s) >= 0 and (self.leaves_s is None or since(time_s, self.leaves_s) < 0)

    def at(self, time_s: float) -> Sequence[Placed]:
        """Cycle and person, as far as they are there."""
        if self.parked(time_s):
            place = self._comes.at(self._comes_end)
            assert place is not None
            still = type(place)(place.x, place.z, self._heading, 0.0, 0.0)
            person = self._on_foot(time_s)
            cycle = self._kept.get(still, placed_cycle, 0, self._cycle, still)
            return (cycle,) if person is None else (cycle, placed_person(1, person, self._look))
        track = self._comes if self._goes is None or time_s < self.parks_s else self._goes
        where = track.at(time_s)
        if where is None:
            return ()
        height, back = self._cycle.seat
        x, z = where.x + back * np.cos(where.heading), where.z + back * np.sin(where.heading)
        pedals = -where.walked / 0.9 if self._cycle.label == "bicycle" else None
        rides = Pose(float(x), float(z), where.heading, sits=height, pedals=pedals)
        return placed_cycle(0, self._cycle, where), placed_person(1, rides, self._look)

    @property
    def _comes_end(self) -> float:
        return self.parks_s + 1e3

    def _on_foot(self, time_s: float) -> Pose | None:
        if since(time_s, self.parks_s) < 1.5 or (self.leaves_s is not None and since(time_s, self.leaves_s) >= -1.0):
            return self._stands
        for track in (self._walks, self._returns):
            place = None if track is None else _moving(track, time_s)
            if place is not None:
                return place
        return None


def _moving(track: Track, time_s: float) -> Pose | None:
    place = track.at(time_s)
    if place is None or place.speed < 1e-6:
        return None
    return Pose(place.x, place.z, place.heading, place.walked, 1.0)


def _length(points: Sequence[tuple[float, float]]) -> float:
    return float(np.hypot(*np.diff(np.array(points, float), axis=0).T).sum())
