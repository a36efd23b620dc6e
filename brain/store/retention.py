"""Evidence on disk is bounded: the oldest closed cases give theirs up first.

The row stays, with its sha256 and ``removed`` set: it says that there was a picture, which, and when it went. Evidence
of open cases and of cases with messages still waiting for a desk is never taken; where these alone exceed the limit,
the result says by how much.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, text, update

from brain.store.database import Database
from brain.store.evidence import EvidenceFolder
from brain.store.tables import cases, evidence, outbox

_CASES_AT_ONCE = 50
ORPHAN_AGE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Pruned:
    """What one pass did.

    Attributes:
        cases: closed cases whose evidence went.
        files, bytes: what went with them.
        orphans: files that no row names (their worker died before its commit), removed as well.
        kept_bytes: what is left.
        over_bytes: by how much the rest still exceeds the limit; 0 when it fits.
    """

    cases: int
    files: int
    bytes: int
    orphans: int
    kept_bytes: int
    over_bytes: int


def prune(database: Database, folder: EvidenceFolder, limit_bytes: int, now: datetime) -> Pruned:
    """Brings the evidence folder under ``limit_bytes``.

    Each file is marked as removed in its row first and deleted afterwards, so that no row ever names a missing file;
    a deletion that a crash prevents is made up for by the next pass, as an orphan's.

    Raises:
        StoreError: database or folder cannot be used.
    """
    kept, orphans = _measure(database, folder, now)
    closed = files = freed = 0
    while kept > limit_bytes:
        batch = _mark_oldest(database, kept - limit_bytes, now)
        if not batch:
            break
        for pieces in batch:
            closed += 1
            for path, size in pieces:
                folder.remove(path)
                files, freed, kept = files + 1, freed + size, kept - size
    return Pruned(closed, files, freed, orphans, kept, max(0, kept - limit_bytes))


def _measure(database: Database, folder: EvidenceFolder, now: datetime) -> tuple[int, int]:
    """Bytes in the folder, and how many orphans were removed on the way; one day folder at a time, to stay small."""
    total = orphans = 0
    for day in folder.days():
        with database.read() as connection:
            named = _named(connection, day)
        for file in folder.files(day):
            if file.path not in named and file.modified < (now - ORPHAN_AGE).timestamp():
                folder.remove(file.path)
                orphans += 1
            else:
                total += file.size
    return total, orphans


def _named(connection: Connection, day: str) -> set[str]:
    """Paths of one day that rows name as present."""
    inside = evidence.c.path.between(f"{day}/", f"{day}0")  # "0" follows "/"
    return set(connection.execute(select(evidence.c.path).where(inside, evidence.c.removed.is_(None))).scalars())


def _mark_oldest(database: Database, wanted_bytes: int, now: datetime) -> list[list[tuple[str, int]]]:
    """Marks the evidence of the oldest closed cases until ``wanted_bytes`` are reached; paths and sizes per case."""
    waiting = select(outbox.c.case_id).where(text("outbox.state = 'waiting'"))  # the text of the partial index
    with database.write() as connection:
        oldest = connection.execute(
            select(cases.c.id)
            .where(cases.c.closed.is_not(None), cases.c.id.not_in(waiting))
            .where(select(evidence.c.id).where(evidence.c.case_id == cases.c.id, evidence.c.removed.is_(None)).exists())
            .order_by(cases.c.closed)
            .limit(_CASES_AT_ONCE)
        ).scalars()
        batch: list[list[tuple[str, int]]] = []
        for case_id in oldest.all():
            if wanted_bytes <= 0:
                break
            of_case = (evidence.c.case_id == case_id, evidence.c.removed.is_(None))
            rows = connection.execute(select(evidence.c.path, evidence.c.size).where(*of_case)).all()
            connection.execute(update(evidence).where(*of_case).values(removed=now))
            batch.append([(row.path, row.size) for row in rows])
            wanted_bytes -= sum(row.size for row in rows)
    return batch
