"""What is done to pictures before each look: pasted, scaled, mirrored, and spoilt as cameras spoil them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray
from sets import Item, Picture

PADDING = 114
LEAST_SIDE_PX = 3.0
LEAST_SHARE = 0.35
"""A box of which less is left after cutting is dropped."""
CELL = 8
"""Pixels per cell of a region answer."""


@dataclass(slots=True)
class Looked:
    """One training picture in the making: size×size×3, boxes in pixels, labels, regions."""

    picture: Picture
    boxes: list[NDArray[np.float32]] = field(default_factory=list)
    labels: list[NDArray[np.int64]] = field(default_factory=list)
    regions: Picture | None = None

    def all_boxes(self) -> NDArray[np.float32]:
        """N×4."""
        return np.concatenate(self.boxes).astype(np.float32) if self.boxes else np.zeros((0, 4), np.float32)

    def all_labels(self) -> NDArray[np.int64]:
        """N."""
        return np.concatenate(self.labels) if self.labels else np.zeros(0, np.int64)


def letterbox(picture: Picture, size: int) -> tuple[Picture, float]:
    """Top left on grey, as the product prepares pictures; with the scale."""
    scale = size / max(picture.shape[:2])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)[:size, :size]
    out = np.full((size, size, 3), PADDING, np.uint8)
    out[: small.shape[0], : small.shape[1]] = small
    return out, scale


class Augmenter:
    """Draws training pictures.

    Args:
        items: to draw from.
        weights: one per item.
        mosaic, scales: see ``Recipe``.
        segment: regions are wanted.
    """

    def __init__(
        self,
        items: Sequence[Item],
        weights: Sequence[float],
        *,
        mosaic: float,
        scales: tuple[float, float],
        segment: bool,
    ) -> None:
        self._items, self._mosaic, self._scales, self._segment = items, mosaic, scales, segment
        self._summed = np.cumsum(weights)

    def draw(self, size: int, rng: random.Random) -> Looked:
        """One picture of ``size``×``size``."""
        looked = Looked(np.full((size, size, 3), PADDING, np.uint8))
        if self._segment:
            looked.regions = np.zeros((size, size), np.uint8)
        if rng.random() < self._mosaic:
            cx, cy = (int(size * rng.uniform(0.3, 0.7)) for _ in range(2))
            low, high = self._scales[0] * 0.7, self._scales[1] * 0.75
            for window in ((0, 0, cx, cy), (cx, 0, size, cy), (0, cy, cx, size), (cx, cy, size, size)):
                self._paste(looked, window, rng, (low, high))
        else:
            self._paste(looked, (0, 0, size, size), rng, self._scales)
        if rng.random() < 0.5:
            _mirror(looked)
        looked.picture = spoil(np.ascontiguousarray(looked.picture), rng)
        return looked

    def _paste(
        self, looked: Looked, window: tuple[int, int, int, int], rng: random.Random, scales: tuple[float, float]
    ) -> None:
        item = self._items[
            min(int(np.searchsorted(self._summed, rng.random() * self._summed[-1])), len(self._items) - 1)
        ]
        size = looked.picture.shape[0]
        scale = size / max(item.picture.shape[:2]) * rng.uniform(*scales)
        across = scale * rng.uniform(0.85, 1.18)
        width, height = max(2, int(item.picture.shape[1] * across)), max(2, int(item.picture.shape[0] * scale))
        free_x, free_y = window[2] - window[0] - width, window[3] - window[1] - height
        left = window[0] + int(rng.uniform(min(0, free_x), max(0, free_x)))
        top = window[1] + int(rng.uniform(min(0, free_y), max(0, free_y)))
        paste(looked, item, (left, top, width, height), window)


def paste(looked: Looked, item: Item, at: tuple[int, int, int, int], window: tuple[int, int, int, int]) -> None:
    """Puts a picture at ``left, top, width, height``, cut to ``window`` (corners), with its labels."""
    left, top, width, height = at
    how = cv2.INTER_AREA if width < item.picture.shape[1] else cv2.INTER_LINEAR
    x1, y1 = max(left, window[0]), max(top, window[1])
    x2, y2 = min(left + width, window[2]), min(top + height, window[3])
    if x1 >= x2 or y1 >= y2:
        return
    part = slice(y1 - top, y2 - top), slice(x1 - left, x2 - left)
    looked.picture[y1:y2, x1:x2] = cv2.resize(item.picture, (width, height), interpolation=how)[part]
    if looked.regions is not None and item.regions is not None:
        small = cv2.resize(item.regions, (width, height), interpolation=cv2.INTER_NEAREST)
        looked.regions[y1:y2, x1:x2] = small[part]
    if len(item.boxes):
        whole = item.boxes * np.array([width, height, width, height]) + np.array([left, top, left, top])
        cut = np.clip(whole, [x1, y1, x1, y1], [x2, y2, x2, y2])
        sides = cut[:, 2:] - cut[:, :2]
        keep = (sides > LEAST_SIDE_PX).all(1)
        # What is cut off too much is still to be seen: nobody knows what should be said of it.
        much = sides.prod(1) >= LEAST_SHARE * (whole[:, 2:] - whole[:, :2]).prod(1)
        looked.boxes.append(cut[keep].astype(np.float32))
        looked.labels.append(np.where(much, item.labels, -1)[keep])


def _mirror(looked: Looked) -> None:
    size = looked.picture.shape[1]
    looked.picture = looked.picture[:, ::-1]
    looked.boxes = [box[:, [2, 1, 0, 3]] * [-1, 1, -1, 1] + [size, 0, size, 0] for box in looked.boxes]
    if looked.regions is not None:
        looked.regions = np.ascontiguousarray(looked.regions[:, ::-1])


def spoil(picture: Picture, rng: random.Random) -> Picture:
    """Light, colour, grey night, blur, noise and JPEG as cameras have them."""
    if rng.random() < 0.8:
        hsv = cv2.cvtColor(picture, cv2.COLOR_BGR2HSV)
        steps = np.arange(256, dtype=np.float32)
        hue = ((steps + rng.uniform(-5, 5)) % 180).astype(np.uint8)
        saturation = np.clip(steps * rng.uniform(0.5, 1.4), 0, 255).astype(np.uint8)
        bright = 255 * (steps / 255) ** rng.uniform(0.7, 1.4) * rng.uniform(0.6, 1.15)
        value = np.clip(bright, 0, 255).astype(np.uint8)
        planes = [cv2.LUT(plane, table) for plane, table in zip(cv2.split(hsv), (hue, saturation, value), strict=True)]
        picture = np.asarray(cv2.cvtColor(cv2.merge(planes), cv2.COLOR_HSV2BGR), np.uint8)
    if rng.random() < 0.06:
        picture = np.asarray(cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), np.uint8)
    if rng.random() < 0.15:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 1.6)), np.uint8)
    if rng.random() < 0.15:
        noise = np.random.default_rng(rng.randrange(1 << 30)).normal(0, rng.uniform(2, 10), picture.shape)
        picture = np.clip(picture + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.25:
        coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, rng.randrange(25, 85)])[1]
        picture = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
    return picture


def cell_shares(regions: Picture, classes: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What part of each 8×8 cell each class covers (C×h×w), and where that is known (1×h×w)."""
    size = regions.shape[1] // CELL, regions.shape[0] // CELL
    shares = [
        cv2.resize((regions == number + 1).astype(np.float32), size, interpolation=cv2.INTER_AREA)
        for number in range(classes)
    ]
    unknown = cv2.resize((regions == 255).astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return np.stack(shares), (unknown < 0.5).astype(np.float32)[None]
