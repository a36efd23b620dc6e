"""Labelled pictures, whatever form their labels have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from faster_coco_eval.core import mask as coco_mask
from numpy.typing import NDArray

from brain.evaluation.images.masks import Mask

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})


@dataclass(frozen=True, slots=True, eq=False)
class TrueObjects:
    """What is labelled in one picture.

    Attributes:
        xywh: N×4, left, top, width, height in pixels.
        label: N, index into the set's names.
        crowd: N, many objects under one label.
        area: N, square pixels.
    """

    xywh: NDArray[np.float64]
    label: NDArray[np.intp]
    crowd: NDArray[np.bool_]
    area: NDArray[np.float64]

    @classmethod
    def of(cls, rows: Sequence[tuple[Sequence[float], int, bool, float]]) -> TrueObjects:
        """From rows of box (left, top, width, height), class index, crowd, area."""
        return cls(
            np.array([row[0] for row in rows], np.float64).reshape(-1, 4),
            np.array([row[1] for row in rows], np.intp),
            np.array([row[2] for row in rows], bool),
            np.array([row[3] for row in rows], np.float64),
        )


@dataclass(frozen=True, slots=True, eq=False)
class TrueMasks:
    """Labelled regions of one picture.

    Attributes:
        masks: index into the set's names → H×W; a class without pixels is missing.
        ignored: H×W, pixels that count for nothing; ``None`` = every pixel counts.
    """

    masks: dict[int, Mask]
    ignored: Mask | None = None


class LabelledPicture(Protocol):
    """One picture with its labels, which are read when it is its turn."""

    @property
    def path(self) -> Path:
        """The picture file."""
        ...

    @property
    def is_labelled(self) -> bool:
        """Whether there are labels, be they empty; a picture without is one in which nothing is."""
        ...

    def objects(self, width: int, height: int) -> TrueObjects:
        """The labelled boxes, for a picture of that size as OpenCV decodes it (turned upright by its EXIF rotation).

        Raises:
            ConfigError: labels that cannot be; names file and line.
        """
        ...

    def masks(self, width: int, height: int) -> TrueMasks | None:
        """The labelled regions; ``None`` where the labels are boxes.

        Raises:
            ConfigError: as ``objects``.
        """
        ...


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """A set of labelled pictures.

    Attributes:
        names: classes of the labels.
        pictures: in order of their names.
        has_boxes: the labels give boxes; otherwise masks only.
        problems: what had to be left out already, each a line with file and remedy.
        notes: what a user should know of how the set was read.
    """

    names: tuple[str, ...]
    pictures: tuple[LabelledPicture, ...]
    has_boxes: bool = True
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())


def box_of_points(points: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """Left, top, width and height of the points (N×2)."""
    low, high = points.min(axis=0), points.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])


def fill(shapes: Sequence[Any], width: int, height: int) -> Mask:
    """The region of some shapes, drawn as COCO's own tools do: polygons (flat lists of pixels) or run lengths."""
    mask = np.zeros((height, width), bool)
    for shape in shapes:
        if isinstance(shape, dict):
            rle = coco_mask.frPyObjects(shape, height, width) if isinstance(shape["counts"], list) else shape
            mask |= coco_mask.decode(rle).reshape(height, width) > 0
        else:
            rles = coco_mask.frPyObjects([[float(value) for value in shape]], height, width)
            mask |= coco_mask.decode(coco_mask.merge(rles)).reshape(height, width) > 0
    return mask
