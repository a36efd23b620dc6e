"""The progress bar of ``brain replay``: media seconds of all clips, over all processes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from brain.config.secrets import Address
from brain.core.errors import SourceError
from brain.replay.run import RunClip
from brain.video.demux import Demuxer, OpenOptions
from brain.video.timeline import Timeline


class ClipBar:
    """A bar on stderr where that is a terminal, else nothing; use it as a context."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()
        columns = (TextColumn("{task.description}"), BarColumn(), _MediaTime(), TimeRemainingColumn())
        # What is printed goes through the bar only where both are on the terminal: else it would miss its file.
        self._bar = Progress(
            *columns,
            console=Console(stderr=True),
            transient=True,
            disable=not self._shown,
            redirect_stdout=sys.stdout.isatty(),
        )
        self._row = self._bar.add_task("", total=None)
        self._lengths: list[float] = []
        self._done: list[float] = []
        self._ended = 0

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def digesting(self, digest: Callable[[Path], str]) -> Callable[[Path], str]:
        """The same function, which shows what it reads."""

        def shown(path: Path) -> str:
            self._bar.update(self._row, description=f"sha256 {path.name}")
            return digest(path)

        return shown

    def replaying(self, clips: Sequence[RunClip], *, probe: bool) -> None:
        """Begins to count.

        Args:
            probe: ask the files for their length; else each counts as one second.
        """
        self._done = [0.0] * len(clips)
        self._lengths = [_length(Path(clip.path)) if probe and self._shown else 1.0 for clip in clips]
        self._bar.reset(self._row, total=sum(self._lengths) or None)
        self._show()

    def tell(self, number: int, done_s: float) -> None:
        """So many media seconds of a clip are done."""
        self._done[number] = min(done_s, self._lengths[number])
        self._show()

    def done(self, number: int) -> None:
        """A clip is done."""
        self._ended += 1
        self._done[number] = self._lengths[number]
        self._show()

    def _show(self) -> None:
        if self._shown:
            told = f"{self._ended} of {len(self._done)} clips"
            self._bar.update(self._row, completed=sum(self._done), description=told)


class _MediaTime(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{_clock(task.completed)} / {_clock(task.total or 0.0)}")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def _length(path: Path) -> float:
    """Seconds that a file says it lasts; a moment for one that cannot be read, which takes no longer."""
    try:
        demuxer = Demuxer(Address(str(path)), OpenOptions(), Timeline(0.0, live=False))
    except SourceError:
        return 0.1
    try:
        return demuxer.duration_s or 0.1
    finally:
        demuxer.close()
