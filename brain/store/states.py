"""Who owns a camera, and the states of its rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from brain.store.database import Database
from brain.store.errors import StaleOwner
from brain.store.records import SavedState
from brain.store.tables import counters, owners, rule_states

_TOKENS = "fencing token"


def next_value(connection: Connection, name: str) -> int:
    """Counts the named counter up within the caller's transaction: 1, 2, 3 …"""
    statement = _insert(connection, counters).values(name=name, value=1)
    statement = statement.on_conflict_do_update(index_elements=["name"], set_={"value": counters.c.value + 1})
    return int(connection.execute(statement.returning(counters.c.value)).scalar_one())


def claim(database: Database, cameras: Sequence[str]) -> int:
    """Gives cameras to a new owner; from now on only commits with the returned token are taken for them.

    Returns:
        The fencing token, greater than every one before it.
    """
    with database.write() as connection:
        token = next_value(connection, _TOKENS)
        for camera in dict.fromkeys(cameras):
            statement = _insert(connection, owners).values(camera=camera, token=token)
            connection.execute(statement.on_conflict_do_update(index_elements=["camera"], set_={"token": token}))
    return token


def check_owner(connection: Connection, camera: str, token: int) -> None:
    """Lets only the present owner of a camera pass.

    Raises:
        StaleOwner: the camera was claimed by another meanwhile, or never by this one.
    """
    present = connection.execute(select(owners.c.token).where(owners.c.camera == camera)).scalar_one_or_none()
    if present != token:
        raise StaleOwner(
            f"camera {camera} belongs to owner {present}, not to {token}"
            if present
            else f"camera {camera} has no owner",
            remedy="the worker that reports must be the one that claimed the camera last",
        )


def load_states(database: Database, camera: str) -> dict[str, bytes]:
    """The saved states of a camera by key; empty when there are none."""
    with database.read() as connection:
        rows = connection.execute(select(rule_states.c.key, rule_states.c.data).where(rule_states.c.camera == camera))
        return {key: bytes(data) for key, data in rows}


def save_states(connection: Connection, camera: str, states: Iterable[SavedState], at: datetime) -> None:
    """Keeps states within the caller's transaction; one with the same key is replaced."""
    rows = [{"camera": camera, "key": state.key, "data": state.data, "saved": at} for state in states]
    if not rows:
        return
    statement = _insert(connection, rule_states)
    statement = statement.on_conflict_do_update(
        index_elements=["camera", "key"], set_={"data": statement.excluded.data, "saved": statement.excluded.saved}
    )
    connection.execute(statement, rows)


def _insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An insert that knows ``on_conflict_do_update``: the same words in both databases, but not in SQLAlchemy."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
