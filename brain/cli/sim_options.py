"""What the commands of ``brain sim`` have in common: sizes, lists of names, the progress bar."""

from __future__ import annotations

import re
import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from brain.core.errors import UsageError

SIZE = re.compile(r"(\d+)[x×](\d+)")


def read_size(text: str) -> tuple[int, int]:
    """Width and height of ``640x360``."""
    match = SIZE.fullmatch(text.strip().lower())
    if match is None:
        raise UsageError(f"size is {text!r}", where="--size", remedy="write WIDTHxHEIGHT, e.g. 640x360")
    return int(match[1]), int(match[2])


def read_names(text: str) -> tuple[str, ...]:
    """Names of a list with commas; ``all`` is the empty list."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    return () if names in ((), ("all",)) else names


def progress_bar() -> Progress:
    """A bar on stderr where that is a terminal, else nothing."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
