"""Files that are either the old or the new one, never half, and what names their content."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import stat
from pathlib import Path

TEMPORARY = ".tmp-"
"""Begin of the names of files and folders that are not finished yet."""
_NAME_KEPT = 40


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file by way of one beside it that is renamed when all is on the disk.

    A link is followed; an existing file keeps its rights; a device or pipe, which cannot be replaced, is written to.

    Raises:
        OSError: it cannot be written: what was there is still there, and nothing half-written is left.
    """
    target = Path(os.path.realpath(path))
    mode = _mode(target)
    if mode is not None and not stat.S_ISREG(mode):
        target.write_bytes(data)
        return
    part = target.with_name(f"{TEMPORARY}{target.name[:_NAME_KEPT]}-{secrets.token_hex(8)}")
    try:
        with part.open("xb") as file:
            if mode is not None:
                os.fchmod(file.fileno(), stat.S_IMODE(mode))
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Brings the names in a folder to the disk.

    Raises:
        OSError: it cannot be done.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256_of(path: Path) -> str:
    """sha256 of a file as 64 hex digits, read in pieces.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None
