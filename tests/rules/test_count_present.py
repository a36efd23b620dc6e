from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from brain.core.types import Detections, Finding, Observations, Zone
from brain.rules.base import Moment
from brain.rules.count import Count, CountParameters
from brain.rules.presence import PresenceState
from brain.rules.present import Present, PresentParameters

ZONE = Zone("plaza", "crowd", ((0.0, 0.0), (1.0, 0.0), (1.0, 0.9), (0.0, 0.9)))


def people(number: int | None) -> Observations:
    """That many persons standing in the zone, one more below it, and a dog; ``None``: nothing could be judged."""
    time = datetime(2026, 11, 24, tzinfo=UTC)
    if number is None:
        return Observations(0, time, (1000, 1000), {})
    boxes = [(10.0 * i, 500.0, 10.0 * i + 8, 530.0) for i in range(number)]
    boxes += [(400.0, 900.0, 410.0, 960.0), (600.0, 500.0, 640.0, 530.0)]
    labels = ("person",) * (number + 1) + ("dog",)
    found = Detections(np.array(boxes, np.float32), np.full(number + 2, 0.5, np.float32), labels)
    return Observations(0, time, (1000, 1000), {"person_detection": found})


def count(**more: object) -> Count:
    own = {"classes": ["person"], "at_least": 5, "for": 60, **more}
    return Count(CountParameters.model_validate(own), "person_detection")


def play(word: Count | Present, numbers: list[int | None], zone: Zone = ZONE) -> list[Finding]:
    state, found = word.start(), []
    for index, number in enumerate(numbers):
        at = index * 5.0
        state, finding = word.step(state, zone, people(number), Moment(at, at))  # type: ignore[arg-type]
        found.append(finding)
    return found


def test_count() -> None:
    found = play(count(), [4, 5, 7])
    assert [(f.active, f.since_s, f.lasted_s, f.measure, f.needed_s) for f in found] == [
        (False, None, 0.0, 4.0, 60.0),
        (True, 5.0, 0.0, 5.0, 60.0),
        (True, 5.0, 5.0, 7.0, 60.0),
    ]
    assert len(found[-1].boxes) == 7


@pytest.mark.parametrize(
    ("numbers", "since"),
    [
        ([6, 6, 3, 6, 6], 0.0),
        ([6, 6, 3, 3, 6], 20.0),  # 15 s from the last sighting to the next
        ([6, None, None, None, 6], 0.0),  # unknown is no break
    ],
)
def test_a_dip_does_not_end_it_but_a_pause_does(numbers: list[int | None], since: float) -> None:
    found = play(count(), numbers)
    assert found[-1].since_s == since
    assert all(f.active is not True for f, n in zip(found, numbers, strict=True) if n in (None, 3))


def test_release_below() -> None:
    found = play(count(release_below=3), [4, 5, 4, 3, 2, 4])
    assert [f.active for f in found] == [False, True, True, True, False, False]


def test_density_replaces_the_count_where_the_area_is_known() -> None:
    word = count(at_least=100, density={"at_least": 2, "hysteresis": 0.5, "for": "0s"})
    known = Zone(ZONE.name, ZONE.kind, ZONE.polygon, 4.0)
    assert [f.active for f in play(word, [7, 8, 7, 6, 5, 7], known)] == [False, True, True, True, False, False]
    assert play(word, [8], known)[0].needed_s == 0.0
    assert [f.active for f in play(word, [8, 99, 100])] == [False, False, True]


def test_present() -> None:
    word = Present(PresentParameters.model_validate({"classes": ["person"], "for": "3s"}), "person_detection")
    found = play(word, [0, 1, 2, None, 0])
    assert [(f.active, f.measure, f.needed_s) for f in found[:3]] == [(False, 0, 3), (True, 1, 3), (True, 2, 3)]
    assert [f.lasted_s for f in found[:3]] == [0.0, 0.0, 5.0]  # samples rarer than the gap are no break
    assert found[3] == Finding(active=None)
    assert found[4].active is False


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(0, 12)), min_size=1, max_size=30))
def test_state_survives_json(numbers: list[int | None]) -> None:
    word = count(release_below=3)
    one, other = word.start(), word.start()
    for index, number in enumerate(numbers):
        now = Moment(index * 5.0, index * 5.0)
        one, first = word.step(one, ZONE, people(number), now)
        other, second = word.step(PresenceState.model_validate_json(other.model_dump_json()), ZONE, people(number), now)
        assert (one, first) == (other, second)


@pytest.mark.parametrize(
    "wrong",
    [
        {"at_least": 0},
        {"at_least": 2.5},
        {"release_below": 6},
        {"min_score": float("nan")},
        {"min_score": 1.5},
        {"for": float("nan")},
        {"for": "-1s"},
        {"classes": []},
        {"density": {"at_least": 0.5, "hysteresis": 0.5}},
        {"density": {"at_least": float("inf")}},
        {"colour": "red"},
    ],
)
def test_parameters(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        count(**wrong)
