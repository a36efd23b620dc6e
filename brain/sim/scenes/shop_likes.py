"""What stands before shops and may: e-bikes in a row, a café's licensed terrace."""

from __future__ import annotations

import numpy as np

from brain.sim.actors.people import Walker
from brain.sim.bodies.look import Look
from brain.sim.bodies.pose import Pose
from brain.sim.cast import Cast
from brain.sim.life import held, parked_cycles, riders, traffic, walkers
from brain.sim.scenes.kinds import SceneKind
from brain.sim.scenes.sight import clear_x
from brain.sim.scenes.zones import add_areas
from brain.sim.stages.plan import Area
from brain.sim.things.furnishings import parasol, terrace_table
from brain.sim.things.still import StillThing
from brain.sim.things.wares import planter

TERRACE_Z = (13.2, 15.9)
SEAT_M = 0.46


def _street(cast: Cast) -> None:
    walkers(cast, cast.spec.walkers, ("house side", "kerb side"))
    traffic(cast, gaps_s=(4.0, 9.0), mix={"car": 0.9, "van": 0.1})
    riders(cast)


def ebikes_at_shop(cast: Cast) -> None:
    """A row of e-bikes and bicycles stands along the shop fronts."""
    rng = cast.rng("e-bikes")
    _street(cast)
    count = int(rng.integers(6, 12))
    parked_cycles(cast, count, clear_x(cast, rng, (10.5, 15.0), 14.9), 14.95, heading=1.57)


def legal_terrace(cast: Cast) -> None:
    """A café's terrace: tables, chairs, parasols and guests between planters, in its licensed area (kind ``mask``)."""
    rng = cast.rng("terrace")
    _street(cast)
    low = clear_x(cast, rng, (10.0, 13.0), 14.6)
    count = int(rng.integers(3, 5))
    high = low + 2.5 * count
    add_areas(cast, Area.box("terrace", "mask", (low - 0.9, high + 0.4), TERRACE_Z))
    for index in range(count):
        x, z = low + 0.7 + 2.5 * index, 14.6 + rng.uniform(-0.2, 0.2)
        heading = rng.normal(0, 0.15)
        cast.add(StillThing("table_chair", terrace_table(rng), x, z, heading=heading))
        cast.add(StillThing("umbrella", parasol(rng), x, z + 0.75, heading=rng.uniform(0, 1)))
        for side in (-1, 1):
            if rng.uniform() < 0.65:
                seat = x + side * 0.76 * np.cos(heading), z + side * 0.76 * np.sin(heading)
                sits = Pose(float(seat[0]), float(seat[1]), heading + (np.pi if side > 0 else 0.0), sits=SEAT_M)
                cast.add(Walker(Look.of(int(rng.integers(1 << 30))), held(sits)))
    for x in np.arange(low - 0.6, high + 0.3, 1.7):
        cast.add(StillThing("", planter(rng), float(x), TERRACE_Z[0] + 0.15))


KINDS = (
    SceneKind("ebikes_at_shop", "店前停放电动车", "a row of e-bikes stands before shops", "street", ebikes_at_shop,
              confuses="shop_overflow"),
    SceneKind("legal_terrace", "持证外摆区", "a café's licensed terrace with guests", "street", legal_terrace,
              confuses="shop_overflow"),
)  # fmt: skip
