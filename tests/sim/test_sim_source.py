"""``sim:SCENE?…`` as a source of ``brain try`` and ``brain replay``, with the scene's zones and its truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import pytest
from typer.testing import CliRunner, Result

from brain.cli.main import build
from brain.core.errors import BrainError
from brain.evaluation.truth_file import read_truth

CASE = "sim:left_object?seed=1&seconds=16&put_down=6.8&taken=15&fps=4&size=480x270"
QUIET = "sim:quiet?seed=3&seconds=2&fps=2&size=160x90&light=night"
SHORT = ("confirm.of=4", "confirm.at_least=3", "sample.every=0.5s", "rule.change.for=1s", "rule.change.occlusion=1s")
OPTIONS = ["--scenario", "left_object", "--profile", "short", *(part for one in SHORT for part in ("--set", one))]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRAIN_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def brain(*arguments: str) -> Result:
    return CliRunner().invoke(build([arguments[0]]), [*arguments], catch_exceptions=True)


def told(result: Result) -> dict[str, Any]:
    assert result.exception is None, (result.exception, result.output)
    plain: dict[str, Any] = json.loads(result.stdout)
    return plain


def test_a_replay_of_drawn_scenes_is_judged_by_their_truth(tmp_path: Path) -> None:
    replayed = brain("replay", CASE, QUIET, *OPTIONS, "--record", "run", "--sim-truth", "truth.yaml", "--json")
    clips = told(replayed)["clips"]
    assert [len(clip["events"]) for clip in clips] == [1, 0]
    assert clips[0]["events"][0]["zone"] == "pavement"
    assert clips[0]["events"][0]["raised_s"] > 6.8
    known = read_truth(tmp_path / "truth.yaml")
    assert known.mistakes == ()
    assert [clip.camera for clip in known.clips] == ["left-object-1", "quiet-3"]
    assert [clip.light for clip in known.clips] == ["day", "night"]
    assert [len(clip.events) for clip in known.clips] == [1, 0]
    header = json.loads((tmp_path / "run" / "run.json").read_text())
    assert [clip["start"] for clip in header["clips"]] == ["2026-03-16T00:30:00Z", "2026-03-16T13:30:00Z"]
    judged = brain("evaluate", "events", "run", "--truth", "truth.yaml", "--json")
    assert judged.exception is None, judged.output
    assert '"hits": 1' in judged.stdout


def test_a_trial_says_what_is_to_be_found_and_watches_the_scenes_zones(tmp_path: Path) -> None:
    tried = brain("try", QUIET, "--scenario", "left_object", "--set", "sample.every=1s", "--json")
    assert tried.exception is None, tried.output
    assert "truth: nothing; easily taken for left_object" in tried.stderr
    findings = [json.loads(line)["findings"] for line in tried.stdout.splitlines()]
    assert {finding["zone"] for one in findings for finding in one} == {"pavement", "road"}
    assert cv2.imread(str(tmp_path / "brain-try" / "last.jpg")).shape == (90, 160, 3)
    own = brain("try", QUIET, "--scenario", "left_object", "--zone", "public:mine=0.1,0.1,0.9,0.1,0.9,0.9", "--json")
    assert {finding["zone"] for finding in json.loads(own.stdout.splitlines()[0])["findings"]} == {"mine"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["try", "sim:parked_cat"], "did you mean parked_car"),
        (["replay", "sim:quiet?sede=3"], "did you mean seed?"),
        (["replay", QUIET, "--start", "soon"], "2026-11-24T08:00:00+08:00"),
        (["replay", "a.mp4", "--sim-truth", "truth.yaml"], "no sim: source"),
        (["replay", QUIET, "--sim-truth", "truth.txt"], "ends in .yaml"),
        (["replay", QUIET, "--sim-truth", "no/truth.yaml"], "no such folder"),
        (["replay", "--from", "run", "--sim-truth", "truth.yaml"], "--sim-truth does not go with --from"),
        (["replay", QUIET, "a.mp4", "--truth", "a.yaml", "--sim-truth", "truth.yaml"], "and --truth together"),
        (["replay", QUIET, "--truth", "a.yaml"], "--truth with sim: sources alone"),
        (["replay", QUIET, CASE, f"{QUIET}&weather=dry"], f"is the same clip as {QUIET}"),
        (["replay", QUIET, "--record", "run/file"], "is a file, not a folder"),
        (["replay", QUIET, "--record", "run"], "other files than a run"),
    ],
)
def test_mistakes_are_named_before_anything_is_drawn(tmp_path: Path, arguments: list[str], said: str) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "file").touch()
    result = brain(*arguments, "--scenario", "left_object")
    assert isinstance(result.exception, BrainError)
    assert said in str(result.exception)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_neither_a_truth_nor_a_run_of_somebody_else_is_written_over(tmp_path: Path) -> None:
    own = tmp_path / "truth.yaml"
    arguments = ["--scenario", "left_object", "--set", "sample.every=1s", "--record", "run", "--json"]
    told(brain("replay", QUIET, *arguments, "--sim-truth", "truth.yaml"))
    known = {path: path.read_bytes() for path in (own, tmp_path / "run" / "run.json")}
    told(brain("replay", QUIET, *arguments, "--sim-truth", "truth.yaml"))  # the same goes on
    other = QUIET.replace("seed=3", "seed=4")
    for more, said in (["truth.yaml"], "not the truth of these"), (["fresh.yaml"], "another run lies here"):
        refused = brain("replay", other, *arguments, "--sim-truth", *more)
        assert isinstance(refused.exception, BrainError)
        assert said in str(refused.exception)
    own.write_text(own.read_text().replace("clips:", "clips:  # mine").replace("road", "my road"))
    mended = own.read_bytes()
    assert isinstance(brain("replay", QUIET, *arguments, "--sim-truth", "truth.yaml").exception, BrainError)
    assert own.read_bytes() == mended
    assert (tmp_path / "run" / "run.json").read_bytes() == known[tmp_path / "run" / "run.json"]
    assert not (tmp_path / "fresh.yaml").exists()
    assert [path.name[:7] for path in (tmp_path / "home" / "cache" / "sim").iterdir()] == ["quiet-3"]


@pytest.mark.parametrize(
    ("more", "clock"),
    [([], "21:30:00+08:00"), (["--start", "2026-01-01T05:00:00-03:30"], "05:00:00-03:30")],
)
def test_moments_are_those_of_the_clock_in_the_picture_or_of_the_start_given(more: list[str], clock: str) -> None:
    tried = brain("try", QUIET, "--scenario", "left_object", "--set", "sample.every=1s", *more)
    assert tried.stdout.startswith(clock + " left_object/")
