"""Worker processes: the same bytes whatever their number, and no clip lost when one of them dies."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from brain.core.errors import BrainError, StoreError, WeightsError
from brain.core.ids import sha256_hex
from brain.replay.find import Recording, run_clips
from brain.replay.observed import line_of, observed_samples
from brain.replay.plan import ReplayPlan, change_plan, plan_as_run
from brain.replay.record import Recorder, clip_recorder
from brain.replay.run import ClipCost, ClipResult, Run, RunClip
from brain.replay.work import WorkOrder
from brain.replay.workers import lost_result, replay_clips
from brain.runtime.pipeline import Outcome


@pytest.fixture
def plan(recorded: Path) -> ReplayPlan:
    return change_plan(plan_as_run(Run(recorded)), {"left_object": {"sample.every": "0.5s"}})


@pytest.fixture
def clips(drawn: Path, tmp_path: Path, recorded: Path) -> tuple[RunClip, ...]:
    start = Run(recorded).header.clips[0].start
    (tmp_path / "bad.mp4").write_text("no video")
    for name in ("a", "b", "c"):
        shutil.copy(drawn, tmp_path / f"{name}.mp4")
    return run_clips([Recording(tmp_path / f"{name}.mp4", start) for name in ("a", "bad", "b", "gone", "c")])


def everything(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): sha256_hex(path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "cost.json"
    }


def children() -> list[int]:
    text = Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii")
    names = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes() for pid in text.split()}
    return [pid for pid, name in names.items() if b"spawn_main" in name]


@pytest.mark.timeout(120)
def test_any_number_of_workers_gives_the_same_bytes(
    plan: ReplayPlan, clips: tuple[RunClip, ...], tmp_path: Path
) -> None:
    written, results = [], []
    for workers in (1, 2, 4):
        folder = tmp_path / str(workers)
        told: list[tuple[int, float]] = []
        order = WorkOrder(plan, record=folder)
        found = dict(replay_clips(order, clips, workers, lambda number, done, told=told: told.append((number, done))))  # type: ignore[misc]
        results.append([found[number] for number in range(len(clips))])
        written.append(everything(folder))
        assert {number for number, _ in told} >= {0, 2, 4}
    assert results[0] == results[1] == results[2]
    assert written[0] == written[1] == written[2]
    assert [bool(result.error) for result in results[0]] == [False, True, False, True, False]
    assert [len(result.events) for result in results[0]] == [1, 0, 1, 0, 1]
    assert children() == []


@pytest.mark.timeout(120)
def test_a_worker_that_dies_costs_one_clip(plan: ReplayPlan, clips: tuple[RunClip, ...], tmp_path: Path) -> None:
    killed: list[int] = []

    def tell(number: int, done_s: float) -> None:
        if not killed and number == 0:
            killed.append(number)
            for pid in children():
                if Path(f"/proc/{pid}").exists() and len(killed) == 1:
                    os.kill(pid, signal.SIGSEGV)
                    killed.append(pid)

    found: dict[int, ClipResult] = dict(replay_clips(WorkOrder(plan, record=tmp_path / "run"), clips, 2, tell))
    died = [number for number, result in found.items() if "died (SIGSEGV)" in result.error]
    assert sorted(found) == [0, 1, 2, 3, 4]
    assert len(died) == 1
    assert sum(len(result.events) for result in found.values()) == 3 - (died[0] in (0, 2, 4))
    stored = (tmp_path / "run" / "clips" / clips[died[0]].id / "result.json").read_text("utf-8")
    assert "SIGSEGV" in stored
    assert children() == []


@pytest.mark.timeout(60)
def test_what_keeps_every_clip_from_being_replayed_ends_all(plan: ReplayPlan, clips: tuple[RunClip, ...]) -> None:
    nowhere = Path("/proc/nowhere")
    with pytest.raises(StoreError, match="cannot be written") as caught:
        list(replay_clips(WorkOrder(plan, record=nowhere), clips, 2, lambda number, done: None))
    assert caught.value.remedy
    assert children() == []


@pytest.mark.timeout(60)
def test_whoever_stops_listening_leaves_no_process(plan: ReplayPlan, clips: tuple[RunClip, ...]) -> None:
    results = replay_clips(WorkOrder(plan), clips, 2, lambda number, done: None)
    next(results)
    results.close()
    assert children() == []


@pytest.mark.parametrize(("before", "kept"), [("", True), ("cut off", False), (None, False)])
def test_a_worker_that_died_after_it_had_finished_loses_nothing(
    plan: ReplayPlan, clips: tuple[RunClip, ...], tmp_path: Path, before: str | None, kept: bool
) -> None:
    order = WorkOrder(plan, record=tmp_path / "run")
    good = ClipResult(seconds=9.0, samples=1, samples_due=1, error=before or "")
    if before is not None:
        with clip_recorder(tmp_path / "run", clips[0].id) as recorder:
            recorder.observation('{"pts_s":0.0}')
            recorder.finish(good, ClipCost(cpu_s=1.0, wall_s=1.0, peak_mb=1.0))
    result = lost_result(order, clips[0], "SIGKILL")
    stored = tmp_path / "run" / "clips" / clips[0].id / "result.json"
    assert ClipResult.model_validate_json(stored.read_bytes()) == result
    assert (result == good) is kept
    assert ("SIGKILL" in result.error) is not kept


def test_what_breaks_off_in_the_middle_leaves_no_observations_without_samples(
    plan: ReplayPlan, clips: tuple[RunClip, ...], recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = 0

    def breaks(outcome: Outcome) -> str:
        nonlocal seen
        seen += 1
        if seen == 5:
            raise RuntimeError("unforeseen")
        return line_of(outcome)

    monkeypatch.setattr("brain.replay.work.line_of", breaks)
    chosen = clips[:1]
    run = tmp_path / "run"
    with Recorder(run, Run(recorded).header.model_copy(update={"clips": chosen})):
        ((_, result),) = replay_clips(WorkOrder(plan, record=run), chosen, 1, lambda number, done: None)
    assert "unforeseen RuntimeError" in result.error
    assert len(observed_samples(Run(run), chosen[0])) == result.samples


def test_errors_reach_the_parent_whole() -> None:
    import pickle

    for error in (WeightsError("w", where="x", remedy="r"), BrainError("b")):
        again = pickle.loads(pickle.dumps(error))
        assert (str(again), type(again)) == (str(error), type(error))


def test_nothing_to_do_starts_nothing(plan: ReplayPlan) -> None:
    assert list(replay_clips(WorkOrder(plan), (), 4, lambda number, done: None)) == []
