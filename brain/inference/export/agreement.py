"""Whether an export still sees what the original sees: in the reference picture, and in pictures apart. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from brain.core.geometry import iou
from brain.core.regions import region_mask
from brain.core.types import Detections
from brain.inference.cards import Reference, Tolerance

SAME_IOU = 0.5
MASK_SIDE = 128
INT8_TOLERANCE = Tolerance(iou=0.75, score=0.15, unexpected=0.2)
"""Of 8-bit numbers in the reference picture: wide enough for rounding, too narrow for another thing or place."""


@dataclass(frozen=True, slots=True)
class Shared:
    """How much two networks have in common over some pictures: matched parts and all parts of each.

    Parts are boxes of one class with an IoU of 0.5 or more, or, where there are regions, cells of a 128×128 grid.
    """

    both: int = 0
    one: int = 0
    other: int = 0

    def __add__(self, more: Shared) -> Shared:
        return Shared(self.both + more.both, self.one + more.one, self.other + more.other)

    @property
    def share(self) -> float:
        """F1 of one against the other, 0–1; NaN when neither finds anything."""
        total = self.one + self.other
        return 2 * self.both / total if total else float("nan")


def shared(one: Detections, other: Detections) -> Shared:
    """What two networks find alike in one picture; both by their own threshold, highest score first."""
    if one.outlines is not None and other.outlines is not None:
        labels = set(one.label) | set(other.label)
        return sum((_shared_cells(one, other, label) for label in sorted(labels)), Shared())
    free = list(range(len(other)))
    both = 0
    for index, label in enumerate(one.label):
        overlaps = {place: iou(one.box(index), other.box(place)) for place in free if other.label[place] == label}
        best = max(overlaps, key=overlaps.__getitem__, default=None)
        if best is not None and overlaps[best] >= SAME_IOU:
            free.remove(best)
            both += 1
    return Shared(both, len(one), len(other))


def sum_shared(pairs: Iterable[tuple[Detections, Detections]]) -> Shared:
    """``shared`` over many pictures."""
    return sum((shared(one, other) for one, other in pairs), Shared())


def loosened(reference: Reference, score_threshold: float) -> Reference:
    """A reference for 8-bit numbers: only what the card's threshold lets through (all where nothing does), more freely.

    The tolerance of the score shrinks with faint boxes as the recorded one does.
    """
    sure = tuple(box for box in reference.boxes if box.score >= score_threshold)
    boxes = sure or reference.boxes
    threshold = max(reference.threshold, score_threshold) if sure else reference.threshold
    factor = reference.tolerance.score / Tolerance().score
    tolerance = Tolerance(
        iou=INT8_TOLERANCE.iou,
        score=min(INT8_TOLERANCE.score * factor, 0.99),
        unexpected=min(INT8_TOLERANCE.unexpected * factor, 0.99),
    )
    return reference.model_copy(update={"boxes": boxes, "threshold": threshold, "tolerance": tolerance})


def _shared_cells(one: Detections, other: Detections, label: str) -> Shared:
    first, second = (
        region_mask(
            [ring for ring, name in zip(found.outlines or (), found.label, strict=True) if name == label],
            (MASK_SIDE, MASK_SIDE),
        )
        for found in (one, other)
    )
    return Shared(int(np.count_nonzero(first & second)), int(np.count_nonzero(first)), int(np.count_nonzero(second)))
