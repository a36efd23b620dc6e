"""The folder of the demo: made anew, and held by one demo at a time."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from brain.core.errors import StoreError

MARK = ".city-brain-demo"
"""Tells a folder of ours; it is locked while a demo runs, and the system takes the lock back however that ends."""
ANOTHER = "name another with --dir"


@contextmanager
def demo_folder(folder: Path) -> Iterator[None]:
    """Makes a folder, or empties it of an earlier demo, and holds it.

    Raises:
        StoreError: a demo runs in it, it holds something else, or it cannot be made.
    """
    try:
        if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
            raise StoreError("is not empty and no demo folder", where=str(folder), remedy=ANOTHER)
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / MARK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise _unmakeable(folder, error) from None
    try:
        _lock(handle, folder)
        try:
            _empty(folder)
        except OSError as error:
            raise _unmakeable(folder, error) from None
        yield
    finally:
        os.close(handle)


def _lock(handle: int, folder: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        remedy = "wait until it has ended, or take another folder with --dir"
        raise StoreError("a demo already runs in this folder", where=str(folder), remedy=remedy) from None
    except OSError:
        pass  # a file system without locks: then nobody can be kept out


def _empty(folder: Path) -> None:
    """Takes away all but the mark, which is locked."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != MARK:
            path.unlink()


def _unmakeable(folder: Path, error: OSError) -> StoreError:
    return StoreError(f"cannot be made: {error.strerror}", where=str(folder), remedy=ANOTHER)
