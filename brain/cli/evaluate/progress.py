"""The bar on stderr that long commands show, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class CountBar:
    """One row: how many of how many are done."""

    def __init__(self, bar: Progress, what: str) -> None:
        self._bar = bar
        self._what = what
        self._row = bar.add_task(escape(what), total=None)

    def tell(self, done: int, total: int) -> None:
        """So many are done of so many."""
        self._bar.update(self._row, completed=done, total=total)

    def begin(self, total: int) -> None:
        """Begins anew, with so many."""
        self._bar.reset(self._row, total=total, description=escape(self._what))

    def next(self, name: str) -> None:
        """One more is done; the next one is called so."""
        self._bar.update(self._row, advance=1, description=escape(f"{self._what}: {name}"))


@contextmanager
def counting(what: str) -> Iterator[CountBar]:
    """Shows a bar while the context lasts.

    Args:
        what: is counted, e.g. ``pictures``.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as bar:
        yield CountBar(bar, what)
