"""A line for each recording and a curve for each scenario, of a judged run. Pure but for reading the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from brain.evaluation.figures import ScenarioFigures
from brain.evaluation.judgement import Judged, Judgement, Watched
from brain.evaluation.report.charts import CurvePoint, Lane, Tick, curve, lane, percent_spans, round_ticks, time_ticks
from brain.evaluation.spans import Span, union, without
from brain.replay.run import ClipResult, RunClip, RunHeader


@dataclass(frozen=True, slots=True)
class ClipLine:
    """A clip's timeline."""

    clip: RunClip
    seconds: float
    lanes: tuple[Lane, ...]
    outages: tuple[Span, ...]
    ticks: tuple[Tick, ...]

    @property
    def is_quiet(self) -> bool:
        """Whether nothing was there and nothing was raised."""
        return all(item.is_quiet for item in self.lanes)


@dataclass(frozen=True, slots=True)
class Curve:
    """Misses against false alarms of a scenario; axes end at the last tick.

    Attributes:
        points: none for a test set.
        now: as it ran.
        missed, false: 95 % intervals at that point, if known.
    """

    scenario: str
    points: tuple[CurvePoint, ...]
    now: CurvePoint
    missed: Span | None
    false: Span | None
    ticks: tuple[Tick, ...]

    @property
    def end(self) -> float:
        """The x axis' end, false alarms an hour."""
        return self.ticks[-1].value


def clip_lines(
    header: RunHeader, judgement: Judgement, results: Mapping[str, ClipResult | None]
) -> tuple[ClipLine, ...]:
    """One for each clip that was judged.

    Args:
        results: clip id → what came of it, ``None`` where the run has not finished it.
    """
    items: dict[tuple[str, str], list[tuple[int, Judged]]] = {}
    for number, item in enumerate(judgement.items):
        items.setdefault((item.clip, item.scenario), []).append((number, item))
    watched: dict[str, list[Watched]] = {}
    for entry in judgement.watched:
        watched.setdefault(entry.clip, []).append(entry)
    lines = []
    for clip in header.clips:
        result = results[clip.id]
        if result is not None and clip.id in watched:
            lines.append(_line(clip, result, watched[clip.id], items))
    return tuple(lines)


def _line(
    clip: RunClip,
    result: ClipResult,
    watched: list[Watched],
    items: Mapping[tuple[str, str], list[tuple[int, Judged]]],
) -> ClipLine:
    seconds = max(result.seconds, *(entry.length_s for entry in watched))
    outages = union(result.outages, 0.0, seconds)
    lanes = []
    for entry in watched:
        events = [event for event in result.events if event.scenario == entry.scenario]
        ignored = without(without([(0.0, seconds)], entry.spans), outages)
        lanes.append(lane(entry.scenario, seconds, items.get((clip.id, entry.scenario), []), events, ignored))
    return ClipLine(clip, seconds, tuple(lanes), percent_spans(outages, seconds), time_ticks(seconds))


def curves(
    header: RunHeader, judgement: Judgement, figures: Mapping[str, ScenarioFigures], *, whole: bool
) -> tuple[Curve, ...]:
    """One for each scenario of which something was due.

    Args:
        whole: false = only the point at which it ran, as for a test set, on which no threshold may be chosen.
    """
    found = []
    for name, own in figures.items():
        if own.recall is None or own.false_per_camera_hour is None:
            continue
        now = CurvePoint(0.0, own.false_per_camera_hour, 1 - own.recall)
        items = [item for item in judgement.items if item.scenario == name]
        points = curve(items, own.hours, header.scenario(name).window_s) if whole else ()
        found.append(_curve(name, points, now, own))
    return tuple(found)


def _curve(name: str, points: tuple[CurvePoint, ...], now: CurvePoint, figures: ScenarioFigures) -> Curve:
    recall, false = figures.recall_interval, figures.false_per_camera_hour_interval
    missed_span = None if recall is None else (1 - recall.high, 1 - recall.low)
    false_span = None if false is None else (false.low, false.high)
    furthest = max([point.false_per_hour for point in points] + [now.false_per_hour] + list(false_span or ()))
    return Curve(name, points, now, missed_span, false_span, round_ticks(furthest))
