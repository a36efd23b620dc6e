"""When a scenario's schedule does not let it look: time off duty, which counts for nothing, in seconds of a clip."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from brain.core.errors import ConfigError
from brain.evaluation.spans import Span
from brain.replay.run import CITY, RunScenario
from brain.rules.schedule import Hours, within

# Clocks are put forward or back at whole quarters, and every city is whole quarters away from UTC.
_QUARTER = 15
_SCHEDULE: TypeAdapter[tuple[Hours, ...]] = TypeAdapter(tuple[Hours, ...])


def off_duty(scenario: RunScenario, start: datetime, length_s: float, city: str = CITY) -> tuple[Span, ...]:
    """The spans of a clip outside the scenario's schedule, in order and apart.

    Args:
        start: moment of the first picture, with zone.
        length_s: of the clip.
        city: zone of the schedule.

    Raises:
        ConfigError: the schedule that the run tells of cannot be read.
    """
    hours = _schedule(scenario)
    return () if hours is None else _spans(hours, start, length_s, city)


def _schedule(scenario: RunScenario) -> tuple[Hours, ...] | None:
    told = scenario.manifest.get("schedule")
    if told is None:
        return None
    try:
        return _SCHEDULE.validate_python(told)
    except ValidationError:
        what = f"the schedule of {scenario.id} in the run does not fit this version"
        raise ConfigError(what, remedy="replay the recordings again with this version") from None


@lru_cache(maxsize=1024)
def _spans(hours: tuple[Hours, ...], start: datetime, length_s: float, city: str) -> tuple[Span, ...]:
    """Between two neighbouring cuts the scenario is either on duty or off, so the first moment tells of all."""
    zone = ZoneInfo(city)
    found: list[Span] = []
    at_s = 0.0
    for next_s in [*_cuts(hours, start, length_s), length_s]:
        if next_s > at_s and not within(hours, start + timedelta(seconds=at_s), zone):
            if found and found[-1][1] == at_s:
                found[-1] = (found[-1][0], next_s)
            else:
                found.append((at_s, next_s))
        at_s = next_s
    return tuple(found)


def _cuts(hours: Sequence[Hours], start: datetime, length_s: float) -> Iterator[float]:
    """Every second of the clip at which duty may begin or end, rising: quarters, and the minutes that are named."""
    minutes = {0, *(int(text[-2:]) % _QUARTER for item in hours for text in (item.begin, item.end))}
    first = start.astimezone(UTC)
    moment = first.replace(second=0, microsecond=0) + timedelta(minutes=1)
    end = first + timedelta(seconds=length_s)
    while moment < end:
        if moment.minute % _QUARTER in minutes:
            yield (moment - first).total_seconds()
        moment += timedelta(minutes=1)
