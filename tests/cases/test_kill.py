"""SIGKILL at any moment of a commit: what was acknowledged is there, what was not is there whole or not at all."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from brain.core.types import EventKind
from brain.store.database import FILE_NAME, Database
from brain.store.records import Commit, Report

WRITER = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from conftest import City, change, piece
from brain.core.types import EventKind
from brain.store.records import Commit, Report, SavedState

state, ledger, start = Path(sys.argv[1]), os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT), int(sys.argv[4])

def note(what, number):
    os.write(ledger, f"{what} {number}\\n".encode())
    os.fsync(ledger)

city = City.at(state)
for number in range(start, start + 100_000):
    raised = change(zone=f"z{number}", began_s=float(number), at_s=number + 1.0)
    ended = change(EventKind.ENDED, zone=f"z{number}", began_s=float(number), at_s=number + 2.0)
    reports = (Report(raised, (piece(f"e{number}"),)), Report(ended))
    note("asked", number)
    city.intake.apply(Commit("c1", city.tokens["c1"], reports, states=(SavedState("n", str(number).encode()),)))
    note("kept", number)
    print(number, flush=True)
"""
ROUNDS = 5


def ledger_of(file: Path) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {"asked": set(), "kept": set()}
    for line in file.read_text().splitlines():
        what, number = line.split()
        found[what].add(int(number))
    return found


def judge(state: Path, ledger: dict[str, set[int]]) -> set[int]:
    """Checks the database against the ledger; returns the numbers that it holds."""
    with sqlite3.connect(f"file:{state / FILE_NAME}?mode=ro", uri=True) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert plain.execute("PRAGMA foreign_key_check").fetchall() == []
        tables: dict[str, list[int]] = {
            "cases": [int(zone[1:]) for (zone,) in plain.execute("SELECT zone FROM cases WHERE state = 'closed'")],
            "events": [int(zone[1:]) for (zone,) in plain.execute("SELECT zone FROM events WHERE ended IS NOT NULL")],
        }
        per_case = plain.execute(
            "SELECT zone, (SELECT count(*) FROM transitions t WHERE t.case_id = c.id),"
            " (SELECT count(*) FROM outbox o WHERE o.case_id = c.id),"
            " (SELECT count(*) FROM evidence e WHERE e.case_id = c.id) FROM cases c"
        ).fetchall()
        numbers = [number for (number,) in plain.execute("SELECT number FROM cases ORDER BY number")]
        last = plain.execute("SELECT data FROM rule_states WHERE camera = 'c1' AND key = 'n'").fetchone()
    there = set(tables["cases"])
    assert sorted(tables["cases"]) == sorted(tables["events"]) == sorted(there)
    assert ledger["kept"] <= there <= ledger["asked"]
    assert all(counts == (2, 4, 1) for _, *row in per_case for counts in [tuple(row)])
    assert [int(number[-6:]) for number in numbers] == list(range(1, len(numbers) + 1))
    assert last is not None
    assert int(last[0]) == max(there)
    return there


def test_a_killed_writer_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    state, ledger = tmp_path / "state", tmp_path / "ledger"
    here, start = Path(__file__).parent, 0
    for _ in range(ROUNDS):
        arguments = [sys.executable, "-c", WRITER, str(state), str(ledger), str(here), str(start)]
        writer = subprocess.Popen(arguments, stdout=subprocess.PIPE)
        assert writer.stdout is not None
        for _ in range(chance.randint(1, 60)):
            assert writer.stdout.readline(), "the writer ended by itself"
        os.kill(writer.pid, signal.SIGKILL)
        writer.communicate()
        Database.open(state, writer=True).close()  # the lock is free again at once, and the WAL is read back
        start = max(ledger_of(ledger)["asked"]) + 1
    there = judge(state, ledger_of(ledger))
    assert len(there) >= ROUNDS


@pytest.mark.parametrize("table", ["outbox", "transitions", "evidence", "rule_states"])
def test_the_judge_finds_a_lost_row(tmp_path: Path, kit: Any, table: str) -> None:
    """The control: the same judge does not agree when a single row of what was acknowledged is gone."""
    city = kit.City.at(tmp_path / "state")
    for number in (1, 2):
        place = {"zone": f"z{number}", "began_s": float(number)}
        raised, ended = kit.change(**place), kit.change(EventKind.ENDED, at_s=70.0, **place)
        reports = (Report(raised, (kit.piece(f"e{number}"),)), Report(ended))
        states = (kit.SavedState("n", str(number).encode()),)
        city.intake.apply(Commit("c1", city.tokens["c1"], reports, states=states))
    city.database.close()
    ledger = {"asked": {1, 2}, "kept": {1, 2}}
    assert judge(tmp_path / "state", ledger) == {1, 2}
    with pytest.raises(AssertionError):
        judge(tmp_path / "state", {"asked": {1, 2, 3}, "kept": {1, 2, 3}})
    with sqlite3.connect(tmp_path / "state" / FILE_NAME) as plain:
        plain.execute(f"DELETE FROM {table} WHERE rowid = (SELECT max(rowid) FROM {table})")
    with pytest.raises(AssertionError):
        judge(tmp_path / "state", ledger)
