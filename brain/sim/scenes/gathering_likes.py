"""People who stand together and are no crowd: a bus queue, umbrellas on a square, dancers in rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from brain.sim.actors.people import UMBRELLAS, Waiting, Walker
from brain.sim.bodies.people import Look
from brain.sim.bodies.pose import Pose
from brain.sim.cast import Cast
from brain.sim.life import traffic, umbrella, walkers
from brain.sim.scenes.kinds import SceneKind
from brain.sim.scenes.zones import add_areas
from brain.sim.stages.plan import Area
from brain.sim.things.bus_stop import bus_sign
from brain.sim.things.still import StillThing


def bus_queue(cast: Cast) -> None:
    """Eleven to sixteen people queue at a bus stop."""
    rng = cast.rng("queue")
    walkers(cast, cast.spec.walkers, ("far", "house side"))
    traffic(cast)
    add_areas(cast, Area.box("stop", "crowd", (8.0, 24.0), (-3.0, 4.8)))
    x = rng.uniform(10.0, 11.0)
    cast.add(StillThing("", bus_sign(), x - 0.6, 4.2))
    for index in range(int(rng.integers(11, 17))):
        place = x + 0.72 * index + rng.uniform(-0.1, 0.1), 3.6 + rng.uniform(-0.15, 0.15)
        waits = Waiting(*place, np.pi + rng.normal(0, 0.35), rng.uniform(0, 6))
        cast.add(Walker(Look.of(int(rng.integers(1 << 30))), waits, umbrella=umbrella(cast, rng)))


def square_umbrellas(cast: Cast) -> None:
    """A dozen people stand under umbrellas in twos and threes on the square, others cross it."""
    rng = cast.rng("umbrellas")
    walkers(cast, max(6, cast.spec.walkers))
    x, z, _ = cast.plan.spots["middle"]
    for _ in range(int(rng.integers(4, 7))):
        middle = x + rng.uniform(-7, 7), z + rng.uniform(-4.5, 7)
        for index in range(int(rng.integers(2, 4))):
            turn = 2.2 * index + rng.uniform(0, 1)
            place = middle[0] + 0.6 * float(np.cos(turn)), middle[1] + 0.6 * float(np.sin(turn))
            waits = Waiting(*place, turn + np.pi, rng.uniform(0, 6))
            colour = UMBRELLAS[int(rng.integers(len(UMBRELLAS)))]
            cast.add(Walker(Look.of(int(rng.integers(1 << 30))), waits, umbrella=colour))


def _dances(x: float, z: float, heading: float, beat_s: float) -> Callable[[float], Pose]:
    """Steps aside and back in time, arms up on every other bar; all at the same beat."""

    def pose(time_s: float) -> Pose:
        bar = 2 * np.pi * time_s / (4 * beat_s)
        aside = 0.45 * float(np.sin(bar))
        arms = max(0.0, float(np.sin(bar / 2)))
        return Pose(x - aside * np.sin(heading), z + aside * np.cos(heading), heading + 0.25 * float(np.sin(bar)),
                    0.6 * time_s, 0.6, reach=0.7 * arms, raised=arms)  # fmt: skip

    return pose


def square_dance(cast: Cast) -> None:
    """Twelve to twenty people dance in rows, 1.6 m apart: many, regular, and no crowd."""
    rng = cast.rng("dance")
    walkers(cast, max(2, cast.spec.walkers), ("front", "back"))
    x, z, _ = cast.plan.spots["middle"]
    rows, columns = int(rng.integers(3, 5)), int(rng.integers(4, 6))
    heading, beat_s = -1.57 + rng.normal(0, 0.5), rng.uniform(0.5, 0.62)
    for row in range(rows):
        for column in range(columns):
            ahead, aside = 1.7 * (row - rows / 2), 1.6 * (column - columns / 2) + 0.4 * (row % 2)
            place = (x + ahead * np.cos(heading) - aside * np.sin(heading) + rng.normal(0, 0.1),
                     z + ahead * np.sin(heading) + aside * np.cos(heading) + rng.normal(0, 0.1))  # fmt: skip
            pose = _dances(float(place[0]), float(place[1]), heading, beat_s)
            cast.add(Walker(Look.of(int(rng.integers(1 << 30))), pose))


KINDS = (
    SceneKind("bus_queue", "公交站排队", "people queue at a bus stop", "street", bus_queue, confuses="crowd_gathering"),
    SceneKind("square_umbrellas", "广场上的雨伞", "people stand under umbrellas in twos and threes", "plaza",
              square_umbrellas, confuses="crowd_gathering"),
    SceneKind("square_dance", "广场舞", "people dance in rows on a square", "plaza", square_dance,
              confuses="crowd_gathering"),
)  # fmt: skip
