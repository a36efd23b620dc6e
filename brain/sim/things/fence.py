"""A stage's wall as something that stands before what moves behind it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from brain.sim.canvas import Canvas
from brain.sim.draw import Rect
from brain.sim.entity import ALWAYS, Painted
from brain.sim.stages.backdrop import ACROSS

THICK_M = 0.3


class FenceBefore:
    """The part of a wall along ``x`` between two ends; it is stage and has no number.

    Args:
        z: where the wall stands.
    """

    labels = ("",)
    span = ALWAYS

    def __init__(self, x_between: tuple[float, float], z: float, height_m: float = 4.5) -> None:
        self._x, self._z = x_between, z
        self._outline = np.array(
            [[x, y, z + dz] for x in np.linspace(*x_between, 7) for y in (0.0, height_m) for dz in (0.0, THICK_M)]
        )
        self._field: tuple[Rect, NDArray[np.bool_]] | None = None

    def at(self, time_s: float) -> Sequence[Painted]:  # noqa: ARG002
        """The wall, always."""
        foot = np.array([(self._x[0] + self._x[1]) / 2, 0.0, self._z])
        return (Painted(0, foot, self._outline, self._draw),)

    def _draw(self, canvas: Canvas, _: int) -> None:
        """Bring the wall's pixels back over what was painted behind it."""
        if self._field is None:
            self._field = self._new_field(canvas)
        (x1, y1, x2, y2), mask = self._field
        np.copyto(canvas.image[y1:y2, x1:x2], canvas.clean[y1:y2, x1:x2], where=mask[..., None])
        if canvas.ids is not None:
            canvas.ids[y1:y2, x1:x2][mask] = 0

    def _new_field(self, canvas: Canvas) -> tuple[Rect, NDArray[np.bool_]]:
        still = canvas.still
        x, z = still.place[..., 0], still.place[..., 2]
        mask = (still.side == ACROSS) & (np.abs(z - self._z) < 0.2) & (x > self._x[0]) & (x < self._x[1])
        rows, columns = np.nonzero(mask)
        if not len(rows):
            return (0, 0, 1, 1), np.zeros((1, 1), np.bool_)
        rect = int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1
        return rect, mask[rect[1] : rect[3], rect[0] : rect[2]]
