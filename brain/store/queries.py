"""What people and other rooms ask of the database. Every list has a limit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select

from brain.core.types import Evidence, EvidenceKind, MarkedBox, Severity
from brain.store.tables import cases, events, evidence, transitions

LIMIT = 100


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case (案卷) as it stands; the fields are the columns of ``cases``."""

    id: str
    number: str
    scenario: str
    camera: str
    view: str
    zone: str
    state: str
    open_key: str | None
    revision: int
    standard: str
    class_kind: str
    class_code: str
    class_name: str
    grid: str
    address: str
    longitude: float | None
    latitude: float | None
    department: str
    severity: Severity
    opened: datetime
    due: datetime
    closed: datetime | None
    camera_clear: datetime | None


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event as it stands; the fields are the columns of ``events``, boxes in shares 0–1."""

    id: str
    scenario: str
    camera: str
    view: str
    zone: str
    began_s: float
    began: datetime
    raised: datetime
    changed: datetime
    ended: datetime | None
    severity: Severity
    measure: float
    score: float
    boxes: tuple[MarkedBox, ...]
    case_id: str


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A piece of evidence of a case.

    Attributes:
        event_id, revision: what it belongs to.
        evidence: the file; its path is relative to the evidence folder.
        removed: when retention took the file away; ``None`` while it is there.
    """

    event_id: str
    revision: int
    evidence: Evidence
    removed: datetime | None


@dataclass(frozen=True, slots=True)
class TransitionRow:
    """One step of a case: the revision that it made, the state after it, by whom and why."""

    revision: int
    state: str
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class CaseDetail:
    """A case with all that belongs to it, each in order of time."""

    case: CaseRow
    events: tuple[EventRow, ...]
    evidence: tuple[EvidenceRow, ...]
    transitions: tuple[TransitionRow, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """Totals for the status page and metrics."""

    events: int
    events_open: int
    cases_opened: int
    cases_open: int
    cases_closed: int


def open_cases(connection: Connection, *, limit: int = LIMIT) -> tuple[CaseRow, ...]:
    """Open cases, newest first."""
    query = select(cases).where(cases.c.open_key.is_not(None)).order_by(cases.c.opened.desc()).limit(limit)
    return tuple(case_row(row) for row in connection.execute(query))


def list_cases(connection: Connection, *, state: str | None = None, limit: int = LIMIT) -> tuple[CaseRow, ...]:
    """Cases of one state, or all, newest first."""
    query = select(cases).order_by(cases.c.opened.desc(), cases.c.number.desc()).limit(limit)
    if state is not None:
        query = query.where(cases.c.state == state)
    return tuple(case_row(row) for row in connection.execute(query))


def find_case(connection: Connection, number_or_id: str, *, limit: int = 1000) -> CaseDetail | None:
    """A case by its number or id, with at most ``limit`` newest events, pieces of evidence and transitions of each.

    Returns:
        ``None`` when there is no such case.
    """
    query = select(cases).where(or_(cases.c.number == number_or_id, cases.c.id == number_or_id))
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    case = case_row(row)
    of_case = [
        list(
            reversed(connection.execute(select(t).where(t.c.case_id == case.id).order_by(o.desc()).limit(limit)).all())
        )
        for t, o in ((events, events.c.raised), (evidence, evidence.c.id), (transitions, transitions.c.revision))
    ]
    return CaseDetail(
        case,
        tuple(event_row(row) for row in of_case[0]),
        tuple(evidence_row(row) for row in of_case[1]),
        tuple(TransitionRow(row.revision, row.state, row.at, row.by, row.reason) for row in of_case[2]),
    )


def counts(connection: Connection) -> Counts:
    """Totals of events and cases."""
    row = connection.execute(
        select(
            select(func.count()).select_from(events).scalar_subquery(),
            select(func.count()).select_from(events).where(events.c.ended.is_(None)).scalar_subquery(),
            select(func.count()).select_from(cases).scalar_subquery(),
            select(func.count()).select_from(cases).where(cases.c.open_key.is_not(None)).scalar_subquery(),
        )
    ).one()
    all_events, open_events, opened, still_open = row
    return Counts(all_events, open_events, opened, still_open, opened - still_open)


def case_row(row: Row[Any]) -> CaseRow:
    """A row of ``select(cases)``."""
    return CaseRow(**{**row._mapping, "severity": Severity(row.severity)})


def event_row(row: Row[Any]) -> EventRow:
    """A row of ``select(events)``."""
    return EventRow(**{**row._mapping, "severity": Severity(row.severity), "boxes": boxes_from_json(row.boxes)})


def evidence_row(row: Row[Any]) -> EvidenceRow:
    """A row of ``select(evidence)``."""
    piece = Evidence(EvidenceKind(row.kind), row.path, row.sha256, row.media_type, row.size, row.at)
    return EvidenceRow(row.event_id, row.revision, piece, row.removed)


def boxes_to_json(boxes: tuple[MarkedBox, ...]) -> list[dict[str, Any]]:
    """Boxes as they stand in the database and in messages: ``{"box": [x1, y1, x2, y2], "label", "score"}``."""
    return [{"box": list(item.box), "label": item.label, "score": item.score} for item in boxes]


def boxes_from_json(items: list[dict[str, Any]]) -> tuple[MarkedBox, ...]:
    """The reverse of ``boxes_to_json``."""
    return tuple(MarkedBox((*item["box"],), item["label"], item["score"]) for item in items)
