"""How delivery goes, as data for health pages and metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from brain.core.clock import utc_now
from brain.core.errors import BrainError
from brain.dispatch.breaker import LineState
from brain.dispatch.line import Line
from brain.dispatch.summary import Backlog


@dataclass(frozen=True, slots=True)
class DeskHealth:
    """How delivery to one desk goes.

    Attributes:
        desk: its id.
        state: ok, failing (failed at least once in a row), tripped (five or more) or paused (a person is needed).
        reason: why, for people; empty when ok.
        waiting: rows that wait, those under way included.
        oldest_s: age of the oldest of them in seconds.
        under_way: messages that are being sent now.
        sent: delivered since the start.
        retried, dead: tries to repeat and dead letters since the start, by cause.
    """

    desk: str
    state: LineState
    reason: str
    waiting: int
    oldest_s: float
    under_way: int
    sent: int
    retried: Mapping[str, int]
    dead: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class DispatchHealth:
    """All desks, and what is wrong with the database if something is (then waiting rows are the last known)."""

    desks: tuple[DeskHealth, ...]
    database: str


def desk_health(line: Line, rows: Backlog | None) -> DeskHealth:
    """Health of a configured desk, given its waiting rows."""
    breaker, totals = line.breaker, line.totals
    return DeskHealth(
        desk=line.desk.id,
        state=breaker.state,
        reason=breaker.reason,
        waiting=rows.waiting if rows else 0,
        oldest_s=_age(rows) if rows else 0.0,
        under_way=len(line.under_way),
        sent=totals.sent,
        retried=totals.retried,
        dead=totals.dead,
    )


def in_words(error: Exception) -> str:
    """An error on one line; SQL and its values stay out of it."""
    if isinstance(error, BrainError):
        return error.line
    if isinstance(error, OSError):
        return f"{type(error).__name__}: {error.strerror or ''}".rstrip(": ")
    return type(error).__name__


def _age(rows: Backlog) -> float:
    return max(0.0, (utc_now() - rows.oldest).total_seconds())


def stray(desk: str, rows: Backlog) -> DeskHealth:
    """Rows of a desk that has left the settings: they wait for ever unless somebody is told."""
    reason = "this desk is not in the settings any more"
    return DeskHealth(desk, LineState.PAUSED, reason, rows.waiting, _age(rows), 0, 0, {}, {})
