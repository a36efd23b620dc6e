"""Train weights: ``python scripts/train/train.py ID --data DIR --run DIR``. Broken off, the same call goes on."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import torch
import typer
from held_out import write_held_out
from recipe import Recipe, read_recipe
from sets import Item, load_set, read_taught, split
from trainer import Trainer

from brain.core.errors import BrainError, UsageError


def main(
    weights: Annotated[str, typer.Argument(metavar="ID|RECIPE.yaml", help="a recipe of recipes/")],
    data: Annotated[Path, typer.Option(help="folder that holds the sets named in the recipe")],
    run: Annotated[Path, typer.Option(help="folder of checkpoints and the log; outside git")],
    seconds: Annotated[float | None, typer.Option(help="stop after the epoch in which they are over")] = None,
    threads: Annotated[int, typer.Option(help="of the CPU")] = 2,
    taught: Annotated[Path | None, typer.Option(help="what teacher.py found")] = None,
    start: Annotated[Path | None, typer.Option(help="best.pt of the weights that `start_from` names")] = None,
    count: Annotated[bool, typer.Option("--count", help="only say what would be trained on")] = False,
) -> None:
    """Train one set of weights."""
    torch.set_num_threads(threads)
    recipe = read_recipe(weights)
    seen = read_taught(taught)
    items = [item for spec in recipe.pictures for item in load_set(recipe, spec, data, seen)]
    train, held_out = split(recipe, items)
    tell(recipe, "training", train)
    tell(recipe, "held out", held_out)
    write_held_out(recipe, held_out, run / "held_out")
    if not count:
        real = [item for item in held_out if item.spec.kind == "real"] or held_out
        Trainer(recipe, train, real, run, layers_of(recipe, start)).run(seconds)


def layers_of(recipe: Recipe, path: Path | None) -> dict[str, torch.Tensor] | None:
    """The layers that a training starts from.

    Raises:
        UsageError: the recipe wants some and none are given, or the other way round.
    """
    if (path is None) != (recipe.start_from is None):
        wanted = "starts from nothing" if recipe.start_from is None else f"starts from {recipe.start_from}"
        remedy = "leave --start out" if recipe.start_from is None else "give --start RUN/best.pt of its training"
        raise UsageError(wanted, where=f"recipe {recipe.id}", remedy=remedy)
    if path is None:
        return None
    state: dict[str, torch.Tensor] = torch.load(path, map_location="cpu", weights_only=True)["model"]
    return state


def tell(recipe: Recipe, what: str, items: list[Item]) -> None:
    """Counts of pictures and boxes."""
    pictures = Counter(item.spec.name for item in items)
    boxes = Counter(recipe.classes[label] if label >= 0 else "unsure" for item in items for label in item.labels)
    print(f"{what}: {len(items)} pictures {dict(pictures)}, boxes {dict(boxes)}", flush=True)


if __name__ == "__main__":
    try:
        typer.run(main)
    except BrainError as error:
        sys.exit(f"train: {error.line}")
