"""Stops at the kerb that are no parking – loading, a bus, a licensed bay – and a parked car hidden again and again."""

from __future__ import annotations

import numpy as np

from brain.sim.actors.hazard import HazardVehicle
from brain.sim.actors.people import Waiting, Walker, on_track
from brain.sim.actors.tracks import Track, along, standing, stopping
from brain.sim.actors.vehicles import Vehicle
from brain.sim.bodies.people import Look
from brain.sim.bodies.pose import Pose
from brain.sim.cast import Cast
from brain.sim.life import traffic, umbrella, walkers
from brain.sim.scenes.kinds import Begins, SceneKind
from brain.sim.scenes.zones import add_areas
from brain.sim.stages.plan import Area, Lane
from brain.sim.stages.street import FAR_KERB_Z, KERB_Z
from brain.sim.things import road_marks
from brain.sim.things.bus_stop import bus_sign
from brain.sim.things.decal import Decal
from brain.sim.things.life import Life
from brain.sim.things.still import StillThing
from brain.sim.things.wares import parcels

PASSING_M = 1.05
ROOM_M = 0.35


def passing(cast: Cast, metres: float = PASSING_M) -> None:
    """Traffic that swings out around what stands at the near kerb."""
    side = -1 if cast.plan.camera.mirrored else 1
    traffic(cast, gaps_s=(3.0, 8.0), aside={"near": side * metres, "far": -side * ROOM_M}, mix={"car": 0.9, "van": 0.1})


def loading_van(cast: Cast) -> None:
    """A van stops with hazard lights, cartons are carried to a house, and it drives on before any grace is over."""
    spec, rng = cast.spec, cast.rng("loading")
    walkers(cast, spec.walkers, ("far", "house side"))
    passing(cast)
    x = rng.uniform(11.5, 14.5)
    lane = cast.plan.lanes["kerb"]
    halts_s, leaves_s = spec.seconds * rng.uniform(0.12, 0.18), spec.seconds * rng.uniform(0.72, 0.82)
    track = stopping(lane, abs(x - lane.start[0]), halts_s, leaves_s, 8.0)
    cast.add(HazardVehicle("van", int(rng.integers(1 << 30)), track, lights=cast.lights))
    first_s = halts_s + 3.0
    back = x - 3.2 if lane.end[0] > lane.start[0] else x + 3.2
    cast.add(StillThing("", parcels(rng), back, 3.9, life=Life(first_s, leaves_s - 5.0)))
    laps = max(1, int((leaves_s - first_s) // 10))
    steps = on_track(along([(back, 4.4), (back + 1.0, -2.6)] * laps + [(back, 4.4)], first_s, 1.4))
    life = Life(first_s, leaves_s - 1.5)
    look = Look.of(int(rng.integers(1 << 30)))
    cast.add(Walker(look, lambda time_s: steps(time_s) if life.there(time_s) else None, span=life.span))


def bus_at_stop(cast: Cast) -> None:
    """A bus pulls up at its stop, people get in, it drives on."""
    spec, rng = cast.spec, cast.rng("bus")
    walkers(cast, spec.walkers, ("far", "house side"))
    passing(cast, 1.3)
    lane = cast.plan.lanes["kerb"]
    x = rng.uniform(12.0, 14.0)
    halts_s, leaves_s = spec.seconds * rng.uniform(0.28, 0.36), spec.seconds * rng.uniform(0.68, 0.8)
    outwards = 1.0 if lane.end[0] > lane.start[0] else -1.0
    track = stopping(lane, abs(x + 1.0 - lane.start[0]), halts_s, leaves_s, 8.0, aside=0.2 * outwards)
    cast.add(Vehicle("bus", int(rng.integers(1 << 30)), track, lights=cast.lights))
    cast.add(StillThing("", bus_sign(), x + 2.6, 4.3))
    door = x + 1.0 + 2.0 * outwards
    for index in range(int(rng.integers(4, 8))):
        place = door - 0.75 * outwards * index, 3.5 + rng.uniform(-0.2, 0.2)
        waits = Waiting(*place, 1.57 + rng.normal(0, 0.4), rng.uniform(0, 6))
        boards_s = halts_s + 2.0 + 1.6 * index
        way = along([place, (door, 4.0), (door, 4.95)], boards_s, 1.1, after=False)
        cast.add(Walker(Look.of(int(rng.integers(1 << 30))), _Boards(waits, way, boards_s), span=(-np.inf, way.span[1]),
                        umbrella=umbrella(cast, rng)))  # fmt: skip


class _Boards:
    """Waits, then walks to the bus and is gone."""

    def __init__(self, waits: Waiting, way: Track, boards_s: float) -> None:
        self._waits, self._walks, self._boards_s = waits, on_track(way), boards_s

    def __call__(self, time_s: float) -> Pose | None:
        """How he waits or walks."""
        return self._waits(time_s) if time_s < self._boards_s else self._walks(time_s)


def licensed_bay(cast: Cast) -> None:
    """Cars stand in a marked bay at the kerb, zone of kind ``mask``; the no-parking zone begins behind it."""
    spec, rng = cast.spec, cast.rng("bay")
    walkers(cast, spec.walkers)
    passing(cast)
    count, first = 2, rng.uniform(8.6, 9.6)
    last = first + 5.6 * count
    crossing = cast.plan.spots["stop line"][0]
    middle = KERB_Z + 1.25
    cast.add(Decal("", road_marks.bays(5.6 * count, 2.2, count), first + 2.8 * count, middle))
    add_areas(
        cast,
        Area.box("bay", "mask", (first, last), (KERB_Z + 0.05, KERB_Z + 2.4)),
        Area.box("kerb", "no_parking", (last + 0.3, crossing + 0.2), (KERB_Z + 0.05, KERB_Z + 2.4)),
    )
    heading = 0.0 if cast.plan.lanes["kerb"].end[0] > cast.plan.lanes["kerb"].start[0] else np.pi
    lane = cast.plan.lanes["kerb"]
    for index in range(count):
        x = first + 2.8 + 5.6 * index
        if index == 0 and rng.uniform() < 0.6:
            halts_s = spec.seconds * rng.uniform(0.2, 0.5)
            ends = (lane.start[0], middle), (lane.end[0], middle)
            if heading:
                # It would have to drive through the one that stands before it.
                x = first + 2.8 + 5.6 * (count - 1)
            track = stopping(Lane(*ends), abs(x - lane.start[0]), halts_s, None, 7.0)
            cast.add(Vehicle("car", int(rng.integers(1 << 30)), track))
            continue
        place = x if not (heading and index == count - 1 and len(_moving(cast, middle))) else first + 2.8
        cast.add(Vehicle("car", int(rng.integers(1 << 30)), standing(place, middle, heading)))


def _moving(cast: Cast, z: float) -> list[Vehicle]:
    """Vehicles that come to the bay during the clip."""
    vehicles = [entity for entity in cast.entities if isinstance(entity, Vehicle)]
    return [one for one in vehicles if (place := one.track.at(1e4)) is not None and abs(place.z - z) < 0.1]


def hidden_parked_car(cast: Cast) -> None:
    """A car parks at the far kerb; buses and lorries pass before it again and again and hide it."""
    spec, rng = cast.spec, cast.rng("hidden")
    side = -1 if cast.plan.camera.mirrored else 1
    walkers(cast, spec.walkers)
    traffic(cast, ("near",), gaps_s=(2.2, 4.4), aside={"near": -side * 0.6}, mix={"bus": 0.4, "truck": 0.4, "van": 0.2})
    traffic(cast, ("far",), gaps_s=(3.0, 8.0), aside={"far": side * 1.35}, mix={"car": 0.85, "van": 0.15})
    z = FAR_KERB_Z - 1.05
    way = cast.plan.lanes["far"]
    lane = Lane((way.start[0], z), (way.end[0], z))
    add_areas(cast, Area.box("far kerb", "no_parking", (6.0, 26.0), (FAR_KERB_Z - 2.4, FAR_KERB_Z - 0.05)))
    halts_s = spec.seconds * rng.uniform(0.15, 0.22)
    leaves_s = spec.seconds * rng.uniform(0.82, 0.9) if rng.uniform() < 0.5 else None
    x = rng.uniform(13.0, 17.0)
    track = stopping(lane, abs(x - lane.start[0]), halts_s, leaves_s, 7.0)
    car = cast.add(Vehicle("car", int(rng.integers(1 << 30)), track, lights=cast.lights))
    cast.event("illegal_parking", "far kerb", halts_s, leaves_s, car)


KINDS = (
    SceneKind("hidden_parked_car", "违停车被过往车辆遮挡", "a parked car is hidden by passing buses and lorries",
              "street", hidden_parked_car, shows="illegal_parking", begins=Begins.STANDS),
    SceneKind("loading_van", "双闪临时装卸", "a van stops with hazard lights, is unloaded and drives on", "street",
              loading_van, confuses="illegal_parking"),
    SceneKind("bus_at_stop", "公交进站", "a bus stops at its stop and drives on", "street", bus_at_stop,
              confuses="illegal_parking"),
    SceneKind("licensed_bay", "合法停车位", "cars stand in a marked bay", "street", licensed_bay,
              confuses="illegal_parking"),
)  # fmt: skip
