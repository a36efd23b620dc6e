"""Runs weights over labelled pictures, one at a time, and scores what they find."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from brain.config.settings import Settings
from brain.core.errors import BrainError, ConfigError, UsageError
from brain.core.types import Detections, Picture
from brain.evaluation.images.classes import ClassMatch
from brain.evaluation.images.coco_json import find_coco, read_coco
from brain.evaluation.images.labelled import LabelledPicture, LabelledSet, TrueMasks, TrueObjects
from brain.evaluation.images.masks import Mask, MaskTally
from brain.evaluation.images.scores import MAX_BOXES, ClassFigures, FoundBoxes, TrueBoxes, coco_scores
from brain.evaluation.images.yolo import read_yolo
from brain.inference.pictures import read_picture


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What weights see in one picture.

    Attributes:
        boxes: in pixels of the picture.
        masks: class → H×W; ``None`` where the weights give no masks.
    """

    boxes: Detections
    masks: Mapping[str, Mask] | None = None


Look = Callable[[Picture], Seen]
Progress = Callable[[int, int], None]


class LeftOutClasses(Settings):
    """Classes that only one side has: of the labels (theirs), of the weights (ours)."""

    theirs: tuple[str, ...]
    ours: tuple[str, ...]


class ImageFigures(Settings):
    """All that `brain evaluate images --json` says.

    Attributes:
        images: pictures that were judged.
        negatives: those among them in which nothing of the judged classes is.
        map50, map75, map50_95, by_size, per_class: see ``PictureFigures``.
        iou, iou_per_picture: of masks, see ``MaskFigures``; ``None`` where labels or weights have none.
        left_out: classes that only one side has.
        ms_per_picture: median wall-clock milliseconds of preparing, network and suppression; reading the file not
            counted.
        problems: pictures that were left out, each a line with file and remedy.
    """

    images: int
    negatives: int
    map50: float | None
    map75: float | None
    map50_95: float | None
    by_size: dict[str, float | None]
    per_class: dict[str, ClassFigures]
    iou: float | None
    iou_per_picture: float | None
    left_out: LeftOutClasses
    ms_per_picture: float | None
    problems: tuple[str, ...] = ()


def read_labelled(place: Path) -> LabelledSet:
    """The labelled pictures at a path: a COCO JSON file, a folder that holds one, or a YOLO folder.

    Raises:
        UsageError: nothing of the kind there.
        ConfigError: a file that cannot be read.
    """
    if not place.exists():
        raise UsageError("there is no such folder or file", where=str(place), remedy="check the path")
    file = find_coco(place)
    return read_yolo(place) if file is None else read_coco(file)


def pick(pictures: Sequence[LabelledPicture], limit: int | None) -> Sequence[LabelledPicture]:
    """At most ``limit`` pictures, evenly spread, the same each time."""
    if limit is None or limit >= len(pictures):
        return pictures
    return [pictures[index * len(pictures) // limit] for index in range(limit)]


def evaluate_pictures(
    labelled: LabelledSet,
    look: Look,
    match: ClassMatch,
    *,
    limit: int | None = None,
    progress: Progress = lambda _done, _all: None,
) -> ImageFigures:
    """Figures of what ``look`` sees, held against the labels; a broken picture is named and left out.

    One picture is in memory at a time, and of each only its boxes are kept.

    Args:
        labelled: the set.
        look: sees classes of ``match.names``; others are not counted.
        match: which class is which.
        limit: look at no more pictures than that.
        progress: told how many of how many are done.
    """
    pictures = pick(labelled.pictures, limit)
    collected = _Collected(match)
    problems = list(labelled.problems)
    for number, picture in enumerate(pictures):
        progress(number, len(pictures))
        try:
            collected.add(picture, look)
        except BrainError as error:
            problems.append(error.line)
    progress(len(pictures), len(pictures))
    return collected.figures(labelled, tuple(problems))


@dataclass(slots=True)
class _Collected:
    """Truth and findings of the pictures so far, as small arrays."""

    match: ClassMatch
    true: list[TrueObjects] = field(default_factory=list)
    true_pictures: list[NDArray[np.intp]] = field(default_factory=list)
    found: list[tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.intp]]] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    count: int = 0
    negatives: int = 0
    with_masks: int = 0
    tally: MaskTally = field(init=False)

    def __post_init__(self) -> None:
        self.tally = MaskTally(self.match.names)

    def add(self, picture: LabelledPicture, look: Look) -> None:
        image = read_picture(picture.path)
        height, width = image.shape[:2]
        true = self._ours(picture.objects(width, height))
        begin = time.perf_counter()
        seen = look(image)
        spent = (time.perf_counter() - begin) * 1e3
        regions = None
        if seen.masks is not None:
            regions = picture.masks(width, height)
            if regions is not None:
                self._add_masks(regions, seen.masks)
        # Nothing is counted of a picture before all of it could be read.
        self.true.append(true)
        self.found.append(_best(seen.boxes, self.match.names))
        self.milliseconds.append(spent)
        self.count += 1
        self.negatives += not len(true.label) and not (regions and self._known(regions))
        self.with_masks += regions is not None

    def _ours(self, true: TrueObjects) -> TrueObjects:
        places = np.array([-1 if place is None else place for place in self.match.index], np.intp)
        label = places[true.label] if len(true.label) else true.label
        keep = label >= 0
        return TrueObjects(true.xywh[keep], label[keep], true.crowd[keep], true.area[keep])

    def _known(self, regions: TrueMasks) -> dict[str, Mask]:
        known: dict[str, Mask] = {}
        for label, mask in regions.masks.items():
            place = self.match.index[label]
            if place is not None:
                name = self.match.names[place]
                known[name] = known[name] | mask if name in known else mask
        return known

    def _add_masks(self, regions: TrueMasks, seen: Mapping[str, Mask]) -> None:
        names = self.match.names
        self.tally.add(
            self._known(regions), {name: mask for name, mask in seen.items() if name in names}, regions.ignored
        )

    def figures(self, labelled: LabelledSet, problems: tuple[str, ...]) -> ImageFigures:
        figures = coco_scores(*self._boxes(labelled.has_boxes), self.match.names)
        masks = self.tally.figures()
        per_class = {
            name: item.model_copy(update={"iou": masks.per_class[name]}) for name, item in figures.per_class.items()
        }
        return ImageFigures(
            **figures.model_dump(exclude={"per_class"}),
            per_class=per_class,
            images=self.count,
            negatives=self.negatives,
            iou=masks.iou if self.with_masks else None,
            iou_per_picture=masks.per_picture if self.with_masks else None,
            left_out=LeftOutClasses(theirs=self.match.left_out_theirs, ours=self.match.left_out_ours),
            ms_per_picture=round(statistics.median(self.milliseconds), 2) if self.milliseconds else None,
            problems=problems,
        )

    def _boxes(self, judged: bool) -> tuple[TrueBoxes, FoundBoxes]:
        true = [*self.true, TrueObjects.of([])] if judged else [TrueObjects.of([])]
        found = [*self.found, _best(Detections.empty(), ())] if judged else [_best(Detections.empty(), ())]
        truth = TrueBoxes(
            _numbered([len(item.label) for item in true]),
            np.concatenate([item.xywh for item in true]),
            np.concatenate([item.label for item in true]),
            np.concatenate([item.crowd for item in true]),
            np.concatenate([item.area for item in true]),
        )
        xyxy = np.concatenate([item[0] for item in found]).astype(np.float64)
        xywh = np.concatenate((xyxy[:, :2], xyxy[:, 2:] - xyxy[:, :2]), axis=1)
        scores = np.concatenate([item[1] for item in found]).astype(np.float64)
        labels = np.concatenate([item[2] for item in found])
        return truth, FoundBoxes(_numbered([len(item[1]) for item in found]), xywh, labels, scores)


def _numbered(counts: Sequence[int]) -> NDArray[np.intp]:
    """Each picture's number as often as it has boxes."""
    return np.repeat(np.arange(len(counts), dtype=np.intp), counts)


def _best(boxes: Detections, names: Sequence[str]) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.intp]]:
    """Boxes, scores and class indexes; of each class the 100 best, since COCO counts no more."""
    labels = np.array([names.index(name) if name in names else -1 for name in boxes.label], np.intp)
    kept = [np.zeros(0, np.intp)]
    for label in np.unique(labels[labels >= 0]):
        rows = np.flatnonzero(labels == label)
        kept.append(rows[np.argsort(-boxes.score[rows], kind="stable")[:MAX_BOXES]])
    rows = np.concatenate(kept)
    return boxes.xyxy[rows], boxes.score[rows], labels[rows]


def check_forms(labelled: LabelledSet, gives_masks: bool) -> None:
    """Whether labels and weights speak of the same things.

    Raises:
        ConfigError: the labels are masks alone, the weights give boxes alone.
    """
    if not labelled.has_boxes and not gives_masks:
        first = labelled.pictures[0].path if labelled.pictures else Path()
        raise ConfigError(
            "the labels are masks, these weights give boxes: there is nothing to compare",
            where=str(first.parent),
            remedy="add labels with boxes or polygons (labels/), or name weights that give masks",
        )
