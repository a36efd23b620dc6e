"""The objective judge of drawn pictures: a detector that was trained on real ones.

Every drawn car and person taller than 40 pixels, mostly visible and whole, is asked for: does the detector find it at
its score threshold (IoU ≥ 0.5, same class), or call it something else? A drawn van is a car to a detector that knows
no vans.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from brain.config.paths import assets, home
from brain.core.types import Detections
from brain.inference.library import Library, resolve
from brain.inference.model import Model, load_model
from brain.sim.instances import Instance
from brain.sim.render import Scene
from brain.sim.spec import SceneSpec

MIN_SCORE = 0.3
MIN_PX = 40
MIN_VISIBLE = 0.8
SAME_IOU = 0.5
JUDGED = {"car": "car", "van": "car", "person": "person"}
"""Drawn class → class that the detector should say."""
MAY_ALSO = {("van", "truck"), ("van", "bus")}
"""What is no mistake although it is not the same word."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge says of a set of pictures.

    Attributes:
        car, person: shares (0–1) found; NaN when none was drawn large enough.
        wrong: share of all judged that is called something else.
        cars, persons: how many were judged.
    """

    car: float
    person: float
    wrong: float
    cars: int
    persons: int


def load_judge(weights: Path) -> Model:
    """The judge from a weights file that the catalogue knows.

    Raises:
        WeightsError: it cannot be read or is unknown.
    """
    return load_model(resolve(str(weights), Library.at(assets(), home())), runtime="onnxruntime")


def judge(model: Model, specs: Iterable[SceneSpec], every_s: float = 3.0) -> Verdict:
    """Judge one picture each ``every_s`` seconds of every spec."""
    found, wrong, asked = {"car": 0, "person": 0}, 0, {"car": 0, "person": 0}
    for spec in specs:
        scene = Scene(spec)
        step = max(1, round(every_s * spec.fps))
        for index in range(step // 2, spec.pictures, step):
            seen = scene.look(index)
            detections = model.detect(seen.picture, min_score=MIN_SCORE)
            for instance in seen.instances:
                if not fit(instance):
                    continue
                word = JUDGED[instance.label]
                asked[word] += 1
                said = called(instance, detections)
                if said == word:
                    found[word] += 1
                elif said is not None and (instance.label, said) not in MAY_ALSO:
                    wrong += 1
    total = sum(asked.values())
    share = {word: found[word] / asked[word] if asked[word] else float("nan") for word in asked}
    return Verdict(
        share["car"], share["person"], wrong / total if total else float("nan"), asked["car"], asked["person"]
    )


def fit(instance: Instance) -> bool:
    """Whether an instance is one that the judge should find."""
    tall = instance.box[3] - instance.box[1]
    return instance.label in JUDGED and tall >= MIN_PX and instance.visible >= MIN_VISIBLE and not instance.cut


def called(instance: Instance, detections: Detections) -> str | None:
    """What the detector calls an instance: the label of the box that covers it best, its own word first."""
    if not len(detections):
        return None
    overlaps = iou(np.array(instance.box, float), detections.xyxy.astype(float))
    good = [index for index in np.argsort(-overlaps) if overlaps[index] >= SAME_IOU]
    labels = [detections.label[index] for index in good]
    if not labels:
        return None
    word = JUDGED[instance.label]
    return word if word in labels else labels[0]


def iou(
    box: np.ndarray[tuple[int, ...], np.dtype[np.float64]], others: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Overlap over union of a box (4) with others (N×4)."""
    low, high = np.maximum(others[:, :2], box[:2]), np.minimum(others[:, 2:], box[2:])
    common = np.prod(np.clip(high - low, 0, None), axis=1)
    areas = np.prod(others[:, 2:] - others[:, :2], axis=1) + np.prod(box[2:] - box[:2])
    found: np.ndarray[tuple[int, ...], np.dtype[np.float64]] = common / (areas - common)
    return found
