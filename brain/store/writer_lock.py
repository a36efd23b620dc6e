"""One writer: a lock file that the kernel gives back when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Self

from brain.core.errors import StoreError
from brain.store.errors import translate_os


class WriterLock:
    """The exclusive right to write to a state folder.

    It is a ``flock``: bound to the open file, so it also keeps two writers of one process apart, and released by the
    kernel at SIGKILL. A child made by a bare ``fork`` would inherit it; child processes are started by ``spawn`` or
    ``exec``, which close it.
    """

    def __init__(self, handle: int) -> None:
        self._handle = handle

    @classmethod
    def take(cls, path: Path) -> Self:
        """Takes the lock at once.

        Raises:
            StoreError: another process holds it (its pid is named), or the file cannot be made.
        """
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        except OSError as error:
            raise translate_os(error, str(path)) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(handle, 20, 0).decode("ascii", "replace").strip()
            os.close(handle)
            raise StoreError(
                f"process {holder} already writes here" if holder else "another process already writes here",
                where=str(path.parent),
                remedy="stop it first, or name another state folder (setting `state`)",
            ) from None
        try:
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        except OSError:
            pass  # the number only helps people; the lock holds without it, on a full disk too
        return cls(handle)

    def release(self) -> None:
        """Gives the lock back; the file stays, so that nobody locks a name that is about to go away."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
