"""Drawn training sets: what they hold follows from the arguments, labels are the truth, a broken-off set goes on."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from brain.cli import sim_dataset
from brain.cli.sim import app
from brain.core.errors import UsageError
from brain.evaluation.images.run import read_labelled
from brain.sim import dataset
from brain.sim.clips_choice import Choice
from brain.sim.dataset import DatasetDone, DatasetWish, plan, write_dataset
from brain.sim.dataset_clip import LEAST_PX, LEAST_VISIBLE
from brain.sim.render import Scene
from brain.sim.scenes import SCENES
from brain.sim.spec import LIGHTS, WEATHERS

SMALL = Choice(11, ("quiet", "parked_car"), width=160, height=90)
WISH = DatasetWish(SMALL, 5, masks=True)


def write(folder: Path, wish: DatasetWish = WISH, workers: int = 1) -> DatasetDone:
    return write_dataset(wish, folder, workers, lambda *_: None)


def hashes(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("set") / "drawn"
    done = write(folder)
    assert (done.train + done.val, done.kept) == (5, 0)
    return folder


@settings(deadline=None, max_examples=30)
@given(
    st.integers(1, 200), st.integers(0, 10**6), st.lists(st.sampled_from(sorted(SCENES)), unique=True, max_size=5),
    st.floats(0.5, 30),
)  # fmt: skip
def test_a_plan_holds_what_is_asked(count: int, seed: int, scenes: list[str], every_s: float) -> None:
    clips = plan(DatasetWish(Choice(seed, tuple(scenes)), count, every_s))
    assert sum(len(clip.indices) for clip in clips) == count
    assert len({clip.spec.seed for clip in clips}) == len(clips)
    assert {clip.part for clip in clips} <= {"train", "val"}
    assert len({clip.part for clip in clips}) == min(2, len(clips))
    known = set(scenes or SCENES)
    first_turn = [clip.spec.scene for clip in clips[: len(known)]]
    assert len(set(first_turn)) == len(first_turn)
    for clip in clips:
        assert clip.spec.scene in known
        gaps = np.diff(sorted(clip.indices))
        assert all(0 <= index < clip.spec.pictures for index in clip.indices)
        assert all(gaps >= round(every_s * clip.spec.fps))


def test_a_large_plan_varies_light_weather_and_scene() -> None:
    clips = plan(DatasetWish(Choice(1), 600))
    assert {clip.spec.light for clip in clips} == set(LIGHTS)
    assert {clip.spec.weather for clip in clips} == set(WEATHERS)
    assert {clip.spec.scene for clip in clips} == set(SCENES)
    chosen = plan(DatasetWish(Choice(1, lights=("night",), weathers=("rain", "fog")), 60))
    assert {(clip.spec.light, clip.spec.weather) for clip in chosen} == {("night", "rain"), ("night", "fog")}


def test_labels_are_the_truth_of_the_pictures(drawn: Path) -> None:
    names = read_labelled(drawn).names
    for clip in plan(WISH):
        scene = Scene(clip.spec)
        for index in clip.indices:
            (picture,) = (drawn / "images" / clip.part).glob(f"*-{clip.spec.seed}-*-{index:05d}.jpg")
            seen = scene.look(index)
            difference = np.abs(cv2.imread(str(picture)).astype(int) - seen.picture)
            assert difference.mean() < 6
            numbers = cv2.imread(str(drawn / "instances" / clip.part / f"{picture.stem}.png"), cv2.IMREAD_UNCHANGED)
            assert np.array_equal(numbers, seen.numbers)
            told = json.loads((drawn / "instances" / clip.part / f"{picture.stem}.json").read_text())
            assert [one["id"] for one in told["instances"]] == [one.id for one in seen.instances]
            lines = (drawn / "labels" / clip.part / f"{picture.stem}.txt").read_text().splitlines()
            large = [
                one for one in seen.instances if one.label and one.pixels >= LEAST_PX and one.visible >= LEAST_VISIBLE
            ]
            assert len(lines) == len(large) > 0
            for line, one in zip(lines, large, strict=True):
                number, x, y, width, height = (float(word) for word in line.split())
                assert names[int(number)] == one.label
                corners = [(x - width / 2) * 160, (y - height / 2) * 90, (x + width / 2) * 160, (y + height / 2) * 90]
                assert corners == pytest.approx(one.box, abs=0.001)


def test_the_evaluation_reads_the_set(drawn: Path) -> None:
    whole = read_labelled(drawn)
    assert len(whole.pictures) == 5
    assert whole.problems == ()
    assert all(picture.is_labelled for picture in whole.pictures)
    assert {"car", "person"} <= set(whole.names)
    parts = [read_labelled(drawn / "images" / part) for part in ("train", "val")]
    assert sum(len(part.pictures) for part in parts) == 5
    assert all(part.names == whole.names for part in parts)


def test_a_broken_off_set_goes_on_to_the_same_bytes(drawn: Path, tmp_path: Path) -> None:
    folder = tmp_path / "again"
    write(folder)
    labels = sorted(folder.rglob("labels/*/*.txt"))
    gone = labels[2]
    gone.unlink()
    times = {path: path.stat().st_mtime_ns for path in labels if path != gone}
    assert write(folder).kept == 4
    assert {path: path.stat().st_mtime_ns for path in times} == times
    assert hashes(folder) == hashes(drawn)


@pytest.mark.slow
def test_two_processes_write_the_same_bytes(drawn: Path, tmp_path: Path) -> None:
    write(tmp_path / "two", workers=2)
    assert hashes(tmp_path / "two") == hashes(drawn)


def test_other_arguments_and_other_folders_are_left_alone(drawn: Path, tmp_path: Path) -> None:
    before = hashes(drawn)
    with pytest.raises(UsageError, match=r"\(count: 5 there, 6 asked for\)"):
        write(drawn, DatasetWish(SMALL, 6, masks=True))
    other = Choice(12, ("quiet",), width=160, height=90)
    with pytest.raises(UsageError, match="seed: 11 there, 12 asked for; scenes: quiet,parked_car there, quiet asked"):
        write(drawn, DatasetWish(other, 5, masks=True))
    assert hashes(drawn) == before
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(UsageError, match="not empty"):
        write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_two_at_once_are_kept_apart(drawn: Path) -> None:
    before = hashes(drawn)
    handle = os.open(drawn, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(UsageError, match="another process draws into this folder") as caught:
        write(drawn)
    os.close(handle)
    assert "wait for it" in caught.value.remedy
    assert write(drawn).kept == 5
    assert hashes(drawn) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--scenes", "quiet,parked_cat"], "parked_car"),
        (["--light", "noon"], "overcast"),
        (["--weather", "snow"], "rain"),
        (["--size", "641x360"], "even"),
        (["--seed", "-1"], "0 or more"),
        (["--every", "0"], "--every 5"),
        (["--count", "9999999"], "--count 1000"),
    ],
)
def test_mistakes_are_named_with_a_remedy(tmp_path: Path, arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(app, ["dataset", "--count", "3", "-o", str(tmp_path / "set"), *arguments])
    assert isinstance(result.exception, UsageError)
    assert said in str(result.exception)
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_what_it_wrote(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "brain.cli.main", "sim", "dataset", "--count", "2", "--size", "160x90", "--json"]
    options = ["--scenes", "quiet", "--light", "day,night", "--weather", "dry", "-o", str(tmp_path / "set")]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=True, timeout=60)
    told = json.loads(done.stdout)
    assert (told["pictures"], told["kept"]) == (2, 0)
    assert told["classes"] == list(read_labelled(tmp_path / "set").names)
    assert "nothing to validate: all pictures are of one clip" in done.stderr


@pytest.mark.parametrize(("count", "said"), [(1, "1 class"), (2, "2 classes")])
def test_classes_are_counted_in_words(
    count: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done = DatasetDone(1, 1, ("car", "person")[:count], 0)
    monkeypatch.setattr(dataset, "write_dataset", lambda *_: done)
    sim_dataset.command(Path("set"), 2)
    told = capsys.readouterr()
    assert told.out == f"set: 1 to train on, 1 to validate, {said}\n"
    assert told.err == ""
