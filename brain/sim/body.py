"""A part of an entity at one moment, made ready to be painted."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from brain.sim.camera import Projector
from brain.sim.draw import bounds
from brain.sim.entity import Painted, Placed
from brain.sim.kept import Kept
from brain.sim.order import Standing, standing
from brain.sim.paint.view import NEAR_M

KEPT = 600
"""Results of still bodies that are kept, of each kind."""


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """A part with its number.

    Attributes:
        number: of the instance.
        placed: what to paint.
        stands: where it is, and its box on the canvas.
        key: the same only while it looks the same and stands at the same place; ``None`` = it moves.
    """

    number: int
    placed: Placed | Painted
    stands: Standing
    key: Hashable | None


class Bodies:
    """Finds where the parts of a moment stand; what stands still is worked out once."""

    def __init__(self, projector: Projector) -> None:
        self._projector = projector
        self._known: Kept[Standing | None] = Kept(KEPT)

    def __call__(self, parts: list[tuple[int, Placed | Painted]]) -> list[Body]:
        """The parts (number of the instance, part) that lie on the canvas, in the same order."""
        found = []
        for number, placed in parts:
            key = None
            if isinstance(placed, Placed) and placed.still is not None:
                key = (number, placed.still, placed.foot.tobytes())
            stands = self._known.get(key, self._standing, placed)
            if stands is not None:
                found.append(Body(number, placed, stands, key))
        return found

    def _standing(self, placed: Placed | Painted) -> Standing | None:
        pixels, depth = self._projector(placed.outline)
        if depth.min() <= NEAR_M:
            pixels = pixels[depth > NEAR_M]
            if not len(pixels):
                return None
        rect = bounds(pixels, self._projector.camera.canvas)
        return None if rect is None else standing(float(depth.mean()), placed.foot, placed.outline, rect)
