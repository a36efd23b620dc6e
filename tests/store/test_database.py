"""Opening, one writer, errors in words, and going on after trouble."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from brain.config.settings import BrainSettings
from brain.core.errors import BrainError, ConfigError, StoreError
from brain.store.database import FILE_NAME, Database, location
from brain.store.errors import StoreUnavailable
from brain.store.states import next_value
from brain.store.tables import counters

HOLDER = """
import sys
from pathlib import Path
from brain.store.database import Database
Database.open(Path(sys.argv[1]), writer=True)
print("open", flush=True)
sys.stdin.read()
"""


def value(database: Database, name: str) -> int | None:
    with database.read() as connection:
        return connection.execute(select(counters.c.value).where(counters.c.name == name)).scalar_one_or_none()


def count_up(database: Database, name: str = "n") -> int:
    with database.write() as connection:
        return next_value(connection, name)


def test_what_is_written_is_there_after_reopening(tmp_path: Path) -> None:
    with Database.open(tmp_path, writer=True) as first:
        assert [count_up(first), count_up(first)] == [1, 2]
    with Database.open(tmp_path, writer=True) as second:
        assert value(second, "n") == 2


def test_a_block_that_raises_leaves_nothing(database: Database) -> None:
    def fail_half_way() -> None:
        with database.write() as connection:
            next_value(connection, "n")
            raise KeyError

    with pytest.raises(KeyError):
        fail_half_way()
    assert value(database, "n") is None
    assert count_up(database) == 1


def test_a_commit_is_synced_and_foreign_keys_hold(database: Database) -> None:
    with database.write() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_exactly_one_connection_of_the_process_can_write_to_the_file(database: Database) -> None:
    """Migration, reads in several threads and writes done: one read-write descriptor is open on the file, not two."""
    for _ in range(3):
        count_up(database)
    together = threading.Barrier(3)

    def read() -> None:
        with database.read() as connection:
            connection.execute(select(counters)).all()
            together.wait(10)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    modes = []
    for link in Path("/proc/self/fd").iterdir():
        try:
            if str(link.readlink()) == database.where:
                flags = Path("/proc/self/fdinfo", link.name).read_text().split("flags:")[1].split()[0]
                modes.append(int(flags, 8) & os.O_ACCMODE)
        except FileNotFoundError:
            continue
    assert modes.count(os.O_RDWR) == 1
    assert modes.count(os.O_RDONLY) == 3


def test_a_second_writer_in_another_process_is_refused_with_the_pid(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == b"open\n"
        with pytest.raises(StoreError, match=f"process {holder.pid} already writes here"):
            Database.open(tmp_path, writer=True)
        with Database.open(tmp_path, writer=False) as reader:
            assert value(reader, "n") is None
    finally:
        holder.kill()
        holder.communicate()
    with Database.open(tmp_path, writer=True) as after_sigkill:
        assert count_up(after_sigkill) == 1


def test_a_second_writer_in_the_same_process_is_refused(database: Database) -> None:
    with pytest.raises(StoreError, match=f"process {os.getpid()} already writes here"):
        Database.open(Path(database.where).parent, writer=True)
    assert count_up(database) == 1


def test_a_reader_sees_one_moment_and_does_not_hold_up_the_writer(database: Database) -> None:
    count_up(database)
    with Database.open(Path(database.where).parent, writer=False) as reader, reader.read() as connection:
        query = select(counters.c.value).where(counters.c.name == "n")
        assert connection.execute(query).scalar_one() == 1
        assert count_up(database) == 2
        assert connection.execute(query).scalar_one() == 1
    assert value(database, "n") == 2


def test_a_reader_cannot_write(database: Database) -> None:
    with Database.open(Path(database.where).parent, writer=False) as reader:
        with pytest.raises(StoreError, match="for reading only"), reader.write():
            pass
        with pytest.raises(StoreError, match="read-only"), reader.read() as connection:
            connection.execute(insert(counters).values(name="n", value=1))


def test_a_reader_opens_what_a_killed_writer_left(tmp_path: Path) -> None:
    """The WAL must be read back without anybody writing."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"open\n"
    holder.kill()
    holder.communicate()
    assert (tmp_path / f"{FILE_NAME}-wal").stat().st_size > 0
    with Database.open(tmp_path, writer=False) as reader:
        assert value(reader, "n") is None


def test_writes_of_many_threads_come_one_after_the_other(database: Database) -> None:
    numbers: list[int] = []
    threads = [threading.Thread(target=lambda: numbers.append(count_up(database))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(numbers) == list(range(1, 17))


def test_write_inside_write_is_a_mistake_that_is_said_and_does_no_harm(database: Database) -> None:
    with pytest.raises(RuntimeError, match="inside"), database.write(), database.write():
        pass
    assert count_up(database) == 1


def test_a_reader_without_a_database_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no database here yet"):
        Database.open(tmp_path, writer=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"this is not a database" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
@pytest.mark.parametrize("writer", [True, False])
def test_a_broken_file_is_said_to_be_broken(tmp_path: Path, content: bytes, writer: bool) -> None:
    file = tmp_path / FILE_NAME
    file.write_bytes(content)
    with pytest.raises(StoreError, match=r"not a database|damaged"):
        Database.open(tmp_path, writer=writer)
    assert file.read_bytes() == content


def test_a_page_damaged_later_is_said_to_be_damaged(tmp_path: Path) -> None:
    with Database.open(tmp_path, writer=True) as database:
        count_up(database)
    file = tmp_path / FILE_NAME
    data = bytearray(file.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    file.write_bytes(data)
    with pytest.raises(StoreError, match="damaged") as error:
        Database.open(tmp_path, writer=True)
    assert "backup" in error.value.remedy


def test_a_lock_of_another_program_is_waited_for_then_said_and_the_database_goes_on(tmp_path: Path) -> None:
    with Database.open(tmp_path, writer=True, busy_timeout_s=0.1) as database:
        foreign = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
        foreign.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="locked by another program"):
            count_up(database)
        foreign.execute("ROLLBACK")
        foreign.close()
        assert count_up(database) == 1


def test_a_lock_of_another_program_at_the_start_is_said_and_our_own_lock_given_back(tmp_path: Path) -> None:
    Database.open(tmp_path, writer=True).close()
    foreign = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    foreign.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreUnavailable, match="locked"):
        Database.open(tmp_path, writer=True, busy_timeout_s=0.1)
    foreign.close()
    with Database.open(tmp_path, writer=True) as database:
        assert count_up(database) == 1


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mounts a small disk in memory, or changes one by ``remount``; skips where that is not allowed."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = False

    def call(options: str) -> Path:
        nonlocal mounted
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], capture_output=True, check=False
        )
        if done.returncode != 0:
            pytest.skip("needs the right to mount a small tmpfs (root)")
        mounted = True
        return place

    yield call
    if mounted:
        subprocess.run(["umount", str(place)], check=True)


def fill(disk: Path) -> Path:
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    return ballast


def big_write(database: Database) -> None:
    with database.write() as connection:
        connection.execute(insert(counters), [{"name": f"{i:060d}", "value": i} for i in range(2000)])


def test_a_full_disk_is_said_and_the_database_goes_on_when_there_is_room(mount: Callable[[str], Path]) -> None:
    disk = mount("size=2m")
    with Database.open(disk / "state", writer=True) as database:
        assert count_up(database) == 1
        ballast = fill(disk)
        with pytest.raises(StoreUnavailable, match="disk is full"):
            big_write(database)
        assert value(database, "n") == 1
        ballast.unlink()
        big_write(database)
        assert count_up(database) == 2
        with database.read() as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"


def test_a_disk_that_is_full_at_the_start_is_said(mount: Callable[[str], Path]) -> None:
    disk = mount("size=256k")
    ballast = fill(disk)
    with pytest.raises(StoreError):
        Database.open(disk / "state", writer=True)
    ballast.unlink()
    with Database.open(disk / "state", writer=True) as database:
        assert count_up(database) == 1


def test_a_database_that_may_not_grow_is_full_and_goes_on_when_it_may(database: Database) -> None:
    """The same as a full disk, where no small disk can be mounted: SQLite answers SQLITE_FULL at its page limit."""
    with database.write() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreUnavailable, match="disk is full"):
        big_write(database)
    with database.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    big_write(database)
    assert value(database, f"{7:060d}") == 7


def test_a_read_only_disk_is_said(mount: Callable[[str], Path]) -> None:
    disk = mount("size=4m")
    with Database.open(disk / "state", writer=True) as database:
        count_up(database)
    mount("size=4m,remount,ro")
    with pytest.raises(StoreError, match=r"[Rr]ead-only") as error:
        Database.open(disk / "state", writer=True)
    assert "rights" in error.value.remedy or "may write" in error.value.remedy


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere: the read-only disk stands for it")
def test_a_read_only_folder_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="cannot be read or written"):
        Database.open(tmp_path / "state", writer=True)
    tmp_path.chmod(0o700)


def test_a_file_in_the_place_of_the_state_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("x")
    with pytest.raises(StoreError, match="cannot be read or written"):
        Database.open(tmp_path / "state", writer=True)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite://", "in-memory"),
        ("sqlite:///:memory:", "in-memory"),
        ("://nothing", "not a database URL"),
        ("nonsense://user@host/name", "no driver"),
    ],
)
def test_wrong_urls_are_mistakes_of_the_settings(url: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        Database.open(url, writer=True)


def test_a_password_in_the_url_of_a_server_is_not_repeated() -> None:
    with pytest.raises(BrainError) as error:
        Database.open("postgresql+psycopg://brain:s3cr3t-w0rd@127.0.0.1:9/brain", writer=True)
    assert "s3cr3t" not in str(error.value) + repr(error.value)


def test_a_sqlite_url_names_a_file(tmp_path: Path) -> None:
    with Database.open(f"sqlite:///{tmp_path}/own.db", writer=True) as database:
        assert count_up(database) == 1
    assert (tmp_path / "own.db").exists()


def test_a_path_with_odd_characters_is_a_path(tmp_path: Path) -> None:
    folder = tmp_path / "a b?c#d%41 市"
    with Database.open(folder, writer=True) as database:
        count_up(database)
    assert (folder / FILE_NAME).exists()


def test_the_settings_say_where_the_database_is(tmp_path: Path) -> None:
    least = {"cameras": [{"id": "c", "source": "a.mp4"}], "assignments": [{"scenario": "left_object"}]}
    assert location(BrainSettings(**least), tmp_path) == tmp_path / "state"
    server = BrainSettings(**least, storage={"database": "postgresql+psycopg://host/name"})
    assert location(server, tmp_path) == "postgresql+psycopg://host/name"
