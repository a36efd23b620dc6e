"""``brain cases``: what is open, and everything about one case. Reads only, also while ``brain run`` is at work."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from brain.config.settings import load_settings
from brain.core.clock import iso
from brain.core.errors import UsageError
from brain.store import queries
from brain.store.database import Database, location
from brain.store.evidence import EVIDENCE_FOLDER

app = typer.Typer(help="Cases (案卷): list them, show one with its proof.", no_args_is_help=True)

ConfigOption = Annotated[Path | None, typer.Option("--config", help="settings file of `brain run`")]
StateOption = Annotated[Path | None, typer.Option("--state-dir", help="state folder of `brain run`")]
JsonOption = Annotated[bool, typer.Option("--json", help="one JSON document")]


@app.command("list")
def list_(
    config: ConfigOption = None,
    state_dir: StateOption = None,
    state: Annotated[str | None, typer.Option(help="only cases in this state: reported, closed")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="newest first, so many at most")] = 100,
    as_json: JsonOption = False,
) -> None:
    """Lists cases, newest first."""
    database, _, zone = _open(config, state_dir)
    with database, database.read() as connection:
        found = queries.list_cases(connection, state=state, limit=limit)
    if as_json:
        _print_json([_plain(case) for case in found])
        return
    table = Table("number", "state", "severity", "opened", "due", "camera", "zone", "class", box=None, pad_edge=False)
    for case in found:
        what = f"{case.class_code} {case.class_name}"
        times = (_local(case.opened, zone), _local(case.due, zone))
        table.add_row(case.number, case.state, case.severity, *times, case.camera, case.zone, what)
    # The terminal wraps what is too wide; numbers cut short would be of no use.
    Console(width=400).print(table if found else "no cases")


@app.command()
def show(
    number: Annotated[str, typer.Argument(help="number or id of a case")],
    config: ConfigOption = None,
    state_dir: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Shows one case: its events, its steps and where its evidence lies."""
    database, folder, zone = _open(config, state_dir)
    with database, database.read() as connection:
        detail = queries.find_case(connection, number)
    if detail is None:
        raise UsageError(f"no case {number!r}", remedy="`brain cases list` shows the numbers")
    if as_json:
        _print_json(_detail_plain(detail, folder))
        return
    for line in _lines(detail, folder, zone):
        typer.echo(line)


def _open(config: Path | None, state_dir: Path | None) -> tuple[Database, Path, ZoneInfo]:
    """The database for reading, the evidence folder and the zone that times are shown in (UTC without settings)."""
    if (config is None) == (state_dir is None):
        raise UsageError("say where the cases are", remedy="give either --config FILE or --state-dir DIR")
    if state_dir is not None:
        return Database.open(state_dir, writer=False), state_dir.absolute() / EVIDENCE_FOLDER, ZoneInfo("UTC")
    assert config is not None
    settings, base = load_settings(config), config.absolute().parent
    folder = base / settings.state.expanduser() / EVIDENCE_FOLDER
    return Database.open(location(settings, base), writer=False), folder, ZoneInfo(settings.city.timezone)


def _lines(detail: queries.CaseDetail, folder: Path, zone: ZoneInfo) -> list[str]:
    case = detail.case
    lines = [
        f"case {case.number}  {case.state}  {case.severity}  revision {case.revision}",
        f"  class       {case.class_code} {case.class_name} ({case.standard})",
        f"  where       camera {case.camera}, view {case.view}, zone {case.zone}  {case.grid} {case.address}".rstrip(),
        f"  department  {case.department}",
        f"  opened      {_local(case.opened, zone)}, due {_local(case.due, zone)}"
        + (f", closed {_local(case.closed, zone)}" if case.closed else ""),
        f"  id          {case.id}",
        "events",
    ]
    for event in detail.events:
        ended = f"ended {_local(event.ended, zone)}" if event.ended else "going on"
        lines.append(f"  {event.id}  {event.severity}  raised {_local(event.raised, zone)}, {ended}")
        lines.append(f"    measure {event.measure:g}, score {event.score:.2f}, boxes {len(event.boxes)}")
    lines.append("steps")
    for step in detail.transitions:
        lines.append(f"  {step.revision:>3}  {_local(step.at, zone)}  {step.state}  by {step.by}: {step.reason}")
    lines.append("evidence")
    for row in detail.evidence:
        gone = f"  (removed {_local(row.removed, zone)})" if row.removed else ""
        lines.append(f"  {row.evidence.kind:<14}  {folder / row.evidence.path}{gone}")
    return lines


def _detail_plain(detail: queries.CaseDetail, folder: Path) -> dict[str, Any]:
    proof = [
        {
            **_plain(row.evidence),
            "path": str(folder / row.evidence.path),
            "event_id": row.event_id,
            "revision": row.revision,
            "removed": None if row.removed is None else iso(row.removed),
        }
        for row in detail.evidence
    ]
    events = [{**_plain(event), "boxes": queries.boxes_to_json(event.boxes)} for event in detail.events]
    steps = [_plain(step) for step in detail.transitions]
    return {**_plain(detail.case), "events": events, "transitions": steps, "evidence": proof}


def _plain(row: Any) -> dict[str, Any]:
    """A row's fields, times as ISO text."""
    values = ((item.name, getattr(row, item.name)) for item in fields(row) if item.name != "open_key")
    return {name: iso(value) if isinstance(value, datetime) else value for name, value in values}


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
