"""`brain sim` as a person or a script uses it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from itertools import groupby
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from brain.cli import sim_list
from brain.cli.sim import app
from brain.core.errors import UsageError
from brain.evaluation.truth_file import read_truth
from brain.sim import export, sheet, truth
from brain.sim.export import Recorder
from brain.sim.instances import Seen
from brain.sim.scenes import SCENES, scene
from brain.sim.scenes.kinds import SceneKind
from brain.sim.sheet import PAGES, SheetWish, write_sheets
from brain.sim.topics import NAMES, group, topics

BRAIN = [sys.executable, "-m", "brain.cli.main", "sim"]


def sim(*arguments: object, code: int = 0) -> tuple[str, str]:
    done = subprocess.run([*BRAIN, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == code, done.stderr
    return done.stdout, done.stderr


def test_list_has_every_scene_by_scenario() -> None:
    plain = json.loads(sim("list", "--json")[0])
    rows = plain["scenes"]
    assert {row["name"] for row in rows} == set(SCENES)
    assert len(rows) == len(SCENES)
    assert all(row["zh"] and row["en"] and (row["shows"] or row["confuses"]) for row in rows)
    ids = [one["id"] for one in plain["scenarios"]]
    assert [key for key, _ in groupby(rows, lambda row: row["shows"] or row["confuses"])] == ids
    names = {one["id"]: (one["zh"], one["en"]) for one in plain["scenarios"]}
    assert all(zh and en for zh, en in names.values())
    assert names["left_object"] == ("占道堆物/遗留物", "Left object")


@pytest.mark.parametrize("columns", [80, 30])
def test_list_cuts_nothing(columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    sim_list.command(None, False)
    text = capsys.readouterr().out
    assert "…" not in text
    words = set(text.split())
    assert set(SCENES) <= words
    whole = "".join(text.split())
    for topic in topics():
        assert {topic.id, *topic.en.split()} <= words
        assert topic.zh in text
        assert topic.id in NAMES
    if columns == 80:  # narrower, a text beside a name stands in pieces
        assert all("".join(text.split()) in whole for text in ("合法停车位cars stand in a marked bay", "停满的"))


def test_topics_of_unknown_scenarios_come_last_under_their_ids() -> None:
    def build(_: object) -> None: ...

    kinds = [
        SceneKind("a", "", "", "street", build, confuses="new"),
        SceneKind("b", "", "", "street", build, shows="x"),
    ]
    kinds.append(SceneKind("c", "", "", "street", build, shows="new"))
    found = group(tuple(kinds), {"x": ("甲", "X"), "y": ("乙", "Y")})
    assert [(one.id, one.zh, one.en, [kind.name for kind in one.scenes]) for one in found] == [
        ("x", "甲", "X", ["b"]),
        ("new", "", "new", ["c", "a"]),
    ]


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


def test_a_sheet_has_a_page_a_field_and_fits_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "DRAWN", (320, 180))
    wish = SheetWish(("quiet", "bin_row"), width=160, limit_mb=0.04)
    told: list[tuple[int, int]] = []
    paths = write_sheets(wish, tmp_path / "new" / "sheets", 1, lambda *far: told.append(far))
    assert told == [(1, 2), (2, 2)]
    assert [path.name for path in paths] == ["drawn-trade.jpg", "drawn-cleanliness.jpg"]
    assert sum(path.stat().st_size for path in paths) <= 40_000
    top = 24 + 16
    for path in paths:
        page = cv2.imread(str(path))
        assert page.shape == (top + 90, 2 * 480 + 6, 3)
        assert page[top:, :160].mean() > 2 * page[top:, 160:320].mean()  # day, night


def test_a_sheet_that_cannot_fit_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "DRAWN", (320, 180))
    with pytest.raises(UsageError, match="--limit-mb"):
        write_sheets(SheetWish(("quiet",), width=640, limit_mb=0.01), tmp_path / "sheets", 1, lambda *_: None)
    assert list(tmp_path.iterdir()) == []


def test_every_scenario_is_on_a_page() -> None:
    pages = [name for ids in PAGES.values() for name in ids]
    assert len(pages) == len(set(pages))
    assert {topic.id for topic in topics()} == set(pages)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["render", "lost_property"], "brain sim list"),
        (["render", "parked_cat"], "did you mean parked_car"),
        (["render", "quiet", "--size", "640"], "640x360"),
        (["render", "quiet", "--size", "641x360"], "even"),
        (["render", "quiet", "--seed", "-1"], "0 or more"),
        (["render", "quiet", "--seconds", "nan"], "above 0"),
        (["render", "quiet", "--fps", "0"], "above 0"),
        (["render", "quiet", "--light", "noon"], "overcast"),
        (["render", "quiet", "--weather", "snow"], "rain"),
        (["render", "quiet", "-o", "clip.avi"], ".mp4"),
        (["render", "quiet", "-o", "taken"], "name a file in it"),
        (["render", "quiet", "-o", "no/clip.mp4"], "make the folder first"),
        (["render", "quiet", "--truth", "no/such/truth.yaml"], "no such folder"),
        (["render", "quiet", "--truth", "truth.txt"], ".yaml or"),
        (["render", "quiet", "--yolo", "taken"], "name a new folder"),
        (["render", "quiet", "--masks", "taken/file.txt/masks"], "is a file"),
        (["render", "quiet", "--yolo", "new", "--masks", "taken/../new"], "--yolo and by --masks"),
        (["render", "quiet", "--truth", "y.camera.json"], "name it y.json"),
        (["render", "quiet", "-o", "/proc/x.mp4"], "may not be written"),
        (["render", "quiet", "--truth", "/proc/truth.yaml"], "may not be written"),
        (["sheet", "-o", "sheet.jpg"], "folder for several pages"),
        (["sheet", "-o", "taken/file.txt"], "is a file"),
        (["sheet", "-o", "new", "--width", "100"], "multiple of 16"),
        (["sheet", "-o", "new", "--limit-mb", "nan"], "--limit-mb 1.6"),
        (["sheet", "-o", "new", "--scenes", "quite"], "did you mean quiet"),
        (["dataset", "-o", "new", "--count", "3", "--scenes", ","], "names nothing"),
        (["serve", "--cameras", "0"], "--cameras 16"),
        (["serve", "--scenes", "quite"], "did you mean quiet"),
        (["serve", "--host", "256.1.1.1"], "take another --host"),
        (["list", "--scenario", "parking"], "illegal_parking"),
    ],
)
def test_mistakes_are_named_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file.txt").write_text("keep")
    if arguments[0] == "render" and "-o" not in arguments:
        arguments = [*arguments, "-o", "clip.mp4"]
    result = CliRunner().invoke(app, arguments)
    assert isinstance(result.exception, UsageError), result.output
    assert said in str(result.exception)
    assert result.exception.remedy
    assert [path.relative_to(tmp_path).as_posix() for path in sorted(tmp_path.rglob("*"))] == [
        "taken",
        "taken/file.txt",
    ]


def test_a_port_in_use_is_told_before_anything_is_drawn() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(app, ["serve", "--port", str(port), "--seconds", "3600"])
    assert isinstance(result.exception, UsageError)
    assert "in use" in str(result.exception)


def test_a_render_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    took = Recorder.take

    def full_disk(self: Recorder, index: int, seen: Seen) -> None:
        if index == 2:
            (images,) = tmp_path.glob("yolo/.drawing-*/images")
            (images / "clip-000002.jpg.part").mkdir()
        took(self, index, seen)

    monkeypatch.setattr(Recorder, "take", full_disk)
    options = ["--seconds", "1", "--fps", "5", "--size", "160x90", "-o", str(tmp_path / "clip.mp4")]
    options += ["--yolo", str(tmp_path / "yolo"), "--masks", str(tmp_path / "masks")]
    result = CliRunner().invoke(app, ["render", "quiet", *options])
    assert isinstance(result.exception, UsageError)
    assert "clip-000002.jpg: cannot be written" in str(result.exception)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("there", ["clip.mp4", "truth.yaml", "truth.json", "truth.camera.json"])
def test_what_is_there_is_replaced_only_when_told(tmp_path: Path, there: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(there).write_text("marked by hand")
    result = CliRunner().invoke(app, ["render", "quiet", "-o", "clip.mp4", "--truth", "truth.yaml"])
    assert isinstance(result.exception, UsageError)
    assert str(result.exception).startswith(there)
    assert "--force" in result.exception.remedy
    assert [path.read_text() for path in tmp_path.iterdir()] == ["marked by hand"]


def test_force_leaves_nothing_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("other.json").write_text("[]")
    command = ["render", "quiet", "--seconds", "1", "--fps", "3", "--size", "160x90", "-o", "08:30.mp4", "--force"]
    found = []
    for most, truth_file in ((3, "t.yaml"), (1000, "t.yaml"), (3, "t.yaml"), (1000, "other.yaml")):
        monkeypatch.setattr(export, "MOST_IN_YAML", most)
        result = CliRunner().invoke(app, [*command, "--truth", truth_file])
        assert result.exception is None, result.output
        found.append({path.name for path in tmp_path.iterdir()} - {"08:30.mp4", "t.camera.json", "other.json"})
    assert found == [{"t.json"}, {"t.yaml"}, {"t.json"}, {"t.json", "other.yaml", "other.camera.json"}]


def test_what_a_killed_render_left_does_not_stand_in_the_way(tmp_path: Path) -> None:
    options = ["--size", "160x90", "--fps", "5", "-o", str(tmp_path / "c.mp4"), "--truth", str(tmp_path / "c.yaml")]
    options += ["--yolo", str(tmp_path / "cy"), "--masks", str(tmp_path / "new" / "cm")]
    with subprocess.Popen([*BRAIN, "render", "quiet", "--seconds", "3600", *options]) as killed:
        until = time.monotonic() + 60
        while not list(tmp_path.glob("cy/.drawing-*/labels/*.txt")) and time.monotonic() < until:
            time.sleep(0.02)
        busy = CliRunner().invoke(app, ["render", "quiet", *options])
        killed.kill()
    assert "another process draws into this folder" in str(busy.exception)
    assert {path.name for path in tmp_path.iterdir() if not path.name.startswith(".")} == {"cy", "new"}
    result = CliRunner().invoke(app, ["render", "quiet", "--seconds", "1", *options])
    assert result.exception is None, result.output
    assert {path.name for path in tmp_path.iterdir()} == {"c.mp4", "c.yaml", "c.camera.json", "cy", "new"}
    assert {path.name for path in (tmp_path / "cy").iterdir()} == {"images", "labels", "classes.txt"}
    assert len(list((tmp_path / "new" / "cm").iterdir())) == 6


def test_a_truth_of_very_many_boxes_is_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MOST_IN_YAML", 3)
    options = ["--seconds", "1", "--fps", "5", "--size", "160x90", "-o", str(tmp_path / "clip.mp4")]
    result = CliRunner().invoke(app, ["render", "quiet", *options, "--truth", str(tmp_path / "truth.yaml")])
    assert result.exception is None, result.output
    assert "truth.json" in result.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"clip.mp4", "truth.json", "truth.camera.json"}
    known = read_truth(tmp_path / "truth.json")
    assert known.mistakes == ()
    assert sum(len(track.boxes) for track in known.clips[0].tracks) > 3
