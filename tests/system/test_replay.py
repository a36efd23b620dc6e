"""`brain replay` as a person or script uses it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from brain.cli.main import build
from brain.core.errors import BrainError
from brain.sim.encode import encode
from brain.sim.scenes import left_object, left_object_confusers, quiet
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


SHORT = ("--scenario", "left_object", "--profile", "short")


def files(folder: Path, *left_out: str) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() and path.name not in ("cost.json", *left_out))
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_rules_from_a_record_say_what_the_video_said(clip: Path, tmp_path: Path) -> None:
    run, again, changed = tmp_path / "run", tmp_path / "again", tmp_path / "changed"
    told, _ = replay(clip, clip, tmp_path / "gone.mp4", *SHORT, "--record", run, code=1)
    repeated, _ = replay("--from", run, "--record", again, code=1)
    assert json.loads(repeated)["clips"][0]["events"] == json.loads(told)["clips"][0]["events"] != []
    assert files(run, "run.json") == files(again, "run.json")
    # With the scenario named, it is taken as it is now; the same settings give the same.
    assert replay("--from", run, *SHORT, code=1)[0] == replay("--from", run, code=1)[0]
    none, _ = replay("--from", again, "--set", "rule.change.for=35s", "--record", changed, code=1)
    assert json.loads(none)["clips"][0]["events"] == []
    header = json.loads((changed / "run.json").read_text("utf-8"))
    assert header["scenarios"][0]["dwell_s"] == 35
    assert len(header["observed_by"]) == 64
    replay("--from", changed, code=1)


def test_folders_patterns_and_an_order_that_never_changes(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("b.mp4", "deep/a.mp4"):
        (tmp_path / name).write_bytes(clip.read_bytes())
    (tmp_path / "notes.txt").touch()
    outputs = {replay(tmp_path, *SHORT, "--workers", workers)[0] for workers in (1, 2)}
    assert len(outputs) == 1
    names = [item["clip"] for item in json.loads(outputs.pop())["clips"]]
    assert names == [str(tmp_path / "b.mp4"), str(tmp_path / "deep" / "a.mp4")]
    assert [item["clip"] for item in json.loads(replay(tmp_path / "**/a*.mp4", *SHORT)[0])["clips"]] == names[1:]


def test_the_truth_says_what_is_watched(clip: Path, tmp_path: Path) -> None:
    truth_file = tmp_path / "truth.yaml"
    zone = next(item for item in truth(left_object(5, seconds=40, fps=6)).zones if item.kind == "public")
    corners = [[round(x, 4), round(y, 4)] for x, y in zone.polygon]
    zones = f"[{{name: pavement, kind: public, polygon: {corners}}}]"
    about = "camera: gate-1, site: north, light: night, start: '2026-11-24T20:00:00+08:00'"
    (tmp_path / "second.mp4").write_bytes(clip.read_bytes())
    truth_file.write_text(
        "set: dev\nlabelled: [left_object]\nclips:\n"
        f"  - {{file: {clip}, {about}, zones: {zones}}}\n"
        "  - {file: second.mp4}\n"
    )
    told, _ = replay("--truth", truth_file, *SHORT, "--record", tmp_path / "run")
    first, second = json.loads(told)["clips"]
    assert [event["zone"] for event in first["events"]] == ["pavement"]
    assert {event["zone"] for event in second["events"]} == {"whole_picture"}
    header = json.loads((tmp_path / "run" / "run.json").read_text("utf-8"))
    known, unknown = header["clips"]
    assert [known[key] for key in ("camera", "site", "light")] == ["gate-1", "north", "night"]
    assert known["start"] == "2026-11-24T12:00:00Z"
    assert len(known["sha256"]) == 64
    assert (unknown["camera"], unknown["light"]) == ("second", "unknown")
    alone, _ = replay(clip, "--truth", truth_file, *SHORT)
    assert json.loads(alone)["clips"] == [first]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "no recording named"),
        (["CLIP"], "no scenario named"),
        (["EMPTY", *SHORT], "no video in this folder"),
        (["EMPTY/*.mp4", *SHORT], "nothing fits this pattern"),
        (["--from", "EMPTY"], "brain replay --record FOLDER"),
        (["--from", "OLD"], "another version"),
        (["--from", "RUN", "CLIP"], "FILE does not go with --from"),
        (["--from", "RUN", "--start", "2026-11-24T08:00:00+08:00"], "--start does not go with --from"),
        (["--from", "RUN", "--record", "RUN"], "name another folder"),
        (["--from", "RUN", "--scenario", "crowd_gathering"], "person_detection, which was not recorded"),
        (["--from", "RUN", "--set", "sample.every=0.5s"], "finer than recorded"),
        (["--from", "RUN", "--set", "rule.change.four=1s"], "rule.change.for"),
        (["CLIP", "--scenario", "left_object", "--record", "RUN"], 'profile: "short" there, "normal" asked for'),
        (["CLIP", *SHORT, "--record", "OLD"], "name another folder"),
        (["CLIP", *SHORT, "--record", "FULL"], "holds other files"),
        (["CLIP", *SHORT, "--truth", "none.yaml"], "none.yaml"),
        (["CLIP", *SHORT, "--truth", "none.yaml", "--zone", "public=0,0,1,0,1,1"], "--zone and --truth"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(
    recorded: Path, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    (tmp_path / "EMPTY").mkdir()
    (tmp_path / "FULL").mkdir()
    (tmp_path / "FULL" / "thesis.doc").touch()
    (tmp_path / "OLD").mkdir()
    old = json.loads((recorded / "run.json").read_text("utf-8")) | {"version": 99}
    (tmp_path / "OLD" / "run.json").write_text(json.dumps(old))
    (tmp_path / "RUN").symlink_to(recorded)
    (tmp_path / "CLIP").symlink_to(clip)
    before = files(recorded)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BrainError) as caught:
        build(["replay"])(["replay", *arguments], standalone_mode=False)
    assert said in str(caught.value)
    assert caught.value.remedy
    assert caught.value.exit_code == 2
    assert files(recorded) == before


@pytest.fixture(scope="module")
def recorded(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("run") / "run"
    replay(clip, *SHORT, "--record", run)
    return run


def test_realtime_takes_as_long_as_the_clip_shows(tmp_path: Path) -> None:
    short = encode(quiet(3, seconds=4, fps=4), tmp_path / "quiet.mp4").path
    began_s = time.monotonic()
    slow, _ = replay(short, *SHORT, "--realtime")
    assert time.monotonic() - began_s >= 3.0  # the last sample is that of second 3
    assert slow == replay(short, *SHORT)[0]


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "seeds", [pytest.param(range(6), id="few"), pytest.param(range(6, 20), id="many", marks=pytest.mark.full)]
)
def test_nothing_is_raised_on_confusers(tmp_path: Path, seeds: range) -> None:
    """Light steps of ±40 %, moving shadows, ±3 px shake, walkers and cars: no left object."""
    clips = [encode(left_object_confusers(seed, seconds=40, fps=4), tmp_path / f"{seed}.mp4").path for seed in seeds]
    told, _ = replay(*clips, "--scenario", "left_object", "--profile", "short")
    assert [clip for clip in json.loads(told)["clips"] if clip["events"]] == []
