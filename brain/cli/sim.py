"""``brain sim``: drawn street video with exact truth."""

from __future__ import annotations

import typer

from brain.cli import sim_dataset, sim_list, sim_render, sim_serve, sim_sheet

app = typer.Typer(
    help="Drawn street video whose truth is known to the pixel. 仿真视频。", no_args_is_help=True, rich_markup_mode=None
)
for name, part in (
    ("list", sim_list),
    ("render", sim_render),
    ("sheet", sim_sheet),
    ("dataset", sim_dataset),
    ("serve", sim_serve),
):
    app.command(name)(part.command)
