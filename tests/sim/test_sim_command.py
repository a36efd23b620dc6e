"""`brain sim` as a person or a script uses it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from brain.evaluation.truth_file import read_truth
from brain.sim import truth
from brain.sim.scenes import SCENES, scene

BRAIN = [sys.executable, "-m", "brain.cli.main", "sim"]


def sim(*arguments: object, code: int = 0) -> tuple[str, str]:
    done = subprocess.run([*BRAIN, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == code, done.stderr
    return done.stdout, done.stderr


def test_list_names_every_scene() -> None:
    rows = json.loads(sim("list", "--json")[0])["scenes"]
    assert [row["name"] for row in rows] == list(SCENES)
    assert all(row["zh"] and row["en"] and (row["shows"] or row["confuses"]) for row in rows)


def test_render_writes_clip_truth_labels_and_masks(tmp_path: Path) -> None:
    clip, told = tmp_path / "parked.mp4", tmp_path / "truth.yaml"
    options = ("--seconds", 6, "--seed", 4, "--size", "320x180", "--fps", 5, "-o", clip, "--truth", told, "--json")
    out, _ = sim("render", "parked_car", *options, "--yolo", tmp_path / "yolo", "--masks", tmp_path / "masks")
    assert json.loads(out)["pictures"] == 30
    with av.open(str(clip)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 30
    spec = scene("parked_car", 4, seconds=6, fps=5, width=320, height=180)
    known = read_truth(told)
    assert known.mistakes == ()
    (written,) = known.clips
    (event,) = truth(spec).events
    assert (written.width, written.height, written.labelled) == (320, 180, ("illegal_parking",))
    assert written.events[0].began_s == pytest.approx(event.began_s, abs=0.001)
    assert {zone.name for zone in written.zones} == {zone.name for zone in truth(spec).zones}
    camera = json.loads((tmp_path / "truth.camera.json").read_text())
    assert np.array(camera["ground_to_picture"]).shape == (3, 3)
    _check_labels(tmp_path, written.tracks)


def _check_labels(folder: Path, tracks: tuple[object, ...]) -> None:
    lines = (folder / "masks" / "instances.jsonl").read_text().splitlines()
    classes = (folder / "yolo" / "classes.txt").read_text().split()
    assert len(lines) == 30
    assert {"car", "person"} <= set(classes)
    seen = json.loads(lines[12])
    mask = cv2.imread(str(folder / "masks" / seen["file"]), cv2.IMREAD_UNCHANGED)
    assert mask.dtype == np.uint16
    assert set(np.unique(mask)) - {0} == {item["id"] for item in seen["instances"]}
    labels = (folder / "yolo" / "labels" / f"{Path(seen['file']).stem}.txt").read_text().splitlines()
    large = [item for item in seen["instances"] if item["label"] and item["pixels"] >= 4]
    assert len(labels) == len(large) > 0
    for line, item in zip(labels, large, strict=True):
        number, x, y, width, height = (float(value) for value in line.split())
        assert classes[int(number)] == item["label"]
        box = [(x - width / 2) * 320, (y - height / 2) * 180, (x + width / 2) * 320, (y + height / 2) * 180]
        assert box == pytest.approx(item["box"], abs=0.02)
    assert {track.id for track in tracks} >= {item["id"] for item in large}  # type: ignore[attr-defined]


def test_sheet_is_refused_before_long_work(tmp_path: Path) -> None:
    assert "multiple of 32" in sim("sheet", "--width", 100, "-o", tmp_path / "sheet.jpg", code=2)[1]
    assert ".jpg" in sim("sheet", "--width", 160, "-o", tmp_path / "sheet.gif", code=2)[1]


@pytest.mark.full
def test_sheet_shows_every_scene(tmp_path: Path) -> None:
    sim("sheet", "--width", 160, "-o", tmp_path / "sheet.png")
    image = cv2.imread(str(tmp_path / "sheet.png"))
    assert image.shape == (len(SCENES) * (18 + 90), 480, 3)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["lost_property"], "parked_car"),
        (["quiet", "--size", "640"], "640x360"),
        (["quiet", "--size", "641x360"], "even"),
        (["quiet", "--seed", "-1"], "0 or more"),
        (["quiet", "--light", "noon"], "overcast"),
        (["quiet", "--weather", "snow"], "rain"),
        (["quiet", "--truth", "no/such/truth.yaml"], "no such folder"),
    ],
)
def test_mistakes_are_named_with_a_remedy(tmp_path: Path, arguments: list[str], said: str) -> None:
    _, complaint = sim("render", *arguments, "-o", tmp_path / "clip.mp4", code=2)
    assert said in complaint
    assert "Traceback" not in complaint
    assert list(tmp_path.iterdir()) == []
