"""What lies in a road, seen from above: potholes, manholes, patches, stains, leaves, painted lines."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from brain.sim.camera import Floats, Floats32
from brain.sim.draw import clouds
from brain.sim.things.decal import Flat

PER_METRE = 90.0
COVER_M = 0.36
"""Radius of a manhole's cover."""
WHITE = 1.75
LEAVES = ((0.45, 0.85, 1.35), (0.4, 0.7, 1.05), (0.5, 1.1, 1.5), (0.4, 0.6, 0.75), (0.5, 0.95, 0.85))
"""Colours of fallen leaves as ratios to the ground, BGR."""


def _grid(half_x: float, half_z: float, per_metre: float = PER_METRE) -> tuple[Floats32, Floats32]:
    x = np.arange(-half_x, half_x, 1 / per_metre, dtype=np.float32)
    z = np.arange(-half_z, half_z, 1 / per_metre, dtype=np.float32)
    across, along = np.meshgrid(x, z)
    return across.astype(np.float32), along.astype(np.float32)


def _blob(rng: np.random.Generator, size: float, *, stretch: float, ragged: float) -> tuple[Floats32, Floats32]:
    """Metres inside (+) or outside (−) of a ragged blob, and noise over it; ``size`` = across."""
    x, z = _grid(size * 0.8 * stretch, size * 0.8)
    cells = PER_METRE * size
    noise = clouds(rng, x.shape, (cells * 0.5, cells * 0.28, cells * 0.16))
    inside = size / 2 - np.hypot(x / stretch, z) + ragged * size * noise
    return inside.astype(np.float32), noise


def _flat(
    tone: Floats32, shade: Floats | Floats32, tint: Sequence[float] = (1, 1, 1), per_metre: float = PER_METRE
) -> Flat:
    ratio = (tone[..., None] * np.array(tint, np.float32)).astype(np.float32)
    return Flat(ratio, np.clip(shade, 0, 1).astype(np.float32), per_metre)


def pothole(rng: np.random.Generator, size: float) -> Flat:
    """A hole broken into the asphalt, ``size`` metres across: dark and stony inside, with a broken lip."""
    inside, _ = _blob(rng, size, stretch=rng.uniform(1.0, 1.5), ragged=0.04)
    stones = clouds(rng, inside.shape, (5, 3))
    depth = np.clip(inside / np.float32(0.15), 0, 1)
    tone = 0.72 - 0.3 * depth + 0.05 * stones
    # The near wall is not seen, the far one lies in its own shade or is lit.
    slope = cv2.Sobel(cv2.GaussianBlur(np.clip(inside, -0.1, 0.1), (0, 0), 3), cv2.CV_32F, 0, 1)
    tone = tone + np.clip(-slope * 5, -0.12, 0.1)
    lip = np.exp(-((inside / np.float32(0.025)) ** 2))
    tone = np.where(inside > 0, tone, 1 + 0.18 * lip * stones)
    return _flat(np.clip(tone, 0.14, 1.35).astype(np.float32), inside / np.float32(0.02) + 0.6, (0.96, 1.0, 1.03))


def collapse(rng: np.random.Generator, size: float) -> Flat:
    """Where the road has fallen in, ``size`` metres across: a black cavity, earth on its far wall, broken slabs."""
    inside, noise = _blob(rng, size, stretch=rng.uniform(1.2, 1.6), ragged=0.06)
    far = np.linspace(-1, 1, inside.shape[0], dtype=np.float32)[:, None]
    deep = np.clip(inside / np.float32(0.1), 0, 1)
    # The far wall is lit: first the cut edge of the asphalt, below it earth and stones.
    wall = np.clip(1.15 - inside / np.float32(0.3 * size), 0, 1) * np.clip(far * 1.5 + 0.75, 0.15, 1)
    stones = clouds(rng, inside.shape, (9, 4))
    tone = 1 - deep * (0.86 - 0.6 * wall * (1 + 0.16 * noise + 0.22 * stones))
    cracks = np.abs(clouds(rng, inside.shape, (PER_METRE * size * 0.22, PER_METRE * size * 0.1))) < 0.05
    around = (inside < 0) & (inside > -0.18 * size)
    tone = np.where(around & cracks, 0.5, tone)
    rim = np.exp(-((inside / np.float32(0.03)) ** 2))
    tone = np.where(inside <= 0, tone + 0.25 * rim, tone)
    cover = np.where(inside > 0, 1.0, around * (0.45 * cracks + 0.45 * rim))
    return _flat(np.clip(tone, 0.05, 1.3).astype(np.float32), cover.astype(np.float32), (0.94, 1.0, 1.06))


def cover(rng: np.random.Generator) -> Flat:
    """A manhole with its iron cover in place: frame, rim and a raised pattern."""
    half = COVER_M + 0.1
    x, z = _grid(half, half)
    away = np.hypot(x, z)
    turn = rng.uniform(0, np.pi)
    u, v = x * np.cos(turn) + z * np.sin(turn), z * np.cos(turn) - x * np.sin(turn)
    pattern = 0.09 * np.sign(np.sin(u * 62) * np.sin(v * 62))
    tone = rng.uniform(0.6, 0.72) + pattern * (away < COVER_M * 0.86)
    tone = np.where(np.abs(away - COVER_M) < 0.014, 0.36, tone)
    tone = np.where(away > COVER_M + 0.014, 0.85, tone) + 0.03 * clouds(rng, x.shape, (20, 6))
    return _flat(tone.astype(np.float32), (half - 0.015 - away) / np.float32(0.02), (0.97, 1.0, 1.04))


def open_manhole(rng: np.random.Generator, away_from_eye: tuple[float, float]) -> Flat:
    """A shaft without its cover: black, with a sickle of its far wall lit.

    Args:
        away_from_eye: unit vector on the ground ``(x, z)``, away from the camera.
    """
    half = COVER_M + 0.1
    x, z = _grid(half, half)
    away = np.hypot(x, z)
    shifted = np.hypot(x + 0.15 * away_from_eye[0], z + 0.15 * away_from_eye[1])
    wall = np.clip((shifted - (COVER_M - 0.05)) / np.float32(0.16), 0, 1)
    tone = 0.06 + 0.42 * wall + 0.03 * clouds(rng, x.shape, (12, 5))
    tone = np.where(np.abs(away - COVER_M) < 0.02, 0.95, tone)
    tone = np.where(away > COVER_M + 0.02, 0.8, tone)
    return _flat(np.clip(tone, 0.03, 1).astype(np.float32), (half - 0.015 - away) / np.float32(0.02))


def patch(rng: np.random.Generator) -> Flat:
    """A repaired place: even dark asphalt with cut edges and a seam."""
    a, b = rng.uniform(0.45, 1.1), rng.uniform(0.35, 0.6)
    x, z = _grid(a + 0.08, b + 0.08)
    edge = np.minimum(a - np.abs(x), b - np.abs(z))
    tone = rng.uniform(0.58, 0.7) + 0.04 * clouds(rng, x.shape, (5, 2))
    tone = np.where(edge < 0.05, tone * 0.78, tone)
    return _flat(tone.astype(np.float32), edge / np.float32(0.02) + 0.5)


def stain(rng: np.random.Generator, size: float, *, oil: bool) -> Flat:
    """A soft stain: black oil with drops around it, or a merely wet spot."""
    inside, noise = _blob(rng, size, stretch=rng.uniform(1.1, 1.9), ragged=0.045)
    soft = np.float32(0.1 if oil else 0.05) * size
    shade = np.clip(inside / soft + 0.5, 0, 1)
    if oil:
        drops = clouds(rng, inside.shape, (PER_METRE * 0.07, PER_METRE * 0.05))
        shade = np.maximum(shade, ((drops > 1.5) & (inside > -0.22 * size)).astype(np.float32) * 0.8)
    deep = rng.uniform(0.38, 0.5) if oil else rng.uniform(0.62, 0.7)
    tone = deep + (0.08 if oil else 0.03) * noise
    return _flat(np.clip(tone, 0.25, 0.9).astype(np.float32), shade.astype(np.float32))


def leaves(rng: np.random.Generator, radius: float, *, swept: bool) -> Flat:
    """Fallen leaves: scattered, or swept together to a flat heap."""
    x, _ = _grid(radius * 1.25, radius * 1.25)
    ratio = np.ones((*x.shape, 3), np.float32)
    shade = np.zeros(x.shape, np.float32)
    for _ in range(int((900 if swept else 260) * radius**2)):
        away = radius * (abs(rng.normal(0, 0.42)) if swept else np.sqrt(rng.uniform()))
        turn = rng.uniform(0, 2 * np.pi)
        place = ((radius * 1.25 + away * np.cos(turn)) * PER_METRE, (radius * 1.25 + away * np.sin(turn)) * PER_METRE)
        size = rng.uniform(3.0, 6.5), rng.uniform(1.6, 3.5)
        box = (place, size, float(rng.uniform(0, 180)))
        bright = rng.uniform(0.7, 1.15)
        colour = [channel * bright for channel in LEAVES[int(rng.integers(len(LEAVES)))]]
        cv2.ellipse(ratio, box, colour, -1, cv2.LINE_AA)
        cv2.ellipse(shade, box, 1.0, -1, cv2.LINE_AA)
    return Flat(ratio, shade, PER_METRE)


def arrow(rng: np.random.Generator) -> Flat:
    """A worn direction arrow, 3 m long."""
    per_metre = 60.0
    shade = np.zeros((round(1.0 * per_metre), round(3.2 * per_metre)), np.float32)
    shape = np.array([[0.1, 0.43], [2.0, 0.43], [2.0, 0.2], [3.1, 0.5], [2.0, 0.8], [2.0, 0.57], [0.1, 0.57]])
    cv2.fillPoly(shade, [np.rint(shape * per_metre * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
    worn = np.clip(1.0 - 0.22 * np.maximum(0, clouds(rng, shade.shape, (9, 4))), 0.2, 1)
    return _flat(np.full(shade.shape, WHITE, np.float32), shade * worn, per_metre=per_metre)


def zebra(rng: np.random.Generator, length: float, breadth: float) -> Flat:
    """Stripes of a crossing, ``length`` metres along the road, over ``breadth`` metres of it, a little worn."""
    per_metre = 40.0
    x, z = _grid(length / 2 + 0.05, breadth / 2 + 0.05, per_metre)
    stripes = ((z + breadth / 2) % 0.9 < 0.45) & (np.abs(x) < length / 2) & (np.abs(z) < breadth / 2)
    worn = np.clip(1.0 - 0.2 * np.maximum(0, clouds(rng, x.shape, (8, 3))), 0.3, 1)
    return _flat(np.full(x.shape, WHITE, np.float32), stripes * worn * np.float32(0.9), per_metre=per_metre)


def bays(length: float, breadth: float, count: int, *, ratio: float = WHITE) -> Flat:
    """White lines of ``count`` bays side by side over ``length`` metres along ``x``, ``breadth`` deep."""
    per_metre = 60.0
    x, z = _grid(length / 2 + 0.1, breadth / 2 + 0.1, per_metre)
    lines = np.abs(np.abs(z) - breadth / 2) < 0.05
    for at in np.linspace(-length / 2, length / 2, count + 1):
        lines |= np.abs(x - np.float32(at)) < 0.05
    lines &= (np.abs(x) < length / 2 + 0.05) & (np.abs(z) < breadth / 2 + 0.05)
    return _flat(np.full(x.shape, ratio, np.float32), lines.astype(np.float32) * np.float32(0.85), per_metre=per_metre)
