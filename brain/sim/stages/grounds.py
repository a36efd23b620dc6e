"""Flat pictures for stages beside the street: asphalt, grass, soil, hedges and hoardings."""

from __future__ import annotations

import cv2
import numpy as np

from brain.sim.camera import Floats32
from brain.sim.draw import Colour, clouds, scaled
from brain.sim.stages.fronts import Sheet
from brain.sim.stages.plan import Texture

Span = tuple[float, float]


def sheet_of(rng: np.random.Generator, per_metre: float, x: Span, z: Span) -> tuple[Sheet, Floats32, Floats32]:
    """An asphalt ground to paint on, its soft blotches and its grain (deviation about 1)."""
    width, height = round((x[1] - x[0]) * per_metre), round((z[1] - z[0]) * per_metre)
    grain = rng.standard_normal((height, width)).astype(np.float32)
    blotches = clouds(rng, (height, width), (per_metre * 2.5, per_metre * 0.7))
    image = np.empty((height, width, 3), np.uint8)
    image[:] = np.clip(100 + rng.uniform(-9, 9) + 5.0 * blotches + 6.0 * grain, 0, 255)[..., None]
    return Sheet(Texture(image, per_metre, (x[0], z[0]), wet=np.full((height, width), 255, np.uint8))), blotches, grain


def band(
    sheet: Sheet,
    wet: np.ndarray[tuple[int, ...], np.dtype[np.uint8]],
    z: Span,
    colour: Colour,
    noise: Floats32,
    mirrors: int,
) -> None:
    """Fill a band across ``z`` with a colour and noise; ``mirrors`` 0–255 says how far it mirrors when wet."""
    rows = slice(*(round((value - sheet.origin[1]) * sheet.scale) for value in z))
    for channel in range(3):
        sheet.image[rows, :, channel] = np.clip(colour[channel] + noise[rows], 0, 255)
    wet[rows] = mirrors


def hedge(rng: np.random.Generator, span: Span, height: float, per_metre: float) -> Texture:
    """A row of bushes and trees seen from afar, ragged on top."""
    shape = round(height * per_metre), round((span[1] - span[0]) * per_metre)
    tone = clouds(rng, shape, (per_metre * 1.6, per_metre * 0.6, per_metre * 0.25))
    image = np.zeros((*shape, 4), np.uint8)
    for channel, base in enumerate((44, 92, 72)):
        image[..., channel] = np.clip(base * (1 + 0.24 * tone), 12, 220)
    top = height * (
        0.62
        + 0.14 * cv2.resize(clouds(rng, (1, 64), (3, 9))[0][None, :], (shape[1], 1), interpolation=cv2.INTER_CUBIC)[0]
    )
    rows = (np.arange(shape[0])[::-1] / per_metre)[:, None]
    image[..., 3] = np.where(rows < top[None, :] + 0.16 * tone, 255, 0)
    return Texture(image, per_metre, (span[0], height))


def hoarding(rng: np.random.Generator, span: Span, gap: Span, per_metre: float) -> Texture:
    """A site's fence of sheet panels 2.6 m high, with a gap for the gate and its two posts."""
    height = 4.6
    shape = round(height * per_metre), round((span[1] - span[0]) * per_metre)
    image = np.zeros((*shape, 4), np.uint8)
    sheet = Sheet(Texture(image, per_metre, (span[0], height)))
    paint = ((170, 110, 50), (96, 130, 60), (150, 150, 150))[int(rng.integers(3))]
    for x in np.arange(span[0], span[1], 0.9):
        sheet.box((x, x + 0.9), (0.0, 2.6), scaled(paint, rng.uniform(0.9, 1.06)))
        sheet.box((x, x + 0.05), (0.0, 2.6), scaled(paint, 0.7))
    sheet.box(span, (2.45, 2.6), scaled(paint, 0.75))
    sheet.box(span, (0.0, 0.35), (110, 116, 122))
    image[round((height - 2.6) * per_metre) :, :, 3] = 255
    left, right = (round((x - span[0]) * per_metre) for x in gap)
    image[:, left:right, 3] = 0
    for x in (gap[0] - 0.6, gap[1]):
        sheet.box((x, x + 0.6), (0.0, 4.2), (70, 74, 150))
        image[
            round((height - 4.2) * per_metre) :,
            round((x - span[0]) * per_metre) : round((x + 0.6 - span[0]) * per_metre),
            3,
        ] = 255
    return Texture(image, per_metre, (span[0], height))
