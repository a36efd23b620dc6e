"""The ordinary life of a stage: walkers, traffic, riders. Scenes take of it what they need."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from brain.sim.actors.people import UMBRELLAS, ParkedCycle, Rider, ToAndFro, Walker
from brain.sim.actors.tracks import standing, through
from brain.sim.actors.vehicles import Vehicle
from brain.sim.bodies.people import Look
from brain.sim.bodies.pose import Pose
from brain.sim.cast import Cast
from brain.sim.draw import Colour

MIX: Mapping[str, float] = {"car": 0.76, "van": 0.12, "bus": 0.05, "truck": 0.07}
"""Kinds of vehicles in a city street and their shares."""
HELMETS: tuple[Colour, ...] = ((40, 190, 235), (220, 220, 220), (60, 50, 190), (40, 40, 42))


def held(pose: Pose) -> Callable[[float], Pose]:
    """The pose of somebody who does not move at all."""
    return lambda _time: pose


def umbrella(cast: Cast, rng: np.random.Generator) -> Colour | None:
    """An umbrella's colour if it rains and one is carried."""
    if not cast.climate.rain or rng.uniform() > 0.75:
        return None
    return UMBRELLAS[int(rng.integers(len(UMBRELLAS)))]


def walkers(cast: Cast, count: int, walks: tuple[str, ...] | None = None) -> None:
    """People who walk to and fro on the stage's walks; every other one begins in the foreground."""
    rng = cast.rng("walkers")
    names = walks or tuple(cast.plan.walks)
    for index in range(count):
        lane = cast.plan.walks[names[index % len(names)]]
        offset = rng.uniform(0, 2 * lane.length)
        if index % 2 == 0:
            offset = rng.uniform(9, 26)
        pose = ToAndFro(lane, rng.uniform(-lane.half, lane.half), rng.uniform(1.15, 1.5), offset)
        cast.add(Walker(Look.of(int(rng.integers(1 << 30))), pose, umbrella=umbrella(cast, rng)))


def kind_of(rng: np.random.Generator, mix: Mapping[str, float] = MIX) -> str:
    """A kind of vehicle drawn by shares."""
    names = tuple(mix)
    shares = np.array([mix[name] for name in names])
    return names[int(rng.choice(len(names), p=shares / shares.sum()))]


def traffic(
    cast: Cast,
    lanes: tuple[str, ...] = ("near", "far"),
    *,
    gaps_s: tuple[float, float] = (2.2, 6.5),
    aside: Mapping[str, float] | None = None,
    mix: Mapping[str, float] = MIX,
) -> None:
    """Vehicles that drive through: one speed per lane, so that nobody drives through anybody.

    Args:
        gaps_s: least and most seconds from one to the next.
        aside: metres to the left at which a lane's vehicles drive, to pass what stands there.
    """
    rng = cast.rng("traffic")
    for name in lanes:
        lane = cast.plan.lanes[name]
        speed = rng.uniform(8.0, 11.5)
        enters_s = -lane.length / speed
        while enters_s < cast.spec.seconds:
            kind = kind_of(rng, mix)
            shift = rng.uniform(-lane.half, lane.half) + (aside or {}).get(name, 0.0)
            track = through(lane, enters_s, speed, aside=shift)
            cast.add(Vehicle(kind, int(rng.integers(1 << 30)), track, lights=cast.lights))
            long = {"bus": 1.3, "truck": 0.8, "dump_truck": 0.9}.get(kind, 0.0)
            enters_s += rng.uniform(*gaps_s) + long


def riders(cast: Cast, lane_name: str = "cycles", *, gaps_s: tuple[float, float] = (5.0, 16.0)) -> None:
    """Bicycles and e-bikes on one lane, all at one speed."""
    if lane_name not in cast.plan.lanes:
        return
    rng = cast.rng("riders")
    lane = cast.plan.lanes[lane_name]
    speed = rng.uniform(4.6, 5.6)
    enters_s = -lane.length / speed + rng.uniform(0, gaps_s[0])
    while enters_s < cast.spec.seconds:
        kind = "ebike" if rng.uniform() < 0.68 else "bicycle" if rng.uniform() < 0.75 else "tricycle"
        helmet = HELMETS[int(rng.integers(len(HELMETS)))] if kind == "ebike" and rng.uniform() < 0.6 else None
        track = through(lane, enters_s, speed, aside=rng.uniform(-lane.half, lane.half))
        cast.add(Rider(kind, int(rng.integers(1 << 30)), track, helmet=helmet))
        enters_s += rng.uniform(*gaps_s)


def parked_cycles(cast: Cast, count: int, x: float, z: float, *, step_m: float = 0.62, heading: float = 1.25) -> None:
    """A tidy row of bicycles and e-bikes on the pavement."""
    rng = cast.rng("parked cycles")
    for index in range(count):
        kind = "ebike" if rng.uniform() < 0.5 else "bicycle"
        place = standing(x + index * step_m, z + rng.uniform(-0.1, 0.1), heading + rng.uniform(-0.12, 0.12))
        cast.add(ParkedCycle(kind, int(rng.integers(1 << 30)), place))
