"""Pictures into network inputs, and boxes back."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from brain.core.types import Picture
from brain.inference.cards import Colour, InputSpec, PaddingMode, Scale

Tensor = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Fit:
    """Where a picture lies in the network's input.

    Attributes:
        sample: width and height of the picture in pixels.
        left, top: free pixels before it.
        width, height: its size in the input.
    """

    sample: tuple[int, int]
    left: int
    top: int
    width: int
    height: int

    def to_sample(self, boxes: Tensor) -> Tensor:
        """Boxes N×4 ``xyxy`` from input pixels to pixels of the sample, cut at its edges."""
        sample_width, sample_height = self.sample
        by = np.array([sample_width / self.width, sample_height / self.height] * 2, np.float32)
        moved = (boxes - np.array([self.left, self.top] * 2, np.float32)) * by
        limit = np.array([sample_width, sample_height] * 2, np.float32)
        return np.clip(moved, 0, limit, out=moved)


def fit(sample: tuple[int, int], spec: InputSpec) -> Fit:
    """How a picture of ``sample`` width and height is placed, by the card's padding mode."""
    width, height = sample
    if spec.padding.mode is PaddingMode.STRETCH:
        return Fit(sample, 0, 0, spec.width, spec.height)
    ratio = min(spec.width / width, spec.height / height)
    new_width = min(spec.width, max(1, round(width * ratio)))
    new_height = min(spec.height, max(1, round(height * ratio)))
    if spec.padding.mode is PaddingMode.TOP_LEFT:
        return Fit(sample, 0, 0, new_width, new_height)
    return Fit(sample, (spec.width - new_width) // 2, (spec.height - new_height) // 2, new_width, new_height)


class Preprocessor:
    """Fills one input buffer over and over; the free border is written only when the sample's size changes.

    Not for several threads at once; the result is valid until the next call.
    """

    def __init__(self, spec: InputSpec) -> None:
        self._spec = spec
        self._planes = (0, 1, 2) if spec.colour is Colour.BGR else (2, 1, 0)
        factor = 1.0 if spec.scale is Scale.NONE else 1 / 255
        mean = spec.mean or (0.0, 0.0, 0.0)
        std = spec.std or (1.0, 1.0, 1.0)
        self._factor = tuple(np.float32(factor / s) for s in std)
        self._offset = tuple(np.float32(-m / s) for m, s in zip(mean, std, strict=True))
        self._buffer: Tensor = np.empty((1, 3, spec.height, spec.width), np.float32)
        self._fit: Fit | None = None

    def __call__(self, image: Picture) -> tuple[Tensor, Fit]:
        """1×3×height×width float32 of a picture (H×W×3 uint8 BGR), and where the picture lies in it.

        Raises:
            ValueError: not a picture of that form.
        """
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or 0 in image.shape:
            raise ValueError(f"picture must be H×W×3 uint8, not {image.shape} {image.dtype}")
        place = self._place((image.shape[1], image.shape[0]))
        small = image
        if (place.width, place.height) != place.sample:
            small = np.asarray(cv2.resize(image, (place.width, place.height), interpolation=cv2.INTER_LINEAR), np.uint8)
        rows = slice(place.top, place.top + place.height)
        columns = slice(place.left, place.left + place.width)
        # Split first: copying a strided plane costs more than OpenCV's split and a copy of whole rows.
        split = cv2.split(small)
        for plane, source in enumerate(self._planes):
            target = self._buffer[0, plane, rows, columns]
            if self._factor[plane] == 1:
                target[...] = split[source]
            else:
                np.multiply(split[source], self._factor[plane], out=target)
            if self._offset[plane]:
                target += self._offset[plane]
        return self._buffer, place

    def _place(self, size: tuple[int, int]) -> Fit:
        if self._fit is None or self._fit.sample != size:
            self._fit = fit(size, self._spec)
            for plane in range(3):
                grey = np.float32(self._spec.padding.value) * self._factor[plane] + self._offset[plane]
                self._buffer[0, plane] = grey
        return self._fit
