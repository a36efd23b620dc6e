"""``brain replay FILE…``: which events recorded video would have raised."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from brain.cli.clip_options import (
    NOON,
    ClipPlan,
    ProfileOption,
    RuntimeOption,
    ScenarioOption,
    SetOption,
    StartOption,
    WeightsOption,
    ZoneOption,
    safe_name,
    start_time,
)
from brain.core.errors import BrainError
from brain.replay.clip import ReplayedClip, replay_clip


def command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="recorded video")],
    scenario: ScenarioOption,
    zone: ZoneOption = None,
    set_: SetOption = None,
    profile: ProfileOption = "normal",
    weights: WeightsOption = None,
    start: StartOption = NOON,
    runtime: RuntimeOption = "onnxruntime",
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
) -> None:
    """Replays recorded video in media time, as fast as it goes; the same clip always gives the same events."""
    plan = ClipPlan(scenario, zone or [], set_ or [], profile, weights, runtime)
    moment = start_time(start)
    results: list[dict[str, Any]] = []
    failed = 0
    with _progress() as bar:
        for path in files:
            row = bar.add_task(path.name, total=None)
            try:
                clip = replay_clip(
                    path,
                    plan.tasks(safe_name(path)),
                    plan.parts,
                    start=moment,
                    progress=lambda done, total, row=row: _show(bar, row, done, total),  # type: ignore[misc]
                )
            except BrainError as error:
                failed += 1
                results.append({"clip": str(path), "error": error.line})
                print(f"brain: {error}", file=sys.stderr)
                continue
            finally:
                bar.remove_task(row)
            plain = asdict(clip)
            if plain.pop("cut_off_s"):
                failed += 1
                plain["error"] = f"cut off: {clip.cut_off_s:g} s of its length cannot be read"
                print(f"brain: {path}: {plain['error']}\n  remedy: copy or record it again", file=sys.stderr)
            results.append(plain)
            if not as_json:
                _print(clip)
    if as_json:
        print(json.dumps({"clips": results}, ensure_ascii=False))
    if failed:
        raise typer.Exit(1)


def _progress() -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f} s"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())


def _show(bar: Progress, row: TaskID, done: float, total: float) -> None:
    bar.update(row, completed=done, total=total or None)


def _print(clip: ReplayedClip) -> None:
    print(f"{clip.clip}: {clip.seconds:.1f} s, {clip.samples} of {clip.samples_due} samples, {len(clip.events)} events")
    if not clip.events:
        return
    table = Table("scenario", "zone", "began", "raised", "ended", "severity", "measure", "score", box=None)
    for event in clip.events:
        ended = "–" if event.ended_s is None else f"{event.ended_s:.1f} s"
        began, raised = f"{event.began_s:.1f} s", f"{event.raised_s:.1f} s"
        figures = (f"{event.measure:g}", f"{event.score:.2f}")
        table.add_row(event.scenario, event.zone, began, raised, ended, event.severity, *figures)
    Console().print(table)
