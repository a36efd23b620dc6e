"""Snow that falls and slowly whitens the ground."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from brain.core.types import Picture
from brain.sim.camera import Floats32
from brain.sim.canvas import Canvas
from brain.sim.draw import clouds, stream
from brain.sim.entity import ALWAYS, Painted
from brain.sim.stages.backdrop import GROUND
from brain.sim.things.sheets import lit

WHITE = (232, 230, 228)
LAYERS = ((0.22, 0.7, 900), (0.36, 1.0, 380), (0.6, 1.7, 50))
"""Speed (share of the picture's height per second), radius in pixels at 640, and count of flakes of each layer."""
SHUTTER_S = 1 / 30
GROWN = 1.35
SOFT = 0.5


class Snowflakes:
    """Flakes in the air, nearer ones larger and faster."""

    def __init__(self, seed: int, size: tuple[int, int], strength: float = 1.0) -> None:
        rng = stream(seed, "flakes")
        self._size = size
        self._layers = [
            (speed, radius * size[0] / 640, rng.uniform(0, 1, (round(count * strength), 4)))
            for speed, radius, count in LAYERS
        ]

    def lay(self, image: Picture, time_s: float) -> None:
        """All flakes of a moment."""
        width, height = self._size
        bright = float(np.clip(image.mean() * 1.25 + 60, 70, 225))
        film: Picture = np.zeros(image.shape[:2], np.uint8)
        for layer, (speed, radius, flakes) in enumerate(self._layers):
            fall = speed * (0.8 + 0.4 * flakes[:, 2])
            y = (flakes[:, 1] + fall * time_s) % 1.1 - 0.05
            x = (flakes[:, 0] + 0.03 * np.sin(1.3 * time_s + 6.28 * flakes[:, 3]) + 0.05 * time_s) % 1.0
            starts = np.rint(np.column_stack([x * width, y * height]) * 16).astype(np.int32)
            ends = starts + np.rint(np.column_stack([0 * fall, fall * SHUTTER_S * height]) * 16).astype(np.int32)
            thick = max(1, round(radius))
            for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
                cv2.line(film, start, end, (150, 235, 170)[layer], thick, cv2.LINE_AA, 4)
        soft = cv2.GaussianBlur(film, (0, 0), 0.75 * width / 640 + 0.2).astype(np.float32)
        share = np.minimum(soft / np.float32(280), np.float32(0.85))[..., None]
        image[:] = (image + (np.float32(bright) - image) * share).astype(np.uint8)


class SnowCover:
    """What has settled: patches first, then nearly all of the ground.

    Args:
        begins_s: from when it settles; grows_s: until the ground is white.
    """

    labels = ("",)
    span = ALWAYS

    def __init__(self, seed: int, begins_s: float, grows_s: float) -> None:
        self._begins_s, self._grows_s = begins_s, grows_s
        self._tile = clouds(stream(seed, "snow"), (256, 256), (44, 17, 6)).astype(np.float32)
        self._field: Floats32 | None = None

    def at(self, time_s: float) -> Sequence[Painted]:
        """The white on the ground."""
        if time_s < self._begins_s:
            return ()
        grid = np.array([[x, 0.0, z] for x in np.linspace(0, 60, 6) for z in np.linspace(0, 16, 3)])
        return (Painted(0, grid.mean(axis=0), grid, self._draw, flat=True),)

    def _draw(self, canvas: Canvas, number: int) -> None:
        if self._field is None:
            place = canvas.still.place
            u, v = (place[..., 0] * 9) % np.float32(255), (place[..., 2] * 9) % np.float32(255)
            bumps = cv2.remap(self._tile, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
            ground = canvas.still.side == GROUND
            self._field = np.where(ground, bumps * np.float32(0.22), np.float32(-9)).astype(np.float32)
        grown = GROWN * (1 - np.exp(-(canvas.time_s - self._begins_s) / self._grows_s))
        share = np.clip((self._field + np.float32(grown - 0.6)) / np.float32(SOFT), 0, 0.9)
        clear = np.exp(-canvas.still.depth / np.float32(canvas.climate.haze_m))
        white = lit(canvas, WHITE).astype(np.float32)
        image = canvas.image
        image[:] = (image + (white - image) * (share * clear)[..., None]).astype(np.uint8)
        height, width = share.shape
        canvas.mark((0, 0, width, height), share > 0.45, number)
