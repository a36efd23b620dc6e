"""Bags left on the pavement, a bin that overflows; and bins in good order."""

from __future__ import annotations

import numpy as np

from brain.sim.cast import Cast
from brain.sim.life import riders, traffic, walkers
from brain.sim.scenes.kinds import SceneKind
from brain.sim.things.life import Life
from brain.sim.things.waste import Bin, GarbageSpot

BAGS_FROM = 2
"""So many bags make an event (``domain``: ≥ 2 bags)."""


def _street(cast: Cast) -> None:
    walkers(cast, cast.spec.walkers, ("far", "kerb side"))
    traffic(cast)
    riders(cast)


def garbage_bags(cast: Cast) -> None:
    """Bags lie by a tree one after the other; the event begins with the second bag, all are taken near the end."""
    spec, rng = cast.spec, cast.rng("bags")
    _street(cast)
    count = int(rng.integers(3, 8))
    moments = np.sort(spec.seconds * rng.uniform(0.1, 0.5, count))
    ends_s = spec.seconds * rng.uniform(0.8, 0.92)
    spot = GarbageSpot(rng, rng.uniform(10.0, 14.5), rng.uniform(2.0, 3.2), [float(m) for m in moments], ends_s)
    cast.add(spot)
    cast.event("exposed_garbage", "pavement", float(moments[BAGS_FROM - 1]), ends_s, spot)


def bin_row(cast: Cast) -> None:
    """Three or four bins in good order, one with its lid open."""
    rng = cast.rng("bins")
    _street(cast)
    x, z = rng.uniform(10.5, 12.5), rng.uniform(1.9, 2.2)
    count = int(rng.integers(3, 5))
    for index in range(count):
        cast.add(Bin(rng, x, z + 0.72 * index, heading=np.pi, lid_open=index == count - 1))


def bin_overflow(cast: Cast) -> None:
    """One of three bins overflows from a fifth of the clip on; it is emptied near the end on every other seed."""
    spec, rng = cast.spec, cast.rng("bins")
    _street(cast)
    x, z = rng.uniform(10.5, 12.5), rng.uniform(1.9, 2.2)
    begins_s = spec.seconds * rng.uniform(0.15, 0.25)
    ends_s = spec.seconds * rng.uniform(0.8, 0.9) if rng.uniform() < 0.5 else float("inf")
    which = int(rng.integers(3))
    bins = [
        cast.add(
            Bin(rng, x, z + 0.72 * index, heading=np.pi, overflows=Life(begins_s, ends_s) if index == which else None)
        )
        for index in range(3)
    ]
    cast.event("bin_overflow", "pavement", begins_s, None if ends_s == float("inf") else ends_s, bins[which])


KINDS = (
    SceneKind("garbage_bags", "暴露垃圾袋", "garbage bags are left on the pavement", "street", garbage_bags,
              shows="exposed_garbage", count=BAGS_FROM),
    SceneKind("bin_overflow", "垃圾桶满溢", "one of three bins overflows", "street", bin_overflow,
              shows="bin_overflow"),
    SceneKind("bin_row", "整齐的垃圾桶", "bins in good order, one lid open", "street", bin_row,
              confuses="bin_overflow"),
)  # fmt: skip
