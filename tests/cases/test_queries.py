"""What is asked of the database, and that it is quick with 20,000 cases."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from brain.core.types import EventKind, EvidenceKind, Severity
from brain.store import queries
from brain.store.queries import Counts
from brain.store.tables import cases, events, evidence, outbox, transitions

CASES = 20_000
OPEN = 200


def test_a_case_is_found_by_number_and_id_with_all_that_belongs_to_it(city: Any, kit: Any) -> None:
    picture = kit.piece("e")
    city.report(kit.change(severity=Severity.HIGH), proof=(picture,))
    city.late(kit.change(), kit.piece("e", EvidenceKind.CLIP))
    city.report(kit.change(EventKind.ENDED, at_s=300))
    city.report(kit.change(zone="z2"))
    with city.database.read() as connection:
        detail = queries.find_case(connection, "53011120261124000001")
        assert detail is not None
        assert queries.find_case(connection, detail.case.id) == detail
        assert queries.find_case(connection, "53011120261124000009") is None
    assert (detail.case.state, detail.case.severity, detail.case.revision) == ("closed", Severity.HIGH, 3)
    [event] = detail.events
    assert event.boxes == kit.change().boxes
    assert event.ended == detail.case.closed
    assert detail.evidence[0].evidence == picture
    assert [row.revision for row in detail.evidence] == [1, 2]
    assert [step.revision for step in detail.transitions] == [1, 2, 3]


def test_lists_are_newest_first_by_state_and_limited(city: Any, kit: Any) -> None:
    for number in range(4):
        city.report(kit.change(zone=f"z{number}", at_s=60.0 + number))
    city.report(kit.change(EventKind.ENDED, zone="z3", at_s=100))
    with city.database.read() as connection:
        assert [case.zone for case in queries.list_cases(connection)] == ["z3", "z2", "z1", "z0"]
        assert [case.zone for case in queries.list_cases(connection, limit=1)] == ["z3"]
        assert [case.zone for case in queries.list_cases(connection, state="closed")] == ["z3"]
        assert [case.zone for case in queries.open_cases(connection, limit=2)] == ["z2", "z1"]
        assert queries.counts(connection) == Counts(
            events=4, events_open=3, cases_opened=4, cases_open=3, cases_closed=1
        )


def test_an_empty_database_gives_empty_answers(city: Any) -> None:
    with city.database.read() as connection:
        assert queries.open_cases(connection) == queries.list_cases(connection) == ()
        assert queries.counts(connection) == Counts(0, 0, 0, 0, 0)


@pytest.fixture(scope="module")
def large(kit: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """20,000 cases, 200 of them open, each with an event, evidence, transitions and messages of 2 kB."""
    city = kit.City.at(Path(tmp_path_factory.mktemp("large")))
    city.report(kit.change(), proof=(kit.piece("e"),))
    rows = {table: city.rows(table.name) for table in (cases, events, transitions, evidence, outbox)}
    case = rows[cases][0]
    for table, found in rows.items():
        batch = []
        for number in range(1, CASES):
            for row in found:
                new = {**row, **{k: f"{number:036d}" for k in ("case_id", "event_id") if k in row}}
                if table is cases:
                    is_open = number >= CASES - OPEN + 1
                    new |= {"number": f"530111{number:014d}", "state": "reported" if is_open else "closed"}
                    new |= {"open_key": f"k{number}" if is_open else None, "closed": None if is_open else row["opened"]}
                if table in (cases, events):
                    new["id"] = f"{number:036d}"
                if table is events:
                    new["ended"] = row["raised"] if number < CASES - OPEN + 1 else None
                if table is evidence:
                    new["path"] = f"2026/11/24/{number}/picture-1.jpg"
                if table is outbox:
                    new |= {"id": f"{number:020d}{row['desk']}", "state": "sent", "body": row["body"].ljust(2000)}
                batch.append(
                    {key: value for key, value in new.items() if key not in ("seq",)} if table is outbox else new
                )
                if table in (transitions, evidence):
                    del batch[-1]["id"]
        with city.database.write() as connection:
            connection.execute(insert(table), batch)
    assert case["revision"] == 1
    yield city
    city.database.close()


@pytest.mark.parametrize(
    ("ask", "limit_s"),
    [
        (lambda c: queries.open_cases(c, limit=100), 0.05),
        (lambda c: queries.list_cases(c, limit=100), 0.05),
        (lambda c: queries.list_cases(c, state="closed", limit=100), 0.05),
        (lambda c: queries.find_case(c, f"530111{777:014d}"), 0.05),
        (lambda c: queries.find_case(c, f"{777:036d}"), 0.05),
        (queries.counts, 0.1),
    ],
)
def test_reading_is_quick_with_many_cases(large: Any, ask: Callable[[Any], Any], limit_s: float) -> None:
    """The best of five: what the machine does beside it shall not decide."""
    best = float("inf")
    for _ in range(5):
        with large.database.read() as connection:
            start = time.perf_counter()
            assert ask(connection)
            best = min(best, time.perf_counter() - start)
    assert best < limit_s


def test_taking_an_event_in_is_quick_with_many_cases(large: Any, kit: Any) -> None:
    best = float("inf")
    for number in range(5):
        start = time.perf_counter()
        large.report(kit.change(zone=f"new{number}", at_s=5000.0), proof=(kit.piece(f"new{number}"),))
        best = min(best, time.perf_counter() - start)
    assert best < 0.1


@pytest.mark.parametrize(
    ("query", "uses"),
    [
        ("SELECT * FROM cases WHERE open_key IS NOT NULL ORDER BY opened DESC LIMIT 100", "ix_cases_open"),
        ("SELECT desk, state, count(*), min(created) FROM outbox GROUP BY desk, state", "COVERING INDEX"),
        ("SELECT * FROM cases WHERE state = 'closed' ORDER BY opened DESC LIMIT 100", "ix_cases_state_opened"),
        ("SELECT path FROM evidence WHERE path BETWEEN '2026/11/24/' AND '2026/11/240'", "sqlite_autoindex_evidence"),
    ],
)
def test_hot_queries_use_an_index(large: Any, query: str, uses: str) -> None:
    with large.database.read() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").all()
    assert uses in " ".join(str(row) for row in plan)
