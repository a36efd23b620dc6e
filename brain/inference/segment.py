"""Head of layout ``segment``: class scores per cell into regions with box, score and outline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from brain.core.errors import WeightsError
from brain.core.types import Detections, Outline
from brain.inference.cards import Card, Scores
from brain.inference.contours import GridRegion, Points, grid_regions
from brain.inference.preprocess import Fit

Array = NDArray[np.float32]
MAX_REGIONS = 100
"""Of more than so many regions of one picture the largest count."""
DECIMALS = 4
"""Outlines are kept to a ten-thousandth of the picture: short in a recording, finer than any cell."""
SLACK = 0.1
"""Points of an outline that lie within so many cells of the line without them are left out."""


@dataclass(frozen=True, slots=True)
class _Window:
    """The cells that show the picture, and where it lies in them.

    Attributes:
        rows, columns: the cells whose middle lies in the picture.
        origin, extent: the picture's top left corner, width and height, in cells, from the first of these cells.
    """

    rows: slice
    columns: slice
    origin: tuple[float, float]
    extent: tuple[float, float]


class SegmentHead:
    """Regions of each class: cells whose score reaches the card's ``score_threshold`` and that touch along a side.

    A region's score is the mean of its cells' scores, its box that of its outline. Cells of the padding count for
    nothing. Regions of different classes may overlap where the classes do not exclude each other (``logits``).
    """

    def __init__(self, card: Card) -> None:
        self._card = card

    def __call__(
        self, outputs: Sequence[NDArray[Any]], min_score: float, wanted: NDArray[np.bool_] | None, place: Fit
    ) -> Detections:
        """Regions whose score is at least ``min_score``, highest first, with boxes in pixels of the sample.

        Args:
            outputs: as the runtime gives them; fit for ``check_outputs``.
            min_score: 0–1; lower than the card's threshold changes nothing.
            wanted: one flag per class of the card, or ``None`` for all.
            place: where the sample lies in the input.

        Raises:
            WeightsError: a class index that the card does not list.
        """
        card = self._card
        stride = card.output.stride or 1
        window = _window(place, stride, outputs[0].shape[-2:])
        cells = outputs[0][0][..., window.rows, window.columns]
        found: list[tuple[int, GridRegion]] = []
        for index, name in enumerate(card.classes):
            if name != card.output.background and (wanted is None or wanted[index]):
                values = _scores(cells, index, card)
                found += [(index, region) for region in grid_regions(values, card.score_threshold)]
        found = [(index, region) for index, region in found if region.mean >= min_score]
        found = sorted(found, key=lambda item: -item[1].cells)[:MAX_REGIONS]
        return _detections(sorted(found, key=lambda item: -item[1].mean), card.classes, window, place.sample)


def _window(place: Fit, stride: int, shape: tuple[int, ...]) -> _Window:
    rows, y, height = _span(place.top, place.height, stride, shape[0])
    columns, x, width = _span(place.left, place.width, stride, shape[1])
    return _Window(rows, columns, (x, y), (width, height))


def _span(begin: int, length: int, stride: int, count: int) -> tuple[slice, float, float]:
    """The cells of one direction whose middle lies in the picture, at least one; its begin and length in cells."""
    first = min(int(np.ceil(begin / stride - 0.5)), count - 1)
    last = max(int(np.ceil((begin + length) / stride - 0.5)), first + 1)
    return slice(first, last), begin / stride - first, length / stride


def _scores(cells: NDArray[Any], index: int, card: Card) -> Array:
    """Scores (0–1) of one class, h×w float32."""
    match card.output.scores:
        case Scores.INDEXES:
            check_indexes(card, cells)
            return np.asarray(cells == index, np.float32)
        case Scores.SOFTMAX:
            powers = np.exp(cells - cells.max(axis=0))
            return np.asarray(powers[index] / powers.sum(axis=0), np.float32)
        case Scores.LOGITS:
            # tanh form: exp(-x) would overflow for very negative logits.
            return np.asarray(0.5 * (1 + np.tanh(0.5 * cells[index])), np.float32)
        case Scores.PROBABILITIES:
            return np.asarray(cells[index], np.float32)


def _detections(
    found: Sequence[tuple[int, GridRegion]], classes: Sequence[str], window: _Window, size: tuple[int, int]
) -> Detections:
    boxes: list[NDArray[np.float32]] = []
    scores, labels, outlines = [], [], []
    for index, region in found:
        outline = _outline(region, window)
        if outline:
            low, high = outline[0].min(axis=0), outline[0].max(axis=0)
            boxes.append(np.concatenate((low, high)) * np.array([*size, *size], np.float32))
            scores.append(min(1.0, region.mean))
            labels.append(classes[index])
            outlines.append(outline)
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4), np.array(scores, np.float32), tuple(labels), tuple(outlines)
    )


def _outline(region: GridRegion, window: _Window) -> Outline:
    """Rings as shares of the picture, cut at its edges; none when nothing of the region is left."""
    rings = [_ring(points, window) for points in region.rings]
    if len(rings[0]) < 3:
        return ()
    return tuple(ring for ring in rings if len(ring) > 2)


def _ring(points: Points, window: _Window) -> Array:
    origin, extent = np.array(window.origin), np.array(window.extent)
    inside = np.clip(points, origin, origin + extent)
    few = cv2.approxPolyDP(inside.astype(np.float32)[:, None], SLACK, True)[:, 0]
    shares = np.round(np.clip((few.astype(np.float64) - origin) / extent, 0, 1), DECIMALS)
    if (shares.max(axis=0) <= shares.min(axis=0)).any():
        return np.zeros((0, 2), np.float32)
    return np.asarray(shares[(shares != np.roll(shares, 1, axis=0)).any(axis=1)], np.float32)


def expected_shape(card: Card) -> tuple[int, ...]:
    """Shape of the output that a card of layout ``segment`` declares."""
    stride = card.output.stride or 1
    cells = card.input.height // stride, card.input.width // stride
    return (1, *cells) if card.output.scores is Scores.INDEXES else (1, len(card.classes), *cells)


def check_indexes(card: Card, output: NDArray[Any]) -> None:
    """Whether an output holds indexes of the card's classes.

    Raises:
        WeightsError: a number that is none.
    """
    wrong = output[(output != np.rint(output)) | (output < 0) | (output >= len(card.classes))]
    if wrong.size:
        raise WeightsError(
            f"gives class index {wrong.flat[0]:g}, but the card lists {len(card.classes)} classes",
            where=card.file,
            remedy="check classes (with the one for nothing, see output.background) and output.scores in the card",
        )
