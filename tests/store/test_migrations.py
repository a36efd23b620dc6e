"""The migrations and the tables say the same."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Index, Integer, MetaData, Table, create_engine, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from brain.core.errors import StoreError
from brain.store.database import FILE_NAME, Database
from brain.store.migrate import HEAD, alembic_config, migrate, revision
from brain.store.tables import metadata


def differences(database: Database, wanted: MetaData) -> list[object]:
    with database.read() as connection:
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), wanted)


def test_the_migrated_tables_are_those_of_the_code(database: Database) -> None:
    assert differences(database, metadata) == []


def test_the_comparison_would_see_a_difference(database: Database) -> None:
    other = MetaData()
    for table in metadata.tables.values():
        table.to_metadata(other)
    Table("cases", other, Column("later", Integer), extend_existing=True)
    Index("ix_later", other.tables["events"].c.raised)
    assert len(differences(database, other)) == 2


def test_the_head_that_readers_know_is_the_newest_revision() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_current_head() == HEAD


def test_migrating_again_changes_nothing(database: Database) -> None:
    with database.write() as connection:
        before = connection.execute(text("SELECT name, sql FROM sqlite_master ORDER BY name")).all()
        migrate(connection, "here")
        after = connection.execute(text("SELECT name, sql FROM sqlite_master ORDER BY name")).all()
    assert before == after
    assert len(before) > 8


def test_an_empty_database_is_brought_up_by_a_writer_and_refused_to_a_reader(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / FILE_NAME).close()
    with pytest.raises(StoreError, match="empty or of an older release"):
        Database.open(tmp_path, writer=False)
    with Database.open(tmp_path, writer=True) as database, database.read() as connection:
        assert revision(connection) == HEAD


@pytest.mark.parametrize("writer", [True, False])
def test_a_database_of_a_newer_release_is_refused_and_left_alone(tmp_path: Path, writer: bool) -> None:
    with Database.open(tmp_path, writer=True) as database, database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"newer release.*9999"):
        Database.open(tmp_path, writer=writer)
    with sqlite3.connect(tmp_path / FILE_NAME) as plain:
        assert plain.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]


def test_a_migration_that_fails_half_way_leaves_nothing() -> None:
    """DDL and version number are one transaction, so the next start begins from the same place."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE outbox (taken INTEGER)")
        connection.connection.dbapi_connection.isolation_level = None  # type: ignore[union-attr]
        connection.rollback()
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(Exception, match="outbox already exists"):
            migrate(connection, "here")
        connection.rollback()
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
    assert names == ["outbox"]


def test_every_table_can_be_written_down_for_postgresql() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    for table in metadata.tables.values():
        statement = str(CreateTable(table).compile(dialect=dialect))
        assert statement.lstrip().startswith("CREATE TABLE")
        for index in table.indexes:
            assert "INDEX" in str(CreateIndex(index).compile(dialect=dialect))
