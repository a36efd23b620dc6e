"""Brings a database to the tables of this release."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from brain.core.errors import StoreError

HEAD = "0001"
"""The newest revision; kept here so that a reader need not load the migration machinery."""


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration without an ini file; works from a checkout and from an installed wheel."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def revision(connection: Connection) -> str | None:
    """Revision that the database is at; ``None`` for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return None if found is None else str(found)


def migrate(connection: Connection, where: str) -> None:
    """Brings the database to ``HEAD`` inside the caller's transaction; no effect when it is there.

    Raises:
        StoreError: the database was written by a newer release.
    """
    found = revision(connection)
    if found == HEAD:
        return
    _refuse_newer(found, where)
    command.upgrade(alembic_config(connection), "head")


def check(connection: Connection, where: str) -> None:
    """For readers, who may change nothing: the database must be at ``HEAD``.

    Raises:
        StoreError: it is of a newer or an older release, or empty.
    """
    found = revision(connection)
    if found == HEAD:
        return
    _refuse_newer(found, where)
    raise StoreError(
        "the database is empty or of an older release", where=where, remedy="start `brain run` once: it brings it up"
    )


def _refuse_newer(found: str | None, where: str) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()}
    if found is not None and found not in known:
        raise StoreError(
            f"the database was written by a newer release (its revision {found} is unknown here)",
            where=where,
            remedy="install that release again, or name another state folder",
        )
