"""A detector that was trained on real pictures finds what is drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from brain.core.types import Detections
from brain.sim.instances import Instance
from brain.sim.judge import called, fit, judge, load_judge
from brain.sim.scenes import scene


def instance(label: str, box: tuple[int, int, int, int], **change: object) -> Instance:
    plain = {"id": 1, "pixels": 900, "visible": 1.0, "cut": False, "ground": (0.0, 0.0), "foot": (0.0, 0.0)}
    return Instance(label=label, box=box, **(plain | change))  # type: ignore[arg-type]


def detections(*found: tuple[str, tuple[float, float, float, float]]) -> Detections:
    boxes = np.array([box for _, box in found], np.float32).reshape(-1, 4)
    return Detections(boxes, np.full(len(found), 0.5, np.float32), tuple(label for label, _ in found))


@pytest.mark.parametrize(
    ("drawn", "found", "said"),
    [
        ("car", [("car", (10, 10, 90, 60))], "car"),
        ("van", [("truck", (10, 10, 90, 60))], "truck"),
        ("car", [("boat", (10, 10, 90, 60)), ("car", (14, 12, 92, 60))], "car"),
        ("car", [("boat", (10, 10, 90, 60))], "boat"),
        ("car", [("car", (60, 10, 150, 60))], None),
        ("car", [], None),
    ],
)
def test_what_an_instance_is_called(
    drawn: str, found: list[tuple[str, tuple[float, float, float, float]]], said: str | None
) -> None:
    assert called(instance(drawn, (10, 10, 90, 60)), detections(*found)) == said


@pytest.mark.parametrize(
    ("change", "asked"),
    [({}, True), ({"visible": 0.7}, False), ({"cut": True}, False), ({"label": "bus"}, False), ({"low": True}, False)],
)
def test_only_large_whole_cars_and_people_are_asked_for(change: dict[str, object], asked: bool) -> None:
    box = (10, 10, 90, 49) if change.pop("low", False) else (10, 10, 90, 60)
    assert fit(instance(str(change.pop("label", "car")), box, **change)) == asked


@pytest.mark.clips
@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_judge_finds_cars_and_people(shared_dir: Path) -> None:
    model = load_judge(shared_dir / "material" / "weights" / "yolox_nano.onnx")
    names = ("parked_car", "queue_at_lights", "crossing_square")
    verdict = judge(model, [scene(name, seed) for name in names for seed in (2000, 2001)], 5.0)
    assert verdict.cars > 20
    assert verdict.persons > 20
    assert verdict.car >= 0.6
    assert verdict.person >= 0.6
    assert verdict.wrong <= 0.05
