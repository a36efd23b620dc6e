"""The picture while it is painted, with the numbers of the instances if truth is asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from brain.core.types import Picture
from brain.sim.camera import Projector
from brain.sim.climate import Climate, Illumination
from brain.sim.stages.backdrop import Backdrop


@dataclass(slots=True, eq=False)
class Canvas:
    """Everything that a painter needs.

    Attributes:
        image: canvas height × width × 3, painted on.
        clean: the same without anything that moves.
        sunlit: height × width, 255 = in the sun.
        ids: height × width uint16, number of the instance that each pixel shows, 0 = none; ``None`` when not asked.
        own: pixels that each instance would have if nothing stood before it; filled with ``ids``.
        still, projector, climate, light: the stage and its light.
        mirrored: what the wet ground mirrors of the stage, lit (the same size).
        time_s: media time.
        water: how far open water mirrors at each pixel, 0 … 1; ``None`` = there is none.
    """

    image: Picture
    clean: Picture
    sunlit: Picture
    ids: NDArray[np.uint16] | None
    own: dict[int, int]
    still: Backdrop
    projector: Projector
    climate: Climate
    light: Illumination
    mirrored: Picture
    time_s: float
    water: NDArray[np.float32] | None = None

    def flood(self, rect: tuple[int, int, int, int], share: NDArray[np.float32]) -> None:
        """Say how far (0 … 1) open water mirrors within ``rect``; bodies are mirrored there."""
        if self.water is None:
            self.water = np.zeros(self.image.shape[:2], np.float32)
        x1, y1, x2, y2 = rect
        np.maximum(self.water[y1:y2, x1:x2], share, out=self.water[y1:y2, x1:x2])

    def mark(self, rect: tuple[int, int, int, int], mask: NDArray[np.bool_], number: int) -> None:
        """Say that an instance shows where ``mask`` is true within ``rect``; nothing happens when no truth is asked."""
        if self.ids is None:
            return
        x1, y1, x2, y2 = rect
        self.ids[y1:y2, x1:x2][mask] = number
        self.own[number] = self.own.get(number, 0) + int(np.count_nonzero(mask))
