"""What shows things where they are not: a glass front that mirrors passers-by, a river that mirrors drifting clouds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from brain.sim.actors.people import Walker, placed_person
from brain.sim.camera import Floats32
from brain.sim.canvas import Canvas
from brain.sim.draw import Colour, Rect, bounds, clouds, stream
from brain.sim.entity import ALWAYS, Painted
from brain.sim.paint.pad import Pad, Sprite
from brain.sim.paint.view import View
from brain.sim.stages.backdrop import GROUND
from brain.sim.still import fresnel
from brain.sim.things.sheets import lit

PANE_M = 1.6
BANDS: tuple[tuple[float, float, Colour], ...] = (
    (0.0, 0.22, (196, 198, 200)), (0.22, 0.45, (150, 150, 148)), (0.45, 0.8, (128, 122, 116)),
    (0.8, 1.0, (214, 200, 186)),
)  # fmt: skip
"""From … to (share of the height) and colour of what a glass front mirrors of the square."""
FRAME = (70, 70, 72)
DIM = 0.62
CLOUDS_UP_M = 90.0
"""How far above the water the clouds seem to be: low, so that they move visibly within a minute."""


class GlassFront:
    """Panes along ``x`` that mirror some walkers.

    Args:
        x_between, z, height_m: where it stands.
        walkers: whom it mirrors while they are before it.
    """

    labels = ("",)
    span = ALWAYS

    def __init__(self, x_between: tuple[float, float], z: float, height_m: float, walkers: Sequence[Walker]) -> None:
        self._x, self._z, self._height, self._walkers = x_between, z, height_m, tuple(walkers)
        low, high = x_between
        self._corners = np.array([[low, 0, z], [high, 0, z], [high, height_m, z], [low, height_m, z]], float)

    def at(self, time_s: float) -> Sequence[Painted]:  # noqa: ARG002
        """The front, always."""
        foot = np.array([sum(self._x) / 2, 0.0, self._z])
        depth = np.vstack([self._corners, self._corners + np.array([0.0, 0.0, 0.2])])
        return (Painted(0, foot, depth, self._draw),)

    def _draw(self, canvas: Canvas, number: int) -> None:
        pixels, depth = canvas.projector(self._corners)
        rect = bounds(pixels, canvas.projector.camera.canvas) if depth.min() > 1.0 else None
        if rect is None:
            return
        view = View(canvas.projector)
        pad = Pad(rect)
        shade = canvas.light.shade(np.array([sum(self._x) / 2, 0.0, self._z]), float(depth.mean()), 0.6)
        # It mirrors the bright paving at its foot, houses above, and the sky at its top.
        for low, high, colour in BANDS:
            rows = self._corners.copy()
            rows[:, 1] = self._height * np.array([low, low, high, high])
            pad.poly(view.project(rows)[0], shade.flat(colour, 0.85, 0.9))
        self._panes(pad, view, shade.flat(FRAME))
        sprite = pad.sprite()
        clear = sprite.alpha > 127
        sprite.put(canvas.image)
        self._images(canvas, view, rect, clear)
        canvas.mark(rect, clear, number)

    def _panes(self, pad: Pad, view: View, colour: tuple[float, float, float]) -> None:
        low, high = self._x
        edges = [np.array([[x, 0.0, self._z], [x, self._height, self._z]]) for x in np.arange(low, high + 0.1, PANE_M)]
        edges += [np.array([[low, y, self._z], [high, y, self._z]]) for y in (0.08, self._height - 0.05)]
        for edge in edges:
            pixels, depth = view.project(edge)
            pad.line(pixels, max(1.0, 0.06 * view.metre(float(depth.mean()))), colour)

    def _images(self, canvas: Canvas, view: View, rect: Rect, clear: NDArray[np.bool_]) -> None:
        """Everybody who is before the front, as far behind it, dim, within the panes only."""
        for walker in self._walkers:
            pose = walker.pose(canvas.time_s)
            if pose is None or pose.z > self._z or not self._x[0] - 6 < pose.x < self._x[1] + 6:
                continue
            there = replace(pose, z=2 * self._z - pose.z, heading=-pose.heading)
            placed = placed_person(0, there, walker.look)
            pixels, depth = view.project(placed.outline)
            if depth.min() < 1.0 or bounds(pixels, canvas.projector.camera.canvas) is None:
                continue
            pad = Pad(rect)
            placed.paint(pad, view, canvas.light.shade(placed.foot, float(depth.mean()), 0.3))
            sprite = pad.sprite()
            share = clear * np.float32(DIM)
            dim = (sprite.colours * share[..., None]).astype(np.uint8)
            Sprite(rect, dim, (sprite.alpha * share).astype(np.uint8)).put(canvas.image)


class CloudMirror:
    """Drifting clouds in open water: each pixel shows the sky that its ray is thrown back to.

    Args:
        z_between: of the water, metres.
    """

    labels = ("",)
    span = ALWAYS

    def __init__(self, seed: int, z_between: tuple[float, float], *, wind_ms: float) -> None:
        self._between, self._wind = z_between, wind_ms
        self._tile = clouds(stream(seed, "mirrored clouds"), (512, 512), (90, 40, 18)).astype(np.float32)
        self._field: tuple[Rect, Floats32, Floats32, Floats32] | None = None

    def at(self, time_s: float) -> Sequence[Painted]:  # noqa: ARG002
        """The mirrored sky, always."""
        low, high = self._between
        grid = np.array([[x, 0.0, z] for x in np.linspace(0, 60, 5) for z in (low, high)])
        return (Painted(0, grid.mean(axis=0), grid, self._draw, flat=True),)

    def _draw(self, canvas: Canvas, number: int) -> None:
        if self._field is None:
            self._field = self._new_field(canvas)
        rect, u, v, share = self._field
        x1, y1, x2, y2 = rect
        wave = np.float32(0.9) * np.sin(np.float32(0.11) * v * 40 + np.float32(2.3 * canvas.time_s))
        moved = (u + np.float32(self._wind * canvas.time_s) + wave) % np.float32(511)
        cloud = cv2.remap(self._tile, moved, v % np.float32(511), cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        white = np.clip((cloud - np.float32(0.1)) / np.float32(0.9), 0, 1) * share
        colour = lit(canvas, (236, 232, 228)).astype(np.float32)
        under = canvas.image[y1:y2, x1:x2]
        under[:] = np.clip(under + (colour - under) * white[..., None], 0, 255).astype(np.uint8)
        canvas.mark(rect, white > 0.4, number)

    def _new_field(self, canvas: Canvas) -> tuple[Rect, Floats32, Floats32, Floats32]:
        """Box of the water, where each pixel looks up the clouds (metres), and how far the water mirrors."""
        still, high = canvas.still, np.float32(canvas.projector.camera.height_m)
        x, z = still.place[..., 0], still.place[..., 2]
        water = (still.side == GROUND) & (z > self._between[0]) & (z < self._between[1])
        rows, columns = np.nonzero(water)
        rect = (0, 0, 1, 1)
        if len(rows):
            rect = int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1
        x1, y1, x2, y2 = rect
        far = np.float32(1 + CLOUDS_UP_M / high)
        share = np.clip(0.35 + 1.2 * fresnel(still, float(high)), 0, 0.85) * water
        cut = (slice(y1, y2), slice(x1, x2))
        return rect, (x[cut] * far).astype(np.float32), (z[cut] * far).astype(np.float32), share[cut].astype(np.float32)
