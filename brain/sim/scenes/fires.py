"""Fires of other kinds: flame alone, smoke alone, an e-bike that burns, somebody who burns leaves."""

from __future__ import annotations

import numpy as np

from brain.sim.actors.people import Waiting, Walker
from brain.sim.bodies.people import Look
from brain.sim.cast import WHOLE, Cast
from brain.sim.life import parked_cycles, riders, traffic, walkers
from brain.sim.scenes.kinds import SceneKind
from brain.sim.scenes.sight import clear_x
from brain.sim.things.fire import BLACK_SMOKE, GREY_SMOKE, Flame, Plume
from brain.sim.things.life import Life
from brain.sim.things.still import StillThing
from brain.sim.things.waste import heap


def _street(cast: Cast) -> None:
    walkers(cast, cast.spec.walkers, ("far", "kerb side"))
    traffic(cast)
    riders(cast)


def _begin(cast: Cast, rng: np.random.Generator) -> float:
    return float(cast.spec.seconds * rng.uniform(0.15, 0.25))


def flame_only(cast: Cast) -> None:
    """A clear flame without visible smoke on the pavement; put out near the end on every other seed."""
    rng = cast.rng("fire")
    _street(cast)
    begins_s = _begin(cast, rng)
    ends_s = cast.spec.seconds * rng.uniform(0.8, 0.9) if rng.uniform() < 0.5 else np.inf
    x, z = rng.uniform(10.0, 17.0), rng.uniform(1.9, 3.0)
    cast.add(StillThing("", heap(rng, rng.uniform(0.3, 0.5), rubble=False), x, z))
    flame = cast.add(Flame(int(rng.integers(1 << 30)), x, z - 0.05, Life(begins_s, ends_s),
                           width=rng.uniform(0.6, 1.4), doubles_s=rng.uniform(10, 30), foot_m=0.1))  # fmt: skip
    cast.event("fire_smoke", WHOLE, begins_s, None if np.isinf(ends_s) else ends_s, flame)


def window_smoke(cast: Cast) -> None:
    """Smoke comes out of a shop's upper window; no flame is seen."""
    rng = cast.rng("fire")
    _street(cast)
    begins_s = _begin(cast, rng)
    x, height = clear_x(cast, rng, (11.0, 20.0), 16.5), rng.uniform(2.3, 3.3)
    kind = GREY_SMOKE if rng.uniform() < 0.5 else BLACK_SMOKE
    smoke = cast.add(Plume(kind, int(rng.integers(1 << 30)), x, 16.6, Life(begins_s),
                           start_radius=rng.uniform(0.5, 0.7), foot_m=height))  # fmt: skip
    cast.event("fire_smoke", WHOLE, begins_s, None, smoke)


def ebike_fire(cast: Cast) -> None:
    """One of a row of e-bikes smokes, then burns hard."""
    rng = cast.rng("fire")
    walkers(cast, max(3, cast.spec.walkers // 2))
    x, z = rng.uniform(11.0, 13.0), 10.9
    count = int(rng.integers(4, 8))
    parked_cycles(cast, count, x, z, heading=1.57)
    begins_s = _begin(cast, rng)
    flames_s = begins_s + rng.uniform(1.0, 5.0)
    at = x + 0.62 * int(rng.integers(1, count))
    flame = cast.add(Flame(int(rng.integers(1 << 30)), at, z - 0.3, Life(flames_s), width=rng.uniform(1.0, 1.8),
                           doubles_s=rng.uniform(6, 12), foot_m=0.3))  # fmt: skip
    smoke = cast.add(Plume(BLACK_SMOKE, int(rng.integers(1 << 30)), at, z - 0.45, Life(begins_s),
                           start_radius=0.36, foot_m=1.0))  # fmt: skip
    cast.event("fire_smoke", WHOLE, begins_s, None, (smoke, flame))


def leaf_burning(cast: Cast) -> None:
    """Somebody stands by a small fire of leaves on the pavement."""
    rng = cast.rng("fire")
    _street(cast)
    begins_s = _begin(cast, rng)
    x, z = rng.uniform(10.0, 15.0), rng.uniform(2.0, 2.8)
    cast.add(StillThing("", heap(rng, rng.uniform(0.3, 0.45), rubble=False), x, z))
    away = rng.choice((-1.0, 1.0)) * rng.uniform(0.8, 1.1)
    pose = Waiting(float(x + away), float(z + 0.4), 0.0 if away < 0 else np.pi, float(rng.uniform(0, 6)))
    cast.add(Walker(Look.of(int(rng.integers(1 << 30))), pose))
    flame = cast.add(Flame(int(rng.integers(1 << 30)), x, z - 0.05, Life(begins_s + rng.uniform(0.5, 3.0)),
                           width=rng.uniform(0.35, 0.6), doubles_s=20.0, foot_m=0.08))  # fmt: skip
    smoke = cast.add(Plume(GREY_SMOKE, int(rng.integers(1 << 30)), x, z, Life(begins_s), start_radius=0.18,
                           foot_m=0.2))  # fmt: skip
    cast.event("fire_smoke", WHOLE, begins_s, None, (smoke, flame))


KINDS = (
    SceneKind("flame_only", "明火", "a flame without smoke on the pavement", "street", flame_only, shows="fire_smoke"),
    SceneKind("window_smoke", "窗户冒烟", "smoke comes out of a shop's upper window", "street", window_smoke,
              shows="fire_smoke"),
    SceneKind("ebike_fire", "电动车起火", "one of a row of e-bikes smokes, then burns", "courtyard", ebike_fire,
              shows="fire_smoke"),
    SceneKind("leaf_burning", "焚烧树叶", "somebody burns leaves on the pavement", "street", leaf_burning,
              shows="fire_smoke"),
)  # fmt: skip
