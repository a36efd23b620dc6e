"""Truth into files: the truth file of `brain evaluate`, the camera's calibration, YOLO labels, masks."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from brain.config.settings import ZoneSettings
from brain.core.errors import UsageError
from brain.core.geometry import Box
from brain.evaluation import convert
from brain.evaluation.truth import Light, TruthClip, TruthSet, TruthTrack
from brain.evaluation.truth import TruthEvent as FileEvent
from brain.sim.clips_source import camera_name
from brain.sim.instances import Instance, Seen
from brain.sim.render import Scene
from brain.sim.scenes import kind_of
from brain.sim.spec import SceneSpec
from brain.sim.truth import truth
from brain.sim.unfinished import UnfinishedFolder, clear_left

LIGHT_WORDS: Mapping[str, Light] = {"day": "day", "overcast": "day", "night": "night", "ir": "night"}
LEAST_PX = 4
"""Instances of fewer painted pixels are left out of tracks and labels."""
CAMERA = ".camera"
"""The calibration beside ``F.yaml`` is ``F.camera.json``."""
MOST_IN_YAML = 40_000
JPEG_QUALITY = 95


@dataclass(frozen=True, slots=True)
class Wishes:
    """What to write beside the video; ``None`` = not.

    Attributes:
        truth: YAML (or JSON) file.
        yolo: folder for ``images/``, ``labels/`` and ``classes.txt``.
        masks: folder for one 16-bit PNG a picture and ``instances.jsonl``.
    """

    truth: Path | None = None
    yolo: Path | None = None
    masks: Path | None = None

    @property
    def needs_numbers(self) -> bool:
        """Whether every picture's instances are asked for."""
        return bool(self.truth or self.yolo or self.masks)

    def check(self, clip: Path, *, force: bool = False) -> None:
        """Refuse what could not be written, before anything is drawn.

        Args:
            clip: the video.
            force: files that are there, video and truth, may be replaced.

        Raises:
            UsageError: a file that is there, or a folder that holds something (its class numbers would no longer be
                right), is none, or is asked for twice.
        """
        if self.truth is not None and self.truth.stem.endswith(CAMERA):
            what = f"its name is that of a calibration, which {self.truth.stem}{CAMERA}.json would describe again"
            remedy = f"name it {self.truth.stem.removesuffix(CAMERA) or 'truth'}{self.truth.suffix}"
            raise UsageError(what, where=str(self.truth), remedy=remedy)
        for path in (clip, *self._truth_files):
            if path.is_dir():
                raise UsageError("is a folder", where=str(path), remedy="name another file")
            if path.exists() and not force:
                raise UsageError(
                    "is there already", where=str(path), remedy="name another file, or replace with --force"
                )
        folders = [folder for folder in (self.yolo, self.masks) if folder is not None]
        if len({folder.resolve() for folder in folders}) < len(folders):
            what = "is asked for by --yolo and by --masks"
            raise UsageError(what, where=str(self.yolo), remedy="name a folder for each")
        for folder in folders:
            check_makeable(folder)
            _check_empty(folder)

    @property
    def _truth_files(self) -> tuple[Path, ...]:
        """What the truth may be written to: itself, JSON in its stead, the calibration."""
        if self.truth is None:
            return ()
        return tuple(dict.fromkeys((self.truth, self.truth.with_suffix(".json"), camera_file(self.truth))))

    def clear_stale(self, clip: Path, written: Path) -> None:
        """Take away the truth of the video that was replaced, where the new one went into a file of another ending.

        A JSON file that tells of anything else stays.
        """
        if self.truth is None:
            return
        json_file = self.truth.with_suffix(".json")
        stale = self.truth if written != self.truth else json_file
        if stale != written and (stale == self.truth or _tells_of(stale, clip)):
            with contextlib.suppress(OSError):
                stale.unlink(missing_ok=True)


def camera_file(truth_file: Path) -> Path:
    """Where the calibration that belongs to a truth file lies."""
    return truth_file.with_name(f"{truth_file.stem}{CAMERA}.json")


def _check_empty(folder: Path) -> None:
    """What killed processes left there goes and does not count.

    Raises:
        UsageError: it holds something, or another process draws into it.
    """
    if not folder.is_dir():
        return
    if clear_left(folder):
        what = "another process draws into this folder"
        raise UsageError(what, where=str(folder), remedy="wait for it, or name another")
    if any(folder.iterdir()):
        remedy = "name a new folder; `brain sim dataset` draws many scenes into one"
        raise UsageError("is not empty", where=str(folder), remedy=remedy)


def _tells_of(path: Path, clip: Path) -> bool:
    """Whether a JSON file is the truth of this clip and of no other."""
    try:
        files = [one["file"] for one in json.loads(path.read_text("utf-8"))["clips"]]
        return bool(files) and {(path.parent / file).resolve() for file in files} == {clip.resolve()}
    except (OSError, ValueError, KeyError, TypeError):
        return False


class Recorder:
    """Takes every picture's truth as it is drawn and writes what was wished; folders are filled when all is drawn.

    Raises:
        UsageError: a folder cannot be made.
    """

    def __init__(self, scene: Scene, clip: Path, wishes: Wishes) -> None:
        self._scene = scene
        self._clip = clip
        self._wishes = wishes
        self._tracks: dict[int, tuple[str, list[tuple[int, Box]]]] = {}
        self._classes = sorted({label for entity in scene.cast.entities for label in entity.labels if label})
        self._lines: list[str] = []
        self._stack = ExitStack()
        self._yolo, self._masks = self._open(wishes.yolo), self._open(wishes.masks)

    def _open(self, folder: Path | None) -> UnfinishedFolder | None:
        if folder is None:
            return None
        try:
            return self._stack.enter_context(closing(UnfinishedFolder(folder)))
        except OSError as error:
            self.close()
            what = f"cannot be written: {error.strerror}"
            raise UsageError(what, where=str(folder), remedy="name a folder of yours") from None

    def close(self) -> None:
        """Take away what is not finished."""
        self._stack.close()

    def take(self, index: int, seen: Seen) -> None:
        """One picture's truth.

        Raises:
            UsageError: a file cannot be written.
        """
        large = [instance for instance in seen.instances if instance.pixels >= LEAST_PX]
        for instance in large:
            if instance.label:
                self._tracks.setdefault(instance.id, (instance.label, []))[1].append((index, self._share(instance)))
        name = f"{self._clip.stem}-{index:06d}"
        if self._yolo is not None:
            picture = coded(".jpg", seen.picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
            put(self._yolo.path / "images" / f"{name}.jpg", picture)
            lines = [self._line(instance) for instance in large if instance.label]
            put(self._yolo.path / "labels" / f"{name}.txt", "".join(lines).encode())
        if self._masks is not None:
            put(self._masks.path / f"{name}.png", coded(".png", seen.numbers, []))
            plain = {"picture": index, "file": f"{name}.png", "instances": [asdict(item) for item in seen.instances]}
            self._lines.append(json.dumps(plain) + "\n")

    def finish(self) -> Path | None:
        """Write what is known only at the end; where the truth file is.

        Raises:
            UsageError: a file cannot be written.
        """
        if self._yolo is not None:
            put(self._yolo.path / "classes.txt", "".join(f"{name}\n" for name in self._classes).encode())
        if self._masks is not None:
            put(self._masks.path / "instances.jsonl", "".join(self._lines).encode())
        path = None if self._wishes.truth is None else self._write_truth(self._wishes.truth)
        for folder in (self._yolo, self._masks):
            if folder is not None:
                folder.done()
        return path

    def _write_truth(self, wished: Path) -> Path:
        spec = self._scene.spec
        tracks = tuple(
            TruthTrack(id=number, label=label, boxes=tuple(boxes)) for number, (label, boxes) in self._tracks.items()
        )
        path = write_truth(wished, [truth_clip(spec, self._clip, tracks)])
        camera = json.dumps(asdict(truth(spec).camera), indent=1) + "\n"
        put(camera_file(path), camera.encode())
        self._wishes.clear_stale(self._clip, path)
        return path

    def _share(self, instance: Instance) -> Box:
        spec = self._scene.spec
        x1, y1, x2, y2 = instance.box
        return _rounded((x1 / spec.width, y1 / spec.height, x2 / spec.width, y2 / spec.height))

    def _line(self, instance: Instance) -> str:
        x1, y1, x2, y2 = self._share(instance)
        number = self._classes.index(instance.label)
        return f"{number} {(x1 + x2) / 2:.5f} {(y1 + y2) / 2:.5f} {x2 - x1:.5f} {y2 - y1:.5f}\n"


def truth_clip(spec: SceneSpec, clip: Path, tracks: tuple[TruthTrack, ...] = ()) -> TruthClip:
    """What is known of a drawn clip, for a truth file; tracks only where every picture was looked at."""
    known = truth(spec)
    events = tuple(
        FileEvent(scenario=event.scenario, zone=event.zone, began_s=round(event.began_s, 3),
                  ended_s=None if event.ended_s is None else round(event.ended_s, 3),
                  box=_rounded(event.box), inherited=None)
        for event in known.events
    )  # fmt: skip
    return TruthClip(
        file=str(clip.absolute()), camera=camera_name(spec), site=None,
        duration_s=spec.pictures / float(spec.rate), fps=float(spec.rate), width=spec.width, height=spec.height,
        start=spec.starts, light=LIGHT_WORDS.get(spec.light, "unknown"), labelled=kind_of(spec.scene).looked_for,
        zones=tuple(map(ZoneSettings.of, known.zones)), events=events, tracks=tracks, sha256=None,
    )  # fmt: skip


def write_truth(path: Path, clips: Sequence[TruthClip]) -> Path:
    """Write a truth file for ``brain evaluate``; the clips are named from its folder. Where it is.

    So many boxes that YAML would take minutes to read go into a JSON file of the same name.

    Raises:
        UsageError: it cannot be written.
    """
    boxes = sum(len(track.boxes) for clip in clips for track in clip.tracks)
    path = path if boxes <= MOST_IN_YAML else path.with_suffix(".json")
    folder = path.absolute().parent
    named = tuple(
        clip.model_copy(update={"file": Path(os.path.relpath(clip.file, folder)).as_posix()}) for clip in clips
    )
    convert.write_truth(TruthSet(path.absolute(), "dev", named), path)
    return path


def check_makeable(folder: Path) -> None:
    """Refuse a folder that is none and could not be made, before long work for it.

    Raises:
        UsageError: a file stands in its way, or there is no right to write there.
    """
    there = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    if not there.is_dir():
        raise UsageError("is a file, not a folder", where=str(there), remedy="name another folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise UsageError("may not be written", where=str(there), remedy="name a folder of yours")


def coded(kind: str, image: NDArray[np.uint8] | NDArray[np.uint16], options: Sequence[int]) -> bytes:
    """A picture as the bytes of a file of a kind, e.g. ``.png``."""
    _, data = cv2.imencode(kind, image, options)
    return data.tobytes()


def put(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; its folder is made.

    Raises:
        UsageError: it cannot be written.
    """
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise UsageError(
            f"cannot be written: {error.strerror}", where=str(path), remedy="make room, or name another folder"
        ) from None


def _rounded(box: Box) -> Box:
    x1, y1, x2, y2 = (round(value, 5) for value in box)
    return x1, y1, x2, y2
