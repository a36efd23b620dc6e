"""``brain evaluate images DIR``: how well weights find what is labelled in pictures."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from brain.cli.evaluate.extra import need
from brain.cli.evaluate.progress import counting
from brain.config.paths import assets, cache, home
from brain.core.errors import UsageError
from brain.core.regions import Mask, region_mask
from brain.core.types import Detections, Outline, Picture
from brain.inference.cards import Layout
from brain.inference.choice import RuntimeChoice
from brain.inference.library import Library, resolve
from brain.inference.model import Model, load_model

if TYPE_CHECKING:
    from brain.evaluation.images.classes import ClassMatch
    from brain.evaluation.images.labelled import LabelledSet
    from brain.evaluation.images.run import ImageFigures, Look

PROBLEMS_SHOWN = 20
_RUNTIMES: dict[str, RuntimeChoice] = {"auto": "auto", "onnxruntime": "onnxruntime", "openvino": "openvino"}


def command(
    place: Annotated[Path, typer.Argument(metavar="DIR", help="YOLO folder, COCO folder or COCO JSON file")],
    weights: Annotated[str, typer.Option("--weights", metavar="ID|FILE", help="see `brain models list`")],
    map_: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="THEIRS=OURS", help="class of the labels = class of the weights; repeatable"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, metavar="N", help="look at N pictures, evenly spread")
    ] = None,
    score: Annotated[float, typer.Option("--score", help="least score of a box that counts")] = 0.001,
    per_class: Annotated[bool, typer.Option("--per-class", help="a line for each class (in --json always)")] = False,
    runtime: Annotated[str, typer.Option("--runtime", help="auto, onnxruntime or openvino")] = "onnxruntime",
) -> None:
    """Scores weights on labelled pictures: COCO mAP and mask IoU, per class. 图片评测。

    Classes are matched by name; what either side lacks is left out and named.
    """
    need("faster_coco_eval")
    from brain.evaluation.images.classes import match_classes
    from brain.evaluation.images.run import check_forms, read_labelled

    if not 0 < score < 1:
        raise UsageError(f"--score {score:g} is no score", remedy="use one above 0 and below 1, e.g. 0.001")
    if runtime not in _RUNTIMES:
        raise UsageError(f"no runtime called {runtime!r}", remedy=f"one of {', '.join(_RUNTIMES)}")
    located = resolve(weights, Library.at(assets(), home()))
    labelled = read_labelled(place)
    match = match_classes(labelled.names, located.card.classes, map_ or [])
    check_forms(labelled, gives_masks=located.card.layout is Layout.SEGMENT)
    model = load_model(located, runtime=_RUNTIMES[runtime], cache_dir=cache())
    figures = _evaluate(place.name, labelled, match, seen_by(model, frozenset(match.names), score), limit)
    for note in labelled.notes:
        print(f"note: {note}", file=sys.stderr)
    if as_json:
        print(figures.model_dump_json())
    else:
        _print(figures, per_class)
    _complain(figures.problems)


def _evaluate(name: str, labelled: LabelledSet, match: ClassMatch, look: Look, limit: int | None) -> ImageFigures:
    from brain.evaluation.images.run import evaluate_pictures

    with counting(name) as bar:
        return evaluate_pictures(labelled, look, match, limit=limit, progress=bar.tell)


def seen_by(model: Model, classes: frozenset[str], score: float) -> Look:
    """What a network's boxes say, and the pixels of its regions where it gives such."""
    from brain.evaluation.images.run import Seen

    def look(image: Picture) -> Seen:
        found = model.detect(image, classes, score)
        return Seen(found, masks_of(found, image) if model.gives_regions else None)

    return look


def masks_of(found: Detections, image: Picture) -> dict[str, Mask]:
    """Class → the pixels (H×W) of its regions."""
    by_class: dict[str, list[Outline]] = {}
    for label, outline in zip(found.label, found.outlines or (), strict=True):
        by_class.setdefault(label, []).append(outline)
    size = image.shape[1], image.shape[0]
    return {label: region_mask(outlines, size) for label, outlines in by_class.items()}


def _print(figures: ImageFigures, per_class: bool) -> None:
    from brain.evaluation.images.classes import shown

    console = Console()
    print(f"pictures 图片      {figures.images}, {figures.negatives} of them without any object of these classes")
    print(f"mAP50             {_share(figures.map50)}")
    print(f"mAP50-95          {_share(figures.map50_95)}   mAP75 {_share(figures.map75)}")
    sizes = ", ".join(f"{size} {_share(value)}" for size, value in figures.by_size.items())
    print(f"by size 大小      {sizes}")
    if figures.iou is not None:
        print(f"mask IoU          {_share(figures.iou)}   mean per picture {_share(figures.iou_per_picture)}")
    if figures.ms_per_picture is not None:
        print(f"time 用时         {figures.ms_per_picture:g} ms per picture (median)")
    for side, names in (("labels", figures.left_out.theirs), ("weights", figures.left_out.ours)):
        if names:
            print(f"left out          only the {side} have: {shown(names)}")
    if per_class:
        table = Table("class 类别", "truth", "found", "mAP50", "mAP50-95", "IoU", box=None)
        for name, item in figures.per_class.items():
            shares = (_share(item.map50), _share(item.map50_95), _share(item.iou))
            table.add_row(escape(name), str(item.truth), str(item.found), *shares)
        console.print(table)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _complain(problems: tuple[str, ...]) -> None:
    """Names what was left out and ends with 1."""
    for problem in problems[:PROBLEMS_SHOWN]:
        print(f"brain: {problem}", file=sys.stderr)
    rest = len(problems) - PROBLEMS_SHOWN
    if rest > 0:
        print(f"brain: and {rest} more; --json lists all", file=sys.stderr)
    if problems:
        raise typer.Exit(1)
