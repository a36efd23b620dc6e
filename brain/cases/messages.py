"""The message that a desk gets of one revision of a case: frozen text in the Standard Webhooks payload form.

``{"type": "case.opened", "timestamp": …, "data": {…}}``. Files are named in ``data.evidence`` and lie beside the text
as attachments; their content is put in when the message is sent.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any

from brain.cases.classes import CaseClass
from brain.cases.taxonomy import is_local_extension
from brain.core.clock import iso
from brain.core.types import Evidence
from brain.store.queries import CaseRow, EventRow, boxes_to_json


class MessageType(StrEnum):
    """What a message tells."""

    OPENED = "case.opened"
    UPDATED = "case.updated"
    CLOSED = "case.closed"


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of a case, as told to a desk.

    Attributes:
        kind: what is told.
        at: moment of the change.
        reason: one sentence.
        case: after the change.
        event: the event that caused it, after the change.
        event_ids: all events of the case, oldest first.
        evidence: files that came with this revision.
    """

    kind: MessageType
    at: datetime
    reason: str
    case: CaseRow
    event: EventRow
    event_ids: Sequence[str]
    evidence: Sequence[Evidence]


def body(revision: Revision, about: CaseClass) -> str:
    """The frozen JSON text: the same revision gives the same text, key for key."""
    payload = {"type": revision.kind, "timestamp": iso(revision.at), "data": _data(revision, about)}
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def attachments(evidence: Sequence[Evidence]) -> list[dict[str, str]]:
    """Files of a message as the ``attachments`` column keeps them; ``name`` ties them to ``data.evidence``."""
    return [
        {
            "name": _name(piece),
            "path": piece.path,
            "sha256": piece.sha256,
            "media_type": piece.media_type,
            "kind": piece.kind.value,
        }
        for piece in evidence
    ]


def _data(revision: Revision, about: CaseClass) -> dict[str, Any]:
    case, event = revision.case, revision.event
    located = case.longitude is not None and case.latitude is not None
    return {
        "id": case.id,
        "number": case.number,
        "revision": case.revision,
        "state": case.state,
        "reason": revision.reason,
        "scenario": {"id": case.scenario, "zh": about.name_zh, "en": about.name_en},
        "class": {
            "standard": case.standard,
            "kind": case.class_kind,
            "code": case.class_code,
            "name": case.class_name,
            "is_local_extension": is_local_extension(case.class_code),
        },
        "severity": case.severity,
        "department": case.department,
        "grid": case.grid,
        "address": case.address,
        "location": {"longitude": case.longitude, "latitude": case.latitude} if located else None,
        "camera": case.camera,
        "view": case.view,
        "zone": case.zone,
        "opened": iso(case.opened),
        "due": iso(case.due),
        "closed": _iso(case.closed),
        "camera_clear": _iso(case.camera_clear),
        "event_id": event.id,
        "event_ids": list(revision.event_ids),
        "began": iso(event.began),
        "raised": iso(event.raised),
        "ended": _iso(event.ended),
        "measure": event.measure,
        "score": event.score,
        "boxes": boxes_to_json(event.boxes),
        "evidence": [
            {
                "name": _name(piece),
                "kind": piece.kind,
                "sha256": piece.sha256,
                "media_type": piece.media_type,
                "size": piece.size,
                "at": iso(piece.at),
            }
            for piece in revision.evidence
        ],
    }


def _name(piece: Evidence) -> str:
    return PurePosixPath(piece.path).name


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)
