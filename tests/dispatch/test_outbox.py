"""The outbox alone: who may be claimed, leases, order, lanes, retry and status; a state machine against a model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import Connection, create_engine, event, insert, select

from brain.dispatch import outbox
from brain.dispatch.outbox import RowState, Settlement
from brain.dispatch.summary import backlog, status
from brain.store.tables import metadata
from brain.store.tables import outbox as table

T0 = datetime(2026, 11, 24, 8, tzinfo=UTC)


class Desk:
    """An outbox in memory with a clock of its own."""

    def __init__(self) -> None:
        self.engine = create_engine("sqlite://")
        metadata.create_all(self.engine)
        self.now = T0
        self.count = 0

    @contextmanager
    def open(self) -> Iterator[Connection]:
        with self.engine.begin() as connection:
            yield connection

    def put(self, case: str, severity: str = "low", *, desk: str = "d", due_in: float = 0.0) -> str:
        self.count += 1
        message_id = f"m{self.count}"
        with self.open() as connection:
            connection.execute(
                insert(table).values(
                    id=message_id, desk=desk, case_id=case, revision=self.count, type="t", severity=severity, body="{}",
                    attachments=[], sha256="", state="waiting", created=self.now, tries=0,
                    due=self.now + timedelta(seconds=due_in), reason="",
                )
            )  # fmt: skip
        return message_id

    def claim(self, limit: int = 10, normal: int = 10, *, owner: str = "me", **more: Any) -> list[str]:
        with self.open() as connection:
            until = self.now + timedelta(seconds=45)
            found = outbox.claim(
                connection, desk="d", owner=owner, now=self.now, until=until, limit=limit, normal_limit=normal, **more
            )  # fmt: skip
        return [message.id for message in found]

    def settle(
        self, message_id: str, state: str = "sent", *, owner: str = "me", wait: float = 0.0, **more: Any
    ) -> bool:
        due = self.now + timedelta(seconds=wait) if state == "waiting" else None
        with self.open() as connection:
            settlement = Settlement(message_id, RowState(state), due=due, **more)
            return outbox.settle(connection, owner=owner, now=self.now, settlement=settlement)

    def retry(self, **more: Any) -> int:
        with self.open() as connection:
            return outbox.retry(connection, now=self.now, **more)

    def next_due(self) -> datetime | None:
        with self.open() as connection:
            return outbox.next_due(connection, desk="d", now=self.now)

    def row(self, message_id: str) -> Any:
        with self.open() as connection:
            return connection.execute(select(table).where(table.c.id == message_id)).one()


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_one_message_of_a_case_at_a_time_in_order(desk):
    first, second, other = desk.put("a"), desk.put("a"), desk.put("b")
    assert desk.claim() == [first, other]
    assert desk.claim() == []
    assert desk.settle(first)
    assert desk.claim() == [second]


def test_a_retry_blocks_its_case_until_due(desk):
    first, second = desk.put("a"), desk.put("a")
    desk.claim()
    desk.settle(first, "waiting", wait=60, reason="desk_error: x", status=500)
    assert desk.claim() == []
    assert desk.next_due() == desk.now + timedelta(seconds=60)
    desk.now += timedelta(seconds=60)
    assert desk.claim() == [first]
    assert desk.row(first).tries == 1
    desk.settle(first, "dead", reason="rejected: y")
    assert desk.claim() == [second]


def test_high_and_critical_go_first_and_have_slots_of_their_own(desk):
    low = [desk.put(f"l{n}") for n in range(3)]
    high, critical = desk.put("h", "high"), desk.put("c", "critical")
    assert desk.claim(limit=3, normal=1) == [critical, high, low[0]]
    assert desk.claim(limit=2, normal=0) == []
    later = desk.put("h2", "high")
    assert desk.claim(limit=2, normal=0) == [later]


def test_a_lease_keeps_others_away_until_it_runs_out(desk):
    only = desk.put("a")
    assert desk.claim() == [only]
    assert desk.claim(owner="other") == []
    desk.now += timedelta(seconds=45)
    assert desk.claim(owner="other") == [only]
    assert desk.settle(only) is False, "a lost lease may not decide"
    assert desk.settle(only, owner="other") is True


def test_what_is_held_is_not_claimed_even_when_its_lease_ran_out(desk):
    only = desk.put("a")
    desk.claim()
    desk.now += timedelta(hours=1)
    assert desk.claim(holding=[only]) == []


def test_release_frees_the_leases_of_a_dead_forerunner_only(desk):
    mine, kept, others = desk.put("a"), desk.put("b"), desk.put("c")
    assert desk.claim(limit=2) == [mine, kept]
    assert desk.claim(owner="other") == [others]
    with desk.open() as connection:
        assert outbox.release(connection, owner="me", keep=[kept]) == 1
    assert desk.claim() == [mine]


def test_retry_by_hand(desk):
    waiting, dead, sent = desk.put("a"), desk.put("b"), desk.put("c")
    desk.claim()
    desk.settle(waiting, "waiting", wait=500, reason="busy: x")
    desk.settle(dead, "dead", bare=True, reason="too_large: y")
    desk.settle(sent)
    other = desk.put("a", desk="e")

    assert desk.retry(desk="nobody") == 0
    assert desk.retry(ids=[sent]) == 0
    assert desk.retry(desk="d") == 1
    assert desk.claim() == [waiting]
    assert desk.retry(desk="d", dead=True) == 1
    assert desk.retry(ids=[other, waiting]) == 2
    with desk.open() as connection:
        (message,) = outbox.claim(
            connection, desk="d", owner="me", now=desk.now, until=desk.now + timedelta(1), limit=9, normal_limit=9
        )  # fmt: skip
    assert (message.id, message.bare, message.tries) == (dead, False, 1)


def test_bare_is_remembered(desk):
    only = desk.put("a")
    desk.claim()
    desk.settle(only, "waiting", bare=True, reason="too_large: x")
    with desk.open() as connection:
        (message,) = outbox.claim(
            connection, desk="d", owner="me", now=desk.now, until=desk.now + timedelta(1), limit=9, normal_limit=9
        )  # fmt: skip
    assert message.bare


def test_long_reasons_are_cut(desk):
    only = desk.put("a")
    desk.claim()
    desk.settle(only, "dead", reason="x" * 1000, reference="r" * 1000)
    assert (len(desk.row(only).reason), len(desk.row(only).desk_reference)) == (400, 200)


def test_status(desk):
    a, b, c, _ = desk.put("a"), desk.put("b"), desk.put("c"), desk.put("d", due_in=60)
    desk.claim()
    desk.settle(a)
    desk.settle(b, "dead", bare=True, reason="too_large: x")
    desk.settle(c, "dead", reason="rejected: y: z")
    desk.put("e", desk="other")
    desk.now += timedelta(seconds=90)
    with desk.open() as connection:
        first, second = status(connection, now=desk.now)
        waiting = backlog(connection)
    assert (first.desk, first.waiting, first.sent, first.dead) == ("d", 1, 1, 2)
    assert (first.oldest_s, first.overdue_s) == (90, 30)
    assert first.dead_reasons == {"too_large": 1, "rejected": 1}
    assert [message_id for message_id, _ in first.newest_dead] == [c, b]
    assert (second.desk, second.waiting, second.dead_reasons) == ("other", 1, {})
    assert (waiting["d"].waiting, waiting["d"].oldest) == (1, T0)


def test_claims_use_the_partial_index(desk):
    """A bound parameter in place of the literal would make SQLite read every row that was ever sent."""
    seen: list[Any] = []
    event.listen(desk.engine, "before_cursor_execute", lambda *args: seen.append(args[2:4]))
    desk.claim()
    sql, values = next(item for item in seen if item[0].startswith("SELECT") and "EXISTS" in item[0])
    with desk.open() as connection:
        lines = " ".join(row[-1] for row in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + sql, values))
    assert "ix_outbox_waiting" in lines


class OutboxMachine(RuleBasedStateMachine):
    """Any order of put, claim, answer, crash and time keeps: one under way per case, lowest first, nothing lost."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        self.order: dict[str, list[str]] = {}
        self.held: dict[str, str] = {}
        self.done: dict[str, str] = {}
        self.case_of: dict[str, str] = {}

    @rule(case=st.sampled_from("abc"), severity=st.sampled_from(["low", "critical"]))
    def put(self, case, severity):
        message_id = self.desk.put(case, severity)
        self.order.setdefault(case, []).append(message_id)
        self.case_of[message_id] = case

    @rule(limit=st.integers(1, 4), normal=st.integers(0, 4))
    def claim(self, limit, normal):
        found = self.desk.claim(limit, normal)
        assert len(found) <= limit
        for message_id in found:
            case = self.case_of[message_id]
            waiting = [i for i in self.order[case] if i not in self.done]
            assert message_id == waiting[0], "not the oldest waiting message of its case"
            assert case not in {self.case_of[i] for i in self.held}, "two of a case under way"
            self.held[message_id] = case

    @precondition(lambda self: self.held)
    @rule(data=st.data(), answer=st.sampled_from(["sent", "dead", "waiting"]))
    def answer(self, data, answer):
        message_id = data.draw(st.sampled_from(sorted(self.held)))
        assert self.desk.settle(message_id, answer, wait=30, reason="r")
        del self.held[message_id]
        if answer != "waiting":
            self.done[message_id] = answer

    @rule()
    def crash_and_restart(self):
        with self.desk.open() as connection:
            assert outbox.release(connection, owner="me") == len(self.held)
        self.held.clear()

    @rule(seconds=st.integers(1, 40))
    def time_passes(self, seconds):
        self.desk.now += timedelta(seconds=seconds)
        with self.desk.open() as connection:  # the living dispatcher's leases are renewed by its own memory
            connection.execute(table.update().where(table.c.lease_owner == "me").values(
                lease_until=self.desk.now + timedelta(seconds=45)))  # fmt: skip

    @precondition(lambda self: any(state == "dead" for state in self.done.values()))
    @rule()
    def revive(self):
        dead = [i for i, state in self.done.items() if state == "dead"]
        # A revived letter is older than what is under way: only when its case is quiet does the model stay simple.
        quiet = [i for i in dead if self.case_of[i] not in self.held.values()]
        assert self.desk.retry(ids=quiet, dead=True) == len(quiet) if quiet else True
        for message_id in quiet:
            del self.done[message_id]

    @invariant()
    def nothing_is_lost(self):
        with self.desk.open() as connection:
            rows = dict(connection.execute(select(table.c.id, table.c.state)).all())
        assert rows == {i: self.done.get(i, "waiting") for i in self.case_of}

    @invariant()
    def something_is_always_coming(self):
        """If anything waits and nothing is under way, it is ready or has a due time."""
        waiting = [i for i in self.case_of if i not in self.done]
        if waiting and not self.held:
            with self.desk.open() as connection:
                ready = outbox.any_ready(connection, desk="d", now=self.desk.now)
            assert ready or self.desk.next_due() is not None


TestOutbox = OutboxMachine.TestCase
TestOutbox.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
