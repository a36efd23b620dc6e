from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from pydantic import ValidationError

from brain.core.types import Detections, Finding, Observations, Zone
from brain.rules.anchors import AnchorsState
from brain.rules.base import Moment
from brain.rules.change import Change, ChangeParameters, same_region

ZONE = Zone("pavement", "public", ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)))
BAG = (0.5, 0.5, 0.56, 0.6)
Item = tuple[str, tuple[float, float, float, float]]


def rule(**more: object) -> Change:
    return Change(ChangeParameters.model_validate({"for": 30, **more}))


def play(word: Change, frames: list[list[Item] | None], every: float = 5.0) -> tuple[AnchorsState, list[Finding]]:
    state, found = word.start(), []
    for index, items in enumerate(frames):
        seen = {}
        if items is not None:
            boxes = np.array([box for _, box in items], np.float32).reshape(-1, 4) * 100
            seen = {
                "stationary_change": Detections(boxes, np.full(len(items), 0.7, np.float32), tuple(n for n, _ in items))
            }
        at = index * every
        observations = Observations(at, datetime(2026, 11, 24, tzinfo=UTC), (100, 100), seen)
        state, finding = word.step(state, ZONE, observations, Moment(at, at))
        found.append(finding)
    return state, found


def test_new_region_from_the_start_is_not_inherited() -> None:
    _, found = play(rule(), [[("new", BAG)]] * 7)
    last = found[-1]
    assert (last.active, last.since_s, last.lasted_s, last.needed_s, last.measure) == (True, 0.0, 30.0, 30.0, 30.0)


@pytest.mark.parametrize(
    ("box", "counts"),
    [
        ((0.5, 0.5, 0.56, 0.6), True),
        ((0.15, 0.5, 0.25, 0.6), True),  # half of its box lies in the zone
        ((0.13, 0.5, 0.25, 0.6), False),
        ((0.7, 0.72, 0.79, 0.9), False),
        ((0.3, 0.3, 0.31, 0.31), False),  # too small
        ((0.3, 0.3, 0.7, 0.7), False),  # too large
    ],
)
def test_where_and_how_large(box: tuple[float, float, float, float], counts: bool) -> None:
    state, _ = play(rule(min_area=0.001, max_area=0.1), [[("new", box)]] * 3)
    assert bool(state.anchors) is counts


def test_removed_only_if_asked() -> None:
    frames: list[list[Item] | None] = [[("removed", BAG)]] * 3
    assert play(rule(), frames)[0].anchors == ()
    assert len(play(rule(labels=["removed"]), frames)[0].anchors) == 1


@pytest.mark.parametrize(
    ("box", "same"),
    [
        ((0.5, 0.5, 0.56, 0.6), True),
        ((0.49, 0.48, 0.58, 0.61), True),  # grew
        ((0.51, 0.53, 0.55, 0.6), True),  # shrank
        ((0.5, 0.5, 0.7, 0.9), False),
        ((0.56, 0.5, 0.62, 0.6), False),
        ((0.1, 0.1, 0.16, 0.2), False),
    ],
)
def test_same_region(box: tuple[float, float, float, float], same: bool) -> None:
    assert (same_region(BAG, box) > 0) is same


def test_region_hidden_for_a_while_is_the_same_and_unknown_changes_nothing() -> None:
    lying: list[list[Item] | None] = [[("new", BAG)]] * 4
    _, found = play(rule(), [*lying, [], [], *lying])
    assert [finding.active for finding in found[4:6]] == [None, None]
    assert found[-1].since_s == 0.0
    word = rule()
    state, _ = play(word, lying)
    empty = Observations(20, datetime(2026, 11, 24, tzinfo=UTC), (100, 100), {})
    assert word.step(state, ZONE, empty, Moment(20, 15)) == (state, Finding(active=None))


@pytest.mark.parametrize(
    "wrong", [{"min_area": 0.5, "max_area": 0.4}, {"inside": 0}, {"labels": ["old"]}, {"labels": []}, {"for": "-3s"}]
)
def test_parameters(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        rule(**wrong)
