"""What the desk received: one append-only file that is the truth, read again at each start.

``received.jsonl`` has one line per message taken, fsynced before the answer: ``id, type, case, number, revision, effect
(new | duplicate), order (ok | behind), at``. A message's JSON (without contents) lies in ``messages/<id>.json`` and its
files in ``files/<sha256>.<ending>``, both complete before the line that makes them count. A last line that a kill cut
off is removed: its sender got no answer and sends again.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from brain.core.clock import iso, utc_now
from brain.core.errors import StoreError
from brain.desk.message import Parsed

LEDGER_NAME = "received.jsonl"
_SAFE_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "video/mp4": "mp4"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger.

    Attributes:
        id: ``webhook-id``.
        type: of the message, e.g. ``case.opened``.
        case: id of the case.
        number: case number (案卷编号).
        revision: of the case.
        effect: ``new``, or ``duplicate`` for an id seen before (then nothing else changed).
        order: ``behind`` when a higher revision of the case had been taken before, else ``ok``.
        at: UTC.
    """

    id: str
    type: str
    case: str
    number: str
    revision: int
    effect: str
    order: str
    at: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as the desk knows it: its messages in order of arrival, each with its files' names."""

    case: str
    number: str
    revision: int
    messages: tuple[Mapping[str, Any], ...]


class Ledger:
    """See the module. One process at a time; safe from any thread."""

    def __init__(self, folder: Path, handle: int, entries: list[Entry]) -> None:
        self.folder = folder
        self._handle = handle
        self._lock = threading.Lock()
        self._entries = entries
        self._seen = {entry.id for entry in entries}
        self._revisions: dict[str, int] = {}
        for entry in entries:
            self._note(entry)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Opens a folder, made if need be.

        Raises:
            StoreError: it cannot be written, another desk uses it, or a line in the middle is damaged.
        """
        try:
            for name in ("", "messages", "files"):
                (folder / name).mkdir(parents=True, exist_ok=True)
            path = folder / LEDGER_NAME
            handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
        except OSError as error:
            raise StoreError(f"desk folder cannot be used: {error.strerror}", where=str(folder)) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            raise StoreError("another desk uses this folder", where=str(folder), remedy="name another one") from None
        return cls(folder, handle, _load(path, handle))

    def close(self) -> None:
        """Closes the file."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def receive(self, message_id: str, parsed: Parsed) -> Entry:
        """Takes a message: kept whole and for good when this returns, with an effect the first time only.

        Raises:
            OSError: it could not be kept; nothing of it counts.
        """
        with self._lock:
            duplicate = message_id in self._seen
            behind = parsed.revision < self._revisions.get(parsed.case, parsed.revision)
            entry = Entry(
                id=message_id,
                type=parsed.type,
                case=parsed.case,
                number=parsed.number,
                revision=parsed.revision,
                effect="duplicate" if duplicate else "new",
                order="behind" if behind and not duplicate else "ok",
                at=iso(utc_now()),
            )
            if not duplicate:
                self._keep(message_id, parsed)
            self._append(entry)
            self._entries.append(entry)
            self._seen.add(message_id)
            self._note(entry)
            return entry

    def entries(self) -> tuple[Entry, ...]:
        """All lines so far."""
        with self._lock:
            return tuple(self._entries)

    def cases(self) -> tuple[CaseView, ...]:
        """All cases, the one that moved last first."""
        grouped: dict[str, list[Entry]] = {}
        for entry in self.entries():
            if entry.effect == "new":
                grouped.setdefault(entry.case, []).append(entry)
        newest = sorted(grouped.values(), key=lambda entries: entries[-1].at, reverse=True)
        return tuple(
            CaseView(
                case=entries[0].case,
                number=entries[-1].number,
                revision=max(entry.revision for entry in entries),
                messages=tuple({"entry": asdict(entry), "body": self._message(entry.id)} for entry in entries),
            )
            for entries in newest
        )

    def _note(self, entry: Entry) -> None:
        if entry.effect == "new":
            self._revisions[entry.case] = max(entry.revision, self._revisions.get(entry.case, entry.revision))

    def _keep(self, message_id: str, parsed: Parsed) -> None:
        for file in parsed.files:
            _write_whole(self.folder / "files", file_name(file.sha256, file.media_type), file.data)
        text = json.dumps(parsed.body, ensure_ascii=False)
        _write_whole(self.folder / "messages", f"{message_id}.json", text.encode())

    def _append(self, entry: Entry) -> None:
        line = json.dumps(asdict(entry), ensure_ascii=False).encode() + b"\n"
        size = os.fstat(self._handle).st_size
        try:
            written = os.write(self._handle, line)
            if written != len(line):
                raise OSError("ledger line was cut off: disk full?")
            os.fsync(self._handle)
        except OSError:
            os.ftruncate(self._handle, size)
            raise

    def _message(self, message_id: str) -> Any:
        try:
            return json.loads((self.folder / "messages" / f"{message_id}.json").read_bytes())
        except (OSError, ValueError):
            return {}


def is_safe_id(message_id: str) -> bool:
    """Whether an id may name a file."""
    return _SAFE_ID.fullmatch(message_id) is not None


def file_name(sha256: str, media_type: str) -> str:
    """Name under which a received file is kept."""
    return f"{sha256}.{_ENDINGS.get(media_type, 'bin')}"


def _load(path: Path, handle: int) -> list[Entry]:
    raw = path.read_bytes()
    whole, _, rest = raw.rpartition(b"\n")
    if rest:
        os.ftruncate(handle, len(raw) - len(rest))
        os.fsync(handle)
    entries = []
    for number, line in enumerate(whole.split(b"\n") if whole else (), 1):
        try:
            entries.append(Entry(**json.loads(line)))
        except (ValueError, TypeError):
            os.close(handle)
            raise StoreError(
                "line is damaged", where=f"{path}:{number}", remedy="put the file aside; senders keep their own record"
            ) from None
    return entries


def _write_whole(folder: Path, name: str, data: bytes) -> None:
    """A file that is there whole or not at all: temporary name, fsync, rename, fsync of the folder."""
    target = folder / name
    temporary = folder / f".{name}.part"
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(target)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
