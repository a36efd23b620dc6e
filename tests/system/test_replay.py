"""`brain replay` as a person or script uses it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from brain.sim.encode import encode
from brain.sim.scenes import left_object, left_object_confusers
from brain.sim.truth import truth

BRAIN = [sys.executable, "-m", "brain.cli.main"]


def replay(*arguments: object, code: int = 0) -> tuple[str, str]:
    command = [*BRAIN, "replay", *map(str, arguments), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == code, done.stderr
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return encode(left_object(5, seconds=40, fps=6), tmp_path_factory.mktemp("clip") / "left.mp4").path


def zone_of(spec: object) -> str:
    pavement = next(zone for zone in truth(spec).zones if zone.kind == "public")  # type: ignore[arg-type]
    return "public:pavement=" + ",".join(f"{value:.4f}" for point in pavement.polygon for value in point)


def test_a_drawn_left_object_is_one_event_inside_its_truth(clip: Path) -> None:
    spec = left_object(5, seconds=40, fps=6)
    quick = ("--set", "rule.change.occlusion=2s", "--set", "clear.after=4s")
    told, _ = replay(clip, "--scenario", "left_object", "--profile", "short", "--zone", zone_of(spec), *quick)
    found = json.loads(told)["clips"][0]
    event = found["events"][0]
    real = truth(spec).events[0]
    assert len(found["events"]) == 1
    assert real.began_s <= event["began_s"] <= event["raised_s"] <= (real.ended_s or 0) + 1
    assert event["ended_s"] is not None
    assert found["samples"] == found["samples_due"]
    assert abs(found["seconds"] - 40) < 0.3


def test_the_same_bytes_whatever_else_runs(clip: Path) -> None:
    options = ("--scenario", "left_object", "--profile", "short")
    first, second = replay(clip, *options)[0], replay(clip, *options)[0]
    assert first == second
    together = json.loads(replay(clip, clip, *options)[0])["clips"]
    assert together[0] == together[1] == json.loads(first)["clips"][0]


def test_bad_clips_are_named_and_the_others_still_replayed(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("no video")
    (tmp_path / "cut.mp4").write_bytes(clip.read_bytes()[:2000])
    (tmp_path / "half.mp4").write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    bad = [tmp_path / name for name in ("empty.mp4", "text.mp4", "cut.mp4", "missing.mp4", "half.mp4")]
    told, complaints = replay(*bad, clip, "--scenario", "left_object", code=1)
    clips = json.loads(told)["clips"]
    assert [("error" in item) for item in clips] == [True, True, True, True, True, False]
    assert clips[4]["samples"] > 0
    assert "cut off" in clips[4]["error"]
    for path in bad:
        assert path.name in complaints
    assert "remedy" in complaints
    assert "Traceback" not in complaints


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--scenario", "left_objekt"], "left_object"),
        (["--scenario", "left_object", "--set", "rule.change.four=3s"], "rule.change.for"),
        (["--scenario", "left_object", "--set", "rule.change.for=-3s"], "rule.change.for"),
        (["--scenario", "left_object", "--set", "rule.change.for=nan"], "rule.change.for"),
        (["--scenario", "left_object", "--zone", "public=0.1,0.1,0.9,0.9,0.9,0.1,0.1,0.9"], "crosses"),
        (["--scenario", "left_object", "--zone", "public=0.1,0.1,0.2,0.1,0.3,0.1"], "area"),
        (["--scenario", "left_object", "--zone", "public=0.1,0.1,0.2"], "zone"),
        (["--scenario", "left_object", "--profile", "tiny"], "short"),
        (["--scenario", "left_object", "--start", "yesterday"], "2026-11-24T08:00:00+08:00"),
        (["--scenario", "illegal_parking", "--weights", "nobody"], "brain models"),
    ],
)
def test_wrong_arguments_are_answered_with_what_and_how(clip: Path, arguments: list[str], said: str) -> None:
    done = subprocess.run([*BRAIN, "replay", str(clip), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_nothing_is_raised_on_confusers(tmp_path: Path) -> None:
    """Light steps of ±40 %, moving shadows, ±3 px shake, walkers and cars: 20 seeds, no left object."""
    clips = [
        encode(left_object_confusers(seed, seconds=40, fps=4), tmp_path / f"{seed}.mp4").path for seed in range(20)
    ]
    told, _ = replay(*clips, "--scenario", "left_object", "--profile", "short")
    assert [clip for clip in json.loads(told)["clips"] if clip["events"]] == []
