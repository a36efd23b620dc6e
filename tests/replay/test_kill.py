"""A replay that is killed at any moment: nothing is left running, and going on gives the same bytes."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from brain.replay.run import COST

BRAIN = [sys.executable, "-m", "brain.cli.main", "replay"]
CLIPS = 4
OFTEN = ["--scenario", "left_object", "--profile", "short", "--set", "sample.every=0.25s"]


def everything(folder: Path) -> dict[str, bytes]:
    """All files but the measured ones."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != COST
    }


def group_alive(leader: int) -> list[int]:
    """Processes of a group that still run; zombies do not."""
    alive = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == leader and fields[0] not in "ZX":
            alive.append(int(entry.name))
    return alive


@pytest.fixture(scope="module")
def clips(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clips")
    for number in range(CLIPS):
        shutil.copy(drawn, folder / f"{number}.mp4")
    return folder


@pytest.fixture(scope="module")
def whole(clips: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, float]:
    """An uninterrupted run, what it printed, and how long it took."""
    run, began_s = tmp_path_factory.mktemp("whole") / "run", time.monotonic()
    done = subprocess.run(
        [*BRAIN, str(clips), *OFTEN, "--record", str(run), "--workers", "2", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    return run, done.stdout, time.monotonic() - began_s


def finished(run: Path) -> int:
    """How many clips lie there whole."""
    return len(list(run.glob("clips/[!.]*/result.json")))


def wait_for(run: Path, clips: int, process: subprocess.Popen[bytes]) -> None:
    """Until the first clip is begun and so many are finished, or the process is gone."""
    while process.poll() is None and (finished(run) < clips or not (run / "clips").is_dir()):
        time.sleep(0.005)


def rounds(count: int, clips: Path, whole: tuple[Path, str, float], tmp_path: Path, seed: int) -> None:
    reference, printed, took_s = whole
    print(f"seed {seed}")  # shown by pytest when it fails
    chance, midway = random.Random(seed), 0
    for number in range(count):
        run, workers = tmp_path / str(number), str(chance.choice((1, 2, 3)) if number else 1)
        command = [*BRAIN, str(clips), *OFTEN, "--record", str(run), "--workers", workers, "--json"]
        for _ in range(chance.choice((1, 2))):
            process = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
            )
            wait_for(run, chance.choice((0, 1, 1, 2, 3)) if number else 1, process)
            time.sleep(chance.choice((0.0, 0.1, 0.2)) * took_s * chance.random() if number else 0.0)
            process.send_signal(chance.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)))
            process.wait(30)
            until = time.monotonic() + 10
            while group_alive(process.pid) and time.monotonic() < until:
                time.sleep(0.02)
            assert group_alive(process.pid) == []
            midway += 0 < finished(run) < CLIPS
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout == printed
        assert everything(run) == everything(reference)
        shutil.rmtree(run)
    assert midway > 0, "no kill came after some and before all clips: it proved nothing"


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_killed_and_gone_on_with(clips: Path, whole: tuple[Path, str, float], tmp_path: Path) -> None:
    rounds(3, clips, whole, tmp_path, seed=os.getpid())


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_killed_again_and_again(clips: Path, whole: tuple[Path, str, float], tmp_path: Path) -> None:
    rounds(40, clips, whole, tmp_path, seed=14)


def test_a_second_replay_goes_on_where_the_first_stopped(clips: Path, whole: tuple[Path, str, float]) -> None:
    run, printed, _ = whole
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*")}
    done = subprocess.run(
        [*BRAIN, str(clips), *OFTEN, "--record", str(run), "--json"], capture_output=True, text=True, check=True
    )
    assert done.stdout == printed
    assert "4 of 4 clips are there already" in done.stderr
    assert {path: path.stat().st_mtime_ns for path in run.rglob("*")} == before
