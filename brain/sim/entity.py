"""What a world is made of: entities, which say at any second what of them is where and how it is painted.

An entity has one or more *parts*; each part is one instance of the truth with a class name of
``models/algorithms.yaml`` (an e-bike and its rider are two), or an empty name for what no algorithm looks for.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from brain.sim.camera import Floats

if TYPE_CHECKING:
    from brain.sim.canvas import Canvas
    from brain.sim.paint.pad import Pad
    from brain.sim.paint.shading import Shade
    from brain.sim.paint.view import View

ALWAYS = (-np.inf, np.inf)


@dataclass(frozen=True, slots=True)
class LampPoint:
    """A lamp of a vehicle that is on: place (3), colour BGR, strength, and the direction it shines in (3)."""

    place: tuple[float, float, float]
    colour: tuple[float, float, float]
    strength: float
    towards: tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A solid part at one moment.

    Attributes:
        part: which part of its entity.
        foot: ground point below its middle (3).
        outline: world points (N×3) whose convex hull in the picture encloses it.
        paint: paints it on a pad.
        casters: what throws shadow: points (N×3) and a radius in metres; each throws that of the hull of its discs.
        contact: points on the ground (N×3) whose hull lies in its darkness, or ``None``.
        still: when given, the part looks the same whenever this key is the same, and its sprite is kept.
        lamps: those that are on.
        beam: heading of head lamps that light the ground, or ``None``.
    """

    part: int
    foot: Floats
    outline: Floats
    paint: Callable[[Pad, View, Shade], None]
    casters: tuple[tuple[Floats, float], ...] = ()
    contact: Floats | None = None
    still: Hashable | None = None
    lamps: tuple[LampPoint, ...] = ()
    beam: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """A part that paints itself on the canvas: flat on the ground, or soft in the air.

    Attributes:
        part, foot, outline: as of ``Placed``.
        draw: paints it and writes the instance's number (second argument) into the canvas' numbers if it keeps any.
        flat: lies on the ground and is painted before all shadows and bodies.
        seen: works out world points (N×3) that enclose what of it shows; ``None`` = the outline does.
    """

    part: int
    foot: Floats
    outline: Floats
    draw: Callable[[Canvas, int], None]
    flat: bool = False
    seen: Callable[[], Floats] | None = None


class Entity(Protocol):
    """Anything that a scene puts into the world."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Class name of each part."""
        ...

    @property
    def span(self) -> tuple[float, float]:
        """From when to when it may be there."""
        ...

    def at(self, time_s: float) -> Sequence[Placed | Painted]:
        """Its parts at a moment."""
        ...


def since(time_s: float, moment_s: float) -> float:
    """Seconds since a moment, free of the last bits of rounding, so that a moment on a picture is met by it."""
    return round(time_s - moment_s, 9)
