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

from brain.evaluation.figures import Figures, ScenarioFigures
from brain.evaluation.judging import judge
from brain.evaluation.measures import f1, figures, percentiles, tallies

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
    assert (only_misses.recall, only_misses.precision, only_misses.f1) == (0.0, None, None)
    assert (only_misses.naudc, only_misses.s4) == (1.0, 0.0)
    only_false = measured({"a": ([135.0], {})}).scenarios[BAG]
    assert (only_false.recall, only_false.precision, only_false.false) == (None, 0.0, 1)


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
    ("recall", "precision", "expected"),
    [(0.5, 0.5, 0.5), (1.0, 0.5, 2 / 3), (0.0, 0.0, 0.0), (None, 0.5, None), (0.5, None, None), (0.0, 0.7, 0.0)],
)
def test_f1(recall: float | None, precision: float | None, expected: float | None) -> None:
    assert f1(recall, precision) == (None if expected is None else pytest.approx(expected))


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
    assert tallies(judgement.items, judgement.watched) == {"a": (0, 0, 0, 0)}
