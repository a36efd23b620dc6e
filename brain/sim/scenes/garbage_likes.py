"""A heap of waste that grows; and leaves, crates, a dog, a sheet, puddles and a bag that stays only a moment."""

from __future__ import annotations

import numpy as np

from brain.sim.actors.people import Walker
from brain.sim.bodies.animals import Animal, asleep
from brain.sim.bodies.people import Look
from brain.sim.cast import Cast
from brain.sim.cuboid import Cuboid
from brain.sim.life import riders, traffic, walkers
from brain.sim.scenes.kinds import SceneKind
from brain.sim.things import road_marks
from brain.sim.things.carried import Doing, Handler
from brain.sim.things.carried_bag import CarriedBag
from brain.sim.things.decal import Decal
from brain.sim.things.life import Life
from brain.sim.things.still import StillThing
from brain.sim.things.wares import crates as crate_stack
from brain.sim.things.waste import Bin, bag
from brain.sim.things.waste_likes import GrowingPile
from brain.sim.things.waste_likes import plastic_sheet as sheet_body
from brain.sim.things.water import StandingWater


def _street(cast: Cast) -> None:
    walkers(cast, cast.spec.walkers, ("far", "house side"))
    traffic(cast)
    riders(cast)


def _spot(rng: np.random.Generator) -> tuple[float, float]:
    return float(rng.uniform(9.8, 14.0)), float(rng.uniform(2.0, 3.4))


def garbage_pile(cast: Cast) -> None:
    """A heap of waste or rubble grows on the pavement from a tenth of the clip on; on some seeds it is cleared."""
    spec, rng = cast.spec, cast.rng("pile")
    _street(cast)
    x, z = _spot(rng)
    begins_s = spec.seconds * rng.uniform(0.1, 0.18)
    ends_s = spec.seconds * rng.uniform(0.86, 0.94) if rng.uniform() < 0.4 else float("inf")
    life = Life(begins_s, ends_s, grows_s=spec.seconds * 0.45)
    pile = cast.add(GrowingPile(rng, x, z, life, radius=rng.uniform(0.55, 0.95), rubble=rng.uniform() < 0.25))
    cast.event("exposed_garbage", "pavement", begins_s, None if np.isinf(ends_s) else ends_s, pile)


def fallen_leaves(cast: Cast) -> None:
    """Leaves lie scattered over the pavement and swept together at some places."""
    rng = cast.rng("leaves")
    _street(cast)
    for _ in range(4):
        cast.add(Decal("", road_marks.leaves(rng, rng.uniform(1.2, 2.2), swept=False), rng.uniform(9, 18),
                       rng.uniform(1.5, 3.6)))  # fmt: skip
    for _ in range(2):
        cast.add(Decal("", road_marks.leaves(rng, rng.uniform(0.5, 0.8), swept=True), *_spot(rng)))


def stacked_crates(cast: Cast) -> None:
    """Crates of a shop stand tidily on the pavement."""
    rng = cast.rng("crates")
    _street(cast)
    x, z = _spot(rng)
    for index in range(int(rng.integers(1, 3))):
        cast.add(StillThing("", crate_stack(rng), x + 1.9 * index, z, heading=rng.normal(0, 0.1)))


def sleeping_dog(cast: Cast) -> None:
    """One or two dogs sleep on the pavement."""
    rng = cast.rng("dog")
    _street(cast)
    x, z = _spot(rng)
    for index in range(int(rng.integers(1, 3))):
        animal = Animal.of(rng, cat=False)
        cast.add(StillThing("", asleep(animal), x + 1.4 * index, z, heading=rng.uniform(0, 6.28)))


def plastic_sheet(cast: Cast) -> None:
    """A tarpaulin lies on the pavement."""
    rng = cast.rng("sheet")
    _street(cast)
    cast.add(StillThing("", sheet_body(rng), *_spot(rng), heading=rng.uniform(0, 3.14)))


def pavement_puddles(cast: Cast) -> None:
    """Puddles and wet spots on the pavement after rain."""
    rng = cast.rng("puddles")
    _street(cast)
    for _ in range(3):
        x, z = _spot(rng)
        cast.add(
            StandingWater(int(rng.integers(1 << 30)), x, z, Life(), reach_m=rng.uniform(0.28, 0.5),
                          z_between=(-3.0, 4.7), label="")
        )  # fmt: skip
        cast.add(Decal("", road_marks.stain(rng, rng.uniform(0.5, 0.9), oil=False), x + rng.uniform(1.2, 2.2), z))


def bag_taken(cast: Cast) -> None:
    """Somebody puts one bag down beside the bins, it is taken away soon after."""
    spec, rng = cast.spec, cast.rng("bag")
    _street(cast)
    x, z = rng.uniform(10.5, 12.5), rng.uniform(2.0, 2.3)
    for index in range(3):
        cast.add(Bin(rng, x, z + 0.72 * index, heading=np.pi, lid_open=index == 2 and rng.uniform() < 0.5))
    thing = Cuboid(float(x - 0.2), float(z - 0.8), np.pi, 0.45, 0.5, 0.5)
    put_down_s, taken_s = spec.seconds * rng.uniform(0.2, 0.28), spec.seconds * rng.uniform(0.5, 0.6)
    handlers = [Handler(Doing.PUT_DOWN, put_down_s, thing), Handler(Doing.TAKE, taken_s, thing)]
    for handler in handlers:
        cast.add(Walker(Look.of(int(rng.integers(1 << 30))), handler))
    cast.add(CarriedBag(bag(rng), thing, put_down_s, taken_s, handlers))


KINDS = (
    SceneKind("garbage_pile", "垃圾堆增长", "a heap of waste grows on the pavement", "street", garbage_pile,
              shows="exposed_garbage"),
    SceneKind("fallen_leaves", "落叶", "fallen and swept leaves", "street", fallen_leaves, confuses="exposed_garbage"),
    SceneKind("stacked_crates", "整齐的货箱", "crates stand tidily on the pavement", "street", stacked_crates,
              confuses="exposed_garbage"),
    SceneKind("sleeping_dog", "卧地的狗", "dogs sleep on the pavement", "street", sleeping_dog,
              confuses="exposed_garbage"),
    SceneKind("plastic_sheet", "塑料布", "a tarpaulin lies on the pavement", "street", plastic_sheet,
              confuses="exposed_garbage"),
    SceneKind("pavement_puddles", "人行道水洼", "puddles and wet spots on the pavement", "street", pavement_puddles,
              confuses="exposed_garbage"),
    SceneKind("bag_taken", "垃圾袋放下又取走", "a bag is put down beside bins and soon taken away", "street",
              bag_taken, confuses="bin_overflow"),
)  # fmt: skip
