"""Which alarm belongs to which trouble: the pairs, and what the rest are. Pure; the definitions are in
``docs/evaluation.md``.

A trouble is *due* when it has lasted the dwell of its rule. An alarm may belong to it when it is raised between 2 s
before that and the end of the trouble, at most a window later, in the same zone and, where both have boxes, at the same
place. Of all ways to pair them the one with most pairs is taken, and of these the one with the least sum of distances.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import TypeVar

import numpy as np
from scipy.optimize import linear_sum_assignment

from brain.core.geometry import Box, iou
from brain.evaluation.truth import TruthEvent
from brain.replay.run import RunEvent
from brain.scenarios.assignment import WHOLE

EARLY_S = 2.0
MIN_IOU = 0.3
# Boxes drawn by hand are coarse and a detector may see a part only: see docs/adr/0009.
MIN_IOU_CENTRED = 0.1
# An alarm shortly after the end still belongs to what has just gone: people and rules see the end at different samples.
CLEAR_GRACE_S = 5.0
# Times are written with three digits; a sum of two of them may be off by one bit.
_TOLERANCE_S = 1e-6
# Costs are whole milliseconds, so that equal sums are equal and not a matter of rounding.
_UNITS_PER_S = 1000.0

First = TypeVar("First")
Second = TypeVar("Second")


@dataclass(frozen=True, slots=True)
class Due:
    """A trouble and the moment at which it should be raised, in seconds from the clip's first picture."""

    truth: TruthEvent
    due_s: float

    @property
    def end_s(self) -> float:
        """When it is gone; infinite when it lasts to the end of the clip."""
        return inf if self.truth.ended_s is None else self.truth.ended_s


@dataclass(frozen=True, slots=True)
class Matching:
    """What became of every trouble and every alarm of one scenario on one clip; each stands in one place only.

    Attributes:
        hits: raised in time.
        late: raised after the window, while the trouble was still there.
        missed: never raised while it was there.
        duplicates: a further alarm, with the trouble that is hit or late already.
        false: alarms without a trouble.
    """

    hits: tuple[tuple[Due, RunEvent], ...] = ()
    late: tuple[tuple[Due, RunEvent], ...] = ()
    missed: tuple[Due, ...] = ()
    duplicates: tuple[tuple[Due, RunEvent], ...] = ()
    false: tuple[RunEvent, ...] = ()


def match(truths: Sequence[Due], alarms: Sequence[RunEvent], *, early_s: float = EARLY_S, window_s: float) -> Matching:
    """Pairs the troubles of one scenario on one clip with its alarms; the order given does not matter.

    Args:
        early_s: an alarm may come this long before the due moment.
        window_s: an alarm in time comes at most this long after it.
    """
    dues = sorted(truths, key=_due_key)
    events = sorted(alarms, key=_alarm_key)
    hits = assign(dues, events, lambda due, alarm: _distance(in_time(due, alarm, early_s, window_s), due, alarm))
    hit_pairs, dues, events = _taken_out(dues, events, hits)
    late = assign(dues, events, lambda due, alarm: _distance(_is_late(due, alarm, window_s), due, alarm))
    late_pairs, missed, events = _taken_out(dues, events, late)
    known = sorted((due for due, _ in [*hit_pairs, *late_pairs]), key=_due_key)
    duplicates, false = [], []
    for alarm in events:
        near = [due for due in known if belongs(due, alarm, early_s)]
        if near:
            duplicates.append((min(near, key=lambda due: abs(alarm.raised_s - due.due_s)), alarm))
        else:
            false.append(alarm)
    return Matching(tuple(hit_pairs), tuple(late_pairs), tuple(missed), tuple(duplicates), tuple(false))


def in_time(due: Due, alarm: RunEvent, early_s: float, window_s: float) -> bool:
    """Whether the alarm may be the one for this trouble."""
    last = min(due.end_s, due.due_s + window_s)
    return _between(due.due_s - early_s, alarm.raised_s, last) and same_place(due.truth, alarm)


def belongs(due: Due, alarm: RunEvent, early_s: float = EARLY_S) -> bool:
    """Whether the alarm speaks of this trouble at all, however late or often."""
    return _between(due.due_s - early_s, alarm.raised_s, due.end_s + CLEAR_GRACE_S) and same_place(due.truth, alarm)


def same_place(truth: TruthEvent, alarm: RunEvent) -> bool:
    """Whether zone and boxes agree; what either side does not say agrees with everything."""
    if not same_zone(truth, alarm):
        return False
    return truth.box is None or not alarm.boxes or any(_same_box(truth.box, box) for box in _boxes(alarm))


def same_zone(truth: TruthEvent, alarm: RunEvent) -> bool:
    """Whether the zones agree; an alarm of the whole picture agrees with any."""
    return truth.zone is None or alarm.zone in (truth.zone, WHOLE)


def overlap(truth: TruthEvent, alarm: RunEvent) -> float | None:
    """IoU of the truth's box with the best box of the alarm, or with the box round all; ``None`` without boxes."""
    if truth.box is None or not alarm.boxes:
        return None
    return max(iou(truth.box, box) for box in _boxes(alarm))


def _boxes(alarm: RunEvent) -> list[Box]:
    """Every box of an alarm that has some, and the one round all of them."""
    boxes = [item.box for item in alarm.boxes]
    return [*boxes, _around(boxes)]


def _same_box(truth: Box, alarm: Box) -> bool:
    """Whether two boxes mark the same thing: much overlap, or some with the alarm's middle inside the truth's box."""
    shared = iou(truth, alarm)
    x, y = (alarm[0] + alarm[2]) / 2, (alarm[1] + alarm[3]) / 2
    inside = truth[0] <= x <= truth[2] and truth[1] <= y <= truth[3]
    return shared >= MIN_IOU or (inside and shared >= MIN_IOU_CENTRED)


def assign(
    ones: Sequence[First], others: Sequence[Second], cost: Callable[[First, Second], float | None]
) -> tuple[tuple[int, int], ...]:
    """One-to-one pairs, as indices: of all ways the one with most pairs, and of these that of the least sum of costs.

    Args:
        cost: seconds or the like, 0 or more, counted in thousandths; ``None`` = may not be a pair.
    """
    if not ones or not others:
        return ()
    costs = np.array([[_units(cost(one, other)) for other in others] for one in ones])
    allowed = np.isfinite(costs)
    # Dearer than any sum of allowed pairs: then no such pair is taken where one more allowed pair could be had.
    forbidden = (float(costs[allowed].max(initial=0.0)) + 1.0) * (min(costs.shape) + 1)
    rows, columns = linear_sum_assignment(np.where(allowed, costs, forbidden))
    return tuple((int(i), int(j)) for i, j in zip(rows, columns, strict=True) if allowed[i, j])


def _units(cost: float | None) -> float:
    return inf if cost is None else float(np.rint(cost * _UNITS_PER_S))


def _distance(allowed: bool, due: Due, alarm: RunEvent) -> float | None:
    return abs(alarm.raised_s - due.due_s) if allowed else None


def _is_late(due: Due, alarm: RunEvent, window_s: float) -> bool:
    return _between(due.due_s + window_s, alarm.raised_s, due.end_s) and same_place(due.truth, alarm)


def _between(low: float, moment: float, high: float) -> bool:
    return low - _TOLERANCE_S <= moment <= high + _TOLERANCE_S


def _taken_out(
    dues: Sequence[Due], alarms: Sequence[RunEvent], pairs: Sequence[tuple[int, int]]
) -> tuple[list[tuple[Due, RunEvent]], list[Due], list[RunEvent]]:
    """The pairs themselves, and the troubles and alarms that none of them has taken."""
    rows, columns = {row for row, _ in pairs}, {column for _, column in pairs}
    return (
        [(dues[row], alarms[column]) for row, column in pairs],
        [due for row, due in enumerate(dues) if row not in rows],
        [alarm for column, alarm in enumerate(alarms) if column not in columns],
    )


def _around(boxes: Sequence[Box]) -> Box:
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def _due_key(due: Due) -> tuple[object, ...]:
    """An order that depends on the troubles alone; whichever it leaves tied are the same in all that counts."""
    truth = due.truth
    return due.due_s, due.end_s, truth.began_s, truth.zone or "", truth.box or (), truth.note


def _alarm_key(alarm: RunEvent) -> tuple[object, ...]:
    boxes = tuple((box.box, box.label, box.score) for box in alarm.boxes)
    ended_s = inf if alarm.ended_s is None else alarm.ended_s
    figures = alarm.severity.rank, alarm.measure, alarm.score
    return alarm.raised_s, ended_s, alarm.began_s, alarm.zone, *figures, boxes
