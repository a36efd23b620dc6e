"""Goods set out before shops; and a delivery, planters and sign boards, which stand there rightly or only briefly."""

from __future__ import annotations

import numpy as np

from brain.sim.actors.people import Waiting, Walker, on_track
from brain.sim.actors.tracks import along, stopping
from brain.sim.actors.vehicles import Vehicle
from brain.sim.bodies.people import Look
from brain.sim.cast import Cast
from brain.sim.entity import Entity
from brain.sim.life import riders, traffic, walkers
from brain.sim.scenes.kinds import SceneKind
from brain.sim.things.life import Life
from brain.sim.things.still import StillThing
from brain.sim.things.wares import GOODS, board, parcels, planter

SHOP_Z = 15.2
"""Middle of the strip before the shops."""
SHOP_X = (10.0, 22.0)


def _street(cast: Cast) -> None:
    walkers(cast, cast.spec.walkers, ("far", "house side"))
    traffic(cast, gaps_s=(4.0, 9.0), mix={"car": 0.9, "van": 0.1})
    riders(cast)


def shop_overflow(cast: Cast) -> None:
    """A shopkeeper carries goods and tables out; the event begins with the first piece and ends with the last."""
    spec, rng = cast.spec, cast.rng("goods")
    _street(cast)
    count = int(rng.integers(5, 10))
    moments = np.sort(spec.seconds * rng.uniform(0.1, 0.45, count))
    ends_s = spec.seconds * rng.uniform(0.85, 0.94) if rng.uniform() < 0.4 else float("inf")
    start = rng.uniform(SHOP_X[0], SHOP_X[1] - 1.35 * count * 0.75)
    about: list[Entity] = []
    for index, moment_s in enumerate(moments):
        label, maker = GOODS[tuple(GOODS)[int(rng.integers(len(GOODS)))]]
        x, z = start + 1.35 * index, SHOP_Z + rng.uniform(-0.25, 0.15)
        heading = rng.normal(0, 0.08)
        about.append(cast.add(StillThing(label, maker(rng), x, z, heading=heading, life=Life(float(moment_s), ends_s))))
    keeper = Waiting(float(start + 1.0), 14.2, -1.2, rng.uniform(0, 6))
    cast.add(Walker(Look.of(int(rng.integers(1 << 30))), keeper))
    cast.event("shop_overflow", "shops", float(moments[0]), None if np.isinf(ends_s) else ends_s, about)


def shop_delivery(cast: Cast) -> None:
    """A van stops before a shop, cartons stand on the pavement while they are carried in, then all are gone."""
    spec, rng = cast.spec, cast.rng("delivery")
    side = -1 if cast.plan.camera.mirrored else 1
    walkers(cast, cast.spec.walkers, ("far", "house side"))
    traffic(cast, ("near",), gaps_s=(4.0, 9.0))
    x = rng.uniform(11.5, 15.0)
    halts_s, leaves_s = spec.seconds * 0.12, spec.seconds * rng.uniform(0.78, 0.86)
    lane = cast.plan.lanes["far"]
    track = stopping(lane, abs(x + 3.0 - lane.start[0]), halts_s, leaves_s, 7.5, aside=side * 0.9)
    cast.add(Vehicle("van", int(rng.integers(1 << 30)), track, lights=cast.lights))
    first_s, last_s = halts_s + spec.seconds * 0.08, leaves_s - spec.seconds * 0.1
    for index in range(3):
        gone_s = last_s - (2 - index) * spec.seconds * 0.1
        cast.add(StillThing("", parcels(rng), x + 1.5 * index, SHOP_Z - 0.1, life=Life(first_s, gone_s)))
    laps = max(1, int((leaves_s - first_s) // 5))
    steps = on_track(along([(x + 3.2, 13.2), (x + 0.6, 15.4)] * laps, first_s, 1.2))
    life = Life(first_s, leaves_s - 1.0)
    cast.add(
        Walker(Look.of(int(rng.integers(1 << 30))), lambda time_s: steps(time_s) if life.there(time_s) else None,
               span=life.span)
    )  # fmt: skip


def planters_and_boards(cast: Cast) -> None:
    """Flower troughs and sign boards stand along the shop fronts, as they do every day."""
    rng = cast.rng("planters")
    _street(cast)
    x = SHOP_X[0] + rng.uniform(0, 1.5)
    while x < SHOP_X[1]:
        maker = planter if rng.uniform() < 0.6 else board
        cast.add(StillThing("", maker(rng), x, SHOP_Z + rng.uniform(0.15, 0.35), heading=rng.normal(0, 0.12)))
        x += rng.uniform(1.4, 3.2)


KINDS = (
    SceneKind("shop_overflow", "店外经营", "goods, racks and tables are set out before shops", "street", shop_overflow,
              shows="shop_overflow"),
    SceneKind("shop_delivery", "店前卸货", "a delivery stands before a shop until it is carried in", "street",
              shop_delivery, confuses="shop_overflow"),
    SceneKind("planters_and_boards", "花箱和招牌", "flower troughs and sign boards before shops", "street",
              planters_and_boards, confuses="shop_overflow"),
)  # fmt: skip
