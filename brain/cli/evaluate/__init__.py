"""``brain evaluate``: figures of recorded video and of pictures; each command in a file of its own."""

from __future__ import annotations

import typer

from brain.cli.evaluate import compare, events, gate, images, report, sweep, tracks, truth

app = typer.Typer(no_args_is_help=True, help="Know in numbers whether a scenario may go live. 评测。")

app.command("events")(events.command)
app.command("images")(images.command)
app.command("tracks")(tracks.command)
app.add_typer(truth.app, name="truth")
app.command("report")(report.command)
app.command("sweep")(sweep.command)
app.command("compare")(compare.command)
app.command("gate")(gate.command)
