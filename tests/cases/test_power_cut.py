"""What a power cut may leave: no row without its complete file, no half picture under a final name.

Every operation on files is logged. For every prefix of the log all legal remains on the disk are built: names that no
fsync of their folder has fixed may be there or not, each for itself; data that no fsync has fixed may be missing, cut
in half, or whole. The WAL of the database may end in the middle of the commit that was being written. The store is
opened on each, and judged.
"""

from __future__ import annotations

import itertools
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from brain.core.ids import sha256_hex
from brain.core.types import EventKind, EvidenceKind
from brain.store.database import FILE_NAME, Database
from brain.store.evidence import TEMPORARY, EvidenceFolder, FileOps
from brain.store.queries import evidence_row
from brain.store.tables import evidence

JPEG = "image/jpeg"


@dataclass(frozen=True)
class Step:
    """One logged operation; paths are relative to the state folder."""

    what: str
    path: str
    data: bytes = b""
    to: str = ""


class Logged(FileOps):
    """Real operations that leave a log. ``leave_out`` names one that is not done: a mistake to be found."""

    def __init__(self, root: Path, leave_out: str = "") -> None:
        self.root, self.leave_out, self.log = root, leave_out, list[Step]()
        self._open: dict[int, str] = {}

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def make_folder(self, path: Path) -> None:
        super().make_folder(path)
        self.log.append(Step("folder", self._name(path)))

    def create(self, path: Path) -> int:
        handle = super().create(path)
        self._open[handle] = self._name(path)
        self.log.append(Step("file", self._name(path)))
        return handle

    def write(self, handle: int, data: bytes) -> None:
        super().write(handle, data)
        self.log.append(Step("data", self._open[handle], data))

    def sync(self, handle: int) -> None:
        super().sync(handle)
        if self.leave_out != "sync":
            self.log.append(Step("sync", self._open[handle]))

    def rename(self, old: Path, new: Path) -> None:
        super().rename(old, new)
        self.log.append(Step("rename", self._name(old), to=self._name(new)))

    def sync_folder(self, path: Path) -> None:
        super().sync_folder(path)
        if self.leave_out != "sync_folder":
            self.log.append(Step("sync_folder", self._name(path)))


@dataclass
class Disk:
    """A disk after a prefix of the log: what is certain, and what hangs in the air."""

    names: dict[str, str] = field(default_factory=dict)  # name → what it was made as
    loose: list[Step] = field(default_factory=list)  # steps on names that may be undone
    data: dict[str, bytes] = field(default_factory=dict)
    synced: dict[str, bytes] = field(default_factory=dict)

    def do(self, step: Step) -> None:
        if step.what in ("folder", "file", "rename"):
            self.loose.append(step)
            if step.what == "file":
                self.data[step.path] = b""
        elif step.what == "data":
            self.data[step.path] += step.data
        elif step.what == "sync":
            self.synced[step.path] = self.data[step.path]
        elif step.what == "sync_folder":
            fixed = [one for one in self.loose if parent(one.to or one.path) == step.path]
            for one in fixed:
                self._name(self.names, one)
            moved = {one.path for one in fixed if one.what == "rename"}  # where it was made no longer matters
            self.loose = [one for one in self.loose if one not in fixed and one.path not in moved]

    @staticmethod
    def _name(names: dict[str, str], step: Step) -> None:
        if step.what == "rename":
            names[step.to] = names.pop(step.path, step.path)
        else:
            names[step.path] = step.path

    def remains(self) -> Iterator[dict[str, bytes]]:
        """Every legal content of the disk: final name → bytes; a file below a folder that is lost is lost."""
        for kept in itertools.product((False, True), repeat=len(self.loose)):
            names = dict(self.names)
            for step, keep in zip(self.loose, kept, strict=True):
                if keep:
                    self._name(names, step)
            files = {
                name: made_as
                for name, made_as in names.items()
                if made_as in self.data and self._whole_way(name, names)
            }
            unsure = [made_as for made_as in files.values() if self.synced.get(made_as) != self.data[made_as]]
            for shares in itertools.product((0.0, 0.5, 1.0), repeat=len(unsure)):
                cut = dict(zip(unsure, shares, strict=True))
                yield {
                    name: self.data[made_as][: round(len(self.data[made_as]) * cut.get(made_as, 1.0))]
                    for name, made_as in files.items()
                }

    @staticmethod
    def _whole_way(name: str, names: dict[str, str]) -> bool:
        above = parent(name)
        return above == "." or (above in names and Disk._whole_way(above, names))


def parent(name: str) -> str:
    return Path(name).parent.as_posix()


@dataclass
class Recording:
    """A run of the store: the log of files with marks where commits happened, and the WAL before and after each."""

    log: list[Step]
    commits: list[int]  # length of the log at each commit
    wals: list[bytes]
    base: bytes


def record(kit: Any, state: Path, leave_out: str = "", row_first: bool = False) -> Recording:
    """Two events with pictures, a clip and an end; each piece of evidence is written, then its commit is made."""
    city = kit.City.at(state)
    ops = Logged(state, leave_out)
    city.folder = EvidenceFolder(state / "evidence", ops)
    run = Recording(ops.log, [], [(state / f"{FILE_NAME}-wal").read_bytes()], (state / FILE_NAME).read_bytes())

    def keep(change: Any, kind: EvidenceKind) -> Any:
        return city.folder.write(change.event_id, f"{kind} {change.at} ".encode() * 50, kind, JPEG, change.at)

    def committed() -> None:
        run.commits.append(len(run.log))
        run.wals.append((state / f"{FILE_NAME}-wal").read_bytes())

    first, second = kit.change(), kit.change(zone="z2", at_s=86400.0)
    end = kit.change(EventKind.ENDED, at_s=90000.0)
    if row_first:
        length = len(run.log)
        city.report(first, proof=(keep(first, EvidenceKind.PICTURE),))
        run.commits.append(length)
        run.wals.append((state / f"{FILE_NAME}-wal").read_bytes())
    else:
        city.report(first, proof=(keep(first, EvidenceKind.PICTURE), keep(first, EvidenceKind.PICTURE_MARKED)))
        committed()
    city.late(first, keep(first, EvidenceKind.CLIP))
    committed()
    city.report(second, proof=(keep(second, EvidenceKind.PICTURE),))
    committed()
    city.report(end, proof=(keep(end, EvidenceKind.CLEAR_PICTURE),))
    committed()
    city.database.close()
    return run


def wal_remains(run: Recording, prefix: int) -> Iterator[bytes]:
    """The WAL when the log had that length: the last commit acknowledged by then, and torn beginnings of the next."""
    done = sum(at < prefix for at in run.commits)
    reached = sum(at <= prefix for at in run.commits)
    yield run.wals[done]
    for before, after in itertools.pairwise(run.wals[done : reached + 1]):
        assert after.startswith(before)
        added = len(after) - len(before)
        for cut in (1, 500, added // 2, added - 1, added):
            yield after[: len(before) + cut]
        hole = bytearray(after)
        hole[len(before) : len(before) + 600] = bytes(600)
        yield bytes(hole)


def judge(run: Recording, place: Path, prefixes: Iterable[int]) -> Iterator[str]:
    """One text for each remains of a power cut after so many operations: what is wrong with it, or nothing."""
    disk = Disk()
    named_by = cache(lambda wal: rows(run.base, wal, place))
    wanted = set(prefixes)
    for prefix in range(len(run.log) + 1):
        if prefix:
            disk.do(run.log[prefix - 1])
        if prefix not in wanted:
            continue
        for files, wal in itertools.product(disk.remains(), list(wal_remains(run, prefix))):
            final = {name.removeprefix("evidence/"): data for name, data in files.items() if TEMPORARY not in name}
            half = [f"half file {name}" for name, data in final.items() if sha256_hex(data)[:12] not in name]
            bare = [
                f"row without its file {path}"
                for path, sha256 in named_by(wal)
                if sha256_hex(final.get(path, b"")) != sha256
            ]
            yield ", ".join(half + bare)


def rows(base: bytes, wal: bytes, place: Path) -> list[tuple[str, str]]:
    """Opens the store on what is left of the database: paths and sha256 that its rows name."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    (place / FILE_NAME).write_bytes(base)
    (place / f"{FILE_NAME}-wal").write_bytes(wal)
    with Database.open(place, writer=True) as database, database.read() as connection:
        found = [evidence_row(row).evidence for row in connection.execute(evidence.select())]
    with sqlite3.connect(place / FILE_NAME) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert plain.execute("PRAGMA foreign_key_check").fetchall() == []
    return [(piece.path, piece.sha256) for piece in found]


def test_no_power_cut_leaves_a_row_without_its_file_or_half_a_picture(kit: Any, tmp_path: Path) -> None:
    run = record(kit, tmp_path / "state")
    judged = list(judge(run, tmp_path / "left", range(len(run.log) + 1)))
    assert [text for text in judged if text] == []
    assert len(run.commits) == 4
    assert len(judged) > 200


@pytest.mark.parametrize(
    ("mistake", "says"),
    [
        ({"leave_out": "sync"}, "half file"),
        ({"leave_out": "sync_folder"}, "row without its file"),
        ({"row_first": True}, "row without its file"),
    ],
)
def test_the_judge_finds_the_mistakes_that_it_is_for(
    kit: Any, tmp_path: Path, mistake: dict[str, Any], says: str
) -> None:
    run = record(kit, tmp_path / "state", **mistake)
    assert any(says in text for text in judge(run, tmp_path / "left", run.commits[:1]))
