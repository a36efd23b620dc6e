"""Timelines and curves as numbers, ready to be drawn by a template. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import ceil, floor, inf, log10

from brain.evaluation.judgement import Judged, Verdict
from brain.evaluation.matching import Due, match
from brain.evaluation.spans import Span
from brain.replay.run import RunEvent

MAX_THRESHOLDS = 200
MIN_WIDTH = 0.5
"""Percent of the clip that a bar takes up at least."""
TIME_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a timeline.

    Attributes:
        left, width: percent of the clip's length.
        due: percent at which it was due; ``None`` where that is not to be shown.
        verdict: gives the colour; ``None`` = an alarm that counts for nothing.
        began_s, ended_s: as they are; ``None`` = to the end of the clip.
        item: number of the verdict among all of the judgement, for a link; ``None`` = none.
        level, levels: bars at the same time share the height of their row: the how-manieth of how many.
    """

    left: float
    width: float
    due: float | None
    verdict: Verdict | None
    began_s: float
    ended_s: float | None
    item: int | None = None
    level: int = 0
    levels: int = 1


@dataclass(frozen=True, slots=True)
class Lane:
    """A scenario on a clip: troubles above, alarms below, ``ignored`` spans (left and width in percent) behind."""

    scenario: str
    truths: tuple[Bar, ...]
    alarms: tuple[Bar, ...]
    ignored: tuple[Span, ...]

    @property
    def is_quiet(self) -> bool:
        """Whether nothing was there and nothing was raised."""
        return not self.truths and not self.alarms


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: place in percent, and value."""

    at: float
    value: float


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What would come out if only alarms of at least ``threshold`` were raised.

    Attributes:
        false_per_hour: false alarms per camera-hour.
        missed: share 0–1 of troubles that are not raised in time.
    """

    threshold: float
    false_per_hour: float
    missed: float


def lane(
    scenario: str,
    seconds: float,
    items: Sequence[tuple[int, Judged]],
    events: Iterable[RunEvent] = (),
    ignored: Iterable[Span] = (),
) -> Lane:
    """A scenario on one clip.

    Args:
        seconds: length of the clip.
        items: verdicts of that scenario on that clip, each with its number among all.
        events: all that the scenario raised there; what no verdict speaks of is shown as counting for nothing.
        ignored: spans in seconds that count for nothing.
    """
    whole = max(seconds, 1e-3)
    truths, alarms = [], []
    judged = [item.alarm for _, item in items]
    for number, item in items:
        if item.truth is not None and item.verdict is not Verdict.DUPLICATE:
            due = None if item.due_s is None else _share(item.due_s, whole)
            truths.append(_bar(item.truth.began_s, item.truth.ended_s, whole, item.verdict, due, number))
        if item.alarm is not None:
            alarms.append(_bar(item.alarm.raised_s, item.alarm.ended_s, whole, item.verdict, None, number))
    for event in events:
        if event not in judged:
            alarms.append(_bar(event.raised_s, event.ended_s, whole, None, None, None))
    return Lane(scenario, _side_by_side(truths), _side_by_side(alarms), percent_spans(ignored, whole))


def percent_spans(spans: Iterable[Span], seconds: float) -> tuple[Span, ...]:
    """Left edge and width in percent of each span that lies within the clip."""
    whole = max(seconds, 1e-3)
    placed = []
    for begin, end in spans:
        left, right = _share(begin, whole), _share(end, whole)
        if right > left:
            placed.append((left, right - left))
    return tuple(placed)


def time_ticks(seconds: float, most: int = 8) -> tuple[Tick, ...]:
    """Marks at round times from 0 to the end of a clip, at most ``most`` and one."""
    step = next((step for step in TIME_STEPS if seconds / step <= most), ceil(seconds / most))
    count = floor(seconds / step) if seconds > 0 else 0
    return tuple(Tick(_share(number * step, seconds), number * step) for number in range(count + 1))


def round_ticks(upper: float, most: int = 5) -> tuple[Tick, ...]:
    """Marks at round values (1, 2, 5 × power of ten) from 0 to at least ``upper``; the last is the axis' end."""
    upper = upper if upper > 1e-9 else 1.0
    power = 10.0 ** floor(log10(upper / most))
    step = next(factor * power for factor in (1, 2, 5, 10) if upper / (factor * power) <= most * (1 + 1e-9))
    count = max(1, ceil(upper / step - 1e-9))
    return tuple(Tick(100.0 * number / count, number * step) for number in range(count + 1))


def curve(items: Sequence[Judged], hours: float, window_s: float) -> tuple[CurvePoint, ...]:
    """Misses against false alarms of one scenario over all thresholds, the present one (no threshold) first.

    Alarms are matched anew at each threshold, so that a later alarm may take the place of one that is left out. Alarms
    that count for nothing stay out. Empty where nothing is due or nothing was watched.

    Args:
        items: verdicts of one scenario.
        hours: camera-hours watched.
        window_s: of the scenario.
    """
    due = sum(item.verdict in (Verdict.HIT, Verdict.LATE, Verdict.MISSED) for item in items)
    if not due or hours <= 0:
        return ()
    by_clip = [list(group) for _, group in groupby(sorted(items, key=lambda item: item.clip), lambda item: item.clip)]
    clips = [(_dues(group), [item.alarm for item in group if item.alarm is not None]) for group in by_clip]
    points = []
    for threshold in _thresholds([alarm.score for _, alarms in clips for alarm in alarms]):
        hits = false = 0
        for dues, alarms in clips:
            left = [alarm for alarm in alarms if alarm.score >= threshold]
            outcome = match(dues, left, window_s=window_s)
            hits += len(outcome.hits)
            false += len(outcome.false)
        points.append(CurvePoint(threshold, false / hours, 1 - hits / due))
    return tuple(points)


def _dues(items: Iterable[Judged]) -> list[Due]:
    return [
        Due(item.truth, item.due_s)
        for item in items
        if item.truth is not None and item.due_s is not None and item.verdict is not Verdict.DUPLICATE
    ]


def _thresholds(scores: Sequence[float]) -> list[float]:
    """0 (as it ran), every score there is, evenly thinned if there are very many, and one above all."""
    distinct = sorted(set(scores))
    if len(distinct) > MAX_THRESHOLDS:
        last = len(distinct) - 1
        distinct = [distinct[round(number * last / (MAX_THRESHOLDS - 1))] for number in range(MAX_THRESHOLDS)]
    return [-inf, *distinct[1:], inf]


def _bar(
    begin: float, end: float | None, whole: float, verdict: Verdict | None, due: float | None, item: int | None
) -> Bar:
    left = _share(begin, whole)
    right = 100.0 if end is None else _share(end, whole)
    return Bar(left, max(0.0, right - left), due, verdict, begin, end, item)


def _side_by_side(bars: Iterable[Bar]) -> tuple[Bar, ...]:
    """The bars in order, none above another: each on the first level that is free when it begins."""
    ends: list[float] = []
    placed: list[tuple[Bar, int]] = []
    for bar in sorted(bars, key=lambda bar: (bar.left, bar.width)):
        level = next((level for level, end in enumerate(ends) if end <= bar.left), len(ends))
        ends[level : level + 1] = [bar.left + max(bar.width, MIN_WIDTH)]
        placed.append((bar, level))
    return tuple(replace(bar, level=level, levels=len(ends)) for bar, level in placed)


def _share(moment: float, whole: float) -> float:
    return min(100.0, max(0.0, 100.0 * moment / whole)) if whole > 0 else 0.0
