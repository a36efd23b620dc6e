"""Timelines, axes, curves and how figures read: pure, so by tables and properties."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.evaluation.figures import Interval
from brain.evaluation.judgement import Judged, Verdict
from brain.evaluation.report import formats
from brain.evaluation.report.charts import curve, lane, percent_spans, round_ticks, time_ticks
from brain.evaluation.truth import TruthEvent
from brain.replay.run import RunEvent

WINDOW_S = 30.0
Maker = Callable[..., RunEvent]


def judged(verdict: Verdict, alarm: RunEvent | None = None, began_s: float | None = None, clip: str = "a") -> Judged:
    truth = None
    if began_s is not None:
        times = {"began_s": began_s, "ended_s": began_s + 90.0}
        truth = TruthEvent.model_validate({"scenario": "left_object", "zone": "pavement", **times})
    due_s = None if began_s is None else began_s + 30.0
    return Judged(verdict, "left_object", clip, clip, "day", truth, due_s, alarm)


def scored(make_event: Maker, raised_s: float, score: float, ended_s: float | None = None) -> RunEvent:
    return make_event(raised_s, ended_s, score=score)


def test_a_lane_has_each_trouble_and_each_alarm_once(make_event: Maker) -> None:
    hit, again, false = (scored(make_event, at, 0.9, at + 20) for at in (140.0, 180.0, 400.0))
    uncounted = scored(make_event, 500.0, 0.9, None)
    items = [
        (3, judged(Verdict.HIT, hit, 100.0)),
        (4, judged(Verdict.DUPLICATE, again, 100.0)),
        (5, judged(Verdict.FALSE, false)),
        (6, judged(Verdict.MISSED, None, 300.0)),
    ]
    found = lane("left_object", 600.0, items, [hit, again, false, uncounted], [(540.0, 700.0), (700.0, 800.0)])
    assert [(bar.verdict, bar.item, bar.began_s) for bar in found.truths] == [
        (Verdict.HIT, 3, 100.0),
        (Verdict.MISSED, 6, 300.0),
    ]
    assert [(bar.verdict, bar.item) for bar in found.alarms] == [
        (Verdict.HIT, 3),
        (Verdict.DUPLICATE, 4),
        (Verdict.FALSE, 5),
        (None, None),
    ]
    assert found.truths[0].due == pytest.approx(100 * 130 / 600)
    assert found.alarms[-1].left + found.alarms[-1].width == pytest.approx(100.0)
    assert found.ignored == ((90.0, 10.0),)
    assert not found.is_quiet
    assert lane("left_object", 600.0, [], [], []).is_quiet


@given(times=st.lists(st.tuples(st.floats(0, 100), st.floats(0, 60)), max_size=10))
def test_bars_at_the_same_time_lie_on_levels_of_their_own(times: list[tuple[float, float]], make_event: Maker) -> None:
    items = [
        (number, judged(Verdict.FALSE, scored(make_event, begin, 0.5, begin + length)))
        for number, (begin, length) in enumerate(times)
    ]
    bars = lane("left_object", 100.0, items).alarms
    assert len(bars) == len(times)
    for number, one in enumerate(bars):
        assert 0 <= one.level < one.levels
        for other in bars[:number]:
            if one.level == other.level:
                assert other.left + other.width <= one.left


@given(
    seconds=st.floats(0.1, 1e6),
    spans=st.lists(st.tuples(st.floats(-10, 2e6), st.floats(-10, 2e6)), max_size=8),
)
def test_spans_stay_within_the_clip(seconds: float, spans: list[tuple[float, float]]) -> None:
    for left, width in percent_spans(spans, seconds):
        assert left >= 0
        assert width > 0
        assert left + width <= 100 + 1e-9


@given(seconds=st.floats(0, 1e6))
def test_time_marks_begin_at_zero_rise_and_are_few(seconds: float) -> None:
    ticks = time_ticks(seconds)
    assert ticks[0].value == 0
    assert 1 <= len(ticks) <= 9
    assert [tick.at for tick in ticks] == sorted(tick.at for tick in ticks)
    assert all(0 <= tick.at <= 100 and tick.value <= seconds for tick in ticks)


@given(upper=st.floats(0, 1e9))
def test_round_marks_reach_the_upper_end(upper: float) -> None:
    ticks = round_ticks(upper)
    assert ticks[0].value == 0
    assert ticks[-1].at == 100
    assert ticks[-1].value >= upper * (1 - 1e-6)
    assert 2 <= len(ticks) <= 6


def test_the_curve_at_hand_computed_points(make_event: Maker) -> None:
    items = [
        judged(Verdict.HIT, scored(make_event, 131.0, 0.9), 100.0),
        judged(Verdict.HIT, scored(make_event, 332.0, 0.6), 300.0),
        judged(Verdict.FALSE, scored(make_event, 450.0, 0.7)),
        judged(Verdict.FALSE, scored(make_event, 460.0, 0.3), clip="b"),
        judged(Verdict.MISSED, None, 500.0, clip="b"),
    ]
    points = curve(items, hours=2.0, window_s=WINDOW_S)
    assert [(point.threshold, point.false_per_hour) for point in points] == [
        (-inf, 1.0),
        (0.6, 0.5),
        (0.7, 0.5),
        (0.9, 0.0),
        (inf, 0.0),
    ]
    assert [point.missed for point in points] == pytest.approx([1 / 3, 1 / 3, 2 / 3, 2 / 3, 1.0])


def test_a_duplicate_takes_the_place_of_the_alarm_that_falls_out(make_event: Maker) -> None:
    weak, strong = scored(make_event, 131.0, 0.4), scored(make_event, 140.0, 0.9)
    items = [judged(Verdict.HIT, weak, 100.0), judged(Verdict.DUPLICATE, strong, 100.0)]
    points = curve(items, hours=1.0, window_s=WINDOW_S)
    assert [(point.threshold, point.missed) for point in points] == [(-inf, 0.0), (0.9, 0.0), (inf, 1.0)]
    assert {point.false_per_hour for point in points} == {0.0}


@given(
    hits=st.lists(st.floats(0, 1), max_size=12),
    false=st.lists(st.floats(0, 1), max_size=12),
    missed=st.integers(0, 3),
)
def test_a_higher_threshold_never_finds_more(
    hits: list[float], false: list[float], missed: int, make_event: Maker
) -> None:
    items = [
        *(judged(Verdict.HIT, scored(make_event, 31.0, score), 0.0, f"h{n}") for n, score in enumerate(hits)),
        *(judged(Verdict.FALSE, scored(make_event, 31.0, score), clip=f"f{n}") for n, score in enumerate(false)),
        *(judged(Verdict.MISSED, None, 0.0, f"m{n}") for n in range(missed)),
    ]
    points = curve(items, hours=1.0, window_s=WINDOW_S)
    if not hits and not missed:
        assert points == ()
        return
    assert points[0].false_per_hour == len(false)
    assert points[0].missed == pytest.approx(missed / (len(hits) + missed))
    assert points[-1].missed == 1.0
    assert points[-1].false_per_hour == 0.0
    assert [p.missed for p in points] == sorted(p.missed for p in points)
    assert [p.false_per_hour for p in points] == sorted((p.false_per_hour for p in points), reverse=True)


@pytest.mark.parametrize(
    ("form", "value", "wanted"),
    [
        (formats.percent, 11 / 12, "91.7 %"),
        (formats.percent, 1.0, "100 %"),
        (formats.percent, 0.0, "0 %"),
        (formats.percent, None, "–"),
        (formats.number, 0.0, "0"),
        (formats.number, 0.154, "0.15"),
        (formats.number, 0.0042, "0.004"),
        (formats.number, 0.00001, "1e-05"),
        (formats.number, None, "–"),
        (formats.seconds, 12.34, "12.3 s"),
        (formats.seconds, -3.0, "−3 s"),
        (formats.seconds, -0.01, "0 s"),
        (formats.clock, 18.2, "0:18.2"),
        (formats.clock, 59.97, "1:00.0"),
        (formats.clock, 3723.5, "1:02:03.5"),
        (formats.axis_time, 15.0, "15 s"),
        (formats.axis_time, 90.0, "1:30"),
        (formats.axis_time, 300.0, "5 min"),
        (formats.axis_time, 7200.0, "2 h"),
        (formats.hours, 26.44, "26.4 h"),
        (formats.hours, 0.05, "3 min"),
        (formats.size, 1_250_000, "1.2 MB"),
        (formats.percent_interval, Interval(low=0.699, high=0.972), "69.9–97.2 %"),
        (formats.number_interval, Interval(low=0.0, high=0.154), "0–0.15"),
        (formats.number_interval, None, ""),
    ],
)
def test_how_figures_read(form: Callable[[object], str], value: object, wanted: str) -> None:
    assert form(value) == wanted
