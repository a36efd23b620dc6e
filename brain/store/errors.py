"""What the database says, in words that a person can act on."""

from __future__ import annotations

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from brain.core.errors import StoreError


class StoreUnavailable(StoreError):  # noqa: N818 - named for what it is, like its siblings in the tree
    """The store cannot be used now (full, locked, disk trouble, server away); the same call may succeed later."""


class StaleOwner(StoreError):  # noqa: N818
    """A camera was given to another worker meanwhile; what this one reports of it is refused."""


class UnkeepableReport(StoreError):  # noqa: N818
    """A report that can never be kept, however often it is tried: a figure that is no number, an unknown scenario."""


_SAYS = {
    sqlite3.SQLITE_FULL: (
        StoreUnavailable,
        "the disk is full",
        "free space on it or lower storage.evidence_limit_gb; work goes on by itself then",
    ),
    sqlite3.SQLITE_BUSY: (
        StoreUnavailable,
        "the database is locked by another program",
        "close the program that has it open for writing (a database browser, a copy job); nothing is lost meanwhile",
    ),
    sqlite3.SQLITE_LOCKED: (StoreUnavailable, "the database is locked", "try again"),
    sqlite3.SQLITE_IOERR: (
        StoreUnavailable,
        "the disk does not read or write",
        "look into the kernel's log and at disk quota; replace the disk if it fails",
    ),
    sqlite3.SQLITE_READONLY: (
        StoreError,
        "the database cannot be written: file, folder or disk is read-only",
        "give this user write rights to the folder and the files in it, or mount the disk for writing",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        StoreError,
        "the database cannot be opened",
        "check that the folder is there and that this user may read and write it",
    ),
    sqlite3.SQLITE_PERM: (StoreError, "no right to open the database", "check owner and rights of the file"),
    sqlite3.SQLITE_CORRUPT: (
        StoreError,
        "the database file is damaged",
        "stop the service, keep a copy of the file, put a backup in its place; `sqlite3 FILE .recover` saves the rest",
    ),
    sqlite3.SQLITE_NOTADB: (
        StoreError,
        "the file is not a database",
        "put a backup in its place, or move it away to begin with an empty one",
    ),
}


def translate(error: DBAPIError, where: str) -> StoreError | None:
    """The same trouble as a ``StoreError``; ``None`` for what is a mistake of the program and not of the store."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        found = _SAYS.get(code & 0xFF)
        if found is None:
            return None
        kind, what, remedy = found
        return kind(what, where=where, remedy=remedy)
    if isinstance(error, OperationalError | InterfaceError) and not isinstance(error.orig, sqlite3.Error):
        return StoreUnavailable(
            "the database server does not answer or refused us",
            where=where,
            remedy="check that it runs, the address, user and password in storage.database",
        )
    return None


def translate_os(error: OSError, where: str) -> StoreError:
    """Trouble with a file or folder as a ``StoreError``."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        kind, what, remedy = _SAYS[sqlite3.SQLITE_FULL]
        return kind(what, where=where, remedy=remedy)
    if error.errno in (errno.EIO, errno.EMFILE, errno.ENFILE):
        return StoreUnavailable(
            f"cannot be read or written now: {error.strerror}",
            where=where,
            remedy="look into the kernel's log; raise the limit of open files if that is the reason",
        )
    return StoreError(
        f"cannot be read or written: {error.strerror}",
        where=where,
        remedy="check that the folder is there, that it is not read-only and that this user may write it",
    )
