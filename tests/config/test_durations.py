"""Durations as people write them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from brain.config.durations import MAX_SECONDS, Duration, parse_duration

UNITS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("300s", 300),
        ("5min", 300),
        ("1.5h", 5400),
        ("7d", 604800),
        ("250ms", 0.25),
        (" 2 s ", 2),
        ("0s", 0),
        ("366d", MAX_SECONDS),
        (30, 30),
        (0.04, 0.04),
        (0, 0),
    ],
)
def test_durations(value: object, seconds: float) -> None:
    assert parse_duration(value) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "s",
        "5",
        "5 parsecs",
        "5m",
        "-5s",
        "5s5",
        "5s 5min",
        "1e3s",
        ".5s",
        "5,5s",
        "367d",
        "9" * 5000 + "d",
        True,
        False,
        None,
        [],
        {"s": 5},
        -1,
        -0.001,
        math.nan,
        math.inf,
        -math.inf,
        MAX_SECONDS + 1,
        10**400,
    ],
)
def test_no_durations(value: object) -> None:
    with pytest.raises(ValueError, match="duration") as caught:
        parse_duration(value)
    assert len(str(caught.value)) < 160


@given(st.integers(0, 10**9).map(lambda thousandths: thousandths / 1000), st.sampled_from(sorted(UNITS)))
def test_number_times_unit(number: float, unit: str) -> None:
    seconds = number * UNITS[unit]
    if seconds <= MAX_SECONDS:
        assert parse_duration(f"{number:.3f}{unit}") == pytest.approx(seconds)
    else:
        with pytest.raises(ValueError, match="366 days"):
            parse_duration(f"{number:.3f}{unit}")


@given(st.one_of(st.text(), st.floats(), st.integers(), st.lists(st.integers())))
def test_anything_else_is_refused_as_a_value_error(value: object) -> None:
    try:
        seconds = parse_duration(value)
    except ValueError:
        return
    assert 0 <= seconds <= MAX_SECONDS


def test_as_a_field() -> None:
    field = TypeAdapter(Duration)
    assert field.validate_python("2min") == 120
    with pytest.raises(ValidationError, match="duration"):
        field.validate_python("two minutes")
