"""What lies on or before the lens: drops, glare of a low sun, insects and spider webs in infrared light."""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from brain.core.types import Picture
from brain.sim.camera import Floats32
from brain.sim.draw import Rect, stream
from brain.sim.glow import add_glow

SWAY_PX = 6


class LensEffect(Protocol):
    """Something that the lens adds to every picture."""

    def lay(self, image: Picture, time_s: float) -> None:
        """Lay it over a picture (height × width × 3 BGR), in place."""
        ...


class LensDrops:
    """Drops of water on the dome: each shows the scene upside down, small and blurred, with a dark rim.

    Args:
        seed: of the scene; size: width and height of the picture in pixels; count: drops.
    """

    def __init__(self, seed: int, size: tuple[int, int], count: int = 14) -> None:
        rng = stream(seed, "lens drops")
        width, height = size
        self._drops = [
            drop
            for _ in range(count)
            if (
                drop := _drop(rng, (width, height), float(width / 640 * rng.uniform(7, 15) * rng.choice((1, 1.6, 2.4))))
            )
        ]

    def lay(self, image: Picture, time_s: float) -> None:  # noqa: ARG002
        """All drops; they cling."""
        for (x1, y1, x2, y2), u, v, alpha, gain in self._drops:
            seen = cv2.remap(image, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
            seen = cv2.blur(seen, (5, 5)).astype(np.float32) * gain + np.float32(10)
            under = image[y1:y2, x1:x2]
            under[:] = np.clip(under + (seen - under) * alpha, 0, 255).astype(np.uint8)


Drop = tuple[Rect, Floats32, Floats32, Floats32, Floats32]


def _drop(rng: np.random.Generator, size: tuple[int, int], radius: float) -> Drop | None:
    width, height = size
    cx, cy = rng.uniform(0, width), rng.uniform(0.1 * height, height)
    x1, y1 = max(0, int(cx - 1.3 * radius)), max(0, int(cy - 1.5 * radius))
    x2, y2 = min(width, int(cx + 1.3 * radius) + 1), min(height, int(cy + 1.5 * radius) + 1)
    if x2 - x1 < 4 or y2 - y1 < 4:
        return None
    across = ((np.arange(x1, x2) - cx) / radius).astype(np.float32)[None, :]
    down = ((np.arange(y1, y2) - cy) / (radius * rng.uniform(1.0, 1.2))).astype(np.float32)[:, None]
    bump = 1 + 0.1 * np.sin(3 * np.arctan2(down, across) + rng.uniform(0, 6))
    away = (np.hypot(across, down) / bump).astype(np.float32)
    # A drop is a short lens: it gathers a wide view, turned by 180°.
    u = (cx - across * radius * (3.5 + 2.0 * away**2)).astype(np.float32)
    v = (cy - down * radius * (3.5 + 2.0 * away**2)).astype(np.float32)
    alpha = np.clip((1 - away) * 5, 0, 0.93).astype(np.float32)[..., None]
    light = 1.0 - 0.45 * np.clip(away, 0, 1) ** 4 + 0.18 * np.clip(down, -0.2, 1)
    return (x1, y1, x2, y2), u, v, alpha, light.astype(np.float32)[..., None]


class SunGlare:
    """A low sun in or near the picture: a veil, a halo and two ghosts of the lens.

    Args:
        strength: 0 … 1.
    """

    def __init__(self, seed: int, size: tuple[int, int], strength: float = 0.9) -> None:
        rng = stream(seed, "glare")
        width, height = size
        x, y = width * rng.uniform(0.2, 0.8), height * rng.uniform(0.02, 0.12)
        rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
        away = np.hypot(columns - np.float32(x), rows - np.float32(y)) / np.float32(width)
        veil = 0.95 * np.exp(-((away / 0.045) ** 2)) + 0.55 * np.exp(-away / 0.11) + 0.16 * np.exp(-away / 0.5)
        ray = np.abs(np.sin(3 * np.arctan2(rows - y, columns - x) + rng.uniform(0, 6))) ** 24 * np.exp(-away / 0.16)
        veil = veil + 0.22 * ray
        layer = veil[..., None] * np.array((150, 205, 255), np.float32) * np.float32(strength)
        ghosts = np.clip(layer, 0, 255).astype(np.uint8)
        for share, radius in ((1.35, 0.03), (1.7, 0.055)):
            at = np.array([x + (width / 2 - x) * share, y + (height / 2 - y) * share])
            add_glow(ghosts, at, radius * width, (90, 140, 90), 0.16 * strength)
        self._layer: Picture = ghosts

    def lay(self, image: Picture, time_s: float) -> None:  # noqa: ARG002
        """The same glare in every picture."""
        cv2.add(image, self._layer, dst=image)


class Insects:
    """Moths before the infrared lamp: bright, blurred dashes that dart about."""

    def __init__(self, seed: int, size: tuple[int, int], count: int = 7) -> None:
        rng = stream(seed, "insects")
        self._size = size
        self._speeds, self._phases = rng.uniform(0.25, 1.7, (count, 2, 3)), rng.uniform(0, 2 * np.pi, (count, 2, 3))
        self._middles = rng.uniform((0.15, 0.1), (0.85, 0.8), (count, 2))
        self._radii = rng.uniform(1.0, 3.4, count) * size[0] / 640
        self._bright = rng.uniform(90, 235, count)
        self._beats = rng.uniform(0.3, 1.1, count)

    def lay(self, image: Picture, time_s: float) -> None:
        """All insects; each comes and goes."""
        shutter = np.linspace(time_s, time_s + 1 / 25, 4)
        waves = np.sin(2 * np.pi * self._speeds[..., None] * shutter + self._phases[..., None])
        shares = self._middles[..., None] + (waves * np.array([0.3, 0.14, 0.07])[None, None, :, None]).sum(axis=2)
        there = np.sin(2 * np.pi * 0.11 * self._beats * time_s + self._phases[:, 0, 0]) > -0.35
        for index in np.flatnonzero(there):
            path = (shares[index].T * np.array(self._size)).astype(np.float64)
            _dash(image, path, float(self._radii[index]), float(self._bright[index]))


def _dash(image: Picture, path: NDArray[np.float64], radius: float, bright: float) -> None:
    """A blurred bright stroke along a short path (N×2 pixels)."""
    height, width = image.shape[:2]
    low, high = path.min(axis=0) - 4 * radius, path.max(axis=0) + 4 * radius
    x1, y1, x2, y2 = (
        max(0, int(low[0])),
        max(0, int(low[1])),
        min(width, int(high[0]) + 1),
        min(height, int(high[1]) + 1),
    )
    if x2 - x1 < 2 or y2 - y1 < 2:
        return
    pad: Picture = np.zeros((y2 - y1, x2 - x1), np.uint8)
    points = np.rint((path - np.array([x1, y1])) * 16).astype(np.int32)
    cv2.polylines(pad, [points], False, bright, max(1, round(2 * radius)), cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(pad, (0, 0), max(0.6, radius * 0.8))
    under = image[y1:y2, x1:x2]
    cv2.add(under, cv2.cvtColor(soft, cv2.COLOR_GRAY2BGR), dst=under)


class SpiderWeb:
    """A web before the lens, out of focus, that sways in the wind; a spider sits in it on every other seed."""

    def __init__(self, seed: int, size: tuple[int, int], bright: float = 78.0) -> None:
        rng = stream(seed, "web")
        width, height = size
        scale = width / 640
        pad = round(SWAY_PX * scale)
        layer: Picture = np.zeros((height + 2 * pad, width + 2 * pad), np.uint8)
        centre = np.array([width * rng.choice((0.08, 0.92)), height * rng.uniform(0.05, 0.5)])
        turns = np.sort(rng.uniform(0, 2 * np.pi, 15))
        ends = centre + np.column_stack([np.cos(turns), np.sin(turns)]) * width * rng.uniform(0.3, 0.6, (15, 1))
        for end in ends:
            cv2.line(layer, _whole(centre), _whole(end), bright * rng.uniform(0.4, 1.0), max(1, round(scale * 1.6)),
                     cv2.LINE_AA)  # fmt: skip
        for share in np.linspace(0.12, 0.9, 9) ** 1.1:
            ring = centre + (ends - centre) * (share * rng.uniform(0.93, 1.07, (15, 1)))
            cv2.polylines(layer, [np.rint(ring).astype(np.int32)], True, bright * rng.uniform(0.2, 0.5),
                          max(1, round(scale)), cv2.LINE_AA)  # fmt: skip
        soft: Floats32 = cv2.GaussianBlur(layer, (0, 0), 2.2 * scale).astype(np.float32) * np.float32(1.9)
        if rng.uniform() < 0.5:
            cv2.circle(soft, _whole(centre + rng.uniform(-20, 20, 2) * scale), round(9 * scale), 235, -1)
            soft = cv2.GaussianBlur(soft, (0, 0), 2.0 * scale).astype(np.float32)
        self._layer = cv2.cvtColor(np.clip(soft, 0, 255).astype(np.uint8), cv2.COLOR_GRAY2BGR)
        self._pad, self._phase = pad, float(rng.uniform(0, 6))

    def lay(self, image: Picture, time_s: float) -> None:
        """The web where the wind holds it."""
        height, width = image.shape[:2]
        gust = 0.6 + 0.4 * np.sin(0.7 * time_s + self._phase)
        left = round(self._pad * (1 + gust * np.sin(4.1 * time_s)))
        top = round(self._pad * (1 + 0.5 * gust * np.sin(5.3 * time_s + 1.0)))
        cv2.add(image, self._layer[top : top + height, left : left + width], dst=image)


def _whole(point: NDArray[np.float64]) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))
