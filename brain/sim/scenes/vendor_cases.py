"""Vendors on the carriageway; and a shop's parasols and a shower's umbrellas, which look like stalls from above."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from brain.sim.cast import Cast
from brain.sim.climate import after_rain
from brain.sim.entity import Entity
from brain.sim.life import riders, traffic, walkers
from brain.sim.scenes.kerb_stops import passing
from brain.sim.scenes.kinds import SceneKind
from brain.sim.scenes.sight import clear_x
from brain.sim.scenes.vendors import customers, vendor
from brain.sim.things.furnishings import parasol
from brain.sim.things.life import Life
from brain.sim.things.still import StillThing

KERBSIDE_Z = 5.75


def vendor_on_road(cast: Cast) -> None:
    """Two or three vendors sell from the carriageway along the kerb; cars swing out around them."""
    spec, rng = cast.spec, cast.rng("road vendors")
    walkers(cast, spec.walkers, ("far", "house side"))
    passing(cast, 1.3)
    begins_s = spec.seconds * rng.uniform(0.1, 0.2)
    ends_s = spec.seconds * rng.uniform(0.84, 0.94) if rng.uniform() < 0.4 else float("inf")
    about: list[Entity] = []
    x = rng.uniform(10.2, 11.4)
    for index in range(int(rng.integers(2, 4))):
        life = Life(begins_s + index * spec.seconds * 0.08, ends_s)
        kind = ("food_cart", "tricycle")[int(rng.integers(2))]
        about += vendor(cast, rng, kind, x, KERBSIDE_Z, life, behind=False)
        customers(cast, rng, x, KERBSIDE_Z, life.begins_s, ends_s)
        x += rng.uniform(3.2, 4.0)
    cast.event("street_vendor", "road", begins_s, None if np.isinf(ends_s) else ends_s, about)


def shop_parasol(cast: Cast) -> None:
    """Parasols of a shop stand before its door, nothing is sold below them."""
    rng = cast.rng("parasols")
    walkers(cast, cast.spec.walkers, ("far", "house side"))
    traffic(cast)
    riders(cast)
    x = clear_x(cast, rng, (11.0, 15.0), 15.0)
    for index in range(int(rng.integers(1, 4))):
        cast.add(StillThing("umbrella", parasol(rng), x + 2.9 * index, 14.9, heading=rng.uniform(0, 1)))


def rain_umbrellas(cast: Cast) -> None:
    """A shower: many people walk along the pavement under umbrellas."""
    if not cast.climate.rain:
        cast.climate = replace(after_rain(cast.climate, 0.9), rain=0.55)
    walkers(cast, max(18, cast.spec.walkers), ("kerb side", "house side", "kerb side", "house side", "far"))
    traffic(cast)


KINDS = (
    SceneKind("vendor_on_road", "车道上摆摊", "vendors sell from the carriageway", "street", vendor_on_road,
              shows="street_vendor"),
    SceneKind("shop_parasol", "店铺遮阳伞", "a shop's parasols stand before its door", "street", shop_parasol,
              confuses="street_vendor"),
    SceneKind("rain_umbrellas", "雨中撑伞行人", "people walk under umbrellas in a shower", "street", rain_umbrellas,
              confuses="street_vendor"),
)  # fmt: skip
