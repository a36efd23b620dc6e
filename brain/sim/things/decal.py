"""What lies flat in the ground: holes, covers, patches, stains, painted lines. It changes how bright the ground is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from brain.sim.camera import Floats, Floats32
from brain.sim.canvas import Canvas
from brain.sim.draw import Rect, bounds
from brain.sim.entity import Painted
from brain.sim.paint.mesh import turned
from brain.sim.paint.view import NEAR_M
from brain.sim.stages.backdrop import GROUND
from brain.sim.things.life import ALL_THE_TIME, Life

FINE = 3
GROWTH_STEPS = 16
LEAST = 0.3
"""Share of its full size at which a growing decal begins."""
CORNERS = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])


@dataclass(frozen=True, slots=True, eq=False)
class Flat:
    """A picture seen from above, rows along its own ``z``, columns along its own ``x``, its middle at the origin.

    Attributes:
        ratio: H×W×3 float32, what the ground's brightness is multiplied with.
        cover: H×W float32, 0–1 how far it is there.
        per_metre: pixels per metre.
    """

    ratio: Floats32
    cover: Floats32
    per_metre: float


class Decal:
    """A flat thing at one place; it grows in steps when its life says so.

    Args:
        label: class name; empty for what no algorithm looks for.
    """

    def __init__(
        self, label: str, flat: Flat, x: float, z: float, *, heading: float = 0.0, life: Life = ALL_THE_TIME
    ) -> None:
        self.labels = (label,)
        self.life = life
        self.span = life.span
        self._flat, self._heading = flat, heading
        self._foot = np.array([x, 0.0, z])
        self._known: dict[int, tuple[Rect, Floats32, Floats32] | None] = {}
        self._rim = _rim(flat.cover)

    def at(self, time_s: float) -> Sequence[Painted]:
        """The decal while it is there."""
        if not self.life.there(time_s):
            return ()
        return (Painted(0, self._foot, self._placed(self._rim, self._step(time_s)), self._draw, flat=True),)

    def _step(self, time_s: float) -> int:
        return round(self.life.size(time_s) * GROWTH_STEPS)

    def _placed(self, shares: Floats, step: int) -> Floats:
        """World points of points of the picture (N×2: −1 … 1 from its left to its right, and along its rows)."""
        scale = (LEAST + (1 - LEAST) * step / GROWTH_STEPS) / self._flat.per_metre
        rows, columns = self._flat.cover.shape
        local = np.zeros((len(shares), 3))
        local[:, [0, 2]] = shares * np.array([columns / 2, rows / 2]) * scale
        found: Floats = turned(local, self._heading) + self._foot
        return found

    def _draw(self, canvas: Canvas, number: int) -> None:
        step = self._step(canvas.time_s)
        if step not in self._known:
            self._known[step] = self._warped(canvas, self._placed(CORNERS, step))
        found = self._known[step]
        if found is None:
            return
        (x1, y1, x2, y2), gain, cover = found
        under = canvas.image[y1:y2, x1:x2]
        np.clip(under * gain, 0, 255, out=under, casting="unsafe")
        # What is smaller than a pixel shows in the one that it covers most.
        canvas.mark((x1, y1, x2, y2), cover > min(0.5, 0.9 * float(cover.max())), number)

    def _warped(self, canvas: Canvas, corners: Floats) -> tuple[Rect, Floats32, Floats32] | None:
        """Box on the canvas, what to multiply there, and coverage."""
        pixels, depth = canvas.projector(corners)
        rect = bounds(pixels, canvas.projector.camera.canvas)
        if depth.min() < NEAR_M or rect is None:
            return None
        x1, y1, x2, y2 = rect
        rows, columns = self._flat.cover.shape
        source = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32) - np.float32(0.5)
        target = ((pixels - [x1, y1]) * FINE + (FINE - 1) / 2).astype(np.float32)
        matrix = cv2.getPerspectiveTransform(source, target)
        size = (x2 - x1) * FINE, (y2 - y1) * FINE
        cover = cv2.warpPerspective(self._flat.cover, matrix, size, flags=cv2.INTER_AREA)
        ratio = cv2.warpPerspective(
            self._flat.ratio, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        gain = 1 + cover[..., None] * (ratio - 1)
        small = (x2 - x1, y2 - y1)
        ground = (canvas.still.side[y1:y2, x1:x2] == GROUND).astype(np.float32)
        shown = (cv2.resize(cover, small, interpolation=cv2.INTER_AREA) * ground).astype(np.float32)
        gained = 1 + (cv2.resize(gain, small, interpolation=cv2.INTER_AREA) - 1) * ground[..., None]
        return rect, gained.astype(np.float32), shown


def _rim(cover: Floats32) -> Floats:
    """The hull of what is there, as shares (N×2, −1 … 1) of half the picture's width and height."""
    rows, columns = np.nonzero(cover > 0.5)
    if not len(rows):
        return CORNERS
    # Each pixel's four corners, so that the hull reaches to its edge.
    whole = np.column_stack([columns, rows])
    every = np.vstack([whole + np.array(corner) for corner in ((0, 0), (1, 0), (0, 1), (1, 1))]).astype(np.float32)
    hull = cv2.convexHull(every)[:, 0, :].astype(np.float64)
    found: Floats = 2.0 * hull / np.array([cover.shape[1], cover.shape[0]]) - 1.0
    return found
