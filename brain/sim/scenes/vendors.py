"""Vendors on the pavement; and a sanitation cart, a courier and a bus stop in the rain, which look like them."""

from __future__ import annotations

import numpy as np

from brain.sim.actors.people import UMBRELLAS, ParkedCycle, Waiting, Walker, on_track
from brain.sim.actors.tracks import Track, along, standing
from brain.sim.bodies.people import Look
from brain.sim.cast import Cast
from brain.sim.draw import Colour
from brain.sim.entity import Entity
from brain.sim.life import riders, traffic, umbrella, walkers
from brain.sim.scenes.kinds import SceneKind
from brain.sim.things.bus_stop import bus_sign
from brain.sim.things.life import Life
from brain.sim.things.loads import LoadedTricycle, bin_load, parcel_load, ware_load
from brain.sim.things.still import StillThing
from brain.sim.things.wares import food_cart, parcels, stall


def _street(cast: Cast) -> None:
    walkers(cast, cast.spec.walkers, ("far", "house side"))
    traffic(cast)
    riders(cast)


def customers(cast: Cast, rng: np.random.Generator, x: float, z: float, begins_s: float, ends_s: float) -> None:
    """People who come to a stall one after the other, look at the wares and go on."""
    spec = cast.spec
    comes_s = begins_s + rng.uniform(2, 5)
    while comes_s < min(ends_s, spec.seconds) - 6:
        stays_s = rng.uniform(5, 11)
        ahead = 1.0 if rng.uniform() < 0.5 else -1.0
        stop = x + rng.uniform(-0.6, 0.6), z - 1.05
        points = np.array([(stop[0] - 14 * ahead, -0.2), stop, stop, (stop[0] + 14 * ahead, -0.2)])
        track = Track([comes_s - 11, comes_s, comes_s + stays_s, comes_s + stays_s + 11], points)
        cast.add(
            Walker(Look.of(int(rng.integers(1 << 30))), on_track(track), span=track.span, umbrella=umbrella(cast, rng))
        )
        comes_s += stays_s * rng.uniform(0.8, 1.6)


def street_vendor(cast: Cast) -> None:
    """One to three vendors set up on the pavement at a tenth of the clip, and pack up near the end on some seeds."""
    spec, rng = cast.spec, cast.rng("vendors")
    _street(cast)
    begins_s = spec.seconds * rng.uniform(0.1, 0.2)
    ends_s = spec.seconds * rng.uniform(0.84, 0.94) if rng.uniform() < 0.5 else float("inf")
    about: list[Entity] = []
    x = rng.uniform(9.8, 11.2)
    for index in range(int(rng.integers(1, 4))):
        z = rng.uniform(2.5, 3.0)
        life = Life(begins_s + index * spec.seconds * 0.08, ends_s)
        kind = ("stall", "food_cart", "tricycle")[int(rng.integers(3))]
        about += vendor(cast, rng, kind, x, z, life)
        customers(cast, rng, x, z, life.begins_s, ends_s)
        x += rng.uniform(3.0, 3.8)
    cast.event("street_vendor", "pavement", begins_s, None if np.isinf(ends_s) else ends_s, about)


def vendor(
    cast: Cast, rng: np.random.Generator, kind: str, x: float, z: float, life: Life, *, behind: bool = True
) -> list[Entity]:
    """What is sold from, and who sells, ``behind`` it or beside it: both are there for the same time."""
    heading = rng.normal(0, 0.1) + (np.pi if rng.uniform() < 0.5 else 0.0)
    place: Entity
    if kind == "tricycle":
        place = LoadedTricycle(int(rng.integers(1 << 30)), standing(x, z, heading), ware_load(rng), "goods", life=life)
    else:
        body = stall(rng) if kind == "stall" else food_cart(rng)
        place = StillThing(kind, body, x, z, heading=heading, life=life)
    look = Look.of(int(rng.integers(1 << 30)))
    aside, away = (rng.uniform(-0.4, 0.4), 0.95) if behind else (1.5, rng.uniform(-0.5, 0.0))
    waits = Waiting(x + aside, z + away, -1.57 + rng.normal(0, 0.3), rng.uniform(0, 6))
    seller = Walker(look, lambda time_s: waits(time_s) if life.there(time_s) else None, span=life.span)
    return [cast.add(place), cast.add(seller)]


def sanitation_cart(cast: Cast) -> None:
    """A sweeper with an orange vest and a tricycle full of bins works along the pavement."""
    spec, rng = cast.spec, cast.rng("sweeper")
    _street(cast)
    x, z = rng.uniform(11.0, 14.0), rng.uniform(2.4, 3.1)
    cast.add(LoadedTricycle(int(rng.integers(1 << 30)), standing(x, z, 0.05), bin_load(rng), ""))
    look = Look.of(int(rng.integers(1 << 30))).worn(vest=True)
    times = np.linspace(0, spec.seconds + 4, 9)
    points = np.column_stack([x + rng.uniform(-2.8, 3.5, 9), z - rng.uniform(0.8, 1.8, 9)])
    cast.add(Walker(look, on_track(Track(times, points))))


def courier(cast: Cast) -> None:
    """A courier's tricycle with its closed box stands at the kerb, parcels beside it are carried to the houses."""
    spec, rng = cast.spec, cast.rng("courier")
    _street(cast)
    x, z = rng.uniform(10.5, 13.5), rng.uniform(2.6, 3.3)
    leaves_s = spec.seconds * rng.uniform(0.75, 0.88)
    start = Track([leaves_s, leaves_s + 12.0], np.array([[x, z], [x + 48.0, z + 0.2]]), before=True)
    cast.add(LoadedTricycle(int(rng.integers(1 << 30)), start, parcel_load(rng), "", rider=leaves_s))
    cast.add(StillThing("", parcels(rng), x - 0.4, z - 1.2, life=Life(ends_s=leaves_s - 2)))
    look = Look.of(int(rng.integers(1 << 30)))
    laps = max(1, int((leaves_s - 2) // 9))
    path = [(x - 0.4, z - 1.8), (x + 4.0, -2.0)] * laps + [(x - 0.4, z - 1.8)]
    track = along(path, 0.5, 1.3)
    steps = on_track(track)
    cast.add(Walker(look, lambda time_s: steps(time_s) if time_s < leaves_s else None))


def bus_stop_umbrellas(cast: Cast) -> None:
    """People with open umbrellas wait at a bus stop: from above the umbrellas look like parasols of stalls."""
    rng = cast.rng("stop")
    _street(cast)
    x = rng.uniform(10.5, 12.0)
    cast.add(StillThing("", bus_sign(), x, 4.2))
    for index in range(int(rng.integers(5, 8))):
        place = x + 0.4 + 0.85 * (index // 2) + rng.uniform(-0.1, 0.1), 3.7 - 0.95 * (index % 2)
        waits = Waiting(*place, 1.57 + rng.normal(0, 0.4), rng.uniform(0, 6))
        colour: Colour = UMBRELLAS[int(rng.integers(len(UMBRELLAS)))]
        cast.add(Walker(Look.of(int(rng.integers(1 << 30))), waits, umbrella=colour))


def tricycle_row(cast: Cast) -> None:
    """Empty cargo tricycles stand in a row, nobody sells."""
    rng = cast.rng("tricycles")
    _street(cast)
    for index in range(int(rng.integers(2, 4))):
        place = standing(10.5 + 1.5 * index, 2.8 + rng.uniform(-0.1, 0.1), 1.3 + rng.normal(0, 0.1))
        cast.add(ParkedCycle("tricycle", int(rng.integers(1 << 30)), place))


KINDS = (
    SceneKind("street_vendor", "占道经营", "vendors sell from stalls, carts and tricycles on the pavement", "street",
              street_vendor, shows="street_vendor"),
    SceneKind("sanitation_cart", "环卫保洁车", "a sweeper works along the pavement with a cart of bins", "street",
              sanitation_cart, confuses="street_vendor"),
    SceneKind("courier", "快递卸货", "a courier unloads parcels from a tricycle and drives on", "street", courier,
              confuses="street_vendor"),
    SceneKind("bus_stop_umbrellas", "公交站撑伞候车", "people under umbrellas wait at a bus stop", "street",
              bus_stop_umbrellas, confuses="street_vendor"),
    SceneKind("tricycle_row", "空三轮车停放", "empty cargo tricycles stand on the pavement", "street", tricycle_row,
              confuses="street_vendor"),
)  # fmt: skip
