"""What is easily taken for a fire and is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from brain.sim.actors.people import ToAndFro, Waiting, Walker
from brain.sim.actors.tracks import stopping
from brain.sim.actors.vehicles import Vehicle
from brain.sim.bodies.people import Look
from brain.sim.cast import Cast
from brain.sim.climate import dark_sky, lamp_of_camera, sunset
from brain.sim.life import riders, traffic, walkers
from brain.sim.paint.lens import SpiderWeb, SunGlare
from brain.sim.scenes.kinds import SceneKind
from brain.sim.scenes.sight import clear_x
from brain.sim.things.fire import STEAM, Plume
from brain.sim.things.life import Life
from brain.sim.things.shining import Flag, LedScreen, WeldingArc
from brain.sim.things.trail import EXHAUST, FOG_BANK, FUMES, Place, Trail


def _street(cast: Cast) -> None:
    walkers(cast, cast.spec.walkers)
    traffic(cast, gaps_s=(3.0, 8.0))
    riders(cast)


def _size(cast: Cast) -> tuple[int, int]:
    return cast.spec.width, cast.spec.height


def brake_lights(cast: Cast) -> None:
    """Cars brake and wait in the dark, head and brake lights towards the camera."""
    cast.climate = dark_sky(cast.climate)
    rng = cast.rng("brakes")
    walkers(cast, cast.spec.walkers)
    for name in ("near", "far"):
        lane = cast.plan.lanes[name]
        # The first car waits well in sight, whichever way its lane runs.
        line = abs(lane.start[0] - (rng.uniform(24, 30) if lane.start[0] < 0 else rng.uniform(8, 11)))
        halts_s = rng.uniform(-1.0, 3.0)
        leaves_s = cast.spec.seconds * rng.uniform(0.75, 0.9)
        for place in range(5):
            track = stopping(lane, line - place * 7.2, halts_s + place * 2.2, leaves_s + place * 1.4, 9.0)
            cast.add(Vehicle("car", int(rng.integers(1 << 30)), track, lights=True))


def low_sun(cast: Cast) -> None:
    """The low sun shines into the lens; all is orange."""
    before = cast.climate
    cast.climate = sunset(cast.climate)
    _street(cast)
    if cast.climate is not before:
        cast.effects.append(SunGlare(cast.spec.seed, _size(cast)))


def lamp_halos(cast: Cast) -> None:
    """Street lamps with wide halos in rain or mist."""
    cast.climate = dark_sky(cast.climate)
    cast.climate = replace(cast.climate, haze_m=min(cast.climate.haze_m, 70.0), wet=1.0)
    _street(cast)


def orange_vests(cast: Cast) -> None:
    """Road workers in orange vests walk and stand about."""
    rng = cast.rng("vests")
    traffic(cast)
    riders(cast)
    for index in range(int(rng.integers(3, 6))):
        look = Look.of(int(rng.integers(1 << 30))).worn(helmet=(30, 150, 240), vest=True)
        if index % 2:
            lane = cast.plan.walks["kerb side"]
            cast.add(Walker(look, ToAndFro(lane, rng.uniform(-0.3, 0.3), rng.uniform(0.9, 1.3), rng.uniform(9, 24))))
        else:
            pose = Waiting(rng.uniform(9, 16), rng.uniform(1.6, 3.6), rng.uniform(-3, 3), rng.uniform(0, 6))
            cast.add(Walker(look, pose))


def red_flags(cast: Cast) -> None:
    """Red flags flutter along the pavement."""
    rng = cast.rng("flags")
    _street(cast)
    x, step = rng.uniform(8.5, 10.5), rng.uniform(2.4, 3.6)
    for index in range(int(rng.integers(3, 6))):
        colour = (rng.uniform(24, 50), rng.uniform(26, 90), rng.uniform(190, 225))
        cast.add(Flag(int(rng.integers(1 << 30)), x + step * index, 3.9, colour=colour, lift=rng.uniform(1.7, 2.3)))


def led_screen(cast: Cast) -> None:
    """A screen with a moving picture in fire's colours above a shop."""
    rng = cast.rng("screen")
    _street(cast)
    x = clear_x(cast, rng, (13, 22), 16.8)
    cast.add(LedScreen(int(rng.integers(1 << 30)), x, 16.8, width=rng.uniform(3.0, 4.6),
                       height=rng.uniform(1.6, 2.4), foot_m=rng.uniform(2.9, 3.3)))  # fmt: skip


def welding(cast: Cast) -> None:
    """A worker welds on the pavement: arc, sparks, a thin fume."""
    rng = cast.rng("welding")
    _street(cast)
    x, z = rng.uniform(10, 15), rng.uniform(2.0, 3.2)
    look = Look.of(int(rng.integers(1 << 30))).worn(helmet=(40, 170, 225))
    cast.add(Walker(look, Waiting(x - 0.6, z + 0.1, 0.0, 1.0)))
    cast.add(WeldingArc(int(rng.integers(1 << 30)), x, z, rng.uniform(0.35, 0.9)))
    cast.add(Plume(replace(FUMES, density=0.25), int(rng.integers(1 << 30)), x, z, Life(), foot_m=0.8))


def kitchen_fumes(cast: Cast) -> None:
    """Fumes blow out of a kitchen's duct above a shop and thin out within metres."""
    rng = cast.rng("fumes")
    _street(cast)
    x = clear_x(cast, rng, (12, 20), 16.5)
    cast.add(Plume(FUMES, int(rng.integers(1 << 30)), x, 16.5, Life(), start_radius=0.35,
                   foot_m=rng.uniform(2.8, 3.6)))  # fmt: skip


def exhaust_clouds(cast: Cast) -> None:
    """A lorry idles at the kerb on a cold morning, white exhaust behind it."""
    rng = cast.rng("exhaust")
    walkers(cast, cast.spec.walkers)
    riders(cast)
    lane = cast.plan.lanes["kerb"]
    stop_m = abs(lane.start[0] - rng.uniform(13, 17))
    track = stopping(lane, stop_m, -2.0, cast.spec.seconds * 0.8, 7.0)
    cast.add(Vehicle("truck", int(rng.integers(1 << 30)), track, lights=cast.lights))
    traffic(cast, ("far",))

    def pipe(time_s: float) -> Place | None:
        place = track.at(time_s)
        if place is None:
            return None
        back = -3.4
        return (float(place.x + back * np.cos(place.heading)), 0.45, place.z - 0.5)

    cast.add(Trail(EXHAUST, int(rng.integers(1 << 30)), pipe, Life(), puffs_per_s=6.0, start_radius=0.24))


def _fixed(x: float, y: float, z: float) -> Callable[[float], Place]:
    return lambda _time: (x, y, z)


def fog_banks(cast: Cast) -> None:
    """Banks of fog drift through the street."""
    rng = cast.rng("banks")
    _street(cast)
    for _ in range(2):
        x, z, seed = rng.uniform(12, 40), rng.uniform(4, 14), int(rng.integers(1 << 30))
        cast.add(Trail(FOG_BANK, seed, _fixed(x - 10, 0.6, z), Life(), start_radius=1.8,
                       puffs_per_s=0.12))  # fmt: skip


def winter_steam(cast: Cast) -> None:
    """Steam from a breakfast stall's steamers by the shops."""
    rng = cast.rng("steamers")
    _street(cast)
    for _ in range(2):
        cast.add(Plume(STEAM, int(rng.integers(1 << 30)), clear_x(cast, rng, (10, 18), 14.6), 14.6, Life(),
                       start_radius=0.42, foot_m=1.1))  # fmt: skip


def spider_web_ir(cast: Cast) -> None:
    """A web before the lens shines in the infrared lamp's light and sways."""
    cast.climate = lamp_of_camera(cast.climate)
    _street(cast)
    cast.effects.append(SpiderWeb(cast.spec.seed, _size(cast)))


KINDS = (
    SceneKind("brake_lights", "夜间刹车灯车灯", "cars wait in the dark with head and brake lights on", "street",
              brake_lights, confuses="fire_smoke"),
    SceneKind("low_sun", "夕阳低角度", "a low sun shines into the lens", "street", low_sun, confuses="fire_smoke"),
    SceneKind("lamp_halos", "雨雾路灯光晕", "street lamps with wide halos in mist", "street", lamp_halos,
              confuses="fire_smoke"),
    SceneKind("orange_vests", "橙色反光背心", "road workers in orange vests", "street", orange_vests,
              confuses="fire_smoke"),
    SceneKind("red_flags", "红旗飘动", "red flags flutter along the pavement", "street", red_flags,
              confuses="fire_smoke"),
    SceneKind("led_screen", "LED显示屏", "a screen shows a moving picture in fire's colours", "street", led_screen,
              confuses="fire_smoke"),
    SceneKind("welding", "电焊作业", "somebody welds on the pavement", "street", welding, confuses="fire_smoke"),
    SceneKind("kitchen_fumes", "厨房油烟", "fumes blow out of a kitchen's duct", "street", kitchen_fumes,
              confuses="fire_smoke"),
    SceneKind("exhaust_clouds", "冷天汽车尾气", "a lorry idles, white exhaust behind it", "street", exhaust_clouds,
              confuses="fire_smoke"),
    SceneKind("fog_banks", "团雾飘过", "banks of fog drift through the street", "street", fog_banks,
              confuses="fire_smoke"),
    SceneKind("winter_steam", "早餐摊蒸汽", "steam from a breakfast stall's steamers", "street", winter_steam,
              confuses="fire_smoke"),
    SceneKind("passing_clouds", "云影掠过", "clouds pass and shade sways over the street", "street", _street,
              confuses="fire_smoke", shadow_moves=True),
    SceneKind("spider_web_ir", "红外下蛛网", "a spider web before the lens in infrared light", "street",
              spider_web_ir, confuses="fire_smoke"),
)  # fmt: skip
