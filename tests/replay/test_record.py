"""Writing a run folder: whole or not at all, by one process, and never mixed with another run."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from brain.core.errors import ConfigError, StoreError
from brain.replay.record import Recorder, clip_recorder, first_difference, header_bytes
from brain.replay.run import HEADER, ClipCost, ClipResult, Run, RunClip, RunHeader, RunScenario

START = datetime(2026, 11, 24, tzinfo=UTC)
COST = ClipCost(cpu_s=1.0, wall_s=1.0, peak_mb=1.0)


def clip(name: str, sha256: str = "aa") -> RunClip:
    return RunClip(id=name, path=f"/{name}.mp4", sha256=sha256, camera=name, site=name, start=START)


def header(*clips: RunClip, dwell_s: float = 10.0, **more: Any) -> RunHeader:
    scenario = RunScenario(
        id="left_object",
        zh="占道",
        en="Left",
        dwell_s=dwell_s,
        inherited_dwell_s=dwell_s,
        window_s=30.0,
        every_s=1.0,
        role="alerting",
        manifest={"rule": {"change": {"for": dwell_s}}},
    )
    told = {"product": "0.1.0", "profile": "short", "runtime": "onnxruntime", **more}
    return RunHeader(scenarios=(scenario,), clips=clips or (clip("a"), clip("b")), **told)


def put(run: Path, name: str, error: str = "") -> None:
    with clip_recorder(run, name) as recorder:
        recorder.observation('{"pts_s":0.0}')
        recorder.finish(ClipResult(seconds=9.0, samples=1, samples_due=1, error=error), COST)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_written_is_read_back_and_gone_on_with(tmp_path: Path) -> None:
    run = tmp_path / "new" / "run"
    with Recorder(run, header()) as recorder:
        assert recorder.finished == {}
        put(run, "a")
    assert Run(run).header == header()
    assert sorted(files(run)) == [f"clips/a/{name}" for name in ("cost.json", "observations.jsonl", "result.json")] + [
        "run.json"
    ]
    before = files(run)
    with Recorder(run, header()) as recorder:
        assert list(recorder.finished) == ["a"]
    assert files(run) == before


def test_a_clip_with_an_error_is_tried_again(tmp_path: Path) -> None:
    with Recorder(tmp_path, header()):
        put(tmp_path, "a", "cut off")
        put(tmp_path, "b")
    with Recorder(tmp_path, header()) as recorder:
        assert list(recorder.finished) == ["b"]
        put(tmp_path, "a")
    with Recorder(tmp_path, header()) as recorder:
        assert sorted(recorder.finished) == ["a", "b"]


def test_a_clip_that_was_mended_meanwhile_is_no_other_run(tmp_path: Path) -> None:
    with Recorder(tmp_path, header(clip("a", ""), clip("b"))):
        put(tmp_path, "a", "there is no such file")
        put(tmp_path, "b")
    with Recorder(tmp_path, header(clip("a", "cc"), clip("b"))) as recorder:
        assert list(recorder.finished) == ["b"]
    assert Run(tmp_path).header.clips[0].sha256 == "cc"
    with pytest.raises(ConfigError, match=r"clips\.b\.sha256"):
        Recorder(tmp_path, header(clip("a", "cc"), clip("b", "dd")))


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (header(dwell_s=20.0), "scenarios.left_object.dwell_s: 10.0 there, 20.0 asked for"),
        (header(clip("a"), clip("c")), "clips: a, b there, a, c asked for"),
        (header(profile="normal"), 'profile: "short" there, "normal" asked for'),
        (header(product="9.9"), "product"),
        (header(observed_by="x"), "observed_by"),
    ],
)
def test_another_run_is_refused_and_left_alone(tmp_path: Path, other: RunHeader, said: str) -> None:
    with Recorder(tmp_path, header()):
        put(tmp_path, "a")
    before = files(tmp_path)
    with pytest.raises(ConfigError) as caught:
        Recorder(tmp_path, other)
    assert said in caught.value.what
    assert caught.value.remedy == "name another folder"
    assert files(tmp_path) == before


def other_version(folder: Path) -> None:
    tree = json.loads(header_bytes(header()))
    (folder / HEADER).write_text(json.dumps(tree | {"version": 2}))


def temporary_files_of_others(folder: Path) -> None:
    (folder / ".tmp-work").mkdir()
    (folder / ".tmp-work" / "thesis.txt").write_text("years of work")


def another_run_and_temporary_files(folder: Path) -> None:
    with Recorder(folder, header(dwell_s=99.0)):
        put(folder, "a")
    (folder / ".tmp-notes").write_text("mine")


def damaged(folder: Path) -> None:
    (folder / HEADER).write_bytes(header_bytes(header())[:100])


def other_files(folder: Path) -> None:
    (folder / "holiday.jpg").touch()


def broken_result(folder: Path) -> None:
    with Recorder(folder, header()):
        put(folder, "a")
    (folder / "clips" / "a" / "result.json").write_text("{")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (other_version, "another version"),
        (damaged, "not a run folder"),
        (other_files, "other files"),
        (temporary_files_of_others, "other files"),
        (another_run_and_temporary_files, "another run"),
        (broken_result, "broken"),
    ],
)
def test_what_is_no_run_of_ours_is_refused(tmp_path: Path, spoil: Callable[[Path], None], said: str) -> None:
    spoil(tmp_path)
    before = files(tmp_path)
    with pytest.raises(ConfigError, match=said) as caught:
        Recorder(tmp_path, header())
    assert caught.value.remedy
    assert files(tmp_path) == before


def test_two_never_write_into_one_folder(tmp_path: Path) -> None:
    with Recorder(tmp_path, header()):
        with pytest.raises(ConfigError, match="another `brain replay` writes here"):
            Recorder(tmp_path, header())
        put(tmp_path, "a")
    with Recorder(tmp_path, header()) as recorder:
        assert list(recorder.finished) == ["a"]


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "run").touch()
    with pytest.raises(StoreError, match="cannot be written"):
        Recorder(tmp_path / "run", header())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="cannot be written"):
        Recorder(tmp_path / "run", header())


@pytest.mark.parametrize("fails_at", range(1, 5))
def test_a_full_disk_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    with Recorder(tmp_path, header()):
        put(tmp_path, "a")
        before = files(tmp_path)
        calls = 0
        real = os.fsync

        def full(handle: int) -> None:
            nonlocal calls
            calls += 1
            if calls == fails_at:
                raise OSError(errno.ENOSPC, "No space left on device")
            real(handle)

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(StoreError, match="No space left") as caught:
            put(tmp_path, "b")
        monkeypatch.setattr(os, "fsync", real)
        assert "goes on" in caught.value.remedy
        assert files(tmp_path) == before
        put(tmp_path, "b")
    assert Run(tmp_path).result("b") is not None


def test_what_a_kill_left_is_cleared_away(tmp_path: Path) -> None:
    with Recorder(tmp_path, header()):
        put(tmp_path, "a")
    before = files(tmp_path)
    left = tmp_path / "clips" / ".tmp-b-123"
    left.mkdir()
    (left / "observations.jsonl").write_text("half")
    (tmp_path / ".tmp-run.json-0123").write_text("half")
    (tmp_path / ".tmp-notes").write_text("not ours")
    with Recorder(tmp_path, header()):
        assert files(tmp_path) == before | {".tmp-notes": b"not ours"}


def test_a_kill_before_anything_was_written_is_gone_on_from(tmp_path: Path) -> None:
    (tmp_path / ".tmp-run.json-0123").write_text("half")
    with Recorder(tmp_path, header()):
        assert list(files(tmp_path)) == ["run.json"]


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ({"a": 1}, {"a": 1}, ""),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, "a.b.1: 2 there, 3 asked for"),
        ({"a": 1}, {"a": 1, "b": 2}, "b: null there, 2 asked for"),
        ({"a": [{"id": "x", "v": 1}]}, {"a": [{"id": "x", "v": 2}]}, "a.x.v: 1 there, 2 asked for"),
        ({"a": []}, {"a": [{"id": "x"}]}, "a: none there, x asked for"),
        ({"a": "y" * 99}, {"a": 0}, f'a: "{"y" * 58}… there, 0 asked for'),
    ],
)
def test_the_first_difference_is_named(one: Any, other: Any, said: str) -> None:
    assert first_difference(one, other) == said
