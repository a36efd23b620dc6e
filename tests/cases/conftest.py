"""A city with one camera or two, and the changes of events that its workers report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from brain.cases.changes import Applied
from brain.cases.classes import CaseClass
from brain.cases.deadlines import Deadline
from brain.cases.intake import CaseIntake
from brain.config.settings import BrainSettings
from brain.core.clock import iso
from brain.core.ids import event_id
from brain.core.types import EventChange, EventKind, Evidence, EvidenceKind, MarkedBox, Severity
from brain.store.database import Database
from brain.store.evidence import EvidenceFolder
from brain.store.records import Commit, LateEvidence, Report, SavedState
from brain.store.states import claim
from brain.store.tables import metadata

START = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)  # a Tuesday, 09:30 in Shanghai
NOW = datetime(2026, 11, 24, 1, 30, 5, tzinfo=UTC)

SETTINGS = BrainSettings(
    city={"admin_code": "530111"},
    cameras=[
        {
            "id": "c1",
            "source": "a.mp4",
            "address": "Station Road 1",
            "grid": "530111001002003",
            "location": [102.7, 25.0],
        },
        {"id": "c2", "source": "b.mp4"},
    ],
    assignments=[{"scenario": "illegal_parking"}],
    desks=[
        {"id": "city", "url": "http://127.0.0.1:1/hook"},
        {"id": "police", "url": "http://127.0.0.1:2/hook", "scenarios": ["illegal_parking"]},
    ],
)
CLASSES = {
    "illegal_parking": CaseClass(
        "illegal_parking", "机动车乱停放", "Illegal parking", "09009", "traffic_police", Deadline.parse("2 work_hour")
    ),
    "crowd_gathering": CaseClass(
        "crowd_gathering", "人群聚集", "Crowd", "10903", "police", Deadline.parse("0.5 urgent_hour"), close="desk"
    ),
}


def change(
    kind: EventKind = EventKind.RAISED,
    *,
    scenario: str = "illegal_parking",
    camera: str = "c1",
    zone: str = "z1",
    began_s: float = 0.0,
    at_s: float = 60.0,
    severity: Severity = Severity.LOW,
) -> EventChange:
    """One change; events with another begin are other events."""
    began = START + timedelta(seconds=began_s)
    return EventChange(
        event_id=event_id(scenario, camera, "main", zone, iso(began)),
        kind=kind,
        scenario=scenario,
        camera=camera,
        view="main",
        zone=zone,
        began_s=began_s,
        at_s=at_s,
        began=began,
        at=START + timedelta(seconds=at_s),
        severity=severity,
        measure=at_s - began_s,
        score=0.5,
        boxes=(MarkedBox((0.25, 0.5, 0.5, 0.75), "car", 0.5),),
    )


def piece(name: str, kind: EvidenceKind = EvidenceKind.PICTURE) -> Evidence:
    """A piece of evidence as rows see it; its file is not needed to make a case."""
    suffix, media = ("mp4", "video/mp4") if kind is EvidenceKind.CLIP else ("jpg", "image/jpeg")
    return Evidence(kind, f"2026/11/24/{name}/{kind.value}-1.{suffix}", "ab" * 32, media, 1000, START)


@dataclass
class City:
    """An open database with an intake, and what is in its tables."""

    database: Database
    intake: CaseIntake
    folder: EvidenceFolder
    tokens: dict[str, int]

    @staticmethod
    def at(state: Path) -> City:
        database = Database.open(state, writer=True)
        token = claim(database, ["c1", "c2"])
        intake = CaseIntake(database, CLASSES, SETTINGS, clock=lambda: NOW)
        return City(database, intake, EvidenceFolder(state / "evidence"), {"c1": token, "c2": token})

    def report(self, *changes: EventChange, proof: tuple[Evidence, ...] = ()) -> Applied:
        reports = tuple(Report(one, proof) for one in changes)
        return self.intake.apply(Commit(changes[0].camera, self.tokens[changes[0].camera], reports))

    def late(self, of: EventChange, evidence: Evidence) -> Applied:
        commit = Commit(of.camera, self.tokens[of.camera], late=(LateEvidence(of.event_id, evidence),))
        return self.intake.apply(commit)

    def rows(self, table: str) -> list[dict[str, Any]]:
        chosen = metadata.tables[table]
        with self.database.read() as connection:
            found = connection.execute(select(chosen).order_by(*chosen.primary_key.columns))
            return [dict(row._mapping) for row in found]

    def messages(self, desk: str = "city") -> list[dict[str, Any]]:
        return [json.loads(row["body"]) for row in self.rows("outbox") if row["desk"] == desk]

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        return {name: self.rows(name) for name in metadata.tables}


class Kit:
    """What tests make cities and reports from."""

    City = City
    settings = SETTINGS
    classes = CLASSES
    start = START
    now = NOW
    change = staticmethod(change)
    piece = staticmethod(piece)
    replace = staticmethod(replace)
    SavedState = SavedState


@pytest.fixture(scope="session")
def kit() -> type[Kit]:
    return Kit


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    opened = City.at(tmp_path / "state")
    yield opened
    opened.database.close()
