"""Labelled pictures in COCO's JSON form (https://cocodataset.org/#format-data)."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from brain.core.errors import ConfigError, UsageError
from brain.evaluation.images.item_lines import ItemLines
from brain.evaluation.images.labelled import LabelledSet, TrueMasks, TrueObjects, fill
from brain.evaluation.images.masks import Mask

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class CocoPicture:
    """One picture of a COCO file.

    Attributes:
        path: the picture.
        file: the JSON file; lines: where its items stand.
        size: width and height that it says, 0 where it does not.
        entries: place in ``annotations`` and annotation.
        numbers: category id → index into the set's names.
    """

    path: Path
    file: Path
    lines: ItemLines
    size: tuple[int, int]
    entries: tuple[tuple[int, Entry], ...]
    numbers: Mapping[Any, int]

    @property
    def is_labelled(self) -> bool:
        """See ``LabelledPicture``."""
        return bool(self.entries)

    def objects(self, width: int, height: int) -> TrueObjects:
        """See ``LabelledPicture``."""
        self._check_size(width, height)
        rows = []
        for place, entry in self.entries:
            try:
                box = _box(entry)
                rows.append((box, self._label(entry), _is_crowd(entry), _area(entry, box)))
            except _WrongError as error:
                raise _mistake(error, self.lines, place, entry) from None
        return TrueObjects.of(rows)

    def masks(self, width: int, height: int) -> TrueMasks | None:
        """See ``LabelledPicture``; regions of crowds count for nothing."""
        self._check_size(width, height)
        if not all(entry.get("segmentation") for _, entry in self.entries):
            return None
        masks: dict[int, Mask] = {}
        ignored = np.zeros((height, width), bool)
        for place, entry in self.entries:
            try:
                label = self._label(entry)
                region = _region(entry["segmentation"], width, height)
            except _WrongError as error:
                raise _mistake(error, self.lines, place, entry) from None
            if _is_crowd(entry):
                ignored |= region
            else:
                masks[label] = masks[label] | region if label in masks else region
        return TrueMasks(masks, ignored if ignored.any() else None)

    def _check_size(self, width: int, height: int) -> None:
        if not all(self.size) or self.size == (width, height):
            return
        turned = (
            "; its EXIF rotation turns it upright, the labels are for it lying" if self.size == (height, width) else ""
        )
        raise ConfigError(
            f"{self.path.name} is {width}×{height}, the file says {self.size[0]}×{self.size[1]}{turned}",
            where=str(self.file),
            remedy="label the picture at its own size, as it is seen",
        )

    def _label(self, entry: Entry) -> int:
        number = entry.get("category_id")
        if not isinstance(number, int) or number not in self.numbers:
            raise _WrongError(f"category_id {number!r} is not in categories", "mend it, or add it there")
        return self.numbers[number]


def find_coco(place: Path) -> Path | None:
    """The COCO file that a path means: itself, or the one in its folder or ``annotations``; ``None`` = there is none.

    Raises:
        UsageError: several.
    """
    if place.is_file():
        return place
    candidates = sorted((place / "annotations").glob("*.json")) or sorted(place.glob("*.json"))
    boxes = [path for path in candidates if path.name.startswith("instances") or path.name == "_annotations.coco.json"]
    candidates = boxes or candidates
    if len(candidates) > 1:
        shown = ", ".join(path.name for path in candidates[:5])
        raise UsageError(
            f"several files of annotations: {shown}", where=str(place), remedy=f"name one, e.g. {candidates[-1]}"
        )
    return candidates[0] if candidates else None


def read_coco(path: Path) -> LabelledSet:
    """The labelled pictures of a COCO file.

    Raises:
        ConfigError: not JSON (with line), or not of COCO's form.
        UsageError: no pictures in it.
    """
    tree = _load(path)
    lines = ItemLines(path)
    names, numbers = _categories(tree, lines)
    images = _images(tree, lines, path)
    problems: list[str] = []
    entries: dict[Any, list[tuple[int, Entry]]] = {image["id"]: [] for image in images}
    for place, entry in enumerate(tree["annotations"]):
        owner = entry.get("image_id") if isinstance(entry, dict) else None
        if not isinstance(owner, int | str) or owner not in entries:
            wrong = _WrongError(f"image_id {owner!r} is not in images", "mend it, or delete the entry")
            problems.append(_mistake(wrong, lines, place, entry).line)
            continue
        entries[owner].append((place, entry))
    finder = _Finder(path)
    pictures = []
    for number, image in sorted(enumerate(images), key=lambda item: str(item[1]["file_name"])):
        found = finder(image["file_name"])
        if found is None:
            error = ConfigError(
                f"picture {image['file_name']!r} is not there",
                where=lines.where("images", number),
                remedy=f"put it into {finder.usual}",
            )
            problems.append(error.line)
            continue
        pictures.append(CocoPicture(found, path, lines, _size(image), tuple(entries[image["id"]]), numbers))
    return LabelledSet(names, tuple(pictures), problems=tuple(problems))


class _Finder:
    """Where pictures lie: beside the JSON file or its folder, there in ``images``, or in a folder of either."""

    def __init__(self, path: Path) -> None:
        near = [path.parent, path.absolute().parent.parent] if path.parent.name == "annotations" else [path.parent]
        self.usual = near[-1] / "images"
        self._roots = list(_roots(near))

    def __call__(self, name: str) -> Path | None:
        """The picture, or ``None``; Chinese and accented names may be composed otherwise on disk."""
        for number, root in enumerate(self._roots):
            for form in (name, unicodedata.normalize("NFC", name), unicodedata.normalize("NFD", name)):
                path = root / form
                if path.is_file():
                    self._roots.insert(0, self._roots.pop(number))  # its neighbours lie there as well
                    return path
        return None


def _roots(near: Sequence[Path]) -> Iterator[Path]:
    for folder in near:
        for root in (folder, folder / "images"):
            if root.is_dir():
                yield root
                yield from sorted(
                    entry for entry in root.iterdir() if entry.is_dir() and not entry.name.startswith(".")
                )


def _load(path: Path) -> dict[str, Any]:
    try:
        tree = json.loads(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(path), remedy="check the path") from None
    except UnicodeDecodeError:
        raise ConfigError("not UTF-8 text", where=f"{path}:1", remedy="export the annotations again") from None
    except json.JSONDecodeError as error:
        raise ConfigError(f"not JSON: {error.msg}", where=f"{path}:{error.lineno}", remedy="export it again") from None
    except RecursionError:
        raise ConfigError("not COCO: nested too deeply", where=f"{path}:1", remedy="export it again") from None
    keys = ("images", "annotations", "categories")
    for key in keys:
        if not isinstance(tree, dict) or not isinstance(tree.get(key), list):
            raise ConfigError(f"no list {key!r} in it", where=f"{path}:1", remedy=f"COCO's form has {', '.join(keys)}")
    return dict(tree)


def _categories(tree: Entry, lines: ItemLines) -> tuple[tuple[str, ...], dict[Any, int]]:
    names: list[str] = []
    numbers: dict[Any, int] = {}
    for place, entry in enumerate(tree["categories"]):
        known = isinstance(entry, dict) and isinstance(entry.get("id"), int) and isinstance(entry.get("name"), str)
        if not known or entry["id"] in numbers or entry["name"] in names:
            raise ConfigError(
                f"categories[{place}] needs an id and a name of its own",
                where=lines.where("categories", place),
                remedy="mend or delete it",
            )
        numbers[entry["id"]] = len(names)
        names.append(entry["name"])
    return tuple(names), numbers


def _images(tree: Entry, lines: ItemLines, path: Path) -> list[Entry]:
    seen: set[Any] = set()
    for place, entry in enumerate(tree["images"]):
        known = (
            isinstance(entry, dict)
            and isinstance(entry.get("id"), int | str)
            and isinstance(entry.get("file_name"), str)
        )
        if not known or entry["id"] in seen:
            raise ConfigError(
                f"images[{place}] needs an id of its own and a file_name",
                where=lines.where("images", place),
                remedy="mend or delete it",
            )
        seen.add(entry["id"])
    if not tree["images"]:
        raise UsageError("lists no pictures", where=str(path), remedy="export the annotations again")
    return list(tree["images"])


class _WrongError(ValueError):
    """What is wrong with an annotation, and what to do; where it stands is added by those who know."""


def _mistake(error: _WrongError, lines: ItemLines, place: int, entry: Any) -> ConfigError:
    what, remedy = error.args
    number = f" (id {entry['id']})" if isinstance(entry, dict) and "id" in entry else ""
    return ConfigError(f"annotations[{place}]{number}: {what}", where=lines.where("annotations", place), remedy=remedy)


def _size(image: Entry) -> tuple[int, int]:
    width, height = image.get("width"), image.get("height")
    return (width, height) if isinstance(width, int) and isinstance(height, int) else (0, 0)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_crowd(entry: Entry) -> bool:
    return bool(entry.get("iscrowd", 0))


def _box(entry: Entry) -> tuple[float, float, float, float]:
    box = entry.get("bbox")
    if not (isinstance(box, list) and len(box) == 4 and all(map(_is_number, box)) and min(box[2:]) >= 0):
        raise _WrongError("bbox is no box", "write [left, top, width, height] in pixels")
    left, top, width, height = (float(value) for value in box)
    return left, top, width, height


def _area(entry: Entry, box: tuple[float, float, float, float]) -> float:
    area = entry.get("area", box[2] * box[3])
    if not _is_number(area) or area < 0:
        raise _WrongError(f"area {area!r} is none", "write square pixels, or leave it out")
    return float(area)


def _region(shapes: Any, width: int, height: int) -> Mask:
    try:
        if isinstance(shapes, dict) and list(shapes["size"]) != [height, width]:
            raise ValueError("another size")
        listed = [shapes] if isinstance(shapes, dict) else shapes
        if any(isinstance(shape, list) and (len(shape) < 6 or len(shape) % 2) for shape in listed):
            raise ValueError("too few points")
        return fill(listed, width, height)
    except (ValueError, TypeError, KeyError) as error:
        what = f"segmentation is no region ({error})"
        raise _WrongError(what, "write polygons in pixels, or run lengths") from None
