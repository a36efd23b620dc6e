"""What the outbox says of each desk: the one summary behind health pages, metrics and ``brain dispatch status``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from brain.dispatch.outbox import BARE_MARK, WAITING, RowState
from brain.store.tables import outbox


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits for one desk: rows, and when the oldest was created."""

    waiting: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class DeskStatus:
    """What the outbox says of one desk.

    Attributes:
        desk: its id.
        waiting, sent, dead: rows.
        oldest_s: age of the oldest waiting row in seconds.
        overdue_s: how long the longest overdue row has been due, in seconds.
        last_reason: why the oldest waiting row was not taken; empty if it was not tried.
        dead_reasons: cause → rows.
        newest_dead: newest dead rows as (id, reason), 20 at most.
    """

    desk: str
    waiting: int
    sent: int
    dead: int
    oldest_s: float
    overdue_s: float
    last_reason: str
    dead_reasons: Mapping[str, int]
    newest_dead: tuple[tuple[str, str], ...]


def backlog(connection: Connection) -> dict[str, Backlog]:
    """What waits, per desk."""
    query = (
        select(outbox.c.desk, func.count().label("waiting"), func.min(outbox.c.created).label("oldest"))
        .where(WAITING)
        .group_by(outbox.c.desk)
    )
    return {row.desk: Backlog(row.waiting, row.oldest) for row in connection.execute(query)}


def status(connection: Connection, *, now: datetime) -> tuple[DeskStatus, ...]:
    """What the outbox says of every desk that ever had a message, by id."""
    counted: dict[str, Counter[str]] = {}
    for desk, state, rows in connection.execute(
        select(outbox.c.desk, outbox.c.state, func.count()).group_by(outbox.c.desk, outbox.c.state)
    ):
        counted.setdefault(desk, Counter())[state] = rows
    return tuple(_desk_status(connection, desk, counts, now) for desk, counts in sorted(counted.items()))


def _desk_status(connection: Connection, desk: str, counts: Counter[str], now: datetime) -> DeskStatus:
    waiting = and_(outbox.c.desk == desk, WAITING)
    oldest = connection.execute(
        select(outbox.c.created, outbox.c.reason).where(waiting).order_by(outbox.c.created, outbox.c.seq).limit(1)
    ).first()
    due: datetime | None = connection.execute(select(func.min(outbox.c.due)).where(waiting)).scalar()
    dead = connection.execute(
        select(outbox.c.id, outbox.c.reason)
        .where(outbox.c.desk == desk, outbox.c.state == RowState.DEAD.value)
        .order_by(outbox.c.seq.desc())
    ).all()
    return DeskStatus(
        desk=desk,
        waiting=counts[RowState.WAITING.value],
        sent=counts[RowState.SENT.value],
        dead=counts[RowState.DEAD.value],
        oldest_s=_age(oldest.created, now) if oldest else 0.0,
        overdue_s=_age(due, now) if due else 0.0,
        last_reason=oldest.reason if oldest else "",
        dead_reasons=dict(Counter(_cause(row.reason) for row in dead)),
        newest_dead=tuple((row.id, row.reason) for row in dead[:20]),
    )


def _age(moment: datetime, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds())


def _cause(reason: str) -> str:
    return reason.removeprefix(BARE_MARK).partition(":")[0]
