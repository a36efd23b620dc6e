"""A garbage bag that somebody puts down and somebody takes away again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from brain.sim.cuboid import Cuboid
from brain.sim.entity import Placed
from brain.sim.paint.mesh import turned
from brain.sim.things.carried import CarriedCase, Handler
from brain.sim.things.still import Body, placed


class CarriedBag(CarriedCase):
    """As ``CarriedCase``, with another body."""

    labels = ("garbage_bag",)

    def __init__(
        self, body: Body, thing: Cuboid, put_down_s: float, taken_s: float | None, handlers: Sequence[Handler]
    ) -> None:
        super().__init__(0, thing, put_down_s, taken_s, handlers)
        self._body = body

    def at(self, time_s: float) -> Sequence[Placed]:
        """The bag, unless it is away."""
        found = self.where(time_s)
        if found is None:
            return ()
        thing, lift = found
        middle = np.array([thing.x, lift, thing.z])
        outline = turned(self._body.points(), thing.heading) + middle
        part = placed(0, self._body, middle, thing.heading, outline, "bag")
        foot = middle * np.array([1.0, 0.0, 1.0])
        rests = lift == 0.0
        return (
            Placed(0, foot, outline, part.paint, part.casters, part.contact if rests else None,
                   still="bag" if rests else None),
        )  # fmt: skip
