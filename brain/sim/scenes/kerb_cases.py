"""A lorry that blocks a lane, a car on a crossing; and a bus in the second row, a jam, moving shadows."""

from __future__ import annotations

import numpy as np

from brain.sim.actors.hazard import HazardVehicle
from brain.sim.actors.people import Waiting, Walker
from brain.sim.actors.tracks import Track, standing, stopping
from brain.sim.actors.vehicles import Vehicle
from brain.sim.bodies.look import Look
from brain.sim.cast import Cast
from brain.sim.life import kind_of, riders, traffic, umbrella, walkers
from brain.sim.scenes.kerb_stops import passing
from brain.sim.scenes.kinds import Begins, SceneKind
from brain.sim.scenes.zones import add_areas
from brain.sim.stages.plan import Area, Lane
from brain.sim.stages.street import FAR_KERB_Z, KERB_Z
from brain.sim.things import road_marks
from brain.sim.things.bus_stop import bus_sign
from brain.sim.things.decal import Decal
from brain.sim.things.still import StillThing

MIDDLE_Z = 8.83
"""The line between the two lanes."""
CAR_STEP_M, STOP_S, GO_S, GO_M = 6.6, 6.0, 4.0, 7.0
"""A jam: from car to car; how long all stand and drive, and how far in one go."""


def blocked_lane(cast: Cast) -> None:
    """A lorry stands in the near lane, less than three metres are free beside it; others pass over the middle line."""
    spec, rng = cast.spec, cast.rng("lorry")
    side = -1 if cast.plan.camera.mirrored else 1
    walkers(cast, spec.walkers)
    traffic(cast, gaps_s=(3.0, 8.0), aside={"near": side * 1.95, "far": -side * 0.95}, mix={"car": 1.0})
    add_areas(cast, Area.box("near lane", "no_parking", (4.0, 23.0), (KERB_Z + 0.05, MIDDLE_Z - 0.1)))
    way = cast.plan.lanes["near"]
    z = 6.55
    lane = Lane((way.start[0], z), (way.end[0], z))
    halts_s = spec.seconds * rng.uniform(0.16, 0.24)
    leaves_s = spec.seconds * rng.uniform(0.8, 0.9) if rng.uniform() < 0.5 else None
    track = stopping(lane, abs(rng.uniform(12.0, 16.0) - way.start[0]), halts_s, leaves_s, 7.5)
    lorry = cast.add(HazardVehicle("truck", int(rng.integers(1 << 30)), track, lights=cast.lights))
    cast.event("illegal_parking", "near lane", halts_s, leaves_s, lorry)


def parked_on_crossing(cast: Cast) -> None:
    """A car halts on the stripes of the crossing and stays."""
    spec, rng = cast.spec, cast.rng("on crossing")
    walkers(cast, spec.walkers)
    passing(cast)
    start = rng.uniform(11.5, 13.5)
    cast.add(Decal("", road_marks.zebra(rng, 3.6, 6.6), start + 1.8, (KERB_Z + FAR_KERB_Z) / 2))
    add_areas(cast, Area.box("crossing", "no_parking", (start - 2.6, start + 6.2), (KERB_Z + 0.05, KERB_Z + 2.4)))
    lane = cast.plan.lanes["kerb"]
    halts_s = spec.seconds * rng.uniform(0.18, 0.26)
    track = stopping(lane, abs(start + 1.8 - lane.start[0]), halts_s, None, 8.0)
    kind = "car" if rng.uniform() < 0.7 else "van"
    car = cast.add(Vehicle(kind, int(rng.integers(1 << 30)), track, lights=cast.lights))
    cast.event("illegal_parking", "crossing", halts_s, None, car)


def double_parked_bus(cast: Cast) -> None:
    """Cars stand in a licensed bay at the stop, so the bus halts beside them, people get in, and it drives on."""
    spec, rng = cast.spec, cast.rng("second row")
    side = -1 if cast.plan.camera.mirrored else 1
    walkers(cast, spec.walkers, ("far", "house side"))
    traffic(cast, ("far",), gaps_s=(3.0, 8.0), aside={"far": -side * 0.75}, mix={"car": 0.9, "van": 0.1})
    first, middle = rng.uniform(9.0, 10.0), KERB_Z + 1.1
    last = first + 11.2
    cast.add(Decal("", road_marks.bays(11.2, 2.2, 2), first + 5.6, middle))
    crossing = cast.plan.spots["stop line"][0]
    add_areas(
        cast,
        Area.box("bay", "mask", (first, last), (KERB_Z + 0.05, KERB_Z + 2.25)),
        Area.box("kerb", "no_parking", (first, crossing), (KERB_Z + 2.3, MIDDLE_Z + 0.9)),
    )
    way = cast.plan.lanes["near"]
    heading = 0.0 if way.end[0] > way.start[0] else np.pi
    for index in range(2):
        cast.add(Vehicle("car", int(rng.integers(1 << 30)), standing(first + 2.8 + 5.6 * index, middle - 0.1, heading)))
    z = 8.45
    halts_s, leaves_s = spec.seconds * rng.uniform(0.24, 0.32), spec.seconds * rng.uniform(0.7, 0.8)
    lane = Lane((way.start[0], z), (way.end[0], z))
    track = stopping(lane, abs(first + 6.5 - way.start[0]), halts_s, leaves_s, 7.5)
    cast.add(HazardVehicle("bus", int(rng.integers(1 << 30)), track, lights=cast.lights))
    cast.add(StillThing("", bus_sign(), last + 0.8, 4.3))
    for index in range(int(rng.integers(3, 6))):
        waits = Waiting(last + 0.3 - 0.8 * index, 3.6 + rng.uniform(-0.2, 0.2), 1.57, rng.uniform(0, 6))
        cast.add(Walker(Look.of(int(rng.integers(1 << 30))), waits, umbrella=umbrella(cast, rng)))


def _crawl(lane: Lane, ahead_m: float, seconds: float, phase_s: float) -> Track:
    """Stop and go: all of a lane move at the same moments."""
    times, gone = [phase_s - GO_S - STOP_S], [ahead_m - GO_M]
    while times[-1] < seconds + GO_S + STOP_S:
        times += [times[-1] + GO_S, times[-1] + GO_S + STOP_S]
        gone += [gone[-1] + GO_M, gone[-1] + GO_M]
    way = (np.array(lane.end) - np.array(lane.start)) / lane.length
    points = np.array(lane.start) + np.array(gone)[:, None] * way
    return Track(times, points, before=True, after=True)


def traffic_jam(cast: Cast) -> None:
    """Both lanes crawl, stop and go: whole rows stand for a while beside and in the zone, then move off together."""
    spec, rng = cast.spec, cast.rng("jam")
    walkers(cast, spec.walkers)
    for name in ("near", "far"):
        lane, phase_s = cast.plan.lanes[name], rng.uniform(0, GO_S + STOP_S)
        closer = Lane((lane.start[0], lane.start[1] - 0.25), (lane.end[0], lane.end[1] - 0.25))
        ahead_m = -GO_M * spec.seconds / (GO_S + STOP_S) - 10.0
        while ahead_m < lane.length:
            kind = kind_of(rng, {"car": 0.84, "van": 0.16})
            track = _crawl(closer if name == "near" else lane, ahead_m, spec.seconds, phase_s)
            cast.add(Vehicle(kind, int(rng.integers(1 << 30)), track, lights=cast.lights))
            ahead_m += CAR_STEP_M + rng.uniform(0.0, 1.2)


def kerb_shadows(cast: Cast) -> None:
    """Shadows of clouds, trees and houses move over an empty kerb; nobody parks."""
    walkers(cast, cast.spec.walkers)
    traffic(cast, gaps_s=(3.0, 8.0))
    riders(cast)


KINDS = (
    SceneKind("blocked_lane", "货车占道停放", "a lorry stands in a lane, others squeeze past", "street", blocked_lane,
              shows="illegal_parking", begins=Begins.STANDS),
    SceneKind("parked_on_crossing", "人行横道上停车", "a car stops on a pedestrian crossing and stays", "street",
              parked_on_crossing, shows="illegal_parking", begins=Begins.STANDS),
    SceneKind("double_parked_bus", "公交车二排停靠", "a bus stops beside parked cars and drives on", "street",
              double_parked_bus, confuses="illegal_parking"),
    SceneKind("traffic_jam", "拥堵缓行", "both lanes crawl, stop and go", "street", traffic_jam,
              confuses="illegal_parking"),
    SceneKind("kerb_shadows", "路边影子移动", "shadows move over an empty kerb", "street", kerb_shadows,
              confuses="illegal_parking", shadow_moves=True),
)  # fmt: skip
