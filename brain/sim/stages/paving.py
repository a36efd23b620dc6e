"""Grounds of several stages: slabs, kerbs, grass, soil."""

from __future__ import annotations

import numpy as np

from brain.sim.camera import Floats32
from brain.sim.stages.fronts import Sheet


def slabs(
    rng: np.random.Generator,
    sheet: Sheet,
    across: tuple[float, float],
    dirt: Floats32,
    *,
    size: tuple[float, float] = (0.5, 0.25),
    tone: float = 154.0,
    tint: tuple[float, float, float] = (0.97, 1.0, 1.04),
    spread: float = 6.5,
) -> None:
    """Slabs in running bond over a band, each of its own tone, with darker joints and stains.

    Args:
        across: band in metres.
        dirt: brightness to be added, as large as the sheet.
        size: of one slab, metres along and across.
        tone, tint, spread: mean brightness, its share per channel, deviation from slab to slab.
    """
    scale = sheet.scale
    y1, y2 = (round((value - sheet.origin[1]) * scale) for value in across)
    height, width = y2 - y1, sheet.image.shape[1]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32) / np.float32(scale)
    row = np.floor(rows / size[1]).astype(np.int32)
    shifted = columns + (row % 2) * np.float32(size[0] / 2)
    column = np.floor(shifted / size[0]).astype(np.int32)
    tones = rng.normal(0, spread, (row.max() + 1, column.max() + 1)).astype(np.float32)
    found = np.float32(tone) + tones[row, column] + dirt[y1:y2]
    joint = (rows % np.float32(size[1]) < 0.018) | (shifted % np.float32(size[0]) < 0.018)
    found -= joint * np.float32(30)
    for channel, weight in enumerate(tint):
        sheet.image[y1:y2, :, channel] = np.clip(found * np.float32(weight), 0, 255)
    left, right = sheet.origin[0], sheet.origin[0] + width / scale
    for _ in range(60):
        spot = rng.uniform(left, min(right, left + 66)), rng.uniform(*across)
        sheet.disc(*spot, rng.uniform(0.02, 0.06), (112, 114, 116))


def kerb(sheet: Sheet, along: tuple[float, float], at: float, gutter: float, face: float) -> None:
    """A kerb of stones 1 m long at ``z = at``, with a gutter and a shaded face on either side of it."""
    sheet.box(along, (at, at + gutter), (84, 84, 86), 0.6)
    outer = at - 0.26 if gutter > 0 else at + 0.26
    sheet.box(along, (outer, at), (166, 170, 172), 0.85)
    for x in np.arange(*along, 1.0):
        sheet.box((x, x + 0.02), (outer, at), (104, 106, 108), 0.9)
    sheet.box(along, (at, at + face), (96, 98, 100), 0.9)
