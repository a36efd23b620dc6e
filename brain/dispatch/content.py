"""The bytes of a message: the frozen body with its attachments embedded, the same at every try."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

from brain.core.errors import BrainError, DeliveryError
from brain.core.ids import sha256_hex
from brain.dispatch.outbox import Message


def render(message: Message, read: Callable[[str], bytes]) -> bytes:
    """What goes over the line.

    Without attachments it is the row's body, byte for byte. With attachments every entry of ``data.evidence`` whose
    ``name`` equals an attachment's gets ``content`` (base64). A file that is missing, cannot be read or does not have
    its sha256 any more holds nothing back: its entry gets ``omitted`` with ``missing`` or ``altered`` instead; after a
    413 all entries get ``omitted: too_large``. Keys keep their order, so the bytes follow from row and files alone.

    Args:
        message: the claimed row.
        read: bytes of a file of the evidence folder.

    Raises:
        DeliveryError: the body is not what was put into the outbox, or not a JSON object.
    """
    raw = message.body.encode()
    if sha256_hex(raw) != message.sha256:
        raise DeliveryError(
            f"body of message {message.id} does not have its sha256 any more", remedy="look at the database's disk"
        )
    if not message.attachments:
        return raw
    try:
        body = json.loads(message.body)
        entries = body.get("data", {}).get("evidence", [])
    except (ValueError, AttributeError):
        raise DeliveryError(f"body of message {message.id} is not a JSON object with data") from None
    files = {attachment.name: attachment for attachment in message.attachments}
    for entry in entries if isinstance(entries, list) else ():
        attachment = files.get(entry.get("name", "")) if isinstance(entry, dict) else None
        if attachment is not None:
            entry.update(
                {"omitted": "too_large"} if message.bare else _content(attachment.path, attachment.sha256, read)
            )
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _content(path: str, sha256: str, read: Callable[[str], bytes]) -> dict[str, str]:
    try:
        data = read(path)
    except (BrainError, OSError, ValueError):
        return {"omitted": "missing"}
    if sha256_hex(data) != sha256:
        return {"omitted": "altered"}
    return {"content": base64.b64encode(data).decode("ascii")}
