"""From verdicts to figures."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brain.cli.evaluate.events import _lines as event_lines
from brain.evaluation.figures import Figures, ScenarioFigures
from brain.evaluation.judging import judge
from brain.evaluation.measures import by_camera, f1, f1_of, figures, percentiles, scenario_figures
from brain.evaluation.report.table import table
from brain.evaluation.report.words import Text

BAG = "left_object"


@pytest.fixture
def measured(tmp_path: Path, make_run: Any, make_truth: Any, make_clip: Any, make_event: Any) -> Callable[..., Figures]:
    """Figures of clips given as ``{name: (alarms, truth, clip)}``; alarms as moments or (raised, ended)."""

    def build(clips: dict[str, tuple[Any, ...]], seed: int = 0, **header: Any) -> Figures:
        own = {name: (*parts, {}, {})[:3] for name, parts in clips.items()}
        events = {
            name: [make_event(*(alarm if isinstance(alarm, tuple) else (alarm,))) for alarm in alarms]
            for name, (alarms, _, _) in own.items()
        }
        made = [make_clip(name, **clip) for name, (_, _, clip) in own.items()]
        run = make_run(tmp_path / "run", clips=made, events=events, **header)
        truth = [{"file": f"{name}.mp4", **parts} for name, (_, parts, _) in own.items()]
        return figures(judge(run, make_truth(tmp_path / "truth.yaml", truth)), run, "truth.yaml", seed=seed)

    return build


def trouble(began_s: float, ended_s: float | None = None) -> dict[str, Any]:
    return {"began_s": began_s, "ended_s": ended_s}


def test_the_worked_example(measured: Any) -> None:
    """Two cameras, an hour each; the sums stand beside each figure."""
    day = {
        "light": "day",
        "events": [trouble(100, 400), trouble(1000, 1400), trouble(2000, 2400), trouble(3000, 3300)],
        "ignore": [{"from_s": 3400, "to_s": 3580}],
    }
    night = {"light": "night", "events": [trouble(500, 900)]}
    result = measured(
        {
            # due 130, 1030, 2030, 3030: in time, in time and told again, too late, missed; and two false ones
            "gate": (
                [(135.0, 410.0), (1050.0, 1380.0), 1200.0, (2100.0, 2500.0), 600.0, 700.0],
                day,
                {"seconds": 3600},
            ),
            # due 530: in time; 360 s without a picture
            "yard": ([540.0], night, {"seconds": 3600, "outages": [(3000, 3360)], "cpu_s": 4.0}),
        }
    )
    assert result.truth == "truth.yaml"
    assert not result.errors
    own: ScenarioFigures = result.scenarios[BAG]
    assert (own.truth, own.hits, own.late, own.missed, own.false, own.duplicates) == (5, 3, 1, 1, 2, 1)
    assert own.recall == 3 / 5
    assert own.recall_late == 4 / 5
    assert own.precision == 3 / (3 + 2 + 1)
    assert own.f1 == pytest.approx(2 * 0.6 * 0.5 / (0.6 + 0.5))
    assert own.hours == pytest.approx((3600 - 180 + 3600 - 360) / 3600)  # 1.85
    assert own.ignored_hours == pytest.approx(0.05)
    assert own.outage_hours == pytest.approx(0.1)
    assert own.false_per_camera_hour == pytest.approx(2 / 1.85)
    assert own.false_per_camera_day == pytest.approx(24 * 2 / 1.85)
    assert own.cameras == 2
    # from the begin: 35, 50, 100 (late), 40, and a miss; the middle one of five is 50
    assert (own.time_to_alarm_s.p50, own.time_to_alarm_s.p95) == (50.0, None)
    # from the due moment: 5, 20, 70, 10: between 10 and 20; p95 at place 2.85 of 0-3: 20 + 0.85 x 50
    assert (own.time_after_due_s.p50, own.time_after_due_s.p95) == (15.0, 62.5)
    # end of the event less end of the trouble: 10, -20, 100; the one of yard has no end
    assert own.clear_error_s.p50 == 10.0
    # i-LIDS F, alerting, a = 0.65
    assert own.role_f == pytest.approx(1.65 * 0.6 * 0.5 / (0.6 + 0.65 * 0.5))
    # 2 s and 4 s of CPU for 1 h and 0.9 h decoded
    assert own.cpu_s_per_camera_hour == pytest.approx(6 / 1.9)
    assert own.f1_interval is None  # two cameras are too few
    assert set(own.by_light) == {"day", "night"}
    assert (own.by_light["day"].truth, own.by_light["day"].hits, own.by_light["day"].false) == (4, 2, 2)
    assert (own.by_light["night"].recall, own.by_light["night"].hours) == (1.0, pytest.approx(0.9))


def test_intervals_are_those_of_the_counts(measured: Any) -> None:
    """18 of 20 is 0.70-0.97 by Wilson; no false alarm in 24 h still allows 0.154 an hour (Poisson)."""
    events = [trouble(1000 * n + 100, 1000 * n + 400) for n in range(20)]
    alarms = [1000.0 * n + 135 for n in range(18)]
    own = measured({"a": (alarms, {"events": events}, {"seconds": 86400})}).scenarios[BAG]
    assert (own.recall_interval.low, own.recall_interval.high) == pytest.approx((0.699, 0.972), abs=1e-3)
    assert (own.precision_interval.low, own.precision_interval.high) == pytest.approx((0.824, 1.0), abs=1e-3)
    interval = own.false_per_camera_hour_interval
    assert (interval.low, interval.high) == pytest.approx((0, 0.1537), abs=1e-4)


def test_nothing_to_divide_by(measured: Any) -> None:
    own = measured({"a": ([], {})}).scenarios[BAG]
    assert (own.truth, own.recall, own.precision, own.f1, own.role_f) == (0, None, None, None, None)
    assert (own.recall_interval, own.precision_interval, own.naudc, own.s4) == (None, None, None, None)
    assert own.time_to_alarm_s.model_dump() == {"p50": None, "p95": None}
    assert own.false_per_camera_hour == 0.0
    only_misses = measured({"a": ([], {"events": [trouble(100, 300)]})}).scenarios[BAG]
    assert (only_misses.recall, only_misses.precision, only_misses.f1) == (0.0, None, 0.0)
    assert (only_misses.naudc, only_misses.s4) == (1.0, 0.0)
    only_false = measured({"a": ([135.0], {})}).scenarios[BAG]
    assert (only_false.recall, only_false.precision, only_false.f1, only_false.false) == (None, 0.0, 0.0, 1)


def test_no_hour_was_watched(measured: Any) -> None:
    own = measured({"a": ([], {"ignore": [{"from_s": 0, "to_s": 600}]})}).scenarios[BAG]
    assert (own.hours, own.ignored_hours) == (0.0, pytest.approx(1 / 6))
    assert (own.false_per_camera_hour, own.false_per_camera_day, own.false_per_camera_hour_interval) == (None,) * 3


def test_cost_is_of_clips_whose_cost_is_known(measured: Any) -> None:
    own = measured({"a": ([], {}, {"cpu_s": None, "seconds": 7200}), "b": ([], {}, {"cpu_s": 3.0, "seconds": 1800})})
    assert own.scenarios[BAG].cpu_s_per_camera_hour == pytest.approx(6.0)
    assert measured({"a": ([], {}, {"cpu_s": None})}).scenarios[BAG].cpu_s_per_camera_hour is None


def test_the_bootstrap_is_over_cameras_and_repeats_with_its_seed(measured: Any) -> None:
    """Ten cameras, each with a trouble; seven find it. Two clips of one camera are one group."""
    clips = {
        f"c{n}": ([135.0] if n < 7 else [], {"events": [trouble(100, 300)], "camera": f"cam{n}"}) for n in range(10)
    }
    own = measured(clips).scenarios[BAG]
    assert own.cameras == 10
    assert own.f1_interval is not None
    assert own.f1_interval.low < own.f1 < own.f1_interval.high
    assert measured(clips).scenarios[BAG].f1_interval == own.f1_interval
    one_less = {**clips, "c9": ([], {"events": [trouble(100, 300)], "camera": "cam8"})}
    assert measured(one_less).scenarios[BAG].cameras == 9
    assert measured(one_less).scenarios[BAG].f1_interval is None


def test_peer_figures_of_a_run(measured: Any) -> None:
    """The alarm begins 2 s after the trouble and ends with it: 5 of 600 s are false time of another alarm."""
    own = measured({"a": ([(132.0, 300.0), (532.0, 507.0)], {"events": [trouble(100, 300)]})}).scenarios[BAG]
    # both alarms have score 0.9: one point, (5 s / 400 s, Pmiss 0), reached from (0, 1)
    assert own.naudc == pytest.approx(5 / 400 / 2 / 0.2)
    assert own.s4 == pytest.approx(2 / 3 * (1 - 2 / 300))


def test_errors_are_told_with_the_clip(measured: Any) -> None:
    result = measured({"a": ([135.0], {}), "b": ([], {}, {"unfinished": True})})
    assert len(result.errors) == 1
    assert result.errors[0].startswith("b: the run has not finished this clip")
    assert result.scenarios[BAG].false == 1


@pytest.mark.parametrize(
    ("truth", "hits", "raised", "expected"),
    [
        (4, 2, 4, 0.5),
        (2, 2, 4, 2 / 3),
        (3, 0, 2, 0.0),
        (3, 0, 0, 0.0),  # nothing was found: 0 in every figure and every comparison
        (0, 0, 2, 0.0),
        (0, 0, 0, None),
    ],
)
def test_f1(truth: int, hits: int, raised: int, expected: float | None) -> None:
    assert f1(truth, hits, raised) == (None if expected is None else pytest.approx(expected))
    assert f1_of(np.array([truth, hits, raised, 0, 0])) == f1(truth, hits, raised)


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20))
def test_f1_is_the_harmonic_mean_where_both_are_known(hits: int, unfound: int, wrong: int) -> None:
    found = f1(hits + unfound, hits, hits + wrong)
    if hits:
        recall, precision = hits / (hits + unfound), hits / (hits + wrong)
        assert found == pytest.approx(2 * recall * precision / (recall + precision))
    else:
        assert found == (0.0 if unfound + wrong else None)


def test_the_worked_example_of_the_docs(measured: Any, make_scenario: Any) -> None:
    """Every number of the worked example in ``docs/evaluation.md``."""
    scenario = make_scenario(dwell_s=20.0, inherited_dwell_s=20.0)
    events = [trouble(100, 400), trouble(1000, 1010), trouble(2000)]
    clips = {"a": ([121.0, 180.0, 1500.0, 2090.0], {"events": events}, {"seconds": 3600})}
    own = measured(clips, scenarios=[scenario]).scenarios[BAG]
    assert (own.truth, own.hits, own.late, own.missed, own.false, own.duplicates) == (2, 1, 1, 0, 1, 1)
    assert (own.recall, own.recall_late, own.hours) == (0.5, 1.0, 1.0)
    assert own.precision == pytest.approx(1 / 3)
    assert own.f1 == pytest.approx(0.40)
    assert own.false_per_camera_hour == 1.0
    interval = own.false_per_camera_hour_interval
    assert (round(interval.low, 3), round(interval.high, 1)) == (0.025, 5.6)
    assert own.time_to_alarm_s.model_dump() == {"p50": 55.5, "p95": 86.55}
    assert measured({"a": (clips["a"][0][:3], *clips["a"][1:])}, scenarios=[scenario]).scenarios[
        BAG
    ].time_to_alarm_s.model_dump() == {"p50": None, "p95": None}
    text = (Path(__file__).parents[2] / "docs" / "evaluation.md").read_text(encoding="utf-8")
    example = " ".join(text.partition("### A worked example")[2].partition("\n## ")[0].split())
    for words in (
        "recall 1/2 = 0.50 (with late ones 1.00)",
        "(1 + 1 false + 1 duplicate) = 0.33",
        "2 / (2 + 3) = 0.40",
        "1.0 per camera-hour",
        "0.025 to 5.6",
        "21 s for A and 90 s for C",
        "p50 is 55.5 s and p95 86.55 s",
    ):
        assert words in example, words


one_clip = st.tuples(
    st.integers(0, 11),
    st.lists(st.tuples(st.integers(2, 500), st.integers(30, 200)), max_size=2, unique_by=lambda item: item[0] // 250),
    st.lists(st.integers(20, 590), max_size=3),
    st.sampled_from([100.1, 300.7, 599.3, 600.0]),
)


@settings(max_examples=15, deadline=None)
@given(st.lists(one_clip, min_size=14, max_size=18), st.randoms(use_true_random=False))
def test_the_order_of_clips_does_not_matter(
    tmp_path_factory: Any, make_run: Any, make_truth: Any, make_clip: Any, make_event: Any, drawn: Any, random: Any
) -> None:
    """Over enough cameras for an interval of F1: the very same figures, to the last digit."""
    folder = tmp_path_factory.mktemp("order")
    clips = [
        (
            make_clip(f"c{number}", seconds=seconds, cpu_s=0.1 + number / 7, camera=f"cam{camera}"),
            {"file": f"c{number}.mp4", "camera": f"cam{camera}", "events": [trouble(t, t + s) for t, s in troubles]},
            [make_event(float(t), t + 20.5) for t in alarms],
        )
        for number, (camera, troubles, alarms, seconds) in enumerate(drawn)
    ]

    def of(name: str) -> dict[str, ScenarioFigures]:
        events = {clip["clip"]["id"]: raised for clip, _, raised in clips}
        run = make_run(folder / name, clips=[clip for clip, _, _ in clips], events=events)
        truth = make_truth(folder / f"{name}.yaml", [clip for _, clip, _ in clips])
        judgement = judge(run, truth)
        found = figures(judgement, run, "t").scenarios
        items, watched = list(judgement.items), list(judgement.watched)
        random.shuffle(items)
        random.shuffle(watched)
        assert scenario_figures(items, watched, "alerting") == found[BAG]
        return found

    first = of("one")
    random.shuffle(clips)
    assert of("other") == first


@given(st.lists(st.one_of(st.floats(0, 1e4).map(lambda x: round(x, 2)), st.just(inf)), max_size=20))
def test_percentiles_are_numpy_s_and_infinite_is_none(values: list[float]) -> None:
    """A huge number stands in for infinity: numpy knows no percentile beside an infinite neighbour."""
    found = percentiles(values)
    huge = [1e12 if value == inf else value for value in values]
    for share, value in ((50, found.p50), (95, found.p95)):
        expected = float(np.percentile(huge, share)) if huge else inf
        assert value == (None if expected > 1e6 else pytest.approx(expected, abs=1e-3))


times = st.integers(2, 1100).map(lambda n: n / 2)
clip_drawn = st.tuples(
    st.lists(st.tuples(times, st.integers(1, 400)), max_size=3),
    st.lists(times, max_size=6),
    st.lists(times, max_size=2),
)


@settings(max_examples=60, deadline=None)
@given(clip_drawn, st.integers(1, 5000))
def test_a_shifted_clip_gives_shifted_figures(
    tmp_path_factory: Any,
    make_run: Any,
    make_truth: Any,
    make_clip: Any,
    make_event: Any,
    drawn: Any,
    by: int,
) -> None:
    """All times later by ``by``, the time before them without a picture: the same figures, and ``by`` more outage."""
    troubles, alarms, ignored = drawn
    folder = tmp_path_factory.mktemp("shift")

    def of(name: str, shift: float) -> ScenarioFigures:
        outages = [(0, shift)] if shift else []
        events = [make_event(t + shift, t + shift + 20, began_s=max(0.0, t - 30) + shift) for t in alarms]
        clip = make_clip("a", seconds=600.0 + shift, outages=outages)
        run = make_run(folder / name, clips=[clip], events={"a": events})
        truth = {
            "file": "a.mp4",
            "events": [trouble(begin + shift, begin + shift + span) for begin, span in troubles],
            "ignore": [{"from_s": begin + shift, "to_s": begin + shift + 15} for begin in ignored],
        }
        judgement = judge(run, make_truth(folder / f"{name}.yaml", [truth]))
        return figures(judgement, run, "truth.yaml").scenarios[BAG]

    one, other = of("one", 0.0), of("other", float(by))
    assert other.outage_hours == pytest.approx(by / 3600)
    changed = {"outage_hours", "by_light", "cpu_s_per_camera_hour"}
    for key in set(ScenarioFigures.model_fields) - changed:
        mine, theirs = getattr(one, key), getattr(other, key)
        if hasattr(mine, "model_dump"):
            assert mine.model_dump() == pytest.approx(theirs.model_dump()), key
        else:
            assert mine == (mine if mine is None else pytest.approx(theirs)), key
            assert (mine is None) == (theirs is None), key


def test_every_camera_that_was_watched_is_a_group(
    measured: Any, tmp_path: Path, make_run: Any, make_truth: Any
) -> None:
    """Cameras without troubles or alarms count too: most of the hours are theirs."""
    run = make_run(tmp_path / "run")
    judgement = judge(run, make_truth(tmp_path / "truth.yaml", [{"file": "a.mp4"}]))
    assert by_camera(judgement.items, judgement.watched).tolist() == [[0, 0, 0, 0, 600]]


@pytest.mark.parametrize(
    ("cameras", "alarms", "said"),
    [
        (9, [135.0], "too few cameras (under ten) for an interval"),
        (12, [135.0], "too seldom defined for an interval"),  # one camera of twelve bears it all
    ],
)
def test_the_table_says_why_there_is_no_interval_of_f1(
    measured: Any, cameras: int, alarms: list[float], said: str
) -> None:
    clips = {f"c{n}": (alarms, {"events": [trouble(100, 300)]}) if n == 0 else ([], {}) for n in range(cameras)}
    result = measured(clips).scenarios
    assert result[BAG].f1_interval is None
    row = next(row for group in table(result) for row in group.rows if "F1" in row.name.en)
    note = row.cells[0].note
    assert isinstance(note, Text)
    assert note.en == said
    assert ("不足 10 台" in note.zh) is (cameras < 10)
    lines = " ".join(event_lines(result[BAG]))
    assert ("too few" in lines, "too seldom" in lines) == (cameras < 10, cameras >= 10)


def test_time_off_duty_stands_in_the_figures(measured: Any, make_scenario: Any) -> None:
    noon = {"schedule": [{"days": "daily", "from": "12:00", "to": "12:05"}]}
    result = measured({"a": ([450.0], {})}, scenarios=[make_scenario(manifest=noon)]).scenarios
    own = result[BAG]
    assert (own.hours, own.off_duty_hours) == (pytest.approx(300 / 3600), pytest.approx(300 / 3600))
    assert own.cpu_s_per_camera_hour == pytest.approx(12.0)
    row = next(row for group in table(result) for row in group.rows if "off duty" in row.name.en)
    assert row.cells[0].text.count("/") == 2
