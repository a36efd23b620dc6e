"""Evidence on disk stays under its limit, and rows never name a file that is gone without saying so."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from brain.core.errors import StoreError
from brain.core.types import EventKind, EvidenceKind
from brain.store.evidence import FileOps
from brain.store.retention import Pruned, prune
from brain.store.tables import outbox

SIZE = 1000


def case(city: Any, kit: Any, number: int, *, closed: bool = True) -> str:
    """A case with one picture of 1,000 bytes; returns its path."""
    place = {"zone": f"z{number}", "began_s": float(number)}
    raised = kit.change(**place)
    picture = city.folder.write(raised.event_id, os.urandom(SIZE), EvidenceKind.PICTURE, "image/jpeg", raised.at)
    city.report(raised, proof=(picture,))
    if closed:
        city.report(kit.change(EventKind.ENDED, at_s=1000.0 + number, **place))
    return str(picture.path)


def deliver_all(city: Any) -> None:
    with city.database.write() as connection:
        connection.execute(update(outbox).values(state="sent"))


def present(city: Any) -> set[str]:
    return {row["path"] for row in city.rows("evidence") if row["removed"] is None}


def check(city: Any) -> None:
    for row in city.rows("evidence"):
        assert (city.folder.root / row["path"]).exists() == (row["removed"] is None)


def test_under_the_limit_nothing_goes(city: Any, kit: Any) -> None:
    paths = {case(city, kit, number) for number in range(3)}
    deliver_all(city)
    assert prune(city.database, city.folder, 3 * SIZE, kit.now) == Pruned(0, 0, 0, 0, 3 * SIZE, 0)
    assert present(city) == paths


def test_the_oldest_closed_cases_go_first_and_their_rows_say_so(city: Any, kit: Any) -> None:
    paths = [case(city, kit, number) for number in range(5)]
    deliver_all(city)
    assert prune(city.database, city.folder, 2 * SIZE + 500, kit.now) == Pruned(3, 3, 3 * SIZE, 0, 2 * SIZE, 0)
    assert present(city) == set(paths[3:])
    assert {row["removed"] for row in city.rows("evidence")} == {None, kit.now}
    check(city)


def test_open_cases_and_what_still_waits_for_a_desk_is_never_taken(city: Any, kit: Any) -> None:
    still_open = case(city, kit, 0, closed=False)
    closed = [case(city, kit, number) for number in (1, 2)]
    assert prune(city.database, city.folder, 0, kit.now) == Pruned(0, 0, 0, 0, 3 * SIZE, 3 * SIZE)
    deliver_all(city)
    with city.database.write() as connection:
        connection.execute(update(outbox).where(outbox.c.seq == 3).values(state="waiting"))
    waiting = {row["case_id"] for row in city.rows("outbox") if row["state"] == "waiting"}
    kept = {row["path"] for row in city.rows("evidence") if row["case_id"] in waiting}
    assert kept == {closed[0]}
    assert prune(city.database, city.folder, 0, kit.now) == Pruned(1, 1, SIZE, 0, 2 * SIZE, 2 * SIZE)
    assert present(city) == {still_open, closed[0]}
    check(city)


def test_files_that_no_row_names_go_when_they_are_old(city: Any, kit: Any) -> None:
    path = case(city, kit, 1)
    young = city.folder.write("young", b"young", EvidenceKind.PICTURE, "image/jpeg", kit.now)
    old = city.folder.write("old", b"old", EvidenceKind.PICTURE, "image/jpeg", kit.now)
    now = kit.now + timedelta(hours=3)
    os.utime(city.folder.root / young.path, (now.timestamp(), now.timestamp()))
    long_ago = (now - timedelta(hours=2)).timestamp()
    for one in (old.path, path):
        os.utime(city.folder.root / one, (long_ago, long_ago))
    assert prune(city.database, city.folder, 10 * SIZE, now) == Pruned(0, 0, 0, 1, SIZE + 5, 0)
    assert city.folder.read(young.path) == b"young"
    with pytest.raises(StoreError, match="No such file"):
        city.folder.read(old.path)
    check(city)


class Dies(FileOps):
    """Fails at the first removal, as a process that is killed there."""

    def remove(self, path: Any) -> None:
        raise KeyboardInterrupt


def test_a_pass_that_dies_between_row_and_file_is_made_up_for(city: Any, kit: Any) -> None:
    path = case(city, kit, 1)
    deliver_all(city)
    dying = type(city.folder)(city.folder.root, Dies())
    with pytest.raises(KeyboardInterrupt):
        prune(city.database, dying, 0, kit.now)
    assert present(city) == set()
    later = kit.now + timedelta(days=3650)  # its file counts as old by then
    assert prune(city.database, city.folder, 10 * SIZE, later).orphans == 1
    assert not (city.folder.root / path).exists()
