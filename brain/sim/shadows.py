"""What bodies take from the light on the ground: shadows cast by the sun, and the darkness below them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike

from brain.core.types import Picture
from brain.sim.body import KEPT, Body
from brain.sim.camera import Floats, Projector
from brain.sim.canvas import Canvas
from brain.sim.draw import Rect, bounds, hull
from brain.sim.entity import Placed
from brain.sim.kept import Kept
from brain.sim.paint.view import NEAR_M, View
from brain.sim.stages.plan import Plan
from brain.sim.sunshine import AMBIENT

CAST = 1.0 - AMBIENT
CONTACT = 0.62
"""How dark it is below a body, as a share."""
SHADOW_PX = 3.5
"""Pixels per metre from which a body throws any shadow."""
HALF_SIGMA = 1.6
"""Deviation in pixels from which a blurred shadow is worked out half as fine."""
WHOLE_PX = 9.0
"""Pixels per metre from which each part of a body throws its own shadow; below, one hull does."""


@dataclass(frozen=True, slots=True, eq=False)
class Shadow:
    """What one body takes.

    Attributes:
        rect: box on the canvas.
        thrown: h×w, what the sun's shadow takes (0–255), ``None`` = there is none.
        below: h×w, what the darkness below leaves (0–255), ``None`` = all.
    """

    rect: Rect
    thrown: Picture | None
    below: Picture | None


class Shadows:
    """Darkens the ground around bodies."""

    def __init__(self, plan: Plan, projector: Projector) -> None:
        self._step = plan.shadow_step
        self._forward = plan.camera.axes[2]
        self._behind = float(plan.camera.height_m * self._forward[1])
        self._projector = projector
        self._view = View(projector)
        self._known: Kept[Shadow | None] = Kept(KEPT)

    def cast(self, canvas: Canvas, bodies: list[Body]) -> list[Rect]:
        """Lay the shadows of all bodies on the canvas; returns the boxes that were darkened."""
        sun = canvas.climate.sun > 0
        drawn = []
        for body in bodies:
            placed = body.placed
            if not isinstance(placed, Placed):
                continue
            found = self._known.get(body.key, self._shadow, placed, sun=sun)
            if found is not None:
                _darken(canvas, found)
                drawn.append(found.rect)
        return drawn

    def _shadow(self, placed: Placed, *, sun: bool) -> Shadow | None:
        metre = self._view.metre(float(placed.foot @ self._forward) - self._behind)
        if metre < SHADOW_PX:
            return None
        hulls = self._thrown(placed, whole=metre < WHOLE_PX) if sun else []
        under = placed.contact if placed.contact is not None and (metre >= WHOLE_PX or not sun) else None
        points = [part for part, _ in hulls] + ([under] if under is not None else [])
        if not points:
            return None
        pixels, depth = self._projector(np.vstack(points))
        if depth.min() < NEAR_M:
            return None
        rect = bounds(pixels, self._projector.camera.canvas, pad=0.3 * metre + 2)
        if rect is None:
            return None
        pixels -= np.array(rect[:2])
        thrown = _thrown_on(rect, pixels, hulls, metre) if hulls else None
        return Shadow(rect, thrown, None if under is None else _below(rect, pixels[-len(under) :], metre))

    def _thrown(self, placed: Placed, *, whole: bool) -> list[tuple[Floats, float]]:
        """Ground points of the shadows of its casters, or of one hull for all, each with a radius in metres."""
        step_x, step_z = self._step
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


def _thrown_on(rect: Rect, pixels: Floats, hulls: list[tuple[Floats, float]], metre: float) -> Picture:
    soft, start = Soft(rect, 0, max(0.6, 0.035 * metre)), 0
    for part, radius in hulls:
        mine = pixels[start : start + len(part)]
        start += len(part)
        soft.hull(mine, max(0.3, radius * metre), 255)
    return soft.picture()


def _below(rect: Rect, pixels: Floats, metre: float) -> Picture:
    soft = Soft(rect, 255, max(0.8, 0.06 * metre))
    soft.hull(pixels, 0.06 * metre, 255 * (1 - CONTACT))
    return soft.picture()


class Soft:
    """Blurred hulls; very soft ones are worked out half as fine, where nothing is lost and it takes a quarter."""

    def __init__(self, rect: Rect, start: int, sigma: float) -> None:
        self._size = rect[2] - rect[0], rect[3] - rect[1]
        self._step = 2 if sigma >= HALF_SIGMA else 1
        self._sigma = sigma / self._step
        width, height = (-(-side // self._step) for side in self._size)
        self._image: Picture = np.full((height, width), start, np.uint8)

    def hull(self, pixels: Floats, radius: float, value: float) -> None:
        """Fill the hull of discs of one radius about pixels (N×2) of the box."""
        if self._step > 1:
            # The middle of a pixel twice as large lies between those of two; a filled outline reaches half a pixel out.
            pixels, radius = pixels / 2 - 0.25, max(0.0, radius / 2 - 0.25)
        hull(self._image, pixels, np.full(len(pixels), radius), value)

    def picture(self) -> Picture:
        """Blurred, as large as the box."""
        soft: MatLike = cv2.GaussianBlur(self._image, (0, 0), self._sigma)
        if self._step > 1:
            width, height = self._size
            soft = cv2.resize(soft, (2 * soft.shape[1], 2 * soft.shape[0]))[:height, :width]
        return np.ascontiguousarray(soft, np.uint8)


def _darken(canvas: Canvas, shadow: Shadow) -> None:
    x1, y1, x2, y2 = shadow.rect
    factor: MatLike | None = shadow.below
    if shadow.thrown is not None:
        sun = cv2.multiply(shadow.thrown, canvas.sunlit[y1:y2, x1:x2], scale=CAST / 255.0)
        lit = cv2.bitwise_not(sun)
        factor = lit if factor is None else cv2.multiply(lit, factor, scale=1 / 255.0)
    assert factor is not None
    under = canvas.image[y1:y2, x1:x2]
    cv2.multiply(under, cv2.cvtColor(factor, cv2.COLOR_GRAY2BGR), dst=under, scale=1 / 255.0)
