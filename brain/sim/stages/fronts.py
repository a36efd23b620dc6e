"""Tools to paint flat pictures in metres, and rows of houses seen from the front with what shines in them at night."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from brain.core.types import Picture
from brain.sim.draw import Colour, clouds, scaled
from brain.sim.stages.plan import House, Texture

WALLS: tuple[Colour, ...] = (
    (168, 180, 190), (150, 166, 184), (176, 178, 178), (134, 150, 172), (158, 170, 166), (120, 138, 164),
    (186, 192, 196),
)  # fmt: skip
SIGNS: tuple[Colour, ...] = ((46, 40, 150), (120, 70, 30), (50, 96, 40), (40, 110, 170), (60, 56, 58), (150, 146, 140))
HOUSES_TOP_M = 15.0
STOREY_M = 3.3
SHOP_M = 3.7


class Sheet:
    """A texture while it is painted: rectangles in metres on a ground of soft noise."""

    def __init__(self, texture: Texture) -> None:
        self.texture = texture
        self.image = texture.image
        self.glow = texture.glow
        self.scale = texture.per_metre
        self.origin = texture.origin

    def box(self, along: tuple[float, float], across: tuple[float, float], colour: Colour, share: float = 1.0) -> None:
        """Paint a rectangle, ``share`` 0–1 opaque."""
        x1, x2 = sorted(round((value - self.origin[0]) * self.scale) for value in along)
        y1, y2 = sorted(round(abs(value - self.origin[1]) * self.scale) for value in across)
        part = self.image[max(0, y1) : max(0, y2), max(0, x1) : max(0, x2), :3]
        if part.size:
            part[:] = (part * (1 - share) + np.array(colour) * share).astype(np.uint8)

    def shine(self, along: tuple[float, float], across: tuple[float, float], colour: Colour) -> None:
        """Let a rectangle shine by itself at night."""
        if self.glow is not None:
            x1, x2 = sorted(round((value - self.origin[0]) * self.scale) for value in along)
            y1, y2 = sorted(round(abs(value - self.origin[1]) * self.scale) for value in across)
            self.glow[max(0, y1) : max(0, y2), max(0, x1) : max(0, x2)] = np.clip(np.array(colour), 0, 255)

    def disc(self, along: float, across: float, radius: float, colour: Colour) -> None:
        """Paint a disc."""
        centre = (round((along - self.origin[0]) * self.scale), round(abs(across - self.origin[1]) * self.scale))
        cv2.circle(self.image, centre, max(1, round(radius * self.scale)), colour, -1, cv2.LINE_AA)

    def path(self, points: list[tuple[float, float]], colour: Colour, width: float) -> None:
        """Paint a thin broken line."""
        pixels = (np.abs(np.array(points) - np.array(self.origin)) * self.scale).astype(np.int32)
        cv2.polylines(self.image, [pixels], False, colour, max(1, round(width * self.scale)), cv2.LINE_AA)


def row_of_houses(
    rng: np.random.Generator, houses: Sequence[House], per_metre: float, *, shops: bool = True
) -> Texture:
    """A row of houses: shops (or entrances) below, windows above; coverage 0 above each roof; across = height."""
    low, high = houses[0].x1, houses[-1].x2
    width, height = round((high - low) * per_metre), round(HOUSES_TOP_M * per_metre)
    image: Picture = np.zeros((height, width, 4), np.uint8)
    texture = Texture(image, per_metre, (low, HOUSES_TOP_M), glow=np.zeros((height, width, 3), np.uint8))
    sheet = Sheet(texture)
    for house in houses:
        wall = WALLS[int(rng.integers(len(WALLS)))]
        sheet.box((house.x1, house.x2), (0, house.height), wall)
        left, right = (round((x - low) * per_metre) for x in (house.x1, house.x2))
        image[round((HOUSES_TOP_M - house.height) * per_metre) :, left:right, 3] = 255
        if shops:
            _shops(rng, sheet, house)
        else:
            _entrances(rng, sheet, house, wall)
        _windows(rng, sheet, house, wall)
        sheet.box((house.x1, house.x2), (house.height - 0.35, house.height), scaled(wall, 0.8))
        sheet.box((house.x1, house.x1 + 0.12), (0, house.height), scaled(wall, 0.7))
    noise = 4.0 * clouds(rng, (height, width), (per_metre * 3, per_metre * 0.5))
    image[..., :3] = np.clip(image[..., :3] + noise[..., None], 0, 255).astype(np.uint8)
    return texture


def _entrances(rng: np.random.Generator, sheet: Sheet, house: House, wall: Colour) -> None:
    """A plinth, windows of the ground floor, and one lit door under a canopy."""
    sheet.box((house.x1, house.x2), (0.0, 0.8), scaled(wall, 0.72))
    door = (house.x1 + house.x2) / 2 + rng.uniform(-1.5, 1.5)
    for x in np.arange(house.x1 + 0.9, house.x2 - 1.7, 2.9):
        if abs(x + 0.7 - door) > 2.2:
            tone = rng.uniform(48, 96)
            sheet.box((x, x + 1.5), (1.2, 2.7), (tone * 1.1, tone, tone * 0.92))
            sheet.box((x + 0.72, x + 0.79), (1.2, 2.7), scaled(wall, 1.05))
            if rng.uniform() < 0.5:
                sheet.shine((x, x + 1.5), (1.2, 2.7), (90, 140, 165))
    sheet.box((door - 1.0, door + 1.0), (0.0, 2.5), (52, 54, 58))
    sheet.box((door - 0.9, door - 0.04), (0.1, 2.4), (96, 88, 80))
    sheet.box((door + 0.04, door + 0.9), (0.1, 2.4), (90, 84, 76))
    sheet.shine((door - 0.9, door + 0.9), (0.1, 2.4), (120, 170, 190))
    sheet.box((door - 1.4, door + 1.4), (2.6, 2.85), (150, 152, 152))


def _shops(rng: np.random.Generator, sheet: Sheet, house: House) -> None:
    x = house.x1 + 0.4
    while x < house.x2 - 2.5:
        end = min(x + rng.uniform(3.2, 5.0), house.x2 - 0.3)
        sheet.box((x, end), (0.0, SHOP_M - 0.9), (58, 54, 50))
        inside = rng.uniform(50, 120)
        is_open = rng.uniform() < 0.7
        warmth = rng.uniform(0.62, 0.95)
        for pane in np.arange(x + 0.12, end - 0.6, 1.1):
            tone = inside * rng.uniform(0.7, 1.2)
            sheet.box((pane, min(pane + 1.0, end - 0.1)), (0.35, SHOP_M - 1.1), (tone * 1.02, tone, tone * 0.96))
            if is_open:
                lit = 150 + tone * 0.6
                sheet.shine(
                    (pane, min(pane + 1.0, end - 0.1)), (0.35, SHOP_M - 1.1), (lit * warmth * 0.9, lit * 0.95, lit)
                )
        for _ in range(5):
            goods = rng.uniform(x + 0.2, end - 0.5)
            colour = tuple(float(value) for value in 70 + 0.45 * rng.uniform(0, 160, 3))
            sheet.box((goods, goods + 0.4), (0.4, rng.uniform(0.8, 1.8)), (colour[0], colour[1], colour[2]), 0.6)
        sign = SIGNS[int(rng.integers(len(SIGNS)))]
        sheet.box((x, end), (SHOP_M - 0.9, SHOP_M), sign)
        if is_open:
            sheet.shine((x, end), (SHOP_M - 0.9, SHOP_M), scaled(sign, 1.15))
        letter = x + 0.5
        while letter < end - 0.7:
            _glyph(rng, sheet, letter, shines=is_open)
            letter += 0.62
        x = end + rng.uniform(0.3, 0.7)


def _glyph(rng: np.random.Generator, sheet: Sheet, x: float, *, shines: bool) -> None:
    """Strokes that look like a character of a shop sign."""
    foot = SHOP_M - 0.72
    for _ in range(3):
        y = foot + rng.uniform(0, 0.5)
        stroke = (x, x + rng.uniform(0.25, 0.46))
        sheet.box(stroke, (y, y + 0.07), (214, 220, 222), 0.9)
        if shines:
            sheet.shine(stroke, (y, y + 0.07), (235, 245, 250))
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
            if rng.uniform() < 0.4:
                bright = rng.uniform(70, 190)
                sheet.shine((x, x + 1.5), (foot, foot + 1.6), (bright * rng.uniform(0.45, 0.9), bright * 0.85, bright))
            if rng.uniform() < 0.35:
                sheet.box((x + 1.55, x + 2.15), (foot - 0.3, foot + 0.25), (186, 190, 190))
                sheet.disc(x + 1.82, foot, 0.2, (128, 132, 132))
