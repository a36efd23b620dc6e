"""Evidence (证据): files that are either complete under their final name or not there at all.

Order of a write: temporary file, its data, fsync, rename, fsync of the folder (and of the parents of folders that were
made). Only then may a row name the file. The final name carries the start of the sha256 of the content, so that a
repeated write of the same picture is harmless and a late writer can never change a file that a row names already.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from brain.core.errors import StoreError
from brain.core.ids import is_identifier, sha256_hex
from brain.core.types import Evidence, EvidenceKind
from brain.store.errors import translate_os

EVIDENCE_FOLDER = "evidence"
"""Name of the evidence folder inside the state folder."""
TEMPORARY = ".tmp"
SUFFIXES = {"image/jpeg": ".jpg", "video/mp4": ".mp4"}
_KNOWN_FOLDERS = 64


class FileOps:
    """The few operations on files that a write is made of; a test may watch them."""

    def make_folder(self, path: Path) -> None:
        """Makes one folder; its parent is there. ``FileExistsError`` if it is there already."""
        path.mkdir(mode=0o750)

    def create(self, path: Path) -> int:
        """Makes a new file and opens it for writing."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)

    def write(self, handle: int, data: bytes) -> None:
        """Writes all of ``data``."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(handle, rest) :]

    def sync(self, handle: int) -> None:
        """The data of an open file is on the disk when this returns."""
        os.fsync(handle)

    def close(self, handle: int) -> None:
        """Closes the file."""
        os.close(handle)

    def rename(self, old: Path, new: Path) -> None:
        """Gives a file another name in one step."""
        old.rename(new)

    def sync_folder(self, path: Path) -> None:
        """The names in a folder are on the disk when this returns."""
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def remove(self, path: Path) -> None:
        """Removes a file; no effect when it is gone."""
        path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the evidence folder.

    Attributes:
        path: relative, with ``/``.
        size: bytes.
        modified: Unix seconds.
    """

    path: str
    size: int
    modified: float


class EvidenceFolder:
    """The folder with all evidence. Workers write to it, one object per process; any process may read.

    Layout: ``YYYY/MM/DD/<event id>/<kind>-<start of sha256>.jpg``, the day being the UTC day of the moment shown.
    """

    def __init__(self, root: Path, ops: FileOps | None = None) -> None:
        self.root = root.absolute()
        self._ops = ops or FileOps()
        self._known: set[Path] = set()

    def write(self, event_id: str, data: bytes, kind: EvidenceKind, media_type: str, at: datetime) -> Evidence:
        """Keeps ``data`` as a complete file.

        Args:
            event_id: of the event that it proves.
            data: the whole file, not empty.
            kind: what it is.
            media_type: ``image/jpeg`` or ``video/mp4``.
            at: moment that it shows, aware.

        Raises:
            StoreError: disk full, read-only or failing. Nothing is left under the final name then.
            ValueError: an event id, media type or time that cannot be one, or no data.
        """
        if not data:
            raise ValueError("evidence without data")
        digest = sha256_hex(data)
        path = evidence_path(event_id, kind, media_type, at, digest)
        final = self._place(path)
        try:
            try:
                self._write_file(final, data)
            except FileNotFoundError:  # retention took an emptied folder away between our look and our write
                self._known.clear()
                self._write_file(final, data)
        except OSError as error:
            raise translate_os(error, str(final)) from error
        return Evidence(kind, path, digest, media_type, len(data), at.astimezone(UTC))

    def open(self, path: str) -> BinaryIO:
        """Opens a file by its relative path for reading.

        Raises:
            StoreError: it is gone, cannot be read, or the path leads out of the folder.
        """
        place = self._place(path)
        try:
            return place.open("rb")
        except OSError as error:
            raise translate_os(error, str(place)) from error

    def read(self, path: str) -> bytes:
        """The whole file (see ``open``)."""
        with self.open(path) as file:
            return file.read()

    def verify(self, evidence: Evidence) -> None:
        """Compares the file with what is said of it.

        Raises:
            StoreError: gone, unreadable, or other bytes than those that were kept.
        """
        if sha256_hex(self.read(evidence.path)) != evidence.sha256:
            raise StoreError(
                "evidence is not what was kept: its sha256 differs",
                where=str(self._place(evidence.path)),
                remedy="the file was changed from outside or the disk is failing; look into a backup",
            )

    def sweep_temporary(self) -> int:
        """Removes what unfinished writes left; for the start, before any worker writes. Returns how many."""
        folder = self.root / TEMPORARY
        removed = 0
        try:
            for leftover in folder.iterdir() if folder.is_dir() else ():
                self._ops.remove(leftover)
                removed += 1
        except OSError as error:
            raise translate_os(error, str(folder)) from error
        return removed

    def days(self) -> Iterator[str]:
        """The day folders in order: ``YYYY/MM/DD``."""
        for folder in sorted(self.root.glob("[0-9]*/[0-9]*/[0-9]*")):
            yield folder.relative_to(self.root).as_posix()

    def files(self, day: str) -> Iterator[StoredFile]:
        """The files of one day folder, in order."""
        for file in sorted(self._place(day).glob("*/*")):
            try:
                status = file.stat()
            except FileNotFoundError:
                continue
            yield StoredFile(file.relative_to(self.root).as_posix(), status.st_size, status.st_mtime)

    def remove(self, path: str) -> None:
        """Removes a file, and the folders that are empty without it."""
        place = self._place(path)
        try:
            self._ops.remove(place)
        except OSError as error:
            raise translate_os(error, str(place)) from error
        for folder in list(place.parents)[:4]:  # event, day, month, year
            try:
                folder.rmdir()
            except OSError:
                break  # not empty: the usual case

    def _write_file(self, final: Path, data: bytes) -> None:
        self._make_folders(final.parent)
        temporary = self._temporary()
        handle = self._ops.create(temporary)
        try:
            try:
                self._ops.write(handle, data)
                self._ops.sync(handle)
            finally:
                self._ops.close(handle)
            self._ops.rename(temporary, final)
        except BaseException:
            self._ops.remove(temporary)
            raise
        self._ops.sync_folder(final.parent)

    def _temporary(self) -> Path:
        folder = self.root / TEMPORARY
        if not folder.is_dir():
            try:
                self._ops.make_folder(folder)
            except FileExistsError:
                pass  # another worker was quicker
        return folder / f"{uuid.uuid4().hex}.part"

    def _make_folders(self, folder: Path) -> None:
        """Makes a folder and its parents, each one's name synced; those of an event are never taken for known.

        A folder that is there already is synced too: whoever made it may not have come to that yet.
        """
        if not self.root.is_dir():
            self.root.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        chain = [folder, *folder.parents]
        for part in reversed(chain[: chain.index(self.root) + 1]):
            if part in self._known:
                continue
            try:
                self._ops.make_folder(part)
            except FileExistsError:
                pass
            self._ops.sync_folder(part.parent)
            if part != folder:
                if len(self._known) >= _KNOWN_FOLDERS:
                    self._known.clear()
                self._known.add(part)

    def _place(self, path: str) -> Path:
        parts = PurePosixPath(path).parts
        if not parts or any(part in ("/", "..", ".") or "\x00" in part for part in parts):
            raise StoreError("a path that leads out of the evidence folder", where=repr(path))
        place = self.root.joinpath(*parts)
        if not place.resolve().is_relative_to(self.root.resolve()):
            raise StoreError("a path that leads out of the evidence folder", where=repr(path))
        return place


def evidence_path(event_id: str, kind: EvidenceKind, media_type: str, at: datetime, sha256: str) -> str:
    """Relative path of a piece of evidence (see ``EvidenceFolder``).

    Raises:
        ValueError: not an id, an unknown media type, or a time without zone.
    """
    if not is_identifier(event_id):
        raise ValueError(f"{event_id!r} is not the id of an event")
    if at.tzinfo is None:
        raise ValueError("a time without zone")
    suffix = SUFFIXES.get(media_type)
    if suffix is None:
        raise ValueError(f"media type {media_type!r} is not kept: use one of {', '.join(SUFFIXES)}")
    return f"{at.astimezone(UTC):%Y/%m/%d}/{event_id}/{kind.value}-{sha256[:12]}{suffix}"
