"""A road that floods from the kerb, or from kerb to kerb; and a road that is merely wet."""

from __future__ import annotations

import numpy as np

from brain.sim.actors.tracks import standing
from brain.sim.actors.wading import WadingVehicle
from brain.sim.cast import Cast
from brain.sim.life import riders, traffic, walkers
from brain.sim.scenes.kinds import SceneKind
from brain.sim.things.life import Life
from brain.sim.things.water import StandingWater


def flooded_road(cast: Cast) -> None:
    """Water gathers in the near lane from a tenth of the clip on, and drains towards its end on every other seed."""
    spec, rng = cast.spec, cast.rng("flood")
    walkers(cast, spec.walkers)
    traffic(cast, gaps_s=(4.0, 9.0))
    riders(cast)
    x, z, _ = cast.plan.spots["low road"]
    begins_s = spec.seconds * rng.uniform(0.08, 0.14)
    drains = rng.uniform() < 0.5
    ends_s = spec.seconds * rng.uniform(0.86, 0.95) if drains else float("inf")
    life = Life(begins_s, ends_s, grows_s=spec.seconds * 0.45, shrinks_s=spec.seconds * 0.2 if drains else 0.0)
    water = StandingWater(
        int(rng.integers(1 << 30)), x, z, life, reach_m=rng.uniform(2.2, 3.4), stretch=rng.uniform(1.6, 2.4),
        z_between=(5.05, 12.3),
    )  # fmt: skip
    cast.add(water)
    cast.event("road_waterlogging", "road", begins_s, ends_s if drains else None, water)


HUB_M = 0.34
"""So deep stands the water at a wheel's hub: no car passes any more (``domain``: L3)."""


def deep_flood(cast: Cast) -> None:
    """Water covers the road from kerb to kerb and rises to the wheels of cars that have stalled in it."""
    spec, rng = cast.spec, cast.rng("deep flood")
    walkers(cast, spec.walkers, ("far", "house side"))
    x, z = rng.uniform(12.0, 14.0), 8.6
    begins_s = spec.seconds * rng.uniform(0.06, 0.12)
    life = Life(begins_s, grows_s=spec.seconds * 0.5)
    water = StandingWater(
        int(rng.integers(1 << 30)), x, z, life, reach_m=rng.uniform(5.5, 6.5), stretch=rng.uniform(2.2, 2.8),
        z_between=(5.05, 12.3),
    )  # fmt: skip
    cast.add(water)

    def depth_m(time_s: float) -> float:
        return HUB_M * max(0.0, (water.reach(time_s) - 2.0) / 4.0) if life.there(time_s) else 0.0

    for lane, at in (("near", x + rng.uniform(-2.5, 0.0)), ("far", x + rng.uniform(1.5, 5.0)), ("near", x + 8.0)):
        way = cast.plan.lanes[lane]
        heading = (0.0 if way.end[0] > way.start[0] else np.pi) + rng.normal(0, 0.05)
        kind = "car" if rng.uniform() < 0.75 else "van"
        place = standing(at, way.start[1] + rng.uniform(-0.2, 0.2), heading)
        cast.add(WadingVehicle(kind, int(rng.integers(1 << 30)), place, depth_m))
    cast.event("road_waterlogging", "road", begins_s, None, water)


def wet_road(cast: Cast) -> None:
    """Small puddles at the kerb that neither grow nor count; the road mirrors when it rains."""
    rng = cast.rng("wet")
    walkers(cast, cast.spec.walkers)
    traffic(cast)
    riders(cast)
    for _ in range(3):
        cast.add(
            StandingWater(int(rng.integers(1 << 30)), rng.uniform(8, 22), 5.4, Life(), reach_m=rng.uniform(0.3, 0.55),
                          z_between=(5.05, 12.3), label="")
        )  # fmt: skip


KINDS = (
    SceneKind("flooded_road", "道路积水", "water gathers on the road, grows and drains", "street", flooded_road,
              shows="road_waterlogging"),
    SceneKind("deep_flood", "深积水车辆熄火", "cars have stalled in water that rises to their wheels", "street",
              deep_flood, shows="road_waterlogging"),
    SceneKind("wet_road", "路面湿滑小水洼", "a wet road with small puddles", "street", wet_road,
              confuses="road_waterlogging"),
)  # fmt: skip
