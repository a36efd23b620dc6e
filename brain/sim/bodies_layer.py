"""Everything solid that moves, laid over the still picture: shadows, mirror images, bodies from far to near, lamps."""

from __future__ import annotations

from collections.abc import Hashable

from brain.sim.body import KEPT, Bodies, Body
from brain.sim.camera import Projector
from brain.sim.canvas import Canvas
from brain.sim.entity import Painted, Placed
from brain.sim.foreground import Foreground
from brain.sim.glow import add_beam, lamp_glow
from brain.sim.kept import Kept
from brain.sim.order import far_to_near
from brain.sim.paint.pad import FINE_AREA, Pad, Sprite
from brain.sim.paint.view import View
from brain.sim.reflections import Reflections
from brain.sim.shadows import Shadows
from brain.sim.stages.backdrop import Backdrop
from brain.sim.stages.plan import Plan

LIGHT_STEPS = 16
"""Bodies are lit by the sun in so many steps, so that those that stand still can be kept while shade sways."""
FINEST_AREA = 1_000
"""Up to so many pixels a body that moves is painted as finely as any pad."""


class BodiesLayer:
    """Paints the moving things of one scene."""

    def __init__(self, plan: Plan, still: Backdrop) -> None:
        self._projector = Projector(plan.camera)
        self._view = View(self._projector)
        self._bodies = Bodies(self._projector)
        self._foreground = Foreground(still.cuts)
        self._shadows = Shadows(plan, self._projector)
        self._reflections = Reflections(self._projector)
        self._sprites: Kept[Sprite] = Kept(KEPT)

    def paint(self, canvas: Canvas, parts: list[tuple[int, Placed | Painted]]) -> None:
        """Paint all parts (number of the instance, part) of one moment."""
        bodies = self._bodies(parts)
        flat = [body for body in bodies if isinstance(body.placed, Painted) and body.placed.flat]
        upright = [body for body in bodies if not (isinstance(body.placed, Painted) and body.placed.flat)]
        for body in flat:
            if isinstance(body.placed, Painted):
                body.placed.draw(canvas, body.number)
        self._foreground.over(canvas, self._shadows.cast(canvas, upright))
        upright = [upright[index] for index in far_to_near([body.stands for body in upright])]
        moment = _Moment(self, canvas)
        if canvas.climate.wet > 0.3 or canvas.water is not None:
            self._reflections.lay(canvas, upright, moment.sprite)
        if canvas.climate.lamps:
            self._beams(canvas, upright)
        self._foreground.over(canvas, [body.stands.rect for body in flat])
        for body in upright:
            self._upright(canvas, body, moment)

    def _upright(self, canvas: Canvas, body: Body, moment: _Moment) -> None:
        placed = body.placed
        if isinstance(placed, Painted):
            placed.draw(canvas, body.number)
        else:
            sprite = moment.sprite(body)
            sprite.put(canvas.image)
            if canvas.ids is not None:
                canvas.mark(sprite.rect, sprite.alpha > 127, body.number)
            if canvas.climate.lamps or canvas.climate.haze_m < 60:
                for lamp in placed.lamps:
                    night = min(1.0, canvas.climate.lamps)
                    lamp_glow(canvas.image, self._projector, lamp, wet=canvas.climate.wet, night=night)
        self._foreground.before(canvas, body)

    def sprite(self, canvas: Canvas, body: Body) -> Sprite:
        """A body as it is seen."""
        x1, _, x2, y2 = body.stands.rect
        height, width = canvas.sunlit.shape
        sunlit = int(canvas.sunlit[min(y2, height) - 1, min(max(0, (x1 + x2) // 2), width - 1)])
        step = round(sunlit * LIGHT_STEPS / 255)
        key = None if body.key is None else (body.key, step)
        return self._sprites.get(key, self._painted, canvas, body, step / LIGHT_STEPS)

    def _painted(self, canvas: Canvas, body: Body, sunlit: float) -> Sprite:
        placed = body.placed
        assert isinstance(placed, Placed)
        x1, y1, x2, y2 = body.stands.rect
        # Averaging down by three costs many times what it costs by two; only small bodies show the difference.
        pad = Pad(body.stands.rect, fine=2 if FINEST_AREA < (x2 - x1) * (y2 - y1) <= FINE_AREA[1] else None)
        placed.paint(pad, self._view, canvas.light.shade(placed.foot, body.stands.depth, sunlit))
        return pad.sprite()

    def _beams(self, canvas: Canvas, bodies: list[Body]) -> None:
        for body in bodies:
            if isinstance(body.placed, Placed) and body.placed.beam is not None:
                add_beam(
                    canvas.image, canvas.still.image, self._projector, body.placed.foot, body.placed.beam,
                    (0.8 if canvas.climate.wet < 0.3 else 0.4) * canvas.climate.lamps,
                )  # fmt: skip


class _Moment:
    """The pictures of the bodies of one moment, each painted once although it may be asked for twice."""

    def __init__(self, layer: BodiesLayer, canvas: Canvas) -> None:
        self._layer, self._canvas = layer, canvas
        self._painted: dict[Hashable, Sprite] = {}

    def sprite(self, body: Body) -> Sprite:
        """A body as it is seen."""
        found = self._painted.get(body.number)
        if found is None:
            found = self._painted[body.number] = self._layer.sprite(self._canvas, body)
        return found
