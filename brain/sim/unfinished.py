"""What is being written: hidden and locked, so that what a killed process left is known by its free lock."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

HIDDEN = ".drawing-"
"""Begin of the names of files and folders that are being drawn."""
_NAME_KEPT = 40


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A hidden file or folder of this process.

    The lock is one of the system, taken back at the end of the process, however it ends. On a disk without locks nobody
    can be told from the dead: there nothing is taken away.
    """

    path: Path
    _handle: int

    @classmethod
    def begin(cls, folder: Path, name: str, *, is_folder: bool = False) -> Self:
        """A new empty one in a folder, for something of that name.

        Raises:
            OSError: it cannot be made.
        """
        while True:
            path = folder.absolute() / f"{HIDDEN}{name[:_NAME_KEPT]}-{secrets.token_hex(4)}"
            path.mkdir() if is_folder else path.touch(exist_ok=False)
            handle = os.open(path, os.O_RDONLY)
            with contextlib.suppress(OSError):  # a disk without locks
                fcntl.flock(handle, fcntl.LOCK_EX)
            if is_still(path, handle):
                return cls(path, handle)
            os.close(handle)  # another process took it for a left one before it was locked

    def close(self) -> None:
        """Takes away what has not been moved to its place."""
        with contextlib.suppress(OSError):
            _delete(self.path)
        os.close(self._handle)


@contextmanager
def unfinished_file(path: Path) -> Iterator[Path]:
    """A file to write that takes the place of ``path`` when all is well, and is gone when it is broken off.

    What killed processes left of a file of that name goes first.

    Raises:
        OSError: it cannot be made or moved.
    """
    with contextlib.suppress(OSError):
        clear_left(path.absolute().parent, path.name)
    part = Unfinished.begin(path.absolute().parent, path.name)
    try:
        yield part.path
        part.path.replace(path)
    finally:
        part.close()


class UnfinishedFolder:
    """A folder whose files appear in it when all are there; until then they lie in a hidden folder of it.

    Raises:
        OSError: it cannot be made.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = [place for place in (folder, *folder.parents) if not place.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        self._part = Unfinished.begin(folder, "files", is_folder=True)

    @property
    def path(self) -> Path:
        """Where to write until it is done."""
        return self._part.path

    def done(self) -> None:
        """Moves all to its place.

        Raises:
            OSError: something of that name is there meanwhile.
        """
        for path in sorted(self.path.iterdir()):
            path.rename(self._folder / path.name)
        self._made.clear()

    def close(self) -> None:
        """Takes away what is not in its place, and the folder where it was made for nothing."""
        self._part.close()
        with contextlib.suppress(OSError):
            for place in self._made:
                place.rmdir()


def is_hidden(path: Path) -> bool:
    """Whether a name is that of something that is being drawn."""
    return path.name.startswith(HIDDEN)


def clear_left(folder: Path, name: str = "") -> bool:
    """Takes away what killed processes left in a folder; whether a living one draws there.

    Args:
        name: only what was to become a file of this name.

    Raises:
        OSError: the folder cannot be read.
    """
    begin = f"{HIDDEN}{name[:_NAME_KEPT]}-" if name else HIDDEN
    gone = [remove_free(path) for path in folder.iterdir() if path.name.startswith(begin)]
    return not all(gone)


def remove_free(path: Path) -> bool:
    """Takes away a file or folder that no process holds; whether it could be."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _delete(path)
    except OSError:
        return False  # in use, or another user's
    finally:
        os.close(handle)
    return True


def is_still(path: Path, handle: int) -> bool:
    """Whether a path still leads to the file that was opened: it may have been removed before it was locked."""
    try:
        now = path.stat()
    except OSError:
        return False
    opened = os.fstat(handle)
    return (now.st_dev, now.st_ino) == (opened.st_dev, opened.st_ino)


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
