"""A patch of the canvas on which one body is painted finer than the picture, then averaged down with its coverage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from brain.core.types import Picture
from brain.sim.camera import Floats
from brain.sim.draw import BITS, ONE, Colour, Rect, circle_for, overlap, rims

FINE_AREA = (9_000, 120_000)
"""Up to so many pixels a pad is three times as fine as the picture, up to so many twice, above that once."""


@dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """A painted body.

    Attributes:
        rect: its box on the canvas.
        colours: h×w×3, already multiplied with the coverage.
        alpha: h×w, coverage 0–255.
    """

    rect: Rect
    colours: Picture
    alpha: Picture

    def put(self, canvas: Picture) -> None:
        """Lay it over a canvas."""
        x1, y1, x2, y2 = self.rect
        under = canvas[y1:y2, x1:x2]
        rest = cv2.cvtColor(cv2.bitwise_not(self.alpha), cv2.COLOR_GRAY2BGR)
        cv2.add(cv2.multiply(under, rest, scale=1 / 255.0), self.colours, dst=under)

    def mark(self, ids: NDArray[np.uint16], number: int) -> None:
        """Write an instance's number where more than half of a pixel is covered."""
        x1, y1, x2, y2 = self.rect
        ids[y1:y2, x1:x2][self.alpha > 127] = number

    def part(self, rect: Rect) -> Sprite | None:
        """What of it lies within a box."""
        common = overlap(self.rect, rect)
        if common is None:
            return None
        x1, y1, x2, y2 = common
        rows, columns = slice(y1 - self.rect[1], y2 - self.rect[1]), slice(x1 - self.rect[0], x2 - self.rect[0])
        return Sprite(common, np.ascontiguousarray(self.colours[rows, columns]), self.alpha[rows, columns].copy())


class Pad:
    """A sprite in the making. All points and radii are in pixels of the canvas.

    Hulls wait until something else is painted or the image is asked for: the rims of many are worked out at once.
    """

    def __init__(self, rect: Rect, fine: int | None = None) -> None:
        self.rect = rect
        width, height = rect[2] - rect[0], rect[3] - rect[1]
        if fine is None:
            fine = 3 if width * height <= FINE_AREA[0] else 2 if width * height <= FINE_AREA[1] else 1
        self.fine = fine
        self._image: Picture = np.zeros((height * fine, width * fine, 4), np.uint8)
        self._waiting: list[tuple[Floats, Sequence[float] | Floats, Colour]] = []
        self._level: tuple[Picture, int] | None = None
        self._shift = ((np.array([rect[0], rect[1]]) - 0.5) * fine + 0.5) * ONE
        self._line = cv2.LINE_8 if fine > 1 else cv2.LINE_AA

    @property
    def image(self) -> Picture:
        """What is painted so far, ``fine`` times as fine as the canvas: h×w×4, colours and coverage."""
        self._fill_hulls()
        return self._image

    def fixed(self, points: Floats) -> NDArray[np.int32]:
        """Points in OpenCV's fixed-point form on the fine grid."""
        return np.rint(points * (self.fine * ONE) - self._shift).astype(np.int32)

    def poly(self, points: Floats, colour: Colour) -> None:
        """Fill a convex polygon (N×2)."""
        cv2.fillConvexPoly(self.image, self.fixed(points), (*colour, 255.0), self._line, BITS)

    def polys(self, points: Floats, corners: NDArray[np.int64], colours: Floats) -> None:
        """Fill many convex polygons in order: ``corners`` F×4 into ``points`` N×2, ``colours`` F×3."""
        fixed = self.fixed(points)[corners]
        image, line = self.image, self._line
        for quad, (blue, green, red) in zip(fixed, colours.tolist(), strict=True):
            cv2.fillConvexPoly(image, quad, (blue, green, red, 255.0), line, BITS)

    def any_poly(self, points: Floats, colour: Colour) -> None:
        """Fill a polygon of any shape."""
        cv2.fillPoly(self.image, [self.fixed(points)], (*colour, 255.0), self._line, BITS)

    def hull(self, centres: Floats, radii: Sequence[float] | Floats, colour: Colour) -> None:
        """Fill the convex hull of discs: a rounded body."""
        self._waiting.append((centres, radii, colour))

    def _fill_hulls(self) -> None:
        """Fill the hulls that wait, in order."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        centres = np.concatenate([hull[0] for hull in waiting])
        radii = np.concatenate([hull[1] for hull in waiting])
        ends = np.cumsum([len(hull[0]) for hull in waiting])
        begins = np.concatenate([[0], ends[:-1]])
        kinds = [circle_for(radius) for radius in np.maximum.reduceat(radii, begins).tolist()]
        rounds = {kind: self.fixed(rims(centres, radii, kind)) for kind in set(kinds)}
        image, line = self._image, self._line
        for (_, _, colour), kind, begin, end in zip(waiting, kinds, begins.tolist(), ends.tolist(), strict=True):
            outline = cv2.convexHull(rounds[kind][begin:end].reshape(-1, 2))
            cv2.fillConvexPoly(image, outline, (*colour, 255.0), line, BITS)

    def line(self, points: Floats, width: float, colour: Colour, *, closed: bool = False) -> None:
        """A broken line of a width in pixels of the canvas, at least one fine pixel."""
        thick = max(1, round(width * self.fine))
        cv2.polylines(self.image, [self.fixed(points)], closed, (*colour, 255.0), thick, self._line, BITS)

    def tone(self, level: Picture, full: int) -> None:
        """Brighten and darken the whole by levels (h×w of ``image``); ``full`` leaves a colour as it is."""
        self._level = level, full

    def sprite(self) -> Sprite:
        """Average down."""
        size = (self.rect[2] - self.rect[0], self.rect[3] - self.rect[1])
        image = self.image
        if self.fine > 1:
            image = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        colours = cv2.cvtColor(image, cv2.COLOR_BGRA2BGR).astype(np.uint8, copy=False)
        if self._level is not None:
            # The level changes little within a pixel: the mean of both serves, and costs a ninth.
            level, full = self._level
            small = cv2.cvtColor(cv2.resize(level, size, interpolation=cv2.INTER_AREA), cv2.COLOR_GRAY2BGR)
            colours = cv2.multiply(colours, small, scale=1 / full).astype(np.uint8, copy=False)
        alpha = cv2.extractChannel(image, 3).astype(np.uint8, copy=False)
        if self.fine == 1:
            # Anti-aliased edges mixed both colour and coverage with 0: the colours are multiplied already.
            colours = cv2.min(colours, cv2.cvtColor(alpha, cv2.COLOR_GRAY2BGR)).astype(np.uint8, copy=False)
        return Sprite(self.rect, colours, alpha)
