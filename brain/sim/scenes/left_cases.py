"""A load that falls onto the road; and what a change detector takes for a left thing: ghosts, people, snow, mirrors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from brain.sim.actors.people import Waiting, Walker, on_track
from brain.sim.actors.tracks import Track, standing, stopping, through
from brain.sim.actors.vehicles import Vehicle
from brain.sim.bodies.look import Look
from brain.sim.bodies.pose import Pose
from brain.sim.cast import Cast
from brain.sim.climate import SKIES, after_rain
from brain.sim.life import riders, traffic, umbrella, walkers
from brain.sim.scenes.kerb_stops import passing
from brain.sim.scenes.kinds import Begins, SceneKind
from brain.sim.things.furnishings import spilled
from brain.sim.things.life import Life
from brain.sim.things.moving import MovingBody, Spot
from brain.sim.things.snow import SnowCover, Snowflakes
from brain.sim.things.water import StandingWater

FALL_S, SLIDE_S = 0.5, 1.1
BED_M = 1.15
TAIL_M = 3.4


def spilled_load(cast: Cast) -> None:
    """Cartons fall from a lorry onto the near lane, slide and lie there; the event begins when they lie at rest."""
    spec, rng = cast.spec, cast.rng("spill")
    walkers(cast, spec.walkers)
    passing(cast, 1.55)
    way = cast.plan.lanes["near"]
    ahead = 1.0 if way.end[0] > way.start[0] else -1.0
    x, z, speed = rng.uniform(11.0, 14.0), rng.uniform(6.2, 6.5), rng.uniform(5.5, 6.5)
    rests_s = spec.time_s(spec.first_picture(spec.seconds * rng.uniform(0.18, 0.28)))
    # A body of speed v that slows down evenly to a halt within t goes v · t / 2.
    way_m = speed * 0.5 * SLIDE_S + speed * FALL_S
    falls_s = rests_s - SLIDE_S - FALL_S
    lane = replace(way, start=(way.start[0], z + 0.9), end=(way.end[0], z + 0.9))
    passes = through(lane, falls_s - (abs(x - ahead * way_m - way.start[0]) + TAIL_M) / speed, speed)
    cast.add(Vehicle("truck", int(rng.integers(1 << 30)), passes, lights=cast.lights))
    turn = rng.uniform(-0.5, 0.5)

    def where(time_s: float) -> Spot | None:
        past = time_s - falls_s
        if past < 0:
            return None
        fallen = min(1.0, past / FALL_S)
        left_s = max(0.0, SLIDE_S - max(0.0, past - FALL_S))
        short_m = 0.5 * speed * left_s**2 / SLIDE_S + speed * FALL_S * (1 - fallen)
        lift = max(0.0, BED_M * (1 - fallen**2))
        return Spot(x - ahead * short_m, z, turn * (1 - left_s / SLIDE_S), lift if lift > 1e-6 else 0.0)

    load = cast.add(MovingBody("", spilled(rng), where, span=(falls_s, np.inf)))
    cast.event("left_object", "road", rests_s, None, load)


def car_drives_off(cast: Cast) -> None:
    """Cars have stood at the kerb from the start; one drives off and leaves an empty place."""
    spec, rng = cast.spec, cast.rng("drives off")
    walkers(cast, spec.walkers)
    passing(cast)
    lane = cast.plan.lanes["kerb"]
    ahead = 1.0 if lane.end[0] > lane.start[0] else -1.0
    x = rng.uniform(13.0, 15.0)
    leaves_s = spec.seconds * rng.uniform(0.3, 0.45)
    track = stopping(lane, abs(x - lane.start[0]), -30.0, leaves_s, 8.0)
    cast.add(Vehicle("car", int(rng.integers(1 << 30)), track, lights=cast.lights))
    behind = standing(x - ahead * 6.0, lane.start[1], 0.0 if ahead > 0 else np.pi)
    cast.add(Vehicle("car", int(rng.integers(1 << 30)), behind))


def standing_people(cast: Cast) -> None:
    """People stop on the pavement to talk, stand for most of the clip, and walk on."""
    spec, rng = cast.spec, cast.rng("stand")
    walkers(cast, spec.walkers, ("far", "house side"))
    traffic(cast)
    riders(cast)
    middle = rng.uniform(10.5, 13.5), rng.uniform(2.0, 3.2)
    for index in range(int(rng.integers(2, 4))):
        turn = 2.1 * index + rng.uniform(0, 1)
        place = middle[0] + 0.6 * float(np.cos(turn)), middle[1] + 0.55 * float(np.sin(turn))
        comes_s, goes_s = spec.seconds * rng.uniform(0.12, 0.25), spec.seconds * rng.uniform(0.78, 0.9)
        way = 1.0 if index % 2 else -1.0
        track = Track(
            [comes_s - 16.0, comes_s, goes_s, goes_s + 16.0],
            np.array([(place[0] + way * 22.0, place[1]), place, place, (place[0] + way * 22.0, place[1])]),
        )
        steps, waits = on_track(track), Waiting(*place, turn + np.pi, rng.uniform(0, 6))
        stays = Life(comes_s, goes_s)
        cast.add(
            Walker(Look.of(int(rng.integers(1 << 30))), _Stops(steps, waits, stays), span=track.span,
                   umbrella=umbrella(cast, rng))
        )  # fmt: skip


class _Stops:
    """Walks, stands for its life, walks on."""

    def __init__(self, walks: Callable[[float], Pose | None], waits: Waiting, stays: Life) -> None:
        self._walks, self._waits, self._stays = walks, waits, stays

    def __call__(self, time_s: float) -> Pose | None:
        """How he walks or stands."""
        return self._waits(time_s) if self._stays.there(time_s) else self._walks(time_s)


def snowfall(cast: Cast) -> None:
    """It snows; the ground turns white in patches, then as a whole."""
    spec, climate = cast.spec, cast.climate
    if climate.sun:
        dull = SKIES["overcast"]
        climate = replace(dull, sky=(0.74, 0.72, 0.71), haze_m=70.0, air=(206, 202, 200))
    cast.climate = replace(climate, haze_m=min(climate.haze_m, 80.0), wet=0.0, rain=0.0)
    walkers(cast, spec.walkers)
    traffic(cast, gaps_s=(4.0, 9.0))
    cast.add(SnowCover(spec.seed, spec.seconds * 0.05, spec.seconds * 0.5))
    cast.effects.append(Snowflakes(spec.seed, (spec.width, spec.height)))


def mirror_puddles(cast: Cast) -> None:
    """After the rain wide puddles on the pavement mirror fronts, sky and everybody who passes."""
    rng = cast.rng("mirrors")
    cast.climate = after_rain(cast.climate, 0.8)
    walkers(cast, max(5, cast.spec.walkers), ("kerb side", "house side"))
    traffic(cast)
    for index in range(4):
        x, z = 9.5 + 2.4 * index + rng.uniform(-0.8, 0.8), rng.uniform(0.8, 3.4)
        water = StandingWater(int(rng.integers(1 << 30)), x, z, Life(), reach_m=rng.uniform(0.45, 0.8), stretch=2.2,
                              z_between=(-3.0, 4.7), label="")  # fmt: skip
        cast.add(water)


def moved_shadows(cast: Cast) -> None:
    """Only shadows move: clouds pass, tree shade sways, the houses' shadow creeps over the pavement."""
    walkers(cast, min(2, cast.spec.walkers), ("far",))
    riders(cast, gaps_s=(12.0, 24.0))


KINDS = (
    SceneKind("spilled_load", "货物掉落车道", "cartons fall from a lorry onto the road", "street", spilled_load,
              shows="left_object", begins=Begins.STANDS),
    SceneKind("car_drives_off", "停放车辆驶离", "a parked car drives off and leaves an empty place", "street",
              car_drives_off, confuses="left_object"),
    SceneKind("standing_people", "行人驻足", "people stop to talk and walk on", "street", standing_people,
              confuses="left_object"),
    SceneKind("snowfall", "降雪", "it snows, the ground turns white", "street", snowfall, confuses="left_object"),
    SceneKind("mirror_puddles", "积水倒影", "puddles mirror everybody who passes", "street", mirror_puddles,
              confuses="left_object"),
    SceneKind("moved_shadows", "影子移动", "nothing but shadows moves", "street", moved_shadows,
              confuses="left_object", shadow_moves=True),
)  # fmt: skip
