"""What lies between the light and the file: shake, lens, exposure, infrared, noise, the clock in the picture."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from brain.core.types import Picture
from brain.sim.climate import Climate
from brain.sim.draw import Rect, stream
from brain.sim.paint.lens import LensEffect
from brain.sim.spec import SceneSpec

NOISE_TILES = 4
NOISE_PAD = 48
LENS_SIGMA = 0.55
EXPOSURE_S = 1.2
"""Time constant with which an exposure follows a step of light."""


class Sensor:
    """Turns a canvas into a picture.

    Args:
        margin: pixels drawn beyond each edge, for shake.
        place: name that the camera writes into its pictures.

    Attributes:
        effects: what lies on or before the lens; it does not shake with the scene.
    """

    def __init__(self, spec: SceneSpec, climate: Climate, margin: int, place: str) -> None:
        self.effects: tuple[LensEffect, ...] = ()
        self._spec = spec
        self._climate = climate
        self._margin = margin
        self._noise = Noise(spec, climate.noise, grey=climate.infrared)
        self._clock = Clock(spec, place)
        rng = stream(spec.seed, "shake")
        self._speeds, self._phases = rng.uniform(0.4, 3.0, (2, 2)), rng.uniform(0, 2 * np.pi, (2, 2))
        self._sigma = LENS_SIGMA * max(1.0, spec.width / 640) ** 0.5

    def picture(self, canvas: Picture, index: int, time_s: float) -> Picture:
        """Picture ``index`` from what is drawn; the canvas may be written over."""
        image = self.framed(canvas, time_s)
        for effect in self.effects:
            effect.lay(image, time_s)
        image = cv2.GaussianBlur(image, (0, 0), self._sigma).astype(np.uint8, copy=False)
        if self._climate.infrared:
            grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
            image = cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR).astype(np.uint8, copy=False)
        gain = self.gain(time_s)
        if gain != 1.0:
            image = cv2.LUT(image, gain_table(gain)).astype(np.uint8, copy=False)
        image = self._noise.add(image, index)
        self._clock.write(image, time_s)
        return image

    def framed(self, canvas: Picture, time_s: float) -> Picture:
        """What of the canvas the shaking camera sees, colours interpolated."""
        if not self._margin:
            return canvas
        return self._moved(canvas, time_s, cv2.INTER_LINEAR).astype(np.uint8, copy=False)

    def framed_numbers(self, ids: NDArray[np.uint16], time_s: float) -> NDArray[np.uint16]:
        """The same of instances' numbers, never mixed."""
        if not self._margin:
            return ids
        return self._moved(ids, time_s, cv2.INTER_NEAREST).astype(np.uint16, copy=False)

    def offset(self, time_s: float) -> tuple[float, float]:
        """Canvas pixel (x, y) that lies at the picture's top left pixel."""
        if not self._margin:
            return 0.0, 0.0
        waves = np.sin(2 * np.pi * self._speeds * time_s + self._phases)
        move = self._spec.shake_px * (0.6 * waves[0] + 0.4 * waves[1]) + self._margin
        return float(move[0]), float(move[1])

    def _moved(self, canvas: MatLike, time_s: float, how: int) -> MatLike:
        x, y = self.offset(time_s)
        matrix = np.array([[1.0, 0.0, x], [0.0, 1.0, y]])
        size = (self._spec.width, self._spec.height)
        return cv2.warpAffine(canvas, matrix, size, flags=how | cv2.WARP_INVERSE_MAP)

    def gain(self, time_s: float) -> float:
        """Brightness at a moment, 1 = as drawn: the steps so far, faded when the exposure follows them."""
        gain = 1.0
        for step_s, value in self._spec.light_steps:
            if time_s >= step_s - 1e-9:
                gain = value
                if self._spec.auto_exposure:
                    gain = 1.0 + (value - 1.0) * float(np.exp(-(time_s - step_s) / EXPOSURE_S))
        return round(gain, 3)


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

    def __init__(self, spec: SceneSpec, sigma: float, *, grey: bool = False) -> None:
        rng = stream(spec.seed, "noise")
        self._seed = spec.seed
        self._size = (spec.height, spec.width)
        shape = (spec.height + NOISE_PAD, spec.width + NOISE_PAD)
        tiles = []
        for _ in range(NOISE_TILES):
            luma = rng.standard_normal(shape, np.float32)[..., None] * np.float32(sigma)
            chroma = cv2.GaussianBlur(rng.standard_normal((*shape, 3), np.float32), (0, 0), 0.9)
            noise = np.rint(luma + chroma * np.float32(0 if grey else sigma))
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

    def __init__(self, spec: SceneSpec, place: str) -> None:
        self._spec = spec
        self._edge = max(3, round(10 * spec.width / 640))
        self._shown: tuple[str, _Text] | None = None
        self._name = self._text(f"CAM {spec.seed % 100:02d}  {place}", last=True)

    def write(self, image: Picture, time_s: float) -> None:
        """Write the moment into a picture."""
        moment = self._spec.starts + timedelta(seconds=time_s + 1e-6)
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
