"""Which alarm belongs to which trouble."""

from __future__ import annotations

from itertools import permutations
from math import inf
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brain.evaluation.matching import Due, Matching, assign, match, same_place
from brain.evaluation.truth import TruthEvent

DWELL, WINDOW = 30.0, 30.0


def trouble(began_s: float, ended_s: float | None = None, **changes: Any) -> Due:
    values = {"scenario": "left_object", "zone": "pavement", "began_s": began_s, "ended_s": ended_s, **changes}
    return Due(TruthEvent.model_validate(values), began_s + DWELL)


def box(x1: float, y1: float, x2: float, y2: float) -> dict[str, Any]:
    return {"label": "bag", "score": 0.9, "box": (x1, y1, x2, y2)}


def shape(matching: Matching) -> dict[str, list[Any]]:
    """The moments of a matching, for tables: begin of the trouble, moment of the alarm."""
    return {
        "hit": [(due.truth.began_s, alarm.raised_s) for due, alarm in matching.hits],
        "late": [(due.truth.began_s, alarm.raised_s) for due, alarm in matching.late],
        "missed": [due.truth.began_s for due in matching.missed],
        "duplicate": [(due.truth.began_s, alarm.raised_s) for due, alarm in matching.duplicates],
        "false": [alarm.raised_s for alarm in matching.false],
    }


# A trouble from 100 s, due at 130 s, in time to 160 s.
@pytest.mark.parametrize(
    ("ended_s", "alarms", "expected"),
    [
        (300, [], {"missed": [100]}),
        (300, [130], {"hit": [(100, 130)]}),
        (300, [128], {"hit": [(100, 128)]}),  # 2 s early is in time
        (300, [127.9], {"missed": [100], "false": [127.9]}),  # and no more
        (300, [160], {"hit": [(100, 160)]}),  # the last moment of the window
        (300, [160.1], {"late": [(100, 160.1)]}),
        (300, [300], {"late": [(100, 300)]}),
        (300, [300.1], {"missed": [100], "false": [300.1]}),
        (None, [9000], {"late": [(100, 9000)]}),  # it lasts to the end of the clip
        (140, [140], {"hit": [(100, 140)]}),  # the end comes before the window is over
        (140, [141], {"missed": [100], "false": [141]}),
        (300, [135, 150], {"hit": [(100, 135)], "duplicate": [(100, 150)]}),
        (300, [129, 135], {"hit": [(100, 129)], "duplicate": [(100, 135)]}),  # the nearer one, though it is early
        (300, [135, 250], {"hit": [(100, 135)], "duplicate": [(100, 250)]}),
        (300, [135, 305], {"hit": [(100, 135)], "duplicate": [(100, 305)]}),  # grace for the clear
        (300, [135, 305.1], {"hit": [(100, 135)], "false": [305.1]}),
        (300, [120, 135], {"hit": [(100, 135)], "false": [120]}),  # long before it is due
        (300, [170, 250], {"late": [(100, 170)], "duplicate": [(100, 250)]}),  # the earliest is the late one
    ],
)
def test_one_trouble(make_event: Any, ended_s: float | None, alarms: list[float], expected: dict[str, Any]) -> None:
    found = shape(match([trouble(100, ended_s)], [make_event(t) for t in alarms], window_s=WINDOW))
    assert found == {"hit": [], "late": [], "missed": [], "duplicate": [], "false": [], **expected}


def test_most_pairs_come_before_nearness(make_event: Any) -> None:
    """The alarm at 141 s is nearest to the second trouble, but only it can save the first."""
    troubles = [trouble(85, 145), trouble(110, 200)]  # due 115 (to 145) and 140 (to 170)
    found = match(troubles, [make_event(141.0), make_event(165.0)], window_s=WINDOW)
    assert shape(found)["hit"] == [(85, 141.0), (110, 165.0)]


def test_of_equal_numbers_the_least_distance_wins(make_event: Any) -> None:
    troubles = [trouble(100, 300), trouble(110, 300)]  # due 130 and 140
    found = match(troubles, [make_event(141.0), make_event(131.0)], window_s=WINDOW)
    assert shape(found)["hit"] == [(100, 131.0), (110, 141.0)]


@pytest.mark.parametrize(
    ("zone", "alarm_zone", "fits"),
    [
        ("pavement", "pavement", True),
        ("pavement", "road", False),
        (None, "road", True),
        ("pavement", "whole_picture", True),
    ],
)
def test_zones(make_event: Any, zone: str | None, alarm_zone: str, fits: bool) -> None:
    due = trouble(100, 300, zone=zone)
    found = match([due], [make_event(135.0, zone=alarm_zone), make_event(200.0, zone=alarm_zone)], window_s=WINDOW)
    expected = {"hit": [(100, 135.0)], "duplicate": [(100, 200.0)]} if fits else {"missed": [100], "false": [135, 200]}
    assert shape(found) == {"hit": [], "late": [], "missed": [], "duplicate": [], "false": [], **expected}


@pytest.mark.parametrize(
    ("boxes", "fits"),
    [
        ([], True),
        ([box(0.1, 0.1, 0.3, 0.3)], True),
        ([box(0.1, 0.1, 0.16, 0.3)], True),  # 0.3 of the truth exactly
        ([box(0.1, 0.1, 0.15, 0.3)], True),  # a quarter, with its middle inside: a part of the thing
        ([box(0.1, 0.1, 0.118, 0.3)], False),  # too small a part
        ([box(0.0, 0.1, 0.18, 0.3)], False),  # a quarter (0.27), but its middle is beside it
        ([box(0.0, 0.0, 1.0, 1.0)], False),  # round everything: its middle may lie anywhere
        ([box(0.6, 0.6, 0.8, 0.8)], False),
        ([box(0.6, 0.6, 0.8, 0.8), box(0.1, 0.1, 0.3, 0.3)], True),  # the best of them
        ([box(0.1, 0.1, 0.15, 0.15), box(0.25, 0.25, 0.3, 0.3)], True),  # a crowd: the box round all of them
    ],
)
def test_boxes(make_event: Any, boxes: list[dict[str, Any]], fits: bool) -> None:
    due = trouble(100, 300, box=(0.1, 0.1, 0.3, 0.3))
    assert same_place(due.truth, make_event(135.0, boxes=boxes)) is fits
    assert len(match([due], [make_event(135.0, boxes=boxes)], window_s=WINDOW).hits) == fits


def test_a_truth_without_box_fits_any_place(make_event: Any) -> None:
    assert same_place(trouble(100).truth, make_event(135.0, boxes=[box(0.6, 0.6, 0.8, 0.8)]))


def test_an_alarm_in_another_place_is_no_duplicate(make_event: Any) -> None:
    due = trouble(100, 300, box=(0.1, 0.1, 0.3, 0.3))
    alarms = [make_event(135.0, boxes=[box(0.1, 0.1, 0.3, 0.3)]), make_event(150.0, boxes=[box(0.6, 0.6, 0.8, 0.8)])]
    assert shape(match([due], alarms, window_s=WINDOW))["false"] == [150.0]


@given(st.lists(st.lists(st.one_of(st.none(), st.integers(0, 9)), min_size=3, max_size=3), min_size=1, max_size=4))
def test_assignment_is_the_best_of_all(costs: list[list[int | None]]) -> None:
    """Against trying every way: most pairs, then least sum."""
    rows, columns = len(costs), 3
    pairs = assign(range(rows), range(columns), lambda i, j: costs[i][j])
    size = max(rows, columns)
    best = (0, 0)
    for order in permutations(range(size)):
        taken = [costs[i][j] for i, j in enumerate(order) if i < rows and j < columns and costs[i][j] is not None]
        best = min(best, (-len(taken), sum(taken)))
    assert (-len(pairs), sum(costs[i][j] or 0 for i, j in pairs)) == best
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)


times = st.integers(0, 400).map(lambda n: n / 2)
troubles_drawn = st.lists(
    st.tuples(times, st.one_of(st.none(), st.integers(1, 200)), st.sampled_from(["pavement", "road", None])), max_size=5
).map(lambda rows: [trouble(began, None if span is None else began + span, zone=zone) for began, span, zone in rows])
alarms_drawn = st.lists(st.tuples(times, st.sampled_from(["pavement", "road", "whole_picture"])), max_size=7)


def canonical(matching: Matching) -> dict[str, list[Any]]:
    return {
        "hits": sorted((d.truth.model_dump_json(), a.model_dump_json()) for d, a in matching.hits),
        "late": sorted((d.truth.model_dump_json(), a.model_dump_json()) for d, a in matching.late),
        "missed": sorted(d.truth.model_dump_json() for d in matching.missed),
        "duplicates": sorted((d.truth.model_dump_json(), a.model_dump_json()) for d, a in matching.duplicates),
        "false": sorted(a.model_dump_json() for a in matching.false),
    }


@settings(max_examples=150)
@given(troubles_drawn, alarms_drawn, st.randoms(use_true_random=False))
def test_the_order_given_does_not_matter(make_event: Any, troubles: list[Due], alarms: Any, random: Any) -> None:
    events = [make_event(raised, zone=zone) for raised, zone in alarms]
    shuffled_troubles, shuffled_events = list(troubles), list(events)
    random.shuffle(shuffled_troubles)
    random.shuffle(shuffled_events)
    one = match(troubles, events, window_s=WINDOW)
    assert one == match(shuffled_troubles, shuffled_events, window_s=WINDOW)
    assert canonical(one) == canonical(match(shuffled_troubles, shuffled_events, window_s=WINDOW))


@settings(max_examples=150)
@given(troubles_drawn, alarms_drawn)
def test_each_trouble_and_each_alarm_stands_once(make_event: Any, troubles: list[Due], alarms: Any) -> None:
    events = [make_event(raised, zone=zone) for raised, zone in alarms]
    found = match(troubles, events, window_s=WINDOW)
    told = [*found.hits, *found.late]
    assert sorted(map(repr, [*(due for due, _ in told), *found.missed])) == sorted(map(repr, troubles))
    raised = [*(alarm for _, alarm in [*told, *found.duplicates]), *found.false]
    assert sorted(map(repr, raised)) == sorted(map(repr, events))


@settings(max_examples=150)
@given(troubles_drawn, alarms_drawn, st.data())
def test_a_true_alarm_more_never_lowers_recall(make_event: Any, troubles: list[Due], alarms: Any, data: Any) -> None:
    events = [make_event(raised, zone=zone) for raised, zone in alarms]
    before = match(troubles, events, window_s=WINDOW)
    if not troubles:
        return
    due = data.draw(st.sampled_from(troubles))
    last = min(due.end_s, due.due_s + WINDOW)
    if last < due.due_s:
        return
    more = make_event(data.draw(st.floats(due.due_s, last)), zone=due.truth.zone or "pavement")
    after = match(troubles, [*events, more], window_s=WINDOW)
    assert len(before.hits) <= len(after.hits) <= len(before.hits) + 1
    assert len(after.false) <= len(before.false)


@settings(max_examples=150)
@given(troubles_drawn, alarms_drawn, st.integers(1, 3))
def test_telling_it_again_is_a_duplicate_and_never_false(
    make_event: Any, troubles: list[Due], alarms: Any, times_more: int
) -> None:
    events = [make_event(raised, zone=zone) for raised, zone in alarms]
    before = match(troubles, events, window_s=WINDOW)
    again = [alarm for _, alarm in before.hits] * times_more
    after = match(troubles, [*events, *again], window_s=WINDOW)
    assert len(after.false) <= len(before.false)
    assert len(after.hits) >= len(before.hits)
    assert len(after.hits) + len(after.late) + len(after.duplicates) + len(after.false) == len(events) + len(again)


@settings(max_examples=100)
@given(troubles_drawn, alarms_drawn, st.integers(1, 10_000))
def test_shifted_times_give_the_same_pairs(make_event: Any, troubles: list[Due], alarms: Any, by: int) -> None:
    events = [make_event(raised, zone=zone) for raised, zone in alarms]
    moved_events = [make_event(raised + by, zone=zone) for raised, zone in alarms]
    moved = [
        trouble(due.truth.began_s + by, None if due.end_s == inf else due.end_s + by, zone=due.truth.zone)
        for due in troubles
    ]
    one, other = shape(match(troubles, events, window_s=WINDOW)), shape(match(moved, moved_events, window_s=WINDOW))
    for key in ("hit", "late", "duplicate"):
        assert [(a + by, b + by) for a, b in one[key]] == other[key]
    for key in ("missed", "false"):
        assert [a + by for a in one[key]] == other[key]
