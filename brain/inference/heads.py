"""Heads: the raw outputs of each layout into boxes, scores and class indexes. One small decoder each."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from brain.core.errors import WeightsError
from brain.inference.cards import YOLOX_STRIDES, Card, Layout, Scores
from brain.inference.segment import check_indexes, expected_shape

Array = NDArray[np.float32]
MAX_CANDIDATES = 1000
_LOOSE = 1e-3


class Candidates(NamedTuple):
    """Boxes N×4 ``xyxy`` in input pixels, scores N (0–1), class indexes N; highest score first."""

    boxes: Array
    scores: Array
    classes: NDArray[np.intp]


class Head(Protocol):
    """Turns raw outputs into candidates."""

    def __call__(self, outputs: Sequence[Array], threshold: float, wanted: NDArray[np.bool_] | None) -> Candidates:
        """Candidates whose score is at least ``threshold``.

        Args:
            outputs: as the runtime gives them, in the order of the card's ``output.names``; fit for ``check_outputs``.
            threshold: least score, 0–1.
            wanted: one flag per class of the card, or ``None`` for all.
        """
        ...


def make_head(card: Card) -> Head:
    """The decoder that a card of a layout with boxes declares; ``SegmentHead`` serves ``segment``."""
    makers: dict[Layout, Callable[[Card], Head]] = {
        Layout.YOLOX: YoloxHead,
        Layout.YOLO: YoloHead,
        Layout.YOLO_END2END: End2EndHead,
        Layout.DETR: DetrHead,
    }
    return makers[card.layout](card)


class YoloxHead:
    """YOLOX: offsets to grid cells and log sizes in strides; score = objectness × class (YOLOX paper, section 2)."""

    def __init__(self, card: Card) -> None:
        self._nms_iou = card.nms_iou or 1.0
        self._logits = card.output.scores is Scores.LOGITS
        self._decoded = card.output.decoded
        self._cells, self._strides = yolox_grid(card.input.width, card.input.height)

    def __call__(self, outputs: Sequence[Array], threshold: float, wanted: NDArray[np.bool_] | None) -> Candidates:
        """See ``Head``."""
        raw = outputs[0][0]
        # A class probability is 1 at most, so objectness alone rules out nearly all rows before classes are read.
        rows = np.flatnonzero(raw[:, 4] >= (_logit(threshold) if self._logits else threshold))
        near = raw[rows]
        classes = near[:, 5:].argmax(axis=1)
        best = near[np.arange(len(rows)), classes + 5]
        objectness = near[:, 4]
        scores = _sigmoid(objectness) * _sigmoid(best) if self._logits else objectness * best
        keep = _chosen(scores, classes, threshold, wanted)
        box = near[keep, :4]
        if not self._decoded:
            strides = self._strides[rows[keep], None]
            centre = (box[:, :2] + self._cells[rows[keep]]) * strides
            # exp(20) strides is wider than any input: a broken row must not overflow to infinity.
            box = np.concatenate((centre, np.exp(np.minimum(box[:, 2:], 20)) * strides), axis=1)
        return _suppress(box, scores[keep], classes[keep], self._nms_iou)


class YoloHead:
    """YOLOv8 and YOLO11 raw: one column per anchor, boxes decoded by the network, no objectness."""

    def __init__(self, card: Card) -> None:
        self._nms_iou = card.nms_iou or 1.0
        self._logits = card.output.scores is Scores.LOGITS

    def __call__(self, outputs: Sequence[Array], threshold: float, wanted: NDArray[np.bool_] | None) -> Candidates:
        """See ``Head``."""
        raw = outputs[0][0]
        columns = np.flatnonzero(raw[4:].max(axis=0) >= (_logit(threshold) if self._logits else threshold))
        near = raw[:, columns].T
        classes = near[:, 4:].argmax(axis=1)
        best = near[np.arange(len(columns)), classes + 4]
        scores = _sigmoid(best) if self._logits else best
        keep = _chosen(scores, classes, threshold, wanted)
        return _suppress(near[keep, :4], scores[keep], classes[keep], self._nms_iou)


class End2EndHead:
    """YOLO exported with its own suppression: rows of x1, y1, x2, y2, score, class index."""

    def __init__(self, card: Card) -> None:
        self._card = card

    def __call__(self, outputs: Sequence[Array], threshold: float, wanted: NDArray[np.bool_] | None) -> Candidates:
        """See ``Head``.

        Raises:
            WeightsError: a class index that the card does not list.
        """
        raw = outputs[0][0]
        near = raw[raw[:, 4] >= threshold]
        classes = _indexes(near[:, 5], self._card)
        keep = _chosen(near[:, 4], classes, threshold, wanted)
        return _ordered(near[keep, :4], near[keep, 4], classes[keep])


class DetrHead:
    """RT-DETR and D-FINE: each query has one box (0–1) and one sigmoid score per class; no suppression."""

    def __init__(self, card: Card) -> None:
        self._card = card
        self._size = np.array([card.input.width, card.input.height] * 2, np.float32)
        self._logits = card.output.scores is Scores.LOGITS

    def __call__(self, outputs: Sequence[Array], threshold: float, wanted: NDArray[np.bool_] | None) -> Candidates:
        """See ``Head``.

        Raises:
            WeightsError: a class index that the card does not list.
        """
        if self._card.output.best_only:
            return self._best_only(outputs[0][0], threshold, wanted)
        boxes, marks = (
            (outputs[0][0], outputs[1][0]) if len(outputs) == 2 else (outputs[0][0, :, :4], outputs[0][0, :, 4:])
        )
        classes = marks.argmax(axis=1)
        best = marks[np.arange(len(marks)), classes]
        scores = _sigmoid(best) if self._logits else best
        keep = _chosen(scores, classes, threshold, wanted)
        return _ordered(_corners(boxes[keep]) * self._size, scores[keep], classes[keep])

    def _best_only(self, raw: Array, threshold: float, wanted: NDArray[np.bool_] | None) -> Candidates:
        scores = _sigmoid(raw[:, 4]) if self._logits else raw[:, 4]
        rows = np.flatnonzero(scores >= threshold)
        near, scores = raw[rows], scores[rows]
        classes = _indexes(near[:, 5], self._card)
        keep = _chosen(scores, classes, threshold, wanted)
        return _ordered(_corners(near[keep, :4]) * self._size, scores[keep], classes[keep])


def yolox_grid(width: int, height: int) -> tuple[Array, Array]:
    """Cell x, y (N×2) and stride (N) of each YOLOX row: strides 8, 16, 32, row by row."""
    cells, strides = [], []
    for stride in YOLOX_STRIDES:
        y, x = np.mgrid[0 : height // stride, 0 : width // stride]
        cells.append(np.stack((x, y), axis=-1).reshape(-1, 2))
        strides.append(np.full(x.size, stride))
    return np.concatenate(cells).astype(np.float32), np.concatenate(strides).astype(np.float32)


def check_outputs(card: Card, outputs: Sequence[Array]) -> None:
    """Whether raw outputs can be what the card declares.

    Raises:
        WeightsError: another shape than the layout and the number of classes give, numbers that are not finite, or
            scores outside 0–1 that are declared as probabilities.
    """
    shapes = tuple(output.shape for output in outputs)
    if not _shapes_fit(card, shapes):
        found = " and ".join("×".join(map(str, shape)) for shape in shapes)
        raise WeightsError(
            f"output is {found}, but layout {card.layout} with {len(card.classes)} classes at "
            f"{card.input.width}×{card.input.height} gives {_expected(card)}",
            where=card.file,
            remedy=f"check layout, classes{_MORE if card.layout is Layout.SEGMENT else ''} and input size in the card",
        )
    for name, output in zip(card.output.names, outputs, strict=True):
        if not np.isfinite(output).all():
            raise WeightsError(
                f"output {name!r} holds numbers that are not finite", where=card.file, remedy="export the weights again"
            )
    if card.output.scores is Scores.INDEXES:
        check_indexes(card, outputs[0])
    scores = _score_part(card, outputs)
    if card.output.scores is Scores.PROBABILITIES and (scores.min() < -_LOOSE or scores.max() > 1 + _LOOSE):
        raise WeightsError(
            f"scores run from {scores.min():.3g} to {scores.max():.3g}, but the card says that they are probabilities",
            where=card.file,
            remedy="check output.scores (logits need the sigmoid) and layout in the card",
        )


_MORE = ", output.stride, output.scores"


def _shapes_fit(card: Card, shapes: tuple[tuple[int, ...], ...]) -> bool:
    if card.layout is Layout.SEGMENT:
        return shapes == (expected_shape(card),)
    return _rows_fit(card, shapes)


def _rows_fit(card: Card, shapes: tuple[tuple[int, ...], ...]) -> bool:
    assert card.layout is not Layout.SEGMENT
    count = len(card.classes)
    if any(len(shape) != 3 or shape[0] != 1 or 0 in shape for shape in shapes):
        return False
    _, rows, columns = shapes[0]
    match card.layout:
        case Layout.YOLOX:
            return columns == 5 + count and rows == _yolox_rows(card)
        case Layout.YOLO:
            return rows == 4 + count
        case Layout.YOLO_END2END:
            return columns == 6
        case Layout.DETR:
            if len(shapes) == 1:
                return columns == (6 if card.output.best_only else 4 + count)
            return columns == 4 and shapes[1] == (1, rows, count)


def _expected(card: Card) -> str:
    count = len(card.classes)
    if card.layout is Layout.SEGMENT:
        at = f" at stride {card.output.stride}" + (" of class indexes" if card.output.scores is Scores.INDEXES else "")
        return "×".join(map(str, expected_shape(card))) + at
    match card.layout:
        case Layout.YOLOX:
            return f"1×{_yolox_rows(card)}×{5 + count}"
        case Layout.YOLO:
            return f"1×{4 + count}×N"
        case Layout.YOLO_END2END:
            return "1×N×6"
        case Layout.DETR:
            if card.output.best_only:
                return "1×N×6"
            return f"1×N×4 and 1×N×{count}" if len(card.output.names) == 2 else f"1×N×{4 + count}"


def _yolox_rows(card: Card) -> int:
    return sum((card.input.width // stride) * (card.input.height // stride) for stride in YOLOX_STRIDES)


def _score_part(card: Card, outputs: Sequence[Array]) -> Array:
    match card.layout:
        case Layout.SEGMENT:
            return outputs[0]
        case Layout.YOLOX:
            return outputs[0][..., 4:]
        case Layout.YOLO:
            return outputs[0][:, 4:]
        case Layout.YOLO_END2END:
            return outputs[0][..., 4:5]
        case Layout.DETR if card.output.best_only:
            return outputs[0][..., 4:5]
        case Layout.DETR:
            return outputs[1] if len(outputs) == 2 else outputs[0][..., 4:]


def _indexes(values: Array, card: Card) -> NDArray[np.intp]:
    """Class indexes that a network gives as floats; an index that the card does not list is an error."""
    classes = np.rint(values).astype(np.intp)
    if len(classes) and (classes.min() < 0 or classes.max() >= len(card.classes)):
        wrong = int(classes.max() if classes.max() >= len(card.classes) else classes.min())
        raise WeightsError(
            f"gives class index {wrong}, but the card lists {len(card.classes)} classes",
            where=card.file,
            remedy="check classes and layout in the card",
        )
    return classes


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def _sigmoid(values: Array) -> Array:
    # tanh form: exp(-x) would overflow for very negative logits.
    return np.asarray(0.5 * (1 + np.tanh(0.5 * values)), np.float32)


def _chosen(
    scores: Array, classes: NDArray[np.intp], threshold: float, wanted: NDArray[np.bool_] | None
) -> NDArray[np.bool_]:
    # The best class is taken over all classes before the wish counts, so that a model which several algorithms share
    # says the same of a picture as one of its own.
    keep = scores >= threshold
    return keep if wanted is None else keep & wanted[classes]


def _corners(boxes: Array) -> Array:
    """Centre x, y, width, height → x1, y1, x2, y2."""
    half = boxes[:, 2:] / 2
    return np.concatenate((boxes[:, :2] - half, boxes[:, :2] + half), axis=1)


def _ordered(boxes: Array, scores: Array, classes: NDArray[np.intp]) -> Candidates:
    order = np.argsort(-scores, kind="stable")
    return Candidates(boxes[order], scores[order], classes[order])


def _suppress(centred: Array, scores: Array, classes: NDArray[np.intp], iou: float) -> Candidates:
    """Non-maximum suppression within each class; ``centred`` are centre x, y, width, height."""
    if len(scores) > MAX_CANDIDATES:
        top = np.argpartition(-scores, MAX_CANDIDATES)[:MAX_CANDIDATES]
        centred, scores, classes = centred[top], scores[top], classes[top]
    if not len(scores):
        return Candidates(np.zeros((0, 4), np.float32), scores, classes)
    corner = centred.astype(np.float64)
    corner[:, :2] -= corner[:, 2:] / 2
    # Its stub asks for lists; arrays save the conversion.
    suppress: Any = cv2.dnn.NMSBoxesBatched
    kept = suppress(corner, scores, classes.astype(np.int32), 0.0, iou)
    index = np.asarray(kept, np.intp).reshape(-1)
    return _ordered(_corners(centred[index]), scores[index], classes[index])
