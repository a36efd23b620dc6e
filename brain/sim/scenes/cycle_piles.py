"""Shared cycles that pile up outside of their bays; and a full bay whose cycles hide one another."""

from __future__ import annotations

import numpy as np

from brain.sim.actors.cycle_parker import CycleParker
from brain.sim.actors.people import ParkedCycle
from brain.sim.actors.tracks import standing
from brain.sim.cast import Cast
from brain.sim.life import traffic, walkers
from brain.sim.scenes.cycle_parking import FROM
from brain.sim.scenes.kinds import Begins, SceneKind
from brain.sim.scenes.zones import add_areas
from brain.sim.stages.plan import Area
from brain.sim.stages.street import NEAR_HOUSES_Z
from brain.sim.things import road_marks
from brain.sim.things.decal import Decal

STEP_M = 0.44
ROWS_Z = (3.7, 2.55, 1.45)
DOOR_Z = NEAR_HOUSES_Z + 0.2


def cycle_pile_up(cast: Cast) -> None:
    """Rider after rider leaves a cycle: three rows and more than thirty, over the blind path as well."""
    spec, rng = cast.spec, cast.rng("pile-up")
    walkers(cast, spec.walkers, ("far", "house side"))
    traffic(cast)
    outwards = 1.0 if cast.plan.lanes["cycles"].end[0] > cast.plan.lanes["cycles"].start[0] else -1.0
    count = int(rng.integers(31, 40))
    moments = np.sort(spec.seconds * rng.uniform(0.02, 0.62, count))
    parked = []
    for index, parks_s in enumerate(moments):
        column, row = divmod(index, len(ROWS_Z))
        place = 10.0 + STEP_M * column + rng.uniform(-0.12, 0.12), ROWS_Z[row] + rng.uniform(-0.2, 0.2)
        kind = "bicycle" if rng.uniform() < 0.75 else "ebike"
        parker = CycleParker(
            kind, int(rng.integers(1 << 30)), (float(place[0]), float(place[1])), 1.35 + rng.normal(0, 0.4),
            float(parks_s), None,
            via=(float(place[0]) - outwards, 5.5), outwards=-outwards if index % 3 == 0 else outwards,
            # Two of three go into a house at the pavement.
            walks_z=float(rng.uniform(-2.4, 0.6)) if index % 3 == 0 else DOOR_Z,
            walks_m=40.0 if index % 3 == 0 else 2.0,
        )  # fmt: skip
        parked.append(cast.add(parker))
    cast.event("nonmotor_parking", "pavement", float(moments[FROM - 1]), None, parked)


def full_cycle_bay(cast: Cast) -> None:
    """A marked bay holds two tight rows; none stands outside."""
    rng = cast.rng("full bay")
    walkers(cast, cast.spec.walkers, ("far", "house side"))
    traffic(cast)
    columns = int(rng.integers(13, 18))
    low, high = 9.4, 9.4 + 0.5 + STEP_M * columns
    for z1, z2 in ((2.35, 4.2), (0.45, 2.3)):
        cast.add(Decal("", road_marks.bays(high - low, z2 - z1, 1, ratio=1.45), (low + high) / 2, (z1 + z2) / 2))
    add_areas(cast, Area.box("bays", "mask", (low, high), (0.4, 4.25)))
    for column in range(columns):
        for z in (3.27, 1.37):
            if rng.uniform() < 0.06:
                continue
            kind = "bicycle" if rng.uniform() < 0.6 else "ebike"
            x = low + 0.4 + STEP_M * column
            place = standing(x, z + rng.uniform(-0.05, 0.05), 1.57 + rng.uniform(-0.06, 0.06))
            cast.add(ParkedCycle(kind, int(rng.integers(1 << 30)), place))


KINDS = (
    SceneKind("cycle_pile_up", "共享单车淤积", "shared cycles pile up on the pavement", "street", cycle_pile_up,
              shows="nonmotor_parking", begins=Begins.STANDS, count=FROM),
    SceneKind("full_cycle_bay", "停满的非机动车位", "a full bay whose cycles hide one another", "street",
              full_cycle_bay, confuses="nonmotor_parking"),
)  # fmt: skip
