"""Replays real clips that have a truth (manifest.json) and prints what was raised beside what should have been.

    .venv/bin/python scripts/real_clips.py FOLDER_WITH_MANIFEST --weights FILE.onnx

Exits 1 when something that should be raised was missed, or something was raised that must not be.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from brain.cli.clip_options import NOON, start_time
from brain.core.types import Zone
from brain.replay.clip import ReplayedEvent, replay_clip
from brain.runtime.assembly import Parts
from brain.scenarios.assignment import resolve

SCENARIOS = ("illegal_parking", "crowd_gathering", "left_object")
DWELL_S = 10.0
EARLY_S, LATE_S = 2.0, 120.0


@dataclass(frozen=True)
class Line:
    """One line of the table: a scenario on a zone of a clip."""

    clip: str
    scenario: str
    zone: str
    wanted: str
    raised: str
    right: bool


def main(
    folder: Annotated[Path, typer.Argument(help="folder with manifest.json and clips")],
    weights: Annotated[str, typer.Option(help="weights for vehicles and persons: id or file")],
) -> None:
    """Prints the table."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    parts = Parts({"*": weights}, "onnxruntime")
    lines = [line for clip in manifest["clips"] for line in clip_lines(folder, clip, parts)]
    table = Table("clip", "scenario", "zone", "wanted", "raised", "", box=None)
    for line in lines:
        table.add_row(line.clip, line.scenario, line.zone, line.wanted, line.raised, "ok" if line.right else "WRONG")
    Console(width=150).print(table)
    wrong = sum(not line.right for line in lines)
    print(f"{len(lines) - wrong} of {len(lines)} as wanted")
    sys.exit(1 if wrong else 0)


def clip_lines(folder: Path, clip: dict[str, Any], parts: Parts) -> list[Line]:
    """The lines of one clip: every scenario that its truth speaks of, in one replay each."""
    zones = [Zone(item["name"], item["kind"], tuple(map(tuple, item["polygon"]))) for item in clip["zones"]]
    lines = []
    for scenario in SCENARIOS:
        events = {item["zone"]: item for item in clip["events"] if item["scenario"] == scenario}
        if not events and scenario not in clip["must_not_raise"]:
            continue
        kinds = parts.registry.get(scenario).manifest.zones.kinds
        fitting = [zone for zone in zones if zone.kind in kinds]
        tasks = resolve(parts.registry.get(scenario), "clip", fitting, profile="short", whole_when_none=True)
        result = replay_clip(folder / clip["file"], tasks, parts, start=start_time(NOON))
        for task in tasks:
            found = [event for event in result.events if event.zone == task.zone.name]
            lines.append(judged(clip, scenario, task.zone.name, events.get(task.zone.name), found))
    return lines


def judged(
    clip: dict[str, Any], scenario: str, zone: str, truth: dict[str, Any] | None, found: list[ReplayedEvent]
) -> Line:
    """Whether what was raised on a zone is what its truth allows."""
    told = ", ".join(f"{event.raised_s:.1f} s" for event in found) or "–"
    if truth is None:
        return Line(clip["file"], scenario, zone, "nothing", told, not found)
    inherited = truth["began_s"] == 0 and scenario == "illegal_parking"
    due = truth["began_s"] + DWELL_S * (2 if inherited else 1)
    end = min(truth["ended_s"] or clip["duration_s"], due + LATE_S)
    right = len(found) == 1 and due - EARLY_S <= found[0].raised_s <= end
    return Line(clip["file"], scenario, zone, f"once, {due - EARLY_S:.1f}–{end:.1f} s", told, right)


if __name__ == "__main__":
    typer.run(main)
