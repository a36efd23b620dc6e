"""``brain sim sheet``: every scene by day, by night and in rain, on a few pages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from brain.cli.sim_options import drawing_bar, read_names
from brain.runtime.pool import cores


def command(
    output: Annotated[Path, typer.Option("--output", "-o", help="folder for the pages, one JPEG a field of work")],
    scenes: Annotated[str, typer.Option(metavar="A,B|all", help="see `brain sim list`")] = "all",
    seed: Annotated[int, typer.Option(help="another seed is another street")] = 1,
    width: Annotated[int, typer.Option(help="pixels of one picture, 160 … 640")] = 208,
    limit_mb: Annotated[float, typer.Option(help="all pages together; the JPEG quality is chosen to fit")] = 1.6,
    workers: Annotated[int | None, typer.Option(min=1, max=256, help="processes; default: one a core")] = None,
) -> None:
    """Draws every scene by day, by night and in rain onto contact sheets. 场景总览图。"""
    from brain.sim.sheet import SheetWish, write_sheets

    wish = SheetWish(read_names(scenes, "--scenes"), seed, width, limit_mb)
    with drawing_bar("scenes") as tell:
        paths = write_sheets(wish, output, workers or cores(), tell)
    for path in paths:
        print(path)
