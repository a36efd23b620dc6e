"""``brain evaluate report RUN``: one page that shows what a run found, missed and falsely raised."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from brain.cli.evaluate.extra import need
from brain.cli.evaluate.progress import counting
from brain.core.clock import utc_now


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="run folder of `brain replay --record`")],
    truth: Annotated[Path, typer.Option(metavar="FILE", help="truth file 真值")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="folder for index.html")],
    items: Annotated[int, typer.Option(min=0, help="pictures for each scenario and verdict, at most")] = 100,
    clips: Annotated[bool, typer.Option("--clips/--no-clips", help="short clips beside the pictures")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
) -> None:
    """Writes one self-contained page: figures, timelines, a picture and clip of every verdict. 评测报告。"""
    need("jinja2", "scipy")
    from brain.evaluation import ledger
    from brain.evaluation.measures import figures
    from brain.evaluation.opening import open_judged
    from brain.evaluation.report.build import Material, build_page, shots_of
    from brain.evaluation.report.formats import size
    from brain.evaluation.report.page import write_page
    from brain.evaluation.sets import frozen_path

    opened, truth_set, judgement = open_judged(run, truth, "brain evaluate report", utc_now())
    material = Material(
        run=opened,
        truth=truth_set,
        judgement=judgement,
        figures=figures(judgement, opened, str(truth), seed=0),
        uses=ledger.uses(truth_set),
        is_frozen=frozen_path(truth_set.path).exists(),
        items=items,
        with_clips=clips,
    )
    with counting("pictures") as bar:
        shots = shots_of(material, bar.tell)
        path = write_page(out, build_page(material, shots))
    written, pictured = path.stat().st_size, sum(shot.jpeg is not None for shot in shots)
    if as_json:
        counts = {"items": len(judgement.items), "shown": len(shots), "pictured": pictured}
        print(json.dumps({"page": str(path), "bytes": written, **counts}))
    else:
        print(f"{path}: {pictured} of {len(judgement.items)} verdicts with picture, {size(written)}")
    if pictured < len(shots):
        lost = len(shots) - pictured
        print(f"note: {lost} verdicts have no picture: the page says why", file=sys.stderr)
    for error in material.figures.errors:
        print(f"brain: {error}", file=sys.stderr)
    if material.figures.errors or truth_set.mistakes:
        raise typer.Exit(1)
