"""Standing water on a road: a sheet that grows and drains, mirrors the stage and all that moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from brain.core.types import Picture
from brain.sim.camera import Floats, Floats32
from brain.sim.canvas import Canvas
from brain.sim.draw import Rect, bounds, clouds, stream
from brain.sim.entity import Painted
from brain.sim.stages.backdrop import GROUND
from brain.sim.still import fresnel
from brain.sim.things.life import Life
from brain.sim.things.sheets import CELL_PX, ragged_rim

EDGE_M = 0.16
"""Width of the wet edge."""
LEAST_M = 0.25
"""Reach of the sheet in the picture in which it begins."""
TILE_PX = 256
"""Size of the pattern of a river's waves."""
MOST_TILES = 40
FLOW_PX_S = (2.2, -1.1)
"""How quickly that drifts, along the river and across."""


@dataclass(frozen=True, slots=True, eq=False)
class _Layers:
    """What a sheet of water of one size makes of the picture, H×W, pictures 0 – 255 in three channels.

    Attributes:
        reach: its size.
        leaves: share that it leaves of what is below; mirrors: share of what it mirrors; murk: what it adds itself.
        flooded: share (0 … 1) that it mirrors.
        shows: where it counts.
    """

    reach: float
    leaves: Picture
    mirrors: Picture
    murk: Picture
    flooded: Floats32
    shows: NDArray[np.bool_]


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
        self._layers: _Layers | None = None

    def reach(self, time_s: float) -> float:
        """Metres from the middle to the edge, across the road."""
        return LEAST_M + (self._reach - LEAST_M) * float(self.life.size(time_s) ** 0.6)

    def at(self, time_s: float) -> Sequence[Painted]:
        """The sheet while it is there."""
        if not self.life.there(time_s):
            return ()
        reach = self.reach(time_s)
        return (Painted(0, self._foot, self._outline(reach), self._draw, flat=True, seen=lambda: self._seen(reach)),)

    def _seen(self, reach: float) -> Floats:
        """Its rim on the ground."""
        rim: Floats = ragged_rim(self._uneven(), reach, self._stretch, EDGE_M / 2) + self._foot
        rim[:, 2] = np.clip(rim[:, 2], *self._between)
        return rim

    def _uneven(self) -> Floats32:
        return clouds(stream(self._seed, "water"), (256, 256), (40, 20, 9))

    def _outline(self, reach: float) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        turn = np.linspace(0, 2 * np.pi, 17)[:-1]
        x = self._foot[0] + reach * 1.1 * self._stretch * np.cos(turn)
        z = np.clip(self._foot[2] + reach * 1.1 * np.sin(turn), *self._between)
        return np.column_stack([x, np.zeros(16), z])

    def _draw(self, canvas: Canvas, number: int) -> None:
        if self._field is None:
            self._field = self._new_field(canvas)
        rect, field, share = self._field
        reach = self.reach(canvas.time_s)
        if self._layers is None or self._layers.reach != reach:
            self._layers = _layers(canvas, np.float32(reach) - field, share, reach)
        layers = self._layers
        x1, y1, x2, y2 = rect
        under = canvas.image[y1:y2, x1:x2]
        seen = cv2.multiply(_rippled(canvas, rect, self._seed), layers.mirrors, scale=1 / 255.0)
        rest = cv2.multiply(under, layers.leaves, scale=1 / 255.0)
        cv2.add(cv2.add(rest, layers.murk), seen, dst=under)
        canvas.flood(rect, layers.flooded)
        canvas.mark(rect, layers.shows, number)

    def _new_field(self, canvas: Canvas) -> tuple[Rect, Floats32, Floats32]:
        """Box of the full sheet; metres from its middle at each pixel, bent by the uneven road; share mirrored."""
        projector, still = canvas.projector, canvas.still
        pixels, depth = projector(self._outline(self._reach + 0.6))
        rect = bounds(pixels[depth > 0.5], projector.camera.canvas, pad=2) or (0, 0, 1, 1)
        x1, y1, x2, y2 = rect
        x, z = still.place[y1:y2, x1:x2, 0], still.place[y1:y2, x1:x2, 2]
        u = ((x - np.float32(self._foot[0])) * CELL_PX / self._stretch + 128).astype(np.float32)
        v = ((z - np.float32(self._foot[2])) * CELL_PX + 128).astype(np.float32)
        bumps = cv2.remap(self._uneven(), u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT).astype(np.float32)
        away = np.hypot((x - np.float32(self._foot[0])) / np.float32(self._stretch), z - np.float32(self._foot[2]))
        # No bump at its middle: the first pixel of the sheet is there.
        field = away + np.float32(0.3) * bumps * np.clip(away / 1.2, 0, 1)
        low, high = self._between
        outside = (z < low) | (z > high) | (still.side[y1:y2, x1:x2] != GROUND)
        field = np.where(outside, np.float32(1e6), field).astype(np.float32)
        share = np.clip(0.22 + 1.25 * fresnel(still, projector.camera.height_m), 0, 0.85)[y1:y2, x1:x2]
        return rect, field, share.astype(np.float32)


def _layers(canvas: Canvas, depth_m: Floats32, share: Floats32, reach: float) -> _Layers:
    """From metres within the edge of the water (H×W, negative outside) and the share that it mirrors (H×W)."""
    cover = np.clip(depth_m / np.float32(EDGE_M), 0, 1)
    deep = np.clip(depth_m / np.float32(1.2), 0.25, 0.8)
    damp = 1 - np.float32(0.22) * np.clip((depth_m + np.float32(0.22)) / np.float32(0.22), 0, 1)
    flooded = cover * share
    body = cover - flooded
    murk = np.array(canvas.climate.sky) * np.array((62, 74, 80)) + 14 * canvas.climate.sun
    return _Layers(
        reach=reach,
        leaves=_three((1 - cover) * damp + np.float32(0.72) * body * (1 - deep)),
        mirrors=_three(flooded),
        murk=cv2.merge([cv2.convertScaleAbs(body * deep, alpha=level) for level in murk.tolist()]).astype(
            np.uint8, copy=False
        ),
        flooded=flooded,
        shows=cover > 0.5,
    )


def _three(share: Floats32) -> Picture:
    """Shares 0 … 1 as 0 … 255, the same in three channels."""
    level = cv2.convertScaleAbs(share, alpha=255.0)
    return cv2.cvtColor(level, cv2.COLOR_GRAY2BGR).astype(np.uint8, copy=False)


def _rippled(canvas: Canvas, rect: Rect, seed: int) -> Picture:
    """What the water mirrors of the stage, moved a little by ripples."""
    x1, y1, x2, y2 = rect
    rows = np.arange(y1, y2, dtype=np.float32)[:, None]
    columns = np.arange(x1, x2, dtype=np.float32)[None, :]
    time_s = canvas.time_s
    strength = 1.0 + 2.0 * canvas.climate.rain
    down = rows + strength * 0.8 * np.sin(rows * 0.9 + 2.1 * time_s + seed % 7)
    v = (down + strength * 0.5 * np.sin(columns * 0.35 - 1.7 * time_s)).astype(np.float32)
    u = np.repeat(columns, len(rows), axis=0)
    found = cv2.remap(canvas.mirrored, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return found.astype(np.uint8, copy=False)


@dataclass(frozen=True, slots=True, eq=False)
class _Flow:
    """What of a river does not change over time, H×W each.

    Attributes:
        rect: box of the water on the canvas.
        cover: 255 where water is; flooded: share that it mirrors there, 0 elsewhere.
        along, across: where its waves are looked up; columns, rows: canvas pixels.
        share: that it mirrors, everywhere; clear: what the haze lets through.
        air: what the haze adds, three times.
    """

    rect: Rect
    cover: Picture
    flooded: Floats32
    along: Floats32
    across: Floats32
    columns: Floats32
    rows: Floats32
    share: Floats32
    clear: Floats32
    air: tuple[Floats32, Floats32, Floats32]


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
        self._flow: _Flow | None = None
        self._tile = clouds(stream(seed, "river"), (TILE_PX, TILE_PX), (30, 12, 5)).astype(np.float32)

    def at(self, time_s: float) -> Sequence[Painted]:  # noqa: ARG002
        """The water, always."""
        low, high = self._between
        grid = np.array([[x, 0.0, z] for x in np.linspace(-10, 70, 9) for z in np.linspace(low, high, 4)])
        return (Painted(0, np.array([20.0, 0.0, (low + high) / 2]), grid, self._draw, flat=True),)

    def _draw(self, canvas: Canvas, _: int) -> None:
        """The water is part of the stage: it has no number."""
        if self._flow is None:
            self._flow = self._new_flow(canvas)
        flow = self._flow
        x1, y1, x2, y2 = flow.rect
        along, across = (np.float32(speed * canvas.time_s % TILE_PX) for speed in FLOW_PX_S)
        waves = cv2.remap(self._tile, flow.along + along, flow.across + across, cv2.INTER_LINEAR)
        seen = cv2.remap(
            canvas.mirrored, cv2.add(flow.columns, waves), cv2.scaleAdd(waves, 4.5, flow.rows), cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )  # fmt: skip
        share = np.minimum(flow.share * (1 + np.float32(0.16) * waves), np.float32(0.95))
        mirrors = cv2.multiply(share, flow.clear)
        body = cv2.subtract(flow.clear, mirrors)
        body = cv2.add(body, cv2.multiply(body, waves, scale=0.07))
        murk = np.array(canvas.climate.sky) * np.array((74, 88, 78)) + 18 * canvas.climate.sun
        own = [
            cv2.convertScaleAbs(cv2.scaleAdd(body, level, air))
            for level, air in zip(murk.tolist(), flow.air, strict=True)
        ]
        water = cv2.multiply(seen, _three(np.asarray(mirrors, np.float32)), scale=1 / 255.0)
        cv2.copyTo(cv2.add(water, cv2.merge(own)), flow.cover, canvas.image[y1:y2, x1:x2])
        canvas.flood(flow.rect, flow.flooded)

    def _new_flow(self, canvas: Canvas) -> _Flow:
        still, climate = canvas.still, canvas.climate
        low, high = self._between
        z = still.place[..., 2]
        cover = (still.side == GROUND) & (z > low) & (z < high)
        rows, columns = np.nonzero(cover)
        rect = (0, 0, 1, 1)
        if len(rows):
            rect = int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1
        x1, y1, x2, y2 = rect
        cover, place = cover[y1:y2, x1:x2], still.place[y1:y2, x1:x2]
        share = np.clip(0.16 + 1.3 * fresnel(still, canvas.projector.camera.height_m), 0, 0.9)[y1:y2, x1:x2]
        clear = np.exp(-still.depth[y1:y2, x1:x2] / np.float32(climate.haze_m))
        along = np.where(cover, place[..., 0] * np.float32(7), 0).astype(np.float32)
        across = np.where(cover, place[..., 2] * np.float32(9), 0).astype(np.float32)
        # Far water begins the pattern again: OpenCV looks up no picture that is wider than 32,767 pixels.
        along, across = (
            np.asarray((reach - reach.min()) % np.float32(MOST_TILES * TILE_PX)) for reach in (along, across)
        )
        grid = np.mgrid[y1:y2, x1:x2].astype(np.float32)
        # Repeated so often that no place of the water, moved by a tile at most, lies outside.
        times = [int((reach.max() + 2) // TILE_PX) + 2 for reach in (across, along)]
        self._tile = np.tile(self._tile, times)
        return _Flow(
            rect, np.where(cover, 255, 0).astype(np.uint8), (cover * share).astype(np.float32), along, across,
            grid[1].copy(), grid[0].copy(), share.astype(np.float32), clear.astype(np.float32),
            tuple(((1 - clear) * np.float32(level)).astype(np.float32) for level in climate.air),
        )  # fmt: skip
