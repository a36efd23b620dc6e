"""Flat sheets on ground or water: fresh asphalt, algae, foam, a strip of wet road that dries, rain rings, glitter."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from brain.sim.camera import Floats, Floats32
from brain.sim.canvas import Canvas
from brain.sim.draw import Colour, Rect, bounds, clouds, stream
from brain.sim.entity import ALWAYS, Painted
from brain.sim.paint.pad import Sprite
from brain.sim.stages.backdrop import GROUND
from brain.sim.things.life import ALL_THE_TIME, Life

LEAST_M = 0.3
BUMP_M, SOFT_M = 0.3, 0.25
"""How far bumps bend the edge of a sheet, and how wide its soft edge is."""
CELL_PX = 24
WAVES_PX = 512
"""Size of the pattern of waves that glitter."""
LIT = 1.05
"""Brightness of a flat matt sheet under the open sky, as a share of the light from above."""


def lit(canvas: Canvas, colour: Colour) -> Floats:
    """A matt colour as the ground around is lit, without lamps nearby."""
    climate = canvas.climate
    level = np.array(climate.sky) * LIT + climate.sun * 0.7 + 0.12 * climate.lamps
    if climate.infrared:
        level = level + 0.4
    found: Floats = np.clip(np.array(colour) * level, 0, 255)
    return found


def ragged_rim(tile: Floats32, reach: float, stretch: float, inside_m: float) -> Floats:
    """Rim (N×3 metres around its middle) of a sheet whose edge a pattern of bumps makes ragged.

    Args:
        tile: the bumps, ``CELL_PX`` a metre; reach, stretch: as of ``Sheet``.
        inside_m: so far within the edge it begins to count.
    """
    turn = np.linspace(0, 2 * np.pi, 240, endpoint=False)[:, None]
    away = np.linspace(0, 1.6 * reach + 0.3, 160)[None, :]
    x, z = away * np.cos(turn), away * np.sin(turn)
    places = [(CELL_PX * axis + 128).astype(np.float32) for axis in (x, z)]
    bumps = cv2.remap(tile, places[0], places[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    counts = reach - away - BUMP_M * bumps * np.clip(away / 1.2, 0, 1) > inside_m
    farthest = (away * counts).max(axis=1)
    rim: Floats = np.column_stack(
        [stretch * farthest * np.cos(turn[:, 0]), 0 * farthest, farthest * np.sin(turn[:, 0])]
    )
    return rim


class Sheet:
    """A ragged sheet of one material around a middle.

    Args:
        label: class name; empty for what no algorithm looks for.
        colour: BGR by day; rough: how much its brightness varies; holes: 0 … 1 how torn it is.
        reach_m, stretch, z_between: as of ``StandingWater``.
        drift: metres per second along ``x``.
        cover: 0 … 1 how far it hides what is below.
        square: a rectangle instead of a ragged round.
        least_m: reach of a growing sheet in the picture in which it begins.
    """

    def __init__(
        self, seed: int, label: str, colour: Colour, x: float, z: float, *, reach_m: float, stretch: float = 1.6,
        z_between: tuple[float, float] = (-100.0, 100.0), life: Life = ALL_THE_TIME, rough: float = 0.12,
        holes: float = 0.0, drift: float = 0.0, cover: float = 0.95, square: bool = False, least_m: float = LEAST_M,
    ) -> None:  # fmt: skip
        self.labels = (label,)
        self.life = life
        self.span = life.span
        self._seed, self._colour, self._rough, self._holes = seed, colour, rough, holes
        self._middle = np.array([x, 0.0, z])
        self._reach, self._stretch, self._between = reach_m, stretch, z_between
        self._drift, self._cover, self._square, self._least = drift, cover, square, least_m
        self._tile = clouds(stream(seed, "sheet"), (256, 256), (40, 20, 9)).astype(np.float32)
        self._grain = clouds(stream(seed, "grain"), (256, 256), (7, 3, 2)).astype(np.float32)

    def at(self, time_s: float) -> Sequence[Painted]:
        """The sheet while it is there."""
        if not self.life.there(time_s):
            return ()
        middle = self._place(time_s)
        turn = np.linspace(0, 2 * np.pi, 17)[:-1]
        reach = self._size(time_s) * (1.5 if self._square else 1.35)
        x = middle[0] + reach * self._stretch * np.cos(turn)
        z = np.clip(middle[2] + reach * np.sin(turn), *self._between)
        outline = np.column_stack([x, np.zeros(16), z])
        return (Painted(0, middle, outline, self._draw, flat=True, seen=lambda: self._seen(time_s)),)

    def _seen(self, time_s: float) -> Floats:
        """Its rim on the ground."""
        reach, middle = self._size(time_s), self._place(time_s)
        if self._square:
            half = reach * np.array([[-1, 0, -1], [1, 0, -1], [1, 0, 1], [-1, 0, 1]], float)
            rim: Floats = half * np.array([self._stretch, 1.0, 1.0]) + middle
        else:
            rim = ragged_rim(self._tile, reach, self._stretch, SOFT_M / 2) + middle
        rim[:, 2] = np.clip(rim[:, 2], *self._between)
        return rim

    def _place(self, time_s: float) -> Floats:
        begun = self.life.begins_s if np.isfinite(self.life.begins_s) else 0.0
        place: Floats = self._middle + np.array([self._drift * (time_s - begun), 0.0, 0.0])
        return place

    def _size(self, time_s: float) -> float:
        return self._least + (self._reach - self._least) * float(self.life.size(time_s) ** 0.6)

    def _draw(self, canvas: Canvas, number: int) -> None:
        part = self.at(canvas.time_s)[0]
        pixels, depth = canvas.projector(part.outline)
        near = depth > 0.5
        rect = bounds(pixels[near], canvas.projector.camera.canvas) if near.any() else None
        if rect is None:
            return
        cover, grain = self._field(canvas, rect)
        x1, y1, x2, y2 = rect
        under = canvas.image[y1:y2, x1:x2]
        colour = lit(canvas, self._colour).astype(np.float32) * (1 + np.float32(self._rough) * grain[..., None])
        if canvas.climate.sun:
            shade = 0.56 + 0.44 * canvas.sunlit[y1:y2, x1:x2].astype(np.float32) / 255
            colour = colour * shade[..., None]
        haze = np.float32(canvas.climate.haze(float(depth[near].mean())))
        colour = colour + (np.array(canvas.climate.air, np.float32) - colour) * haze
        share = (cover * np.float32(self._cover))[..., None]
        under[:] = np.clip(under + (colour - under) * share, 0, 255).astype(np.uint8)
        if canvas.water is not None:
            canvas.water[y1:y2, x1:x2] *= 1 - cover
        # What is smaller than a pixel shows in the one that it covers most.
        canvas.mark(rect, cover > min(0.5, 0.9 * float(cover.max())), number)

    def _field(self, canvas: Canvas, rect: Rect) -> tuple[Floats32, Floats32]:
        """How far it covers each pixel (0 … 1), and its grain."""
        x1, y1, x2, y2 = rect
        middle = self._place(canvas.time_s)
        x = canvas.still.place[y1:y2, x1:x2, 0] - np.float32(middle[0])
        z = canvas.still.place[y1:y2, x1:x2, 2] - np.float32(middle[2])
        u, v = (x * CELL_PX / self._stretch + 128).astype(np.float32), (z * CELL_PX + 128).astype(np.float32)
        reach = np.float32(self._size(canvas.time_s))
        if self._square:
            away = np.maximum(np.abs(x) / np.float32(self._stretch), np.abs(z))
            cover = np.clip((reach - away) / np.float32(0.05), 0, 1)
        else:
            bumps = cv2.remap(self._tile, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT).astype(np.float32)
            away = np.hypot(x / np.float32(self._stretch), z)
            # No bump at its middle: the first pixel of the sheet is there.
            far = np.clip(away / 1.2, 0, 1)
            cover = np.clip((reach - away - np.float32(BUMP_M) * bumps * far) / np.float32(SOFT_M), 0, 1)
        grain = cv2.remap(self._grain, (u * 3) % 255, (v * 3) % 255, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        if self._holes:
            torn = np.clip((grain + np.float32(1.6 - 2.4 * self._holes)) / np.float32(0.7), 0, 1)
            cover = cover * np.maximum(torn, np.clip(1.4 - 4 * away, 0, 1))
        low, high = self._between
        z_world = canvas.still.place[y1:y2, x1:x2, 2]
        outside = (z_world < low) | (z_world > high) | (canvas.still.side[y1:y2, x1:x2] != GROUND)
        cover = np.where(outside, 0, cover)
        return cover.astype(np.float32), grain.astype(np.float32)


class WetStrip:
    """The strip that a sprinkler truck leaves: wet where it has passed, drying.

    Args:
        passed: ground ``x`` (H×W metres) → second at which the truck's tail was there.
        z_between: metres; dries_s: seconds in which two thirds of the wetness go.
    """

    labels = ("",)
    span = ALWAYS

    def __init__(
        self, seed: int, passed: Callable[[Floats32], Floats32], x_between: tuple[float, float],
        z_between: tuple[float, float], dries_s: float,
    ) -> None:  # fmt: skip
        self._passed, self._x, self._z, self._dries_s = passed, x_between, z_between, dries_s
        self._tile = clouds(stream(seed, "wet strip"), (256, 256), (60, 25, 9)).astype(np.float32)

    def at(self, time_s: float) -> Sequence[Painted]:  # noqa: ARG002
        """The strip, wet or not yet."""
        grid = np.array([[x, 0.0, z] for x in np.linspace(*self._x, 5) for z in self._z])
        return (Painted(0, grid.mean(axis=0), grid, self._draw, flat=True),)

    def _draw(self, canvas: Canvas, number: int) -> None:
        place, side = canvas.still.place, canvas.still.side
        rows = np.flatnonzero(((place[..., 2] > self._z[0]) & (place[..., 2] < self._z[1]) & (side == GROUND)).any(1))
        if not len(rows):
            return
        x1, y1, x2, y2 = 0, int(rows[0]), side.shape[1], int(rows[-1]) + 1
        x, z = place[y1:y2, :, 0], place[y1:y2, :, 2]
        ragged = cv2.remap(self._tile, (x * 12) % 255, (z * 20) % 255, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        gone = np.float32(canvas.time_s) - self._passed(x)
        inner = np.minimum(z - np.float32(self._z[0]), np.float32(self._z[1]) - z) + 0.18 * ragged
        wet = np.clip(inner / 0.2, 0, 1) * np.clip(gone / 0.4, 0, 1)
        wet = wet * np.clip(1.35 * np.exp(-gone / np.float32(self._dries_s)) + 0.25 * ragged * (gone > 2), 0, 1)
        wet = np.where((side[y1:y2] == GROUND) & (gone > 0), wet, 0).astype(np.float32)
        under = canvas.image[y1:y2, x1:x2]
        seen = canvas.mirrored[y1:y2, x1:x2]
        # What is wet already shows no strip, and haze hides it with the road.
        clear = np.exp(-canvas.still.depth[y1:y2, x1:x2] / np.float32(canvas.climate.haze_m))
        share = (wet * clear * np.float32(1 - 0.75 * canvas.climate.wet))[..., None]
        damp = under * (1 - np.float32(0.42) * share)
        under[:] = np.clip(damp + (seen - damp) * np.float32(0.1) * share, 0, 255).astype(np.uint8)
        canvas.mark((x1, y1, x2, y2), wet > 0.4, number)


class RainRings:
    """Rings that rain drops make on open water, each for half a second."""

    labels = ("",)
    span = ALWAYS

    def __init__(self, seed: int, x_between: tuple[float, float], z_between: tuple[float, float], count: int) -> None:
        rng = stream(seed, "rings")
        self._places = np.column_stack([rng.uniform(*x_between, count), rng.uniform(*z_between, count) ** 1.0])
        self._phases, self._jumps = rng.uniform(0, 0.5, count), rng.uniform(0.3, 1.0, (count, 2))
        self._x, self._z = x_between, z_between

    def at(self, time_s: float) -> Sequence[Painted]:
        """All rings of a moment."""
        age = (time_s + self._phases) % 0.5
        lap = np.floor((time_s + self._phases) / 0.5)
        spread = np.array([self._x[1] - self._x[0], self._z[1] - self._z[0]])
        low = np.array([self._x[0], self._z[0]])
        places = low + (self._places - low + lap[:, None] * self._jumps * spread * 0.618) % spread
        turn = np.linspace(0, 2 * np.pi, 13)[:-1]
        radii = 0.04 + 0.75 * age
        x = places[:, :1] + radii[:, None] * np.cos(turn)
        z = places[:, 1:] + radii[:, None] * np.sin(turn)
        rings = np.stack([x, np.zeros_like(x), z], axis=-1)

        def draw(canvas: Canvas, number: int) -> None:
            pixels, depth = canvas.projector(rings.reshape(-1, 3))
            shape = pixels.reshape(len(places), 12, 2)
            near = depth.reshape(len(places), 12).min(axis=1)
            bright = np.clip(np.array(canvas.climate.sky) * 120 + 14, 0, 160)
            for ring, away, old in zip(shape, near, age, strict=True):
                if 1.0 < away < 45:
                    rect = bounds(ring, canvas.projector.camera.canvas, pad=1)
                    if rect is None:
                        continue
                    pad = np.zeros((rect[3] - rect[1], rect[2] - rect[0]), np.uint8)
                    points = np.rint((ring - np.array(rect[:2])) * 16).astype(np.int32)
                    cv2.polylines(pad, [points], True, 255 * (1 - 1.8 * old), 1, cv2.LINE_AA, 4)
                    under = canvas.image[rect[1] : rect[3], rect[0] : rect[2]]
                    light = pad[..., None] * (bright / 255)
                    under[:] = np.clip(under + light, 0, 255).astype(np.uint8)
                    canvas.mark(rect, pad > 110, number)

        low_grid = np.array([[x, 0.0, z] for x in self._x for z in self._z])
        return (Painted(0, low_grid.mean(axis=0), low_grid, draw, flat=True),)


class SunGlitter:
    """Glitter of the sun on ripples: white sparks in a column, another set in every picture."""

    labels = ("",)
    span = ALWAYS

    def __init__(self, seed: int, z_between: tuple[float, float], *, strength: float = 1.0) -> None:
        rng = stream(seed, "glitter")
        self._between, self._strength = z_between, strength
        self._column = float(rng.uniform(0.3, 0.7))
        self._field: tuple[Rect, Floats32, Floats32, Floats32] | None = None
        # Twice in each direction: wherever the water is looked up, moved by a tile at most, it lies within.
        self._tile = np.tile(clouds(rng, (WAVES_PX, WAVES_PX), (5, 3, 2)).astype(np.float32), (2, 2))

    def at(self, time_s: float) -> Sequence[Painted]:  # noqa: ARG002
        """The glitter."""
        low, high = self._between
        grid = np.array([[x, 0.0, z] for x in np.linspace(0, 60, 5) for z in (low, high)])
        return (Painted(0, np.array([20.0, 0.0, (low + high) / 2]), grid, self._draw, flat=True),)

    def _draw(self, canvas: Canvas, number: int) -> None:
        if self._field is None:
            self._field = self._new_field(canvas)
        rect, band, u, v = self._field
        along, across = canvas.time_s * 9 % WAVES_PX, np.sin(canvas.time_s * 2.7) * 14 % WAVES_PX
        waves = cv2.remap(self._tile, u + np.float32(along), v + np.float32(across), cv2.INTER_LINEAR)
        spark = np.clip((waves + band - np.float32(2.15)) * np.float32(2.2), 0, 1) * np.float32(self._strength)
        spark[band < 0.06] = 0
        # Bright points spread in the lens.
        light = np.minimum(spark + np.float32(0.45) * cv2.GaussianBlur(spark, (0, 0), 1.6), 1)
        cover = cv2.convertScaleAbs(light, alpha=255.0).astype(np.uint8, copy=False)
        white = [cv2.convertScaleAbs(light, alpha=level) for level in (225.0, 248.0, 255.0)]
        Sprite(rect, cv2.merge(white).astype(np.uint8, copy=False), cover).put(canvas.image)
        canvas.mark(rect, light > 0.6, number)

    def _new_field(self, canvas: Canvas) -> tuple[Rect, Floats32, Floats32, Floats32]:
        """Box of the glittering water, how strong it glitters at each pixel, where the waves are looked up."""
        still = canvas.still
        z = still.place[..., 2]
        water = (z > self._between[0]) & (z < self._between[1]) & (still.side == GROUND)
        width = z.shape[1]
        along = np.abs(np.arange(width, dtype=np.float32) / width - np.float32(self._column))[None, :]
        band = (1.2 * np.exp(-((along / 0.17) ** 2)) * water).astype(np.float32)
        rows, columns = np.nonzero(band > 0.06)
        rect = (0, 0, 1, 1)
        if len(rows):
            rect = int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1
        x1, y1, x2, y2 = rect
        place = np.where(water[y1:y2, x1:x2, None], still.place[y1:y2, x1:x2], 0).astype(np.float32)
        u, v = (np.ascontiguousarray(place[..., axis] * np.float32(30) % WAVES_PX) for axis in (0, 2))
        return rect, band[y1:y2, x1:x2].copy(), u, v
