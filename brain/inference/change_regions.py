"""Regions of lasting change: found, told apart (new, removed, light), remembered from sample to sample."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from brain.inference.change_background import Compared, Grey, Mask, Planes, Real, lit

_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
_SQUARE = np.ones((3, 3), np.uint8)
_RIM = np.ones((5, 5), np.uint8)
_RING = np.ones((7, 7), np.uint8)
VOTES_MAX = 8
_FINE = (5, 5)
TEXTURE_MIN = 1.5e-4
"""Least variance of the logarithm that counts as texture: about 1.2 % of the luminance."""
SURE_NEW = 0.08
SURE_REMOVED = 0.12
Window = tuple[int, int, int, int]
"""x1, y1, x2, y2 in working pixels."""


class Verdict(StrEnum):
    """What a region of lasting change is."""

    NEW = "new"
    REMOVED = "removed"
    LIGHT = "light"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Region:
    """A connected region of lasting change in one sample.

    Attributes:
        window: its bounding box.
        mask: bool, of the size of the window.
        area: working pixels.
    """

    window: Window
    mask: Mask
    area: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns of the window."""
        x1, y1, x2, y2 = self.window
        return slice(y1, y2), slice(x1, x2)


@dataclass(frozen=True, slots=True)
class Held:
    """A region that lasts, remembered under a number while it does.

    Attributes:
        number: 1–255, also written into the owner map.
        first_s: watched seconds at which it was first seen settled.
        new_s: watched seconds at which it was last taken for new, ``first_s`` if never.
        accepted: it was calm enough to be a thing, not a person who stands.
        reported: its area when it was first reported, 0 = never; from then on its shape is not asked again.
        new, removed, light, unsure: votes of the samples, 0 … ``VOTES_MAX``.
        contrast: how clearly the region stands out, 0–1.
    """

    number: int
    first_s: float
    new_s: float
    accepted: bool = False
    reported: int = 0
    new: int = 0
    removed: int = 0
    light: int = 0
    unsure: int = 0
    contrast: float = 0.0

    @property
    def verdict(self) -> Verdict:
        """The verdict with most votes; new only when nothing else has as many."""
        votes = {Verdict.REMOVED: self.removed, Verdict.LIGHT: self.light, Verdict.UNSURE: self.unsure}
        best = max(votes, key=lambda verdict: votes[verdict])
        return Verdict.NEW if self.new > votes[best] else best

    def voted(self, verdict: Verdict, contrast: float) -> Held:
        """One more vote; the others fade, so that a region may change its mind when it is seen better."""
        fields = {v.value: max(0, getattr(self, v.value) - 1) for v in Verdict}
        fields[verdict.value] = min(VOTES_MAX, getattr(self, verdict.value) + 1)
        return replace(self, contrast=contrast, **fields)


def find_regions(settled: Mask, min_pixels: int) -> list[Region]:
    """Connected regions of a mask, small holes closed, specks and threads dropped; largest first, 60 at most."""
    left, top, wide, high = cv2.boundingRect(settled.view(np.uint8))
    if wide * high < min_pixels:
        return []
    # A rim of one pixel more, so that closing works up to the edge.
    x0, y0 = max(0, left - 1), max(0, top - 1)
    grey = np.ascontiguousarray(settled[y0 : top + high + 1, x0 : left + wide + 1]).view(np.uint8)
    clean = cv2.morphologyEx(cv2.morphologyEx(grey, cv2.MORPH_CLOSE, _SQUARE), cv2.MORPH_OPEN, _SQUARE)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(clean, connectivity=8)
    regions = []
    for index in range(1, count):
        x, y, width, height, area = (int(v) for v in stats[index])
        if area >= min_pixels:
            mask = np.asarray(labels[y : y + height, x : x + width] == index)
            regions.append(Region((x0 + x, y0 + y, x0 + x + width, y0 + y + height), mask, area))
    regions.sort(key=lambda r: (-r.area, r.window))
    return regions[:60]


def carved(region: Region, owner: Grey, held: tuple[Held, ...]) -> list[Region]:
    """Known things cut out of a large region that has run into them, such as a patch of sun; the rest comes last."""
    parts, rest = [], region.mask.copy()
    place = owner[region.slices]
    for thing in held:
        mask = rest & (place == thing.number)
        area = int(np.count_nonzero(mask))
        if thing.reported and area >= 0.5 * thing.reported and area < region.area:
            parts.append(Region(region.window, mask, area))
            rest &= ~mask
    if not parts:
        return [region]
    parts.append(Region(region.window, rest, max(1, int(np.count_nonzero(rest)))))
    return [tight(part) for part in parts]


def tight(region: Region) -> Region:
    """The same region in the smallest window."""
    x, y, width, height = cv2.boundingRect(region.mask.view(np.uint8))
    x1, y1 = region.window[0] + x, region.window[1] + y
    width, height = max(1, width), max(1, height)
    return Region((x1, y1, x1 + width, y1 + height), region.mask[y : y + height, x : x + width].copy(), region.area)


def grown(region: Region, pixels: int, shape: tuple[int, int]) -> Region:
    """The region widened by some pixels, within the picture."""
    x1, y1, x2, y2 = region.window
    nx1, ny1, nx2, ny2 = (
        max(0, x1 - pixels),
        max(0, y1 - pixels),
        min(shape[1], x2 + pixels),
        min(shape[0], y2 + pixels),
    )
    mask = np.zeros((ny2 - ny1, nx2 - nx1), np.uint8)
    mask[y1 - ny1 : y2 - ny1, x1 - nx1 : x2 - nx1] = region.mask
    wide = cv2.dilate(mask, np.ones((2 * pixels + 1, 2 * pixels + 1), np.uint8)) > 0
    return Region((nx1, ny1, nx2, ny2), np.asarray(wide), int(np.count_nonzero(wide)))


def restless_share(region: Region, restless: Mask) -> float:
    """Moving pixels in and close around a region ÷ its area: what stands still all over has few."""
    near = grown(region, 3, (restless.shape[0], restless.shape[1]))
    return float(np.count_nonzero(restless[near.slices] & near.mask)) / max(1, region.area)


def shows_ground(region: Region, seen: Compared, ground: Planes) -> bool:
    """Whether a region shows the background after all, in a light of its own: a shadow lies where a thing has stood."""
    wide = grown(region, 1, (ground.y.shape[0], ground.y.shape[1]))
    one, two = seen.now.y[wide.slices], seen.expected.y[wide.slices]
    return _is_light(one, two, wide.mask) or _is_even_gain(wide, wide.mask, seen, ground)


def judge(region: Region, seen: Compared, ground: Planes) -> tuple[Verdict, float]:
    """Tell what changed in a region, and how clearly it stands out (0–1).

    - *light*: the texture below is still there, only brighter or darker.
    - *new* or *removed*: a thing has an outline and differs from what surrounds it; whichever picture, now or
      background, shows the outline shows the thing.

    Args:
        region: the region.
        seen: the picture against the background.
        ground: the background.
    """
    now, expected = seen.now, seen.expected
    wide = grown(region, 4, (now.y.shape[0], now.y.shape[1]))
    rows, columns = wide.slices
    one, two = now.y[rows, columns], expected.y[rows, columns]
    inner = np.zeros(wide.mask.shape, np.uint8)
    x, y = region.window[0] - wide.window[0], region.window[1] - wide.window[1]
    inner[y : y + region.mask.shape[0], x : x + region.mask.shape[1]] = region.mask
    inside = inner > 0
    contrast = float(np.clip(np.abs(one[inside].astype(np.float32) - two[inside]).mean() / 60, 0, 1))
    if _is_light(one, two, inside) or _is_even_gain(wide, inside, seen, ground):
        return Verdict.LIGHT, contrast
    edge = _outline(inner, one, two)
    ring = (cv2.dilate(inner, _RING) > 0) & ~(cv2.dilate(inner, _SQUARE) > 0)
    apart_now, apart_before = (_apart(p, wide, inside, ring) for p in (now, expected))
    colour = _balance(apart_now, apart_before)
    score = 0.5 * edge + 0.5 * colour
    if score > SURE_NEW:
        return Verdict.NEW, contrast
    return (Verdict.REMOVED if score < -SURE_REMOVED else Verdict.UNSURE), contrast


def _is_light(one: Grey, two: Grey, inside: Mask) -> bool:
    """Whether the fine texture inside a region is the same in two pictures; what lies outside does not count."""
    weight = inside.astype(np.float32)
    share = np.maximum(np.asarray(cv2.blur(weight, _FINE)), 1e-3)
    a, b = (_fine(p, weight, share)[inside] for p in (one, two))
    va, vb = float(np.mean(a * a)), float(np.mean(b * b))
    return min(va, vb) > TEXTURE_MIN and float(np.mean(a * b)) > 0.55 * np.sqrt(va * vb)


def _fine(plane: Grey, weight: Real, share: Real) -> Real:
    """Logarithm of the luminance less its mean over the part of a small window that lies inside."""
    logs = np.log(plane.astype(np.float32) + 4)
    return np.asarray(logs - np.asarray(cv2.blur(logs * weight, _FINE)) / share, np.float32)


def _is_even_gain(wide: Region, inside: Mask, seen: Compared, ground: Planes) -> bool:
    """Brighter or darker by one moderate factor, colour unchanged: a sun patch or shadow on a plain surface."""
    core = cv2.erode(inside.astype(np.uint8), _RIM) > 0
    if 3 * np.count_nonzero(core) < np.count_nonzero(inside):
        core = inside
    # Against the background itself: the light field may have followed a part of a shadow.
    one, two = seen.now.y[wide.slices][core].astype(np.float32), ground.y[wide.slices][core]
    low, middle, high = np.percentile(one / np.maximum(two, 4), (25, 50, 75))
    if not 0.45 < middle / np.exp(seen.level) < 1.9 or high - low > 0.12 * middle:
        return False
    a, b = _chroma(seen.now, wide)[core], _chroma(seen.expected, wide)[core]
    return float(np.abs(a.mean(axis=0) - b.mean(axis=0)).max()) < 12


def _chroma(planes: Planes, wide: Region) -> Real:
    rows, columns = wide.slices
    r = np.minimum(np.arange(rows.start, rows.stop) // 2, planes.c.shape[0] - 1)
    k = np.minimum(np.arange(columns.start, columns.stop) // 2, planes.c.shape[1] - 1)
    return np.asarray(planes.c[r][:, k], np.float32)


def _outline(inner: Grey, one: Grey, two: Grey) -> float:
    """Whose outline the region's rim is: +1 all of it is an edge of ``one`` only, −1 of ``two`` only.

    Counted point by point across the rim, so that a few strong edges that merely cross it do not decide.
    """
    soft = cv2.GaussianBlur(inner.astype(np.float32), (0, 0), 1.5)
    nx, ny = cv2.Sobel(soft, cv2.CV_32F, 1, 0, ksize=3), cv2.Sobel(soft, cv2.CV_32F, 0, 1, ksize=3)
    length = cv2.magnitude(nx, ny) + 1e-6
    across = []
    for plane in (one, two):
        gx, gy = cv2.Sobel(plane, cv2.CV_32F, 1, 0, ksize=3), cv2.Sobel(plane, cv2.CV_32F, 0, 1, ksize=3)
        across.append(cv2.dilate(np.abs(gx * nx + gy * ny) / length, _SQUARE))
    rim = (cv2.dilate(inner, _CROSS) > 0) & ~(cv2.erode(inner, _CROSS) > 0)
    a, b = across[0][rim], across[1][rim]
    if not a.size:
        return 0.0
    return float(np.mean((a - b) / (a + b + 24)))


def _apart(planes: Planes, wide: Region, inside: Mask, ring: Mask) -> float:
    """Distance between the colours of a region and of its surroundings: histograms of luminance, means of chroma."""
    rows, columns = wide.slices
    y = planes.y[rows, columns]
    if not ring.any():
        return 0.0
    counts = [np.bincount(y[mask] >> 3, minlength=32).astype(np.float32) for mask in (inside, ring)]
    one, two = (np.asarray(cv2.blur(h.reshape(1, -1), (3, 1))) / max(1.0, float(h.sum())) for h in counts)
    overlap = float(np.minimum(one, two).sum())
    c = _chroma(planes, wide)
    tint = float(np.abs(c[inside].mean(axis=0) - c[ring].mean(axis=0)).max())
    return max(0.0, 1.0 - overlap) + min(1.0, tint / 30)


def _balance(one: float, other: float) -> float:
    return (one - other) / max(1e-6, one + other)


@dataclass(frozen=True, slots=True, eq=False)
class Removed:
    """Something of the background that is gone; what it looked like is kept, so that its return is seen.

    Attributes:
        region: where it stood.
        y, c: its look: luminance of the window, chroma of the half-size window.
        since_s: watched seconds at which it was seen to be gone.
        contrast: how clearly it had stood out, 0–1.
    """

    region: Region
    y: Grey
    c: Grey
    since_s: float
    contrast: float

    def is_back(self, now: Planes, gain: Real, tolerance: Grey) -> bool:
        """Whether the picture shows it again."""
        place = self.region.slices
        look = lit(self.y, np.ascontiguousarray(gain[place]))
        equal = cv2.absdiff(np.ascontiguousarray(now.y[place]), look) <= tolerance[place]
        return float(np.count_nonzero(equal & self.region.mask)) >= 0.7 * self.region.area


def half_slices(region: Region, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Rows and columns of a region's window in half-size planes; never empty."""
    x1, y1, x2, y2 = region.window
    top, left = min(y1 // 2, shape[0] - 1), min(x1 // 2, shape[1] - 1)
    return slice(top, max(top + 1, -(-y2 // 2))), slice(left, max(left + 1, -(-x2 // 2)))


def half_mask(region: Region, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """The region's mask in the half-size window of ``half_slices``."""
    rows, columns = half_slices(region, shape)
    size = (min(columns.stop, shape[1]) - columns.start, min(rows.stop, shape[0]) - rows.start)
    return np.asarray(cv2.resize(region.mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0)
