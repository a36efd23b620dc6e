"""Rubble, bags beside bins; and bags that wait for the sweepers, shadows, a refuse truck that empties the bins."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from brain.sim.actors.hazard import HazardVehicle
from brain.sim.actors.people import Walker, on_track
from brain.sim.actors.tracks import Track, standing, stopping
from brain.sim.bodies.emergency import make_refuse_truck
from brain.sim.bodies.look import Look
from brain.sim.bodies.pose import Pose
from brain.sim.cast import Cast
from brain.sim.life import riders, traffic, walkers
from brain.sim.scenes.garbage import BAGS_FROM
from brain.sim.scenes.kerb_stops import passing
from brain.sim.scenes.kinds import SceneKind
from brain.sim.things.life import Life
from brain.sim.things.loads import LoadedTricycle, bin_load
from brain.sim.things.moving import MovingBody, Spot, still_at
from brain.sim.things.still import StillThing
from brain.sim.things.waste import BINS, Bin, GarbageSpot, bag, bin_body
from brain.sim.things.waste_likes import GrowingPile

WHEELS_S, LIFTS_S = 4.0, 4.0
"""A bin is wheeled to the truck or back in so long, and hangs at its tail for so long."""
TIPPED_M = 1.1


def _street(cast: Cast) -> None:
    walkers(cast, cast.spec.walkers, ("far", "house side"))
    traffic(cast)
    riders(cast)


def rubble_heap(cast: Cast) -> None:
    """Rubble is tipped onto the pavement load by load; on some seeds it is cleared."""
    spec, rng = cast.spec, cast.rng("rubble")
    _street(cast)
    begins_s = spec.seconds * rng.uniform(0.1, 0.18)
    ends_s = spec.seconds * rng.uniform(0.86, 0.94) if rng.uniform() < 0.3 else float("inf")
    life = Life(begins_s, ends_s, grows_s=spec.seconds * 0.4)
    place = rng.uniform(10.0, 14.0), rng.uniform(2.2, 3.2)
    pile = cast.add(GrowingPile(rng, *place, life, radius=rng.uniform(0.8, 1.3), rubble=True))
    cast.event("exposed_garbage", "pavement", begins_s, None if np.isinf(ends_s) else ends_s, pile)


def bags_for_pickup(cast: Cast) -> None:
    """A sweeper's tied bags stand at the kerb beside his tricycle; he loads one after the other and none is left."""
    spec, rng = cast.spec, cast.rng("pick-up")
    walkers(cast, spec.walkers, ("far", "house side"))
    traffic(cast)
    x, z = rng.uniform(11.0, 13.0), 3.9
    cast.add(LoadedTricycle(int(rng.integers(1 << 30)), standing(x + 2.2, z - 0.4, 0.05), bin_load(rng), ""))
    count = int(rng.integers(4, 7))
    gone = spec.seconds * np.linspace(0.12, 0.82, count)
    times, points = [-5.0], [(x + 1.2, z - 1.2)]
    for index in range(count):
        place = x - 0.62 * index, z + rng.uniform(-0.1, 0.1)
        cast.add(StillThing("garbage_bag", bag(rng), *place, life=Life(ends_s=float(gone[index]))))
        # He bends for it, carries it to the tricycle and comes back.
        times += [float(gone[index]) - 0.6, float(gone[index]) + 0.4, float(gone[index]) + 3.2]
        points += [(place[0], place[1] - 0.5), (place[0], place[1] - 0.5), (x + 1.2, z - 1.2)]
    times.append(spec.seconds + 5.0)
    points.append((x + 1.4, z - 1.4))
    look = Look.of(int(rng.integers(1 << 30))).worn(vest=True)
    cast.add(Walker(look, on_track(Track(times, np.array(points)))))


def pavement_shadows(cast: Cast) -> None:
    """Dark shadows wander over a clean pavement."""
    _street(cast)


def bags_at_bin(cast: Cast) -> None:
    """Bags are put down beside bins that are shut, one after the other; the event begins with the second."""
    spec, rng = cast.spec, cast.rng("bags at bin")
    _street(cast)
    x, z = rng.uniform(10.8, 12.6), rng.uniform(2.0, 2.3)
    for index in range(2):
        cast.add(Bin(rng, x, z + 0.72 * index, heading=np.pi))
    moments = np.sort(spec.seconds * rng.uniform(0.1, 0.5, int(rng.integers(3, 6))))
    ends_s = spec.seconds * rng.uniform(0.82, 0.92) if rng.uniform() < 0.5 else float("inf")
    spot = cast.add(GarbageSpot(rng, x - 0.35, z - 0.75, [float(m) for m in moments], ends_s))
    began_s = float(moments[BAGS_FROM - 1])
    cast.event("bin_overflow", "pavement", began_s, None if np.isinf(ends_s) else ends_s, spot)


def _emptied(home: tuple[float, float], tail: tuple[float, float], starts_s: float) -> Callable[[float], Spot]:
    """A bin's way: wheeled to the tail of the truck, lifted, tipped, wheeled back."""

    def place(time_s: float) -> Spot:
        past = time_s - starts_s
        there = float(np.clip(min(past / WHEELS_S, (2 * WHEELS_S + LIFTS_S - past) / WHEELS_S), 0, 1))
        up = float(np.clip(min(past - WHEELS_S, WHEELS_S + LIFTS_S - past) / (0.3 * LIFTS_S), 0, 1))
        x, z = home[0] + (tail[0] - home[0]) * there, home[1] + (tail[1] - home[1]) * there
        return Spot(x, z, np.pi, TIPPED_M * up)

    return place


def bin_emptying(cast: Cast) -> None:
    """A refuse truck stops, a worker wheels full, open bins to its tail and back; then it drives on."""
    spec, rng = cast.spec, cast.rng("emptying")
    walkers(cast, spec.walkers, ("far", "house side"))
    passing(cast, 1.35)
    x, z = rng.uniform(10.6, 12.0), 3.6
    lane = cast.plan.lanes["kerb"]
    outwards = 1.0 if lane.end[0] > lane.start[0] else -1.0
    halts_s, leaves_s = spec.seconds * 0.14, spec.seconds * rng.uniform(0.88, 0.94)
    stop_x = x + 5.6 * outwards
    track = stopping(lane, abs(stop_x - lane.start[0]), halts_s, leaves_s, 7.0)
    truck = make_refuse_truck(rng)
    cast.add(HazardVehicle("truck", int(rng.integers(1 << 30)), track, lights=cast.lights, body=truck))
    tail = stop_x - 4.4 * outwards, lane.start[1]
    lap_s = 2 * WHEELS_S + LIFTS_S
    count = max(1, min(3, int((leaves_s - halts_s - 2.0) // (lap_s + 0.5))))
    colour = BINS[int(rng.integers(len(BINS)))]
    ways = []
    for index in range(3):
        home = x + 0.75 * (index - 1), z
        starts_s = halts_s + 1.0 + (lap_s + 0.5) * index if index < count else float("inf")
        way = _emptied(home, tail, starts_s) if index < count else still_at(Spot(*home, np.pi))
        ways.append((starts_s, way))
        cast.add(MovingBody("bin", bin_body(colour, lid_open=True), way))
    cast.add(Walker(Look.of(int(rng.integers(1 << 30))).worn(vest=True), _beside(ways[:count], lap_s, (x - 1.4, z))))


def _beside(
    ways: list[tuple[float, Callable[[float], Spot]]], lap_s: float, waits: tuple[float, float]
) -> Callable[[float], Pose]:
    """The worker: at the bin that moves, else where he waits."""

    def pose(time_s: float) -> Pose:
        for starts_s, way in ways:
            if 0 <= time_s - starts_s < lap_s:
                spot, soon = way(time_s), way(time_s + 0.2)
                moves = abs(soon.x - spot.x) + abs(soon.z - spot.z) > 1e-3
                heading = float(np.arctan2(soon.z - spot.z, soon.x - spot.x)) if moves else np.pi / 2
                return Pose(spot.x - 0.5 * np.cos(heading), spot.z - 0.7 * np.sin(heading) - 0.15, heading,
                            1.2 * time_s, 0.8 if moves else 0.0, reach=0.8)  # fmt: skip
        return Pose(*waits, 0.6)

    return pose


KINDS = (
    SceneKind("rubble_heap", "建筑垃圾堆放", "rubble is tipped onto the pavement", "street", rubble_heap,
              shows="exposed_garbage"),
    SceneKind("bags_for_pickup", "待收运的环卫垃圾袋", "a sweeper loads his bags at the kerb", "street",
              bags_for_pickup, confuses="exposed_garbage"),
    SceneKind("pavement_shadows", "人行道影子移动", "shadows wander over a clean pavement", "street",
              pavement_shadows, confuses="exposed_garbage", shadow_moves=True),
    SceneKind("bags_at_bin", "桶外堆放垃圾袋", "bags pile up beside shut bins", "street", bags_at_bin,
              shows="bin_overflow", count=BAGS_FROM),
    SceneKind("bin_emptying", "垃圾车收运", "a refuse truck empties open bins", "street", bin_emptying,
              confuses="bin_overflow"),
)  # fmt: skip
