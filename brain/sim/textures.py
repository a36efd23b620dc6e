"""Flat pictures of the ground (seen from above) and of rows of houses (seen from the front), in pixels per metre."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from brain.core.types import Picture
from brain.sim.camera import Floats32
from brain.sim.draw import Colour, clouds, scaled
from brain.sim.layout import FAR_KERB_Z, GROUND_Z, KERB_Z, LANES_Z, STREET_X, House

WALLS: tuple[Colour, ...] = (
    (168, 180, 190), (150, 166, 184), (176, 178, 178), (134, 150, 172), (158, 170, 166), (120, 138, 164),
    (186, 192, 196),
)  # fmt: skip
SIGNS: tuple[Colour, ...] = ((46, 40, 150), (120, 70, 30), (50, 96, 40), (40, 110, 170), (60, 56, 58), (150, 146, 140))
HOUSES_TOP_M = 15.0
STOREY_M = 3.3
SHOP_M = 3.7


@dataclass(frozen=True, slots=True, eq=False)
class Texture:
    """A flat picture and how to look things up in it.

    Attributes:
        image: H×W×3 or H×W×4 uint8; BGR, BGR and coverage.
        per_metre: pixels per metre.
        origin: metres at the top left corner: along the row, and across (ground) or up (houses).
    """

    image: Picture
    per_metre: float
    origin: tuple[float, float]


class Sheet:
    """A texture while it is painted: rectangles in metres on a ground of soft noise."""

    def __init__(self, texture: Texture) -> None:
        self.image = texture.image
        self.scale = texture.per_metre
        self.origin = texture.origin

    def box(self, along: tuple[float, float], across: tuple[float, float], colour: Colour, share: float = 1.0) -> None:
        """Paint a rectangle, ``share`` 0–1 opaque."""
        x1, x2 = sorted(round((value - self.origin[0]) * self.scale) for value in along)
        y1, y2 = sorted(round(abs(value - self.origin[1]) * self.scale) for value in across)
        part = self.image[max(0, y1) : max(0, y2), max(0, x1) : max(0, x2), :3]
        if part.size:
            part[:] = (part * (1 - share) + np.array(colour) * share).astype(np.uint8)

    def disc(self, along: float, across: float, radius: float, colour: Colour) -> None:
        """Paint a disc."""
        centre = (round((along - self.origin[0]) * self.scale), round(abs(across - self.origin[1]) * self.scale))
        cv2.circle(self.image, centre, max(1, round(radius * self.scale)), colour, -1, cv2.LINE_AA)

    def path(self, points: list[tuple[float, float]], colour: Colour, width: float) -> None:
        """Paint a thin broken line."""
        pixels = (np.abs(np.array(points) - np.array(self.origin)) * self.scale).astype(np.int32)
        cv2.polylines(self.image, [pixels], False, colour, max(1, round(width * self.scale)), cv2.LINE_AA)


def ground(rng: np.random.Generator, per_metre: float) -> Texture:
    """Road with marks, kerbs and paved footways, seen from above; across = ``z``."""
    width = round((STREET_X[1] - STREET_X[0]) * per_metre)
    height = round((GROUND_Z[1] - GROUND_Z[0]) * per_metre)
    grain = rng.standard_normal((height, width)).astype(np.float32)
    blotches = clouds(rng, (height, width), (per_metre * 2.5, per_metre * 0.7))
    tone = 98 + rng.uniform(-6, 6) + 5.0 * blotches + 6.0 * grain
    image: Picture = np.empty((height, width, 3), np.uint8)
    image[:] = np.clip(tone, 0, 255)[..., None]
    texture = Texture(image, per_metre, (STREET_X[0], GROUND_Z[0]))
    sheet = Sheet(texture)
    _road(rng, sheet)
    for low, high in ((GROUND_Z[0], KERB_Z), (FAR_KERB_Z, GROUND_Z[1])):
        _paving(rng, sheet, low, high, 5 * blotches + 3.0 * grain)
    for kerb, gutter, face in ((KERB_Z, 0.3, 0.14), (FAR_KERB_Z, -0.3, -0.02)):
        _kerb(sheet, kerb, gutter, face)
    sheet.box(STREET_X, (1.2, 1.75), (92, 158, 178), 0.55)
    for bar in np.arange(1.27, 1.75, 0.14):
        sheet.box(STREET_X, (bar, bar + 0.05), (70, 128, 146), 0.5)
    return texture


def _road(rng: np.random.Generator, sheet: Sheet) -> None:
    for lane in LANES_Z:
        for wheel in (-0.85, 0.85):
            sheet.box(STREET_X, (lane + wheel - 0.3, lane + wheel + 0.3), (78, 78, 80), 0.25)
        sheet.box(STREET_X, (lane - 0.2, lane + 0.2), (72, 72, 74), 0.18)
    middle = sum(LANES_Z) / 2
    paint = (178, 182, 184)
    for edge in (KERB_Z + 0.45, FAR_KERB_Z - 0.6):
        sheet.box(STREET_X, (edge, edge + 0.13), paint, 0.75)
    for offset in (-0.14, 0.06):
        sheet.box(STREET_X, (middle + offset, middle + offset + 0.11), (60, 158, 186), 0.75)
    start = rng.uniform(25, 31)
    sheet.box((start - 1.6, start - 1.3), (KERB_Z + 0.6, middle - 0.3), paint, 0.8)
    for bar in np.arange(KERB_Z + 0.55, FAR_KERB_Z - 0.5, 0.9):
        sheet.box((start, start + 3.4), (bar, bar + 0.45), paint, 0.8)
    for _ in range(7):
        x, z = rng.uniform(2, 60), rng.uniform(KERB_Z + 0.8, FAR_KERB_Z - 2)
        sheet.box((x, x + rng.uniform(1.2, 4)), (z, z + rng.uniform(0.6, 1.6)), (70, 70, 72), rng.uniform(0.2, 0.5))
    for _ in range(9):
        x, z = rng.uniform(0, 60), rng.uniform(KERB_Z + 0.6, FAR_KERB_Z - 0.6)
        steps = np.cumsum(rng.uniform(-0.3, 0.3, (9, 2)) + np.array([0.35, 0.0]), axis=0)
        sheet.path([(x + dx, z + dz) for dx, dz in steps], (62, 62, 64), 0.03)
    for x in rng.uniform(5, 50, 3):
        sheet.disc(float(x), LANES_Z[0] + 0.9, 0.37, (58, 60, 62))
        sheet.disc(float(x), LANES_Z[0] + 0.9, 0.31, (74, 76, 78))


def _paving(
    rng: np.random.Generator,
    sheet: Sheet,
    low: float,
    high: float,
    dirt: Floats32,
) -> None:
    """Slabs of 0.5 × 0.25 m in running bond, each of its own tone, with darker joints and stains."""
    scale = sheet.scale
    y1, y2 = (round((value - GROUND_Z[0]) * scale) for value in (low, high))
    height, width = y2 - y1, sheet.image.shape[1]
    across, along = np.mgrid[0:height, 0:width].astype(np.float32) / np.float32(scale)
    row = np.floor(across / 0.25).astype(np.int32)
    shifted = along + (row % 2) * np.float32(0.25)
    column = np.floor(shifted / 0.5).astype(np.int32)
    tones = rng.normal(0, 6.5, (row.max() + 1, column.max() + 1)).astype(np.float32)
    tone = 154 + tones[row, column] + dirt[y1:y2]
    joint = (across % 0.25 < 0.018) | (shifted % 0.5 < 0.018)
    tone -= joint * np.float32(30)
    for weight, channel in ((0.97, 0), (1.0, 1), (1.04, 2)):
        sheet.image[y1:y2, :, channel] = np.clip(tone * weight, 0, 255)
    for _ in range(60):
        sheet.disc(rng.uniform(0, 60), rng.uniform(low, high), rng.uniform(0.02, 0.06), (112, 114, 116))


def _kerb(sheet: Sheet, kerb: float, gutter: float, face: float) -> None:
    sheet.box(STREET_X, (kerb, kerb + gutter), (84, 84, 86), 0.6)
    outer = kerb - 0.26 if gutter > 0 else kerb + 0.26
    sheet.box(STREET_X, (outer, kerb), (166, 170, 172), 0.85)
    for x in np.arange(*STREET_X, 1.0):
        sheet.box((x, x + 0.02), (outer, kerb), (104, 106, 108), 0.9)
    sheet.box(STREET_X, (kerb, kerb + face), (96, 98, 100), 0.9)


def row_of_houses(rng: np.random.Generator, houses: tuple[House, ...], per_metre: float) -> Texture:
    """A row of houses seen from the street: shops below, windows above; coverage 0 above each roof; across = height."""
    low, high = houses[0].x1, houses[-1].x2
    width, height = round((high - low) * per_metre), round(HOUSES_TOP_M * per_metre)
    image: Picture = np.zeros((height, width, 4), np.uint8)
    texture = Texture(image, per_metre, (low, HOUSES_TOP_M))
    sheet = Sheet(texture)
    for house in houses:
        wall = WALLS[int(rng.integers(len(WALLS)))]
        sheet.box((house.x1, house.x2), (0, house.height), wall)
        left, right = (round((x - low) * per_metre) for x in (house.x1, house.x2))
        image[round((HOUSES_TOP_M - house.height) * per_metre) :, left:right, 3] = 255
        _shops(rng, sheet, house)
        _windows(rng, sheet, house, wall)
        sheet.box((house.x1, house.x2), (house.height - 0.35, house.height), scaled(wall, 0.8))
        sheet.box((house.x1, house.x1 + 0.12), (0, house.height), scaled(wall, 0.7))
    noise = 4.0 * clouds(rng, (height, width), (per_metre * 3, per_metre * 0.5))
    image[..., :3] = np.clip(image[..., :3] + noise[..., None], 0, 255).astype(np.uint8)
    return texture


def _shops(rng: np.random.Generator, sheet: Sheet, house: House) -> None:
    x = house.x1 + 0.4
    while x < house.x2 - 2.5:
        end = min(x + rng.uniform(3.2, 5.0), house.x2 - 0.3)
        sheet.box((x, end), (0.0, SHOP_M - 0.9), (58, 54, 50))
        inside = rng.uniform(50, 120)
        for pane in np.arange(x + 0.12, end - 0.6, 1.1):
            tone = inside * rng.uniform(0.7, 1.2)
            sheet.box((pane, min(pane + 1.0, end - 0.1)), (0.35, SHOP_M - 1.1), (tone * 1.02, tone, tone * 0.96))
        for _ in range(5):
            goods = rng.uniform(x + 0.2, end - 0.5)
            colour = tuple(float(value) for value in 70 + 0.45 * rng.uniform(0, 160, 3))
            sheet.box((goods, goods + 0.4), (0.4, rng.uniform(0.8, 1.8)), (colour[0], colour[1], colour[2]), 0.6)
        sign = SIGNS[int(rng.integers(len(SIGNS)))]
        sheet.box((x, end), (SHOP_M - 0.9, SHOP_M), sign)
        letter = x + 0.5
        while letter < end - 0.7:
            _glyph(rng, sheet, letter)
            letter += 0.62
        x = end + rng.uniform(0.3, 0.7)


def _glyph(rng: np.random.Generator, sheet: Sheet, x: float) -> None:
    """Strokes that look like a character of a shop sign."""
    foot = SHOP_M - 0.72
    for _ in range(3):
        y = foot + rng.uniform(0, 0.5)
        sheet.box((x, x + rng.uniform(0.25, 0.46)), (y, y + 0.07), (214, 220, 222), 0.9)
    for _ in range(2):
        left = x + rng.uniform(0, 0.4)
        sheet.box((left, left + 0.07), (foot, foot + rng.uniform(0.3, 0.54)), (214, 220, 222), 0.9)


def _windows(rng: np.random.Generator, sheet: Sheet, house: House, wall: Colour) -> None:
    step = rng.uniform(2.3, 3.2)
    for foot in np.arange(SHOP_M + 0.9, house.height - 1.9, STOREY_M):
        sheet.box((house.x1, house.x2), (foot - 0.95, foot - 0.85), scaled(wall, 0.82))
        for x in np.arange(house.x1 + 0.9, house.x2 - 1.7, step):
            tone = rng.uniform(48, 96)
            sheet.box((x - 0.1, x + 1.6), (foot - 0.1, foot + 1.7), scaled(wall, 1.1))
            sheet.box((x, x + 1.5), (foot, foot + 1.6), (tone * 1.1, tone, tone * 0.92))
            sheet.box((x, x + 1.5), (foot + rng.uniform(0.6, 1.5), foot + 1.6), (150, 156, 160), rng.uniform(0, 0.6))
            sheet.box((x + 0.72, x + 0.79), (foot, foot + 1.6), scaled(wall, 1.05))
            if rng.uniform() < 0.35:
                sheet.box((x + 1.55, x + 2.15), (foot - 0.3, foot + 0.25), (186, 190, 190))
                sheet.disc(x + 1.82, foot, 0.2, (128, 132, 132))
