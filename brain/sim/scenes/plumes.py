"""More of what is taken for a fire: a barbecue, dust behind a sweeping machine, a boiler's chimney."""

from __future__ import annotations

from dataclasses import replace

from brain.sim.actors.people import Waiting, Walker
from brain.sim.actors.tracks import through
from brain.sim.actors.vehicles import Vehicle
from brain.sim.bodies.look import Look
from brain.sim.bodies.tanker import make_sprinkler
from brain.sim.cast import Cast
from brain.sim.life import riders, traffic, walkers
from brain.sim.scenes.kinds import SceneKind
from brain.sim.scenes.sites import gate
from brain.sim.things.embers import Embers
from brain.sim.things.fire import Plume, PlumeKind
from brain.sim.things.furnishings import boiler, grill
from brain.sim.things.life import Life
from brain.sim.things.still import StillThing
from brain.sim.things.trail import DUST, FUMES, Place, Trail
from brain.sim.things.wares import table

STACK = PlumeKind("", (214, 212, 212), 1.5, (0.7, 0.2), 0.3, 8.0, 1.7)
GRILL_M = 0.92
TAIL_M = 3.9


def _street(cast: Cast) -> None:
    walkers(cast, cast.spec.walkers, ("far", "house side"))
    traffic(cast, gaps_s=(3.0, 8.0))
    riders(cast)


def barbecue(cast: Cast) -> None:
    """A cook at a charcoal grill: coals glow, fumes rise, guests wait."""
    rng = cast.rng("barbecue")
    _street(cast)
    x, z = rng.uniform(10.0, 12.5), rng.uniform(1.9, 2.6)
    cast.add(StillThing("", grill(rng), x, z))
    cast.add(Embers(int(rng.integers(1 << 30)), x, z - 0.02, length=1.3, height_m=GRILL_M))
    thin = replace(FUMES, density=1.7, colour=(196, 198, 200))
    cast.add(Plume(thin, int(rng.integers(1 << 30)), x, z, Life(), start_radius=0.34, foot_m=1.05))
    cast.add(Walker(Look.of(int(rng.integers(1 << 30))), Waiting(x + 0.2, z + 0.75, -1.57, rng.uniform(0, 6))))
    cast.add(StillThing("table_chair", table(rng), x + 2.6, z - 0.2))
    for dx in (1.6, 3.4):
        cast.add(Walker(Look.of(int(rng.integers(1 << 30))), Waiting(x + dx, z - 1.1, 1.0, rng.uniform(0, 6))))


def street_dust(cast: Cast) -> None:
    """A sweeping machine passes and raises dust; a gust carries it off."""
    rng = cast.rng("sweeping")
    walkers(cast, cast.spec.walkers, ("far", "house side"))
    traffic(cast, ("far",))
    lane = cast.plan.lanes["near"]
    speed, way = rng.uniform(2.2, 3.0), 1.0 if lane.end[0] > lane.start[0] else -1.0
    passes_s = cast.spec.seconds * rng.uniform(0.4, 0.5)
    track = through(lane, passes_s - abs(12.0 - lane.start[0]) / speed, speed)
    cast.add(Vehicle("truck", int(rng.integers(1 << 30)), track, lights=cast.lights, body=make_sprinkler(rng)))

    def brushes(time_s: float) -> Place | None:
        place = track.at(time_s)
        return None if place is None else (place.x - way * TAIL_M, 0.25, place.z)

    dust = replace(DUST, wind=(-0.3 * way, 0.3), life_s=6.0, density=0.95)
    cast.add(Trail(dust, int(rng.integers(1 << 30)), brushes, Life(), start_radius=0.5, puffs_per_s=3.0))


def chimney_smoke(cast: Cast) -> None:
    """White smoke rises from the chimney of a site's boiler house behind the fence, as every day."""
    rng = cast.rng("chimney")
    x, z = 1.5 * gate(cast) + rng.uniform(-1.5, 1.5), rng.uniform(23.0, 26.0)
    traffic(cast, ("near",), gaps_s=(4.0, 9.0))
    body = boiler(rng)
    cast.add(StillThing("", body, x, z))
    high = float(body.points()[:, 1].max())
    cast.add(Plume(STACK, int(rng.integers(1 << 30)), x, z, Life(), start_radius=0.4, foot_m=high))


KINDS = (
    SceneKind("barbecue", "露天烧烤", "a charcoal grill glows and smokes", "street", barbecue, confuses="fire_smoke"),
    SceneKind("street_dust", "清扫扬尘", "a sweeping machine raises dust", "street", street_dust,
              confuses="fire_smoke"),
    SceneKind("chimney_smoke", "烟囱排烟", "smoke rises from a boiler's chimney", "site_gate", chimney_smoke,
              confuses="fire_smoke"),
)  # fmt: skip
