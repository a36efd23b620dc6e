"""IoU of masks: per class over a whole set, and per picture.

Over the set: pixels that truth and prediction share, summed over all pictures, divided by the sum of those that either
has (as Pascal VOC and Cityscapes count; in a mean of per-picture values a picture with ten pixels would weigh as much
as one with a million). Per picture: the mean over its classes, then over pictures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class MaskFigures:
    """IoU of masks, 0–1; ``None`` where neither side has a pixel.

    Attributes:
        iou: mean over the classes that have pixels in the truth.
        per_picture: mean over pictures of the mean over the classes that either side has in it.
        per_class: over the whole set, by name.
    """

    iou: float | None
    per_picture: float | None
    per_class: dict[str, float | None]


class MaskTally:
    """Counts pixels picture after picture; no mask is kept."""

    def __init__(self, classes: Sequence[str]) -> None:
        self._shared = dict.fromkeys(classes, 0)
        self._either = dict.fromkeys(classes, 0)
        self._true = dict.fromkeys(classes, 0)
        self._pictures: list[float] = []

    def add(self, truth: Mapping[str, Mask], predicted: Mapping[str, Mask], ignored: Mask | None = None) -> None:
        """Counts one picture.

        Args:
            truth: class → H×W; a class that is not there has no pixel.
            predicted: the same, of the same size.
            ignored: H×W, pixels that count for nothing.

        Raises:
            ValueError: masks of different sizes, or of a class that is not counted.
        """
        every = {**truth, **predicted}
        unknown = sorted(every.keys() - self._shared.keys())
        if unknown:
            raise ValueError(f"no such class: {unknown[0]!r}")
        if len({mask.shape for mask in (*truth.values(), *predicted.values())}) > 1:
            raise ValueError("masks of one picture differ in size")
        found = []
        for name, mask in every.items():
            empty = np.zeros(mask.shape, bool)
            true, guess = (side.get(name, empty) for side in (truth, predicted))
            if ignored is not None:
                true, guess = true & ~ignored, guess & ~ignored
            shared, either = int(np.count_nonzero(true & guess)), int(np.count_nonzero(true | guess))
            self._shared[name] += shared
            self._either[name] += either
            self._true[name] += int(np.count_nonzero(true))
            if either:
                found.append(shared / either)
        if found:
            self._pictures.append(sum(found) / len(found))

    def figures(self) -> MaskFigures:
        """What the pictures so far give."""
        per_class = {name: self._shared[name] / either if either else None for name, either in self._either.items()}
        labelled = [share for name, share in per_class.items() if share is not None and self._true[name]]
        return MaskFigures(_mean(labelled), _mean(self._pictures), per_class)


def mean_iou(
    truth: Iterable[Mapping[str, Mask]], predicted: Iterable[Mapping[str, Mask]], classes: Sequence[str]
) -> MaskFigures:
    """IoU of a set of pictures, one mapping of class → H×W mask a picture on each side.

    Raises:
        ValueError: as ``MaskTally.add``, or sides of different length.
    """
    tally = MaskTally(classes)
    for true, guess in zip(truth, predicted, strict=True):
        tally.add(true, guess)
    return tally.figures()


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
