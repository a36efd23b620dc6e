"""The figures that others publish, from the same verdicts, so that a city can set them beside ours.

NIST ActEV (protocol ``ActEV_SDL_V2`` of https://github.com/usnistgov/ActEV_Scorer, public domain), TRECVID SED, AI City
(anomaly track) and i-LIDS. Time is in seconds here; NIST counts frames, which gives the same ratios. Nothing in this
file knows of a run: instances and scored time go in, figures come out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import fsum, inf, sqrt

import numpy as np
from scipy.optimize import linear_sum_assignment

from brain.evaluation.matching import assign
from brain.evaluation.spans import Span, seconds, union

# ActEV_SDL_V2: overlap that a pair needs, and the share of a truth that is shorter than that.
ACTEV_OVERLAP_S = 1.0
ACTEV_SHORT_SHARE = 0.5
ACTEV_TFA_LIMIT = 0.2
ACTEV_WEIGHTED = (8, 10)
# AI City: a start within 10 s counts; an error of 300 s or more is worth nothing.
AI_CITY_NEAR_S = 10.0
AI_CITY_WORST_S = 300.0
# TRECVID SED: Cost_FA / (Cost_miss x R_target) = 1 / (10 x 20 per hour).
NDCR_BETA = 1 / (10 * 20)
# i-LIDS sets a recall bias for each of its own scenarios, below 1 for the alerting role and 50 to 75 for recording.
ILIDS_BIAS = {"alerting": 0.65, "recording": 60.0}
# NIST counts whole frames; a difference of two seconds may be off by one bit.
_TOLERANCE_S = 1e-6

Footage = Mapping[str, Sequence[Span]]


@dataclass(frozen=True, slots=True)
class Instance:
    """Something that lasts in a file, as a person or as the system says.

    Attributes:
        confidence: of the system; of no meaning for a truth.
    """

    file: str
    begin_s: float
    end_s: float
    confidence: float = 1.0

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.end_s - self.begin_s


@dataclass(frozen=True, slots=True)
class Alignment:
    """ActEV's one-to-one pairs (truth, system), and what has none."""

    pairs: tuple[tuple[Instance, Instance], ...]
    missed: tuple[Instance, ...]
    false: tuple[Instance, ...]


@dataclass(frozen=True, slots=True)
class DetPoint:
    """What holds when only system instances of at least ``confidence`` count.

    Attributes:
        pmiss: share of truths that are missed; ``weighted_pmiss`` = (missed + 8) / (truths + 10).
        rfa: false alarms per minute of scored video.
        tfa: instance-seconds in excess of the truths per second without truth; ``None`` where there is no such second.
        n_mide: mean over pairs of missed share + false share of time; ``None`` without a pair.
    """

    confidence: float
    pmiss: float | None
    weighted_pmiss: float | None
    rfa: float | None
    tfa: float | None
    n_mide: float | None


def align(truths: Sequence[Instance], systems: Sequence[Instance]) -> Alignment:
    """ActEV's alignment: of all one-to-one pairs within a file the ones with the greatest sum of similarities.

    A pair is allowed if both overlap by 1 s, or by half of a truth that is shorter than 1 s; its similarity is 1 plus
    the confidence, brought to 0–1 over all system instances.
    """
    confidences = [system.confidence for system in systems]
    low, high = min(confidences, default=0.0), max(confidences, default=0.0)
    pairs: list[tuple[Instance, Instance]] = []
    missed: list[Instance] = []
    false: list[Instance] = []
    all_ones, all_others = _by_file(truths), _by_file(systems)
    for file in sorted({*all_ones, *all_others}):
        ones, others = _in_order(all_ones.get(file, [])), _in_order(all_others.get(file, []))
        taken = _best_pairs([[_similarity(one, other, low, high) for other in others] for one in ones])
        pairs.extend((ones[i], others[j]) for i, j in taken)
        rows, columns = {i for i, _ in taken}, {j for _, j in taken}
        missed.extend(one for i, one in enumerate(ones) if i not in rows)
        false.extend(other for j, other in enumerate(others) if j not in columns)
    return Alignment(tuple(pairs), tuple(missed), tuple(false))


def _best_pairs(similarity: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    if not similarity or not similarity[0]:
        return []
    values = np.array(similarity)
    rows, columns = linear_sum_assignment(values, maximize=True)
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if values[i, j] > 0]


def _in_order(instances: Sequence[Instance]) -> list[Instance]:
    """In an order of their own, so that the order given does not matter."""
    return sorted(instances, key=lambda item: (item.begin_s, item.end_s, item.confidence))


def _similarity(truth: Instance, system: Instance, low: float, high: float) -> float:
    """1 + confidence brought to 0–1, or 0 for a pair that is not allowed."""
    shared = min(truth.end_s, system.end_s) - max(truth.begin_s, system.begin_s)
    is_short = truth.seconds < ACTEV_OVERLAP_S - _TOLERANCE_S
    needed = ACTEV_SHORT_SHARE * truth.seconds if is_short else ACTEV_OVERLAP_S
    if shared <= 0 or shared < needed - _TOLERANCE_S:
        return 0.0
    return 2.0 if high == low else 1.0 + (system.confidence - low) / (high - low)


def pmiss(missed: int, truths: int) -> float | None:
    """ActEV and TRECVID: share of truths that are missed; ``None`` without a truth."""
    return missed / truths if truths else None


def weighted_pmiss(missed: int, truths: int) -> float | None:
    """ActEV's wPmiss: (missed + 8) / (truths + 10), which trusts few truths less; ``None`` without a truth."""
    plus, below = ACTEV_WEIGHTED
    return (missed + plus) / (truths + below) if truths else None


def rfa(false: int, footage: Footage) -> float | None:
    """ActEV's rate of false alarms: per minute of scored video; ``None`` without any."""
    return _rate(false, _minutes(footage))


def _minutes(footage: Footage) -> float:
    return fsum(seconds(spans) for spans in footage.values()) / 60


def _rate(false: int, minutes: float) -> float | None:
    return false / minutes if minutes > 0 else None


def tfa(truths: Sequence[Instance], systems: Sequence[Instance], footage: Footage) -> float | None:
    """ActEV's time-based false alarm: sum over time of max(0, S'(t) - R'(t)), by the time without truth.

    S' and R' are how many system and true instances there are at a moment. ``None`` where truth is everywhere.
    """
    steps = _steps_of(truths, systems, footage)
    for system in systems:
        if system.file in steps:
            steps[system.file].take(system)
    return _tfa_of([own.parts() for own in steps.values()])


class _Steps:
    """The scored time of one file, cut wherever something begins or ends, and how much there is in each step.

    Args:
        truths: all of the file; they are there from the start.
        systems: all that may be taken in later.
        spans: the scored time.
    """

    def __init__(self, truths: Sequence[Instance], systems: Sequence[Instance], spans: Sequence[Span]) -> None:
        own = union(spans, -inf, inf)
        moments = [*(moment for item in [*truths, *systems] for moment in (item.begin_s, item.end_s))]
        self._edges = np.unique(np.array([*moments, *(moment for span in own for moment in span)], dtype=np.float64))
        scored = np.zeros(max(len(self._edges) - 1, 0))
        for begin, end in own:
            scored[self._reach(begin, end)] = 1.0
        self._lengths = np.diff(self._edges) * scored
        self._excess = np.zeros_like(scored)
        for truth in truths:
            self._excess[self._reach(truth.begin_s, truth.end_s)] -= 1.0
        self._idle_s = float(self._lengths[self._excess == 0].sum())

    def take(self, system: Instance) -> None:
        """Counts a system instance from now on."""
        self._excess[self._reach(system.begin_s, system.end_s)] += 1.0

    def parts(self) -> tuple[float, float]:
        """Seconds in excess of the truths, and seconds without truth."""
        return float(np.maximum(self._excess, 0.0) @ self._lengths), self._idle_s

    def _reach(self, begin_s: float, end_s: float) -> slice:
        first, last = np.searchsorted(self._edges, (begin_s, end_s))
        return slice(int(first), int(last))


def _steps_of(truths: Sequence[Instance], systems: Sequence[Instance], footage: Footage) -> dict[str, _Steps]:
    own, others = _by_file(truths), _by_file(systems)
    return {file: _Steps(own.get(file, []), others.get(file, []), footage[file]) for file in sorted(footage)}


def _by_file(instances: Sequence[Instance]) -> dict[str, list[Instance]]:
    found: dict[str, list[Instance]] = {}
    for item in instances:
        found.setdefault(item.file, []).append(item)
    return found


def _tfa_of(parts: Collection[tuple[float, float]]) -> float | None:
    idle = fsum(part[1] for part in parts)
    return fsum(part[0] for part in parts) / idle if idle > 0 else None


def n_mide(pairs: Sequence[tuple[Instance, Instance]], footage: Footage) -> float | None:
    """ActEV's N-MIDE without collar: mean over pairs of missed time / truth time + extra time / time without truth.

    Pairs that have nothing to divide by are left out; ``None`` where no pair remains.
    """
    values = [value for pair in pairs if (value := _mide(*pair, footage)) is not None]
    return sum(values) / len(values) if values else None


def _mide(truth: Instance, system: Instance, footage: Footage) -> float | None:
    spans = footage.get(truth.file, ())
    own, other = _within(truth, spans), _within(system, spans)
    shared = _within(Instance(truth.file, *_overlap(truth, system)), spans)
    idle = seconds(spans) - own
    return (own - shared) / own + (other - shared) / idle if own > 0 and idle > 0 else None


def _overlap(one: Instance, other: Instance) -> Span:
    begin = max(one.begin_s, other.begin_s)
    return begin, max(begin, min(one.end_s, other.end_s))


def _within(instance: Instance, spans: Sequence[Span]) -> float:
    return seconds(union(spans, instance.begin_s, instance.end_s))


def det_points(truths: Sequence[Instance], systems: Sequence[Instance], footage: Footage) -> tuple[DetPoint, ...]:
    """ActEV's curve: a point for each confidence, from the highest down; the alignment stays that of all instances.

    The instances are taken in one after the other, so that each costs a pass over the steps of its file only.
    """
    aligned = align(truths, systems)
    pairs = sorted(aligned.pairs, key=lambda pair: -pair[1].confidence)
    mides = [_mide(truth, system, footage) for truth, system in pairs]
    hits_from = [system.confidence for _, system in pairs]
    false_from = sorted((system.confidence for system in aligned.false), reverse=True)
    steps = _steps_of(truths, systems, footage)
    parts = {file: own.parts() for file, own in steps.items()}
    minutes = _minutes(footage)
    points = []
    hits = false = 0
    by_confidence = groupby(sorted(systems, key=_confidence, reverse=True), _confidence)
    for confidence, taken in by_confidence:
        for system in taken:
            if system.file in steps:
                steps[system.file].take(system)
                parts.pop(system.file, None)
        parts.update({file: own.parts() for file, own in steps.items() if file not in parts})
        hits = _count_from(hits_from, hits, confidence)
        false = _count_from(false_from, false, confidence)
        known = [value for value in mides[:hits] if value is not None]
        missed = len(truths) - hits
        point = DetPoint(
            confidence,
            pmiss(missed, len(truths)),
            weighted_pmiss(missed, len(truths)),
            _rate(false, minutes),
            _tfa_of(parts.values()),
            fsum(known) / len(known) if known else None,
        )
        points.append(point)
    return tuple(points)


def _confidence(instance: Instance) -> float:
    return instance.confidence


def _count_from(falling: Sequence[float], start: int, confidence: float) -> int:
    """How many of ``falling`` are at least ``confidence``, if the first ``start`` of them are."""
    while start < len(falling) and falling[start] >= confidence:
        start += 1
    return start


def naudc(curve: Sequence[tuple[float, float]], limit: float = ACTEV_TFA_LIMIT) -> float:
    """ActEV's normalised area under the curve of Pmiss (0 best, 1 worst) from no false alarm to ``limit``.

    Args:
        curve: (false alarm, Pmiss), false alarms rising. It starts at (0, 1), is straight between points and goes on
            level after the last one.
    """
    area, x, y = 0.0, 0.0, 1.0
    for next_x, next_y in curve:
        if next_x > limit:
            at_limit = y + (next_y - y) * (limit - x) / (next_x - x)
            return (area + (y + at_limit) / 2 * (limit - x)) / limit
        area += (y + next_y) / 2 * (next_x - x)
        x, y = next_x, next_y
    return (area + y * (limit - x)) / limit


def naudc_at_tfa(truths: Sequence[Instance], systems: Sequence[Instance], footage: Footage) -> float | None:
    """ActEV's headline: nAUDC at 0.2 time-based false alarm; ``None`` without a truth, or with truth everywhere."""
    points = det_points(truths, systems, footage)
    curve = [(point.tfa, point.pmiss) for point in points if point.tfa is not None and point.pmiss is not None]
    if not truths or len(curve) < len(points):
        return None
    return naudc(curve)


def s4(truths: Sequence[Instance], systems: Sequence[Instance]) -> float | None:
    """AI City's S4 = F1 x (1 - min(1, RMSE / 300 s)); ``None`` without a truth.

    A system instance is right when it begins within 10 s of the truth's begin, one to one; RMSE is that of the begins.
    """
    if not truths:
        return None
    pairs = assign(truths, systems, _start_error)
    errors = [systems[j].begin_s - truths[i].begin_s for i, j in pairs]
    rmse = sqrt(sum(error**2 for error in errors) / len(errors)) if errors else 0.0
    return s4_of(2 * len(pairs) / (len(truths) + len(systems)), rmse)


def _start_error(truth: Instance, system: Instance) -> float | None:
    error = abs(truth.begin_s - system.begin_s)
    return error if truth.file == system.file and error <= AI_CITY_NEAR_S else None


def s4_of(f1: float, rmse_s: float) -> float:
    """AI City's S4 from F1 and the root mean square error of the begins."""
    return f1 * (1 - min(1.0, rmse_s / AI_CITY_WORST_S))


def ndcr(pmiss_: float, false_per_hour: float) -> float:
    """TRECVID SED's normalised detection cost rate: Pmiss + 0.005 x false alarms per hour; doing nothing gives 1."""
    return pmiss_ + NDCR_BETA * false_per_hour


def ilids_f(recall: float | None, precision: float | None, role: str) -> float | None:
    """i-LIDS F = (a + 1) R P / (R + a P), a = recall bias of the role (``alerting`` or ``recording``)."""
    bias = ILIDS_BIAS[role]
    if recall is None or precision is None:
        return None
    below = recall + bias * precision
    return (bias + 1) * recall * precision / below if below > 0 else 0.0
