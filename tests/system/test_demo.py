"""The demo: from nothing to a first case, through the same processes as `brain run`."""

from __future__ import annotations

import hashlib
import io
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import pytest

from .harness import children_of, is_alive, wait_until

KEYS = [
    "cameras",
    "workers",
    "samples",
    "samples_due",
    "events",
    "cases_opened",
    "cases_closed",
    "delivered",
    "desk_received",
    "desk_duplicates",
]


def demo(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "brain.cli.main", "demo", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=200)


@pytest.mark.slow
def test_one_case_opens_is_delivered_with_picture_and_clip_and_closes(tmp_path: Path) -> None:
    began = time.monotonic()
    done = demo(tmp_path, "--seconds", "30", "--json")
    print(f"demo took {time.monotonic() - began:.1f} s")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout.splitlines()[-1])
    assert list(summary) == KEYS
    assert summary["cameras"] == 2
    assert summary["samples"] >= 0.95 * summary["samples_due"] > 0
    assert [summary[key] for key in KEYS[4:]] == [1, 1, 1, 3, 3, 0]
    desk = tmp_path / "brain-demo" / "desk"
    kinds: dict[str, list[dict[str, str]]] = {}
    for line in (desk / "received.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        message = json.loads((desk / "messages" / f"{entry['id']}.json").read_text("utf-8"))
        kinds.setdefault(entry["type"], []).extend(message["data"]["evidence"])
    assert {item["kind"] for item in kinds["case.opened"]} == {"picture", "picture_marked"}
    assert [item["kind"] for item in kinds["case.updated"]] == ["clip"]
    assert [item["kind"] for item in kinds["case.closed"]] == ["clear_picture"]
    for item in (item for items in kinds.values() for item in items):
        (kept,) = (desk / "files").glob(f"{item['sha256']}.*")
        assert hashlib.sha256(kept.read_bytes()).hexdigest() == item["sha256"]
    (clip,) = (desk / "files").glob("*.mp4")
    with av.open(io.BytesIO(clip.read_bytes())) as container:
        assert sum(1 for _ in container.decode(video=0)) > 30
    assert "proof: " in done.stderr


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    done = demo(tmp_path, "--dir", ".")
    assert done.returncode == 1
    assert "name another with --dir" in done.stderr
    assert (tmp_path / "mine.txt").read_text() == "keep"


@pytest.mark.parametrize("seconds", ["-1", "nan", "1e9", "many"])
def test_wrong_seconds(tmp_path: Path, seconds: str) -> None:
    done = demo(tmp_path, "--seconds", seconds)
    assert done.returncode == 2
    assert "--seconds" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_nothing_is_left_running_when_the_demo_is_ended(tmp_path: Path, number: int) -> None:
    command = [sys.executable, "-m", "brain.cli.main", "demo"]
    with (tmp_path / "demo.log").open("w") as log:
        running = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log)
    told = tmp_path / "demo.log"
    wait_until(lambda: "running; status page" in told.read_text("utf-8"), 60, "the demo runs")
    family = descendants(running.pid)
    assert len(family) >= 3
    running.send_signal(number)
    running.wait(20)
    wait_until(lambda: not any(map(is_alive, family)), 15, "all that it started has ended")


def descendants(pid: int) -> list[int]:
    found = children_of(pid)
    return found + [one for child in found for one in descendants(child)]
