"""Starts the product's own commands as child processes and waits for the line that says where they listen."""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from brain.core.errors import BrainError
from brain.runtime.parent import END_WITH_PARENT

READY_S = 60.0
STOP_S = 12.0
ADDRESS = re.compile(r"http://[0-9a-z.:\[\]]+")


class ChildCommand:
    """A ``brain …`` command in its own process; its output goes to a log file, its address is read from it.

    Args:
        name: for messages and the log file.
        arguments: of ``brain``.
        folder: where it runs and where its log is written.
    """

    def __init__(self, name: str, arguments: Sequence[str], folder: Path) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._lines: queue.Queue[str | None] = queue.Queue()
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "brain.cli.main", *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env=os.environ | {END_WITH_PARENT: str(os.getpid())},
        )
        assert self.process.stdout is not None
        threading.Thread(target=self._copy, args=(self.process.stdout,), daemon=True).start()

    def address(self) -> str:
        """The address in its first line that has one.

        Raises:
            BrainError: it ended, or said nothing within a minute; with the end of its log.
        """
        while True:
            try:
                line = self._lines.get(timeout=READY_S)
            except queue.Empty:
                line = None
            if line is None:
                raise BrainError(f"{self.name} did not start", where=str(self.log), remedy=self._tail())
            if found := ADDRESS.search(line):
                return found[0]

    def stop(self) -> int:
        """Asks it to end in good order and waits; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def _copy(self, source: IO[str]) -> None:
        with self.log.open("w", encoding="utf-8") as log:
            for line in source:
                log.write(line)
                log.flush()
                self._lines.put(line)
        self._lines.put(None)

    def _tail(self) -> str:
        try:
            last = self.log.read_text("utf-8").splitlines()[-5:]
        except OSError:
            last = []
        return "its last words: " + " | ".join(last) if last else "it said nothing; look whether the folder is there"
