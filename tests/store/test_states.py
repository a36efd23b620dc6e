"""Owners of cameras, counters and saved states."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brain.store.database import Database
from brain.store.errors import StaleOwner
from brain.store.records import SavedState
from brain.store.states import check_owner, claim, load_states, save_states

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


def test_tokens_only_rise_and_the_newest_owner_wins(database: Database) -> None:
    first = claim(database, ["a", "b"])
    second = claim(database, ["b", "c", "b"])
    assert second > first
    with database.read() as connection:
        check_owner(connection, "a", first)
        check_owner(connection, "b", second)
        check_owner(connection, "c", second)
        for camera, token in (("b", first), ("a", second), ("unknown", second)):
            with pytest.raises(StaleOwner, match=f"camera {camera}"):
                check_owner(connection, camera, token)


def test_tokens_go_on_after_reopening(database: Database) -> None:
    first = claim(database, ["a"])
    folder = database.where.rsplit("/", 1)[0]
    database.close()
    with Database.open(folder, writer=True) as again:
        assert claim(again, ["a"]) == first + 1


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(st.sampled_from("xyz"), st.binary(max_size=40), max_size=3), max_size=5))
def test_the_last_state_of_each_key_is_kept(database: Database, batches: list[dict[str, bytes]]) -> None:
    before = load_states(database, "a")
    expected = dict(before)
    for batch in batches:
        with database.write() as connection:
            save_states(connection, "a", [SavedState(key, data) for key, data in batch.items()], NOW)
        expected.update(batch)
    assert load_states(database, "a") == expected
    assert load_states(database, "other") == {}
