"""The folder of kept clips: bounded in bytes, the longest unused goes first, one in use never."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from pathlib import Path

LIMIT_BYTES = 2 << 30
"""Of the user's own cache."""
ABANDONED_S = 3600.0
"""A file that is being written grows all the time: one that has not for so long is of a process that is gone."""


def hold(path: Path) -> bool:
    """Marks a clip as used now, and as in use until this process ends; whether it is there.

    The mark is a shared lock that the system takes back at the end of the process, however it ends. So the handle is
    left open on purpose; processes started from here do not inherit it.
    """
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    with contextlib.suppress(OSError):  # a disk without locks
        fcntl.flock(handle, fcntl.LOCK_SH)
    with contextlib.suppress(OSError):  # another user's
        os.utime(path)
    if _is_still(path, handle):
        return True
    os.close(handle)
    return False


def shrink(folder: Path, limit_bytes: int) -> int:
    """Removes what was broken off, then clips that nobody uses, the longest unused first, until the rest fits.

    Returns:
        How many files were removed. What cannot be removed stays.
    """
    files = _by_age(folder)
    total, removed = sum(size for _, size, _ in files), 0
    now_s = time.time()
    for used_s, size, path in files:
        broken_off = _is_part(path) and now_s - used_s > ABANDONED_S
        if not broken_off and (total <= limit_bytes or _is_part(path)):
            continue
        if _remove(path):
            total -= size
            removed += 1
    return removed


def _by_age(folder: Path) -> list[tuple[float, int, Path]]:
    """Moment of the last use, bytes and path of each clip, the longest unused first."""
    found = []
    for path in folder.iterdir():
        with contextlib.suppress(OSError):  # removed by another process meanwhile
            state = path.stat()
            if path.is_file() and ".mp4" in path.suffixes:
                found.append((state.st_mtime, state.st_size, path))
    return sorted(found)


def _is_part(path: Path) -> bool:
    """Whether a file is one that is being drawn: ``NAME.PID.mp4`` or ``NAME.PID.mp4.part``."""
    return path.suffixes != [".mp4"]


def _remove(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
    except OSError:
        return False  # in use, or another user's
    finally:
        os.close(handle)
    return True


def _is_still(path: Path, handle: int) -> bool:
    """Whether a path still leads to the file that was opened: it may have been removed before it was locked."""
    try:
        now = path.stat()
    except OSError:
        return False
    opened = os.fstat(handle)
    return (now.st_dev, now.st_ino) == (opened.st_dev, opened.st_ino)
