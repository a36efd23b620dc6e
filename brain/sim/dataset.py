"""Drawn pictures with labels for training: which clips and pictures a set holds, worked out from its arguments."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count as counting
from pathlib import Path

import numpy as np

from brain.core.errors import UsageError
from brain.runtime.pool import Task, run_jobs
from brain.sim.clips import drawing_version
from brain.sim.clips_choice import Choice
from brain.sim.dataset_clip import ClipOrder, ClipPictures, ClipWorker
from brain.sim.draw import stream
from brain.sim.export import put
from brain.sim.spec import SceneSpec
from brain.sim.world import world

MARK = ".drawn-set"
"""In the folder: what the set was asked to be, so that the same arguments go on and others are refused."""
FPS = 10.0
EVERY_S = 5.0
VAL_SHARE = 0.2
MAX_COUNT = 1_000_000


@dataclass(frozen=True, slots=True)
class DatasetWish:
    """What a set is asked to be.

    Attributes:
        choice: scenes, light, weather, seed and size.
        count: pictures.
        every_s: seconds from picture to picture of one clip.
        masks: also a 16-bit PNG of instance numbers and a JSON file of instances a picture.

    Raises:
        UsageError: a figure out of range.
    """

    choice: Choice
    count: int
    every_s: float = EVERY_S
    masks: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MAX_COUNT:
            raise UsageError(f"--count {self.count} is not from 1 to {MAX_COUNT}", remedy="e.g. --count 1000")
        if not 0.1 <= self.every_s <= 3600:
            raise UsageError(f"--every {self.every_s:g} is not from 0.1 to 3600 s", remedy="e.g. --every 5")


@dataclass(frozen=True, slots=True)
class DatasetDone:
    """What a set holds: pictures of each part, class names, how many pictures were there already."""

    train: int
    val: int
    classes: tuple[str, ...]
    kept: int


def plan(wish: DatasetWish) -> tuple[ClipPictures, ...]:
    """All clips of a set with the pictures that are taken from each.

    Each clip has a seed of its own, so that no street stands in both parts. Scenes come in turn, in a new order each
    time round; light and weather are drawn. Few pictures of many scenes come before many of few.
    """
    most = max(1, wish.count // len(wish.choice.names))
    clips: list[ClipPictures] = []
    left = wish.count
    for number in counting():
        spec = wish.choice.spec(number, fps=FPS)
        taken = _taken(spec, wish.every_s)[: min(most, left)]
        clips.append(ClipPictures(spec, taken, _part(spec.seed)))
        left -= len(taken)
        if not left:
            return _both_parts(clips)
    raise AssertionError("unreachable")


def _taken(spec: SceneSpec, every_s: float) -> tuple[int, ...]:
    """Pictures of a clip, ``every_s`` apart from a start that differs by seed, in drawn order."""
    rng = stream(spec.seed, "dataset pictures")
    step = max(1, round(every_s * spec.fps))
    indices = np.arange(int(rng.integers(min(step, spec.pictures))), spec.pictures, step)
    return tuple(int(index) for index in rng.permutation(indices))


def _part(seed: int) -> str:
    return "val" if stream(seed, "dataset part").random() < VAL_SHARE else "train"


def _both_parts(clips: list[ClipPictures]) -> tuple[ClipPictures, ...]:
    """A small set may have fallen into one part as a whole: then its last clip goes to the other."""
    parts = {clip.part for clip in clips}
    if len(parts) == 1 and len(clips) > 1:
        last = clips[-1]
        clips[-1] = ClipPictures(last.spec, last.indices, "train" if last.part == "val" else "val")
    return tuple(clips)


def class_names(clips: Sequence[ClipPictures]) -> tuple[str, ...]:
    """Every label that stands in a cast of these clips, sorted."""
    entities = [entity for clip in clips for entity in world(clip.spec).entities]
    return tuple(sorted({label for entity in entities for label in entity.labels if label}))


def write_dataset(wish: DatasetWish, folder: Path, workers: int, progress: Callable[[int, int], None]) -> DatasetDone:
    """Draw what a set still lacks.

    Args:
        folder: made; one that another call with the same arguments began is gone on with.
        workers: processes.
        progress: told of pictures done and pictures in all.

    Raises:
        UsageError: the folder holds something else, cannot be written, or another process draws into it.
    """
    clips = plan(wish)
    with _alone_in(folder):
        return _draw(wish, folder, clips, workers, progress)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Makes a folder and locks it by itself, so that no file lies in it for that; the system gives it back."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise UsageError(
            f"cannot be used: {error.strerror}", where=str(folder), remedy="name another with -o"
        ) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        what = "another process draws into this folder"
        raise UsageError(what, where=str(folder), remedy="wait for it, or name another with -o") from None
    except OSError:
        pass  # a disk without locks: then nobody can be kept out
    try:
        yield
    finally:
        os.close(handle)


def _draw(
    wish: DatasetWish,
    folder: Path,
    clips: Sequence[ClipPictures],
    workers: int,
    progress: Callable[[int, int], None],
) -> DatasetDone:
    classes = _claim(wish, folder, clips)
    _write_yaml(folder, classes, {clip.part for clip in clips})
    order = ClipOrder(str(folder), classes, wish.masks)
    done, kept = [0.0] * len(clips), 0

    def tell(number: int, far: float) -> None:
        done[number] = far
        progress(round(sum(done)), wish.count)

    def lost(number: int, how: str) -> int:
        spec = clips[number].spec
        raise UsageError(
            f"the process that drew it died ({how})", where=f"{spec.scene}, seed {spec.seed}", remedy="call it again"
        )

    for number, there in run_jobs(Task(ClipWorker, order, clips, lost, tell), workers):
        kept += there
        tell(number, len(clips[number].indices))
    held = {part: sum(len(clip.indices) for clip in clips if clip.part == part) for part in ("train", "val")}
    return DatasetDone(held["train"], held["val"], classes, kept)


def _claim(wish: DatasetWish, folder: Path, clips: Sequence[ClipPictures]) -> tuple[str, ...]:
    """Makes the folder this set's own and gives the class names."""
    mark = folder / MARK
    asked = _asked(wish)
    try:
        if mark.exists():
            known = json.loads(mark.read_text("utf-8"))
            if known.get("asked") == asked:
                return tuple(known["classes"])
            there = known["asked"]
            changed = [
                f"{key}: {there.get(key)} there, {asked[key]} asked for"
                for key in asked
                if there.get(key) != asked[key]
            ]
            raise UsageError(
                f"holds a set of other arguments ({'; '.join(changed)})",
                where=str(folder),
                remedy="name another with -o",
            )
        if any(folder.iterdir()):
            raise UsageError("is not empty and no drawn set", where=str(folder), remedy="name another with -o")
        classes = class_names(clips)
        put(mark, (json.dumps({"asked": asked, "classes": classes}, indent=1) + "\n").encode())
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = getattr(error, "strerror", None) or f"{MARK} in it is damaged"
        raise UsageError(f"cannot be used: {reason}", where=str(folder), remedy="name another with -o") from None
    return classes


def _asked(wish: DatasetWish) -> dict[str, str]:
    """What a set was asked to be, by the names of the options of ``brain sim dataset``."""
    choice = wish.choice
    lists = {"scenes": choice.scenes, "light": choice.lights, "weather": choice.weathers}
    return {
        "seed": str(choice.seed),
        "count": str(wish.count),
        "size": f"{choice.width}x{choice.height}",
        "every": f"{wish.every_s:.12g}",
        "masks": "yes" if wish.masks else "no",
        **{key: ",".join(names) or "all" for key, names in lists.items()},
        "version of the drawing": drawing_version(),
    }


def _write_yaml(folder: Path, classes: Sequence[str], parts: set[str]) -> None:
    lines = ["# Drawn pictures: docs/sim.md says what a figure on them proves, and what not."]
    lines += [f"{part}: images/{part}" for part in ("train", "val") if part in parts]
    lines += ["names:", *(f"  {number}: {name}" for number, name in enumerate(classes)), ""]
    put(folder / "data.yaml", "\n".join(lines).encode())
