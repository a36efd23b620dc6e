"""From verdicts to figures, one scenario at a time; the formulas are in ``docs/evaluation.md``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import floor, fsum, inf, isinf

import numpy as np
import numpy.typing as npt

from brain.evaluation import peers
from brain.evaluation.figures import Counts, Figures, Interval, JudgedBy, Percentiles, ScenarioFigures
from brain.evaluation.judgement import Judged, Judgement, Verdict, Watched
from brain.evaluation.statistics import cluster_bootstrap, poisson_rate, wilson
from brain.replay.run import Run

DRAWS = 2000
_HOUR_S = 3600.0
_TROUBLES = (Verdict.HIT, Verdict.LATE, Verdict.MISSED)
_LIGHTS = ("day", "night", "unknown")

Sums = npt.NDArray[np.float64]
"""Troubles, hits, alarms that count for precision, false alarms, seconds watched."""


def figures(judgement: Judgement, run: Run, truth_path: str, *, seed: int = 0) -> Figures:
    """All figures of a judgement.

    Args:
        truth_path: of the truth file, as people should see it.
        seed: of the bootstrap's draws: the same seed gives the same interval.
    """
    scenarios, judged_by = {}, {}
    for name in judgement.scenarios:
        items = [item for item in judgement.items if item.scenario == name]
        watched = [item for item in judgement.watched if item.scenario == name]
        ran = run.header.scenario(name)
        scenarios[name] = scenario_figures(items, watched, ran.role, seed=seed)
        judged_by[name] = JudgedBy(dwell_s=ran.dwell_s, window_s=ran.window_s)
    errors = [item.sentence for item in judgement.left_out if item.is_error]
    return Figures(run=run.digest, truth=truth_path, scenarios=scenarios, judged_by=judged_by, errors=tuple(errors))


def scenario_figures(
    items: Sequence[Judged], watched: Sequence[Watched], role: str, *, seed: int = 0
) -> ScenarioFigures:
    """The figures of one scenario; the order of items and clips does not matter.

    Args:
        items, watched: all of that scenario.
        role: ``alerting`` or ``recording``.
    """
    own = counts(items, watched)
    truths, systems, footage = instances(items, watched)
    groups = by_camera(items, watched)
    return ScenarioFigures(
        **own.model_dump(),
        cameras=len({item.camera for item in watched}),
        recall_interval=wilson(own.hits, own.truth),
        precision_interval=wilson(own.hits, own.hits + own.false + own.duplicates),
        f1_interval=cluster_bootstrap(list(groups), _f1_of_groups, draws=DRAWS, seed=seed),
        false_per_camera_hour_interval=poisson_rate(own.false, own.hours),
        role_f=peers.ilids_f(own.recall, own.precision, role),
        time_to_alarm_s=percentiles(_times(items, _since_begin, missed=inf)),
        time_after_due_s=percentiles(_times(items, _since_due)),
        clear_error_s=percentiles(_times(items, _clear_error)),
        by_light=_by_light(items, watched),
        cpu_s_per_camera_hour=_cost(watched),
        naudc=peers.naudc_at_tfa(truths, systems, footage),
        s4=peers.s4(truths, systems),
    )


def counts(items: Sequence[Judged], watched: Sequence[Watched]) -> Counts:
    """What was counted, and the ratios that follow from it."""
    number = {verdict: sum(item.verdict is verdict for item in items) for verdict in Verdict}
    hits, late, false = number[Verdict.HIT], number[Verdict.LATE], number[Verdict.FALSE]
    duplicates = number[Verdict.DUPLICATE]
    truth = hits + late + number[Verdict.MISSED]
    hours = fsum(item.seconds for item in watched) / _HOUR_S
    per_hour = false / hours if hours > 0 else None
    raised = hits + false + duplicates
    return Counts(
        truth=truth,
        hits=hits,
        late=late,
        missed=number[Verdict.MISSED],
        false=false,
        duplicates=duplicates,
        recall=hits / truth if truth else None,
        recall_late=(hits + late) / truth if truth else None,
        precision=hits / raised if raised else None,
        f1=f1(truth, hits, raised),
        false_per_camera_hour=per_hour,
        false_per_camera_day=None if per_hour is None else 24 * per_hour,
        hours=hours,
        outage_hours=fsum(item.outage_s for item in watched) / _HOUR_S,
        ignored_hours=fsum(item.ignored_s for item in watched) / _HOUR_S,
        off_duty_hours=fsum(item.off_duty_s for item in watched) / _HOUR_S,
    )


def f1(truth: float, hits: float, raised: float) -> float | None:
    """2 hits / (truth + raised): the harmonic mean of recall and precision, and 0 where nothing was found.

    ``None`` only where nothing was due and nothing raised.

    Args:
        truth: troubles that were due.
        raised: alarms that count for precision: hits, false ones and duplicates.
    """
    return float(2 * hits / (truth + raised)) if truth + raised else None


def f1_of(sums: Sums) -> float | None:
    """``f1`` of the sums over some cameras."""
    return f1(sums[0], sums[1], sums[2])


def by_camera(items: Iterable[Judged], watched: Sequence[Watched]) -> Sums:
    """One row for each camera that was watched, in order of their names; see ``Sums`` for the columns."""
    rows = {name: row for row, name in enumerate(sorted({entry.camera for entry in watched}))}
    table = np.zeros((len(rows), 5))
    for item in items:
        row = table[rows[item.camera]]
        row[0] += item.verdict in _TROUBLES
        row[1] += item.verdict is Verdict.HIT
        row[2] += item.verdict in (Verdict.HIT, Verdict.FALSE, Verdict.DUPLICATE)
        row[3] += item.verdict is Verdict.FALSE
    for name, number in rows.items():
        table[number][4] = fsum(entry.seconds for entry in watched if entry.camera == name)
    return table


def _f1_of_groups(groups: Sequence[Sums]) -> float | None:
    truth, hits, raised, _, _ = np.sum(groups, axis=0) if len(groups) else np.zeros(5)
    return f1(truth, hits, raised)


def percentiles(values: Sequence[float]) -> Percentiles:
    """Median and 95th percentile, straight between neighbours as numpy takes them; an infinite one is ``None``."""
    return Percentiles(p50=_percentile(values, 0.5), p95=_percentile(values, 0.95))


def _percentile(values: Sequence[float], share: float) -> float | None:
    if not values:
        return None
    ranked = sorted(values)
    place = share * (len(ranked) - 1)
    low = floor(place)
    part = place - low
    if part == 0:
        value = ranked[low]
    elif isinf(ranked[low + 1]):
        return None
    else:
        value = ranked[low] + part * (ranked[low + 1] - ranked[low])
    return None if isinf(value) else round(value, 3)


def _times(
    items: Iterable[Judged], measure: Callable[[Judged], float | None], missed: float | None = None
) -> list[float]:
    """``measure`` of every hit and late one where it has a value, and ``missed`` for each miss if given."""
    found = []
    for item in items:
        if item.verdict in (Verdict.HIT, Verdict.LATE):
            value = measure(item)
        else:
            value = missed if item.verdict is Verdict.MISSED else None
        if value is not None:
            found.append(value)
    return found


def _since_begin(item: Judged) -> float | None:
    return None if item.alarm is None or item.truth is None else item.alarm.raised_s - item.truth.began_s


def _since_due(item: Judged) -> float | None:
    return None if item.alarm is None or item.due_s is None else item.alarm.raised_s - item.due_s


def _clear_error(item: Judged) -> float | None:
    if item.alarm is None or item.truth is None or item.alarm.ended_s is None or item.truth.ended_s is None:
        return None
    return item.alarm.ended_s - item.truth.ended_s


def _by_light(items: Sequence[Judged], watched: Sequence[Watched]) -> dict[str, Counts]:
    """Day, night and unknown apart, those that were watched."""
    found = {}
    for light in _LIGHTS:
        own = [item for item in watched if item.light == light]
        if own:
            found[light] = counts([item for item in items if item.light == light], own)
    return found


def _cost(watched: Sequence[Watched]) -> float | None:
    """CPU seconds for each camera-hour decoded, time ignored or off duty included: it was decoded all the same."""
    known = [item for item in watched if item.cpu_s is not None]
    decoded_s = fsum(item.seconds + item.ignored_s + item.off_duty_s for item in known)
    return fsum(item.cpu_s or 0.0 for item in known) / (decoded_s / _HOUR_S) if decoded_s > 0 else None


def instances(
    items: Sequence[Judged], watched: Sequence[Watched]
) -> tuple[list[peers.Instance], list[peers.Instance], dict[str, tuple[tuple[float, float], ...]]]:
    """Troubles, alarms and scored time of one scenario in the form that ``peers`` takes, in an order of their own."""
    length = {item.clip: item.length_s for item in watched}
    truths, systems = [], []
    for item in items:
        if item.truth is not None and item.verdict in _TROUBLES:
            end_s = length[item.clip] if item.truth.ended_s is None else min(item.truth.ended_s, length[item.clip])
            truths.append(peers.Instance(item.clip, item.truth.began_s, end_s))
        if item.alarm is not None:
            end_s = length[item.clip] if item.alarm.ended_s is None else item.alarm.ended_s
            systems.append(peers.Instance(item.clip, item.alarm.began_s, end_s, item.alarm.score))
    footage = {item.clip: item.spans for item in sorted(watched, key=lambda item: item.clip)}
    return sorted(truths, key=_place), sorted(systems, key=_place), footage


def _place(item: peers.Instance) -> tuple[str, float, float, float]:
    return item.file, item.begin_s, item.end_s, item.confidence


def interval_text(interval: Interval | None, digits: int = 2) -> str:
    """``0.70–0.97``, or a dash where there is none."""
    return "–" if interval is None else f"{interval.low:.{digits}f}–{interval.high:.{digits}f}"
