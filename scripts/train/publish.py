"""Make trained weights ready to ship: ``python scripts/train/publish.py ID --data DIR --run DIR --threshold 0.35``.

Writes ``models/weights/ID``: the ONNX file, and a card with licence, data, command, a reference picture, and figures on
every held-out set of the run, real and drawn apart, measured by what ``brain evaluate images`` runs.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import torch
import typer
from held_out import slug, write_held_out
from recipe import Recipe, read_recipe
from sets import Item, load_set, read_taught, split
from trainer import build

from brain.cli.evaluate.images import seen_by
from brain.core.errors import BrainError
from brain.evaluation.images.classes import match_classes
from brain.evaluation.images.run import ImageFigures, evaluate_pictures, read_labelled
from brain.inference.adding import MARKED_FILE, add_weights
from brain.inference.cards import CARD_FILE, Card, Layout, Scores, load_card, save_card
from brain.inference.declare import Said
from brain.inference.figures import DataSource, Figure, Kind
from brain.inference.library import Library, Weights
from brain.inference.model import load_model

ROOT = Path(__file__).parents[2]
LICENCE = "Apache-2.0"
OPSET = 17
LEAST_SCORE = 0.001


def main(
    weights: Annotated[str, typer.Argument(metavar="ID|RECIPE.yaml", help="a recipe of recipes/")],
    data: Annotated[Path, typer.Option(help="folder that holds the sets named in the recipe")],
    run: Annotated[Path, typer.Option(help="folder of the training")],
    threshold: Annotated[float, typer.Option(help="least score that counts, for the card")] = 0.35,
    taught: Annotated[Path | None, typer.Option(help="what teacher.py found")] = None,
    picture: Annotated[Path | None, typer.Option(help="PNG that shows what they find, of the drawn city")] = None,
    out: Annotated[Path, typer.Option(help="where folders of weights lie")] = ROOT / "models" / "weights",
) -> None:
    """Export, declare, measure and put in place."""
    recipe = read_recipe(weights)
    seen = read_taught(taught)
    items = [item for spec in recipe.pictures for item in load_set(recipe, spec, data, seen)]
    train, held_out = split(recipe, items)
    write_held_out(recipe, held_out, run / "held_out")
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / f"{recipe.id}.onnx"
        export(recipe, run / "best.pt", file)
        layout, scores = (Layout.SEGMENT if recipe.task == "segment" else Layout.YOLO), Scores.LOGITS
        said = Said(
            id=recipe.id,
            layout=layout,
            scores=scores,
            classes=recipe.classes,
            score_threshold=threshold,
            licence=LICENCE,
            source="trained from nothing by scripts/train",
        )
        folder = add_weights(file, said, Library.at(ROOT, Path(scratch)), picture=picture, force=True).folder
        card = load_card(folder).model_copy(
            update={"data": sources(recipe, train, data), "command": f"scripts/train/train.py {recipe.id}"}
        )
        save_card(card, folder)
        card = card.model_copy(update={"figures": figures(recipe, folder, card, held_out, run)})
        save_card(card, folder)
        (folder / MARKED_FILE).unlink(missing_ok=True)
        shutil.rmtree(out / recipe.id, ignore_errors=True)
        shutil.copytree(folder, out / recipe.id)
    print((out / recipe.id / CARD_FILE).read_text("utf-8"))


def export(recipe: Recipe, trained: Path, file: Path) -> None:
    """The ONNX file, its size fixed."""
    model = build(recipe).eval()
    model.load_state_dict(torch.load(trained, map_location="cpu", weights_only=True)["model"])
    torch.onnx.export(
        model,
        (torch.zeros(1, 3, recipe.size, recipe.size),),
        str(file),
        input_names=["images"],
        output_names=["output"],
        opset_version=OPSET,
        dynamo=False,
    )


def sources(recipe: Recipe, train: Sequence[Item], data: Path) -> tuple[DataSource, ...]:
    """What was trained on, with the hash of the listing of files."""
    found = []
    for spec in recipe.pictures:
        mine = [item for item in train if item.spec.name == spec.name]
        if not mine:
            continue
        counts = Counter(recipe.classes[label] for item in mine for label in item.labels if label >= 0)
        lines = sorted(
            f"{hashlib.sha256(item.path.read_bytes()).hexdigest()} {item.path.relative_to(data)}" for item in mine
        )
        found.append(
            DataSource(
                name=f"{spec.name}: {spec.maker} ({spec.licence})" if spec.maker else spec.name,
                kind=Kind(spec.kind),
                pictures=len(mine),
                counts=dict(sorted(counts.items())),
                sha256=hashlib.sha256("\n".join(lines).encode()).hexdigest(),
                labels="the set's own, and a teacher's where they lack some" if spec.teacher else None,
            )
        )
    return tuple(found)


def figures(recipe: Recipe, folder: Path, card: Card, held_out: Sequence[Item], run: Path) -> tuple[Figure, ...]:
    """One entry per held-out set."""
    model = load_model(Weights(card, folder / card.file, folder), runtime="onnxruntime")
    kinds: dict[str, Literal["real", "drawn"]] = {item.spec.name: item.spec.kind for item in held_out}
    found = []
    for name, kind in kinds.items():
        labelled = read_labelled(run / "held_out" / slug(name))
        match = match_classes(labelled.names, card.classes, [])
        measured = evaluate_pictures(labelled, seen_by(model, frozenset(match.names), LEAST_SCORE), match)
        found.append(_figure(recipe, name, Kind(kind), measured))
    return tuple(found)


def _figure(recipe: Recipe, name: str, kind: Kind, measured: ImageFigures) -> Figure:
    both = {"map50": measured.map50, "map50_95": measured.map50_95, "iou": measured.iou}
    if recipe.task == "segment":
        both = {"iou": measured.iou}
    each = {
        label: {"iou": item.iou} if recipe.task == "segment" else {"map50": item.map50}
        for label, item in measured.per_class.items()
    }
    return Figure(
        set=f"{name}, held out",
        kind=kind,
        pictures=measured.images,
        metrics={key: round(value, 4) for key, value in both.items() if value is not None},
        classes=tuple(label for label in recipe.classes if any(v is not None for v in each.get(label, {}).values())),
        per_class={
            label: {key: round(value, 4) for key, value in row.items() if value is not None}
            for label, row in each.items()
            if any(value is not None for value in row.values())
        },
        command=f"brain evaluate images RUN/held_out/{slug(name)} --weights {recipe.id} --json",
    )


if __name__ == "__main__":
    try:
        typer.run(main)
    except BrainError as error:
        sys.exit(f"publish: {error.line}")
