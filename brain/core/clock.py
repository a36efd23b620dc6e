"""Time: UTC inside, the city's zone outside; media time for rules."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


def utc_now() -> datetime:
    """The time now, aware, in UTC."""
    return datetime.now(UTC)


def monotonic_s() -> float:
    """Seconds of the clock that nobody sets; for time-outs and rates only."""
    return time.monotonic()


def from_epoch(seconds: float) -> datetime:
    """UTC time of Unix seconds, to the microsecond."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and ``Z``, as used in files, messages and logs.

    Raises:
        ValueError: a time without zone: it would be taken for the machine's own.
    """
    if moment.tzinfo is None:
        raise ValueError(f"time {moment.isoformat()} has no zone")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_iso(text: str) -> datetime:
    """The time of an ISO 8601 text, aware, in UTC.

    Raises:
        ValueError: not a time, without zone, or not within the years 1 to 9999 of UTC.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"time {text!r} has no zone: write it like 2026-11-24T08:00:00+08:00")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"time {text!r} lies outside the years 1 to 9999") from None
