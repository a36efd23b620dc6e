"""What each change of an event does to its case. Everything here runs inside one transaction of ``CaseIntake``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from sqlalchemy import Connection, insert, select, update

from brain.cases.classes import CaseClass
from brain.cases.deadlines import Calendar
from brain.cases.lifecycle import ENGINE, CaseState, require_step
from brain.cases.messages import MessageType, Revision, attachments, body
from brain.cases.numbers import next_number
from brain.cases.taxonomy import TaxonomyClass, taxonomy
from brain.config.settings import BrainSettings, CameraSettings, DeskSettings
from brain.core.ids import derived_id, sha256_hex
from brain.core.types import EventChange, EventKind, Evidence, Severity
from brain.store.errors import UnkeepableReport
from brain.store.queries import CaseRow, EventRow, boxes_to_json, case_row, event_row
from brain.store.records import LateEvidence, Report
from brain.store.tables import cases, events, evidence, outbox, transitions

MAX_EVENT_IDS = 100


@dataclass(frozen=True, slots=True)
class Applied:
    """What a commit did.

    Attributes:
        opened, updated, closed: numbers of the cases concerned, one entry per revision.
        repeated: changes that were known already and had no effect.
        unknown: changes of events that this database never saw raised; they had no effect.
        messages: rows written to the outbox.
    """

    opened: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    repeated: int = 0
    unknown: int = 0
    messages: int = 0


@dataclass(frozen=True, slots=True)
class Book:
    """What is known beforehand: classes, cameras, desks and the city's calendar."""

    classes: Mapping[str, tuple[CaseClass, TaxonomyClass]]
    cameras: Mapping[str, CameraSettings]
    desks: tuple[DeskSettings, ...]
    calendar: Calendar
    admin_code: str

    @classmethod
    def of(cls, classes: Mapping[str, CaseClass], settings: BrainSettings) -> Self:
        """From the settings; ``ConfigError`` for a class code that the taxonomy does not have."""
        return cls(
            {scenario: (about, taxonomy().find(about.class_code)) for scenario, about in classes.items()},
            {camera.id: camera for camera in settings.cameras},
            settings.desks,
            Calendar.of(settings.city),
            settings.city.admin_code,
        )

    def about(self, scenario: str) -> tuple[CaseClass, TaxonomyClass]:
        """Class of a scenario's cases; ``UnkeepableReport`` when it has none."""
        found = self.classes.get(scenario)
        if found is None:
            raise UnkeepableReport(
                f"scenario {scenario!r} reports events but has no case class here",
                remedy="load it in the service as well as in the workers: both read the same settings file",
            )
        return found

    def desks_of(self, scenario: str) -> list[DeskSettings]:
        """The desks that want this scenario's cases."""
        return [desk for desk in self.desks if desk.scenarios == "all" or scenario in desk.scenarios]


class Changes:
    """Applies changes one after the other within a transaction that the caller ends."""

    def __init__(self, connection: Connection, book: Book, now: datetime) -> None:
        self._connection = connection
        self._book = book
        self._now = now
        self._numbers: dict[MessageType, list[str]] = {kind: [] for kind in MessageType}
        self._repeated = self._unknown = self._messages = 0

    def applied(self) -> Applied:
        """What happened so far."""
        opened, updated, closed = (tuple(self._numbers[kind]) for kind in MessageType)
        return Applied(opened, updated, closed, self._repeated, self._unknown, self._messages)

    def report(self, report: Report) -> None:
        """One change of one event."""
        change = report.change
        if not (math.isfinite(change.measure) and math.isfinite(change.score) and math.isfinite(change.began_s)):
            raise UnkeepableReport(f"event {change.event_id} reports a figure that is not a number")
        event = self._event(change.event_id)
        if change.kind is EventKind.RAISED:
            self._raised(change, event, report.evidence)
        elif event is None:
            self._unknown += 1
        elif event.ended is not None:
            self._repeated += 1
        elif change.kind is EventKind.UPDATED:
            self._updated(change, event, report.evidence)
        else:
            self._ended(change, event, report.evidence)

    def late(self, late: LateEvidence) -> None:
        """Proof that follows its event: another revision, told to the desks even if the case is closed by now."""
        event = self._event(late.event_id)
        if event is None:
            self._unknown += 1
            return
        if not self._unnamed([late.evidence]):
            self._repeated += 1
            return
        case = self._case_of(event)
        reason = f"{late.evidence.kind} added"
        self._publish(case, case, event, at=self._now, kind=MessageType.UPDATED, reason=reason, proof=[late.evidence])

    def _raised(self, change: EventChange, known: EventRow | None, proof: Sequence[Evidence]) -> None:
        if known is not None:
            self._repeated += 1
            return
        row = self._connection.execute(select(cases).where(cases.c.open_key == _open_key(change))).one_or_none()
        if row is None:
            case = self._open_case(change)
            event = self._add_event(change, case.id)
            reason = "raised by the camera"
            self._publish(None, case, event, at=change.at, kind=MessageType.OPENED, reason=reason, proof=proof)
            return
        before = case_row(row)
        event = self._add_event(change, before.id)
        case = replace(before, severity=_worse(before.severity, event.severity), camera_clear=None)
        reason = "raised again at the same place"
        self._publish(before, case, event, at=change.at, kind=MessageType.UPDATED, reason=reason, proof=proof)

    def _updated(self, change: EventChange, event: EventRow, proof: Sequence[Evidence]) -> None:
        rose = change.severity.rank > event.severity.rank
        if not rose and change.at <= event.changed:
            self._repeated += 1
            return
        reason = f"severity rose from {event.severity} to {change.severity}" if rose else "still there"
        event = replace(
            event,
            changed=max(change.at, event.changed),
            severity=_worse(event.severity, change.severity),
            measure=change.measure,
            score=change.score,
            boxes=change.boxes,
        )
        self._keep_event(event)
        before = self._case_of(event)
        case = replace(before, severity=_worse(before.severity, event.severity))
        self._publish(before, case, event, at=change.at, kind=MessageType.UPDATED, reason=reason, proof=proof)

    def _ended(self, change: EventChange, event: EventRow, proof: Sequence[Evidence]) -> None:
        event = replace(event, changed=change.at, ended=change.at)
        self._keep_event(event)
        case = before = self._case_of(event)
        kind, reason = MessageType.UPDATED, "gone, says the camera"
        if self._has_open_event(case.id):
            reason = "one of its events ended"
        elif self._book.about(case.scenario)[0].close == "desk":
            case = replace(case, camera_clear=change.at)
        else:
            case = replace(case, camera_clear=change.at, state=CaseState.CLOSED, closed=change.at, open_key=None)
            kind = MessageType.CLOSED
        self._publish(before, case, event, at=change.at, kind=kind, reason=reason, proof=proof)

    def _open_case(self, change: EventChange) -> CaseRow:
        """A case that is not in the database yet: ``_publish`` makes it revision 1."""
        about, of_standard = self._book.about(change.scenario)
        camera = self._book.cameras.get(change.camera)
        longitude, latitude = camera.location if camera is not None and camera.location is not None else (None, None)
        calendar = self._book.calendar
        case = CaseRow(
            id=derived_id("case", change.event_id),
            number=next_number(self._connection, self._book.admin_code, change.at, calendar.zone),
            scenario=change.scenario,
            camera=change.camera,
            view=change.view,
            zone=change.zone,
            state=CaseState.REPORTED,
            open_key=_open_key(change),
            revision=0,
            standard=taxonomy().standard,
            class_kind=taxonomy().kind,
            class_code=of_standard.code,
            class_name=of_standard.zh,
            grid=camera.grid if camera is not None else "",
            address=camera.address if camera is not None else "",
            longitude=longitude,
            latitude=latitude,
            department=about.department,
            severity=change.severity,
            opened=change.at,
            due=calendar.due(change.at, about.deadline),
            closed=None,
            camera_clear=None,
        )
        self._connection.execute(insert(cases).values(**_columns(case)))
        return case

    def _add_event(self, change: EventChange, case_id: str) -> EventRow:
        event = EventRow(
            id=change.event_id,
            scenario=change.scenario,
            camera=change.camera,
            view=change.view,
            zone=change.zone,
            began_s=change.began_s,
            began=change.began,
            raised=change.at,
            changed=change.at,
            ended=None,
            severity=change.severity,
            measure=change.measure,
            score=change.score,
            boxes=change.boxes,
            case_id=case_id,
        )
        self._connection.execute(insert(events).values(**_event_columns(event)))
        return event

    def _keep_event(self, event: EventRow) -> None:
        self._connection.execute(update(events).where(events.c.id == event.id).values(**_event_columns(event)))

    def _publish(
        self,
        before: CaseRow | None,
        case: CaseRow,
        event: EventRow,
        *,
        at: datetime,
        kind: MessageType,
        reason: str,
        proof: Sequence[Evidence],
    ) -> None:
        """Makes the next revision of a case: its row, its transition, its evidence and a message for every desk."""
        source = None if before is None else CaseState(before.state)
        require_step(source, CaseState(case.state), ENGINE)
        case = replace(case, revision=case.revision + 1)
        execute = self._connection.execute
        execute(update(cases).where(cases.c.id == case.id).values(**_columns(case)))
        execute(
            insert(transitions).values(
                case_id=case.id, revision=case.revision, state=case.state, at=at, by=ENGINE, reason=reason
            )
        )
        proof = self._unnamed(proof)
        if proof:
            execute(insert(evidence), [_evidence_columns(piece, case, event) for piece in proof])
        self._post(Revision(kind, at, reason, case, event, self._event_ids(case.id), proof))
        self._numbers[kind].append(case.number)

    def _post(self, revision: Revision) -> None:
        """Writes the message for every desk that wants the scenario; its id names case, revision and desk."""
        case = revision.case
        desks = self._book.desks_of(case.scenario)
        if not desks:
            return
        text = body(revision, self._book.about(case.scenario)[0])
        common = {
            "case_id": case.id,
            "revision": case.revision,
            "type": revision.kind.value,
            "severity": case.severity.value,
            "body": text,
            "attachments": attachments(revision.evidence),
            "sha256": sha256_hex(text.encode()),
            "state": "waiting",
            "created": self._now,
            "due": self._now,
            "tries": 0,
            "reason": "",
        }
        rows = [{"id": derived_id(case.id, str(case.revision), desk.id), "desk": desk.id, **common} for desk in desks]
        self._connection.execute(insert(outbox), rows)
        self._messages += len(rows)

    def _unnamed(self, proof: Sequence[Evidence]) -> list[Evidence]:
        """The pieces that no row names yet."""
        paths = [piece.path for piece in proof]
        named = set(self._connection.execute(select(evidence.c.path).where(evidence.c.path.in_(paths))).scalars())
        return [piece for piece in {piece.path: piece for piece in proof}.values() if piece.path not in named]

    def _event(self, event_id: str) -> EventRow | None:
        row = self._connection.execute(select(events).where(events.c.id == event_id)).one_or_none()
        return None if row is None else event_row(row)

    def _event_ids(self, case_id: str) -> list[str]:
        newest = select(events.c.id).where(events.c.case_id == case_id).order_by(events.c.raised.desc(), events.c.id)
        return list(self._connection.execute(newest.limit(MAX_EVENT_IDS)).scalars())[::-1]

    def _case_of(self, event: EventRow) -> CaseRow:
        return case_row(self._connection.execute(select(cases).where(cases.c.id == event.case_id)).one())

    def _has_open_event(self, case_id: str) -> bool:
        query = select(events.c.id).where(events.c.case_id == case_id, events.c.ended.is_(None)).limit(1)
        return self._connection.execute(query).one_or_none() is not None


def _open_key(change: EventChange) -> str:
    """What may have one open case only; identifiers hold no ``/``."""
    return "/".join((change.scenario, change.camera, change.view, change.zone))


def _worse(one: Severity, other: Severity) -> Severity:
    return max(one, other, key=lambda severity: severity.rank)


def _columns(row: CaseRow | EventRow) -> dict[str, Any]:
    """The fields of a row as plain values for its table."""
    values = ((item.name, getattr(row, item.name)) for item in fields(row))
    return {name: value.value if isinstance(value, StrEnum) else value for name, value in values}


def _event_columns(event: EventRow) -> dict[str, Any]:
    return {**_columns(event), "boxes": boxes_to_json(event.boxes)}


def _evidence_columns(piece: Evidence, case: CaseRow, event: EventRow) -> dict[str, Any]:
    return {
        "event_id": event.id,
        "case_id": case.id,
        "revision": case.revision,
        "kind": piece.kind.value,
        "path": piece.path,
        "sha256": piece.sha256,
        "media_type": piece.media_type,
        "size": piece.size,
        "at": piece.at,
    }
