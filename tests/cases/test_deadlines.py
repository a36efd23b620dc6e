"""Deadlines against a table, and against a count minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brain.cases.deadlines import Calendar, Deadline, Unit
from brain.config.settings import CitySettings

ZONE = ZoneInfo("Asia/Shanghai")
PLAIN = Calendar(ZONE)
HOLIDAYS = frozenset({date(2026, 10, day) for day in range(1, 8)})
GOLDEN_WEEK = Calendar(ZONE, HOLIDAYS, frozenset({date(2026, 10, 10)}))  # a Saturday


def local(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("reported", "deadline", "due"),
    [
        ("2026-11-27 17:30", "2 work_hour", "2026-11-30 09:30"),  # Friday evening to Monday
        ("2026-11-24 09:00", "2 work_hour", "2026-11-24 11:00"),
        ("2026-11-24 08:00", "4 work_hour", "2026-11-24 12:00"),  # the last minute of the morning counts
        ("2026-11-24 11:00", "2 work_hour", "2026-11-24 15:00"),  # over noon
        ("2026-11-24 12:00", "1 work_hour", "2026-11-24 15:00"),
        ("2026-11-24 13:00", "1 work_hour", "2026-11-24 15:00"),
        ("2026-11-24 18:00", "1 work_hour", "2026-11-25 09:00"),
        ("2026-11-24 23:59", "1 work_hour", "2026-11-25 09:00"),
        ("2026-11-28 10:00", "1 work_hour", "2026-11-30 09:00"),  # Saturday
        ("2026-11-24 09:00", "1 work_day", "2026-11-25 09:00"),
        ("2026-11-27 17:30", "1 work_day", "2026-11-30 17:30"),
        ("2026-11-24 08:00", "1 work_day", "2026-11-24 18:00"),
        ("2026-11-24 09:00", "0.5 work_hour", "2026-11-24 09:30"),
        ("2026-11-27 17:30", "2 urgent_hour", "2026-11-27 19:30"),
        ("2026-11-27 17:30", "0.5 urgent_hour", "2026-11-27 18:00"),
        ("2026-11-27 17:30", "3 natural_day", "2026-11-30 17:30"),
    ],
)
def test_deadlines_of_a_plain_week(reported: str, deadline: str, due: str) -> None:
    assert PLAIN.due(local(reported), Deadline.parse(deadline)) == local(due)


@pytest.mark.parametrize(
    ("reported", "deadline", "due"),
    [
        ("2026-09-30 17:30", "2 work_hour", "2026-10-08 09:30"),  # over the holidays
        ("2026-10-03 10:00", "1 work_hour", "2026-10-08 09:00"),
        ("2026-10-09 17:30", "2 work_hour", "2026-10-10 09:30"),  # the make-up Saturday is worked
        ("2026-10-10 17:30", "2 work_hour", "2026-10-12 09:30"),  # its Sunday is not
        ("2026-10-01 10:00", "2 natural_day", "2026-10-03 10:00"),
    ],
)
def test_holidays_and_make_up_days(reported: str, deadline: str, due: str) -> None:
    assert GOLDEN_WEEK.due(local(reported), Deadline.parse(deadline)) == local(due)


def test_natural_days_keep_the_hour_over_a_change_of_the_clock() -> None:
    calendar = Calendar(ZoneInfo("Europe/Berlin"))
    reported = datetime(2026, 10, 24, 12, tzinfo=calendar.zone)
    due = calendar.due(reported, Deadline(1, Unit.NATURAL_DAY)).astimezone(calendar.zone)
    assert (due.day, due.hour) == (25, 12)
    assert due - reported.astimezone(UTC) == timedelta(hours=25)


def test_the_calendar_of_the_settings() -> None:
    city = CitySettings(holidays=("2026-10-01",), workdays=("2026-10-10", "2026-10-01"))
    calendar = Calendar.of(city)
    days = [date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 3), date(2026, 10, 10)]
    assert [calendar.is_working_day(day) for day in days] == [True, True, False, True]


@pytest.mark.parametrize(
    "text", ["", "2", "work_hour", "2 hours", "-1 work_hour", "0 work_hour", "nan work_hour", "1001 work_day", "2 h 1"]
)
def test_what_is_no_deadline_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="deadline"):
        Deadline.parse(text)


MOMENTS = st.integers(0, 40 * 24 * 60).map(lambda minutes: local("2026-09-15 00:00") + timedelta(minutes=minutes))
QUARTERS = st.integers(1, 160).map(lambda quarters: quarters / 4)


def is_worked(moment: datetime) -> bool:
    at = moment.astimezone(ZONE)
    return GOLDEN_WEEK.is_working_day(at.date()) and (8 <= at.hour < 12 or 14 <= at.hour < 18)


@settings(max_examples=60, deadline=None)
@given(MOMENTS, QUARTERS)
def test_exactly_the_hours_given_are_worked_until_due(reported: datetime, hours: float) -> None:
    due = GOLDEN_WEEK.due(reported, Deadline(hours, Unit.WORK_HOUR))
    minutes = int((due - reported) / timedelta(minutes=1))
    worked = sum(is_worked(reported + timedelta(minutes=minute)) for minute in range(minutes))
    assert worked == hours * 60
    assert is_worked(due - timedelta(minutes=1))


@settings(max_examples=60, deadline=None)
@given(MOMENTS, MOMENTS, st.sampled_from(Unit), QUARTERS, QUARTERS)
def test_later_or_longer_is_never_due_earlier(
    one: datetime, other: datetime, unit: Unit, amount: float, more: float
) -> None:
    early, late = sorted((one, other))
    assert GOLDEN_WEEK.due(early, Deadline(amount, unit)) <= GOLDEN_WEEK.due(late, Deadline(amount, unit))
    assert GOLDEN_WEEK.due(early, Deadline(amount, unit)) < GOLDEN_WEEK.due(early, Deadline(amount + more, unit))


@settings(max_examples=60, deadline=None)
@given(MOMENTS, st.sampled_from(Unit), QUARTERS, QUARTERS)
def test_two_deadlines_one_after_the_other_are_their_sum(
    reported: datetime, unit: Unit, first: float, second: float
) -> None:
    middle = GOLDEN_WEEK.due(reported, Deadline(first, unit))
    assert GOLDEN_WEEK.due(middle, Deadline(second, unit)) == GOLDEN_WEEK.due(reported, Deadline(first + second, unit))
