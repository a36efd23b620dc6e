"""The database: one writing connection, any number of readers, errors in words.

SQLite 3.7.0–3.51.2 can, rarely, damage a file in WAL mode when two connections write or checkpoint at once. Here that
cannot happen: the process that opens with ``writer=True`` holds a lock file and does all writes, migrations included,
on one connection under one lock; every other connection is read-only (``mode=ro``) and never checkpoints.
PostgreSQL needs none of this and gets an ordinary pool.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import Pool, QueuePool, StaticPool

from brain.config.settings import BrainSettings
from brain.core.errors import ConfigError, StoreError
from brain.store.errors import translate, translate_os
from brain.store.migrate import check, migrate
from brain.store.writer_lock import WriterLock

FILE_NAME = "brain.db"
LOCK_NAME = "writer.lock"
_WRITER_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",  # a commit is on the disk when it returns, not at some later checkpoint
    "foreign_keys = ON",
    f"journal_size_limit = {64 << 20}",  # after a burst the WAL file shrinks again
)
_READER_PRAGMAS = ("query_only = ON",)


def location(settings: BrainSettings, base: Path) -> Path | str:
    """Where the settings put the database: the state folder (taken from ``base``), or a URL."""
    return settings.storage.database or base / settings.state.expanduser()


class Database:
    """The one way to the database. Safe to use from any thread."""

    def __init__(self, where: str, *, writer: Engine | None, reader: Engine, lock: WriterLock | None) -> None:
        self.where = where
        self._writer = writer
        self._reader = reader
        self._lock = lock
        self._single = writer is not None and isinstance(writer.pool, StaticPool)
        self._turn = threading.Lock()
        self._turn_of: int | None = None

    @classmethod
    def open(cls, where: Path | str, *, writer: bool, busy_timeout_s: float = 5.0) -> Self:
        """Opens the database; a writer makes and migrates it as needed.

        Args:
            where: the state folder, or a SQLAlchemy URL (``postgresql+psycopg://…``, ``sqlite:////path/brain.db``).
            writer: whether this process is the one that writes.
            busy_timeout_s: how long SQLite waits for a lock that another program holds.

        Raises:
            StoreError: missing, locked, read-only, full, damaged, of another release, or another writer is at work.
            ConfigError: the URL is not one.
        """
        if isinstance(where, str) and "://" in where:
            url = _url(where)
            if url.get_backend_name() != "sqlite":
                return cls._open_server(where, url.render_as_string(hide_password=True), writer)
            if not url.database or url.database == ":memory:":
                raise ConfigError("an in-memory database keeps nothing", remedy="name a file: sqlite:////path/brain.db")
            file = Path(url.database)
        else:
            file = Path(where) / FILE_NAME
        return cls._open_sqlite(file.absolute(), writer, busy_timeout_s)

    @classmethod
    def _open_sqlite(cls, file: Path, writer: bool, busy_timeout_s: float) -> Self:
        reader = _sqlite_engine(file, busy_timeout_s, write=False)
        if not writer:
            if not file.exists():
                raise StoreError(
                    "no database here yet", where=str(file), remedy="start `brain run` first, or name its state folder"
                )
            return cls(str(file), writer=None, reader=reader, lock=None)._checked()
        try:
            file.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        except OSError as error:
            raise translate_os(error, str(file.parent)) from error
        lock = WriterLock.take(file.parent / LOCK_NAME)
        engine = _sqlite_engine(file, busy_timeout_s, write=True)
        return cls(str(file), writer=engine, reader=reader, lock=lock)._migrated()

    @classmethod
    def _open_server(cls, url: str, shown: str, writer: bool) -> Self:
        try:
            engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)
        except (ImportError, NoSuchModuleError):
            raise ConfigError(
                "no driver for this database is installed",
                where=shown,
                remedy="pip install 'city-brain[postgresql]' and write postgresql+psycopg://…",
            ) from None
        reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        database = cls(shown, writer=engine if writer else None, reader=reader, lock=None)
        return database._migrated() if writer else database._checked()

    def _migrated(self) -> Self:
        try:
            with self.write() as connection:
                migrate(connection, self.where)
        except BaseException:
            self.close()
            raise
        return self

    def _checked(self) -> Self:
        try:
            with self.read() as connection:
                check(connection, self.where)
        except BaseException:
            self.close()
            raise
        return self

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: committed when the block ends, rolled back when it raises.

        With SQLite one block runs at a time; keep it short and without any other waiting in it. When it returns the
        commit is on the disk (``synchronous=FULL``). After an error the same object can be used again.

        Raises:
            StoreError: see ``StoreUnavailable`` (``brain.store.errors``) for what may pass by itself.
        """
        if self._writer is None:
            raise StoreError("opened for reading only", where=self.where, remedy="only the service writes")
        with self._my_turn(), self._in_words(), self._writer.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read-only connection that sees one moment of the database throughout the block.

        Raises:
            StoreError: as ``write``.
        """
        with self._in_words(), self._reader.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Closes every connection; the last one of SQLite folds the WAL into the file. Then gives up the lock."""
        self._reader.dispose()
        if self._writer is not None:
            self._writer.dispose()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        if not self._single:
            yield
            return
        me = threading.get_ident()
        if self._turn_of == me:
            raise RuntimeError("write() inside write(): use the connection that you have")
        with self._turn:
            self._turn_of = me
            try:
                yield
            finally:
                self._turn_of = None

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            known = translate(error, self.where)
            if known is None:
                raise
            raise known from error


def _url(text: str) -> URL:
    try:
        return make_url(text)
    except ArgumentError:
        raise ConfigError(
            "storage.database is not a database URL",
            remedy="write postgresql+psycopg://user@host/name, or leave it out",
        ) from None


def _sqlite_engine(file: Path, busy_timeout_s: float, *, write: bool) -> Engine:
    """An engine on one file: for writing with exactly one connection, for reading with a few read-only ones."""
    address = f"file:{quote(str(file))}?mode={'rwc' if write else 'ro'}"
    pragmas = _WRITER_PRAGMAS if write else _READER_PRAGMAS

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            address, uri=True, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False
        )
        try:
            for pragma in pragmas:
                connection.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()
            raise
        return connection

    pool: type[Pool] = StaticPool if write else QueuePool
    engine = create_engine("sqlite://", creator=connect, poolclass=pool, hide_parameters=True)
    begin = "BEGIN IMMEDIATE" if write else "BEGIN"
    # The driver's own idea of when to begin (only before a write) is switched off by isolation_level=None.
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine
