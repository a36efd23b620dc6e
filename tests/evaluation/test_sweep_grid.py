"""Which settings ``--over`` means."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.config.paths import assets
from brain.core.errors import UsageError
from brain.evaluation.sweep.grid import (
    MAX_SETTINGS,
    Axis,
    check_key,
    parse_over,
    settings_of,
    told_value,
    tuned_keys,
    values_at,
)
from brain.scenarios.manifest import load_manifest
from brain.scenarios.overrides import override

PARKING = load_manifest(assets() / "scenarios" / "illegal_parking" / "scenario.yaml")
CROWD = load_manifest(assets() / "scenarios" / "crowd_gathering" / "scenario.yaml")
SCORE = "rule.stationary.min_score"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("confirm.at_least=4,6,8", (4, 6, 8)),
        ("confirm.at_least=6", (6,)),
        ("confirm.at_least=6,6,4,6", (6, 4)),
        ("confirm.at_least=4..8", (4, 5, 6, 7, 8)),
        ("confirm.at_least=1..10:4", (1, 4, 7, 10)),
        ("confirm.at_least=1..4:9", (1, 2, 3, 4)),
        ("confirm.of=10..110", (10, 35, 60, 85, 110)),
        (f"{SCORE}=0.3..0.6:4", (0.3, 0.4, 0.5, 0.6)),
        (f"{SCORE}=0.3..0.5", (0.3, 0.35, 0.4, 0.45, 0.5)),
        (f"{SCORE} = 0..1:3", (0.0, 0.5, 1.0)),
        ("rule.stationary.for=60s,2min", ("60s", "2min")),
        ("rule.stationary.for=60s..3min:3", ("60s", "120s", "180s")),
        ("rule.stationary.for=1..3min:3", ("60s", "120s", "180s")),
        ("rule.stationary.for=60..180:3", (60.0, 120.0, 180.0)),
        ("rule.stationary.classes=[car],[car, bus]", (["car"], ["car", "bus"])),
        ("sample.every=2s,4s", ("2s", "4s")),
    ],
)
def test_values_of_an_axis(text: str, values: tuple[Any, ...]) -> None:
    axis = parse_over(text, PARKING)
    assert axis.values == values
    assert axis.key == text.partition("=")[0].strip()
    assert [type(value) for value in axis.values] == [type(value) for value in values]


@pytest.mark.parametrize("text", ["confirm.at_least=2..5", f"{SCORE}=0.1..0.9:7", "rule.stationary.for=20s..40s"])
def test_every_value_of_an_axis_is_a_setting(text: str) -> None:
    for setting in settings_of([parse_over(text, PARKING)]):
        assert override(PARKING, setting) is not PARKING


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("confirm.at_least", "no key or no values"),
        ("=4", "no key or no values"),
        ("confirm.at_least=", "no key or no values"),
        ("confirm.at_last=4", "did you mean confirm.at_least?"),
        ("rule.change.for=60s", "no key 'rule.change.for'"),
        ("evaluation.window=10s,60s", "evaluation.window is not for tuning"),
        ("sample.width=320,640", "sample.width is not for tuning"),
        ("rule.stationary.algorithm=x", "rule.stationary.algorithm is not for tuning"),
        ("id=x", "no key 'id'"),
        ("confirm.at_least=8..4", "must rise"),
        ("confirm.at_least=4..4", "must rise"),
        ("confirm.at_least=4..8:1", "2 to 1000 values"),
        (f"{SCORE}=0..1:5000", "2 to 1000 values"),
        (f"{SCORE}=0.1.2..1", "no numbers"),
        ("rule.stationary.for=1x..3x", "no numbers"),
        ("confirm.at_least=[4", "are not values"),
        ("confirm.at_least=4,,5", "are not values"),
    ],
)
def test_what_is_no_axis_is_told(text: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_over(text, PARKING)
    assert told in str(caught.value)
    assert text in caught.value.where


def test_keys_that_change_no_alarm_are_not_for_tuning() -> None:
    keys = tuned_keys(PARKING)
    assert {"rule.stationary.for", SCORE, "confirm.of", "clear.after", "cooldown", "sample.every"} <= set(keys)
    assert not [key for key in keys if key.startswith(("case.", "evaluation.", "name.", "severity.", "zones."))]
    with pytest.raises(UsageError, match="keys that may be tuned: "):
        check_key("case.deadline", PARKING, "here")


def test_settings_are_all_combinations_the_last_axis_fastest() -> None:
    settings = settings_of([Axis("a", (1, 2)), Axis("b", ("x", "y", "z"))])
    assert [tuple(setting.values()) for setting in settings] == [(a, b) for a in (1, 2) for b in "xyz"]
    assert all(list(setting) == ["a", "b"] for setting in settings)


@given(sizes=st.lists(st.integers(1, 6), min_size=1, max_size=4), draws=st.integers(1, 300), seed=st.integers(0, 2**31))
def test_a_draw_is_a_part_of_all_each_once_and_depends_on_the_seed_alone(
    sizes: list[int], draws: int, seed: int
) -> None:
    axes = [Axis(f"k{number}", tuple(range(size))) for number, size in enumerate(sizes)]
    every = settings_of(axes)
    drawn = settings_of(axes, draws, seed)
    assert drawn == settings_of(axes, draws, seed)
    places = [every.index(setting) for setting in drawn]
    assert len(places) == min(draws, len(every))
    assert places == sorted(set(places))


def test_seeds_draw_differently() -> None:
    axes = [Axis("a", tuple(range(100))), Axis("b", tuple(range(100)))]
    assert settings_of(axes, 20, seed=1) != settings_of(axes, 20, seed=2)


def test_too_many_settings_are_refused_and_may_be_drawn_from() -> None:
    axes = [Axis(f"k{number}", tuple(range(100))) for number in range(8)]
    with pytest.raises(UsageError, match="--random"):
        settings_of(axes)
    assert len(settings_of(axes, 50)) == 50
    assert len(settings_of([Axis("a", tuple(range(MAX_SETTINGS)))])) == MAX_SETTINGS


@pytest.mark.parametrize("axes", [[], [Axis("a", (1,)), Axis("a", (2,))]])
def test_axes_that_make_no_grid_are_refused(axes: list[Axis]) -> None:
    with pytest.raises(UsageError):
        settings_of(axes)


def test_values_are_told_as_people_write_them() -> None:
    values = values_at(CROWD, ["rule.count.density.at_least", "rule.count.for", "confirm.of", "schedule", "no.such"])
    told = {key: told_value(key, value) for key, value in values.items()}
    assert told == {
        "rule.count.density.at_least": 2.0,
        "rule.count.for": "300s",
        "confirm.of": 6,
        "schedule": None,
        "no.such": None,
    }
