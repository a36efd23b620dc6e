"""A fire that breaks out on the pavement; and steam from a manhole, which only looks like it."""

from __future__ import annotations

from brain.sim.cast import Cast
from brain.sim.life import riders, traffic, walkers
from brain.sim.scenes.kinds import SceneKind
from brain.sim.things.fire import BLACK_SMOKE, GREY_SMOKE, STEAM, Flame, Plume
from brain.sim.things.life import Life
from brain.sim.things.still import StillThing
from brain.sim.things.waste import heap


def ground_fire(cast: Cast) -> None:
    """A heap of waste begins to smoke at a fifth of the clip and flames up a little later."""
    spec, rng = cast.spec, cast.rng("fire")
    walkers(cast, spec.walkers, ("far", "kerb side"))
    traffic(cast)
    riders(cast)
    x, z, _ = cast.plan.spots["tree"]
    x = rng.uniform(10.5, 14.5)
    begins_s = spec.seconds * rng.uniform(0.15, 0.25)
    flames_s = begins_s + rng.uniform(1.0, 4.0)
    cast.add(StillThing("garbage_pile", heap(rng, rng.uniform(0.5, 0.8), rubble=False), x, z - 1.6))
    flame = cast.add(
        Flame(int(rng.integers(1 << 30)), x, z - 1.65, Life(flames_s), width=rng.uniform(0.8, 1.3), foot_m=0.12)
    )
    kind = GREY_SMOKE if rng.uniform() < 0.6 else BLACK_SMOKE
    smoke = cast.add(Plume(kind, int(rng.integers(1 << 30)), x, z - 1.6, Life(begins_s), foot_m=0.35))
    cast.event("fire_smoke", "pavement", begins_s, None, (smoke, flame))


def manhole_steam(cast: Cast) -> None:
    """Steam rises from a manhole all the time and vanishes within a few metres."""
    rng = cast.rng("steam")
    walkers(cast, cast.spec.walkers)
    traffic(cast, gaps_s=(4.0, 9.0))
    riders(cast)
    cast.add(Plume(STEAM, int(rng.integers(1 << 30)), rng.uniform(11, 16), rng.uniform(6.0, 8.0), Life()))


KINDS = (
    SceneKind("ground_fire", "路边起火", "a heap of waste on the pavement smokes, then burns", "street", ground_fire,
              shows="fire_smoke"),
    SceneKind("manhole_steam", "井盖蒸汽", "steam rises from a manhole", "street", manhole_steam,
              confuses="fire_smoke"),
)  # fmt: skip
