"""The outbox (发件箱): what is to be sent, claimed by lease, in order per case and desk.

Every function takes an open connection and is one or two statements; the caller owns the transaction. A row is frozen:
id, desk, body and attachments never change, only what is known of its delivery does.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    and_,
    bindparam,
    case,
    literal_column,
    or_,
    select,
    update,
)

from brain.core.types import Severity
from brain.store.tables import outbox

BARE_MARK = "without attachments; "
_URGENT = (Severity.CRITICAL.value, Severity.HIGH.value)
_LANES = (*_URGENT, Severity.MEDIUM.value, Severity.LOW.value)
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
) -> tuple[Message, ...]:
    """Leases the next rows of a desk: critical, high, medium, low; within each by due time.

    Only the lowest waiting ``seq`` of each case is eligible, so that a case has one message under way at most.

    Args:
        connection: inside a writing transaction.
        owner: who holds the lease.
        until: when the lease runs out; later than the deadline of a request.
        limit: most rows.
        normal_limit: most rows of low and medium severity among them.
        holding: ids that the caller still has under way, whatever their lease says.
    """
    taken: list[str] = []
    normal = 0
    for severity in _LANES:
        left = limit - len(taken)
        if severity not in _URGENT:
            left = min(left, normal_limit - normal)
        if left <= 0:
            continue
        values = {"desk": desk, "now": now, "severities": [severity], "holding": list(holding), "most": left}
        for row_id in connection.execute(_READY, values).scalars().all():
            if connection.execute(_LEASE, {"row": row_id, "now": now, "owner": owner, "until": until}).rowcount:
                taken.append(row_id)
                normal += severity not in _URGENT
    return _messages(connection, taken)


def any_ready(
    connection: Connection, *, desk: str, now: datetime, urgent_only: bool = False, holding: Collection[str] = ()
) -> bool:
    """Whether :func:`claim` could find a row; needs no writing transaction."""
    severities = list(_URGENT if urgent_only else _LANES)
    values = {"desk": desk, "now": now, "severities": severities, "holding": list(holding)}
    return connection.execute(_ANY_READY, values).first() is not None


def next_due(connection: Connection, *, desk: str, now: datetime) -> datetime | None:
    """The earliest due time after ``now`` of a row that may be claimed then; ``None`` if there is none.

    Leases play no part: the caller's own end by an answer, and those of others are looked at anew by and by.
    """
    found = connection.execute(_NEXT_DUE, {"desk": desk, "now": now}).one()
    return min((moment for moment in found if moment is not None), default=None)


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
        severity=Severity(row.severity),
        body=row.body,
        attachments=attachments,
        sha256=sha256,
        created=row.created,
        tries=row.tries,
        bare=row.reason.startswith(BARE_MARK),
    )


def _is_head() -> ColumnElement[bool]:
    """Whether no other row of its case and desk waits before it."""
    before = outbox.alias("before")
    waits = before.c.state == literal_column("'waiting'")
    same = and_(before.c.desk == outbox.c.desk, before.c.case_id == outbox.c.case_id, before.c.seq < outbox.c.seq)
    return ~select(before.c.seq).where(same, waits).correlate(outbox).exists()


_FREE = or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= bindparam("now"))
# Statements are made once: building them anew costs more than running them on an idle outbox.
_CLAIMABLE = select(outbox.c.id).where(
    outbox.c.desk == bindparam("desk"),
    WAITING,
    outbox.c.severity.in_(bindparam("severities", expanding=True)),
    outbox.c.due <= bindparam("now"),
    _FREE,
    outbox.c.id.not_in(bindparam("holding", expanding=True)),
    _is_head(),
)
_READY = _CLAIMABLE.order_by(outbox.c.due, outbox.c.seq).limit(bindparam("most", type_=Integer))
_ANY_READY = _CLAIMABLE.limit(1)
_LEASE = (
    update(outbox)
    .where(outbox.c.id == bindparam("row"), WAITING, _FREE)
    .values(lease_owner=bindparam("owner"), lease_until=bindparam("until"))
)
_NEXT_DUE = select(
    *(
        select(outbox.c.due)
        .where(
            outbox.c.desk == bindparam("desk"),
            WAITING,
            outbox.c.severity == literal_column(f"'{severity}'"),
            outbox.c.due > bindparam("now"),
            _is_head(),
        )
        .order_by(outbox.c.due)
        .limit(1)
        .scalar_subquery()
        for severity in _LANES
    )
)
