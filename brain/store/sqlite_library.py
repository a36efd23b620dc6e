"""Which SQLite library is linked, and whether its WAL-reset bug concerns us."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

Version = tuple[int, int, int]
_FIRST_BAD: Version = (3, 7, 0)
_LAST_BAD: Version = (3, 51, 2)
_MENDED_SERIES: dict[tuple[int, int], int] = {(3, 44): 6, (3, 50): 7}
"""Older series that got the fix as well, and the patch number that brought it (sqlite.org, list of changes)."""


@dataclass(frozen=True, slots=True)
class SqliteReport:
    """The library in words.

    Attributes:
        version: like ``3.40.1``.
        affected: whether this version has the WAL-reset bug.
        line: one sentence for ``brain check``.
    """

    version: str
    affected: bool
    line: str


def has_wal_reset_bug(version: Version) -> bool:
    """Whether two connections that write or checkpoint at once may damage the file: 3.7.0–3.51.2 less the mended."""
    if not _FIRST_BAD <= version <= _LAST_BAD:
        return False
    mended_from = _MENDED_SERIES.get(version[:2])
    return mended_from is None or version[2] < mended_from


def sqlite_report() -> SqliteReport:
    """Version of the linked library, whether it has the bug, and what protects from it."""
    version = sqlite3.sqlite_version
    affected = has_wal_reset_bug(sqlite3.sqlite_version_info[:3])
    if affected:
        line = (
            f"SQLite {version} has the WAL-reset bug; one writing connection in one process, held by a lock file, "
            "keeps it out of reach: do not write to brain.db with another program while the service runs"
        )
    else:
        line = f"SQLite {version} is free of the WAL-reset bug; the single writer rule holds all the same"
    return SqliteReport(version, affected, line)
