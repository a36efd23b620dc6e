"""The drawn street: a reference picture that every machine draws to the same bytes."""

from __future__ import annotations

from functools import cache

import numpy as np

from brain.core.types import Picture

STREET = "drawn:street"
STREET_SIZE = (640, 360)
_Colour = tuple[int, int, int]


@cache
def street_picture() -> Picture:
    """A colourful drawn street of 640×360: the reference picture of weights that bring none.

    Drawn with integer-valued numpy masks at twice the size and averaged down, never with a graphics library, so that
    every machine and every version gets the same bytes. Read-only.
    """
    width, height = STREET_SIZE[0] * 2, STREET_SIZE[1] * 2
    scene = _Scene(width, height)
    scene.backdrop()
    scene.buildings()
    scene.traffic_light(1120, 150)
    for x, y, size, colour in (
        (110, 470, 230, (40, 40, 200)),
        (450, 450, 200, (190, 110, 30)),
        (830, 500, 290, (40, 170, 230)),
    ):
        scene.car(x, y, size, colour)
    scene.bus(700, 250, 250)
    for x, y, tall, coat, legs in (
        (60, 400, 240, (60, 160, 40), (90, 50, 40)),
        (390, 330, 150, (30, 60, 220), (60, 60, 60)),
        (1180, 420, 260, (200, 60, 160), (40, 40, 90)),
        (640, 470, 220, (30, 200, 230), (120, 60, 30)),
    ):
        scene.person(x, y, tall, coat, legs)
    small = scene.pixels.reshape(height // 2, 2, width // 2, 2, 3).astype(np.uint16).sum(axis=(1, 3)) + 2
    picture: Picture = np.asarray(small // 4, np.uint8)
    picture.setflags(write=False)
    return picture


class _Scene:
    """A canvas with the few shapes that the drawn street needs; all colours BGR, all lengths pixels."""

    def __init__(self, width: int, height: int) -> None:
        self.pixels: Picture = np.zeros((height, width, 3), np.uint8)
        self._y, self._x = np.mgrid[0:height, 0:width].astype(np.int64)

    def box(self, x1: float, y1: float, x2: float, y2: float, colour: _Colour) -> None:
        self.pixels[round(y1) : round(y2), round(x1) : round(x2)] = colour

    def oval(self, x: float, y: float, rx: float, ry: float, colour: _Colour) -> None:
        a, b = max(1, round(rx)), max(1, round(ry))
        part = self._window(round(x) - a, round(y) - b, round(x) + a, round(y) + b)
        across, down = self._x[part] - round(x), self._y[part] - round(y)
        self.pixels[part][across**2 * b * b + down**2 * a * a <= a * a * b * b] = colour

    def shape(self, points: list[tuple[float, float]], colour: _Colour) -> None:
        """A filled convex polygon whose corners go round clockwise on the screen."""
        corners = [(round(x), round(y)) for x, y in points]
        across, down = zip(*corners, strict=True)
        part = self._window(min(across), min(down), max(across), max(down))
        inside = np.ones(self._x[part].shape, bool)
        for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1], strict=True):
            inside &= (x2 - x1) * (self._y[part] - y1) - (y2 - y1) * (self._x[part] - x1) >= 0
        self.pixels[part][inside] = colour

    def _window(self, x1: int, y1: int, x2: int, y2: int) -> tuple[slice, slice]:
        """The rows and columns in which something lies, so that the rest need not be computed."""
        return slice(max(0, y1), max(0, y2 + 1)), slice(max(0, x1), max(0, x2 + 1))

    def backdrop(self) -> None:
        """Sky with a gradient, footway, carriageway with grain and lane marks, shadows."""
        height, width = self._x.shape
        horizon = height * 42 // 100
        fall = (self._y[:horizon] * 60 // horizon)[..., None]
        self.pixels[:horizon] = np.array((235, 190, 140)) + np.array((-10, 30, 60)) * fall // 60
        grain = ((self._x * 7919 + self._y * 104729 + self._x * self._y * 31) % 23)[horizon:, :, None]
        self.pixels[horizon:] = 92 + grain
        self.shape([(0, horizon), (width, horizon), (width, horizon + 60), (0, horizon + 60)], (150, 165, 170))
        for x in range(-200, width, 260):
            self.shape([(x + 120, 640), (x + 230, 640), (x + 205, 664), (x + 85, 664)], (225, 225, 225))

    def buildings(self) -> None:
        """Three fronts with windows, and a tree."""
        for x, top, wide, colour in (
            (0, 60, 300, (90, 120, 180)),
            (310, 20, 260, (160, 170, 175)),
            (980, 40, 300, (110, 150, 120)),
        ):
            self.box(x, top, x + wide, 320, colour)
            for row in range(top + 20, 260, 60):
                for column in range(x + 20, x + wide - 40, 60):
                    self.box(column, row, column + 34, row + 40, (120, 90, 60))
                    self.box(column + 3, row + 3, column + 16, row + 37, (200, 170, 120))
        self.box(905, 180, 925, 330, (40, 70, 100))
        for dx, dy, r in ((0, 0, 62), (-40, 30, 45), (42, 26, 48), (4, 45, 50)):
            self.oval(915 + dx, 130 + dy, r, r * 0.9, (50, 130 + dx // 4, 60))

    def traffic_light(self, x: int, y: int) -> None:
        self.box(x - 5, y, x + 5, y + 280, (70, 70, 70))
        self.box(x - 20, y - 90, x + 20, y + 10, (30, 30, 30))
        for step, colour in enumerate(((30, 30, 230), (20, 90, 100), (30, 80, 30))):
            self.oval(x, y - 72 + step * 32, 13, 13, colour)

    def car(self, x: int, y: int, w: int, paint: _Colour) -> None:
        """A car from the side, its wheels standing on ``y`` + 0.36·w."""
        dark = (paint[0] * 2 // 3, paint[1] * 2 // 3, paint[2] * 2 // 3)
        h = w * 0.36
        self.oval(x + w / 2, y + h, w * 0.52, h * 0.13, (50, 50, 50))
        self.shape(
            [(x + w * 0.25, y), (x + w * 0.68, y), (x + w * 0.84, y + h * 0.42), (x + w * 0.1, y + h * 0.42)], paint
        )
        self.shape(
            [
                (x + w * 0.27, y + h * 0.06),
                (x + w * 0.46, y + h * 0.06),
                (x + w * 0.46, y + h * 0.4),
                (x + w * 0.16, y + h * 0.4),
            ],
            (90, 70, 50),
        )
        self.shape(
            [
                (x + w * 0.49, y + h * 0.06),
                (x + w * 0.66, y + h * 0.06),
                (x + w * 0.78, y + h * 0.4),
                (x + w * 0.49, y + h * 0.4),
            ],
            (110, 85, 60),
        )
        self.shape(
            [
                (x + w * 0.03, y + h * 0.42),
                (x + w * 0.9, y + h * 0.4),
                (x + w, y + h * 0.55),
                (x + w, y + h * 0.85),
                (x, y + h * 0.85),
                (x, y + h * 0.5),
            ],
            paint,
        )
        self.box(x, y + h * 0.72, x + w, y + h * 0.85, dark)
        self.box(x + w * 0.47, y + h * 0.42, x + w * 0.48, y + h * 0.8, dark)
        self.box(x + w * 0.94, y + h * 0.5, x + w, y + h * 0.6, (200, 240, 250))
        self.box(x, y + h * 0.5, x + w * 0.04, y + h * 0.62, (30, 30, 220))
        for share in (0.21, 0.79):
            self.oval(x + w * share, y + h * 0.82, h * 0.24, h * 0.24, (25, 25, 25))
            self.oval(x + w * share, y + h * 0.82, h * 0.13, h * 0.13, (170, 170, 170))

    def bus(self, x: int, y: int, w: int) -> None:
        """A bus from the side."""
        h = w * 0.42
        self.box(x, y, x + w, y + h * 0.88, (60, 180, 60))
        self.box(x, y, x + w, y + h * 0.08, (230, 230, 230))
        for step in range(6):
            self.box(
                x + w * (0.04 + step * 0.155), y + h * 0.18, x + w * (0.165 + step * 0.155), y + h * 0.5, (80, 60, 50)
            )
        self.box(x, y + h * 0.6, x + w, y + h * 0.66, (240, 240, 240))
        for share in (0.2, 0.8):
            self.oval(x + w * share, y + h * 0.87, h * 0.14, h * 0.14, (25, 25, 25))
            self.oval(x + w * share, y + h * 0.87, h * 0.06, h * 0.06, (180, 180, 180))

    def person(self, x: int, y: int, h: int, coat: _Colour, legs: _Colour) -> None:
        """A walking person whose head begins at ``y``; ``x`` is the middle."""
        skin, hair = (140, 175, 225), (30, 35, 45)
        self.oval(x, y + h, h * 0.17, h * 0.025, (55, 55, 55))
        for side in (-1, 1):
            foot = x + side * h * 0.1
            hip = x + side * h * 0.045
            corners = [
                (hip - h * 0.045, y + h * 0.5),
                (hip + h * 0.045, y + h * 0.5),
                (foot + h * 0.035, y + h * 0.97),
                (foot - h * 0.035, y + h * 0.97),
            ]
            self.shape(corners, legs)
            self.box(foot - h * 0.04, y + h * 0.95, foot + h * 0.06, y + h, (25, 25, 25))
            hand = x + side * h * 0.17
            sleeve = x + side * h * 0.1
            self.shape(
                [
                    (sleeve - h * 0.03, y + h * 0.18),
                    (sleeve + h * 0.03, y + h * 0.18),
                    (hand + h * 0.025, y + h * 0.5),
                    (hand - h * 0.025, y + h * 0.5),
                ],
                (coat[0] * 3 // 4, coat[1] * 3 // 4, coat[2] * 3 // 4),
            )
            self.oval(hand, y + h * 0.52, h * 0.025, h * 0.03, skin)
        self.shape(
            [
                (x - h * 0.11, y + h * 0.16),
                (x + h * 0.11, y + h * 0.16),
                (x + h * 0.09, y + h * 0.55),
                (x - h * 0.09, y + h * 0.55),
            ],
            coat,
        )
        self.box(x - h * 0.025, y + h * 0.1, x + h * 0.025, y + h * 0.17, skin)
        self.oval(x, y + h * 0.07, h * 0.055, h * 0.07, skin)
        self.oval(x, y + h * 0.035, h * 0.058, h * 0.04, hair)
