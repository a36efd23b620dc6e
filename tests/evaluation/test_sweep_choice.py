"""The front, the best setting and what it is worth where it was not chosen."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.config.paths import assets
from brain.evaluation.sweep.choice import Scored, best_within, distances, leave_one_site_out, pareto_front
from brain.evaluation.sweep.score import Score, total
from brain.scenarios.manifest import load_manifest
from brain.scenarios.overrides import override

HOUR_S = 3600.0
PARKING = load_manifest(assets() / "scenarios" / "illegal_parking" / "scenario.yaml")


def score(hits: int, false: int, delay_s: float = 10.0, truth: int = 10, hours: float = 1.0) -> Score:
    return Score(truth=truth, hits=hits, false=false, delays_s=(delay_s,) * hits, seconds=hours * HOUR_S)


def scored(number: int, *scores: Score, distance: float = 0.0) -> Scored:
    by_clip = {f"clip{place}": item for place, item in enumerate(scores)}
    return Scored(number, {"key": number}, distance, by_clip, total(scores))


settings = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.sampled_from([5.0, 9.0]), st.sampled_from([0.0, 0.5])),
    min_size=1,
    max_size=25,
).map(
    lambda rows: [
        scored(number, score(hits, false, delay_s), distance=distance)
        for number, (hits, false, delay_s, distance) in enumerate(rows)
    ]
)


@given(settings)
def test_the_front_is_what_no_other_setting_beats(items: list[Scored]) -> None:
    def beats(one: Scored, other: Scored) -> bool:
        a, b = one.score, other.score
        no_worse = a.hits >= b.hits and a.false <= b.false
        return no_worse and (a.hits > b.hits or a.false < b.false)

    front = pareto_front(items)
    points = {(item.score.hits, item.score.false) for item in items if not any(beats(other, item) for other in items)}
    assert {(item.score.hits, item.score.false) for item in front} == points
    assert len(front) == len(points)
    assert [item.score.false for item in front] == sorted(item.score.false for item in front)
    for item in front:
        twins = [
            other for other in items if (other.score.hits, other.score.false) == (item.score.hits, item.score.false)
        ]
        assert item.score.delay_s == min(other.score.delay_s for other in twins)


@given(settings, st.integers(-1, 7))
def test_the_best_is_on_the_front_and_within_the_budget(items: list[Scored], budget: int) -> None:
    best = best_within(items, budget)
    fitting = [item for item in items if item.score.false <= budget]
    if best is None:
        assert not fitting
        return
    assert best.score.hits == max(item.score.hits for item in fitting)
    assert (best.score.hits, best.score.false) in {(f.score.hits, f.score.false) for f in pareto_front(items)}
    assert best_within(list(reversed(items)), budget) is best


@pytest.mark.parametrize(
    ("items", "budget", "number"),
    [
        ([scored(0, score(5, 1)), scored(1, score(6, 4))], 3, 0),
        ([scored(0, score(5, 1)), scored(1, score(6, 3))], 3, 1),
        ([scored(0, score(5, 2)), scored(1, score(5, 1, 90.0))], 3, 1),
        ([scored(0, score(5, 1, 12.0)), scored(1, score(5, 1, 11.0), distance=3)], 3, 0),
        ([scored(0, score(6, 1, 12.0)), scored(1, score(6, 1, 11.0), distance=3)], 3, 1),
        ([scored(0, score(5, 1), distance=1.0), scored(1, score(5, 1), distance=0.5)], 3, 1),
        ([scored(0, score(5, 1)), scored(1, score(5, 1))], 3, 0),
        ([scored(0, score(9, 4)), scored(1, score(9, 5))], 3, None),
        ([scored(0, score(2, 3, truth=2)), scored(1, score(5, 3, truth=10))], 3, 0),
    ],
)
def test_the_best_setting(items: list[Scored], budget: float, number: int | None) -> None:
    best = best_within(items, budget)
    assert (best.number if best is not None else None) == number


def test_of_half_missed_troubles_the_median_time_to_alarm_is_without_end() -> None:
    assert score(5, 0, truth=10).delay_s == inf
    assert score(6, 0, 7.0, truth=10).delay_s == 7.0
    assert Score().recall == Score().false_per_camera_hour == 0.0


def test_scores_of_clips_add_up() -> None:
    one = Score(3, 1, 1, 2, 1, 1, (4.0, 8.0), 1800.0)
    other = Score(2, 2, 0, 1, 0, 0, (1.0, 2.0), 5400.0)
    assert total([one, other]) == Score(5, 3, 1, 3, 1, 1, (4.0, 8.0, 1.0, 2.0), 7200.0)
    assert total([one, other]).false_per_camera_hour == 1.5
    assert total([]) == Score()


def test_a_setting_that_is_the_best_of_other_sites_is_measured_where_it_was_not_chosen() -> None:
    present = scored(0, score(5, 1), score(5, 1), score(5, 1))
    special = scored(1, score(10, 0), score(10, 0), score(0, 9))  # right for two sites, wrong for the third
    steady = scored(2, score(7, 1), score(7, 1), score(7, 1))
    sites = {"clip0": "north", "clip1": "north", "clip2": "south"}
    north, south = leave_one_site_out([present, special, steady], sites, 2.0)
    assert north.site == "north"
    assert north.best is steady
    assert north.score == total([score(7, 1), score(7, 1)])
    assert north.present == total([score(5, 1), score(5, 1)])
    assert south.site == "south"
    assert south.best is special
    assert south.score == score(0, 9)


def test_without_a_budget_that_of_the_present_setting_on_the_same_sites_holds() -> None:
    present = scored(0, score(5, 1), score(5, 3))
    loud = scored(1, score(9, 2), score(9, 2))
    north, south = leave_one_site_out([present, loud], {"clip0": "north", "clip1": "south"}, None)
    assert north.best is loud  # the south has 3 now
    assert south.best is present


def test_a_site_whose_others_allow_nothing_has_no_best() -> None:
    present = scored(0, score(5, 4), score(5, 0))
    north, south = leave_one_site_out([present], {"clip0": "north", "clip1": "south"}, 1.0)
    assert north.best is present
    assert (south.best, south.score) == (None, None)


def test_one_site_leaves_nothing_to_choose_on() -> None:
    assert leave_one_site_out([scored(0, score(1, 1), score(1, 1))], {"clip0": "a", "clip1": "a"}, 9.0) == ()


def test_distance_counts_each_key_by_the_span_that_is_tried() -> None:
    changes = [
        {},
        {"rule.stationary.for": "200s"},
        {"rule.stationary.for": "100s", "confirm.at_least": 7},
        {"rule.stationary.classes": ["car"]},
        {"confirm.at_least": 8},
    ]
    keys = ["rule.stationary.for", "rule.stationary.classes", "confirm.at_least"]
    assert distances([override(PARKING, change) for change in changes], keys) == [0.0, 0.5, 2.0, 1.0, 0.0]
