"""Bodies that follow a path and float, fly or walk: debris, birds, dogs, boats' loads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from brain.sim.camera import Floats
from brain.sim.canvas import Canvas
from brain.sim.draw import bounds
from brain.sim.entity import ALWAYS, Painted, Placed
from brain.sim.paint.mesh import turned
from brain.sim.paint.pad import Pad
from brain.sim.paint.shading import Shade
from brain.sim.paint.view import View
from brain.sim.things.still import Body, paint_body


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a body is: metres, heading in radians, metres above the ground."""

    x: float
    z: float
    heading: float = 0.0
    lift: float = 0.0


def still_at(spot: Spot) -> Callable[[float], Spot]:
    """The place of a body that stays where it is."""
    return lambda _time: spot


class MovingBody:
    """A body whose place is a function of time.

    Args:
        where: media second → place, ``None`` while away.
        light: it is small: no shadow, no mirror image.
    """

    def __init__(
        self,
        label: str,
        body: Body | Callable[[float], Body],
        where: Callable[[float], Spot | None],
        *,
        span: tuple[float, float] = ALWAYS,
        light: bool = False,
    ) -> None:
        self.labels = (label,)
        self.span = span
        self._body, self._where, self._light = body, where, light
        self._points = body.points() if isinstance(body, Body) else None

    def at(self, time_s: float) -> Sequence[Placed | Painted]:
        """The body where it is."""
        spot = self._where(time_s)
        if spot is None:
            return ()
        body = self._body if isinstance(self._body, Body) else self._body(time_s)
        points = body.points() if self._points is None else self._points
        origin = np.array([spot.x, spot.lift, spot.z])
        foot = np.array([spot.x, 0.0, spot.z])
        outline = turned(points, spot.heading) + origin
        if self._light:
            draw = _small(body, origin, spot.heading, outline)
            return (Painted(0, foot, outline, draw),)

        def paint(pad: Pad, view: View, shade: Shade) -> None:
            paint_body(pad, view, body, origin, spot.heading, shade)

        low = outline[outline[:, 1] < 0.15] * np.array([1.0, 0.0, 1.0])
        contact = low if len(low) >= 3 and spot.lift < 0.1 else None
        return (Placed(0, foot, outline, paint, casters=((outline, 0.0),), contact=contact),)


def _small(body: Body, origin: Floats, heading: float, outline: Floats) -> Callable[[Canvas, int], None]:
    def draw(canvas: Canvas, number: int) -> None:
        pixels, depth = canvas.projector(outline)
        rect = bounds(pixels, canvas.projector.camera.canvas) if depth.min() > 0.5 else None
        if rect is None:
            return
        view = View(canvas.projector)
        pad = Pad(rect)
        sun = float(canvas.sunlit[rect[3] - 1, rect[0]]) / 255
        paint_body(pad, view, body, origin, heading, canvas.light.shade(origin, float(depth.mean()), sun))
        sprite = pad.sprite()
        sprite.put(canvas.image)
        if canvas.ids is not None:
            canvas.mark(rect, sprite.alpha > 127, number)

    return draw
