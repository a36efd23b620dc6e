"""Time off duty, against the schedule asked second by second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from time import process_time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brain.core.errors import ConfigError
from brain.evaluation.duty import off_duty
from brain.evaluation.spans import seconds
from brain.rules.schedule import Hours, within

clocks = st.builds(lambda hour, minute: f"{hour:02}:{minute:02}", st.integers(0, 23), st.integers(0, 59))
schedules = st.lists(
    st.fixed_dictionaries(
        {"days": st.sampled_from(["daily", "mon-fri", "sun", "fri-mon"]), "from": clocks, "to": clocks}
    ),
    max_size=3,
)
# Berlin and Lord Howe put their clocks forward and back, the latter by half an hour.
cities = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"])
starts = st.one_of(
    st.integers(0, 366 * 86400).map(lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s)),
    st.integers(0, 86400).map(lambda s: datetime(2026, 3, 28, 12, tzinfo=UTC) + timedelta(seconds=s)),
    st.integers(0, 86400).map(lambda s: datetime(2026, 4, 4, 3, tzinfo=UTC) + timedelta(seconds=s)),
)


@settings(max_examples=60, deadline=None)
@given(schedules, starts, st.integers(1, 90_000), cities)
def test_it_is_what_the_schedule_says_of_every_moment(
    make_scenario: Any, schedule: list[dict[str, str]], start: datetime, length: int, city: str
) -> None:
    spans = off_duty(make_scenario(manifest={"schedule": schedule}), start, float(length), city)
    assert all(begin < end for begin, end in spans)
    assert all(first[1] < second[0] for first, second in pairwise(spans))
    hours, zone = [Hours.model_validate(item) for item in schedule], ZoneInfo(city)
    edges = {0, length - 1, *(int(edge) + by for span in spans for edge in span for by in (-1, 0))}
    for second in {*range(0, length, 97), *(edge for edge in edges if 0 <= edge < length)}:
        off = any(begin <= second < end for begin, end in spans)
        assert off is not within(hours, start + timedelta(seconds=second), zone), second


@pytest.mark.parametrize(
    ("schedule", "spans"),
    [
        (None, ()),
        ([], ((0, 3600),)),
        ([{"days": "daily", "from": "08:00", "to": "20:00"}], ()),
        ([{"days": "daily", "from": "12:10", "to": "12:20"}], ((0, 599.5), (1199.5, 3600))),
    ],
)
def test_spans(make_scenario: Any, schedule: Any, spans: tuple[tuple[float, float], ...]) -> None:
    start = datetime(2026, 6, 1, 12, 0, 0, 500_000, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert off_duty(make_scenario(manifest={"schedule": schedule}), start, 3600.0) == spans


def test_a_day_is_cheap(make_scenario: Any) -> None:
    scenario = make_scenario(manifest={"schedule": [{"days": "mon-fri", "from": "07:03", "to": "22:40"}]})
    began = process_time()
    spans = off_duty(scenario, datetime(2026, 6, 1, 0, tzinfo=ZoneInfo("Asia/Shanghai")), 86400.0)
    assert process_time() - began < 0.5
    assert seconds(spans) == 86400 - (15 * 60 + 37) * 60


def test_a_schedule_that_cannot_be_read_is_told(make_scenario: Any) -> None:
    with pytest.raises(ConfigError, match="the schedule of left_object"):
        off_duty(make_scenario(manifest={"schedule": [{"from": "25:00"}]}), datetime(2026, 6, 1, tzinfo=UTC), 60.0)
