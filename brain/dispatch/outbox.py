"""The outbox (发件箱): what is to be sent, claimed by lease, in order per case and desk.

Every function takes an open connection and is one or two statements; the caller owns the transaction. A row is frozen:
id, desk, body and attachments never change, only what is known of its delivery does.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, literal_column, or_, select, update

from brain.core.types import Severity
from brain.store.tables import outbox

BARE_MARK = "without attachments; "
_SEVERITIES = frozenset(severity.value for severity in Severity)
_URGENT = (Severity.CRITICAL.value, Severity.HIGH.value)
_LONGEST_REASON = 400
# Written out and not bound: the index of waiting rows is partial, and a planner uses it for this very text only.
WAITING = outbox.c.state == literal_column("'waiting'")


class RowState(StrEnum):
    """State of an outbox row."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of the evidence folder that goes into a message.

    Attributes:
        name: equals ``name`` of one entry of ``data.evidence`` in the body.
        path: relative to the evidence folder.
        sha256: of its bytes.
    """

    name: str
    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Message:
    """An outbox row that has been claimed.

    Attributes:
        id: ``webhook-id``; the same for every try.
        desk, case_id, revision, type, severity: of the row.
        body: JSON text, frozen.
        attachments: files to embed.
        sha256: of ``body`` as UTF-8.
        created: when it was put into the outbox.
        tries: failed tries before this one.
        bare: send it without attachments, because the desk answered 413 before.
    """

    id: str
    desk: str
    case_id: str
    revision: int
    type: str
    severity: Severity
    body: str
    attachments: tuple[Attachment, ...]
    sha256: str
    created: datetime
    tries: int
    bare: bool

    @property
    def urgent(self) -> bool:
        """Whether it may use the lane of high and critical severity."""
        return self.severity.value in _URGENT


@dataclass(frozen=True, slots=True)
class Settlement:
    """What becomes of a claimed row.

    Attributes:
        id: of the row.
        state: ``sent``, ``dead`` or ``waiting`` (again).
        reason: for people; empty when delivered.
        status: HTTP status, if one came.
        due: when it is tried again (``waiting``).
        bare: later tries go without attachments.
        reference: the desk's own id.
    """

    id: str
    state: RowState
    reason: str = ""
    status: int | None = None
    due: datetime | None = None
    bare: bool = False
    reference: str | None = None


def claim(
    connection: Connection,
    *,
    desk: str,
    owner: str,
    now: datetime,
    until: datetime,
    limit: int,
    normal_limit: int,
    holding: Collection[str] = (),
    horizon_s: float = 7200.0,
) -> tuple[Message, ...]:
    """Leases the next rows of a desk: high and critical first, then by due time.

    Only the lowest waiting ``seq`` of each case is eligible, so that a case has one message under way at most.

    Args:
        connection: inside a writing transaction.
        owner: who holds the lease.
        until: when the lease runs out; later than the deadline of a request.
        limit: most rows.
        normal_limit: most rows of low and medium severity among them.
        holding: ids that the caller still has under way, whatever their lease says.
        horizon_s: a due time further away than this can only come from a clock that jumped; such a row is due.
    """
    ready = _ready(desk, now, holding, horizon_s).order_by(_rank().desc(), outbox.c.due, outbox.c.seq).limit(limit)
    rows = connection.execute(ready).all()
    normal = [row.id for row in rows if row.severity not in _URGENT]
    refused = set(normal[max(0, normal_limit) :])
    taken = [row.id for row in rows if row.id not in refused]
    taken = [
        row_id
        for row_id in taken
        if connection.execute(
            update(outbox)
            .where(outbox.c.id == row_id, WAITING, _free(now))
            .values(lease_owner=owner, lease_until=until)
        ).rowcount
    ]
    return _messages(connection, taken)


def any_ready(
    connection: Connection,
    *,
    desk: str,
    now: datetime,
    urgent_only: bool = False,
    holding: Collection[str] = (),
    horizon_s: float = 7200.0,
) -> bool:
    """Whether :func:`claim` could find a row; needs no writing transaction."""
    query = _ready(desk, now, holding, horizon_s).limit(1)
    if urgent_only:
        query = query.where(outbox.c.severity.in_(_URGENT))
    return connection.execute(query).first() is not None


def next_due(connection: Connection, *, desk: str, now: datetime) -> datetime | None:
    """When the next row of a desk that is not yet due, or leased, becomes ready; ``None`` if there is none."""
    moment = case((outbox.c.lease_until > now, outbox.c.lease_until), else_=outbox.c.due)
    query = select(moment).where(outbox.c.seq.in_(_heads(desk)), moment > now).order_by(moment).limit(1)
    found: datetime | None = connection.execute(query).scalar()
    return found


def settle(connection: Connection, *, owner: str, now: datetime, settlement: Settlement) -> bool:
    """Writes what became of a claimed row and ends its lease.

    Returns:
        False when the lease was lost (it ran out and somebody else took the row): nothing is changed then.
    """
    reason = (BARE_MARK if settlement.bare else "") + settlement.reason
    values: dict[str, Any] = {
        "state": settlement.state.value,
        "reason": reason[:_LONGEST_REASON],
        "status": settlement.status,
        "lease_owner": None,
        "lease_until": None,
        "tries": outbox.c.tries + 1,
    }
    if settlement.status is not None:
        values["answered"] = now
    if settlement.due is not None:
        values["due"] = settlement.due
    if settlement.reference is not None:
        values["desk_reference"] = settlement.reference[:200]
    changed = connection.execute(
        update(outbox).where(outbox.c.id == settlement.id, WAITING, outbox.c.lease_owner == owner).values(values)
    )
    return changed.rowcount == 1


def release(connection: Connection, *, owner: str, keep: Collection[str] = ()) -> int:
    """Ends the leases of an owner except ``keep``; how many.

    At start this frees what a killed process of the same owner id had under way. That is safe because the store's
    writer lock lets one service live at a time: whoever held these leases is dead.
    """
    query = (
        update(outbox)
        .where(WAITING, outbox.c.lease_owner == owner, outbox.c.id.not_in(list(keep)))
        .values(lease_owner=None, lease_until=None)
    )
    return connection.execute(query).rowcount


def retry(
    connection: Connection, *, now: datetime, desk: str | None = None, ids: Sequence[str] = (), dead: bool = False
) -> int:
    """Makes rows due now, by hand; how many.

    Without ``ids``: the waiting rows (of ``desk``), or with ``dead`` its dead letters. With ``ids``: just these,
    waiting or dead. A dead letter waits again with its own id and all its attachments; over age it gets one try.
    """
    wanted: list[ColumnElement[bool]] = []
    if desk is not None:
        wanted.append(outbox.c.desk == desk)
    if ids:
        states = [RowState.WAITING.value, RowState.DEAD.value]
        wanted += [outbox.c.id.in_(list(ids)), outbox.c.state.in_(states)]
    else:
        wanted.append(outbox.c.state == RowState.DEAD.value if dead else WAITING)
    revived = outbox.c.state == RowState.DEAD.value
    query = (
        update(outbox)
        .where(*wanted)
        .values(
            state=RowState.WAITING.value,
            due=now,
            reason=case((revived, ""), else_=outbox.c.reason),
        )
    )
    return connection.execute(query).rowcount


def _rank() -> ColumnElement[int]:
    return case({severity.value: severity.rank for severity in Severity}, value=outbox.c.severity, else_=0)


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= now)


def _heads(desk: str) -> Any:
    """Lowest waiting ``seq`` of every case of a desk."""
    return select(func.min(outbox.c.seq)).where(outbox.c.desk == desk, WAITING).group_by(outbox.c.case_id)


def _ready(desk: str, now: datetime, holding: Collection[str], horizon_s: float) -> Any:
    due = or_(outbox.c.due <= now, outbox.c.due > now + timedelta(seconds=horizon_s))
    query = select(outbox.c.id, outbox.c.severity).where(outbox.c.seq.in_(_heads(desk)), due, _free(now))
    return query.where(outbox.c.id.not_in(list(holding))) if holding else query


def _messages(connection: Connection, ids: Sequence[str]) -> tuple[Message, ...]:
    if not ids:
        return ()
    rows = {row.id: row for row in connection.execute(select(outbox).where(outbox.c.id.in_(list(ids))))}
    return tuple(_message(rows[row_id]) for row_id in ids)


def _message(row: Any) -> Message:
    sha256 = row.sha256
    attachments: tuple[Attachment, ...] = ()
    try:
        attachments = tuple(Attachment(item["name"], item["path"], item["sha256"]) for item in row.attachments)
    except (KeyError, TypeError):
        sha256 = ""  # no body has this hash: the message becomes a dead letter, the queue goes on
    return Message(
        id=row.id,
        desk=row.desk,
        case_id=row.case_id,
        revision=row.revision,
        type=row.type,
        severity=Severity(row.severity) if row.severity in _SEVERITIES else Severity.LOW,
        body=row.body,
        attachments=attachments,
        sha256=sha256,
        created=row.created,
        tries=row.tries,
        bare=row.reason.startswith(BARE_MARK),
    )
