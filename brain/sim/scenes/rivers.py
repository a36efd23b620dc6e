"""Debris and algae on the river; and what looks like them: birds, lotus, glitter, rings, foam, a boat's wake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from brain.sim.actors.tracks import along
from brain.sim.actors.vehicles import Vehicle
from brain.sim.bodies.boats import make_boat
from brain.sim.bodies.people import Look
from brain.sim.bodies.pose import Pose
from brain.sim.cast import Cast
from brain.sim.climate import after_rain
from brain.sim.life import walkers
from brain.sim.scenes.kinds import SceneKind
from brain.sim.scenes.sight import enters_s
from brain.sim.things.afloat import Bather, Wake
from brain.sim.things.animals import duck, egret, flying
from brain.sim.things.debris import dead_fish as fish
from brain.sim.things.debris import item, lotus
from brain.sim.things.life import Life
from brain.sim.things.mirrors import CloudMirror
from brain.sim.things.moving import MovingBody, Spot, still_at
from brain.sim.things.sheets import RainRings, Sheet, SunGlitter
from brain.sim.things.still import Body

COUNTS = 5
"""So many items make an event."""
WATER_Z = (7.3, 31.0)


def _bank(cast: Cast) -> None:
    walkers(cast, min(4, cast.spec.walkers))


def floating_debris(cast: Cast) -> None:
    """Items drift into the picture one after the other; the event begins with the fifth."""
    _drift_in(cast, cast.rng("debris"), item, (7, 14))


def dead_fish(cast: Cast) -> None:
    """Dead fish, pale side up, drift into the picture one after the other; the event begins with the fifth."""
    _drift_in(cast, cast.rng("fish"), fish, (12, 21))


def _drift_in(
    cast: Cast, rng: np.random.Generator, maker: Callable[[np.random.Generator], Body], counts: tuple[int, int]
) -> None:
    """Things drift into the picture one after the other; the event begins with the fifth."""
    spec = cast.spec
    _bank(cast)
    found = []
    count = int(rng.integers(*counts))
    speed = rng.uniform(0.25, 0.5)
    for index in range(count):
        place = _drifting(rng, speed)
        comes_s = enters_s(cast, place, times=np.arange(-80.0, 30.0, 0.5))
        if comes_s is None:
            continue
        # The first two are there from the start, the others follow.
        wanted_s = spec.seconds * (0.6 * max(0.0, index - 1.5) / count - 0.02)
        place = _later(place, wanted_s - comes_s)
        first = max(0, spec.first_picture(wanted_s - 1.0))
        about = np.array(
            [spec.time_s(at) for at in range(first, min(spec.pictures, spec.first_picture(wanted_s + 1.0)))]
        )
        begins_s = enters_s(cast, place, times=about) if len(about) else None
        if begins_s is not None:
            found.append((begins_s, _from(place, begins_s), maker(rng)))
    found.sort(key=lambda entry: entry[0])
    items = [
        cast.add(MovingBody("floating_debris", body, where, span=(begins_s, np.inf), light=True))
        for begins_s, where, body in found
    ]
    if len(found) >= COUNTS:
        cast.event("floating_debris", "river", found[COUNTS - 1][0], None, items)


def _later(place: Callable[[float], Spot], by_s: float) -> Callable[[float], Spot]:
    return lambda time_s: place(time_s - by_s)


def _drifting(rng: np.random.Generator, speed: float) -> Callable[[float], Spot]:
    """A way down the river, well in sight at second 0."""
    z, x, phase = rng.uniform(8.2, 14.5), rng.uniform(10.0, 17.0), rng.uniform(0, 6)
    turn, spin, pace = rng.uniform(0, 6), rng.uniform(-0.12, 0.12), speed * rng.uniform(0.85, 1.15)

    def place(time_s: float) -> Spot:
        sway = 0.25 * np.sin(0.35 * time_s + phase)
        gone = pace * time_s
        lift = 0.015 * np.sin(2.1 * time_s + phase)
        return Spot(float(x + gone), float(z + sway), turn + spin * time_s, float(lift))

    return place


def _from(place: Callable[[float], Spot], begins_s: float) -> Callable[[float], Spot | None]:
    return lambda time_s: place(time_s) if time_s >= begins_s - 1e-9 else None


def algae_bloom(cast: Cast) -> None:
    """A green scum of algae spreads over the water."""
    spec, rng = cast.spec, cast.rng("algae")
    _bank(cast)
    begins_s = spec.seconds * rng.uniform(0.08, 0.16)
    life = Life(begins_s, grows_s=spec.seconds * 0.6)
    colour = ((56, 112, 86), (52, 122, 102), (62, 104, 70))[int(rng.integers(3))]
    algae = cast.add(Sheet(int(rng.integers(1 << 30)), "algae", colour, rng.uniform(12, 15), rng.uniform(10.0, 11.5),
                           reach_m=rng.uniform(2.4, 3.6), stretch=rng.uniform(1.8, 2.8), z_between=WATER_Z, life=life,
                           rough=0.14, holes=0.35, cover=0.9, least_m=0.6))  # fmt: skip
    cast.event("floating_debris", "river", begins_s, None, algae)


def river_birds(cast: Cast) -> None:
    """Ducks swim, egrets stand at the edge, a bird flies over."""
    rng = cast.rng("birds")
    _bank(cast)
    for _ in range(int(rng.integers(4, 8))):
        x, z, phase, speed = rng.uniform(9, 20), rng.uniform(8.5, 14), rng.uniform(0, 6), rng.uniform(0.04, 0.12)

        def swim(time_s: float, x: float = x, z: float = z, phase: float = phase, speed: float = speed) -> Spot:
            turn = speed * time_s * 2 + phase
            return Spot(x + 1.6 * float(np.cos(turn)), z + 0.9 * float(np.sin(turn)), turn + np.pi / 2)

        cast.add(MovingBody("", duck(rng), swim))
    for _ in range(2):
        spot = Spot(rng.uniform(10, 18), rng.uniform(7.4, 7.9), rng.uniform(0, 6))
        cast.add(MovingBody("", egret(rng), still_at(spot)))
    phase, speed, z = rng.uniform(0, 6), rng.uniform(5, 8), rng.uniform(10, 16)
    lap = 70.0 / speed

    def fly(time_s: float) -> Spot:
        gone = (time_s + phase) % lap
        return Spot(-15 + speed * gone, z, 0.0, 2.2 + 0.3 * float(np.sin(time_s)))

    cast.add(MovingBody("", lambda time_s: flying(time_s, phase), fly))


def lotus_leaves(cast: Cast) -> None:
    """Groups of lotus leaves stand in the water."""
    rng = cast.rng("lotus")
    _bank(cast)
    for _ in range(int(rng.integers(4, 8))):
        x, z, phase = rng.uniform(9, 20), rng.uniform(8.6, 13.5), rng.uniform(0, 6)

        def rock(time_s: float, x: float = x, z: float = z, phase: float = phase) -> Spot:
            return Spot(x, z, phase, 0.012 * float(np.sin(1.1 * time_s + phase)))

        cast.add(MovingBody("", lotus(rng), rock, light=True))


def sun_glitter(cast: Cast) -> None:
    """The sun glitters on the ripples."""
    _bank(cast)
    strength = 1.0 if float(np.mean(cast.climate.sky)) > 0.3 else 0.45
    cast.add(SunGlitter(cast.spec.seed, WATER_Z, strength=strength))


def cloud_reflections(cast: Cast) -> None:
    """White clouds drift in the water's mirror."""
    rng = cast.rng("clouds")
    _bank(cast)
    cast.add(CloudMirror(int(rng.integers(1 << 30)), WATER_Z, wind_ms=rng.uniform(5.0, 9.0) * rng.choice((-1.0, 1.0))))


def rain_rings(cast: Cast) -> None:
    """Drops of a shower make rings on the water."""
    if not cast.climate.rain:
        cast.climate = replace(after_rain(cast.climate, 0.8), rain=0.4)
    _bank(cast)
    count = int(cast.rng("rings").integers(70, 120))
    cast.add(RainRings(cast.spec.seed, (4.0, 30.0), (7.4, 20.0), count))


def river_foam(cast: Cast) -> None:
    """Flakes of white foam drift down the river."""
    rng = cast.rng("foam")
    _bank(cast)
    way = rng.uniform(0.15, 0.35) * rng.choice((-1.0, 1.0))
    for _ in range(int(rng.integers(4, 8))):
        middle = float(rng.uniform(9, 20) - way * cast.spec.seconds / 2)
        cast.add(Sheet(int(rng.integers(1 << 30)), "foam", (228, 230, 230), middle, rng.uniform(8.4, 13.5),
                       reach_m=rng.uniform(0.4, 0.9), stretch=rng.uniform(1.5, 3.0), z_between=WATER_Z, rough=0.06,
                       holes=0.62, drift=float(way), cover=0.8))  # fmt: skip


def boat_wake(cast: Cast) -> None:
    """A keeper's boat passes and draws its wake."""
    rng = cast.rng("boat")
    _bank(cast)
    way = float(rng.choice((-1.0, 1.0)))
    z, speed = rng.uniform(10.5, 13.0), rng.uniform(1.5, 2.4)
    middle_s = cast.spec.seconds * rng.uniform(0.5, 0.65)
    start = 13.0 - way * speed * (middle_s + 30)
    track = along([(start, z), (start + way * 140.0, z)], -30.0, speed)
    cast.add(Vehicle("", int(rng.integers(1 << 30)), track, body=make_boat(rng)))
    cast.add(Wake(int(rng.integers(1 << 30)), track))
    look = Look.of(int(rng.integers(1 << 30))).worn(vest=True)

    def crew(time_s: float) -> Pose | None:
        place = track.at(time_s)
        if place is None:
            return None
        back = -1.05 * way
        return Pose(place.x + back, place.z - 0.1, place.heading, sits=0.42, lift=0.38)

    cast.add(Bather(look, crew))


KINDS = (
    SceneKind("floating_debris", "河面漂浮物", "bottles, bags, boxes and branches drift down the river", "river_bank",
              floating_debris, shows="floating_debris", count=COUNTS),
    SceneKind("algae_bloom", "水面藻类", "a scum of algae spreads over the water", "river_bank", algae_bloom,
              shows="floating_debris"),
    SceneKind("dead_fish", "水面死鱼", "dead fish drift down the river", "river_bank", dead_fish,
              shows="floating_debris", count=COUNTS),
    SceneKind("river_birds", "水鸟", "ducks, egrets and a bird that flies over the river", "river_bank", river_birds,
              confuses="floating_debris"),
    SceneKind("lotus_leaves", "荷叶", "lotus leaves stand in the water", "river_bank", lotus_leaves,
              confuses="floating_debris"),
    SceneKind("sun_glitter", "水面反光", "the sun glitters on ripples", "river_bank", sun_glitter,
              confuses="floating_debris"),
    SceneKind("cloud_reflections", "水面云影", "the water mirrors drifting clouds", "river_bank", cloud_reflections,
              confuses="floating_debris"),
    SceneKind("rain_rings", "雨滴涟漪", "rain drops make rings on the water", "river_bank", rain_rings,
              confuses="floating_debris"),
    SceneKind("river_foam", "水面泡沫", "flakes of foam drift down the river", "river_bank", river_foam,
              confuses="floating_debris"),
    SceneKind("boat_wake", "船只尾浪", "a boat passes and draws its wake", "river_bank", boat_wake,
              confuses="floating_debris"),
)  # fmt: skip
