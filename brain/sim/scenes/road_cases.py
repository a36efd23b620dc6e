"""A road that falls in; and stains, wet spots, painted marks and works behind cones, which are no damage."""

from __future__ import annotations

import numpy as np

from brain.sim.actors.people import Waiting, Walker
from brain.sim.bodies.look import Look
from brain.sim.cast import Cast
from brain.sim.life import riders, traffic, walkers
from brain.sim.scenes.kerb_stops import passing
from brain.sim.scenes.kinds import SceneKind
from brain.sim.things import road_marks
from brain.sim.things.barrier import barrier
from brain.sim.things.decal import Decal
from brain.sim.things.furnishings import cone
from brain.sim.things.life import Life
from brain.sim.things.manhole import Manhole
from brain.sim.things.still import StillThing


def _street(cast: Cast) -> None:
    walkers(cast, cast.spec.walkers, ("far", "house side"))
    traffic(cast)
    riders(cast)


def road_collapse(cast: Cast) -> None:
    """A part of the near lane falls in and the cavity widens; cars keep to the other side."""
    spec, rng = cast.spec, cast.rng("collapse")
    walkers(cast, spec.walkers, ("far", "house side"))
    passing(cast, 1.75)
    begins_s = spec.seconds * rng.uniform(0.15, 0.25)
    life = Life(begins_s, grows_s=spec.seconds * 0.3)
    flat = road_marks.collapse(rng, rng.uniform(1.5, 2.0))
    hole = cast.add(Decal("pothole", flat, rng.uniform(10.5, 13.5), rng.uniform(6.2, 6.5), life=life))
    cast.event("road_damage", "road", begins_s, None, hole)


def oil_stains(cast: Cast) -> None:
    """Oil has dripped and spread on a sound road."""
    rng = cast.rng("oil")
    _street(cast)
    for _ in range(int(rng.integers(5, 9))):
        stain = road_marks.stain(rng, rng.uniform(0.4, 1.3), oil=True)
        cast.add(Decal("", stain, rng.uniform(9, 17), rng.uniform(5.8, 9.5)))


def wet_spots(cast: Cast) -> None:
    """Wet spots dry on a sound road."""
    rng = cast.rng("wet spots")
    _street(cast)
    for _ in range(int(rng.integers(5, 9))):
        stain = road_marks.stain(rng, rng.uniform(0.6, 1.7), oil=False)
        cast.add(Decal("", stain, rng.uniform(9, 17), rng.uniform(5.8, 9.5)))


def painted_marks(cast: Cast) -> None:
    """Arrows and the lines of a bay, some of them worn."""
    rng = cast.rng("marks")
    _street(cast)
    way = 0.0 if cast.plan.lanes["near"].end[0] > cast.plan.lanes["near"].start[0] else np.pi
    for index, (lane, heading) in enumerate(((7.25, way), (10.4, np.pi - way))):
        for x in (rng.uniform(9.5, 12.0), rng.uniform(17.0, 20.0)):
            cast.add(Decal("", road_marks.arrow(rng), x + index, lane, heading=heading))
    cast.add(Decal("", road_marks.bays(6.0, 2.1, 1), rng.uniform(13.5, 16.0), 6.1))


def works_with_cones(cast: Cast) -> None:
    """A trench being mended behind cones and barriers, two workers beside it: known, and guarded already."""
    rng = cast.rng("works")
    walkers(cast, cast.spec.walkers, ("far", "house side"))
    passing(cast, 1.5)
    x, z = rng.uniform(11.0, 14.0), 6.1
    for step in (-0.7, 0.6):
        cast.add(Decal("", road_marks.patch(rng), x + step, z))
    for dx, dz in ((-2.3, -0.7), (-2.3, 0.9), (-1.1, 1.1), (0.2, 1.1), (1.5, 1.1), (2.4, 0.9), (2.4, -0.7)):
        cast.add(StillThing("", cone(), x + dx + rng.normal(0, 0.06), z + dz + rng.normal(0, 0.05)))
    for end in (-1.9, 1.9):
        cast.add(StillThing("", barrier(), x + end, z, heading=np.pi / 2))
    for dx, dz, heading in ((-1.0, -0.85, 1.2), (1.2, -0.8, 2.2)):
        look = Look.of(int(rng.integers(1 << 30))).worn(helmet=(40, 190, 235), vest=True)
        cast.add(Walker(look, Waiting(x + dx, z + dz, heading, rng.uniform(0, 6))))
    cast.add(Manhole(rng, rng.uniform(16.5, 18.5), 6.2, None))


KINDS = (
    SceneKind("road_collapse", "路面塌陷", "a part of the road falls in", "street", road_collapse,
              shows="road_damage"),
    SceneKind("oil_stains", "路面油渍", "oil stains on a sound road", "street", oil_stains, confuses="road_damage"),
    SceneKind("wet_spots", "路面湿斑", "wet spots on a sound road", "street", wet_spots, confuses="road_damage"),
    SceneKind("painted_marks", "路面标线", "arrows and lines on a sound road", "street", painted_marks,
              confuses="road_damage"),
    SceneKind("works_with_cones", "围挡锥桶施工", "guarded works behind cones", "street", works_with_cones,
              confuses="road_damage"),
)  # fmt: skip
