"""Labelled pictures in memory, split so that near-duplicates never straddle training and test."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from recipe import UNSURE, Recipe, SetSpec

from brain.core.errors import BrainError, UsageError
from brain.evaluation.images.labelled import LabelledPicture, LabelledSet
from brain.evaluation.images.run import pick, read_labelled
from brain.inference.pictures import read_picture

Picture = NDArray[np.uint8]
KEEP = 512
"""Longer side at which pictures are kept in memory, pixels."""
NEAR_BITS = 56
"""Pictures whose fingerprints differ in no more of 256 bits are near-duplicates."""
UNKNOWN = 255
SURE, MAYBE = 0.5, 0.3
"""A teacher's box is believed from the first score on; between the two nobody knows."""


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """A picture with its labels.

    Attributes:
        spec: the set it is from.
        path: the file.
        size: width and height of the file's picture, pixels.
        picture: H×W×3 BGR, shrunk.
        boxes: N×4 corners as shares of width and height.
        labels: N class numbers, -1 = unsure.
        regions: H×W: 0 nothing, n = class n - 1, 255 unknown; ``None`` for a set of boxes.
    """

    spec: SetSpec
    path: Path
    size: tuple[int, int]
    picture: Picture
    boxes: NDArray[np.float32]
    labels: NDArray[np.int64]
    regions: Picture | None = None


def shrunk(picture: Picture, longest: int = KEEP) -> Picture:
    """So that its longer side is ``longest`` at most."""
    scale = longest / max(picture.shape[:2])
    if scale >= 1:
        return picture
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def load_set(recipe: Recipe, spec: SetSpec, data: Path, found: dict[str, dict[str, Any]]) -> list[Item]:
    """The pictures of a set; what cannot be read is named and left out.

    Args:
        recipe: whose classes count.
        spec: the set.
        data: the folder that holds all sets.
        found: what a teacher found, by path below ``data``.
    """
    labelled = read_labelled(data / spec.folder)
    unknown = sorted(set(spec.classes) - set(labelled.names))
    if unknown:
        raise UsageError(
            f"no class {unknown[0]!r}: the labels have {', '.join(labelled.names)}",
            where=f"{recipe.id}, set {spec.name}",
            remedy="mend `classes` in the recipe",
        )
    numbers = _numbers(recipe, spec, labelled)

    def one(entry: LabelledPicture) -> Item | None:
        try:
            return _item(recipe, spec, entry, numbers, found.get(str(entry.path.relative_to(data))))
        except BrainError as error:
            print(f"left out: {error.line}", flush=True)
            return None

    left_out = _names_in(data / spec.folder / spec.exclude) if spec.exclude else frozenset()
    pictures = [entry for entry in labelled.pictures if entry.path.name not in left_out]
    with ThreadPoolExecutor(2) as pool:
        return [item for item in pool.map(one, pick(pictures, spec.limit)) if item is not None]


def _names_in(path: Path) -> frozenset[str]:
    """File names listed in a file, whatever folder stands before them."""
    if not path.is_file():
        raise UsageError("there is no such list", where=str(path), remedy="mend `exclude` in the recipe")
    return frozenset(Path(line.strip()).name for line in path.read_text("utf-8").splitlines() if line.strip())


def _numbers(recipe: Recipe, spec: SetSpec, labelled: LabelledSet) -> list[int | None]:
    """For each class of the labels ours, -1 for unsure, ``None`` for left out."""
    ours = {name: index for index, name in enumerate(recipe.classes)} | {UNSURE: -1}
    wanted = [spec.classes.get(name) for name in labelled.names]
    return [None if name is None else ours[name] for name in wanted]


def _item(
    recipe: Recipe, spec: SetSpec, entry: LabelledPicture, numbers: list[int | None], seen: dict[str, Any] | None
) -> Item:
    full = read_picture(entry.path)
    height, width = full.shape[:2]
    picture = shrunk(full)
    if recipe.task == "segment":
        regions = _regions(entry, numbers, width, height)
        regions = np.asarray(cv2.resize(regions, picture.shape[1::-1], interpolation=cv2.INTER_NEAREST), np.uint8)
        return Item(
            spec, entry.path, (width, height), picture, np.zeros((0, 4), np.float32), np.zeros(0, np.int64), regions
        )
    true = entry.objects(width, height)
    places = np.array([-2 if number is None else number for number in numbers] or [-2], np.int64)
    labels = places[true.label] if len(true.label) else np.zeros(0, np.int64)
    labels = np.where(true.crowd & (labels >= 0), -1, labels)
    boxes = np.concatenate((true.xywh[:, :2], true.xywh[:, :2] + true.xywh[:, 2:]), 1) / [width, height, width, height]
    keep = labels > -2
    boxes, labels = np.clip(boxes[keep], 0, 1).astype(np.float32), labels[keep]
    if spec.teacher:
        boxes, labels = taught(boxes, labels, recipe, seen or {"boxes": [], "scores": [], "labels": []})
    return Item(spec, entry.path, (width, height), picture, boxes, labels)


def _regions(entry: LabelledPicture, numbers: list[int | None], width: int, height: int) -> Picture:
    regions = np.zeros((height, width), np.uint8)
    true = entry.masks(width, height)
    if true is None:
        if entry.is_labelled and len(entry.objects(width, height).label):
            raise UsageError(
                "has boxes but no regions", where=str(entry.path), remedy="take a set of masks or polygons"
            )
        return regions
    for label, mask in true.masks.items():
        number = numbers[label]
        if number is not None:
            regions[mask] = UNKNOWN if number < 0 else number + 1
    if true.ignored is not None:
        regions[true.ignored] = UNKNOWN
    return regions


def taught(
    boxes: NDArray[np.float32], labels: NDArray[np.int64], recipe: Recipe, seen: dict[str, Any]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Labels and what a teacher found besides: sure boxes count, doubtful ones are unsure."""
    theirs = np.array(seen["boxes"], np.float32).reshape(-1, 4)
    names, scores = seen["labels"], np.array(seen["scores"], np.float32)
    added, numbers = [], []
    for box, score, name in sorted(zip(theirs, scores, names, strict=True), key=lambda row: -row[1]):
        if score < MAYBE or name not in recipe.classes or (len(boxes) and overlaps(boxes, box).max() > 0.5):
            continue
        added.append(box)
        numbers.append(recipe.classes.index(name) if score >= SURE else -1)
    if not added:
        return boxes, labels
    return np.concatenate((boxes, np.array(added))), np.concatenate((labels, np.array(numbers, np.int64)))


def overlaps(boxes: NDArray[np.float32], box: NDArray[np.float32]) -> NDArray[np.float32]:
    """IoU of each box (N×4 corners) with one."""
    low, high = np.maximum(boxes[:, :2], box[:2]), np.minimum(boxes[:, 2:], box[2:])
    inner = np.clip(high - low, 0, None).prod(1)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(1) + (box[2:] - box[:2]).prod()
    return np.asarray(inner / (area - inner + 1e-9), np.float32)


def read_taught(path: Path | None) -> dict[str, dict[str, Any]]:
    """What ``teacher.py`` wrote, by path."""
    if path is None or not path.exists():
        return {}
    rows = (json.loads(line) for line in path.read_text("utf-8").splitlines() if line)
    return {row["picture"]: row for row in rows}


def fingerprint(picture: Picture) -> NDArray[np.bool_]:
    """256 bits of a picture: signs of neighbouring differences of a 17×16 grey thumbnail (difference hash)."""
    grey = cv2.resize(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), (17, 16), interpolation=cv2.INTER_AREA).astype(int)
    return np.asarray(grey[:, 1:] > grey[:, :-1]).reshape(-1)


def near_groups(
    fingerprints: NDArray[np.bool_], limit: int = NEAR_BITS, origins: Sequence[str] | None = None
) -> NDArray[np.intp]:
    """Number of each picture's group: those within ``limit`` bits hang together, however long the chain.

    Args:
        fingerprints: N×256.
        limit: differing bits.
        origins: per picture what it was made from; copies of one picture, turned or sheared, are one group as well.
    """
    packed = np.packbits(fingerprints, axis=1)
    counts = np.array([bin(value).count("1") for value in range(256)], np.uint8)
    parent = np.arange(len(packed))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = int(parent[index])
        return index

    for index in range(len(packed)):
        far = counts[packed[index + 1 :] ^ packed[index]].sum(1, dtype=int)
        for other in np.flatnonzero(far <= limit) + index + 1:
            parent[root(int(other))] = root(index)
    first: dict[str, int] = {}
    for index, origin in enumerate(origins or ()):
        parent[root(index)] = root(first.setdefault(origin, index))
    return np.array([root(index) for index in range(len(packed))], np.intp)


def groups_of(items: Sequence[Item]) -> NDArray[np.intp]:
    """Groups of near-duplicates and of copies of one picture, over all sets."""
    return near_groups(
        np.array([fingerprint(item.picture) for item in items]), origins=[origin(item) for item in items]
    )


def origin(item: Item) -> str:
    """What a picture was made from: labelling sites put ``.rf.`` and a hash behind the name of each copy."""
    return f"{item.spec.folder}/{item.path.name.split('.rf.')[0]}"


def split(recipe: Recipe, items: Sequence[Item]) -> tuple[list[Item], list[Item]]:
    """Training and held-out pictures; whole groups of near-duplicates go to one side, whatever set they are from."""
    group = groups_of(items)
    sizes = np.bincount(group, minlength=len(items))
    fixed = {int(group[index]) for index, item in enumerate(items) if item.spec.role == "train"}
    held = {int(group[index]) for index, item in enumerate(items) if item.spec.role == "held_out"} - fixed
    choosable = [item for item in items if item.spec.role == "split"]
    order = sorted({int(number) for number in group})
    random.Random(recipe.seed).shuffle(order)
    count = 0
    for number in order:
        if number in fixed | held or sizes[number] > recipe.largest_held_out_group:
            continue
        if count + sizes[number] > recipe.held_out_share * len(choosable):
            continue
        held.add(number)
        count += int(sizes[number])
    # What lies near to a picture that must be trained on cannot be held out, and the other way round.
    train = [item for index, item in enumerate(items) if int(group[index]) not in held and item.spec.role != "held_out"]
    test = [item for index, item in enumerate(items) if int(group[index]) in held and item.spec.role != "train"]
    return train, test


def draw_weights(items: Iterable[Item]) -> list[float]:
    """How often each picture is drawn: by its set, and one of many near-duplicates less often."""
    chosen = list(items)
    group = groups_of(chosen)
    sizes = np.bincount(group, minlength=len(chosen))
    return [item.spec.weight / float(sizes[group[index]]) ** 0.5 for index, item in enumerate(chosen)]
