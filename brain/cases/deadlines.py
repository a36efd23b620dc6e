"""Deadlines (处置时限) in the four units of the field, with the city's calendar.

``urgent_hour`` (紧急工作时) counts on without pause, ``natural_day`` (自然日) counts calendar days; ``work_hour``
(工作时) and ``work_day`` (工作日, eight work hours) count only 08:00–12:00 and 14:00–18:00 of working days. Reported on
Friday at 17:30, two work hours end on Monday at 09:30.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo

from brain.config.settings import CitySettings

WORK_TIMES = ((time(8), time(12)), (time(14), time(18)))
WORK_DAY_HOURS = 8
MAX_AMOUNT = 1000
_FORM = re.compile(r"(\d+(?:\.\d+)?)\s+([a-z_]+)")


class Unit(StrEnum):
    """What a deadline counts."""

    URGENT_HOUR = "urgent_hour"
    WORK_HOUR = "work_hour"
    WORK_DAY = "work_day"
    NATURAL_DAY = "natural_day"


@dataclass(frozen=True, slots=True)
class Deadline:
    """How long a department has: so many of a unit."""

    amount: float
    unit: Unit

    def __post_init__(self) -> None:
        if not 0 < self.amount <= MAX_AMOUNT:
            raise ValueError(f"a deadline is more than 0 and at most {MAX_AMOUNT} {self.unit}, not {self.amount:g}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """A deadline as manifests write it: ``2 work_hour``, ``0.5 urgent_hour``, ``3 work_day``.

        Raises:
            ValueError: not such a text.
        """
        match = _FORM.fullmatch(text.strip())
        if match is None or match[2] not in list(Unit):
            raise ValueError(f"{text!r} is not a deadline: write one like 2 work_hour; units: {', '.join(Unit)}")
        return cls(float(match[1]), Unit(match[2]))


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working time of a city.

    Attributes:
        zone: its time zone.
        holidays: days off that would be working days (法定节假日).
        workdays: weekend days that are worked (调休工作日); a day in both is worked.
    """

    zone: ZoneInfo
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()

    @classmethod
    def of(cls, city: CitySettings) -> Self:
        """The calendar of the settings."""
        return cls(
            ZoneInfo(city.timezone),
            frozenset(date.fromisoformat(day) for day in city.holidays),
            frozenset(date.fromisoformat(day) for day in city.workdays),
        )

    def is_working_day(self, day: date) -> bool:
        """Whether that day is worked."""
        return day in self.workdays or (day.weekday() < 5 and day not in self.holidays)

    def due(self, reported: datetime, deadline: Deadline) -> datetime:
        """Moment (UTC) at which the deadline ends that began at ``reported`` (aware)."""
        if deadline.unit is Unit.URGENT_HOUR:
            return reported.astimezone(UTC) + timedelta(hours=deadline.amount)
        if deadline.unit is Unit.NATURAL_DAY:
            return (reported.astimezone(self.zone) + timedelta(days=deadline.amount)).astimezone(UTC)
        hours = deadline.amount * (WORK_DAY_HOURS if deadline.unit is Unit.WORK_DAY else 1)
        return self._after_work(reported.astimezone(UTC), timedelta(hours=hours))

    def _after_work(self, start: datetime, left: timedelta) -> datetime:
        for opens, end in self._work_times(start):
            begin = max(opens, start)
            if left <= end - begin:
                return begin + left
            left -= max(end - begin, timedelta())
        raise AssertionError("the calendar has no end")

    def _work_times(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Begin and end (UTC) of every span of work from the day of ``start`` on."""
        day = start.astimezone(self.zone).date()
        while True:
            if self.is_working_day(day):
                for begin, end in WORK_TIMES:
                    yield self._utc(day, begin), self._utc(day, end)
            day += timedelta(days=1)

    def _utc(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)
