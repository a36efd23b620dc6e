"""Truth into files: the truth file of `brain evaluate`, the camera's calibration, YOLO labels, masks."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2

from brain.config.settings import ZoneSettings
from brain.core.errors import UsageError
from brain.core.geometry import Box
from brain.evaluation.formats.own_write import truth_text
from brain.evaluation.truth import Light, TruthClip, TruthSet, TruthTrack
from brain.evaluation.truth import TruthEvent as FileEvent
from brain.sim.instances import Instance, Seen
from brain.sim.render import Scene
from brain.sim.scenes import kind_of
from brain.sim.truth import Truth, truth_of

LIGHT_WORDS: Mapping[str, Light] = {"day": "day", "overcast": "day", "night": "night", "ir": "night"}
LEAST_PX = 4
"""Instances of fewer painted pixels are left out of tracks and labels."""


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


class Recorder:
    """Takes every picture's truth as it is drawn and writes what was wished."""

    def __init__(self, scene: Scene, clip: Path, wishes: Wishes) -> None:
        self._scene = scene
        self._clip = clip
        self._wishes = wishes
        self._tracks: dict[int, tuple[str, list[tuple[int, Box]]]] = {}
        self._classes = sorted({label for entity in scene.cast.entities for label in entity.labels if label})
        self._lines: list[str] = []
        for folder in (wishes.yolo, wishes.masks):
            if folder is not None:
                _make(folder)
        if wishes.yolo is not None:
            _make(wishes.yolo / "images")
            _make(wishes.yolo / "labels")

    def take(self, index: int, seen: Seen) -> None:
        """One picture's truth."""
        large = [instance for instance in seen.instances if instance.pixels >= LEAST_PX]
        for instance in large:
            if instance.label:
                self._tracks.setdefault(instance.id, (instance.label, []))[1].append((index, self._share(instance)))
        name = f"{self._clip.stem}-{index:06d}"
        if self._wishes.yolo is not None:
            cv2.imwrite(str(self._wishes.yolo / "images" / f"{name}.jpg"), seen.picture)
            lines = [self._yolo(instance) for instance in large if instance.label]
            (self._wishes.yolo / "labels" / f"{name}.txt").write_text("".join(lines), "utf-8")
        if self._wishes.masks is not None:
            cv2.imwrite(str(self._wishes.masks / f"{name}.png"), seen.numbers)
            plain = {"picture": index, "file": f"{name}.png", "instances": [asdict(item) for item in seen.instances]}
            self._lines.append(json.dumps(plain) + "\n")

    def finish(self) -> None:
        """Write what is known only at the end."""
        known = truth_of(self._scene.cast)
        if self._wishes.yolo is not None:
            (self._wishes.yolo / "classes.txt").write_text("".join(f"{name}\n" for name in self._classes), "utf-8")
        if self._wishes.masks is not None:
            (self._wishes.masks / "instances.jsonl").write_text("".join(self._lines), "utf-8")
        if self._wishes.truth is not None:
            path = self._wishes.truth
            path.write_text(truth_text(self._set(path, known), path), "utf-8")
            sidecar = path.with_name(f"{path.stem}.camera.json")
            sidecar.write_text(json.dumps(asdict(known.camera), indent=1) + "\n", "utf-8")

    def _set(self, path: Path, known: Truth) -> TruthSet:
        spec = self._scene.spec
        events = tuple(
            FileEvent(scenario=event.scenario, zone=event.zone, began_s=round(event.began_s, 3),
                      ended_s=None if event.ended_s is None else round(event.ended_s, 3),
                      box=_rounded(event.box), inherited=None)
            for event in known.events
        )  # fmt: skip
        zones = tuple(
            ZoneSettings(name=zone.name, kind=zone.kind, polygon=zone.polygon, square_metres=zone.square_metres)
            for zone in known.zones
        )
        tracks = tuple(
            TruthTrack(id=number, label=label, boxes=tuple(boxes)) for number, (label, boxes) in self._tracks.items()
        )
        clip = TruthClip(
            file=str(self._clip.absolute()), camera=f"{spec.scene}-{spec.seed}".replace("_", "-"), site=None,
            duration_s=spec.pictures / float(spec.rate), fps=float(spec.rate), width=spec.width, height=spec.height,
            start=spec.starts, light=LIGHT_WORDS.get(spec.light, "unknown"), labelled=kind_of(spec.scene).looked_for,
            zones=zones, events=events, tracks=tracks, sha256=None,
        )  # fmt: skip
        relative = clip.model_copy(update={"file": _from(path, self._clip)})
        return TruthSet(path.absolute(), "dev", (relative,))

    def _share(self, instance: Instance) -> Box:
        spec = self._scene.spec
        x1, y1, x2, y2 = instance.box
        return _rounded((x1 / spec.width, y1 / spec.height, x2 / spec.width, y2 / spec.height))

    def _yolo(self, instance: Instance) -> str:
        x1, y1, x2, y2 = self._share(instance)
        number = self._classes.index(instance.label)
        return f"{number} {(x1 + x2) / 2:.5f} {(y1 + y2) / 2:.5f} {x2 - x1:.5f} {y2 - y1:.5f}\n"


def _from(path: Path, clip: Path) -> str:
    return Path(os.path.relpath(clip.absolute(), path.absolute().parent)).as_posix()


def _rounded(box: Box) -> Box:
    x1, y1, x2, y2 = (round(value, 5) for value in box)
    return x1, y1, x2, y2


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"cannot make the folder: {error.strerror}", where=str(folder), remedy="name another"
        ) from None
