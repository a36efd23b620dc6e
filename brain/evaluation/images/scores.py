"""COCO's average precision of boxes, by faster-coco-eval; pure on arrays.

Average precision (COCO, https://cocodataset.org/#detection-eval): found boxes of a class, best score first, each take
the truth with the largest IoU that is still free; precision is made falling and read at 101 recalls; ``map50`` is its
mean at IoU 0.5, ``map50_95`` over IoU 0.5, 0.55 … 0.95. A crowd (``iscrowd``) or a truth outside the area range counts
for nothing and takes any number of boxes. At most 100 boxes a class and picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from faster_coco_eval import COCO, COCOeval_faster
from numpy.typing import NDArray

from brain.config.settings import Settings

MAX_BOXES = 100
SIZES = ("small", "medium", "large")
_Indexes = NDArray[np.intp]
_Floats = NDArray[np.float64]
_Precision = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class TrueBoxes:
    """Labelled boxes of a set of pictures.

    Attributes:
        picture: N, number of the picture.
        xywh: N×4, left, top, width, height in pixels (as COCO keeps them, so that no IoU changes by rounding).
        label: N, index of the class.
        crowd: N, a crowd: nothing is missed or false in it.
        area: N, square pixels of the object, for the area ranges (a mask's area where there is one).
    """

    picture: _Indexes
    xywh: _Floats
    label: _Indexes
    crowd: NDArray[np.bool_]
    area: _Floats


@dataclass(frozen=True, slots=True, eq=False)
class FoundBoxes:
    """Boxes that a detector found.

    Attributes:
        picture: M, number of the picture.
        xywh: M×4, left, top, width, height in pixels.
        label: M, index of the class.
        score: M; of equal scores within a picture the earlier counts first.
    """

    picture: _Indexes
    xywh: _Floats
    label: _Indexes
    score: _Floats


class ClassFigures(Settings):
    """Figures of one class.

    Attributes:
        map50, map50_95: average precision at IoU 0.5, and over 0.5–0.95; ``None`` where no truth is.
        truth: labelled objects, crowds not counted.
        found: boxes that count, however low their score.
        iou: of masks over the whole set; ``None`` without masks.
    """

    map50: float | None
    map50_95: float | None
    truth: int
    found: int
    iou: float | None = None


class PictureFigures(Settings):
    """Figures over all classes, each a mean over the classes that have truth; ``None`` where no class has any.

    Attributes:
        map50, map75, map50_95: mean average precision at IoU 0.5, at 0.75, and over 0.5–0.95.
        by_size: ``map50_95`` for objects under 32², under 96² and above (square pixels).
        per_class: by name, in the order of the classes.
    """

    map50: float | None
    map75: float | None
    map50_95: float | None
    by_size: dict[str, float | None]
    per_class: dict[str, ClassFigures]


def coco_scores(truth: TrueBoxes, found: FoundBoxes, classes: Sequence[str]) -> PictureFigures:
    """COCO's figures, equal to those of pycocotools.

    Classes are scored one after the other, so that the library's objects exist for one class at a time.

    Args:
        truth: labelled boxes.
        found: the detector's boxes on the same pictures.
        classes: their names; ``label`` of both is an index into it.
    """
    precisions: list[_Precision] = []
    per_class = {}
    for index, name in enumerate(classes):
        true_rows = np.flatnonzero(truth.label == index)
        found_rows = _best_rows(found, index)
        precision = _precision(truth, true_rows, found, found_rows)
        precisions.append(precision)
        per_class[name] = ClassFigures(
            map50=_mean(precision[0, :, 0]),
            map50_95=_mean(precision[:, :, 0]),
            truth=int(np.count_nonzero(~truth.crowd[true_rows])),
            found=len(found_rows),
        )
    every = np.stack(precisions) if precisions else np.full((1, 10, 101, 4), -1.0)
    return PictureFigures(
        map50=_mean(every[:, 0, :, 0]),
        map75=_mean(every[:, 5, :, 0]),
        map50_95=_mean(every[..., 0]),
        by_size={size: _mean(every[..., number]) for number, size in enumerate(SIZES, 1)},
        per_class=per_class,
    )


def _best_rows(found: FoundBoxes, label: int) -> _Indexes:
    """Rows of a class, by picture and falling score, at most 100 a picture."""
    rows = np.flatnonzero(found.label == label)
    rows = rows[np.lexsort((-found.score[rows], found.picture[rows]))]
    pictures = found.picture[rows]
    first = np.searchsorted(pictures, pictures, side="left")
    return rows[np.arange(len(rows)) - first < MAX_BOXES]


def _precision(truth: TrueBoxes, true_rows: _Indexes, found: FoundBoxes, found_rows: _Indexes) -> _Precision:
    """Precision at IoU (10) × recall (101) × area range (all and three sizes); -1 where no truth is."""
    nothing = np.full((10, 101, 1 + len(SIZES)), -1.0)
    if not len(true_rows):
        return nothing
    pictures = np.union1d(truth.picture[true_rows], found.picture[found_rows])
    images = [{"id": int(picture)} for picture in pictures]
    labelled = [
        _box(number, truth.picture[row], truth.xywh[row])
        | {"area": float(truth.area[row]), "iscrowd": int(truth.crowd[row])}
        for number, row in enumerate(true_rows, 1)
    ]
    detected = [
        _box(number, found.picture[row], found.xywh[row])
        | {"area": float(found.xywh[row, 2] * found.xywh[row, 3]), "iscrowd": 0, "score": float(found.score[row])}
        for number, row in enumerate(found_rows, 1)
    ]
    scorer = COCOeval_faster(_coco(images, labelled), _coco(images, detected), iouType="bbox")
    scorer.evaluate()
    scorer.accumulate()
    return np.asarray(scorer.eval["precision"], np.float64).reshape(10, 101, 1, 4, 3)[:, :, 0, :, -1]


def _box(number: int, picture: np.intp, xywh: _Floats) -> dict[str, Any]:
    return {"id": number, "image_id": int(picture), "category_id": 1, "bbox": [float(value) for value in xywh]}


def _coco(images: list[dict[str, Any]], boxes: list[dict[str, Any]]) -> Any:
    return COCO({"images": images, "annotations": boxes, "categories": [{"id": 1, "name": "object"}]})


def _mean(precision: _Precision) -> float | None:
    known = precision[precision > -1]
    return float(known.mean()) if known.size else None
