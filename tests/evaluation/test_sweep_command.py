"""``brain evaluate sweep``: what it prints and writes, what it refuses, and that nothing of it stays."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from brain.cli.main import build
from brain.config.paths import assets
from brain.config.settings import AssignmentSettings
from brain.config.yaml_file import load
from brain.core.errors import BrainError
from brain.evaluation.sweep.files import write_table
from brain.evaluation.sweep.sweep import SweepResult, figures_of_setting, sweep
from brain.evaluation.truth import TruthSet
from brain.replay.run import Run
from brain.scenarios.manifest import load_manifest
from brain.scenarios.overrides import override

from .sweep_runs import (
    GRID,
    make_labels,
    make_recorded,
    make_three,
)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, TruthSet]:
    return make_three(tmp_path_factory.mktemp("sweep"))


@pytest.fixture(scope="module")
def best(recorded: tuple[Run, TruthSet]) -> SweepResult:
    run, truth = recorded
    return sweep(run, truth, "illegal_parking", GRID)


@dataclass(frozen=True)
class Done:
    """What came of a command: exit status and what it said; an error as ``brain`` prints it."""

    returncode: int
    stdout: str
    stderr: str


def brain(*arguments: str | Path) -> Done:
    result = CliRunner().invoke(build(["evaluate"]), ["evaluate", "sweep", *map(str, arguments)])
    error = result.exception
    if isinstance(error, BrainError):
        return Done(error.exit_code, result.stdout, result.stderr + str(error))
    if error is not None and not isinstance(error, SystemExit):
        raise error
    return Done(result.exit_code, result.stdout, result.stderr)


def test_the_command_finds_the_best_setting_and_writes_it_down(best: SweepResult, tmp_path: Path) -> None:
    run, truth = best.run, best.truth
    over = [
        f"{axis}={','.join(map(str, values))}"
        for axis, values in (
            ("rule.stationary.for", ("20s", "60s", "90s")),
            ("rule.stationary.min_score", (0.3, 0.5)),
            ("confirm.at_least", (2, 4, 6)),
        )
    ]
    options = [part for text in over for part in ("--over", text)]
    done = brain(
        run.folder, "--truth", truth.path, "--scenario", "illegal_parking", *options, "-o", tmp_path / "out",
        "--max-false-per-camera-hour", "6", "--workers", "1", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    chosen = best.best(6.0)
    assert chosen is not None
    assert told["best"]["set"] == dict(chosen.setting)
    assert told["best"]["hits"] == chosen.score.hits
    assert told["best_figures"] == figures_of_setting(best, chosen).model_dump(mode="json")
    assert told["settings"] == len(GRID) + 1
    assert [item["set"] for item in told["front"]] == [dict(item.setting) for item in best.front()]
    assert {item["site"] for item in told["left_out_sites"]} == {"north", "south"}
    assert len(json.loads((tmp_path / "out" / "sweep.json").read_text())["all"]) == len(GRID) + 1
    assert (tmp_path / "out" / "front.png").read_bytes()[:4] == b"\x89PNG"
    assert "<svg" in (tmp_path / "out" / "front.svg").read_text()

    # The file is an assignment whose `set` turns the scenario as it is installed into the best one.
    text = (tmp_path / "out" / "override.yaml").read_text()
    assert run.digest in text
    assert str(truth.path) in text
    written = load(tmp_path / "out" / "override.yaml", AssignmentSettings)
    installed = load_manifest(assets() / "scenarios" / "illegal_parking" / "scenario.yaml")
    assert override(installed, written.set) == best.manifests[chosen.number]
    assert written.scenario == "illegal_parking"


def test_what_the_command_writes_does_not_depend_on_workers(best: SweepResult, tmp_path: Path) -> None:
    options = [best.run.folder, "--truth", best.truth.path, "--scenario", "illegal_parking"]
    options += ["--over", "confirm.at_least=1..6", "--over", "rule.stationary.for=20s..100s:5", "--random", "12"]
    for workers in ("1", "2"):
        done = brain(*options, "--seed", "4", "--workers", workers, "-o", tmp_path / workers)
        assert done.returncode == 0, done.stderr
        assert "13 settings, 3 clips" in done.stdout
    for name in ("override.yaml", "front.svg", "front.png", "sweep.json"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes(), name


@pytest.mark.parametrize(
    ("changed", "options", "code", "told"),
    [
        ({"set": "test"}, [], 2, "a test set: it is measured on, not tuned on"),
        ({}, ["--over", "confirm.at_last=2"], 2, "did you mean confirm.at_least?"),
        ({}, ["--max-false-per-camera-hour", "-1"], 2, "name 0 or more"),
        ({}, ["--due", "soon"], 2, "write run, rule or a time like 60s"),
        ({"clips": []}, [], 2, "nothing can be judged"),
    ],
)
def test_mistakes_are_told(
    recorded: tuple[Run, TruthSet], tmp_path: Path, changed: dict[str, Any], options: list[str], code: int, told: str
) -> None:
    run, truth = recorded
    path = tmp_path / "truth.json"
    path.write_text(json.dumps({**json.loads(truth.path.read_text()), **changed}))
    done = brain(
        run.folder, "--truth", path, "--scenario", "illegal_parking", "--over", "confirm.at_least=3", "--workers", "1",
        *options,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert told in done.stderr


def test_a_frozen_set_is_refused_and_a_budget_nobody_keeps_is_told(
    recorded: tuple[Run, TruthSet], tmp_path: Path
) -> None:
    run, truth = recorded
    path = tmp_path / "truth.json"
    path.write_bytes(truth.path.read_bytes())
    options = [run.folder, "--truth", path, "--scenario", "illegal_parking", "--workers", "1"]
    loud = [*options, "--over", "confirm.at_least=1", "--over", "rule.stationary.for=0s", "--over", "cooldown=0s"]
    nobody = brain(*loud, "--max-false-per-camera-hour", "0", "-o", tmp_path / "out", "--json")
    assert nobody.returncode == 1
    assert "no setting keeps the budget" in nobody.stderr
    assert json.loads(nobody.stdout)["best"] is None
    assert not (tmp_path / "out" / "override.yaml").exists()
    (tmp_path / "truth.json.frozen.json").write_text("{}")
    frozen = brain(*loud)
    assert frozen.returncode == 2
    assert "a frozen set: it is measured on, not tuned on" in frozen.stderr


def children_of(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until, what
        time.sleep(0.05)


@pytest.mark.slow
def test_processes_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    run = make_recorded(tmp_path / "run", "stationary", {"a": 1, "b": 2}, count=900)
    truth = make_labels(run, tmp_path / "truth.json")
    command = [
        sys.executable, "-m", "brain.cli.main", "evaluate", "sweep", str(run.folder), "--truth", str(truth.path),
        "--scenario", "illegal_parking", "--over", "rule.stationary.min_score=0.2..0.8:200",
        "--over", "rule.stationary.for=10s..300s:100", "--random", "1500", "--workers", "2",
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as parent:
        workers: list[int] = []

        def started() -> bool:
            found = [
                child
                for child in children_of(parent.pid)
                if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
            ]
            workers[:] = found
            return len(found) == 2

        try:
            wait_for(started, "the workers did not start")
        finally:
            os.kill(parent.pid, signal.SIGKILL)
        wait_for(lambda: not any(is_alive(worker) for worker in workers), "workers outlived their parent")


def test_a_process_that_dies_is_told(recorded: tuple[Run, TruthSet], monkeypatch: pytest.MonkeyPatch) -> None:
    run, truth = recorded

    def kill_one(done: int, whole: int) -> None:
        for child in children_of(os.getpid()):
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                os.kill(child, signal.SIGKILL)

    with pytest.raises(BrainError, match=r"a process of the sweep died \(SIGKILL\)"):
        sweep(run, truth, "illegal_parking", GRID, workers=2, progress=kill_one)


def test_a_full_disk_leaves_the_table_of_the_sweep_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "sweep.json"
    write_table(path, {"run": "before"})

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_table(path, {"run": "after"})
    assert json.loads(path.read_text("utf-8")) == {"run": "before"}
    assert [item.name for item in tmp_path.iterdir()] == ["sweep.json"]
