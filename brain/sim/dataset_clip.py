"""Pictures of one clip into a training set, each written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2

from brain.runtime.pool import Tell
from brain.sim.export import coded, put
from brain.sim.instances import Instance, Seen
from brain.sim.render import Scene
from brain.sim.spec import SceneSpec

JPEG_QUALITY = 92
LEAST_PX = 16
LEAST_VISIBLE = 0.1
"""An instance of fewer painted pixels, or of which less shows, gets no label: nobody could mark it."""


@dataclass(frozen=True, slots=True)
class ClipPictures:
    """The pictures that a set takes from one clip: ``part`` is ``train`` or ``val``."""

    spec: SceneSpec
    indices: tuple[int, ...]
    part: str


@dataclass(frozen=True, slots=True)
class ClipOrder:
    """What all clips of a set have in common: its folder, its class names in order, whether masks are wished."""

    folder: str
    classes: tuple[str, ...]
    masks: bool


class ClipWorker:
    """Draws clip after clip; see ``brain.runtime.pool``."""

    def __init__(self, order: ClipOrder) -> None:
        self._folder = Path(order.folder)
        self._numbers = {name: number for number, name in enumerate(order.classes)}
        self._masks = order.masks
        cv2.setNumThreads(1)  # one process a core; more threads would only get into each other's way

    def work(self, job: ClipPictures, tell: Tell) -> int:
        """Writes what is lacking; how many pictures were there already.

        Raises:
            UsageError: a file cannot be written.
        """
        lacking = [index for index in job.indices if not self._label(job, index).exists()]
        there = len(job.indices) - len(lacking)
        if not lacking:
            return there
        scene = Scene(job.spec)
        for number, index in enumerate(lacking, 1):
            self._write(job, index, scene.look(index))
            tell(there + number)
        return there

    def _write(self, job: ClipPictures, index: int, seen: Seen) -> None:
        """The label file comes last: a picture counts as done once it is there."""
        name = _name(job, index)
        picture = coded(".jpg", seen.picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        put(self._folder / "images" / job.part / f"{name}.jpg", picture)
        if self._masks:
            place = self._folder / "instances" / job.part
            put(place / f"{name}.png", coded(".png", seen.numbers, []))
            plain = {"spec": asdict(job.spec), "picture": index, "instances": [asdict(one) for one in seen.instances]}
            put(place / f"{name}.json", (json.dumps(plain, default=str) + "\n").encode())
        put(self._label(job, index), "".join(self._lines(job.spec, seen.instances)).encode())

    def _label(self, job: ClipPictures, index: int) -> Path:
        return self._folder / "labels" / job.part / f"{_name(job, index)}.txt"

    def _lines(self, spec: SceneSpec, instances: Sequence[Instance]) -> list[str]:
        lines = []
        for one in instances:
            if one.label not in self._numbers or one.pixels < LEAST_PX or one.visible < LEAST_VISIBLE:
                continue
            x1, y1, x2, y2 = one.box
            at = ((x1 + x2) / 2 / spec.width, (y1 + y2) / 2 / spec.height)
            size = ((x2 - x1) / spec.width, (y2 - y1) / spec.height)
            lines.append(" ".join([str(self._numbers[one.label]), *(f"{value:.6f}" for value in (*at, *size))]) + "\n")
        return lines


def _name(job: ClipPictures, index: int) -> str:
    spec = job.spec
    return f"{spec.scene}-{spec.seed}-{spec.light}-{spec.weather}-{index:05d}"
