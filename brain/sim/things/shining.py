"""What shines or flutters and is no fire: an LED screen, a flag, a welder's arc."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from brain.core.types import Picture
from brain.sim.canvas import Canvas
from brain.sim.draw import Colour, bounds, clouds, scaled, stream
from brain.sim.entity import ALWAYS, Painted, Placed
from brain.sim.glow import add_glow
from brain.sim.paint.pad import Pad
from brain.sim.paint.shading import Shade
from brain.sim.paint.view import View

SCREEN = (64, 96)
"""Rows and columns of an LED screen."""
FLAG_COLUMNS = 9


class LedScreen:
    """A screen on a front along ``x`` that shows a moving picture in warm colours.

    Args:
        x, z: middle of its foot; width, height, foot_m: metres.
    """

    labels = ("",)
    span = ALWAYS

    def __init__(self, seed: int, x: float, z: float, *, width: float, height: float, foot_m: float) -> None:
        rng = stream(seed, "led")
        half = width / 2
        self._foot = np.array([x, 0.0, z])
        self._corners = self._foot + np.array(
            [[-half, foot_m + height, 0], [half, foot_m + height, 0], [half, foot_m, 0], [-half, foot_m, 0]]
        )
        field = clouds(rng, (SCREEN[0] * 4, SCREEN[1]), (34, 17, 8))
        heat = np.clip(field * 0.3 + 0.55, 0, 1)
        hot = np.array([(10, 12, 130), (16, 70, 235), (30, 160, 255), (150, 235, 255)], float)
        shares = np.linspace(0, 1, 4)
        channels = [np.interp(heat, shares, hot[:, channel]) for channel in range(3)]
        self._film: Picture = np.stack(channels, axis=-1).astype(np.uint8)
        self._text = "".join(rng.choice(list("SALE 50% OPEN HOT"), 9))
        self._speed = float(rng.uniform(20, 60))

    def at(self, time_s: float) -> Sequence[Painted]:  # noqa: ARG002
        """The screen."""
        return (Painted(0, self._foot, self._corners, self._draw),)

    def _shown(self, time_s: float) -> Picture:
        top = int(time_s * self._speed) % (SCREEN[0] * 3)
        shown: Picture = self._film[top : top + SCREEN[0]].copy()
        left = SCREEN[1] - int(time_s * 24) % (SCREEN[1] * 2)
        cv2.putText(shown, self._text, (left, 40), cv2.FONT_HERSHEY_DUPLEX, 0.9, (245, 250, 255), 2, cv2.LINE_AA)
        shown[::4] = (shown[::4] * 0.6).astype(np.uint8)
        return shown

    def _draw(self, canvas: Canvas, number: int) -> None:
        pixels, depth = canvas.projector(self._corners)
        rect = bounds(pixels, canvas.projector.camera.canvas) if depth.min() > 1.0 else None
        if rect is None:
            return
        x1, y1, x2, y2 = rect
        high, wide = SCREEN
        source = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
        target = (pixels - np.array([x1, y1])).astype(np.float32)
        matrix = cv2.getPerspectiveTransform(source, target)
        size = (x2 - x1, y2 - y1)
        shown = cv2.warpPerspective(self._shown(canvas.time_s), matrix, size, flags=cv2.INTER_AREA)
        cover = cv2.warpPerspective(np.full(SCREEN, 255, np.uint8), matrix, size)
        night = 1.0 - float(np.mean(canvas.climate.sky))
        centre = pixels.mean(axis=0)
        add_glow(canvas.image, centre, 0.9 * float(np.ptp(pixels[:, 0])), (40, 110, 220), 0.1 + 0.35 * max(0.0, night))
        under = canvas.image[y1:y2, x1:x2]
        share = cover[..., None] / np.float32(255)
        under[:] = (under + (shown * np.float32(0.92) - under) * share).astype(np.uint8)
        canvas.mark(rect, cover > 127, number)


class Flag:
    """A flag on a pole that flutters.

    Args:
        lift: metres from the ground to its lower edge; size: width and height in metres.
    """

    labels = ("",)
    span = ALWAYS

    def __init__(
        self, seed: int, x: float, z: float, *, colour: Colour = (36, 30, 205), lift: float = 2.2,
        size: tuple[float, float] = (1.4, 0.95),
    ) -> None:  # fmt: skip
        rng = stream(seed, "flag")
        self._foot = np.array([x, 0.0, z])
        self._colour, self._lift, self._size = colour, lift, size
        self._phase, self._speed = float(rng.uniform(0, 6)), float(rng.uniform(5.0, 8.0))

    def at(self, time_s: float) -> Sequence[Placed]:
        """Pole and cloth."""
        width, height = self._size
        along = np.linspace(0, width, FLAG_COLUMNS)
        wave = 5.2 * along / width - self._speed * time_s + self._phase
        aside = 0.2 * along / width * np.sin(wave)
        sag = 0.16 * height * (along / width) ** 1.5 + 0.05 * np.sin(wave * 0.7)
        upper = np.column_stack([along, self._lift + height - sag, aside]) + self._foot
        lower = upper - np.array([0.0, height, 0.0])
        pole = self._foot + np.array([[0.0, 0.0, 0.0], [0.0, self._lift + height + 0.12, 0.0]])
        slope = np.cos(wave)

        def paint(pad: Pad, view: View, shade: Shade) -> None:
            every, depth = view.project(np.vstack([upper, lower, pole]))
            if depth.min() < 0.5:
                return
            pad.line(every[-2:], 0.05 * view.metre(float(depth.mean())), shade.flat((150, 150, 152)))
            for column in range(FLAG_COLUMNS - 1):
                quad = every[[column, column + 1, FLAG_COLUMNS + column + 1, FLAG_COLUMNS + column]]
                pad.poly(quad, shade.flat(scaled(self._colour, 0.92 + 0.22 * float(slope[column])), 1.1, 0.6))

        outline = np.vstack([upper, lower, pole])
        return (Placed(0, self._foot, outline, paint, casters=((np.vstack([upper, lower]), 0.0), (pole, 0.02))),)


class WeldingArc:
    """A blue-white arc that stutters, with sparks."""

    labels = ("",)
    span = ALWAYS

    def __init__(self, seed: int, x: float, z: float, height_m: float = 0.7) -> None:
        self._seed = seed
        self._place = np.array([x, height_m, z])

    def at(self, time_s: float) -> Sequence[Painted]:
        """The arc while it burns: bursts of some seconds."""
        if np.sin(0.9 * time_s + self._seed % 7) < -0.45:
            return ()
        foot = self._place * np.array([1.0, 0.0, 1.0])
        around = np.array([[dx, dy, 0.0] for dx in (-0.8, 0.8) for dy in (-0.6, 0.5)])
        return (Painted(0, foot, self._place + around, self._draw),)

    def _draw(self, canvas: Canvas, number: int) -> None:
        pixels, depth = canvas.projector(self._place[None, :])
        if depth[0] < 1.0:
            return
        rng = np.random.default_rng([self._seed, round(canvas.time_s * 50)])
        metre = canvas.projector.camera.focal / float(depth[0])
        bright = float(rng.uniform(0.35, 1.0))
        at = pixels[0]
        night = 1.0 - float(np.mean(canvas.climate.sky))
        add_glow(canvas.image, at, (0.8 + 1.6 * max(0.0, night)) * metre, (255, 215, 180), 0.5 * bright)
        add_glow(canvas.image, at, 0.2 * metre + 1.5, (255, 250, 240), bright * 1.6)
        ends = at + rng.normal(0, 0.28, (14, 2)) * metre + np.array([0.0, 0.2 * metre])
        for end in ends:
            start = at + (end - at) * rng.uniform(0.3, 0.8)
            cv2.line(canvas.image, _whole(start), _whole(end), (120, 210, 255), 1, cv2.LINE_AA)
        radius = max(1.0, 0.09 * metre)
        box = np.vstack([at - radius, at + radius])
        rect = bounds(box, canvas.projector.camera.canvas, pad=0)
        if rect is not None:
            canvas.mark(rect, np.ones((rect[3] - rect[1], rect[2] - rect[0]), bool), number)


def _whole(point: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))
