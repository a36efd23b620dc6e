"""Roads that look flooded and are not: wet, mirroring, freshly paved, sprinkled, seen through drops."""

from __future__ import annotations

from brain.sim.actors.tracks import through
from brain.sim.actors.vehicles import Vehicle
from brain.sim.bodies.tanker import make_sprinkler
from brain.sim.camera import Floats32
from brain.sim.cast import Cast
from brain.sim.climate import after_rain, dark_sky
from brain.sim.life import riders, traffic, walkers
from brain.sim.paint.lens import LensDrops
from brain.sim.scenes.kinds import SceneKind
from brain.sim.things.fire import STEAM, Plume
from brain.sim.things.life import Life
from brain.sim.things.sheets import Sheet, WetStrip
from brain.sim.things.trail import SPRAY, Place, Trail

TAIL_M = 3.6
"""From the middle of a sprinkler truck to its nozzles."""


def _street(cast: Cast, gaps_s: tuple[float, float] = (2.5, 6.5)) -> None:
    walkers(cast, cast.spec.walkers)
    traffic(cast, gaps_s=gaps_s)
    riders(cast)


def sky_on_wet_road(cast: Cast) -> None:
    """The rain is over, the wet road mirrors sky and fronts; its texture still shows."""
    cast.climate = after_rain(cast.climate)
    _street(cast)


def headlights_on_wet_road(cast: Cast) -> None:
    """Streaks of head lamps move over a wet road in the dark."""
    cast.climate = after_rain(dark_sky(cast.climate), 1.0)
    _street(cast, (2.4, 5.0))


def fresh_asphalt(cast: Cast) -> None:
    """A lane with a new, black surface."""
    rng = cast.rng("asphalt")
    _street(cast)
    x, tone = rng.uniform(10.0, 15.0), rng.uniform(40, 54)
    cast.add(Sheet(int(rng.integers(1 << 30)), "", (tone, tone, tone + 1), x, rng.uniform(6.4, 7.0),
                   reach_m=rng.uniform(1.5, 2.0), stretch=rng.uniform(1.8, 3.2), rough=0.1, square=True,
                   z_between=(5.05, 12.3)))  # fmt: skip


def road_steam(cast: Cast) -> None:
    """Steam creeps over the road from two gratings."""
    rng = cast.rng("steam")
    _street(cast)
    for _ in range(2):
        cast.add(Plume(STEAM, int(rng.integers(1 << 30)), rng.uniform(9, 15), rng.uniform(5.6, 7.6), Life(),
                       start_radius=0.45))  # fmt: skip


def sprinkler_truck(cast: Cast) -> None:
    """A sprinkler truck drives through and leaves a wet strip, which dries."""
    rng = cast.rng("sprinkler")
    walkers(cast, cast.spec.walkers)
    traffic(cast, ("far",))
    lane = cast.plan.lanes["near"]
    speed = rng.uniform(3.6, 4.6)
    way = 1.0 if lane.end[0] > lane.start[0] else -1.0
    passes_s = cast.spec.seconds * rng.uniform(0.1, 0.2)
    enters_s = passes_s - abs(12.0 - lane.start[0]) / speed
    track = through(lane, enters_s, speed)
    cast.add(Vehicle("truck", int(rng.integers(1 << 30)), track, lights=cast.lights, body=make_sprinkler(rng)))

    def passed(x: Floats32) -> Floats32:
        found: Floats32 = passes_s + (way * (x - 12.0) + TAIL_M) / speed
        return found

    z = lane.start[1]
    cast.add(WetStrip(int(rng.integers(1 << 30)), passed, (-2.0, 60.0), (max(5.05, z - 1.9), z + 1.7),
                      dries_s=cast.spec.seconds * rng.uniform(0.35, 0.6)))  # fmt: skip
    for side in (-0.8, 0.8):

        def nozzle(time_s: float, side: float = side) -> Place | None:
            place = track.at(time_s)
            return None if place is None else (place.x - way * (TAIL_M + 0.3), 0.5, place.z + side)

        cast.add(Trail(SPRAY, int(rng.integers(1 << 30)), nozzle, Life(), start_radius=0.35, puffs_per_s=9.0))


def drops_on_lens(cast: Cast) -> None:
    """Drops cling to the lens; the road behind them is only wet."""
    cast.climate = after_rain(cast.climate, 0.7)
    _street(cast)
    count = int(cast.rng("drops").integers(9, 20))
    cast.effects.append(LensDrops(cast.spec.seed, (cast.spec.width, cast.spec.height), count))


KINDS = (
    SceneKind("sky_on_wet_road", "雨后湿路面反光", "a wet road mirrors sky and fronts", "street", sky_on_wet_road,
              confuses="road_waterlogging"),
    SceneKind("headlights_on_wet_road", "湿路面车灯倒影", "streaks of head lamps on a wet road", "street",
              headlights_on_wet_road, confuses="road_waterlogging"),
    SceneKind("fresh_asphalt", "新铺沥青", "a lane with a new, black surface", "street", fresh_asphalt,
              confuses="road_waterlogging"),
    SceneKind("road_steam", "路面蒸汽", "steam creeps over the road", "street", road_steam,
              confuses="road_waterlogging"),
    SceneKind("sprinkler_truck", "洒水车洒水", "a sprinkler truck leaves a wet strip that dries", "street",
              sprinkler_truck, confuses="road_waterlogging"),
    SceneKind("drops_on_lens", "镜头水滴", "drops cling to the lens", "street", drops_on_lens,
              confuses="road_waterlogging"),
    SceneKind("road_shadows", "路面树影移动", "shadows wander over a dry road", "street", _street,
              confuses="road_waterlogging", shadow_moves=True),
)  # fmt: skip
