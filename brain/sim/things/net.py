"""Green dust net laid over a building site's soil; the wind runs through it in folds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from brain.sim.camera import Floats32
from brain.sim.canvas import Canvas
from brain.sim.draw import Rect, stream
from brain.sim.entity import ALWAYS, Painted
from brain.sim.stages.backdrop import GROUND
from brain.sim.things.sheets import lit

GREEN = (82, 138, 62)
SEAM_M = 6.0
FOLD_M = 4.6
WIND_MS = 2.4


class DustNet:
    """The net over a rectangle of ground.

    Args:
        ripple: 0 = it lies still … 1 = folds run through it.
    """

    labels = ("",)
    span = ALWAYS

    def __init__(
        self, seed: int, x_between: tuple[float, float], z_between: tuple[float, float], *, ripple: float = 0.0
    ) -> None:
        rng = stream(seed, "net")
        self._x, self._z, self._ripple = x_between, z_between, ripple
        self._turn, self._phase = float(rng.uniform(-0.4, 0.4)), float(rng.uniform(0, 6))
        self._tone = float(rng.uniform(0.85, 1.1))
        self._field: tuple[Rect, Floats32, Floats32, Floats32] | None = None

    def at(self, time_s: float) -> Sequence[Painted]:  # noqa: ARG002
        """The net, always."""
        grid = np.array([[x, 0.0, z] for x in np.linspace(*self._x, 6) for z in np.linspace(*self._z, 4)])
        return (Painted(0, grid.mean(axis=0), grid, self._draw, flat=True),)

    def _draw(self, canvas: Canvas, number: int) -> None:
        if self._field is None:
            self._field = self._new_field(canvas)
        rect, cover, along, fine = self._field
        x1, y1, x2, y2 = rect
        run = along * np.float32(2 * np.pi / FOLD_M) - np.float32(2 * np.pi * WIND_MS / FOLD_M * canvas.time_s)
        gust = 0.55 + 0.45 * np.sin(0.5 * canvas.time_s + self._phase)
        folds = np.float32(0.13 * self._ripple * gust) * np.sin(run + np.float32(self._phase)) + fine
        colour = lit(canvas, GREEN).astype(np.float32) * ((1 + folds) * np.float32(self._tone))[..., None]
        haze = 1 - np.exp(-canvas.still.depth[y1:y2, x1:x2] / np.float32(canvas.climate.haze_m))
        colour = colour + (np.array(canvas.climate.air, np.float32) - colour) * haze[..., None]
        under = canvas.image[y1:y2, x1:x2]
        under[:] = np.clip(under + (colour - under) * cover[..., None], 0, 255).astype(np.uint8)
        canvas.mark(rect, cover > 0.5, number)

    def _new_field(self, canvas: Canvas) -> tuple[Rect, Floats32, Floats32, Floats32]:
        """Box, how far the net hides each pixel, metres along the wind, seams and creases as brightness."""
        place = canvas.still.place
        x, z = place[..., 0], place[..., 2]
        inside = (x > self._x[0]) & (x < self._x[1]) & (z > self._z[0]) & (z < self._z[1])
        inside &= canvas.still.side == GROUND
        rows, columns = np.nonzero(inside)
        rect = (0, 0, 1, 1)
        if len(rows):
            rect = int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1
        x1, y1, x2, y2 = rect
        x, z = x[y1:y2, x1:x2], z[y1:y2, x1:x2]
        along = x * np.float32(np.cos(self._turn)) + z * np.float32(np.sin(self._turn))
        # Folds are neither straight nor equally far apart.
        along = along + np.float32(1.1) * np.sin(np.float32(0.37) * z + np.float32(self._phase))
        along = along + np.float32(0.8) * np.sin(np.float32(0.29) * x - np.float32(0.13) * z)
        seam = np.minimum(x % np.float32(SEAM_M), z % np.float32(SEAM_M)) < 0.14
        creases = 0.07 * np.sin(1.7 * x + 0.9 * z) * np.sin(0.6 * x - 1.9 * z + self._phase)
        fine = (creases - np.float32(0.22) * seam).astype(np.float32)
        return rect, (inside[y1:y2, x1:x2] * np.float32(0.86)).astype(np.float32), along.astype(np.float32), fine
