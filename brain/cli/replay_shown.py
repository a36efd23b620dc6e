"""What ``brain replay`` prints: a table a clip for people, one JSON object for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from brain.replay.run import ClipResult, RunClip


class Shown:
    """Prints results in the order of the clips, each as soon as those before it are there."""

    def __init__(
        self, clips: Sequence[RunClip], names: Sequence[str], results: dict[str, ClipResult], as_json: bool
    ) -> None:
        self._clips = clips
        self._names = names
        self._results = results
        self._as_json = as_json
        self._next = 0
        self._plain: list[dict[str, Any]] = []
        self.failed = 0

    def show(self) -> None:
        """Prints what can be printed now."""
        while self._next < len(self._clips) and self._clips[self._next].id in self._results:
            self._show_one(self._names[self._next], self._results[self._clips[self._next].id])
            self._next += 1

    def end(self) -> None:
        """Prints the one JSON object."""
        if self._as_json:
            print(json.dumps({"clips": self._plain}, ensure_ascii=False))

    def _show_one(self, name: str, result: ClipResult) -> None:
        for note in result.notes:
            print(f"brain: {name}: {note}", file=sys.stderr)
        if result.error:
            self.failed += 1
            _complain(name, result.error)
        if self._as_json:
            self._plain.append(_plain(name, result))
        elif result.samples:
            _print(name, result)


def _complain(name: str, error: str) -> None:
    """Errors of a file name it themselves."""
    what, _, remedy = error.partition(" – ")
    place = "" if what.startswith((name, str(Path(name).absolute()))) else f"{name}: "
    remedy = remedy or ("copy or record it again" if what.startswith("cut off") else "")
    print(f"brain: {place}{what}" + (f"\n  remedy: {remedy}" if remedy else ""), file=sys.stderr)


def _plain(name: str, result: ClipResult) -> dict[str, Any]:
    if result.error and not result.samples:
        return {"clip": name, "error": result.error}
    plain = result.model_dump(mode="json")
    for key in ("error", "notes"):
        if not plain[key]:
            del plain[key]
    return {"clip": name, **plain}


def _print(name: str, result: ClipResult) -> None:
    print(
        f"{name}: {result.seconds:.1f} s, {result.samples} of {result.samples_due} samples, {len(result.events)} events"
    )
    if not result.events:
        return
    table = Table("scenario", "zone", "began", "raised", "ended", "severity", "measure", "score", box=None)
    for event in result.events:
        ended = "–" if event.ended_s is None else f"{event.ended_s:.1f} s"
        began, raised = f"{event.began_s:.1f} s", f"{event.raised_s:.1f} s"
        figures = (f"{event.measure:g}", f"{event.score:.2f}")
        table.add_row(event.scenario, event.zone, began, raised, ended, event.severity.value, *figures)
    Console().print(table)
