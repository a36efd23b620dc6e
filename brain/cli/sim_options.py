"""What the commands of ``brain sim`` have in common: sizes, lists of names, files to write, the progress bar."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from brain.core.errors import UsageError

if TYPE_CHECKING:
    from brain.sim.clips_choice import Choice

SIZE = re.compile(r"(\d+)[x×](\d+)")


def read_size(text: str) -> tuple[int, int]:
    """Width and height of ``640x360``."""
    match = SIZE.fullmatch(text.strip().lower())
    if match is None:
        raise UsageError(f"size is {text!r}", where="--size", remedy="write WIDTHxHEIGHT, e.g. 640x360")
    return int(match[1]), int(match[2])


def read_names(text: str, option: str) -> tuple[str, ...]:
    """Names of a list with commas; ``all`` is the empty list.

    Raises:
        UsageError: no name in it.
    """
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not names:
        raise UsageError(f"{option} {text!r} names nothing", remedy=f"leave it out for all, or write {option} A,B")
    return () if "all" in names else names


def read_choice(seed: int, size: str, scenes: str, light: str, weather: str) -> Choice:
    """What ``--seed``, ``--size``, ``--scenes``, ``--light`` and ``--weather`` choose from.

    Raises:
        UsageError: a value that is none.
    """
    from brain.sim.clips_choice import Choice

    width, height = read_size(size)
    lights, weathers = read_names(light, "--light"), read_names(weather, "--weather")
    return Choice(seed, read_names(scenes, "--scenes"), lights, weathers, width, height)


def check_file(path: Path, endings: Sequence[str]) -> None:
    """Refuses a file that could not be written, before the long work for it.

    Raises:
        UsageError: another ending, a folder of that name, no such folder, or no right to write there.
    """
    folder = path.absolute().parent
    if path.is_dir():
        raise UsageError("is a folder", where=str(path), remedy=f"name a file in it, e.g. {path / ('x' + endings[0])}")
    if path.suffix.lower() not in endings:
        raise UsageError(
            f"its name ends in {path.suffix or 'nothing'!r}",
            where=str(path),
            remedy=f"name a file that ends in {' or '.join(endings)}",
        )
    if not folder.is_dir():
        raise UsageError("no such folder", where=str(folder), remedy="make the folder first, or name another")
    try:
        with tempfile.TemporaryFile(dir=folder):  # rights alone do not tell: /proc, a disk that is read-only or full
            writable = not path.exists() or os.access(path, os.W_OK)
    except OSError:
        writable = False
    if not writable:
        raise UsageError("may not be written", where=str(path), remedy="name a file in a folder of yours")


@contextmanager
def drawing_bar(what: str) -> Iterator[Callable[[float, int], None]]:
    """A bar for pictures that are drawn, shown once there is one; gives what is to be told of done and all."""
    with progress_bar() as bar:

        def tell(done: float, total: int) -> None:
            if not bar.tasks:
                bar.add_task(what, total=total)
            bar.update(bar.tasks[0].id, completed=round(done), total=total)

        yield tell


def progress_bar() -> Progress:
    """A bar on stderr where that is a terminal, else nothing."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
