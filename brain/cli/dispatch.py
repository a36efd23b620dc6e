"""``brain dispatch``: what waits for the desks, and trying again by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from brain.config.settings import load_settings
from brain.core.clock import utc_now
from brain.core.errors import UsageError
from brain.dispatch import outbox
from brain.dispatch.control import SOCKET_NAME, ServiceAwayError, ask
from brain.dispatch.summary import DeskStatus, status
from brain.store.database import Database, location

app = typer.Typer(name="dispatch", no_args_is_help=True, help="Delivery to the desks: status, retry.")

ConfigOption = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="settings file of `brain run`")]
StateOption = Annotated[Path | None, typer.Option("--state-dir", metavar="DIR", help="its state folder")]
JsonOption = Annotated[bool, typer.Option("--json", help="one JSON value instead of a table")]


@app.command("status")
def show_status(config: ConfigOption = None, state_dir: StateOption = None, as_json: JsonOption = False) -> None:
    """Show for each desk what waits, since when and why, what was sent, and dead letters with their reasons."""
    where, _ = _places(config, state_dir)
    with Database.open(where, writer=False) as db, db.read() as connection:
        desks = status(connection, now=utc_now())
    if as_json:
        typer.echo(json.dumps([asdict(desk) for desk in desks], ensure_ascii=False))
        return
    _print(desks)


@app.command()
def retry(
    desk: Annotated[str | None, typer.Option(metavar="ID", help="only messages for this desk")] = None,
    ids: Annotated[list[str] | None, typer.Option("--id", metavar="ID", help="this message; repeatable")] = None,
    dead: Annotated[bool, typer.Option("--dead", help="dead letters instead of waiting messages")] = False,
    config: ConfigOption = None,
    state_dir: StateOption = None,
) -> None:
    """Send again now: all waiting messages, those of a desk, dead letters, or single ones; a paused desk is tried."""
    where, socket = _places(config, state_dir)
    order = {"do": "retry", "desk": desk, "ids": ids or [], "dead": dead}
    try:
        rows = int(ask(socket, order).get("retried", 0))
    except ServiceAwayError:
        Database.open(where, writer=False).close()  # a mistyped folder is an error, not a new database
        with Database.open(where, writer=True) as db, db.write() as connection:
            rows = outbox.retry(connection, now=utc_now(), desk=desk, ids=ids or [], dead=dead)
        typer.echo(f"{rows} messages are due; the service is not running and will send them when it starts")
        return
    typer.echo(f"{rows} messages are being sent again")
    if not rows:
        typer.echo("nothing waits under that name; dead letters need --dead, and `brain dispatch status` tells all")


def _places(config: Path | None, state_dir: Path | None) -> tuple[Path | str, Path]:
    """Where the database is, and the control socket."""
    if (config is None) == (state_dir is None):
        raise UsageError("one of --config and --state-dir is needed", remedy="add --config FILE.yaml")
    if config is None:
        state = (state_dir or Path()).expanduser()
        return state, state / SOCKET_NAME
    settings = load_settings(config)
    return location(settings, config.parent), config.parent / settings.state.expanduser() / SOCKET_NAME


def _print(desks: Sequence[DeskStatus]) -> None:
    console = Console()
    if not desks:
        console.print("The outbox has had no message yet.")
        return
    table = Table("Desk", "Waiting", "Oldest", "Overdue", "Sent", "Dead", "Last reason")
    for desk in desks:
        reasons = ", ".join(f"{cause}: {rows}" for cause, rows in sorted(desk.dead_reasons.items()))
        dead = f"{desk.dead} ({reasons})" if desk.dead else "0"
        age, overdue = (_duration(s) if desk.waiting else "–" for s in (desk.oldest_s, desk.overdue_s))
        # Reasons quote what desks answered: nothing in them may pass for our own mark-up.
        table.add_row(desk.desk, str(desk.waiting), age, overdue, str(desk.sent), dead, escape(desk.last_reason))
    console.print(table)
    for desk in desks:
        for message_id, reason in desk.newest_dead:
            console.print(f"dead letter {message_id} for {desk.desk}: {reason}", markup=False)


def _duration(seconds: float) -> str:
    for length, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.0f} s"
