"""Followed objects from files: MOT text (``frame,id,left,top,width,height,conf,…``) and the tracks of a truth file."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from brain.core.errors import BrainError, ConfigError, UsageError
from brain.evaluation.tracks import Tracks
from brain.evaluation.truth import TruthClip, TruthSet

Read = Callable[[], Tracks]
_REMEDY = "a line is: frame,id,left,top,width,height[,conf,…], frames from 1, pixels; mend or delete it"


@dataclass(frozen=True, slots=True)
class Sequences:
    """What is to be compared, and what cannot be.

    Attributes:
        truth, found: recording → boxes in the same unit, the same recordings on both sides.
        problems: recordings that are left out, each a line with file and remedy.
        notes: what a user should know.
    """

    truth: dict[str, Tracks]
    found: dict[str, Tracks]
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def read_mot(path: Path, *, is_truth: bool = False) -> Tracks:
    """A MOT text file, with commas or blanks between the numbers.

    Args:
        path: the file.
        is_truth: the seventh number says whether a box counts (0 = it does not); in a result it is a confidence.

    Raises:
        ConfigError: a file that cannot be read, or a line that cannot be; names the line.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not text"
        raise ConfigError(f"tracks cannot be read: {reason}", where=str(path), remedy="check the path") from None
    rows: list[tuple[int, int, float, float, float, float]] = []
    seen: dict[tuple[int, int], int] = {}
    for number, line in enumerate(lines, 1):
        words = line.replace(",", " ").split()
        if not words:
            continue
        values = _numbers(words, f"{path}:{number}")
        if is_truth and len(values) > 6 and values[6] == 0:
            continue
        row = _row(values, f"{path}:{number}")
        before = seen.setdefault(row[:2], number)
        if before != number:
            raise ConfigError(
                f"object {row[1]} stands twice in picture {row[0]} (first in line {before})",
                where=f"{path}:{number}",
                remedy="keep one of the two, or give the other an id of its own",
            )
        rows.append(row)
    return Tracks.of(rows)


def pair_files(result: Path, truth: Path) -> Sequences:
    """MOT text held against MOT text: two files, or two folders.

    A folder of truth holds ``<name>.txt`` or ``<name>/gt/gt.txt`` as MOTChallenge has it; one of results holds
    ``<name>.txt``, here or in ``data``.

    Raises:
        UsageError: nothing there, or a file for one side and several recordings on the other.
    """
    truths = _truth_files(truth)
    readers = {name: _reader(path, True) for name, path in truths.items()}
    return _pair(result, readers, str(truth))


def pair_truth(result: Path, truth: TruthSet) -> Sequences:
    """MOT text held against the tracks of a truth file; results are named as the clips' files, ``<name>.txt``.

    Raises:
        UsageError: no clip has tracks, or a result file for several clips.
    """
    mistakes = tuple(f"{mistake.where}: {mistake.what}" for mistake in truth.mistakes)
    clips: dict[str, TruthClip] = {}
    for clip in truth.clips:
        name = Path(clip.file).stem
        if clip.tracks and name in clips:
            raise UsageError(
                f"{clips[name].file} and {clip.file} would both have the result {name}.txt",
                where=str(truth.path),
                remedy="give the two clips different names",
            )
        if clip.tracks:
            clips[name] = clip
    if not clips and mistakes:
        return Sequences({}, {}, mistakes)
    if not clips:
        raise UsageError(
            "no clip has tracks in it", where=str(truth.path), remedy="export followed objects (CVAT video), not events"
        )
    paired = _pair(result, {name: _clip_reader(clip, str(truth.path)) for name, clip in clips.items()}, str(truth.path))
    return Sequences(paired.truth, paired.found, (*mistakes, *paired.problems), paired.notes)


def _pair(result: Path, truths: Mapping[str, Read], truth_place: str) -> Sequences:
    if not result.exists():
        raise UsageError("there is no such file or folder", where=str(result), remedy="check the path")
    if result.is_file() and len(truths) > 1:
        raise UsageError(
            f"one file of results for {len(truths)} recordings of truth",
            where=str(result),
            remedy=f"name the folder with a file for each of them, or one truth of {truth_place}",
        )
    paired = Sequences({}, {})
    problems: list[str] = []
    for name, read in truths.items():
        file = result if result.is_file() else _result_file(result, name)
        try:
            true, found = read(), read_mot(file)
        except BrainError as error:
            problems.append(error.line)
            continue
        paired.truth[name], paired.found[name] = true, found
    extra = [] if result.is_file() else sorted(path.stem for path in _texts(result) if path.stem not in truths)
    notes = (f"no truth for {', '.join(extra[:5])}{' …' if len(extra) > 5 else ''}: not judged",) if extra else ()
    return Sequences(paired.truth, paired.found, tuple(problems), notes)


def _truth_files(truth: Path) -> dict[str, Path]:
    if truth.is_file():
        named = truth.parent.parent.name if truth.name == "gt.txt" else ""
        return {named or truth.stem: truth}
    found = {path.parent.parent.name: path for path in sorted(truth.glob("*/gt/gt.txt"))}
    found = found or {path.stem: path for path in sorted(truth.glob("*.txt"))}
    if not found:
        raise UsageError(
            "no truth there", where=str(truth), remedy="name a MOT text file, or a folder of NAME.txt or NAME/gt/gt.txt"
        )
    return found


def _result_file(folder: Path, name: str) -> Path:
    places = (folder / f"{name}.txt", folder / "data" / f"{name}.txt")
    return next((path for path in places if path.is_file()), places[0])


def _texts(folder: Path) -> list[Path]:
    return [*folder.glob("*.txt"), *folder.glob("data/*.txt")]


def _reader(path: Path, is_truth: bool) -> Read:
    return lambda: read_mot(path, is_truth=is_truth)


def _clip_reader(clip: TruthClip, where: str) -> Read:
    def read() -> Tracks:
        if clip.width is None or clip.height is None:
            raise ConfigError(
                f"clip {clip.file}: its width and height are not known, so that tracks have no pixels",
                where=where,
                remedy="give the clip width: and height:",
            )
        width, height = clip.width, clip.height
        return Tracks.of(
            [
                # MOT counts pictures from 1.
                (frame + 1, track.id, x1 * width, y1 * height, (x2 - x1) * width, (y2 - y1) * height)
                for track in clip.tracks
                for frame, (x1, y1, x2, y2) in track.boxes
            ]
        )

    return read


def _numbers(words: list[str], where: str) -> list[float]:
    try:
        values = [float(word) for word in words]
    except ValueError:
        raise ConfigError("a word that is no number", where=where, remedy=_REMEDY) from None
    if len(values) < 6:
        raise ConfigError(f"{len(values)} numbers, at least 6 are needed", where=where, remedy=_REMEDY)
    if not all(map(math.isfinite, values)):
        raise ConfigError("a number that is not finite", where=where, remedy=_REMEDY)
    return values


def _row(values: list[float], where: str) -> tuple[int, int, float, float, float, float]:
    frame, number, left, top, width, height = values[:6]
    if frame != int(frame) or not 1 <= frame < 2**53:
        raise ConfigError(f"picture {frame:g}: pictures are counted 1, 2, 3 …", where=where, remedy=_REMEDY)
    if number != int(number) or not 0 <= number < 2**53:
        raise ConfigError(f"object {number:g} is no id (0, 1, 2 …): was it followed?", where=where, remedy=_REMEDY)
    if width <= 0 or height <= 0:
        raise ConfigError("a box without width or height", where=where, remedy=_REMEDY)
    return int(frame), int(number), left, top, width, height
