"""``brain evaluate events`` as people and scripts meet it, and how every command opens a run with its truth."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from brain.cli.evaluate import app
from brain.core.errors import ConfigError, UsageError
from brain.evaluation.ledger import uses
from brain.evaluation.opening import open_judged, settings_digest
from brain.evaluation.sets import freeze
from brain.evaluation.truth_file import read_truth
from brain.replay.run import HEADER

BAG = "left_object"
TROUBLE = {"scenario": BAG, "began_s": 100.0, "ended_s": 300.0}
NOW = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)


@pytest.fixture
def recorded(tmp_path: Path, make_run: Any, make_truth: Any, make_clip: Any, make_event: Any) -> tuple[Path, Path]:
    """A run of two clips, by day and by night, and the truth of both: a hit, a miss, a false alarm and a duplicate."""
    clips = [make_clip("day"), make_clip("night", seconds=1200.0)]
    events = {"day": [make_event(135.0, 310.0), make_event(200.0), make_event(450.0)], "night": []}
    make_run(tmp_path / "run", clips=clips, events=events)
    make_truth(
        tmp_path / "truth.yaml",
        [{"file": f"{light}.mp4", "light": light, "events": [TROUBLE]} for light in ("day", "night")],
    )
    return tmp_path / "run", tmp_path / "truth.yaml"


def evaluate(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["events", *map(str, arguments)], catch_exceptions=True)


def test_json(recorded: tuple[Path, Path]) -> None:
    run, truth = recorded
    done = subprocess.run(
        [sys.executable, "-m", "brain.cli.main", "evaluate", "events", run, "--truth", truth, "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    own = told["scenarios"][BAG]
    for key, value in {"truth": 2, "hits": 1, "late": 0, "missed": 1, "false": 1, "duplicates": 1}.items():
        assert own[key] == value, key
    assert (own["recall"], own["precision"], own["hours"]) == (0.5, pytest.approx(1 / 3), 0.5)
    assert own["f1"] == pytest.approx(0.4)
    assert own["false_per_camera_hour"] == 2.0
    assert own["time_to_alarm_s"] == {"p50": None, "p95": None}
    assert own["by_light"]["day"]["hits"] == 1
    assert own["by_light"]["night"]["missed"] == 1
    assert told["truth"] == str(truth)
    items = [(item["verdict"], item["clip"], item["at_s"]) for item in told["items"]]
    assert items == [
        ("hit", "day", 135.0),
        ("duplicate", "day", 200.0),
        ("false", "day", 450.0),
        ("missed", "night", 130.0),
    ]


def test_people_read_names_intervals_and_each_mistake(recorded: tuple[Path, Path]) -> None:
    run, truth = recorded
    done = evaluate(run, "--truth", truth)
    assert done.exit_code == 0
    for words in ("遗留物", "Left object", "1/2", "night 夜间", "day 白天", "∞", "命中/应报"):
        assert words in done.stdout, words
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["missed", "漏报", BAG, "night", "130.0", "s", "pavement", "began", "100", "s,", "due", "130", "s"] in lines
    assert ["false", "误报", BAG, "day", "450.0", "s", "pavement"] in lines
    assert "too few" in done.stdout


def test_a_miss_beside_an_alarm_of_another_place_says_so(
    tmp_path: Path, make_run: Any, make_truth: Any, make_event: Any
) -> None:
    box = {"label": "new", "score": 0.8, "box": (0.65, 0.76, 0.74, 0.87)}
    make_run(tmp_path / "run", events={"a": [make_event(135.0, boxes=[box])]})
    trouble = {**TROUBLE, "box": (0.56, 0.70, 0.68, 0.88)}
    make_truth(tmp_path / "truth.yaml", [{"file": "a.mp4", "events": [trouble]}])
    done = evaluate(tmp_path / "run", "--truth", tmp_path / "truth.yaml", "--markdown")
    assert (
        "the alarm at 135 s marks another place (IoU 0.12, needs 0.3, or 0.1 with its middle inside the truth)"
        in done.stdout
    )


def test_markdown_is_a_table(recorded: tuple[Path, Path]) -> None:
    run, truth = recorded
    done = evaluate(run, "--truth", truth, "--markdown")
    assert done.exit_code == 0
    first, second = done.stdout.split("\n\n")
    for table in (first.splitlines(), second.splitlines()):
        assert len(table) >= 3
        assert len({line.count("|") for line in table}) == 1
        assert all(line.startswith("| ") and line.endswith(" |") for line in table)
    assert len(second.splitlines()) == 2 + 3


def test_errors_go_to_stderr_end_with_1_and_the_figures_stand(recorded: tuple[Path, Path], make_truth: Any) -> None:
    run, truth = recorded
    clips = [{"file": "day.mp4", "events": [TROUBLE]}, {"file": "night.mp4", "duration_s": 60.0}, {"file": "lost.mp4"}]
    make_truth(truth, clips)
    done = evaluate(run, "--truth", truth, "--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert told["scenarios"][BAG]["hits"] == 1
    assert len(told["errors"]) == 2
    assert "brain: night: it is 1200 s long, but the truth was made for a clip of 60 s" in done.stderr
    assert "brain: lost.mp4: " in done.stderr
    assert "has no such clip" in done.stderr


def test_a_mistake_in_the_truth_names_its_line_and_the_other_clip_is_judged(recorded: tuple[Path, Path]) -> None:
    run, truth = recorded
    truth.write_text(
        "labelled: [left_object]\n"
        "clips:\n"
        "  - file: day.mp4\n"
        "    events: [{scenario: left_object, began_s: 100, ended_s: 300}]\n"
        "  - file: night.mp4\n"
        "    events:\n"
        "      - {scenario: left_object, began_s: 50, ended_s: 20}\n",
        encoding="utf-8",
    )
    done = evaluate(run, "--truth", truth, "--json")
    assert done.exit_code == 1
    assert f"{truth}:7: " in done.stderr
    assert "ends before it begins" in done.stderr
    assert json.loads(done.stdout)["scenarios"][BAG]["hits"] == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--scenario", "crowd"], "the run has no scenario 'crowd'"),
        (["--json", "--markdown"], "only one of the two"),
    ],
)
def test_wrong_options(recorded: tuple[Path, Path], options: Sequence[str], message: str) -> None:
    run, truth = recorded
    done = evaluate(run, "--truth", truth, *options)
    assert isinstance(done.exception, UsageError)
    assert message in str(done.exception)


def test_only_one_scenario(tmp_path: Path, make_run: Any, make_truth: Any, make_scenario: Any) -> None:
    make_run(tmp_path / "run", [make_scenario(BAG), make_scenario("crowd")])
    make_truth(tmp_path / "truth.yaml", [{"file": "a.mp4", "labelled": [BAG, "crowd"]}])
    done = evaluate(tmp_path / "run", "--truth", tmp_path / "truth.yaml", "--scenario", "crowd", "--json")
    assert list(json.loads(done.stdout)["scenarios"]) == ["crowd"]


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("run", None, "no run folder"),
        ("run", '{"version": 2}', "a run folder of another version than 1"),
        ("run", "{", "not a run folder"),
        ("truth", None, "cannot be read"),
    ],
)
def test_what_cannot_be_opened_is_a_config_error_with_remedy(
    recorded: tuple[Path, Path], file: str, text: str | None, message: str
) -> None:
    run, truth = recorded
    path = run / HEADER if file == "run" else truth
    path.unlink()
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message) as caught:
        open_judged(run, truth, "brain evaluate events", NOW)
    assert caught.value.remedy
    assert str(path) in caught.value.where


def test_each_use_of_a_frozen_set_is_entered(recorded: tuple[Path, Path]) -> None:
    run, truth = _frozen(recorded)
    opened, _, judgement = open_judged(run, truth, "brain evaluate events", NOW)
    open_judged(run, truth, "brain evaluate report", NOW)
    entries = uses(read_truth(truth))
    assert [entry.command for entry in entries] == ["brain evaluate events", "brain evaluate report"]
    assert {(entry.run, entry.settings) for entry in entries} == {(opened.digest, settings_digest(opened.header))}
    # The clips of the run are not the bytes that were frozen: nothing of them is judged.
    assert [item.clip for item in judgement.left_out if item.is_error] == ["day", "night"]
    assert all("is another file than" in item.why for item in judgement.left_out)


def test_a_frozen_set_that_was_changed_is_refused_and_not_entered(recorded: tuple[Path, Path]) -> None:
    run, truth = _frozen(recorded)
    truth.write_text(truth.read_text("utf-8") + "\n# a word more\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="not what was frozen"):
        open_judged(run, truth, "brain evaluate events", NOW)
    assert not uses(read_truth(truth))


def test_a_set_that_is_not_frozen_has_no_ledger(recorded: tuple[Path, Path]) -> None:
    run, truth = recorded
    open_judged(run, truth, "brain evaluate events", NOW)
    assert sorted(path.name for path in truth.parent.iterdir()) == ["run", "truth.yaml"]


def test_settings_digest_is_that_of_the_settings(
    tmp_path: Path, make_run: Any, make_scenario: Any, make_clip: Any
) -> None:
    one = make_run(tmp_path / "1", clips=[make_clip("a")])
    other_clips = make_run(tmp_path / "2", clips=[make_clip("b")])
    other_dwell = make_run(tmp_path / "3", [make_scenario(dwell_s=31.0)])
    assert settings_digest(one.header) == settings_digest(other_clips.header)
    assert settings_digest(one.header) != settings_digest(other_dwell.header)


def _frozen(recorded: tuple[Path, Path]) -> tuple[Path, Path]:
    """The same with a truth file that states no sha256, frozen together with its clips."""
    run, truth = recorded
    for name in ("day", "night"):
        (truth.parent / f"{name}.mp4").write_bytes(name.encode() * 100)
    clips = "".join(f"  - {{file: {name}.mp4, events: []}}\n" for name in ("day", "night"))
    truth.write_text(f"labelled: [left_object]\nclips:\n{clips}", encoding="utf-8")
    freeze(read_truth(truth), now=NOW)
    return run, truth
