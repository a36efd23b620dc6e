"""Coals that glow and flicker a little, without a flame."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from brain.sim.canvas import Canvas
from brain.sim.draw import bounds, stream
from brain.sim.entity import ALWAYS, Painted
from brain.sim.glow import add_glow

HOT, RED = (90, 170, 255), (30, 70, 220)


class Embers:
    """A bed of coals along ``x``.

    Args:
        x, z: its middle; length, height_m: metres.
    """

    labels = ("",)
    span = ALWAYS

    def __init__(self, seed: int, x: float, z: float, *, length: float, height_m: float) -> None:
        rng = stream(seed, "embers")
        count = round(26 * length)
        spread = np.column_stack([rng.uniform(-length / 2, length / 2, count), 0 * rng.uniform(size=count),
                                  rng.uniform(-0.1, 0.1, count)])  # fmt: skip
        self._foot = np.array([x, 0.0, z])
        self._coals = self._foot + np.array([0.0, height_m, 0.0]) + spread
        self._phases, self._rates = rng.uniform(0, 6.28, count), rng.uniform(1.5, 9.0, count)

    def at(self, time_s: float) -> Sequence[Painted]:  # noqa: ARG002
        """The coals, always."""
        return (Painted(0, self._foot, self._coals, self._draw),)

    def _draw(self, canvas: Canvas, number: int) -> None:
        pixels, depth = canvas.projector(self._coals)
        rect = bounds(pixels, canvas.projector.camera.canvas, pad=1) if depth.min() > 1.0 else None
        if rect is None:
            return
        metre = canvas.projector.camera.focal / float(depth.mean())
        heat = 0.5 + 0.5 * np.sin(self._rates * canvas.time_s + self._phases)
        night = 1.0 - float(np.mean(canvas.climate.sky))
        add_glow(canvas.image, pixels.mean(axis=0), 0.8 * metre, (20, 90, 230), (0.05 + 0.3 * max(0.0, night)))
        for pixel, share in zip(np.rint(pixels * 16).astype(int).tolist(), heat.tolist(), strict=True):
            colour = [a + (b - a) * share for a, b in zip(RED, HOT, strict=True)]
            cv2.circle(canvas.image, pixel, round(max(0.6, 0.035 * metre) * 16), colour, -1, cv2.LINE_AA, 4)
        x1, y1, x2, y2 = rect
        canvas.mark(rect, np.ones((y2 - y1, x2 - x1), np.bool_), number)
