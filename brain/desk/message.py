"""A message as the desk reads it: ``{"type", "timestamp", "data": {"id", "number", "revision", "evidence", …}}``."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from brain.core.errors import DeliveryError
from brain.core.ids import sha256_hex


class MessageError(DeliveryError):
    """A body that this desk cannot take; it is answered by 400."""


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A picture or clip whose sha256 was checked."""

    sha256: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Parsed:
    """What counts of a message.

    Attributes:
        type: e.g. ``case.opened``.
        case: id of the case; its number when it has none.
        number: case number (案卷编号).
        revision: of the case.
        body: the JSON with ``content`` taken out of the evidence.
        files: what was in them.
    """

    type: str
    case: str
    number: str
    revision: int
    body: dict[str, Any]
    files: tuple[ReceivedFile, ...]


def parse(raw: bytes) -> Parsed:
    """Reads a body.

    Raises:
        MessageError: not such a message, or a file that does not have its sha256.
    """
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise MessageError("body is not JSON") from None
    kind = body.get("type") if isinstance(body, dict) else None
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(kind, str) or not isinstance(data, dict):
        raise MessageError('body is not {"type": …, "timestamp": …, "data": {…}}')
    number, revision = data.get("number"), data.get("revision")
    if not isinstance(number, str) or not number:
        raise MessageError("data.number is missing")
    if not isinstance(revision, int) or isinstance(revision, bool):
        raise MessageError("data.revision is missing")
    evidence = data.get("evidence", [])
    if not isinstance(evidence, list):
        raise MessageError("data.evidence is not a list")
    files = tuple(_take_file(item) for item in evidence if isinstance(item, dict) and "content" in item)
    return Parsed(kind, str(data.get("id") or number), number, revision, body, files)


def _take_file(item: dict[str, Any]) -> ReceivedFile:
    """Moves the content of an evidence entry out of it."""
    content = item.pop("content")
    try:
        data = base64.b64decode(content, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise MessageError("content of evidence is not base64") from None
    if sha256_hex(data) != item.get("sha256"):
        raise MessageError("content of evidence does not have its sha256")
    return ReceivedFile(item["sha256"], str(item.get("media_type", "")), data)
