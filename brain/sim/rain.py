"""Streaks of rain in the air, from a few tiles drawn once."""

from __future__ import annotations

import cv2
import numpy as np

from brain.core.types import Picture
from brain.sim.draw import stream
from brain.sim.spec import SceneSpec

TILES = 5
PAD = 64


class Rain:
    """Streaks for a spec; ``density`` 0 … 1, ``light`` 0 … 1 how bright they are."""

    def __init__(self, spec: SceneSpec, density: float, light: float) -> None:
        rng = stream(spec.seed, "rain")
        self._seed = spec.seed
        self._size = (spec.height, spec.width)
        scale = spec.width / 640
        shape = (spec.height + PAD, spec.width + PAD)
        slant = rng.uniform(-0.25, 0.25)
        self._tiles = [_tile(rng, shape, scale, slant, density, light) for _ in range(TILES)]

    def fall(self, image: Picture, index: int) -> None:
        """Lay the streaks of picture ``index`` over an image of the spec's size or larger."""
        rng = np.random.default_rng([self._seed, 104_729, index])
        tile, top, left = rng.integers((TILES, PAD, PAD))
        height, width = image.shape[:2]
        part = self._tiles[tile][top : top + height, left : left + width]
        under = image[: part.shape[0], : part.shape[1]]
        under[:] = cv2.add(under, part)


def _tile(
    rng: np.random.Generator, shape: tuple[int, int], scale: float, slant: float, density: float, light: float
) -> Picture:
    grey = np.zeros(shape, np.uint8)
    for near, count in ((0, 420), (1, 90)):
        length = (9, 26)[near] * scale
        level = (26, 34)[near] * (0.45 + 0.55 * light)
        for x, y in rng.uniform(0, 1, (round(count * density), 2)) * np.array([shape[1], shape[0]]):
            reach = length * rng.uniform(0.6, 1.3)
            ends = (round(x * 16), round(y * 16)), (round((x + slant * reach) * 16), round((y + reach) * 16))
            cv2.line(grey, *ends, int(level * rng.uniform(0.5, 1.2)), 1, cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(grey, (0, 0), 0.5 * scale)
    return cv2.cvtColor(soft, cv2.COLOR_GRAY2BGR).astype(np.uint8, copy=False)
