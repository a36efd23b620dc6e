"""Weekly times at which a scenario looks, in the city's zone.

Outside them a sample is *unknown*: dwell and clear pause, an open event stays open, and nothing new is raised.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from brain.config.settings import Settings

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_MINUTES = 24 * 60
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)|24:00")


class Hours(Settings):
    """One span of a day, on some days of the week."""

    days: str = Field("daily", description="daily, one day, a span like mon-fri or a list like sat,sun")
    begin: str = Field(alias="from", description='time of day, "07:00"')
    end: str = Field(alias="to", description='time of day, "22:00"; not after the begin = on the next day')

    @field_validator("days")
    @classmethod
    def _days(cls, value: str) -> str:
        parse_days(value)
        return value

    @field_validator("begin", "end", mode="before")
    @classmethod
    def _clock(cls, value: object) -> str:
        if not isinstance(value, str) or not _CLOCK.fullmatch(value.strip()):
            raise ValueError('not a time of day: write it in quotes, like "07:00"')
        return value.strip()

    def covers(self, weekday: int, minute: float) -> bool:
        """Whether a weekday (0 = Monday) and minute of the day lie in it, begin included, end not."""
        days = parse_days(self.days)
        begin, end = _minutes(self.begin), _minutes(self.end)
        if begin < end:
            return weekday in days and begin <= minute < end
        return (weekday in days and minute >= begin) or ((weekday - 1) % 7 in days and minute < end)


def parse_days(text: str) -> frozenset[int]:
    """Weekdays (0 = Monday) of ``daily``, ``mon``, ``mon-fri``, ``fri-mon`` or ``sat,sun``; else ``ValueError``."""
    if text.strip().lower() == "daily":
        return frozenset(range(7))
    found: set[int] = set()
    for part in text.lower().split(","):
        first, _, last = (piece.strip() for piece in part.partition("-"))
        if first not in DAYS or (last and last not in DAYS):
            raise ValueError(f"{text!r} are not days: write daily, mon-fri or sat,sun ({', '.join(DAYS)})")
        start = DAYS.index(first)
        span = (DAYS.index(last) - start) % 7 if last else 0
        found.update((start + offset) % 7 for offset in range(span + 1))
    return frozenset(found)


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


def within(hours: Sequence[Hours] | None, moment: datetime, zone: ZoneInfo) -> bool:
    """Whether a moment lies in the schedule; ``None`` = always.

    Args:
        moment: aware.
        zone: the city's.
    """
    if hours is None:
        return True
    local = moment.astimezone(zone)
    minute = local.hour * 60 + local.minute + local.second / 60
    return any(span.covers(local.weekday(), minute % _DAY_MINUTES) for span in hours)
