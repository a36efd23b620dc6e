"""Outages, folding of events, and reading ahead: the parts of a replay that need no video."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.core.types import EventChange, EventKind, MarkedBox, Severity
from brain.replay.clip import EventFold, Outages
from brain.replay.frames import ahead

T = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("every", "samples", "seconds", "missing", "spans"),
    [
        (2.0, [0, 2, 4, 6], 8.0, 0.0, ()),
        (2.0, [0, 2, 12, 14], 15.0, 0.0, ()),  # ten seconds are not longer than ten
        (2.0, [0, 2, 12.5], 13.0, 0.0, ((2.0, 12.5),)),
        (5.0, [0, 15, 31], 32.0, 0.0, ((15.0, 31.0),)),  # three cadences
        (2.0, [11, 13], 14.0, 0.0, ((0.0, 11.0),)),
        (2.0, [0, 2], 20.0, 0.0, ((2.0, 20.0),)),
        (2.0, [0, 2, 4], 5.0, 30.0, ((5.0, 35.0),)),
        (2.0, [0, 2, 4], 20.0, 30.0, ((4.0, 50.0),)),
        (2.0, [], 20.0, 0.0, ((0.0, 20.0),)),
    ],
)
def test_outages(
    every: float, samples: list[float], seconds: float, missing: float, spans: tuple[tuple[float, float], ...]
) -> None:
    outages = Outages(every)
    for pts_s in samples:
        outages.sample(pts_s)
    assert outages.spans(seconds, missing) == spans


@given(st.lists(st.floats(0, 1e4), max_size=30), st.floats(0.1, 20), st.floats(0, 100), st.floats(0, 100))
def test_outages_are_in_order_and_apart(times: list[float], every: float, more: float, missing: float) -> None:
    outages = Outages(every)
    for pts_s in sorted(times):
        outages.sample(pts_s)
    spans = outages.spans(max(times, default=0.0) + more, missing)
    flat = [value for span in spans for value in span]
    assert flat == sorted(flat)


def change(kind: EventKind, at_s: float, severity: Severity, measure: float, x: float, name: str = "e") -> EventChange:
    box = MarkedBox((x, 0.1, 0.5, 0.123456789), "car", 0.5)
    where = ("s", "c", "main", "z")
    return EventChange(name, kind, *where, 1.0, at_s, T, T, severity, measure, 0.25, (box,))


def test_an_event_keeps_its_first_proof_and_its_last_figures() -> None:
    fold = EventFold()
    fold.take(change(EventKind.RAISED, 5.00049, Severity.LOW, 4.0, 0.1))
    fold.take(change(EventKind.UPDATED, 9.0, Severity.HIGH, 8.0, 0.2))
    fold.take(change(EventKind.RAISED, 3.0, Severity.LOW, 1.0, 0.3, "f"))
    fold.take(change(EventKind.ENDED, 20.0, Severity.HIGH, 0.0, 0.4))
    later, first = reversed(fold.events())
    assert (first.raised_s, first.ended_s) == (3.0, None)
    assert (later.raised_s, later.ended_s, later.severity, later.measure) == (5.0, 20.0, Severity.HIGH, 8.0)
    assert later.boxes[0].box == (0.1, 0.1, 0.5, 0.12346)


def frames(count: int, closed: list[str], error: Exception | None = None) -> Iterator[Any]:
    try:
        yield from range(count)
        if error is not None:
            raise error
    finally:
        closed.append(threading.current_thread().name)


@pytest.mark.parametrize("count", [0, 1, 3, 50])
def test_ahead_changes_nothing_but_the_thread(count: int) -> None:
    closed: list[str] = []
    assert list(ahead(frames(count, closed), 2)) == list(range(count))
    assert closed == ["decode"]


def test_an_error_comes_after_the_frames_before_it() -> None:
    source = ahead(frames(7, [], ValueError("broken")), 2)
    assert [next(source) for _ in range(7)] == list(range(7))
    with pytest.raises(ValueError, match="broken"):
        next(source)


def test_whoever_stops_early_leaves_no_thread_behind() -> None:
    closed: list[str] = []
    source = ahead(frames(1000, closed), 2)
    assert [next(source), next(source)] == [0, 1]
    source.close()
    assert closed == ["decode"]
    assert "decode" not in {thread.name for thread in threading.enumerate()}
