"""What a setting scores is what a run that was made with it scores."""

from __future__ import annotations

from pathlib import Path

import pytest

from brain.core.errors import BrainError, ConfigError, UsageError
from brain.evaluation.judging import judge
from brain.evaluation.measures import figures
from brain.evaluation.sweep.due import DueBy
from brain.evaluation.sweep.sweep import events_of_setting, figures_of_setting, sweep
from brain.evaluation.truth import TruthSet
from brain.replay.record import header_bytes
from brain.replay.run import HEADER, Run

from .sweep_runs import (
    GRID,
    make_labels,
    make_three,
    replayed,
)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, TruthSet]:
    return make_three(tmp_path_factory.mktemp("sweep"))


@pytest.mark.parametrize("due", ["run", "rule", 30.0])
def test_a_setting_scores_what_a_run_made_with_it_scores(
    recorded: tuple[Run, TruthSet], due: DueBy, tmp_path: Path
) -> None:
    run, truth = recorded
    result = sweep(run, truth, "illegal_parking", GRID, due=due)
    assert [dict(item.setting) for item in result.scored] == [{}, *(dict(setting) for setting in GRID)]
    seen = set()
    for item in result.scored[::3]:
        again = replayed(run, item.setting, tmp_path / str(item.number), due)
        raised = {clip.id: again.result(clip.id).events for clip in again.header.clips}  # type: ignore[union-attr]
        assert events_of_setting(result, item) == raised
        own = figures(judge(again, truth), again, str(truth.path)).scenarios["illegal_parking"]
        told = figures_of_setting(result, item)
        assert told == own
        counted = (own.truth, own.hits, own.late, own.false, own.duplicates, own.recall or 0.0, own.hours)
        score = item.score
        assert (score.truth, score.hits, score.late, score.false, score.duplicates, score.recall, score.hours) == (
            pytest.approx(counted)
        )
        median = own.time_to_alarm_s.p50
        assert score.delay_s == (float("inf") if median is None else median)
        seen.add(counted)
    assert len(seen) > 2
    assert result.present.score.delays_s


def test_workers_change_nothing(recorded: tuple[Run, TruthSet]) -> None:
    run, truth = recorded
    told: list[tuple[int, int]] = []
    one = sweep(run, truth, "illegal_parking", GRID, progress=lambda done, whole: told.append((done, whole)))
    assert sweep(run, truth, "illegal_parking", GRID, workers=2) == one
    whole = 3 * (len(GRID) + 1)
    assert told[-1] == (whole, whole)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_the_order_of_settings_changes_no_score(recorded: tuple[Run, TruthSet]) -> None:
    run, truth = recorded
    one = sweep(run, truth, "illegal_parking", GRID)
    other = sweep(run, truth, "illegal_parking", list(reversed(GRID)))
    assert [item.by_clip for item in one.scored[1:]] == [item.by_clip for item in reversed(other.scored[1:])]
    assert one.best() is not None
    assert {item.score for item in one.front()} == {item.score for item in other.front()}


def test_alarms_before_a_trouble_is_due_are_told_as_early(recorded: tuple[Run, TruthSet]) -> None:
    run, truth = recorded
    settings = [{"rule.stationary.for": "20s"}]
    by_run = sweep(run, truth, "illegal_parking", settings)
    short = by_run.scored[1].score
    assert 0 < short.early <= short.false
    assert any("--due 20s" in note for note in by_run.notes)
    welcome = sweep(run, truth, "illegal_parking", settings, due=20.0)
    assert welcome.scored[1].score.early == 0
    assert welcome.scored[1].score.hits > short.hits
    assert not any("--due" in note for note in welcome.notes)
    assert any("own dwell" in note for note in sweep(run, truth, "illegal_parking", settings, due="rule").notes)


def test_settings_that_cannot_be_are_named_and_the_others_tried(recorded: tuple[Run, TruthSet]) -> None:
    run, truth = recorded
    settings = [{"confirm.at_least": 99}, {"confirm.at_least": 5}, {"sample.every": "1s"}]
    result = sweep(run, truth, "illegal_parking", settings)
    assert [item.setting for item in result.scored] == [{}, {"confirm.at_least": 5}]
    assert "at_least 99 must not exceed of 6" in result.refused[0].why
    assert "finer than recorded" in result.refused[1].why
    with pytest.raises(UsageError, match=r"no setting can be tried: .*at_least 99"):
        sweep(run, truth, "illegal_parking", settings[:1])


def test_a_threshold_below_all_that_was_recorded_is_told(recorded: tuple[Run, TruthSet]) -> None:
    run, truth = recorded
    result = sweep(run, truth, "illegal_parking", [{"rule.stationary.min_score": score} for score in (0.05, 0.1, 0.3)])
    note = next(note for note in result.notes if "min_score" in note)
    assert note.startswith("rule.stationary.min_score 0.05, 0.1: below 0.12")
    assert result.scored[1].by_clip == result.scored[2].by_clip
    assert not sweep(run, truth, "illegal_parking", [{"confirm.at_least": 5}]).notes


def test_rules_that_do_not_raise_what_the_run_raised_are_told(recorded: tuple[Run, TruthSet], tmp_path: Path) -> None:
    run, truth = recorded
    again = replayed(run, {}, tmp_path / "again")
    path = again.clip_folder("b") / "result.json"
    path.write_text(again.result("b").model_copy(update={"events": ()}).model_dump_json())  # type: ignore[union-attr]
    notes = sweep(again, truth, "illegal_parking", [{"confirm.at_least": 5}]).notes
    assert notes == ("b: the rules as they are now do not raise there what the run raised",)


def test_what_cannot_be_swept_is_refused(recorded: tuple[Run, TruthSet], tmp_path: Path) -> None:
    run, truth = recorded
    with pytest.raises(UsageError, match="the run has no scenario 'left_object'"):
        sweep(run, truth, "left_object", GRID)
    with pytest.raises(UsageError, match="not for tuning"):
        sweep(run, truth, "illegal_parking", [{"evaluation.window": "600s"}])
    unlabelled = make_labels(run, tmp_path / "unlabelled.json", changes={"labelled": ["left_object"], "events": []})
    with pytest.raises(ConfigError, match="nothing can be judged"):
        sweep(run, unlabelled, "illegal_parking", GRID)
    empty = make_labels(run, tmp_path / "empty.json", changes={"events": []})
    with pytest.raises(ConfigError, match="nobody saw any illegal_parking"):
        sweep(run, empty, "illegal_parking", GRID)
    brief = [{"scenario": "illegal_parking", "began_s": 5.0, "ended_s": 9.0}]
    with pytest.raises(ConfigError, match="is due"):
        sweep(run, make_labels(run, tmp_path / "brief.json", changes={"events": brief}), "illegal_parking", GRID)


def test_a_run_whose_scenario_has_code_of_its_own_is_refused(recorded: tuple[Run, TruthSet], tmp_path: Path) -> None:
    run, truth = recorded
    scenario = run.header.scenarios[0].model_copy(update={"code": "1" * 64})
    (tmp_path / HEADER).write_bytes(header_bytes(run.header.model_copy(update={"scenarios": (scenario,)})))
    with pytest.raises(UsageError, match="code of its own"):
        sweep(Run(tmp_path), truth, "illegal_parking", GRID)


@pytest.mark.parametrize("workers", [1, 2])
def test_damaged_observations_are_told_with_file_and_line(
    recorded: tuple[Run, TruthSet], tmp_path: Path, workers: int
) -> None:
    run, truth = recorded
    again = replayed(run, {}, tmp_path / "again")
    path = again.clip_folder("c") / "observations.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:7], "{}\n", *lines[8:]]))
    with pytest.raises(BrainError, match=r"observations\.jsonl:8"):
        sweep(again, truth, "illegal_parking", GRID, workers=workers)
