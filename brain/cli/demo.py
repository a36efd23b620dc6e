"""``brain demo``: from nothing to a first case on drawn video."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from brain.cli.sim_options import progress_bar
from brain.core.errors import UsageError
from brain.demo.show import Summary, proof_picture, run_demo
from brain.demo.show import as_json as summary_json

LONGEST_S = 3600.0


def command(
    seconds: Annotated[
        float | None, typer.Option(help="how long the cameras play at least; left out = until the story is told")
    ] = None,
    folder: Annotated[Path, typer.Option("--dir", help="made anew each time")] = Path("brain-demo"),
    as_json: Annotated[bool, typer.Option("--json", help="end with one JSON line")] = False,
) -> None:
    """Draws street cameras, watches them, and delivers what it finds to a desk of its own.

    With weights at hand (`brain models list`) two cameras more: illegal parking and a crowd.
    """
    if seconds is not None and not 0 < seconds <= LONGEST_S:
        raise UsageError(f"--seconds {seconds:g} is not between 0 and {LONGEST_S:g}", remedy="leave it out, or e.g. 60")
    began = time.monotonic()

    def say(line: str) -> None:
        print(f"[{time.monotonic() - began:5.1f} s] {line}", file=sys.stderr if as_json else sys.stdout, flush=True)

    bar = progress_bar()

    def drawn(far: float, total: int) -> None:
        """Shows the bar only while clips are drawn: lines of text come before and after it."""
        if not bar.tasks:
            bar.add_task("pictures", total=total)
            bar.start()
        bar.update(bar.tasks[0].id, completed=round(far))
        if far >= total:
            bar.stop()

    try:
        summary = run_demo(folder.absolute(), seconds, say, drawn)
    finally:
        bar.stop()
    picture = proof_picture(folder.absolute())
    if picture is not None:
        say(f"proof: {picture}")
    if as_json:
        print(summary_json(summary))
        return
    print(
        f"\n{summary.cameras} cameras, {summary.workers} workers, {_samples(summary)}; "
        f"{summary.events} events, {summary.cases_opened} cases opened, {summary.cases_closed} closed; "
        f"{summary.delivered} messages delivered, {summary.desk_received} received, {summary.desk_duplicates} twice.\n"
        f"Settings, logs, pictures and clips are in {folder}/. Next: point it at your own camera, see README.md."
    )


def _samples(summary: Summary) -> str:
    """How many pictures were looked at, and why not all that were due."""
    rest = summary.samples_due - summary.samples - sum(summary.skipped.values())
    why = [f"{count} left out: {reason}" for reason, count in sorted(summary.skipped.items())]
    why += [f"{rest} still under way at the end"] if rest > 0 else []
    return f"{summary.samples} of {summary.samples_due} samples" + (f" ({', '.join(why)})" if why else "")
