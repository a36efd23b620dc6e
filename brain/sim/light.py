"""Sun and shade on the street, still or moving; brightness steps; sensor noise; the clock in the picture."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import cv2
import numpy as np

from brain.core.types import Picture
from brain.sim.camera import Floats32
from brain.sim.draw import Rect, clouds, stream
from brain.sim.layout import GROUND_Z, NEAR_HOUSES_Z, STREET_X, Layout
from brain.sim.spec import SceneSpec
from brain.sim.stands import CROWN_M, TRUNK_M, crown_shade
from brain.sim.street import Backdrop

AMBIENT = 0.56
"""Brightness in full shade, as a share of that in the sun."""
SHADE_PER_METRE = 12.0
CLOUD_TILE = 256
CLOUD_CELL_M = 4.0
PENUMBRA_M = 0.22
NOISE_SIGMA = 2.1
NOISE_TILES = 4
NOISE_PAD = 48


class Shade:
    """How far the sun reaches each pixel of the street, at any moment."""

    def __init__(self, spec: SceneSpec, street: Layout, still: Backdrop) -> None:
        self.moves = spec.shadow_moves
        # Moving shade is soft and is worked out anew for each picture: half the resolution serves.
        step = 2 if self.moves else 1
        self._size = (still.image.shape[1], still.image.shape[0])
        ground_x = np.ascontiguousarray(still.ground_x[::step, ::step])
        ground_z = np.ascontiguousarray(still.ground_z[::step, ::step])
        self._beyond = _beyond_houses(street, ground_x, ground_z)
        self._crowns = _crowns(spec.seed, street)
        self._crown_x = (ground_x - np.float32(STREET_X[0])) * np.float32(SHADE_PER_METRE)
        self._crown_z = (ground_z - np.float32(GROUND_Z[0])) * np.float32(SHADE_PER_METRE)
        self._cloud_x = np.clip(ground_x, -100, 400) / np.float32(CLOUD_CELL_M)
        self._cloud_z = np.clip(ground_z, -20, 20) / np.float32(CLOUD_CELL_M)
        rng = stream(spec.seed, "shade")
        tile = clouds(rng, (CLOUD_TILE, CLOUD_TILE), (12, 6))
        self._clouds = np.clip(tile * np.float32(0.9) + np.float32(0.2), 0, 1).astype(np.float32)
        self._wind = rng.uniform(1.2, 2.4, 2)
        self._phases = rng.uniform(0, 2 * np.pi, 4)
        self._drift = rng.uniform(0.9, 1.7), rng.uniform(70, 130)

    def sunlit(self, time_s: float) -> Picture:
        """Canvas height × width uint8: 255 in the sun, 0 in full shade."""
        sway_x = sway_z = drift = 0.0
        if self.moves:
            a, b, c, d = self._phases
            sway_x = 0.35 * np.sin(0.9 * time_s + a) + 0.14 * np.sin(2.7 * time_s + b)
            sway_z = 0.3 * np.sin(0.7 * time_s + c) + 0.02 * time_s
            drift = self._drift[0] * (np.sin(2 * np.pi * time_s / self._drift[1] + d) + 0.4)
        sun = np.clip((self._beyond - np.float32(drift)) / np.float32(PENUMBRA_M) + np.float32(0.5), 0, 1)
        crowns = cv2.remap(
            self._crowns,
            self._crown_x + np.float32(sway_x * SHADE_PER_METRE),
            self._crown_z + np.float32(sway_z * SHADE_PER_METRE),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=0,
        )
        sun *= np.float32(1) - crowns
        if self.moves:
            sun *= np.float32(1) - np.float32(0.85) * self._cloud(time_s)
        sunlit: Picture = cv2.convertScaleAbs(sun, alpha=255.0).astype(np.uint8, copy=False)
        if self.moves:
            sunlit = cv2.resize(sunlit, self._size, interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)
        return sunlit

    def _cloud(self, time_s: float) -> Floats32:
        x, z = self._wind * time_s
        found = cv2.remap(
            self._clouds,
            self._cloud_x + np.float32(x % CLOUD_TILE),
            self._cloud_z + np.float32(z % CLOUD_TILE),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_WRAP,
        )
        return found.astype(np.float32, copy=False)


LIGHT_OF_SUN: Picture = np.rint(255 * (AMBIENT + (1 - AMBIENT) * np.arange(256) / 255)).astype(np.uint8)


def lit(still: Picture, sunlit: Picture) -> Picture:
    """A picture in full sun, darkened where the sun does not reach."""
    factor = cv2.cvtColor(cv2.LUT(sunlit, LIGHT_OF_SUN), cv2.COLOR_GRAY2BGR)
    return cv2.multiply(still, factor, scale=1 / 255.0).astype(np.uint8, copy=False)


def _beyond_houses(street: Layout, ground_x: Floats32, ground_z: Floats32) -> Floats32:
    """Metres from the shadow edge of the near houses into the sun; large where no ground is seen."""
    step_x, step_z = street.shadow_step
    places = np.arange(STREET_X[0] - 5, STREET_X[1] + 15, 0.1)
    edge = np.full(len(places), NEAR_HOUSES_Z)
    for house in street.near_houses:
        slide = step_x * house.height
        under = (places >= house.x1 + min(0.0, slide)) & (places < house.x2 + max(0.0, slide))
        edge[under] = np.maximum(edge[under], NEAR_HOUSES_Z + step_z * house.height)
    found = np.interp(ground_x.ravel(), places, edge).reshape(ground_x.shape)
    beyond: Floats32 = (ground_z - found).astype(np.float32)
    return beyond


def _crowns(seed: int, street: Layout) -> Floats32:
    """The shade of all crowns and trunks on the ground, seen from above: 0 = sun … 1 = shade."""
    width = round((STREET_X[1] - STREET_X[0]) * SHADE_PER_METRE)
    height = round((GROUND_Z[1] - GROUND_Z[0]) * SHADE_PER_METRE)
    image: Picture = np.zeros((height, width), np.uint8)
    rng = stream(seed, "crowns")
    step = np.array(street.shadow_step)
    corner = np.array([STREET_X[0], GROUND_Z[0]])
    for stand in street.stands:
        foot = np.array([stand.x, stand.z])
        tip = {"tree": TRUNK_M + 1, "lamp": 6.5, "planter": 0.6, "bin": 1.0}[stand.kind] * stand.size
        broad = {"tree": 0.26, "lamp": 0.12, "planter": 0.9, "bin": 0.5}[stand.kind]
        ends = [np.rint((place - corner) * SHADE_PER_METRE).astype(int) for place in (foot, foot + step * tip)]
        start, end = ((int(x), int(z)) for x, z in ends)
        cv2.line(image, start, end, 255, max(1, round(broad * SHADE_PER_METRE)), cv2.LINE_AA)
        if stand.kind == "tree":
            centre = (foot + step * CROWN_M * stand.size - corner) * SHADE_PER_METRE
            crown_shade(rng, image, centre, SHADE_PER_METRE, stand.size)
    soft = cv2.GaussianBlur(image, (0, 0), 0.11 * SHADE_PER_METRE)
    return (soft / np.float32(255)).astype(np.float32)


def gain_table(gain: float) -> Picture:
    """Look-up table of a brightness step: linear, bending over softly near white as sensors do."""
    values = np.arange(256) * gain
    knee = 205.0
    bent = knee + (255 - knee) * (1 - np.exp(-(values - knee) / (255 - knee)))
    return np.clip(np.rint(np.where((values > knee) & (gain > 1), bent, values)), 0, 255).astype(np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class _Text:
    """A written text: its box, and white strokes and their dark outline (both h×w×3, 0 elsewhere)."""

    rect: Rect
    strokes: Picture
    outline: Picture


class Noise:
    """Sensor noise from a few tiles drawn once, laid at another place for each picture."""

    def __init__(self, spec: SceneSpec) -> None:
        rng = stream(spec.seed, "noise")
        self._seed = spec.seed
        self._size = (spec.height, spec.width)
        shape = (spec.height + NOISE_PAD, spec.width + NOISE_PAD)
        tiles = []
        for _ in range(NOISE_TILES):
            luma = rng.standard_normal(shape, np.float32)[..., None] * np.float32(NOISE_SIGMA)
            chroma = cv2.GaussianBlur(rng.standard_normal((*shape, 3), np.float32), (0, 0), 0.9)
            noise = np.rint(luma + chroma * np.float32(NOISE_SIGMA))
            tiles.append((np.maximum(noise, 0).astype(np.uint8), np.maximum(-noise, 0).astype(np.uint8)))
        self._tiles = tiles

    def add(self, image: Picture, index: int) -> Picture:
        """Picture ``index`` with noise."""
        rng = np.random.default_rng([self._seed, 7919, index])
        tile, top, left = rng.integers((NOISE_TILES, NOISE_PAD, NOISE_PAD))
        brighter, darker = (part[top : top + self._size[0], left : left + self._size[1]] for part in self._tiles[tile])
        return cv2.subtract(cv2.add(image, brighter), darker).astype(np.uint8, copy=False)


class Clock:
    """The text that a camera writes into its picture: date and time above, its name below."""

    def __init__(self, spec: SceneSpec) -> None:
        self._spec = spec
        self._edge = max(3, round(10 * spec.width / 640))
        self._shown: tuple[str, _Text] | None = None
        self._name = self._text(f"CAM {spec.seed % 100:02d}  CITY STREET", last=True)

    def write(self, image: Picture, time_s: float) -> None:
        """Write the moment into a picture."""
        moment = self._spec.start_time + timedelta(seconds=time_s + 1e-6)
        text = moment.strftime("%Y-%m-%d  %H:%M:%S")
        if self._shown is None or self._shown[0] != text:
            self._shown = text, self._text(text, last=False)
        for shown in (self._shown[1], self._name):
            x1, y1, x2, y2 = shown.rect
            part = image[y1:y2, x1:x2]
            part[:] = cv2.max(cv2.subtract(part, shown.outline), shown.strokes)

    def _text(self, text: str, *, last: bool) -> _Text:
        """A text for the top left corner, or for the bottom right one."""
        scale = self._spec.width / 640 * 0.5
        pad: Picture = np.zeros((round(60 * scale) + 8, len(text) * round(30 * scale) + 8), np.uint8)
        place = (4, round(40 * scale))
        cv2.putText(pad, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale, 238, max(1, round(scale * 2)), cv2.LINE_AA)
        x, y, width, height = cv2.boundingRect(pad)
        width = min(width, self._spec.width - 2 * self._edge)
        strokes = cv2.copyMakeBorder(pad[y : y + height, x : x + width], 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=0)
        outline = cv2.dilate(strokes, np.ones((3, 3), np.uint8))
        high, wide = strokes.shape[:2]
        left = self._spec.width - self._edge - wide if last else self._edge
        top = self._spec.height - self._edge - high if last else self._edge
        return _Text(
            (left, top, left + wide, top + high),
            cv2.cvtColor(strokes, cv2.COLOR_GRAY2BGR).astype(np.uint8, copy=False),
            cv2.cvtColor(outline, cv2.COLOR_GRAY2BGR).astype(np.uint8, copy=False),
        )
