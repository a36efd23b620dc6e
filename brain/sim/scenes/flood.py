"""A road that floods from the kerb; and a road that is merely wet."""

from __future__ import annotations

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
    SceneKind("wet_road", "路面湿滑小水洼", "a wet road with small puddles", "street", wet_road,
              confuses="road_waterlogging"),
)  # fmt: skip
