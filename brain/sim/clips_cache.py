"""The folder of kept clips: bounded in bytes, the longest unused goes first, one in use never."""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

from brain.sim.unfinished import is_hidden, is_still, remove_free

LIMIT_BYTES = 2 << 30
"""Of the user's own cache."""


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
    if is_still(path, handle):
        return True
    os.close(handle)
    return False


def clear_broken_off(folder: Path) -> int:
    """Removes what was being drawn by processes that are gone; how many files that were."""
    with contextlib.suppress(OSError):
        return sum(remove_free(path) for path in folder.iterdir() if _is_part(path) and path.is_file())
    return 0


def shrink(folder: Path, limit_bytes: int) -> int:
    """Removes clips that nobody uses, the longest unused first, until the rest fits.

    Returns:
        How many files were removed. What cannot be removed stays.
    """
    files = _by_age(folder)
    total, removed = sum(size for _, size, _ in files), 0
    for _, size, path in files:
        if total > limit_bytes and not _is_part(path) and remove_free(path):
            total -= size
            removed += 1
    return removed


def _by_age(folder: Path) -> list[tuple[float, int, Path]]:
    """Moment of the last use, bytes and path of each clip, the longest unused first."""
    found = []
    for path in folder.iterdir():
        with contextlib.suppress(OSError):  # removed by another process meanwhile
            state = path.stat()
            if path.is_file() and (path.suffix == ".mp4" or _is_part(path)):
                found.append((state.st_mtime, state.st_size, path))
    return sorted(found)


def _is_part(path: Path) -> bool:
    """Whether a file is one that is being drawn; ``NAME.PID.mp4`` and ``NAME.PID.mp4.part`` are of earlier versions."""
    return is_hidden(path) or (".mp4" in path.suffixes and path.suffixes != [".mp4"])
