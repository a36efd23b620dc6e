"""Case numbers (案卷编号): 20 digits, counted per day of the city."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from brain.core.errors import StoreError
from brain.store.states import next_value

MAX_SERIAL = 999_999


def next_number(connection: Connection, admin_code: str, opened: datetime, zone: ZoneInfo) -> str:
    """The next number of the day, within the caller's transaction: division code 6, YYYYMMDD, serial 6.

    Args:
        admin_code: division code, six digits (GB/T 2260).
        opened: when the case was opened; its day in the city's ``zone`` counts.

    Raises:
        StoreError: more than 999,999 cases on one day.
    """
    day = f"{admin_code}{opened.astimezone(zone):%Y%m%d}"
    serial = next_value(connection, f"case {day}")
    if serial > MAX_SERIAL:
        raise StoreError(
            f"more than {MAX_SERIAL} cases on one day: the number has no place for them",
            remedy="look at the cameras that raise so many; the day's cases so far are safe",
        )
    return f"{day}{serial:06d}"
