from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from brain.core.types import Finding, Zone
from brain.rules.conditions import parse_condition
from brain.rules.schedule import Hours, parse_days, within

CITY = ZoneInfo("Asia/Shanghai")
FINDING = Finding(active=True, since_s=0, lasted_s=1800, measure=45, score=0.5)


@pytest.mark.parametrize(
    ("text", "square_metres", "holds"),
    [
        ("duration >= 30min", None, True),
        ("duration>=1801s", None, False),
        ("duration < 1h", None, True),
        ("measure >= 45", None, True),
        ("measure > 45", None, False),
        ("score <= 0.5", None, True),
        ("density >= 3", 15.0, True),
        ("density >= 3", 15.1, False),
        ("density >= 0", None, False),
        ("kind == road", None, True),
        ("kind == water", None, False),
        ("measure >= 45 and kind == road", None, True),
        ("measure >= 46 and kind == road", None, False),
    ],
)
def test_condition(text: str, square_metres: float | None, holds: bool) -> None:
    zone = Zone("z", "road", square_metres=square_metres)
    assert parse_condition(text).holds(FINDING, zone) is holds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "and",
        "duration",
        "duration >= soon",
        "measure >= 5 or score > 1",
        "measure >= nan",
        "measure >= inf",
        "measure == 5",
        "size >= 3",
        "kind >= road",
        "__import__('os')",
        "measure >= 5; score > 1",
    ],
)
def test_condition_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"condition|duration"):
        parse_condition(text)


@given(st.text(max_size=40))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        condition = parse_condition(text)
    except ValueError:
        return
    assert condition.parts


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("daily", set(range(7))),
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("sat,sun", {5, 6}),
        ("fri-mon", {4, 5, 6, 0}),
        ("Wed", {2}),
        ("mon, wed-thu", {0, 2, 3}),
    ],
)
def test_days(text: str, days: set[int]) -> None:
    assert parse_days(text) == days


@pytest.mark.parametrize(
    ("days", "begin", "end", "moment", "inside"),
    [
        ("mon-fri", "07:00", "22:00", "2026-11-23T07:00:00", True),  # a Monday
        ("mon-fri", "07:00", "22:00", "2026-11-23T06:59:59", False),
        ("mon-fri", "07:00", "22:00", "2026-11-23T22:00:00", False),
        ("mon-fri", "07:00", "22:00", "2026-11-22T12:00:00", False),
        ("daily", "22:00", "06:00", "2026-11-23T23:00:00", True),
        ("daily", "22:00", "06:00", "2026-11-23T05:59:00", True),
        ("daily", "22:00", "06:00", "2026-11-23T06:00:00", False),
        ("fri", "22:00", "06:00", "2026-11-28T03:00:00", True),  # the night from Friday to Saturday
        ("fri", "22:00", "06:00", "2026-11-27T03:00:00", False),
        ("sun", "22:00", "06:00", "2026-11-23T03:00:00", True),
        ("daily", "00:00", "24:00", "2026-11-23T23:59:59", True),
    ],
)
def test_schedule_in_the_citys_zone(days: str, begin: str, end: str, moment: str, inside: bool) -> None:
    hours = Hours.model_validate({"days": days, "from": begin, "to": end})
    at = datetime.fromisoformat(moment).replace(tzinfo=CITY)
    assert within((hours,), at, CITY) is inside
    assert within((hours,), at.astimezone(ZoneInfo("UTC")), CITY) is inside
    assert within(None, at, CITY)
    assert not within((), at, CITY)


@pytest.mark.parametrize(
    "wrong",
    [
        {"from": "7", "to": "22:00"},
        {"from": "25:00", "to": "22:00"},
        {"from": 420, "to": "22:00"},
        {"days": "weekdays", "from": "07:00", "to": "22:00"},
        {"from": "07:00"},
    ],
)
def test_hours_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Hours.model_validate(wrong)
