"""Standing water on a road: a sheet that grows and drains, mirrors the stage and all that moves."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from brain.sim.camera import Floats32
from brain.sim.canvas import Canvas
from brain.sim.draw import Rect, bounds, clouds, stream
from brain.sim.entity import Painted
from brain.sim.stages.backdrop import GROUND
from brain.sim.still import fresnel
from brain.sim.things.life import Life

EDGE_M = 0.16
"""Width of the wet edge."""
LEAST_M = 0.25
"""Reach of the sheet in the picture in which it begins."""
CELL_PX = 24


class StandingWater:
    """A sheet of water around a low spot.

    Args:
        reach_m: from its middle to its edge when full grown; along the road it reaches ``stretch`` times as far.
        x_between, z_between: it never leaves this part of the ground.
        label: ``water``; empty for a puddle that counts for nothing.
    """

    def __init__(
        self,
        seed: int,
        x: float,
        z: float,
        life: Life,
        *,
        reach_m: float,
        stretch: float = 1.8,
        z_between: tuple[float, float] = (-100.0, 100.0),
        label: str = "water",
    ) -> None:
        self.labels = (label,)
        self.life = life
        self.span = life.span
        self._seed = seed
        self._foot = np.array([x, 0.0, z])
        self._reach, self._stretch, self._between = reach_m, stretch, z_between
        self._field: tuple[Rect, Floats32, Floats32] | None = None

    def reach(self, time_s: float) -> float:
        """Metres from the middle to the edge, across the road."""
        return LEAST_M + (self._reach - LEAST_M) * float(self.life.size(time_s) ** 0.6)

    def at(self, time_s: float) -> Sequence[Painted]:
        """The sheet while it is there."""
        if not self.life.there(time_s):
            return ()
        return (Painted(0, self._foot, self._outline(self.reach(time_s)), self._draw, flat=True),)

    def _outline(self, reach: float) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        turn = np.linspace(0, 2 * np.pi, 17)[:-1]
        x = self._foot[0] + reach * 1.1 * self._stretch * np.cos(turn)
        z = np.clip(self._foot[2] + reach * 1.1 * np.sin(turn), *self._between)
        return np.column_stack([x, np.zeros(16), z])

    def _draw(self, canvas: Canvas, number: int) -> None:
        if self._field is None:
            self._field = self._new_field(canvas)
        rect, field, share = self._field
        x1, y1, x2, y2 = rect
        depth_m = np.float32(self.reach(canvas.time_s)) - field
        cover = np.clip(depth_m / np.float32(EDGE_M), 0, 1)
        under = canvas.image[y1:y2, x1:x2]
        seen = _rippled(canvas, rect, self._seed)
        murk = np.array(canvas.climate.sky, np.float32) * np.array((62, 74, 80), np.float32) + np.float32(
            14 * canvas.climate.sun
        )
        deep = np.clip(depth_m / np.float32(1.2), 0.25, 0.8)[..., None]
        body = under * np.float32(0.72) * (1 - deep) + murk * deep
        water = body + (seen - body) * share[..., None]
        edge = np.clip((depth_m + np.float32(0.22)) / np.float32(0.22), 0, 1)[..., None]
        damp = under * (1 - np.float32(0.22) * edge)
        under[:] = np.clip(damp + (water - damp) * cover[..., None], 0, 255).astype(np.uint8)
        canvas.flood(rect, cover * share)
        canvas.mark(rect, cover > 0.5, number)

    def _new_field(self, canvas: Canvas) -> tuple[Rect, Floats32, Floats32]:
        """Box of the full sheet; metres from its middle at each pixel, bent by the uneven road; share mirrored."""
        projector, still = canvas.projector, canvas.still
        pixels, depth = projector(self._outline(self._reach + 0.6))
        rect = bounds(pixels[depth > 0.5], projector.camera.canvas, pad=2) or (0, 0, 1, 1)
        x1, y1, x2, y2 = rect
        x, z = still.place[y1:y2, x1:x2, 0], still.place[y1:y2, x1:x2, 2]
        uneven = clouds(stream(self._seed, "water"), (256, 256), (40, 20, 9))
        u = ((x - np.float32(self._foot[0])) * CELL_PX / self._stretch + 128).astype(np.float32)
        v = ((z - np.float32(self._foot[2])) * CELL_PX + 128).astype(np.float32)
        bumps = cv2.remap(uneven, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT).astype(np.float32)
        away = np.hypot((x - np.float32(self._foot[0])) / np.float32(self._stretch), z - np.float32(self._foot[2]))
        # No bump at its middle: the first pixel of the sheet is there.
        field = away + np.float32(0.3) * bumps * np.clip(away / 1.2, 0, 1)
        low, high = self._between
        outside = (z < low) | (z > high) | (still.side[y1:y2, x1:x2] != GROUND)
        field = np.where(outside, np.float32(1e6), field).astype(np.float32)
        share = np.clip(0.22 + 1.25 * fresnel(still, projector.camera.height_m), 0, 0.85)[y1:y2, x1:x2]
        return rect, field, share.astype(np.float32)


def _rippled(canvas: Canvas, rect: Rect, seed: int) -> Floats32:
    """What the water mirrors of the stage, moved a little by ripples."""
    x1, y1, x2, y2 = rect
    rows = np.arange(y1, y2, dtype=np.float32)[:, None]
    columns = np.arange(x1, x2, dtype=np.float32)[None, :]
    time_s = canvas.time_s
    sway = 0.8 * np.sin(rows * 0.9 + 2.1 * time_s + seed % 7) + 0.5 * np.sin(columns * 0.35 - 1.7 * time_s)
    strength = 1.0 + 2.0 * canvas.climate.rain
    u = np.broadcast_to(columns, sway.shape).astype(np.float32)
    v = (rows + strength * sway).astype(np.float32)
    found = cv2.remap(canvas.mirrored, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return found.astype(np.float32)


class River:
    """Open water of a stage between two lines along it: mirrors, ripples, drifts.

    Args:
        z_between: metres.
    """

    labels = ("",)
    span = (-np.inf, np.inf)

    def __init__(self, seed: int, z_between: tuple[float, float]) -> None:
        self._seed = seed
        self._between = z_between
        self._field: tuple[Rect, Floats32, Floats32] | None = None
        self._tile = clouds(stream(seed, "river"), (256, 256), (30, 12, 5)).astype(np.float32)

    def at(self, time_s: float) -> Sequence[Painted]:  # noqa: ARG002
        """The water, always."""
        low, high = self._between
        grid = np.array([[x, 0.0, z] for x in np.linspace(-10, 70, 9) for z in np.linspace(low, high, 4)])
        return (Painted(0, np.array([20.0, 0.0, (low + high) / 2]), grid, self._draw, flat=True),)

    def _draw(self, canvas: Canvas, _: int) -> None:
        """The water is part of the stage: it has no number."""
        if self._field is None:
            self._field = self._new_field(canvas)
        rect, cover, share = self._field
        x1, y1, x2, y2 = rect
        place = canvas.still.place[y1:y2, x1:x2]
        u = (place[..., 0] * np.float32(7) + np.float32(2.2 * canvas.time_s)).astype(np.float32) % np.float32(255)
        v = (place[..., 2] * np.float32(9) - np.float32(1.1 * canvas.time_s)).astype(np.float32) % np.float32(255)
        waves = cv2.remap(self._tile, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP).astype(np.float32)
        rows, columns = np.mgrid[y1:y2, x1:x2].astype(np.float32)
        seen = cv2.remap(
            canvas.mirrored,
            columns + waves,
            rows + np.float32(4.5) * waves,
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        ).astype(np.float32)
        murk = np.array(canvas.climate.sky, np.float32) * np.array((74, 88, 78), np.float32)
        murk = murk + np.float32(18 * canvas.climate.sun)
        water = murk * (1 + np.float32(0.07) * waves[..., None])
        water = water + (seen - water) * np.clip(share * (1 + np.float32(0.16) * waves), 0, 0.95)[..., None]
        haze = np.exp(-canvas.still.depth[y1:y2, x1:x2] / np.float32(canvas.climate.haze_m))[..., None]
        water = np.array(canvas.climate.air, np.float32) + (water - np.array(canvas.climate.air, np.float32)) * haze
        under = canvas.image[y1:y2, x1:x2]
        under[:] = np.clip(under + (water - under) * cover[..., None], 0, 255).astype(np.uint8)
        canvas.flood(rect, cover * share)

    def _new_field(self, canvas: Canvas) -> tuple[Rect, Floats32, Floats32]:
        still = canvas.still
        low, high = self._between
        z = still.place[..., 2]
        cover = ((still.side == GROUND) & (z > low) & (z < high)).astype(np.float32)
        rows, columns = np.nonzero(cover)
        rect = (0, 0, 1, 1)
        if len(rows):
            rect = int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1
        x1, y1, x2, y2 = rect
        share = np.clip(0.16 + 1.3 * fresnel(still, canvas.projector.camera.height_m), 0, 0.9)[y1:y2, x1:x2]
        return rect, cover[y1:y2, x1:x2], share.astype(np.float32)
