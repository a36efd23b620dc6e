"""Cycles left outside of their bays; and riders who only wait, at the lights or for an order to deliver."""

from __future__ import annotations

import numpy as np

from brain.sim.actors.cycle_parker import CycleParker
from brain.sim.actors.people import ParkedCycle, Rider, Waiting, Walker
from brain.sim.actors.tracks import standing, stopping
from brain.sim.bodies.people import Look
from brain.sim.cast import Cast
from brain.sim.life import HELMETS, traffic, walkers
from brain.sim.scenes.kinds import Begins, SceneKind
from brain.sim.scenes.zones import add_areas
from brain.sim.stages.plan import Area
from brain.sim.things import road_marks
from brain.sim.things.decal import Decal

FROM = 5
"""As many cycles outside of bays make the event (``domain``: ≥ 5)."""
BAY_X, BAY_Z = (16.0, 21.2), (1.9, 3.9)


def _bays(cast: Cast, cycles: int) -> None:
    """A marked bay with cycles in order, and its zone of kind ``mask``."""
    rng = cast.rng("bays")
    length, breadth = BAY_X[1] - BAY_X[0], BAY_Z[1] - BAY_Z[0]
    lines = road_marks.bays(length, breadth, 1, ratio=1.45)
    cast.add(Decal("", lines, sum(BAY_X) / 2, sum(BAY_Z) / 2))
    add_areas(cast, Area.box("bays", "mask", BAY_X, BAY_Z))
    for index in range(cycles):
        kind = "ebike" if rng.uniform() < 0.5 else "bicycle"
        x, z = BAY_X[0] + 0.45 + 0.6 * index, sum(BAY_Z) / 2
        place = standing(x, z + rng.uniform(-0.06, 0.06), 1.57 + rng.uniform(-0.08, 0.08))
        cast.add(ParkedCycle(kind, int(rng.integers(1 << 30)), place))


def nonmotor_parking(cast: Cast) -> None:
    """Riders park one after the other beside the bays; the event lasts while five or more stand there."""
    spec, rng = cast.spec, cast.rng("parkers")
    walkers(cast, spec.walkers, ("far", "house side"))
    traffic(cast)
    _bays(cast, int(rng.integers(4, 8)))
    outwards = 1.0 if cast.plan.lanes["cycles"].end[0] > cast.plan.lanes["cycles"].start[0] else -1.0
    count = int(rng.integers(6, 12))
    moments = np.sort(spec.seconds * rng.uniform(0.02, 0.42, count))
    fetched = rng.uniform() < 0.5
    parked = []
    for index, parks_s in enumerate(moments):
        place = float(9.6 + 0.68 * index + rng.uniform(-0.1, 0.1)), float(rng.uniform(2.1, 3.5))
        if place[0] > BAY_X[0] - 0.9:
            place = place[0] - 6.0, place[1] - 1.9
        leaves_s = spec.seconds * rng.uniform(0.8, 0.94) if fetched and index >= 2 else None
        kind = "ebike" if rng.uniform() < 0.45 else "bicycle"
        parker = CycleParker(
            kind, int(rng.integers(1 << 30)), place, 1.2 + rng.normal(0, 0.55), float(parks_s), leaves_s,
            via=(place[0] - 1.0 * outwards, 5.5), outwards=outwards,
        )  # fmt: skip
        parked.append(cast.add(parker))
    begins_s = float(moments[FROM - 1])
    ends = sorted((parker.leaves_s for parker in parked if parker.leaves_s is not None), reverse=True)
    stay = count - len(ends)
    ends_s = ends[FROM - 1 - stay] if stay < FROM else None
    cast.event("nonmotor_parking", "pavement", begins_s, ends_s, parked)


def waiting_riders(cast: Cast) -> None:
    """Riders gather at the stop line, wait at the red light and ride on together."""
    spec, rng = cast.spec, cast.rng("riders wait")
    walkers(cast, spec.walkers)
    traffic(cast, ("far",))
    lane = cast.plan.lanes["cycles"]
    stop_x = cast.plan.spots["stop line"][0] - 9.0
    side = -1.0 if cast.plan.camera.mirrored else 1.0
    halts_s, leaves_s = spec.seconds * 0.1, spec.seconds * rng.uniform(0.65, 0.8)
    for index in range(int(rng.integers(7, 12))):
        row, column = divmod(index, 3)
        line = abs(stop_x - lane.start[0]) - 2.3 * row
        track = stopping(
            lane, line, halts_s + 1.4 * index, leaves_s + 0.7 * row + 0.3 * column, rng.uniform(4.4, 5.2),
            aside=side * (0.25 + 0.85 * column + rng.uniform(-0.1, 0.1)), gather=0.9,
        )  # fmt: skip
        kind = "ebike" if rng.uniform() < 0.7 else "bicycle"
        helmet = HELMETS[int(rng.integers(len(HELMETS)))] if kind == "ebike" and rng.uniform() < 0.7 else None
        cast.add(Rider(kind, int(rng.integers(1 << 30)), track, helmet=helmet))


def delivery_riders(cast: Cast) -> None:
    """Delivery riders wait with their e-bikes for orders, one after the other leaves; four at most stand there."""
    spec, rng = cast.spec, cast.rng("delivery")
    walkers(cast, spec.walkers, ("far", "house side"))
    traffic(cast)
    _bays(cast, int(rng.integers(5, 9)))
    lane = cast.plan.lanes["cycles"]
    outwards = 1.0 if lane.end[0] > lane.start[0] else -1.0
    for index in range(4):
        x, z = 10.2 + 1.15 * index + rng.uniform(-0.1, 0.1), rng.uniform(2.6, 3.3)
        leaves_s = spec.seconds * (0.35 + 0.16 * index) if index < 3 else None
        seed = int(rng.integers(1 << 30))
        cast.add(
            CycleParker("ebike", seed, (x, z), 1.3 + rng.normal(0, 0.2), -30.0, leaves_s, via=(x - outwards, 5.5),
                        outwards=outwards)
        )  # fmt: skip
        if leaves_s is None:
            waits = Waiting(x + 0.6, z - 0.7, float(rng.uniform(-2, 2)), rng.uniform(0, 6))
            cast.add(Walker(Look.of(seed).worn(helmet=HELMETS[0]), waits))


KINDS = (
    SceneKind("nonmotor_parking", "非机动车乱停放", "five and more cycles are left outside of their bays", "street",
              nonmotor_parking, shows="nonmotor_parking", begins=Begins.STANDS, count=FROM),
    SceneKind("waiting_riders", "等灯骑行者", "riders wait at a red light and ride on", "street", waiting_riders,
              confuses="nonmotor_parking"),
    SceneKind("delivery_riders", "外卖骑手候单", "a few delivery riders wait for orders", "street",
              delivery_riders, confuses="nonmotor_parking"),
)  # fmt: skip
