"""Flame, smoke and steam: soft, alive, starting at a known instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from brain.sim.camera import Floats, Floats32
from brain.sim.canvas import Canvas
from brain.sim.draw import Colour, bounds, clouds, stream
from brain.sim.entity import Painted, since
from brain.sim.glow import add_glow
from brain.sim.paint.pad import Sprite
from brain.sim.things.life import Life

GRID = (72, 48)
SHOWS = 0.45
"""Coverage from which a pixel counts as flame; smoke counts from half of it."""
RAMP_AT = (0.0, 0.3, 0.5, 0.75, 1.0)
RAMP = np.array([(10, 20, 150), (20, 80, 240), (40, 150, 255), (110, 225, 255), (225, 252, 255)], float)
"""Flame's colour by heat, BGR: hue 0–60°, core saturated to white-yellow."""


@lru_cache(maxsize=4)
def _noise(seed: int) -> Floats32:
    field = clouds(stream(seed, "flame"), (256, 256), (26, 13, 7))
    noise: Floats32 = np.clip(field * np.float32(0.28) + np.float32(0.5), 0, 1).astype(np.float32)
    return noise


class Flame:
    """A fire on the ground or on something.

    Args:
        width: metres across when full grown; it is about 1.7 times as high.
        doubles_s: seconds in which it doubles.
    """

    labels = ("flame",)

    def __init__(
        self,
        seed: int,
        x: float,
        z: float,
        life: Life,
        *,
        width: float = 0.9,
        doubles_s: float = 14.0,
        foot_m: float = 0.0,
    ) -> None:
        self.life = life
        self.span = life.span
        self._seed = seed
        self._foot = np.array([x, foot_m, z])
        self._width, self._doubles_s = width, doubles_s
        self._phase = float(stream(seed, "flicker").uniform(0, 6.28))

    def size(self, time_s: float) -> tuple[float, float]:
        """Width and height in metres."""
        grown = min(1.0, 0.22 * 2 ** (max(0.0, since(time_s, self.life.begins_s)) / self._doubles_s))
        flicker = 1 + 0.1 * np.sin(2 * np.pi * 9.7 * time_s + self._phase) + 0.07 * np.sin(2 * np.pi * 3.1 * time_s)
        width = self._width * grown * (0.4 + 0.6 * self.life.size(time_s))
        return width, width * 1.7 * float(flicker)

    def at(self, time_s: float) -> Sequence[Painted]:
        """The flame while it burns."""
        if not self.life.there(time_s):
            return ()
        width, height = self.size(time_s)
        half = width * 0.75
        spread = np.array([[dx, dy, 0.0] for dx in (-half, half) for dy in (0.0, height)])

        def seen() -> Floats:
            ring = np.vstack([0.7 * width * AROUND + np.array([0.0, dy, 0.0]) for dy in (0.0, height)])
            around: Floats = self._foot + ring
            return around

        ground = self._foot * np.array([1.0, 0.0, 1.0])
        return (Painted(0, ground, self._foot + spread, self._draw, seen=seen),)

    def _draw(self, canvas: Canvas, number: int) -> None:
        width, height = self.size(canvas.time_s)
        pixels, depth = canvas.projector(self._foot[None, :])
        if depth[0] < 1.0:
            return
        metre = canvas.projector.camera.focal / float(depth[0])
        x, y = float(pixels[0, 0]), float(pixels[0, 1])
        wide, tall = max(2.0, width * metre * 0.75), max(4.0, height * metre)
        rect = bounds(np.array([[x - wide, y - tall], [x + wide, y + 1.0]]), canvas.projector.camera.canvas, pad=0)
        if rect is None:
            return
        night = 1.0 - float(np.mean(canvas.climate.sky))
        throb = 0.8 + 0.2 * np.sin(2 * np.pi * 8.3 * canvas.time_s + self._phase)
        add_glow(canvas.image, np.array([x, y]), 3.2 * width * metre, (30, 110, 255), (0.16 + 0.5 * night) * throb)
        heat = self._heat(canvas.time_s, rect, (x, y), (wide, tall))
        alpha = np.clip((heat - 0.16) / 0.2, 0, 1)
        colours = np.stack([np.interp(heat, RAMP_AT, RAMP[:, channel]) for channel in range(3)], axis=-1)
        x1, y1, x2, y2 = rect
        under = canvas.image[y1:y2, x1:x2]
        under[:] = (under * (1 - alpha[..., None]) + colours * alpha[..., None]).astype(np.uint8)
        canvas.mark(rect, alpha > SHOWS, number)

    def _heat(
        self, time_s: float, rect: tuple[int, int, int, int], foot: tuple[float, float], size: tuple[float, float]
    ) -> Floats32:
        """Heat 0 … 1 of each pixel: a tapering shape eaten by noise that rises."""
        x1, y1, x2, y2 = rect
        across = ((np.arange(x1, x2) - foot[0]) / size[0]).astype(np.float32)[None, :]
        up = ((foot[1] - np.arange(y1, y2)) / size[1]).astype(np.float32)[:, None]
        noise = _noise(self._seed % 4)
        u = (across * 26 + 40 + 6 * np.sin(3.1 * time_s) * up).astype(np.float32) % 255
        v = ((up * 60 - 0.0 * across) - np.float32(time_s * 190 + self._phase * 30)).astype(np.float32) % 255
        ragged = cv2.remap(noise, u, np.broadcast_to(v, u.shape).copy(), cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        reach = 0.16 + 0.84 * np.clip(1 - up, 0, 1) ** 0.75 * np.clip(up * 5 + 0.55, 0, 1)
        shape = 1.15 * (1 - np.abs(across) / np.maximum(0.05, reach)) * np.clip(1.25 - up, 0, 1)
        heat = shape + (ragged - 0.5) * (0.5 + 1.5 * np.clip(up, 0, 1))
        core = np.exp(-(((across / 0.45) ** 2) + ((up - 0.16) / 0.2) ** 2))
        found: Floats32 = np.clip(np.maximum(heat * 0.75, core * 0.95), 0, 1).astype(np.float32)
        return found


@dataclass(frozen=True, slots=True)
class PlumeKind:
    """How a plume behaves.

    Attributes:
        label: class name; empty for steam.
        colour: BGR by day.
        rise: metres per second; ``wind``: drift along ``x`` and ``z``.
        spread: metres of radius gained per metre of way.
        life_s: seconds until a puff has thinned out.
        density: of a new puff.
    """

    label: str
    colour: Colour
    rise: float
    wind: tuple[float, float]
    spread: float
    life_s: float
    density: float


GREY_SMOKE = PlumeKind("smoke", (182, 180, 178), 1.15, (0.5, 0.15), 0.24, 7.0, 1.0)
BLACK_SMOKE = PlumeKind("smoke", (52, 52, 54), 1.3, (0.45, 0.1), 0.24, 8.0, 1.5)
STEAM = PlumeKind("", (236, 236, 236), 0.9, (0.3, 0.1), 0.3, 2.4, 0.75)
PUFFS_PER_S = 4.0
AROUND = np.array([[np.cos(turn), 0.0, np.sin(turn)] for turn in np.linspace(0, 2 * np.pi, 9)[:-1]]) / np.cos(np.pi / 8)
"""Corners of what encloses a disc of radius 1 on the ground, from wherever it is seen."""
UP_DOWN = np.array([[0.0, 1.0, 0.0], [0.0, -1.0, 0.0]])
VEIL = -np.log(1 - SHOWS / 2) / 1.5
"""Density from which a pixel counts as smoke."""
LUMPY = 1.3
"""So much denser than on the whole are the lumps in a puff."""


@lru_cache(maxsize=8)
def _puff(seed: int) -> Floats32:
    """A ragged puff, 64×64, 0 … 1."""
    grid = np.linspace(-1, 1, 64, dtype=np.float32)
    radius = np.hypot(*np.meshgrid(grid, grid)).astype(np.float32)
    lumps = clouds(stream(seed, "puff"), (64, 64), (18, 9, 5))
    soft = np.clip(1 - radius, 0, 1) ** 1.2 * (1 + 0.55 * lumps)
    return np.clip(soft, 0, 1.6).astype(np.float32)


class Plume:
    """Smoke or steam from one place.

    Args:
        start_radius: metres of a new puff.
        foot_m: height of the source.
    """

    def __init__(
        self,
        kind: PlumeKind,
        seed: int,
        x: float,
        z: float,
        life: Life,
        *,
        start_radius: float = 0.22,
        foot_m: float = 0.1,
    ) -> None:
        self.labels = (kind.label,)
        self.life = life
        self.span = (life.begins_s, life.ends_s + kind.life_s)
        self._kind, self._seed = kind, seed
        self._foot = np.array([x, 0.0, z])
        self._source = np.array([x, foot_m, z])
        self._radius = start_radius
        self._moment: tuple[float, tuple[Floats, Floats, Floats]] | None = None

    def at(self, time_s: float) -> Sequence[Painted]:
        """The plume while any puff of it is left."""
        places, radii, _ = self._puffs(time_s)
        if not len(radii):
            return ()
        reach = np.vstack(
            [places + radii[:, None] * np.array(way) for way in ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0))]
        )
        return (Painted(0, self._foot, reach, self._draw, seen=lambda: self._seen(time_s)),)

    def _seen(self, time_s: float) -> Floats:
        """Points around the part of each puff that is dense enough to count, its neighbours' density added."""
        places, radii, thin = self._puffs(time_s)
        apart = np.linalg.norm(places[:, None, :] - places[None, :, :], axis=2) / radii[None, :]
        dense = LUMPY * (thin[None, :] * np.clip(1 - apart, 0, 1) ** 1.2).sum(axis=1)
        shown = radii * (1 - np.minimum(1.0, VEIL / np.maximum(1e-6, dense)) ** (1 / 1.2))
        counts = shown > 0
        if not counts.any():
            return self._source[None, :]
        return np.vstack([places[counts] + shown[counts, None] * way for way in (*AROUND, *UP_DOWN)])

    def _puffs(self, time_s: float) -> tuple[Floats, Floats, Floats]:
        """Places (N×3), radii and densities of all puffs, the oldest first; those of the last moment are kept."""
        if self._moment is None or self._moment[0] != time_s:
            self._moment = time_s, self._blown(time_s)
        return self._moment[1]

    def _blown(self, time_s: float) -> tuple[Floats, Floats, Floats]:
        """The same, worked out."""
        kind, life = self._kind, self.life
        if since(time_s, life.begins_s) < 0:
            return np.zeros((0, 3)), np.zeros(0), np.zeros(0)
        begins = max(life.begins_s, time_s - kind.life_s) if np.isinf(life.begins_s) else life.begins_s
        first = max(0, int(np.ceil((time_s - kind.life_s - begins) * PUFFS_PER_S))) if np.isfinite(life.begins_s) else 0
        last = int(np.floor((min(time_s, life.ends_s) - begins) * PUFFS_PER_S + 1e-6))
        numbers = np.arange(first, last + 1)
        born = begins + numbers / PUFFS_PER_S
        if np.isinf(life.begins_s):
            born = (
                np.floor(time_s * PUFFS_PER_S) / PUFFS_PER_S
                - np.arange(int(kind.life_s * PUFFS_PER_S))[::-1] / PUFFS_PER_S
            )
            numbers = np.round(born * PUFFS_PER_S).astype(int)
        age = np.maximum(0.0, time_s - born)
        wobble = np.sin(numbers[:, None] * np.array([12.9898, 78.233, 37.719]) + self._seed % 97) * np.array(
            [0.12, 0.1, 0.12]
        )
        way = np.column_stack([kind.wind[0] * age, kind.rise * age**0.9, kind.wind[1] * age])
        radii = self._radius + kind.spread * np.linalg.norm(way, axis=1)
        places = self._source + way + wobble * (0.4 + age[:, None])
        thin = np.clip(1 - age / kind.life_s, 0, 1) ** 1.3 * kind.density * (self._radius / radii) ** 0.55
        alive = thin > 0.004
        return places[alive], radii[alive], thin[alive]

    def _draw(self, canvas: Canvas, number: int) -> None:
        places, radii, thin = self._puffs(canvas.time_s)
        pixels, depth = canvas.projector(places)
        if depth.min() < 1.0:
            return
        across = radii * canvas.projector.camera.focal / depth
        rect = bounds(
            np.vstack([pixels - across[:, None], pixels + across[:, None]]), canvas.projector.camera.canvas, pad=1
        )
        if rect is None:
            return
        x1, y1, x2, y2 = rect
        veil: Floats32 = np.zeros((y2 - y1, x2 - x1), np.float32)
        for index in range(len(radii)):
            _lay(
                veil,
                pixels[index] - np.array([x1, y1]),
                float(across[index]),
                _puff((self._seed + index * 7) % 8),
                float(thin[index]),
            )
        alpha = 1 - np.exp(-1.5 * veil)
        level = np.clip(
            np.array(canvas.climate.sky) * 1.25 + canvas.climate.sun * 0.5 + 0.1 * canvas.climate.lamps, 0, 1.05
        )
        if canvas.climate.infrared:
            level = level + 0.35
        # Two boxes make a blur much like Gauss', at a fraction of its cost.
        around = cv2.blur(cv2.blur(veil, (7, 7)), (7, 7))
        shade = np.clip(0.84 + 0.2 * (veil - around), 0.6, 1.1) * alpha
        haze = canvas.climate.haze(float(depth.mean()))
        own = np.array(self._kind.colour) * level * (1 - haze)
        layers = [
            cv2.convertScaleAbs(cv2.addWeighted(shade, colour, alpha, air * haze, 0))
            for colour, air in zip(own.tolist(), canvas.climate.air, strict=True)
        ]
        cover = cv2.convertScaleAbs(alpha, alpha=255.0).astype(np.uint8, copy=False)
        Sprite(rect, cv2.merge(layers).astype(np.uint8, copy=False), cover).put(canvas.image)
        canvas.mark(rect, alpha > SHOWS / 2, number)


def _lay(veil: Floats32, at: Floats, radius: float, puff: Floats32, thin: float) -> None:
    """Add one puff to a veil."""
    size = max(3, round(2 * radius))
    x, y = round(float(at[0]) - size / 2), round(float(at[1]) - size / 2)
    left, top = max(0, x), max(0, y)
    right, bottom = min(veil.shape[1], x + size), min(veil.shape[0], y + size)
    if left >= right or top >= bottom:
        return
    grown = cv2.resize(puff, (size, size), interpolation=cv2.INTER_AREA if size < 64 else cv2.INTER_LINEAR)
    veil[top:bottom, left:right] += grown[top - y : bottom - y, left - x : right - x] * np.float32(thin)
