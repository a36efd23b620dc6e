"""A court's fire lane that is blocked by a car or by cast-out furniture; and vehicles that may stand there."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from brain.sim.actors.hazard import HazardVehicle
from brain.sim.actors.on_duty import BeaconVehicle
from brain.sim.actors.people import Waiting, Walker, on_track
from brain.sim.actors.tracks import along, stopping
from brain.sim.actors.vehicles import Vehicle
from brain.sim.bodies.emergency import make_ambulance, make_fire_engine
from brain.sim.bodies.look import Look
from brain.sim.bodies.pose import Pose
from brain.sim.cast import Cast
from brain.sim.life import parked_cycles, walkers
from brain.sim.scenes.kinds import Begins, SceneKind
from brain.sim.stages.courtyard import LANE_Z
from brain.sim.stages.plan import Lane
from brain.sim.things.furnishings import furniture
from brain.sim.things.life import Life
from brain.sim.things.still import StillThing
from brain.sim.things.wares import parcels

ZONE = "fire lane"
Ways = tuple[Callable[[float], Pose | None], Callable[[float], Pose | None]]
HELMET = (40, 60, 210)


def _court(cast: Cast, people: int = 3) -> None:
    walkers(cast, max(people, cast.spec.walkers), ("entrances",))
    parked_cycles(cast, int(cast.rng("row").integers(2, 6)), 19.5, 10.9, heading=1.57)


def _way(cast: Cast, z: float) -> Lane:
    """Along the lane at ``z``; on every other seed from the far end."""
    ends = (-8.0, z), (48.0, z)
    return Lane(*ends) if cast.rng("way").uniform() < 0.5 else Lane(*ends[::-1])


def fire_lane_car(cast: Cast) -> None:
    """A car or van is parked in the fire lane; less than four metres stay free."""
    spec, rng = cast.spec, cast.rng("blocks")
    _court(cast)
    lane = _way(cast, LANE_Z[1] - rng.uniform(1.2, 2.0))
    halts_s = spec.seconds * rng.uniform(0.18, 0.28)
    leaves_s = spec.seconds * rng.uniform(0.82, 0.9) if rng.uniform() < 0.4 else None
    track = stopping(lane, abs(rng.uniform(11.5, 15.5) - lane.start[0]), halts_s, leaves_s, 4.5)
    kind = "car" if rng.uniform() < 0.7 else "van"
    car = cast.add(Vehicle(kind, int(rng.integers(1 << 30)), track, lights=cast.lights))
    cast.event("fire_lane_blocked", ZONE, halts_s, leaves_s, car)


def fire_lane_goods(cast: Cast) -> None:
    """Furniture and cartons are put into the fire lane one after the other; on some seeds they are fetched."""
    spec, rng = cast.spec, cast.rng("furniture")
    _court(cast)
    count = int(rng.integers(3, 6))
    moments = np.sort(spec.seconds * rng.uniform(0.12, 0.42, count))
    ends_s = spec.seconds * rng.uniform(0.84, 0.92) if rng.uniform() < 0.4 else float("inf")
    x, things = rng.uniform(10.5, 12.5), []
    for index, moment_s in enumerate(moments):
        body = parcels(rng) if index and rng.uniform() < 0.3 else furniture(rng)
        place = x + 1.7 * (index % 3) + rng.uniform(-0.15, 0.15), LANE_Z[1] - 1.1 - 1.5 * (index // 3)
        life = Life(float(moment_s), ends_s)
        things.append(cast.add(StillThing("", body, *place, heading=rng.normal(0, 0.3), life=life)))
    cast.event("fire_lane_blocked", ZONE, float(moments[0]), None if np.isinf(ends_s) else ends_s, things)


def fire_engine(cast: Cast) -> None:
    """A fire engine with flashing lamps comes and stands in its lane, its crew beside it."""
    spec, rng = cast.spec, cast.rng("engine")
    _court(cast)
    lane = _way(cast, (LANE_Z[0] + LANE_Z[1]) / 2 + 0.4)
    halts_s, x = spec.seconds * rng.uniform(0.2, 0.3), rng.uniform(13.0, 16.0)
    track = stopping(lane, abs(x - lane.start[0]), halts_s, None, 5.0)
    body = make_fire_engine(rng)
    cast.add(BeaconVehicle("truck", int(rng.integers(1 << 30)), track, lights=True, body=body))
    life = Life(halts_s + 1.5)
    for index in range(3):
        look = Look.of(int(rng.integers(1 << 30))).worn(helmet=HELMET, vest=True)
        way = [(x + 1.5 - index, LANE_Z[1] - 0.9), (x - 1.0 - 1.4 * index, LANE_Z[1] + 0.7 + 0.2 * index)]
        steps = on_track(along(way, halts_s + 1.5 + 0.8 * index, 1.3))
        life = Life(halts_s + 1.5 + 0.8 * index)
        cast.add(Walker(look, steps, span=life.span))


def ambulance(cast: Cast) -> None:
    """An ambulance stands before an entrance with flashing lamps; two of its crew go in and come back, it drives on."""
    spec, rng = cast.spec, cast.rng("ambulance")
    _court(cast)
    lane = _way(cast, LANE_Z[1] - 1.4)
    halts_s, leaves_s = spec.seconds * rng.uniform(0.16, 0.22), spec.seconds * rng.uniform(0.84, 0.9)
    x = rng.uniform(11.5, 14.5)
    track = stopping(lane, abs(x - lane.start[0]), halts_s, leaves_s, 5.0)
    body = make_ambulance(rng)
    cast.add(BeaconVehicle("van", int(rng.integers(1 << 30)), track, lights=True, body=body))
    for index in range(2):
        begins_s, ends_s = halts_s + 1.5 + index, leaves_s - 1.5
        out = [(x - 1.0 + index, 9.7), (x + 2.0, 11.6), (x + 2.0, 11.9)]
        there, back = along(out, begins_s, 1.4), along(out[::-1], ends_s - 5.0, 1.4)
        life, turns_s = Life(begins_s, ends_s), (begins_s + ends_s) / 2
        ways = on_track(there), on_track(back)
        look = Look.of(int(rng.integers(1 << 30))).worn(vest=True)

        def pose(time_s: float, life: Life = life, turns_s: float = turns_s, ways: Ways = ways) -> Pose | None:
            return ways[0 if time_s < turns_s else 1](time_s) if life.there(time_s) else None

        cast.add(Walker(look, pose, span=life.span))


def fire_lane_loading(cast: Cast) -> None:
    """A removal van stops in the lane with hazard lights, cartons are carried in, and it drives on soon."""
    spec, rng = cast.spec, cast.rng("loading")
    _court(cast)
    lane = _way(cast, LANE_Z[1] - 1.3)
    halts_s, leaves_s = spec.seconds * rng.uniform(0.16, 0.22), spec.seconds * rng.uniform(0.74, 0.84)
    x = rng.uniform(12.0, 15.0)
    track = stopping(lane, abs(x - lane.start[0]), halts_s, leaves_s, 4.5)
    cast.add(HazardVehicle("truck", int(rng.integers(1 << 30)), track, lights=cast.lights))
    first_s = halts_s + 2.0
    cast.add(StillThing("", parcels(rng), x - 1.0, LANE_Z[1] + 0.5, life=Life(first_s, leaves_s - 3.0)))
    laps = max(1, int((leaves_s - first_s) // 6))
    steps, life = on_track(along([(x - 1.0, 9.9), (x + 2.2, 11.8)] * laps, first_s, 1.2)), Life(first_s, leaves_s - 1.0)
    look = Look.of(int(rng.integers(1 << 30)))
    cast.add(Walker(look, lambda time_s: steps(time_s) if life.there(time_s) else None, span=life.span))
    cast.add(Walker(Look.of(int(rng.integers(1 << 30))), Waiting(x + 1.2, 10.1, 3.0, rng.uniform(0, 6))))


KINDS = (
    SceneKind("fire_lane_car", "车辆占用消防通道", "a car is parked in a court's fire lane", "courtyard", fire_lane_car,
              shows="fire_lane_blocked", begins=Begins.STANDS),
    SceneKind("fire_lane_goods", "杂物占用消防通道", "furniture is put into a court's fire lane", "courtyard",
              fire_lane_goods, shows="fire_lane_blocked"),
    SceneKind("fire_engine", "消防车作业", "a fire engine stands in the fire lane", "courtyard", fire_engine,
              confuses="fire_lane_blocked"),
    SceneKind("ambulance", "救护车停靠", "an ambulance stands before an entrance", "courtyard", ambulance,
              confuses="fire_lane_blocked"),
    SceneKind("fire_lane_loading", "消防通道临时装卸", "a removal van is unloaded and drives on", "courtyard",
              fire_lane_loading, confuses="fire_lane_blocked"),
)  # fmt: skip
