"""``brain models export``: the same weights for edge boxes and phones."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from brain.config import paths
from brain.core.errors import UsageError
from brain.core.types import Picture
from brain.inference.export.forms import Form
from brain.inference.export.int8 import MOST_PICTURES
from brain.inference.export.write import LEAST_KEPT, Exported, Wish, export_weights
from brain.inference.library import Library, resolve
from brain.inference.pictures import read_picture

SUFFIXES = (".jpg", ".jpeg", ".png")
DRAWN_SEED, DRAWN_CLIPS = 20_000, 15


def command(
    name: Annotated[str, typer.Argument(metavar="ID", help="as `brain models list` shows it, or FILE.onnx")],
    form: Annotated[Form, typer.Option("--for", help="the runtime that is to run them")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="new folder; written as a whole")],
    pictures: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="onnx-int8: pictures like those it is meant for; drawn ones unless told"),
    ] = None,
    least: Annotated[
        float, typer.Option(min=0.5, max=1.0, help="onnx-int8: share of the original's findings that must be kept")
    ] = LEAST_KEPT,
    force: Annotated[bool, typer.Option("--force", help="replace an export in that folder")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
) -> None:
    """Write weights in the form of another runtime, run them there, and compare. 导出到边缘盒与手机。

    The export is loaded again by the runtime that it is for and must find in the reference picture what the original
    finds; else nothing is written. A card beside it tells what is needed to run it.
    """
    take = _drawn if pictures is None else partial(_given, pictures)
    wish = Wish(form, output, take, least, force)
    weights = resolve(name, Library.at(paths.assets(), paths.home()))
    with Console(stderr=True).status(f"{name} → {form}") as status:
        done = export_weights(weights, wish, lambda step: status.update(f"{name} → {form}: {escape(step)}"))
    if as_json:
        typer.echo(json.dumps(_plain(done, form, pictures), ensure_ascii=False))
    else:
        _show(done, form)


def _given(folder: Path) -> Sequence[Picture]:
    """Pictures of a folder, at most 60 evenly taken from those sorted by name."""
    if not folder.is_dir():
        raise UsageError("is no folder", where=f"--pictures {folder}", remedy="name a folder with .jpg or .png files")
    found = sorted(entry for entry in folder.rglob("*") if entry.suffix.lower() in SUFFIXES and entry.is_file())
    count = min(len(found), MOST_PICTURES)
    return [read_picture(found[index * len(found) // count]) for index in range(count)]


def _drawn() -> Sequence[Picture]:
    """Drawn pictures: two of each of 15 different clips, scenes in turn, light and weather drawn."""
    from brain.sim.clips_choice import Choice
    from brain.sim.render import Scene

    choice = Choice(DRAWN_SEED)
    pictures = []
    for number in range(DRAWN_CLIPS):
        spec = choice.spec(number)
        scene = Scene(spec)
        pictures += [scene.look(spec.pictures * part // 3).picture for part in (1, 2)]
    return pictures


def _plain(done: Exported, form: Form, pictures: Path | None) -> dict[str, object]:
    before, after = done.milliseconds
    return {
        "id": done.card.id,
        "for": form.value,
        "folder": str(done.folder),
        "files": done.files,
        "original_bytes": done.original_bytes,
        "cpu_ms_original": round(before, 2),
        "cpu_ms_export": round(after, 2),
        "note": done.note,
        "pictures": None if form is not Form.ONNX_INT8 else "drawn" if pictures is None else str(pictures),
        "input": done.card.input.name,
        "outputs": list(done.card.output.names),
    }


def _show(done: Exported, form: Form) -> None:
    table = Table("File", "Bytes", title=f"{done.card.id} for {form}")
    for name, size in done.files.items():
        table.add_row(escape(name), f"{size:,}")
    console = Console()
    console.print(table)
    before, after = done.milliseconds
    typer.echo(f"folder   {done.folder} (card.yaml tells how to run it)")
    typer.echo(f"cost     {after:.1f} ms a picture on one thread of this machine, the original {before:.1f} ms")
    typer.echo("checked  finds in the reference picture what the original finds")
    if done.note:
        typer.echo(f"note     {done.note}")
