"""Labelled pictures in the layout of Ultralytics: ``images/…/a.jpg`` and ``labels/…/a.txt`` (or ``masks/…/a.png``).

A line is ``class cx cy width height`` or, for a region, ``class x1 y1 x2 y2 x3 y3 …``, all as shares 0–1 of width and
height. An empty file, or none, says that nothing is in the picture. Where there is no folder called ``images`` the
labels lie beside the pictures (Darknet).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from brain.core.errors import ConfigError, UsageError
from brain.evaluation.images.labelled import PICTURES, LabelledSet, TrueMasks, TrueObjects, box_of_points, fill
from brain.evaluation.images.names import LISTS, find_names, is_split

# Labelling tools write 1.0000001 for the edge; more than a hundredth of the picture is a mistake.
_SLACK = 0.01
_IGNORED = 255
_SKIPPED = frozenset({"labels", "masks", "annotations"})
_REMEDY = "a line is: class cx cy width height, or class x1 y1 x2 y2 x3 y3 …, as shares 0–1; mend or delete it"


@dataclass(frozen=True, slots=True)
class YoloPicture:
    """One picture of a YOLO folder.

    Attributes:
        path: the picture.
        label_file, mask_file: ``None`` where there is none.
        numbers: class numbers, in the order of the set's names.
    """

    path: Path
    label_file: Path | None
    mask_file: Path | None
    numbers: tuple[int, ...]

    @property
    def is_labelled(self) -> bool:
        """See ``LabelledPicture``."""
        return self.label_file is not None or self.mask_file is not None

    def objects(self, width: int, height: int) -> TrueObjects:
        """See ``LabelledPicture``."""
        size = np.array([width, height], np.float64)
        rows = []
        for label, points in self._lines():
            at = points * size
            rows.append((box_of_points(at), label, False, _area(at)))
        return TrueObjects.of(rows)

    def masks(self, width: int, height: int) -> TrueMasks | None:
        """See ``LabelledPicture``; lines that are boxes have no region, so that their file gives none."""
        if self.mask_file is not None:
            return _read_mask(self.mask_file, self.numbers, width, height)
        lines = self._lines()
        if any(len(points) == 2 for _, points in lines):
            return None
        shapes: dict[int, list[list[float]]] = {}
        for label, points in lines:
            shapes.setdefault(label, []).append((points * [width, height]).ravel().tolist())
        return TrueMasks({label: fill(of_class, width, height) for label, of_class in shapes.items()})

    def _lines(self) -> list[tuple[int, NDArray[np.float64]]]:
        """Class index and points of each line: two corners for a box, else the polygon; each line counts once."""
        if self.label_file is None:
            return []
        try:
            lines = self.label_file.read_text("utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"labels cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8 text'}",
                where=f"{self.label_file}:1",
                remedy="copy or export them again",
            ) from None
        # Exports hold the same line twice now and then; the second object would be a miss that nobody can find.
        unique = {tuple(line.split()): number for number, line in reversed(list(enumerate(lines, 1))) if line.strip()}
        ordered = sorted((number, words) for words, number in unique.items())
        return [_parse(words, self.numbers, f"{self.label_file}:{number}") for number, words in ordered]


def read_yolo(folder: Path) -> LabelledSet:
    """The labelled pictures of a folder (a whole set, or a split of one).

    Raises:
        UsageError: no pictures, no labels, or no class names.
        ConfigError: class names that cannot be read.
    """
    pictures = _pictures(folder)
    if not pictures:
        raise UsageError(
            "no pictures there",
            where=str(folder),
            remedy="name the folder that holds images/ and labels/, or a COCO JSON file",
        )
    names = find_names(folder)
    numbers = tuple(names)
    found = [YoloPicture(path, _labels_of(path), _mask_of(path), numbers) for path in pictures]
    if not any(picture.is_labelled for picture in found):
        example = _instead(pictures[0], "labels", ".txt") or pictures[0].with_suffix(".txt")
        raise UsageError(
            "no labels for any of the pictures",
            where=str(folder),
            remedy=f"labels lie in labels/ as images lie in images/: e.g. {example}",
        )
    return LabelledSet(
        tuple(names.values()),
        tuple(found),
        has_boxes=any(picture.label_file is not None for picture in found),
        problems=tuple(_orphans(found)),
        notes=tuple(_notes(folder, found)),
    )


def _pictures(folder: Path) -> list[Path]:
    every = [
        path
        for path in walk(folder)
        if path.suffix.lower() in PICTURES and not _SKIPPED & set(path.relative_to(folder).parts[:-1])
    ]
    within = [path for path in every if "images" in path.relative_to(folder).parts[:-1]]
    return sorted(within or every)


def walk(folder: Path) -> Iterator[Path]:
    """All files below a folder, links to folders followed, hidden ones left out."""
    seen: set[str] = set()
    for root, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(root)
        if real in seen:  # a link that leads back would never end
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(root, name) for name in sorted(files) if not name.startswith("."))


def _instead(path: Path, folder: str, suffix: str) -> Path | None:
    """The file that belongs to a picture: the last ``images`` of its path replaced; ``None`` without one."""
    parts = path.parts
    places = [place for place, part in enumerate(parts[:-1]) if part == "images"]
    if not places:
        return None
    return Path(*parts[: places[-1]], folder, *parts[places[-1] + 1 :]).with_suffix(suffix)


def _labels_of(path: Path) -> Path | None:
    places = (_instead(path.absolute(), "labels", ".txt"), path.with_suffix(".txt"))
    return next((file for file in places if file is not None and file.is_file()), None)


def _mask_of(path: Path) -> Path | None:
    file = _instead(path.absolute(), "masks", ".png")
    return file if file is not None and file.is_file() else None


def _orphans(pictures: Sequence[YoloPicture]) -> Iterator[str]:
    """Labels without a picture."""
    known = {picture.label_file for picture in pictures}
    for folder in sorted({file.parent for file in known if file is not None}):
        for path in sorted(folder.glob("*.txt")):
            if path not in known and path.name not in LISTS and _holds_labels(path):
                yield ConfigError(
                    "there is no picture for these labels",
                    where=f"{path}:1",
                    remedy="bring the picture, or delete the file",
                ).line


def _holds_labels(path: Path) -> bool:
    """Whether the first line begins with a class number: a read-me or a list of pictures may lie there too."""
    try:
        with path.open("rb") as file:
            words = file.readline(4096).split()
    except OSError:
        return False
    return len(words) >= 5 and words[0].isdigit()


def _notes(folder: Path, pictures: Sequence[YoloPicture]) -> Iterator[str]:
    splits = sorted({part for picture in pictures for part in picture.path.relative_to(folder).parts if is_split(part)})
    if len(splits) > 1:
        yield (
            f"pictures of {', '.join(splits)} are judged together; weights know the pictures they were trained on: "
            f"name one folder, e.g. the one of {splits[-1]}"
        )
    bare = sum(not picture.is_labelled for picture in pictures)
    if bare:
        yield f"{bare} of {len(pictures)} pictures have no label file: they count as pictures in which nothing is"


def _parse(words: tuple[str, ...], numbers: Sequence[int], where: str) -> tuple[int, NDArray[np.float64]]:
    try:
        values = np.array([float(word) for word in words], np.float64)
    except ValueError:
        raise ConfigError("a word that is no number", where=where, remedy=_REMEDY) from None
    if not np.isfinite(values).all():
        raise ConfigError("a number that is not finite", where=where, remedy=_REMEDY)
    if values[0] not in numbers:
        raise ConfigError(
            f"class {words[0]} has no name: there are classes {min(numbers)} to {max(numbers)}",
            where=where,
            remedy="mend the class number, or add its name to data.yaml or classes.txt",
        )
    if len(values) != 5 and (len(values) < 7 or len(values) % 2 == 0):
        raise ConfigError(f"{len(values)} numbers", where=where, remedy=_REMEDY)
    points = values[1:].reshape(-1, 2)
    if len(values) == 5:
        centre, size = points
        if (size <= 0).any():
            raise ConfigError("a box without width or height", where=where, remedy=_REMEDY)
        # The corners may overhang where a centre near the edge was rounded; the four numbers themselves may not.
        _check_shares(points, where)
        points = np.stack((centre - size / 2, centre + size / 2))
    else:
        _check_shares(points, where)
    return numbers.index(int(values[0])), np.clip(points, 0, 1)


def _check_shares(points: NDArray[np.float64], where: str) -> None:
    if points.min() < -_SLACK or points.max() > 1 + _SLACK:
        raise ConfigError(
            f"{points.min() if points.min() < 0 else points.max():g} is no share of the picture",
            where=where,
            remedy=_REMEDY,
        )


def _area(points: NDArray[np.float64]) -> float:
    """Square pixels of a box (two corners) or polygon (shoelace formula)."""
    if len(points) == 2:
        return float(np.prod(points[1] - points[0]))
    x, y = points[:, 0], points[:, 1]
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def _read_mask(path: Path, numbers: Sequence[int], width: int, height: int) -> TrueMasks:
    """A PNG whose pixels are class numbers, 255 = does not count; with one class alone every pixel above 0 is it."""
    try:
        image = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
    except (OSError, cv2.error):
        image = None
    if image is None or image.ndim != 2:
        raise ConfigError(
            "is no grey PNG" if image is None else "has colours: a pixel must be one class number",
            where=str(path),
            remedy="export it as a single-channel PNG whose pixels are class numbers",
        )
    if image.shape != (height, width):
        size = f"{image.shape[1]}×{image.shape[0]}"
        raise ConfigError(f"mask is {size}, picture {width}×{height}", where=str(path), remedy="export it again")
    if len(numbers) == 1:
        return TrueMasks({0: image > 0} if image.any() else {})
    present = set(np.unique(image).tolist())
    strange = sorted(present - set(numbers) - {0, _IGNORED})
    if strange:
        raise ConfigError(f"pixels of class {strange[0]}, which has no name", where=str(path), remedy="add its name")
    masks = {place: image == number for place, number in enumerate(numbers) if number in present}
    return TrueMasks(masks, image == _IGNORED if _IGNORED in present - set(numbers) else None)
