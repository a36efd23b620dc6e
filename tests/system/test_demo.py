"""The demo: from nothing to a first case, through the same processes as `brain run`."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import av
import pytest

from brain.demo.cameras import CAMERAS, DemoCamera, cameras_at_hand
from brain.demo.folder import MARK, demo_folder

from .harness import children_of, is_alive, wait_until

KEYS = [
    "cameras",
    "workers",
    "samples",
    "samples_due",
    "skipped",
    "events",
    "cases_opened",
    "cases_closed",
    "delivered",
    "desk_received",
    "desk_duplicates",
]


def demo(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The demo in a folder, with a cache and weights of its own in ``home`` beside it."""
    command = [sys.executable, "-m", "brain.cli.main", "demo", *arguments]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=200, env=environment(folder)
    )


def environment(folder: Path) -> dict[str, str]:
    return os.environ | {"BRAIN_HOME": str(home(folder))}


def home(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}-home")


def check(done: subprocess.CompletedProcess[str], cameras: Sequence[DemoCamera]) -> None:
    """The summary agrees with what these cameras show."""
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout.splitlines()[-1])
    alarming = {camera.id for camera in cameras if camera.alarms}
    clearing = {camera.id for camera in cameras if camera.clears}
    assert list(summary) == KEYS
    assert summary["cameras"] == len(cameras)
    assert summary["samples"] >= 0.9 * summary["samples_due"] > 0
    assert summary["samples"] + sum(summary["skipped"].values()) <= summary["samples_due"]
    messages = 2 * len(alarming) + len(clearing)
    assert [summary[key] for key in KEYS[5:]] == [len(alarming)] * 2 + [len(clearing), messages, messages, 0]
    assert {camera.id for camera in cameras if f"{camera.id}/" in done.stderr} == alarming


@pytest.mark.slow
def test_cases_open_are_delivered_with_picture_and_clip_and_close(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = time.monotonic()
    done = demo(tmp_path, "--json")
    print(f"demo took {time.monotonic() - began:.1f} s")
    monkeypatch.setenv("BRAIN_HOME", str(home(tmp_path)))
    cameras = cameras_at_hand()
    assert {"left-object", "overcast"} <= {camera.id for camera in cameras if camera.clears}
    check(done, cameras)
    opened, closed = (sum(getattr(camera, what) for camera in cameras) for what in ("alarms", "clears"))
    desk = tmp_path / "brain-demo" / "desk"
    kinds: dict[str, list[dict[str, str]]] = {}
    for line in (desk / "received.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        message = json.loads((desk / "messages" / f"{entry['id']}.json").read_text("utf-8"))
        kinds.setdefault(entry["type"], []).extend(message["data"]["evidence"])
    assert sorted(item["kind"] for item in kinds["case.opened"]) == ["picture"] * opened + ["picture_marked"] * opened
    assert [item["kind"] for item in kinds["case.updated"]] == ["clip"] * opened
    assert [item["kind"] for item in kinds["case.closed"]] == ["clear_picture"] * closed
    for item in (item for items in kinds.values() for item in items):
        (kept,) = (desk / "files").glob(f"{item['sha256']}.*")
        assert hashlib.sha256(kept.read_bytes()).hexdigest() == item["sha256"]
    clips = list((desk / "files").glob("*.mp4"))
    assert len(clips) == opened
    for clip in clips:
        with av.open(io.BytesIO(clip.read_bytes())) as container:
            assert sum(1 for _ in container.decode(video=0)) >= 8
    assert "proof: " in done.stderr


@pytest.mark.slow
@pytest.mark.clips
def test_with_weights_at_hand_parking_and_a_crowd_are_found_too(tmp_path: Path, shared_dir: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    weights = shared_dir / "material" / "weights" / "yolox_nano.onnx"
    add = [sys.executable, "-m", "brain.cli.main", "models", "add", str(weights)]
    subprocess.run(add, cwd=folder, capture_output=True, check=True, timeout=100, env=environment(folder))
    check(demo(folder, "--json"), CAMERAS)


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    done = demo(tmp_path, "--dir", ".")
    assert done.returncode == 1
    assert "name another with --dir" in done.stderr
    assert (tmp_path / "mine.txt").read_text() == "keep"


def test_a_second_demo_in_one_folder_is_refused_and_the_first_keeps_its_files(tmp_path: Path) -> None:
    with demo_folder(tmp_path / "brain-demo"):
        (tmp_path / "brain-demo" / "mine.txt").write_text("keep")
        done = demo(tmp_path)
        assert (done.returncode, (tmp_path / "brain-demo" / "mine.txt").exists()) == (1, True)
        assert "a demo already runs" in done.stderr
    with demo_folder(tmp_path / "brain-demo"):  # the next one begins with nothing
        assert [path.name for path in (tmp_path / "brain-demo").iterdir()] == [MARK]


@pytest.mark.parametrize("seconds", ["-1", "nan", "1e9", "many"])
def test_wrong_seconds(tmp_path: Path, seconds: str) -> None:
    done = demo(tmp_path, "--seconds", seconds)
    assert done.returncode == 2
    assert "--seconds" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGTERM, marks=pytest.mark.full),
        pytest.param(signal.SIGHUP, marks=pytest.mark.full),
        signal.SIGKILL,
    ],
)
def test_nothing_is_left_running_when_the_demo_is_ended(tmp_path: Path, number: int) -> None:
    command = [sys.executable, "-m", "brain.cli.main", "demo"]
    with (tmp_path / "demo.log").open("w") as log:
        running = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log, env=environment(tmp_path))
    told = tmp_path / "demo.log"
    wait_until(lambda: "running; status page" in told.read_text("utf-8"), 150, "the demo runs")
    family = descendants(running.pid)
    assert len(family) >= 3
    running.send_signal(number)
    running.wait(20)
    wait_until(lambda: not any(map(is_alive, family)), 15, "all that it started has ended")


def descendants(pid: int) -> list[int]:
    found = children_of(pid)
    return found + [one for child in found for one in descendants(child)]
