"""Rows of the table of figures: what each is called, how it is counted, and how it reads. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from brain.evaluation.figures import Counts, Interval, Percentiles, ScenarioFigures
from brain.evaluation.report.formats import (
    NOTHING,
    hours,
    number,
    number_interval,
    percent,
    percent_interval,
    seconds,
)
from brain.evaluation.report.words import LIGHTS, Text
from brain.evaluation.statistics import FEWEST_GROUPS

TOO_FEW = Text("摄像机太少（不足 10 台），不给区间", "too few cameras (under ten) for an interval")
TOO_SELDOM = Text("有效抽样不足，不给区间", "too seldom defined for an interval")


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure.

    Attributes:
        text: as it reads.
        note: beneath it, an interval or a reason; empty for none.
        interval: shares 0–1 for a small bar: low, value, high.
    """

    text: str
    note: str | Text = ""
    interval: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: the same figure of every scenario, in their order."""

    name: Text
    how: Text
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that belong together."""

    name: Text
    rows: tuple[Row, ...]


def table(figures: Mapping[str, ScenarioFigures]) -> tuple[Group, ...]:
    """All groups of rows, one column for each scenario."""
    every = tuple(figures.values())
    return (
        _group(Text("事件", "Events"), _COUNTS, every),
        _group(Text("质量", "Quality"), _QUALITY, every),
        _group(Text("误报频度", "False alarms"), _FALSE, every),
        _group(Text("时间", "Times"), _TIMES, every),
        _light_group(every),
        _group(Text("观看时长与开销", "Hours and cost"), _HOURS, every),
        _group(Text("同行指标", "Figures of others"), _PEERS, every),
    )


Maker = Callable[[ScenarioFigures], Cell]
_Rows = tuple[tuple[Text, Text, Maker], ...]


def _group(name: Text, rows: _Rows, every: tuple[ScenarioFigures, ...]) -> Group:
    return Group(name, tuple(Row(title, how, tuple(make(item) for item in every)) for title, how, make in rows))


def _light_group(every: tuple[ScenarioFigures, ...]) -> Group:
    rows = []
    for light, name in LIGHTS.items():
        if any(light in item.by_light for item in every):
            how = Text("及时检出率；每小时误报", "recall in time; false alarms an hour")
            rows.append(Row(name, how, tuple(_light_cell(item.by_light.get(light)) for item in every)))
    return Group(Text("昼夜分列", "Day and night apart"), tuple(rows))


def _light_cell(counts: Counts | None) -> Cell:
    if counts is None:
        return Cell(NOTHING)
    found = f"{counts.hits}/{counts.truth}"
    wrong = number(counts.false_per_camera_hour)
    return Cell(f"{percent(counts.recall)} ({found})", f"{wrong} /h · {hours(counts.hours)}")


def _share(value: float | None, interval: Interval | None, missing: str | Text = "") -> Cell:
    if value is None:
        return Cell(NOTHING)
    bar = None if interval is None else (interval.low, value, interval.high)
    return Cell(percent(value), percent_interval(interval) or missing, bar)


def _pair(times: Percentiles, otherwise: str = NOTHING) -> Cell:
    return Cell(f"{seconds(times.p50, otherwise)} / {seconds(times.p95, otherwise)}")


def _per_hour(item: ScenarioFigures) -> Cell:
    return Cell(number(item.false_per_camera_hour), number_interval(item.false_per_camera_hour_interval))


def _taken_off(item: ScenarioFigures) -> tuple[float, float, float]:
    return item.outage_hours, item.ignored_hours, item.off_duty_hours


def _count(name: str) -> Maker:
    return lambda item: Cell(str(getattr(item, name)))


_COUNTS: _Rows = (
    (
        Text("应报事件", "Troubles due"),
        Text("录像中真实存在且应报警", "that were there and should be raised"),
        _count("truth"),
    ),
    (Text("及时命中", "Hits"), Text("时限内报警", "raised in time"), _count("hits")),
    (Text("迟报", "Late"), Text("过了时限才报", "raised after the window"), _count("late")),
    (Text("漏报", "Missed"), Text("始终未报", "never raised"), _count("missed")),
    (Text("误报", "False alarms"), Text("报警时并无此事", "raised without a trouble"), _count("false")),
    (
        Text("重复", "Duplicates"),
        Text("同一事件再次报警，不算误报", "raised again for one trouble; never counted as false"),
        _count("duplicates"),
    ),
)
_QUALITY: _Rows = (
    (
        Text("及时检出率", "Recall in time"),
        Text("命中 ÷ 应报；Wilson 95 % 区间", "hits ÷ due; Wilson 95 % interval"),
        lambda item: _share(item.recall, item.recall_interval),
    ),
    (
        Text("检出率（含迟报）", "Recall with late ones"),
        Text("（命中 + 迟报） ÷ 应报", "(hits + late) ÷ due"),
        lambda item: Cell(percent(item.recall_late)),
    ),
    (
        Text("准确率", "Precision"),
        Text("命中 ÷ （命中 + 误报 + 重复）；Wilson", "hits ÷ (hits + false + duplicates); Wilson"),
        lambda item: _share(item.precision, item.precision_interval),
    ),
    (
        Text("F1", "F1"),
        Text("按摄像机自助法 95 % 区间", "95 % interval by bootstrap over cameras"),
        lambda item: _share(item.f1, item.f1_interval, TOO_FEW if item.cameras < FEWEST_GROUPS else TOO_SELDOM),
    ),
    (
        Text("i-LIDS F", "i-LIDS F"),
        Text("按场景用途（报警/记录）加权", "weighted for the role, alerting or recording"),
        lambda item: Cell(percent(item.role_f)),
    ),
)
_FALSE: _Rows = (
    (
        Text("每摄像机·小时", "Per camera-hour"),
        Text("误报 ÷ 有效时长；精确泊松 95 % 区间", "false ÷ hours; exact Poisson 95 % interval"),
        _per_hour,
    ),
    (
        Text("每摄像机·天", "Per camera-day"),
        Text("同上 × 24", "the same × 24"),
        lambda item: Cell(number(item.false_per_camera_day)),
    ),
)
_TIMES: _Rows = (
    (
        Text("发生到报警", "Begin to alarm"),
        Text("中位 / 95 分位；漏报按无穷计", "median / 95th percentile; misses are infinite"),
        lambda item: _pair(item.time_to_alarm_s, "∞" if item.truth else NOTHING),
    ),
    (
        Text("应报到报警", "Due to alarm"),
        Text("中位 / 95 分位；命中与迟报", "median / 95th percentile; hits and late ones"),
        lambda item: _pair(item.time_after_due_s),
    ),
    (
        Text("解除误差", "Clear error"),
        Text(
            "报警结束减去事件结束；中位 / 95 分位", "end of the alarm less end of the trouble; median / 95th percentile"
        ),
        lambda item: _pair(item.clear_error_s),
    ),
)
_HOURS: _Rows = (
    (
        Text("有效时长", "Camera-hours"),
        Text("真正看过的时间", "really watched"),
        lambda item: Cell(hours(item.hours)),
    ),
    (
        Text("无画面 / 忽略 / 非布控时段", "Outage / ignored / off duty"),
        Text("已从有效时长扣除", "taken off the hours"),
        lambda item: Cell(" / ".join(hours(length) for length in _taken_off(item))),
    ),
    (Text("摄像机", "Cameras"), Text("参与统计", "that were watched"), _count("cameras")),
    (
        Text("CPU 秒/摄像机·小时", "CPU s per camera-hour"),
        Text("整个回放，各场景共用", "of the whole replay, shared by its scenarios"),
        lambda item: Cell(number(item.cpu_s_per_camera_hour, 1)),
    ),
)
_PEERS: _Rows = (
    (
        Text("ActEV nAUDC@0.2", "ActEV nAUDC@0.2"),
        Text("NIST；越低越好", "NIST; lower is better"),
        lambda item: Cell(number(item.naudc, 3)),
    ),
    (
        Text("AI City S4", "AI City S4"),
        Text("越高越好", "higher is better"),
        lambda item: Cell(number(item.s4, 3)),
    ),
)
