"""The ground that a fixed camera sees: alignment, light, and where the picture departs from it.

All pictures here are in *working size* (at most ``WORK_WIDTH`` wide): luminance at that size, chroma at half of it,
both uint8, so that a saved background is exactly the one that was in use.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Real = NDArray[np.float32]

WORK_WIDTH = 320
CELL = 16
"""Side of a cell of the light field in working pixels; a left thing covers few cells, so it cannot pass for light."""
MAX_SHIFT = 4.0
"""Largest shake that is followed, in working pixels; beyond it the view counts as moved."""
_KERNEL = np.ones((3, 3), np.uint8)
_WINDOW = (5, 5)
_ANY = Any


@dataclass(frozen=True, slots=True)
class Planes:
    """A picture in working size: ``y`` H×W luminance, ``c`` H/2×W/2×2 chroma (Cr, Cb)."""

    y: Grey
    c: Grey


@dataclass(frozen=True, slots=True)
class Compared:
    """A picture laid over the background.

    Attributes:
        now: the picture, moved onto the background.
        expected: the background in today's light.
        shift: movement that was undone, working pixels (x, y).
        gain: H×W light now ÷ light of the background.
        level: median of ``log(gain)``.
        differs: H×W, where the picture is neither the background nor the background in another light.
        tolerance: H×W grey steps within which two pixels count as equal.
        over: H×W grey steps by which the picture leaves the background's 3×3 envelope.
        coloured: colours can be compared; no when the camera has switched to grey (infrared).
    """

    now: Planes
    expected: Planes
    shift: tuple[float, float]
    gain: Real
    level: float
    differs: Mask
    tolerance: Grey
    over: Grey
    coloured: bool


def planes_of(image: Grey) -> Planes:
    """Shrink a BGR picture to working size and split it into luminance and chroma."""
    height, width = image.shape[:2]
    if width > WORK_WIDTH:
        size = (WORK_WIDTH, max(CELL, round(height * WORK_WIDTH / width)))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    ycc = cv2.cvtColor(image, cv2.COLOR_BGR2YCrCb)
    half = (max(1, ycc.shape[1] // 2), max(1, ycc.shape[0] // 2))
    # A light blur keeps sub-pixel shake from showing up at sharp edges.
    y = cv2.GaussianBlur(cv2.extractChannel(ycc, 0), (3, 3), 0)
    c = cv2.merge([cv2.resize(cv2.extractChannel(ycc, i), half, interpolation=cv2.INTER_AREA) for i in (1, 2)])
    return Planes(_u8(y), _u8(c))


def lit(y: Grey, gain: Real) -> Grey:
    """Luminance of the background in today's light: ``y · gain``, clipped."""
    return _u8(cv2.multiply(y, gain, dtype=cv2.CV_8U))


def unlit(y: Grey, gain: Real) -> Grey:
    """Luminance of a picture in the light of the background: ``y ÷ gain``, clipped."""
    return _u8(cv2.divide(y, gain, dtype=cv2.CV_8U))


def lit_chroma(c: Grey, gain: Real) -> Grey:
    """Chroma of the background in today's light: colourfulness grows with the light (``gain`` in the size of ``c``)."""
    planes = (cv2.multiply(cv2.extractChannel(c, i).astype(np.float32) - 128, gain) for i in (0, 1))
    return _u8(cv2.merge([np.asarray(cv2.convertScaleAbs(p + 128)) for p in planes]))


def light_grid(y: Grey, ground: Grey, free: Grey) -> tuple[Real, float]:
    """How the light changed over the picture: a smooth gain per cell, and the median of its logarithm.

    Cells whose texture still fits the background are believed; others follow their neighbours and the whole picture, so
    that a thing or a vehicle is not explained away as light.

    Args:
        y: luminance now, half of the working size.
        ground: luminance of the background, same size.
        free: 255 where no thing is held, else 0; same size.
    """
    grid = (-(-y.shape[1] * 2 // CELL), -(-y.shape[0] * 2 // CELL))
    a, b = y.astype(np.float32), ground.astype(np.float32)
    stack = cv2.merge([a, b, cv2.multiply(a, a), cv2.multiply(b, b)])
    ma, mb, va, vb = cv2.split(cv2.resize(stack, grid, interpolation=cv2.INTER_AREA))
    cov = _cells(cv2.multiply(a, b), grid) - ma * mb
    va, vb = va - ma * ma, vb - mb * mb
    ncc = cov / np.sqrt(np.maximum(va, 1) * np.maximum(vb, 1))
    trust = np.where(vb > 9, np.clip((ncc - 0.4) / 0.4, 0, 1), 0.15)
    trust = trust * (_cells(free, grid) > 200) * (ma < 240) * (mb < 245) * (mb > 3)
    ratio = np.clip(np.log(np.maximum(ma, 1) / np.maximum(mb, 1)), -2.5, 2.5)
    level = _weighted_median(ratio, trust)
    near = np.clip(ratio - level, -0.7, 0.7) * trust
    num = cv2.GaussianBlur(near.astype(np.float32), (5, 5), 1.2)
    den = cv2.GaussianBlur(trust.astype(np.float32), (5, 5), 1.2)
    return np.exp(num / (den + 0.02) + level).astype(np.float32), level


def spread(grid: Real, shape: tuple[int, ...]) -> Real:
    """A grid of cells as a smooth plane of rows × columns."""
    return np.asarray(cv2.resize(grid, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR), np.float32)


def find_shift(y: Grey, expected: Grey) -> tuple[float, float]:
    """Movement (x, y, pixels) of a picture against what was expected; (0, 0) when it cannot be told.

    Least squares on the gradients (Lucas and Kanade 1981), a few rounds; pixels that fit badly are left out, so that
    passing things do not pull.
    """
    gx = cv2.Sobel(expected, cv2.CV_32F, 1, 0, ksize=3, scale=0.125)
    gy = cv2.Sobel(expected, cv2.CV_32F, 0, 1, ksize=3, scale=0.125)
    dx = dy = 0.0
    for limit in (60, 40, 25):
        rest = cv2.subtract(moved_by(y, (dx, dy)), expected, dtype=cv2.CV_32F)
        fits = (np.abs(rest) < limit).astype(np.float32)
        fx, fy = gx * fits, gy * fits
        xx, xy, yy = (float(np.vdot(p, q)) for p, q in ((fx, gx), (fx, gy), (fy, gy)))
        det = xx * yy - xy * xy
        if det < 1e-3 * (xx + yy) ** 2 or xx + yy < 0.05 * y.size:
            return 0.0, 0.0
        rx, ry = float(np.vdot(fx, rest)), float(np.vdot(fy, rest))
        step_x, step_y = (yy * rx - xy * ry) / det, (xx * ry - xy * rx) / det
        dx, dy = dx - step_x, dy - step_y
        if max(abs(step_x), abs(step_y)) < 0.02:
            break
    return (dx, dy) if max(abs(dx), abs(dy)) <= MAX_SHIFT / 2 else (0.0, 0.0)


def moved_by(plane: Grey, shift: tuple[float, float]) -> Grey:
    """Undo a movement of (x, y) pixels; the rim is filled with its neighbours."""
    dx, dy = shift
    if max(abs(dx), abs(dy)) < 0.06:
        return plane
    matrix = np.array([[1, 0, dx], [0, 1, dy]], np.float64)
    size = (plane.shape[1], plane.shape[0])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return _u8(cv2.warpAffine(plane, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE))


def same_structure(y: Grey, ground: Grey) -> Mask:
    """Where the texture of the background is still seen in another light, judged in small windows.

    Light multiplies: in a window ``y ≈ k · ground`` with one ``k``. So the two must correlate, what the fit leaves must
    be small in grey steps, and the means must show the same ``k`` as the contrasts. The last two keep a thing beside a
    strong edge of the background from passing for light.

    Args:
        y: luminance now, half of the working size.
        ground: luminance of the background in today's light, same size.
    """
    a, b = y.astype(np.float32), ground.astype(np.float32)
    ma, mb = _mean(a), _mean(b)
    va, vb, cov = _mean(a * a) - ma * ma, _mean(b * b) - mb * mb, _mean(a * b) - ma * mb
    squared = cov * cov / np.maximum(va * vb, 1e-3)
    rest = 3.5 + 0.04 * ma
    textured = (cov > 0) & (squared > 0.5) & (vb > 4) & (va > 1.5) & (va * (1 - squared) < rest * rest)
    k = np.sqrt(np.maximum(va, 0) / np.maximum(vb, 1e-3))
    # Cameras flatten the contrast of what is bright.
    slack = 0.25 + np.clip((ma - 120) * 0.005, 0, 0.5)
    return np.asarray(textured & (k * mb < 1.25 * ma + 2) & (k * mb > (1 - slack) * ma - 2))


def compare(planes: Planes, ground: Planes, free: Grey, noise: Grey, contrast: float) -> Compared:
    """Lay a picture over the background and tell where it departs from it.

    Args:
        planes: the picture.
        ground: the background.
        free: 255 where no thing is held, else 0; H/2×W/2.
        noise: usual departure in eighths of a grey step, one value per 4×4 pixels.
        contrast: grey steps that a change must exceed where the picture is quiet.
    """
    size = (planes.y.shape[1], planes.y.shape[0])
    half = planes.c.shape[:2]
    small, small_ground = _shrink(planes.y, half), _shrink(ground.y, half)
    grid, _ = light_grid(small, small_ground, free)
    shift = find_shift(small, lit(small_ground, spread(grid, half)))
    now = Planes(moved_by(planes.y, (2 * shift[0], 2 * shift[1])), moved_by(planes.c, shift))
    small = moved_by(small, shift)
    grid, level = light_grid(small, small_ground, free)
    gain, half_gain = spread(grid, planes.y.shape), spread(grid, half)
    chroma, coloured = _expected_chroma(now.c, lit_chroma(ground.c, half_gain))
    expected = Planes(lit(ground.y, gain), chroma)
    usual = cv2.resize(noise, size, interpolation=cv2.INTER_NEAREST)
    tolerance = _u8(cv2.addWeighted(expected.y, 0.04, usual, 0.25, contrast))
    # Half of it beyond the envelope is enough to belong to a change: the envelope forgives what is left of the shake.
    edge = cv2.addWeighted(expected.y, 0.02, usual, 0.25, 0.5 * contrast)
    over = cv2.max(
        cv2.subtract(now.y, cv2.dilate(expected.y, _KERNEL)), cv2.subtract(cv2.erode(expected.y, _KERNEL), now.y)
    )
    colour = cv2.absdiff(now.c, expected.c)
    tint = cv2.max(cv2.extractChannel(colour, 0), cv2.extractChannel(colour, 1))
    if not coloured:
        tint = np.zeros_like(tint)
    light = same_structure(small, lit(small_ground, half_gain)) & (tint < contrast + 6)
    tinted = _grow(tint > contrast + 3, size)
    differs = ((np.asarray(over) > edge) | tinted) & ~_grow(light, size)
    moved = (2 * shift[0], 2 * shift[1])
    _clear_rim(differs, moved)
    return Compared(now, expected, moved, gain, level, differs, tolerance, _u8(over), coloured)


def update_noise(noise: Grey, over: Grey, settled: Mask, learning: bool) -> None:
    """Let the noise of each 4×4 cell follow the median of its departures from the background, in place.

    Small steps up and down (sigma-delta estimation, Manzanera and Richefeu 2007): what passes now and then leaves no
    trace, a tree that always moves does.

    Args:
        noise: eighths of a grey step, one value per 4×4 pixels.
        over: H×W grey steps by which the picture leaves the background.
        settled: H×W, where a thing stands, with its surroundings; left as it is.
        learning: the view is new, larger steps up.
    """
    size = (noise.shape[1], noise.shape[0])
    cells = cv2.resize(np.minimum(over, 24), size, interpolation=cv2.INTER_AREA).astype(np.int16) * 8
    step = np.where(cells > noise, 6 if learning else 1, np.where(cells < noise, -1, 0))
    step[cv2.resize(settled.view(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0] = 0
    noise[:] = np.clip(noise + step, 0, 200)


def _expected_chroma(now: Grey, expected: Grey) -> tuple[Grey, bool]:
    """Chroma of the background with today's white balance, and whether both pictures are in colour or both grey."""
    shift = []
    for index in (0, 1):
        # Halved differences about 128; their median is the cast.
        half = cv2.addWeighted(cv2.extractChannel(now, index), 0.5, cv2.extractChannel(expected, index), -0.5, 128)
        counts = np.cumsum(np.bincount(half.ravel(), minlength=256))
        shift.append(2.0 * (int(np.searchsorted(counts, counts[-1] / 2)) - 128))
    if max(abs(s) for s in shift) >= 4:
        expected = _u8(np.clip(expected + np.array(shift, np.float32), 0, 255))
    grey = np.full_like(now, 128)
    rich, rich_before = (float(cv2.norm(c, grey, cv2.NORM_L1)) / now.size for c in (now, expected))
    return expected, max(rich, rich_before) < 2 + 4 * min(rich, rich_before)


def _clear_rim(mask: Mask, shift: tuple[float, float]) -> None:
    x, y = int(np.ceil(abs(shift[0]))) + 2, int(np.ceil(abs(shift[1]))) + 2
    mask[:y] = mask[-y:] = False
    mask[:, :x] = mask[:, -x:] = False


def _cells(plane: _ANY, grid: tuple[int, int]) -> Real:
    return np.asarray(cv2.resize(plane, grid, interpolation=cv2.INTER_AREA), np.float32)


def _mean(plane: Real) -> Real:
    return np.asarray(cv2.blur(plane, _WINDOW), np.float32)


def _shrink(plane: Grey, shape: tuple[int, ...]) -> Grey:
    return _u8(cv2.resize(plane, (shape[1], shape[0]), interpolation=cv2.INTER_AREA))


def _grow(mask: _ANY, size: tuple[int, int]) -> Mask:
    return np.asarray(cv2.resize(mask.view(np.uint8), size, interpolation=cv2.INTER_NEAREST)).view(np.bool_)


def _u8(value: _ANY) -> Grey:
    return np.asarray(value, np.uint8)


def _weighted_median(values: _ANY, weights: _ANY) -> float:
    total = float(weights.sum())
    if total < 1e-6:
        return 0.0
    order = np.argsort(values, axis=None, kind="stable")
    heap = np.cumsum(weights.ravel()[order])
    return float(values.ravel()[order][int(np.searchsorted(heap, total / 2))])
