"""Mirror images of bodies in a wet ground and in open water."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike

from brain.core.types import Picture
from brain.sim.body import KEPT, Body
from brain.sim.camera import Floats, Projector
from brain.sim.canvas import Canvas
from brain.sim.draw import Rect, bounds
from brain.sim.entity import Placed
from brain.sim.kept import Kept
from brain.sim.paint.pad import Pad, Sprite
from brain.sim.paint.view import NEAR_M, View

MIRRORED_PX = 9.0
"""Pixels per metre from which a body's mirror image is painted."""
WET_SHARE = 0.34
"""How far a thoroughly wet road mirrors."""
BLUR_M = (0.22, 0.05)
"""How far upright a mirror image is smeared on a wet ground and on open water."""
WHOLE_AREA = 1_500
"""Up to so many pixels a mirror image is turned over as finely as the picture."""
FAINT = 1.5
"""The mirror image of what moves is left out when it changes the picture by less than so many deviations of noise."""
SLIM_M, LENGTH_M = 1.3, 3.0
"""A body narrower and shorter than this is mirrored in a wet ground by turning its own picture upside down about the
line that it stands on: from where its mirror image is seen, a flat body looks the same, and the wet ground blurs what
differs of others."""
LEAST_AREA = 1e-6
"""Pixels² between the line and the height of a body, below which it lies flat and has no mirror image."""
ROUND_M = 1.2
"""Up to this length a body stands on a spot, not on a line."""


@dataclass(frozen=True, slots=True, eq=False)
class _Way:
    """How a body comes to its mirror image.

    Attributes:
        rect: box of the mirror image on the canvas.
        turn: 2×3, from canvas pixels of the body to those of its mirror image; ``None`` = it is painted mirrored.
    """

    rect: Rect
    turn: Floats | None


class Reflections:
    """Lays mirror images on the canvas."""

    def __init__(self, projector: Projector) -> None:
        self._projector = projector
        self._view = View(projector, mirrored=True)
        self._turns: Kept[_Way | None] = Kept(KEPT)
        self._boxes: Kept[_Way | None] = Kept(KEPT)
        self._images: Kept[Sprite] = Kept(KEPT)
        self._wet: Picture | None = None

    def lay(self, canvas: Canvas, bodies: list[Body], sprite_of: Callable[[Body], Sprite]) -> None:
        """Mirror images of all bodies, given from far to near.

        Args:
            sprite_of: the picture of a body as it is seen itself.
        """
        for body in bodies:
            if not isinstance(body.placed, Placed) or self._view.metre(body.stands.depth) < MIRRORED_PX:
                continue
            way = None if canvas.climate.sun else self._turns.get(body.key, self._turn, body)
            if way is None or self._water(canvas, way.rect) is not None:
                way = self._boxes.get(body.key, self._box, body)
            if way is None:
                continue
            water = self._water(canvas, way.rect)
            share = self._share(canvas, way.rect, water)
            if not cv2.hasNonZero(share):
                continue
            if body.key is None and _faint(canvas, way.rect, share, sprite_of(body)):
                continue
            smear_m = BLUR_M[water is not None]
            key = None if body.key is None else (body.key, smear_m, way.turn is None)
            if water is not None:
                _weighed(self._images.get(key, self._image, canvas, body, way, sprite_of, smear_m), share).put(
                    canvas.image
                )
            else:
                self._images.get(key, self._on_wet, canvas, body, way, sprite_of, smear_m, share).put(canvas.image)

    def _on_wet(
        self, canvas: Canvas, body: Body, way: _Way, sprite_of: Callable[[Body], Sprite], smear_m: float, share: Picture
    ) -> Sprite:
        """The mirror image in a wet ground, which stays as wet as it is."""
        return _weighed(self._image(canvas, body, way, sprite_of, smear_m), share)

    def _box(self, body: Body) -> _Way | None:
        pixels, depth = self._view.project(body.placed.outline)
        near = depth > NEAR_M
        rect = bounds(pixels[near], self._projector.camera.canvas, pad=4) if near.any() else None
        return None if rect is None else _Way(rect, None)

    def _turn(self, body: Body) -> _Way | None:
        """Upside down: the line that it stands on is held, its top laid where that is mirrored; only of a slim body."""
        placed = body.placed
        line = _stands_on(placed.outline)
        if line is None:
            return None
        x, _, z = placed.foot.tolist()
        high = float(placed.outline[:, 1].max())
        points = np.array([[x, 0.0, z], [x, high, z], [x, -high, z], [x + line[0], 0.0, z + line[1]]])
        pixels, depth = self._projector(points)
        turn = turned_over(*pixels.tolist()) if depth.min() > NEAR_M else None
        if turn is None:
            return None
        x1, y1, x2, y2 = body.stands.rect
        corners = np.array([[x1, y1, 1], [x2, y1, 1], [x2, y2, 1], [x1, y2, 1]]) @ turn.T
        rect = bounds(corners, self._projector.camera.canvas)
        return None if rect is None else _Way(rect, turn)

    @staticmethod
    def _water(canvas: Canvas, rect: Rect) -> Picture | None:
        """How far (0–255) open water mirrors in a box, ``None`` where there is none."""
        if canvas.water is None:
            return None
        x1, y1, x2, y2 = rect
        water = cv2.convertScaleAbs(canvas.water[y1:y2, x1:x2], alpha=255.0).astype(np.uint8, copy=False)
        return water if cv2.hasNonZero(water) else None

    def _share(self, canvas: Canvas, rect: Rect, water: Picture | None) -> Picture:
        """How far (0–255) each pixel of a box mirrors."""
        if self._wet is None:
            wet = cv2.convertScaleAbs(canvas.still.wet, alpha=255 * WET_SHARE * canvas.climate.wet)
            self._wet = wet.astype(np.uint8, copy=False)
        x1, y1, x2, y2 = rect
        share = self._wet[y1:y2, x1:x2]
        return share if water is None else cv2.max(share, water).astype(np.uint8, copy=False)

    def _image(
        self, canvas: Canvas, body: Body, way: _Way, sprite_of: Callable[[Body], Sprite], smear_m: float
    ) -> Sprite:
        """The smeared mirror image, as if the ground mirrored all."""
        placed, rect = body.placed, way.rect
        assert isinstance(placed, Placed)
        if way.turn is None:
            pad = Pad(rect, fine=1)
            placed.paint(pad, self._view, canvas.light.shade(placed.foot, body.stands.depth, 0.0))
            sprite = pad.sprite()
            image = cv2.merge([sprite.colours, sprite.alpha])
        else:
            image = turned_sprite(sprite_of(body), way.turn, rect)
        smear = (3, max(1, round(smear_m * self._view.metre(body.stands.depth))))
        image = cv2.blur(image, smear)
        colours, alpha = cv2.cvtColor(image, cv2.COLOR_BGRA2BGR), cv2.extractChannel(image, 3)
        return Sprite(rect, colours.astype(np.uint8, copy=False), alpha.astype(np.uint8, copy=False))


def _faint(canvas: Canvas, rect: Rect, share: Picture, body: Sprite) -> bool:
    """Whether a mirror image would be lost in the sensor's noise: the body hardly differs from what it would hide."""
    x1, y1, x2, y2 = rect
    ground = cv2.mean(canvas.image[y1:y2, x1:x2])
    own, spread = cv2.meanStdDev(body.colours, mask=body.alpha)
    differs = max(abs(a - b) + c for a, b, c in zip(own[:, 0].tolist(), ground, spread[:, 0].tolist(), strict=False))
    return bool(differs * cv2.mean(share)[0] < FAINT * 255.0 * canvas.climate.noise)


Pixel = list[float]


def turned_over(foot: Pixel, up: Pixel, down: Pixel, along: Pixel) -> Floats | None:
    """The affine map (2×3) that holds ``foot`` and ``along`` and moves ``up`` to ``down``; ``None`` if there is none.

    A line that is seen so steeply that little of the map would be left to the other direction is taken as level.
    """
    (x, y), (ux, uy) = foot, (along[0] - foot[0], along[1] - foot[1])
    if abs(uy) >= abs(ux):
        ux, uy = 1.0, 0.0
    vx, vy, wx, wy = up[0] - x, up[1] - y, down[0] - x, down[1] - y
    area = ux * vy - uy * vx
    if abs(area) < LEAST_AREA:
        return None
    a, b = (ux * vy - wx * uy) / area, (wx * ux - ux * vx) / area
    c, d = (uy * vy - wy * uy) / area, (wy * ux - uy * vx) / area
    return np.array([[a, b, x - a * x - b * y], [c, d, y - c * x - d * y]])


def _stands_on(outline: Floats) -> tuple[float, float] | None:
    """A metre along the line that a slim body stands on, (0, 0) for a spot, ``None`` for a body that is not slim.

    Args:
        outline: world points (N×3).
    """
    wide, _, deep = (outline.max(axis=0) - outline.min(axis=0)).tolist()
    if wide * wide + deep * deep < ROUND_M * ROUND_M:
        return 0.0, 0.0
    if max(wide, deep) > LENGTH_M:
        return None
    corners = cv2.boxPoints(cv2.minAreaRect(outline[:, [0, 2]].astype(np.float32)))
    one, other = (corners[1] - corners[0]).tolist(), (corners[2] - corners[1]).tolist()
    short, long = sorted((one, other), key=lambda side: math.hypot(*side))
    length = math.hypot(*long)
    return (long[0] / length, long[1] / length) if math.hypot(*short) < SLIM_M and length < LENGTH_M else None


def turned_sprite(sprite: Sprite, turn: Floats, rect: Rect) -> MatLike:
    """A sprite's colours and coverage (h×w×4) in the box of its mirror image; a large one worked out half as fine."""
    matrix = turn.copy()
    matrix[:, 2] += matrix[:, :2] @ sprite.rect[:2] - rect[:2]
    width, height = rect[2] - rect[0], rect[3] - rect[1]
    image = cv2.merge([sprite.colours, sprite.alpha])
    if width * height <= WHOLE_AREA:
        return cv2.warpAffine(image, matrix, (width, height))
    # Half as fine: the middle of pixel i lies at 2 i + 1/2 of the whole.
    matrix *= 0.5
    matrix[:, 2] -= 0.25
    half = (width + 1) // 2, (height + 1) // 2
    whole = cv2.resize(cv2.warpAffine(image, matrix, half), (2 * half[0], 2 * half[1]))
    return whole[:height, :width]


def _weighed(mirrored: Sprite, share: Picture) -> Sprite:
    """A mirror image as far (0–255) as each pixel mirrors."""
    alpha = cv2.multiply(mirrored.alpha, share, scale=1 / 255.0)
    colours = cv2.multiply(mirrored.colours, cv2.cvtColor(share, cv2.COLOR_GRAY2BGR), scale=1 / 255.0)
    return Sprite(mirrored.rect, colours.astype(np.uint8, copy=False), alpha.astype(np.uint8, copy=False))
