"""Everything solid that moves, laid over the still picture: shadows, mirror images, bodies from far to near, lamps."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike

from brain.core.types import Picture
from brain.sim.camera import Floats, Projector
from brain.sim.canvas import Canvas
from brain.sim.draw import Cut, Rect, bounds, hull, overlap, put_over
from brain.sim.entity import Painted, Placed
from brain.sim.glow import add_beam, lamp_glow
from brain.sim.order import Standing, before, far_to_near, standing, touch
from brain.sim.paint.pad import Pad, Sprite
from brain.sim.paint.shading import Shade
from brain.sim.paint.view import NEAR_M, View
from brain.sim.stages.plan import Plan
from brain.sim.sunshine import AMBIENT

CAST = 1.0 - AMBIENT
CONTACT = 0.62
"""How dark it is below a body, as a share."""
KEPT = 600
"""Sprites of still bodies that are kept."""
MIRRORED_PX = 9.0
"""Pixels per metre from which a body's mirror image in a wet ground is painted."""
LIGHT_STEPS = 16.0
SHADOW_PX = 3.5
"""Pixels per metre from which a body throws any shadow."""


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """A placed part with its number, ready to be painted."""

    number: int
    placed: Placed | Painted
    stands: Standing
    key: Hashable | None


class BodiesLayer:
    """Paints the moving things of one scene."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._projector = Projector(plan.camera)
        self._view, self._mirrored = View(self._projector), View(self._projector, mirrored=True)
        self._sprites: OrderedDict[Hashable, Sprite] = OrderedDict()
        self._shadows: OrderedDict[Hashable, tuple[Rect, Picture, Picture] | None] = OrderedDict()

    def paint(self, canvas: Canvas, parts: list[tuple[int, Placed | Painted]]) -> None:
        """Paint all parts (number of the instance, part) of one moment."""
        bodies = [body for body in (self._body(number, part) for number, part in parts) if body is not None]
        flat = [body for body in bodies if isinstance(body.placed, Painted) and body.placed.flat]
        upright = [body for body in bodies if not (isinstance(body.placed, Painted) and body.placed.flat)]
        for body in flat:
            if isinstance(body.placed, Painted):
                body.placed.draw(canvas, body.number)
        self._cast_shadows(canvas, upright)
        if canvas.climate.wet > 0.3 or canvas.water is not None:
            self._mirror(canvas, upright)
        if canvas.climate.lamps:
            self._beams(canvas, upright)
        for rect in [body.stands.rect for body in flat]:
            self._bring_back(canvas, rect, None)
        for index in far_to_near([body.stands for body in upright]):
            self._upright(canvas, upright[index])

    def _body(self, number: int, placed: Placed | Painted) -> Body | None:
        pixels, depth = self._projector(placed.outline)
        seen = depth > NEAR_M
        if not seen.any():
            return None
        rect = bounds(pixels[seen], self._plan.camera.canvas)
        if rect is None:
            return None
        middle = float(depth.mean())
        key = None
        if isinstance(placed, Placed) and placed.still is not None:
            key = (number, placed.still)
        return Body(number, placed, standing(middle, placed.foot, placed.outline, rect), key)

    def _upright(self, canvas: Canvas, body: Body) -> None:
        placed, stands = body.placed, body.stands
        if isinstance(placed, Painted):
            placed.draw(canvas, body.number)
            self._bring_back(canvas, stands.rect, stands)
            return
        sprite = self._sprite(canvas, body)
        sprite.put(canvas.image)
        if canvas.ids is not None:
            canvas.mark(sprite.rect, sprite.alpha > 127, body.number)
        if canvas.climate.lamps or canvas.climate.haze_m < 60:
            for lamp in placed.lamps:
                night = min(1.0, canvas.climate.lamps)
                lamp_glow(canvas.image, self._projector, lamp, wet=canvas.climate.wet, night=night)
        self._bring_back(canvas, stands.rect, stands)

    def _sprite(self, canvas: Canvas, body: Body) -> Sprite:
        placed = body.placed
        assert isinstance(placed, Placed)
        x1, _, x2, y2 = body.stands.rect
        height, width = canvas.sunlit.shape
        sunlit = float(canvas.sunlit[min(y2, height) - 1, min(max(0, (x1 + x2) // 2), width - 1)]) / 255
        key = None if body.key is None else (body.key, round(sunlit * LIGHT_STEPS))
        known = self._sprites.get(key) if key is not None else None
        if known is not None:
            self._sprites.move_to_end(key)
            return known
        pad = Pad(body.stands.rect)
        placed.paint(pad, self._view, self._shade(canvas, body, sunlit))
        sprite = pad.sprite()
        if key is not None:
            self._sprites[key] = sprite
            if len(self._sprites) > KEPT:
                self._sprites.popitem(last=False)
        return sprite

    def _shade(self, canvas: Canvas, body: Body, sunlit: float) -> Shade:
        return canvas.light.shade(body.placed.foot, body.stands.depth, sunlit)

    def _bring_back(self, canvas: Canvas, rect: Rect, stands: Standing | None) -> None:
        """Fixed things that stand before a body come back to the front; without a body all do."""
        for cut in canvas.still.cuts:
            if not touch(cut.rect, rect):
                continue
            fixed = Standing(cut.depth, np.array(cut.foot), np.zeros((0, 2)), cut.rect, long=False)
            if stands is None or before(fixed, stands):
                put_over(canvas.image, canvas.clean, cut, rect)
                self._forget(canvas, cut, rect)

    @staticmethod
    def _forget(canvas: Canvas, cut: Cut, rect: Rect) -> None:
        part = overlap(cut.rect, rect)
        if canvas.ids is None or part is None:
            return
        x1, y1, x2, y2 = part
        cover = cut.cover[y1 - cut.rect[1] : y2 - cut.rect[1], x1 - cut.rect[0] : x2 - cut.rect[0], 0]
        canvas.ids[y1:y2, x1:x2][cover > 127] = 0

    def _cast_shadows(self, canvas: Canvas, bodies: list[Body]) -> None:
        drawn: list[Rect] = []
        for body in bodies:
            if isinstance(body.placed, Painted):
                continue
            found = self._shadow(canvas, body)
            if found is None:
                continue
            rect, thrown, below = found
            x1, y1, x2, y2 = rect
            sunlit = canvas.sunlit[y1:y2, x1:x2]
            factor: MatLike = below
            if canvas.climate.sun:
                factor = cv2.bitwise_not(cv2.multiply(thrown, sunlit, scale=CAST / 255.0))
                factor = cv2.multiply(factor, below, scale=1 / 255.0)
            under = canvas.image[y1:y2, x1:x2]
            cv2.multiply(under, cv2.cvtColor(factor, cv2.COLOR_GRAY2BGR), dst=under, scale=1 / 255.0)
            drawn.append(rect)
        for rect in drawn:
            self._bring_back(canvas, rect, None)

    def _shadow(self, canvas: Canvas, body: Body) -> tuple[Rect, Picture, Picture] | None:
        """Box, what the sun's shadow takes (0–255) and what the darkness below leaves (0–255)."""
        if body.key is not None and body.key in self._shadows:
            self._shadows.move_to_end(body.key)
            return self._shadows[body.key]
        placed = body.placed
        assert isinstance(placed, Placed)
        found = self._new_shadow(placed, sun=canvas.climate.sun > 0)
        if body.key is not None:
            self._shadows[body.key] = found
            if len(self._shadows) > KEPT:
                self._shadows.popitem(last=False)
        return found

    def _new_shadow(self, placed: Placed, *, sun: bool) -> tuple[Rect, Picture, Picture] | None:
        foot = self._projector(placed.foot[None, :])[1][0]
        metre = self._view.metre(float(foot))
        if metre < SHADOW_PX:
            return None
        hulls = self._thrown(placed, whole=metre < MIRRORED_PX) if sun else []
        under = placed.contact if placed.contact is not None and (metre >= MIRRORED_PX or not sun) else None
        points = [part for part, _ in hulls] + ([under] if under is not None else [])
        if not points:
            return None
        pixels, depth = self._projector(np.vstack(points))
        if depth.min() < NEAR_M:
            return None
        rect = bounds(pixels, self._plan.camera.canvas, pad=0.3 * metre + 2)
        if rect is None:
            return None
        shape = rect[3] - rect[1], rect[2] - rect[0]
        pixels -= np.array(rect[:2])
        thrown, below = np.zeros(shape, np.uint8), np.full(shape, 255, np.uint8)
        start = 0
        for part, radius in hulls:
            mine = pixels[start : start + len(part)]
            start += len(part)
            hull(thrown, mine, np.full(len(mine), max(0.3, radius * metre)), 255)
        if hulls:
            cv2.GaussianBlur(thrown, (0, 0), max(0.6, 0.035 * metre), dst=thrown)
        if under is not None:
            mine = pixels[start:]
            hull(below, mine, np.full(len(mine), 0.06 * metre), 255 * (1 - CONTACT))
            cv2.GaussianBlur(below, (0, 0), max(0.8, 0.06 * metre), dst=below)
        return rect, thrown, below

    def _thrown(self, placed: Placed, *, whole: bool) -> list[tuple[Floats, float]]:
        """Ground points of the shadows of its casters, or of one hull for all, each with a radius in metres."""
        step_x, step_z = self._plan.shadow_step
        casters = placed.casters
        if whole and casters:
            casters = ((np.vstack([points for points, _ in casters]), 0.07),)
        found = []
        for points, radius in casters:
            up = points[:, 1]
            ground = np.zeros_like(points)
            ground[:, 0] = points[:, 0] + step_x * up
            ground[:, 2] = points[:, 2] + step_z * up
            found.append((ground, radius))
        return found

    def _mirror(self, canvas: Canvas, bodies: list[Body]) -> None:
        """Blurred mirror images of the bodies in the wet ground."""
        for index in far_to_near([body.stands for body in bodies]):
            body = bodies[index]
            if isinstance(body.placed, Painted) or self._view.metre(body.stands.depth) < MIRRORED_PX:
                continue
            pixels, depth = self._mirrored.project(body.placed.outline)
            rect = bounds(pixels[depth > NEAR_M], self._plan.camera.canvas, pad=4) if (depth > NEAR_M).any() else None
            if rect is None:
                continue
            x1, y1, x2, y2 = rect
            share = canvas.still.wet[y1:y2, x1:x2] * np.float32(0.34 * canvas.climate.wet)
            open_water = None if canvas.water is None else canvas.water[y1:y2, x1:x2]
            if open_water is not None:
                share = np.maximum(share, open_water)
            if not share.any():
                continue
            pad = Pad(rect, fine=1)
            body.placed.paint(pad, self._mirrored, self._shade(canvas, body, 0.0))
            sprite = pad.sprite()
            calm = 0.05 if open_water is not None and open_water.any() else 0.22
            spread = max(1, round(calm * self._view.metre(body.stands.depth)))
            alpha = cv2.blur(sprite.alpha, (3, spread)) * share
            colours = cv2.blur(sprite.colours, (3, spread)) * share[..., None]
            Sprite(rect, colours.astype(np.uint8), alpha.astype(np.uint8)).put(canvas.image)

    def _beams(self, canvas: Canvas, bodies: list[Body]) -> None:
        for body in bodies:
            if isinstance(body.placed, Placed) and body.placed.beam is not None:
                add_beam(
                    canvas.image, canvas.still.image, self._projector, body.placed.foot, body.placed.beam,
                    (0.8 if canvas.climate.wet < 0.3 else 0.4) * canvas.climate.lamps,
                )  # fmt: skip
