"""``brain models``: which weights are here, add one's own, check them, fetch public ones."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from brain.cli import models_catalog, models_export
from brain.config import paths
from brain.core.errors import BrainError, UsageError, WeightsError
from brain.core.types import Detections
from brain.inference.adding import MARKED_FILE, Added, Get, add_weights, pull_weights
from brain.inference.cards import Card, Colour, Layout, PaddingMode, Scale, Scores
from brain.inference.catalog import PublicWeights
from brain.inference.choice import RuntimeChoice
from brain.inference.declare import Said, parse_classes
from brain.inference.fetch import TIMEOUT, copy_from, download
from brain.inference.figures import Proof, drawn_only, proof_of
from brain.inference.forms import add_form
from brain.inference.library import Library, Weights
from brain.inference.model import load_model

app = typer.Typer(name="models", no_args_is_help=True, help="Weights: list, add, verify, pull, export.")
app.command("export")(models_export.command)
app.command("catalog")(models_catalog.command)

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="as `brain models list` shows it")]
JsonOption = Annotated[bool, typer.Option("--json", help="one JSON value instead of a table")]
ForceOption = Annotated[bool, typer.Option("--force", help="replace weights of the same id")]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of ``list``.

    Attributes:
        where: ``own`` or ``built in`` on this machine; ``pull`` from the catalogue, or ``by hand`` if it knows no file.
        measured: what its figures rest on: ``real``, ``partly``, ``drawn`` or ``none`` (``Proof``).
        drawn_only: classes whose figures rest on drawn pictures alone.
        variants: its other forms; ``ID.NAME`` names one.
    """

    id: str
    where: str
    layout: str = ""
    input: str = ""
    classes: tuple[str, ...] = ()
    licence: str = ""
    sha256: str = ""
    measured: Proof = Proof.NONE
    drawn_only: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    problem: str = ""


@app.command("list")
def list_models(as_json: JsonOption = False) -> None:
    """Show the weights on this machine and those that can be pulled."""
    library = _library()
    rows = [_row(library, name, folder) for name, folder in library.folders().items()]
    catalog = library.catalog
    away = [_fitting(entry.card, entry.card.id, "pull") for entry in catalog.weights]
    away += [_public(entry) for entry in catalog.public]
    rows += [row for row in away if library.find(row.id) is None]
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in rows], ensure_ascii=False))
        return
    table = Table("ID", "Where", "Layout", "Input", "Classes", "Measured 实测", "Licence")
    for row in rows:
        shown = ", ".join(row.classes[:4]) + (f" … ({len(row.classes)})" if len(row.classes) > 4 else "")
        name = row.id + "".join(f"\n  .{form}" for form in row.variants)
        texts = (row.problem or shown, _measured(row), row.licence)
        table.add_row(name, row.where, row.layout, row.input, *map(escape, texts))
    Console().print(table)


@app.command()
def add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=".onnx, or .pt with the extra `ultralytics`")],
    name: Annotated[str | None, typer.Option("--id", help="id of the weights; the file's name unless told")] = None,
    layout: Annotated[Layout | None, typer.Option(help="how the network lays out its answer")] = None,
    input_size: Annotated[str | None, typer.Option(metavar="WxH", help="only where the network leaves it free")] = None,
    colour: Annotated[Colour | None, typer.Option(help="order of the colours it was trained with")] = None,
    scale: Annotated[Scale | None, typer.Option(help="none: 0–255, unit: 0–1")] = None,
    mean: Annotated[str | None, typer.Option(metavar="A,B,C", help="subtracted, in the network's colour order")] = None,
    std: Annotated[str | None, typer.Option(metavar="A,B,C", help="divided by, in the network's colour order")] = None,
    padding: Annotated[PaddingMode | None, typer.Option(help="how a picture of another shape is fitted")] = None,
    scores: Annotated[Scores | None, typer.Option(help="logits: the sigmoid is still to come")] = None,
    decoded: Annotated[bool, typer.Option("--decoded", help="yolox: boxes are in pixels already")] = False,
    best_only: Annotated[bool, typer.Option("--best-only", help="detr: rows end with best score and class")] = False,
    stride: Annotated[
        int | None, typer.Option(help="segment: pixels of a cell, where the network leaves it free")
    ] = None,
    background: Annotated[str | None, typer.Option(metavar="CLASS", help="segment: the class for nothing")] = None,
    classes: Annotated[
        str | None, typer.Option(metavar="FILE|A,B|coco", help="class names in the network's order")
    ] = None,
    threshold: Annotated[float | None, typer.Option(help="least score that counts")] = None,
    licence: Annotated[str | None, typer.Option(help="licence of the weights")] = None,
    source: Annotated[str | None, typer.Option(help="where they come from")] = None,
    picture: Annotated[Path | None, typer.Option(help="PNG or JPEG that shows what they find")] = None,
    force: ForceOption = False,
) -> None:
    """Describe weights once, run them on a picture, and keep them with their card.

    What is not said comes from the file's own metadata and from the layout's usual form; all of it is written into
    the card. Look at the marked picture: boxes that sit right prove the declarations. A .pt file is a program: add only
    those whose maker you trust.
    """
    said = Said(
        id=name,
        layout=layout,
        size=None if input_size is None else parse_size(input_size),
        colour=colour,
        scale=scale,
        mean=None if mean is None else parse_triple(mean),
        std=None if std is None else parse_triple(std),
        padding=padding,
        scores=scores,
        decoded=decoded,
        best_only=best_only,
        stride=stride,
        background=background,
        classes=None if classes is None else parse_classes(classes),
        score_threshold=threshold,
        licence=licence,
        source=source,
    )
    _report(add_weights(file, said, _library(), picture=picture, force=force))


@app.command("add-form")
def add_form_(
    name: IdArgument,
    form: Annotated[str, typer.Argument(metavar="FORM", help="what ID.FORM shall mean, e.g. int8")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="the same network in that form, .onnx")],
    force: ForceOption = False,
) -> None:
    """Put another form of weights (int8, say) beside them; it must see what they see, and `ID.FORM` then names it."""
    first = _located(_library(), name)
    card = add_form(first, form, file, force=force)
    typer.echo(f"weights  {card.id}.{form}\nfile     {first.folder / card.variants[form].file}")


@app.command()
def verify(
    names: Annotated[list[str] | None, typer.Argument(metavar="[ID]…", help="all on this machine unless told")] = None,
    runtime: Annotated[str, typer.Option(help="auto, onnxruntime or openvino")] = "auto",
) -> None:
    """Check sha256 and card, and run the reference picture; of all weights in all their forms unless told."""
    library = _library()
    here = library.names()
    wish = _runtime(runtime)
    failed = 0
    for name in names or here:
        try:
            model = load_model(_located(library, name), runtime=wish, cache_dir=paths.cache())
        except BrainError as error:
            failed += 1
            typer.echo(f"{name}: FAILED\n  {error}".replace("\n", "\n  "))
            continue
        reference = model.card.reference
        boxes = len(reference.boxes) if reference else 0
        typer.echo(f"{name}: ok ({model.runtime.name}, {boxes} boxes of the reference picture found again)")
    if not names and not here:
        typer.echo("no weights on this machine yet; `brain models list` shows what can be pulled")
    if failed:
        raise typer.Exit(1)


@app.command()
def pull(
    name: IdArgument,
    mirror: Annotated[
        Path | None, typer.Option(metavar="DIR", help="copy from a folder that holds the file, by its name")
    ] = None,
    force: ForceOption = False,
) -> None:
    """Fetch public weights of the catalogue, check size, sha256 and reference picture."""
    library = _library()
    entry = library.catalog.to_pull(name)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with (
        Progress(*columns, console=Console(stderr=True), transient=True) as bar,
        httpx.Client(timeout=TIMEOUT) as client,
    ):
        task = bar.add_task(name, total=entry.size)
        get: Get = partial(download, client) if mirror is None else partial(copy_from, mirror)
        added = pull_weights(entry, library, get, lambda count: bar.advance(task, count), force=force)
    _report(added)


def parse_size(text: str) -> tuple[int, int]:
    """Width and height from ``640`` or ``640x384``.

    Raises:
        UsageError: anything else.
    """
    parts = text.lower().replace("×", "x").split("x")
    if len(parts) > 2 or not all(part.isascii() and part.isdecimal() and 0 < int(part) <= 8192 for part in parts):
        raise UsageError(f"--input-size {text!r} is no size", remedy="write 640 or 640x384 (width x height)")
    return int(parts[0]), int(parts[-1])


def parse_triple(text: str) -> tuple[float, float, float]:
    """Three numbers with commas.

    Raises:
        UsageError: anything else.
    """
    try:
        first, second, third = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"{text!r} is not three numbers", remedy="write them like 0.485,0.456,0.406") from None
    return first, second, third


def _library() -> Library:
    return Library.at(paths.assets(), paths.home())


def _runtime(text: str) -> RuntimeChoice:
    wishes: dict[str, RuntimeChoice] = {"auto": "auto", "onnxruntime": "onnxruntime", "openvino": "openvino"}
    if text not in wishes:
        raise UsageError(f"no runtime called {text!r}", remedy=f"one of {', '.join(wishes)}")
    return wishes[text]


def _located(library: Library, name: str) -> Weights:
    found = library.locate(name)
    if found is None:
        raise WeightsError(f"no weights called {name!r}", remedy="`brain models list` shows what there is")
    return found


def _row(library: Library, name: str, folder: Path) -> Row:
    where = "own" if folder.parent == library.own else "built in"
    try:
        return _fitting(_located(library, name).card, name, where)
    except BrainError as error:
        return Row(name, where, problem=f"broken: {error.line}")


def _fitting(card: Card, name: str, where: str) -> Row:
    size = f"{card.input.width}x{card.input.height}"
    return Row(
        name,
        where,
        card.layout.value,
        size,
        card.classes,
        card.licence,
        card.sha256,
        proof_of(card),
        drawn_only(card),
        tuple(card.variants),
    )


def _public(entry: PublicWeights) -> Row:
    size = f"{entry.published.input}x{entry.published.input}"
    if entry.download is None:
        return Row(entry.id, "by hand", input=size, licence=entry.licence)
    said = entry.said
    layout = said.layout.value if said.layout else ""
    return Row(entry.id, "pull", layout, size, said.classes or (), entry.licence, entry.sha256)


def _measured(row: Row) -> str:
    """What its figures rest on, Chinese and English; which classes are drawn only where others are not."""
    if row.problem:
        return ""
    names = f": {', '.join(row.drawn_only)}" if row.drawn_only and row.measured is Proof.PARTLY else ""
    return row.measured.words + (f"\n{Proof.DRAWN.words}{names}" if names else "")


def _report(added: Added) -> None:
    console = Console()
    console.print(_found(added.detections))
    console.print(f"weights  [bold]{added.card.id}[/]")
    typer.echo(f"folder   {added.folder}")
    typer.echo(f"picture  {added.folder / MARKED_FILE}")
    for note in added.notes:
        typer.echo(f"note     {note}")


def _found(detections: Detections) -> Table:
    table = Table("Class", "Score", "Box (pixels)", title=f"{len(detections)} found")
    for index, label in enumerate(detections.label):
        x1, y1, x2, y2 = detections.box(index)
        table.add_row(escape(label), f"{detections.score[index]:.2f}", f"{x1:.0f}, {y1:.0f}, {x2:.0f}, {y2:.0f}")
    return table
