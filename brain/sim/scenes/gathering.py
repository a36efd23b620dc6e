"""A crowd that gathers on a square, and people who only cross it."""

from __future__ import annotations

import numpy as np

from brain.sim.actors.people import Waiting, Walker
from brain.sim.actors.tracks import Track
from brain.sim.bodies.people import Look
from brain.sim.bodies.pose import Pose
from brain.sim.cast import Cast
from brain.sim.life import umbrella, walkers
from brain.sim.scenes.kinds import Begins, SceneKind

CROWD_FROM = 30
"""As many people in the zone make a crowd when no area is known (``domain``: count ≥ 30)."""


class _Comes:
    """Walks to a place in the crowd, then waits there."""

    def __init__(self, track: Track, waits: Waiting, arrives_s: float) -> None:
        self._track, self._waits, self._arrives_s = track, waits, arrives_s

    def __call__(self, time_s: float) -> Pose | None:
        if time_s >= self._arrives_s:
            return self._waits(time_s)
        place = self._track.at(time_s)
        return None if place is None else Pose(place.x, place.z, place.heading, place.walked, 1.0)


def crowd(cast: Cast) -> None:
    """38–60 people come from all sides within the first half and stand around the middle of the square."""
    spec, rng = cast.spec, cast.rng("crowd")
    walkers(cast, max(2, spec.walkers))
    x, z, _ = cast.plan.spots["middle"]
    members = []
    places: list[tuple[float, float]] = []
    for index in range(int(rng.integers(38, 61))):
        for _ in range(30):
            place = float(x + rng.normal(0, 3.2)), float(np.clip(z + rng.normal(0, 2.6), 10.0, 25.5))
            if all(np.hypot(place[0] - a, place[1] - b) > 0.62 for a, b in places):
                break
        places.append(place)
        arrives_s = spec.seconds * (0.04 + 0.42 * index / 60) * rng.uniform(0.9, 1.1)
        bearing = rng.uniform(0, 2 * np.pi)
        start = place[0] + 26 * np.cos(bearing), place[1] + 26 * np.sin(bearing)
        speed = rng.uniform(1.2, 1.6)
        track = Track([arrives_s - 26 / speed, arrives_s], np.array([start, place]), after=True)
        facing = float(np.arctan2(z - place[1], x - place[0]) + rng.normal(0, 0.4))
        pose = _Comes(track, Waiting(*place, facing, rng.uniform(0, 6.3)), arrives_s)
        look = Look.of(int(rng.integers(1 << 30)))
        members.append(cast.add(Walker(look, pose, span=track.span, umbrella=umbrella(cast, rng))))
    begins_s = _crowded_from(cast, members)
    if begins_s is not None:
        cast.event("crowd_gathering", "square", begins_s, None, members)


def _crowded_from(cast: Cast, members: list[Walker]) -> float | None:
    """First picture's second from which ``CROWD_FROM`` of them are in the zone; nobody leaves it again."""
    outline = np.array(next(area.outline for area in cast.plan.areas if area.name == "square"))
    low, high = outline.min(axis=0), outline.max(axis=0)
    for index in range(cast.spec.pictures):
        time_s = cast.spec.time_s(index)
        poses = [pose for pose in (member.pose(time_s) for member in members) if pose is not None]
        inside = sum(low[0] <= pose.x <= high[0] and low[1] <= pose.z <= high[1] for pose in poses)
        if inside >= CROWD_FROM:
            return time_s
    return None


def crossing_square(cast: Cast) -> None:
    """Many people cross the square, none stays."""
    walkers(cast, max(18, cast.spec.walkers))


KINDS = (
    SceneKind("crowd", "广场人群聚集", "a crowd gathers on a square", "plaza", crowd, shows="crowd_gathering",
              begins=Begins.ENTERS, count=CROWD_FROM),
    SceneKind("crossing_square", "行人穿行广场", "people cross a square, nobody gathers", "plaza", crossing_square,
              confuses="crowd_gathering", walkers=24),
)  # fmt: skip
