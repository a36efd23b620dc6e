"""Evidence files: complete or not there, inside the folder, and what full and read-only disks do."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from brain.core.errors import StoreError
from brain.core.ids import sha256_hex
from brain.core.types import EvidenceKind
from brain.store.errors import StoreUnavailable
from brain.store.evidence import TEMPORARY, EvidenceFolder, FileOps

AT = datetime(2026, 11, 24, 8, tzinfo=UTC)
EVENT = "0b6a9c8e-0000-5000-8000-000000000001"
JPEG = "image/jpeg"


def all_files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_a_written_file_is_what_was_given(tmp_path: Path) -> None:
    folder = EvidenceFolder(tmp_path / "new" / "evidence")
    data = os.urandom(100_000)
    piece = folder.write(EVENT, data, EvidenceKind.PICTURE, JPEG, AT)
    assert piece.path == f"2026/11/24/{EVENT}/picture-{sha256_hex(data)[:12]}.jpg"
    assert (piece.sha256, piece.size, piece.media_type, piece.at) == (sha256_hex(data), 100_000, JPEG, AT)
    assert folder.read(piece.path) == data
    folder.verify(piece)
    assert len(all_files(folder.root)) == 1


def test_the_day_is_the_utc_day(tmp_path: Path) -> None:
    local = datetime(2026, 11, 25, 6, tzinfo=timezone(timedelta(hours=8)))
    piece = EvidenceFolder(tmp_path).write(EVENT, b"x", EvidenceKind.CLIP, "video/mp4", local)
    assert piece.path.startswith("2026/11/24/")
    assert piece.path.endswith(".mp4")
    assert piece.at == datetime(2026, 11, 24, 22, tzinfo=UTC)


def test_the_same_again_is_the_same_file_and_another_never_overwrites_it(tmp_path: Path) -> None:
    folder = EvidenceFolder(tmp_path)
    one = folder.write(EVENT, b"one", EvidenceKind.PICTURE, JPEG, AT)
    assert folder.write(EVENT, b"one", EvidenceKind.PICTURE, JPEG, AT) == one
    two = folder.write(EVENT, b"two", EvidenceKind.PICTURE, JPEG, AT)
    assert two.path != one.path
    folder.verify(one)
    folder.verify(two)


@pytest.mark.parametrize("path", ["../x.jpg", "/etc/passwd", "2026/../../x", "", ".", "a/\0b", "2026/link/x"])
def test_no_path_leads_out_of_the_folder(tmp_path: Path, path: str) -> None:
    folder = EvidenceFolder(tmp_path / "evidence")
    (tmp_path / "evidence" / "2026").mkdir(parents=True)
    (tmp_path / "evidence" / "2026" / "link").symlink_to(tmp_path)
    (tmp_path / "x").write_text("outside")
    with pytest.raises(StoreError, match="out of the evidence folder"):
        folder.read(path)


@pytest.mark.parametrize(
    ("event", "data", "media_type", "at"),
    [
        ("../x", b"x", JPEG, AT),
        ("", b"x", JPEG, AT),
        (EVENT, b"", JPEG, AT),
        (EVENT, b"x", "text/html", AT),
        (EVENT, b"x", JPEG, datetime(2026, 11, 24)),
    ],
)
def test_what_cannot_be_evidence_is_refused(
    tmp_path: Path, event: str, data: bytes, media_type: str, at: datetime
) -> None:
    with pytest.raises(ValueError, match=r".+"):
        EvidenceFolder(tmp_path).write(event, data, EvidenceKind.PICTURE, media_type, at)
    assert all_files(tmp_path) == []


def test_a_changed_or_missing_file_is_found(tmp_path: Path) -> None:
    folder = EvidenceFolder(tmp_path)
    piece = folder.write(EVENT, b"one", EvidenceKind.PICTURE, JPEG, AT)
    (tmp_path / piece.path).write_bytes(b"two")
    with pytest.raises(StoreError, match="sha256 differs"):
        folder.verify(piece)
    folder.remove(piece.path)
    with pytest.raises(StoreError, match="No such file"):
        folder.verify(piece)
    assert not (tmp_path / "2026").exists()


class Failing(FileOps):
    """Real operations, one of which fails as a disk would."""

    def __init__(self, operation: str, number: int) -> None:
        self.operation, self.number, self.left = operation, number, 1

    def _maybe(self, operation: str) -> None:
        if operation == self.operation and self.left:
            self.left -= 1
            raise OSError(self.number, os.strerror(self.number))

    def create(self, path: Path) -> int:
        self._maybe("create")
        return super().create(path)

    def write(self, handle: int, data: bytes) -> None:
        super().write(handle, data[: len(data) // 2])
        self._maybe("write")
        super().write(handle, data[len(data) // 2 :])

    def sync(self, handle: int) -> None:
        self._maybe("sync")
        super().sync(handle)

    def rename(self, old: Path, new: Path) -> None:
        self._maybe("rename")
        super().rename(old, new)


@pytest.mark.parametrize("operation", ["create", "write", "sync", "rename"])
@pytest.mark.parametrize(
    ("number", "kind"), [(errno.ENOSPC, StoreUnavailable), (errno.EIO, StoreUnavailable), (errno.EROFS, StoreError)]
)
def test_a_failing_disk_is_said_leaves_nothing_and_the_folder_goes_on(
    tmp_path: Path, operation: str, number: int, kind: type[StoreError]
) -> None:
    folder = EvidenceFolder(tmp_path, Failing(operation, number))
    with pytest.raises(kind) as error:
        folder.write(EVENT, b"half and half", EvidenceKind.PICTURE, JPEG, AT)
    assert error.value.remedy
    assert all_files(tmp_path) == []
    folder.verify(folder.write(EVENT, b"half and half", EvidenceKind.PICTURE, JPEG, AT))


def test_leftovers_of_unfinished_writes_are_swept_and_nothing_else(tmp_path: Path) -> None:
    folder = EvidenceFolder(tmp_path)
    assert folder.sweep_temporary() == 0
    piece = folder.write(EVENT, b"whole", EvidenceKind.PICTURE, JPEG, AT)
    (tmp_path / TEMPORARY / "abc.part").write_bytes(b"ha")
    assert folder.sweep_temporary() == 1
    assert all_files(tmp_path) == [tmp_path / piece.path]


def test_a_folder_that_retention_took_away_is_made_again(tmp_path: Path) -> None:
    folder = EvidenceFolder(tmp_path)
    piece = folder.write(EVENT, b"one", EvidenceKind.PICTURE, JPEG, AT)
    EvidenceFolder(tmp_path).remove(piece.path)
    assert not (tmp_path / "2026").exists()
    folder.verify(folder.write(EVENT, b"two", EvidenceKind.PICTURE, JPEG, AT))
