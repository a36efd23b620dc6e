"""The gate: what falls, what passes, and the file that the stored figures stand in."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from brain.cli.evaluate.gate import command
from brain.core.errors import ConfigError, UsageError
from brain.core.types import Severity
from brain.evaluation.figures import Figures
from brain.evaluation.gate import (
    Baseline,
    Gate,
    Result,
    StoredFigures,
    Tolerances,
    hold_against,
    new_baseline,
    present,
)
from brain.evaluation.gate_file import json_text, read_baseline, write_baseline, yaml_text
from brain.evaluation.judgement import Judged, Verdict, Watched
from brain.evaluation.measures import figures, scenario_figures
from brain.evaluation.opening import open_judged
from brain.evaluation.truth import TruthEvent, TruthSet
from brain.replay.run import Run, RunEvent

SCENARIO = "left_object"
NOW = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
HIT, LATE, MISSED, FALSE, DUPLICATE = Verdict
Make = Callable[..., Any]

# ---- figures of verdicts made by hand ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """Verdicts of one camera: delays of hits in seconds, and how many there are of the rest."""

    delays: tuple[float, ...] = ()
    late: int = 0
    missed: int = 0
    false: int = 0
    duplicates: int = 0
    hours: float = 1.0


def _alarm(raised_s: float) -> RunEvent:
    return RunEvent(
        scenario=SCENARIO,
        zone="z",
        began_s=0.0,
        raised_s=raised_s,
        ended_s=None,
        severity=Severity.LOW,
        measure=1.0,
        score=0.5,
    )


def figures_of(case: Case) -> Figures:
    delays = [*((HIT, delay) for delay in case.delays), *((LATE, 90.0),) * case.late, *((MISSED, None),) * case.missed]
    items = []
    for number, (verdict, delay) in enumerate(delays):
        truth = TruthEvent(scenario=SCENARIO, began_s=100.0 * number)
        alarm = None if delay is None else _alarm(truth.began_s + delay)
        items.append(Judged(verdict, SCENARIO, "c", "c", "day", truth, truth.began_s + 30, alarm))
    for number in range(case.false):
        items.append(Judged(FALSE, SCENARIO, "c", "c", "day", alarm=_alarm(50.0 + number)))
    for number in range(case.duplicates):
        items.append(Judged(DUPLICATE, SCENARIO, "c", "c", "day", items[0].truth, 30.0, _alarm(60.0 + number)))
    seconds = case.hours * 3600
    watched = [Watched(SCENARIO, "c", "c", "day", seconds, 0, 0, 1.0, ((0, seconds),), seconds)]
    own = scenario_figures(items, watched, "alerting")
    return Figures(run="r" * 64, truth="truth.yaml", scenarios={SCENARIO: own})


cases = st.builds(
    Case,
    delays=st.lists(st.floats(0, 60).map(lambda value: round(value, 3)), max_size=6).map(tuple),
    late=st.integers(0, 2),
    missed=st.integers(0, 3),
    false=st.integers(0, 3),
    duplicates=st.just(0),
    hours=st.floats(0.01, 50),
)


def _results(gate: Gate) -> dict[str, Result]:
    return {line.figure: line.result for line in gate.lines}


# ---- what must always hold ---------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(cases)
def test_passes_its_own_baseline(case: Case) -> None:
    figures = figures_of(case)
    baseline = new_baseline(figures, "0.1.0")
    gate = hold_against(baseline, figures)
    assert gate.passed
    assert {line.result for line in gate.lines} == {Result.OK}
    assert {"truth", "hours"} <= set(_results(gate))


@settings(max_examples=40, deadline=None)
@given(cases, st.data())
def test_dropping_any_hit_fails(case: Case, data: Any) -> None:
    assume(case.delays)
    baseline = new_baseline(figures_of(case), "0.1.0")
    index = data.draw(st.integers(0, len(case.delays) - 1))
    left = case.delays[:index] + case.delays[index + 1 :]
    dropped = Case(left, case.late, case.missed + 1, case.false, case.duplicates, case.hours)
    gate = hold_against(baseline, figures_of(dropped))
    assert not gate.passed
    assert _results(gate)["recall"] is Result.FELL
    # Neither does it help to leave the trouble out of the truth.
    fewer = Case(left, case.late, case.missed, case.false, case.duplicates, case.hours)
    assert _results(hold_against(baseline, figures_of(fewer)))["truth"] is Result.FELL


@settings(max_examples=40, deadline=None)
@given(cases, st.integers(1, 3))
def test_further_false_alarms_fail(case: Case, more: int) -> None:
    baseline = new_baseline(figures_of(case), "0.1.0")
    worse = Case(case.delays, case.late, case.missed, case.false + more, case.duplicates, case.hours)
    assert _results(hold_against(baseline, figures_of(worse)))["false_per_camera_hour"] is Result.FELL


@settings(max_examples=40, deadline=None)
@given(cases, st.floats(0.01, 0.99))
def test_fewer_hours_fail(case: Case, share: float) -> None:
    baseline = new_baseline(figures_of(case), "0.1.0")
    shorter = Case(case.delays, case.late, case.missed, case.false, case.duplicates, case.hours * share)
    gate = hold_against(baseline, figures_of(shorter))
    assert _results(gate)["hours"] is Result.FELL
    assert "proves nothing" in next(line.why for line in gate.lines if line.figure == "hours")


@settings(max_examples=40, deadline=None)
@given(cases, cases)
def test_what_fell_one_way_is_better_the_other(one: Case, other: Case) -> None:
    """But for the amounts, of which more is no improvement, and figures that one of them does not have."""
    there = _results(hold_against(new_baseline(figures_of(one), "1"), figures_of(other)))
    back = _results(hold_against(new_baseline(figures_of(other), "1"), figures_of(one)))
    now, then = present(figures_of(one).scenarios[SCENARIO]), present(figures_of(other).scenarios[SCENARIO])
    for figure in ("recall", "precision", "false_per_camera_hour"):
        if getattr(now, figure) is not None and getattr(then, figure) is not None:
            assert (there[figure] is Result.FELL) == (back[figure] is Result.BETTER)
            assert (there[figure] is Result.OK) == (back[figure] is Result.OK)


@settings(max_examples=40, deadline=None)
@given(cases, cases)
def test_enough_tolerance_lets_figures_fall(one: Case, other: Case) -> None:
    """The widest tolerance leaves only what is not there any more to hold a release back."""
    wide = Tolerances(truth=100, hours=100, recall=1, precision=1, false_per_camera_hour=1e6, time_to_alarm_p95_s=1e6)
    stored = new_baseline(figures_of(one), "1").model_copy(update={"tolerance": wide})
    gate = hold_against(stored, figures_of(other))
    assert all(line.now is None for line in gate.fell)


# ---- tables ------------------------------------------------------------------------------------------------------

FULL = StoredFigures(
    truth=10, hours=20.0, recall=0.8, precision=0.9, false_per_camera_hour=0.1, time_to_alarm_p95_s=40.0
)


@pytest.mark.parametrize(
    ("figure", "now", "tolerance", "result"),
    [
        ("truth", 10, 0, Result.OK),
        ("truth", 9, 0, Result.FELL),
        ("truth", 9, 1, Result.OK),
        ("truth", 11, 0, Result.OK),  # more is no improvement
        ("hours", 19.9, 0, Result.FELL),
        ("hours", 19.9, 0.2, Result.OK),
        ("hours", 20.0 - 1e-12, 0, Result.OK),  # the last digit of a sum
        ("recall", 0.8, 0, Result.OK),
        ("recall", 0.79, 0, Result.FELL),
        ("recall", 0.79, 0.01, Result.OK),  # just as much as is allowed
        ("recall", 0.789, 0.01, Result.FELL),
        ("recall", 0.9, 0, Result.BETTER),
        ("recall", None, 1, Result.FELL),
        ("precision", 0.89, 0, Result.FELL),
        ("precision", None, 0, Result.FELL),
        ("precision", 0.95, 0, Result.BETTER),
        ("false_per_camera_hour", 0.11, 0, Result.FELL),
        ("false_per_camera_hour", 0.11, 0.01, Result.OK),
        ("false_per_camera_hour", 0.05, 0, Result.BETTER),
        ("false_per_camera_hour", None, 0, Result.FELL),
        ("time_to_alarm_p95_s", 40.5, 0, Result.FELL),
        ("time_to_alarm_p95_s", 40.5, 0.5, Result.OK),
        ("time_to_alarm_p95_s", None, 1000, Result.FELL),  # without end
        ("time_to_alarm_p95_s", 39.0, 0, Result.BETTER),
    ],
)
def test_each_figure(figure: str, now: float | None, tolerance: float, result: Result) -> None:
    own = figures_of(Case((10.0,) * 8, missed=2, hours=20)).scenarios[SCENARIO]
    values: dict[str, Any] = {**FULL.model_dump(exclude={"tolerance"}), figure: now}
    times = own.time_to_alarm_s.model_copy(update={"p95": values.pop("time_to_alarm_p95_s")})
    figures = Figures(
        run="r", truth="t", scenarios={SCENARIO: own.model_copy(update={**values, "time_to_alarm_s": times})}
    )
    baseline = Baseline(tolerance=Tolerances.model_validate({figure: tolerance}), scenarios={SCENARIO: FULL})
    gate = hold_against(baseline, figures)
    results = _results(gate)
    assert results.pop(figure) is result
    assert set(results.values()) == {Result.OK}
    assert gate.passed == (result is not Result.FELL)


def test_a_miss_among_the_slowest_may_become_a_time() -> None:
    endless = new_baseline(figures_of(Case((10.0,), missed=2)), "1")
    assert endless.scenarios[SCENARIO].time_to_alarm_p95_s is None
    gate = hold_against(endless, figures_of(Case((10.0, 11.0, 12.0))))
    assert _results(gate)["time_to_alarm_p95_s"] is Result.BETTER
    assert [line.figure for line in gate.better] == ["recall", "time_to_alarm_p95_s"]


def test_without_troubles_nothing_is_asked_of_time_or_recall() -> None:
    figures = figures_of(Case(false=2, hours=10))
    gate = hold_against(new_baseline(figures, "1"), figures)
    assert [line.figure for line in gate.lines] == ["truth", "hours", "precision", "false_per_camera_hour"]
    assert gate.passed


def test_a_missing_scenario_fails_and_a_new_one_is_named() -> None:
    figures = figures_of(Case((10.0,)))
    baseline = Baseline(scenarios={"fire": StoredFigures(truth=0, hours=0)})
    gate = hold_against(baseline, figures)
    assert not gate.passed
    assert [(line.scenario, line.result, line.why) for line in gate.lines] == [
        ("fire", Result.FELL, "the run is not judged on this scenario")
    ]
    assert gate.unknown == (SCENARIO,)


def test_own_tolerance_goes_before_that_of_all() -> None:
    own = FULL.model_copy(update={"tolerance": Tolerances(recall=0.0)})
    baseline = Baseline(
        tolerance=Tolerances(recall=0.5, hours=5),
        scenarios={SCENARIO: own, "b": FULL},
    )
    found = figures_of(Case((10.0,) * 7, missed=3, hours=19)).scenarios[SCENARIO]
    gate = hold_against(baseline, Figures(run="r", truth="t", scenarios={SCENARIO: found, "b": found}))
    results = {(line.scenario, line.figure): line.result for line in gate.lines}
    assert results[SCENARIO, "recall"] is Result.FELL
    assert results["b", "recall"] is Result.OK
    assert results[SCENARIO, "hours"] is Result.OK


# ---- the file ----------------------------------------------------------------------------------------------------

shares = st.none() | st.floats(0, 1)
tolerances = st.builds(
    Tolerances.model_validate,
    st.fixed_dictionaries(
        {}, optional={"recall": st.floats(0, 1), "truth": st.integers(0, 9), "hours": st.floats(0, 9)}
    ),
)
baselines = st.builds(
    Baseline,
    run=st.sampled_from(["", "ab" * 32]),
    product=st.sampled_from(["0.1.0", "1e5", "no"]),
    tolerance=tolerances,
    scenarios=st.dictionaries(
        st.sampled_from(["left_object", "on", "null", "no", "1e5", "007", "a.b", "True", "y", "fire-2"]),
        st.builds(
            StoredFigures,
            truth=st.integers(0, 10**6),
            hours=st.floats(0, 1e7),
            recall=shares,
            precision=shares,
            false_per_camera_hour=st.none() | st.floats(0, 1e6),
            time_to_alarm_p95_s=st.none() | st.floats(-10, 1e6),
            tolerance=tolerances,
        ),
        min_size=1,
        max_size=3,
    ),
)


@settings(max_examples=40, deadline=None)
@given(baseline=baselines, form=st.sampled_from(["yaml", "json"]))
def test_the_file_gives_the_same_back(baseline: Baseline, form: str, tmp_path_factory: Any) -> None:
    path = tmp_path_factory.getbasetemp() / f"baseline.{form}"
    write_baseline(path, baseline)
    found = read_baseline(path)
    assert found == baseline
    assert list(found.scenarios) == list(baseline.scenarios)
    assert found.tolerance.model_fields_set == baseline.tolerance.model_fields_set
    assert not list(path.parent.glob(f".{path.name}*"))


def test_the_file_is_to_be_read_by_people() -> None:
    text = yaml_text(Baseline(run="ab", product="0.1.0", scenarios={"left_object": FULL}))
    assert 'run: "ab"  # sha256 of the run.json' in text
    assert 'product: "0.1.0"  # version of city-brain' in text
    assert "\n  left_object:\n    truth: 10  # troubles due; fewer prove nothing\n" in text
    assert json.loads(json_text(Baseline(scenarios={"left_object": FULL})))["scenarios"]["left_object"]["recall"] == 0.8


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("scenarios:\n  a:\n    truth: 1\n    hours: -2\n", 4, "hours: must be greater"),
        ("scenarios:\n  a:\n    truth: 1\n    hours: 2\n    recal: 0.5\n", 5, "did you mean 'recall'"),
        ("tolerance: {recall: 2}\nscenarios:\n  a: {truth: 1, hours: 1}\n", 1, "tolerance.recall"),
        ("scenarios:\n  a:\n    hours: 2\n", 2, "'scenarios.a.truth' is missing"),
        ("scenarios: {}\n", 1, "scenarios"),
        ("scenarios:\n  a: {truth: 1, hours: 1\n", 3, "not YAML"),
        ('{"scenarios": {"a": {"truth": 1,\n"hours": "many"}}}', 2, "hours"),
        ("scenarios:\n  a: {truth: 1, hours: .nan}\n", 2, "finite"),
    ],
)
def test_mistakes_name_file_and_line(tmp_path: Path, text: str, line: int, what: str) -> None:
    path = tmp_path / "baseline.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as found:
        read_baseline(path)
    assert found.value.where == f"{path}:{line}"
    assert what in found.value.what
    assert "--write" in found.value.remedy


def test_a_file_that_cannot_be_had_or_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        read_baseline(tmp_path / "none.yaml")
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be written"):
        write_baseline(tmp_path / "file" / "baseline.yaml", Baseline(scenarios={"a": FULL}))


# ---- the command -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """Three troubles, two found; and a run that finds one of them only, another that finds all."""

    run: Run
    worse: Run
    better: Run
    truth: TruthSet
    baseline: Path


@pytest.fixture
def world(tmp_path: Path, make_run: Make, make_truth: Make, make_clip: Make, make_event: Make) -> World:
    troubles = [{"began_s": 100.0 * number, "ended_s": 100.0 * number + 90} for number in (1, 2, 3)]
    truth = make_truth(tmp_path / "truth.yaml", [{"file": "a.mp4", "events": troubles}])
    made = [
        make_run(
            tmp_path / f"run{count}",
            clips=[make_clip("a", seconds=600)],
            events={"a": [make_event(100.0 * number + 31, 100.0 * number + 90) for number in range(1, count + 1)]},
        )
        for count in (2, 1, 3)
    ]
    return World(made[0], made[1], made[2], truth, tmp_path / "baseline.yaml")


def test_command_stores_passes_and_holds_back(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    command(world.run.folder, world.truth.path, world.baseline, write=True)
    stored = read_baseline(world.baseline)
    assert stored.run == world.run.digest
    assert stored.scenarios[SCENARIO].recall == pytest.approx(2 / 3)
    capsys.readouterr()

    command(world.run.folder, world.truth.path, world.baseline)
    assert "passed 通过" in capsys.readouterr().out

    with pytest.raises(typer.Exit) as end:
        command(world.worse.folder, world.truth.path, world.baseline)
    assert end.value.exit_code == 1
    said = capsys.readouterr().out
    assert "FELL 下降" in said
    assert "0.667" in said
    assert "0.333" in said

    command(world.better.folder, world.truth.path, world.baseline)
    assert "raise it with --write" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("stored", "falls"), [({}, ()), ({"window_s": 10.0}, ("window_s",)), ({"dwell_s": 20.0}, ("dwell_s",))]
)
def test_another_measure_is_no_improvement(world: World, stored: dict[str, float], falls: tuple[str, ...]) -> None:
    """A wider window, or a later due moment, turns late alarms into hits: that must not pass as progress."""
    _, _, judgement = open_judged(world.run.folder, world.truth.path, "brain evaluate gate", NOW)
    now = figures(judgement, world.run, "truth.yaml")
    own = present(now.scenarios[SCENARIO], now.judged_by[SCENARIO])
    assert (own.dwell_s, own.window_s) == (30.0, 30.0)
    gate = hold_against(Baseline(scenarios={SCENARIO: own.model_copy(update=stored)}), now)
    assert tuple(line.figure for line in gate.fell) == falls
    assert gate.passed == (not falls)


def test_command_write_keeps_tolerances_and_names_what_is_lowered(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    stored = FULL.model_copy(update={"truth": 3, "hours": 0.1, "tolerance": Tolerances(recall=0.05)})
    write_baseline(world.baseline, Baseline(scenarios={SCENARIO: stored, "fire": FULL}))
    command(world.worse.folder, world.truth.path, world.baseline, write=True)
    said = capsys.readouterr().err
    assert "left_object: the baseline is lowered: recall 0.800 → 0.333" in said
    assert "fire: left out of the baseline" in said
    found = read_baseline(world.baseline)
    assert list(found.scenarios) == [SCENARIO]
    assert found.scenarios[SCENARIO].tolerance == Tolerances(recall=0.05)


def test_command_says_the_same_as_json(world: World) -> None:
    command(world.run.folder, world.truth.path, world.baseline, write=True)
    words = ["gate", world.worse.folder, "--truth", world.truth.path, "--baseline", world.baseline, "--json"]
    whole = [sys.executable, "-m", "brain.cli.main", "evaluate", *map(str, words)]
    done = subprocess.run(whole, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1, done.stderr
    gate = Gate.model_validate(json.loads(done.stdout))
    assert not gate.passed
    assert [line.figure for line in gate.fell] == ["recall"]


def test_command_on_a_missing_clip(world: World, make_truth: Make, capsys: pytest.CaptureFixture[str]) -> None:
    """A clip that the run lacks is named; the scenario that was stored with it falls."""
    command(world.run.folder, world.truth.path, world.baseline, write=True)
    elsewhere = make_truth(
        world.truth.path.with_name("other.yaml"), [{"file": "b.mp4", "events": [{"began_s": 5.0, "ended_s": 90.0}]}]
    )
    with pytest.raises(typer.Exit) as end:
        command(world.run.folder, elsewhere.path, world.baseline)
    assert end.value.exit_code == 1
    said = capsys.readouterr()
    assert "b.mp4" in said.err
    assert "not judged on this scenario" in said.out
    with pytest.raises(UsageError, match="nothing to store"):
        command(world.run.folder, elsewhere.path, world.baseline, write=True)


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (Case(false=2), Case(), Result.OK),  # nothing was due: silence is right
        (Case(missed=2, false=2), Case(missed=2), Result.OK),  # no alarm was right: none at all is no worse
        (Case(delays=(30.0, 31.0)), Case(missed=2), Result.FELL),
        (Case(delays=(30.0,), false=1), Case(missed=1), Result.FELL),
    ],
)
def test_no_alarm_at_all_is_no_fall_of_precision_where_none_was_right(
    before: Case, now: Case, expected: Result
) -> None:
    gate = hold_against(new_baseline(figures_of(before), "0.1.0"), figures_of(now))
    assert _results(gate)["precision"] is expected
    assert gate.passed is (expected is Result.OK)
