"""What weights are trained for, on which pictures and how long: one YAML file per weights in ``recipes/``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from brain.config.settings import Settings
from brain.config.yaml_file import load

UNSURE = "?"
"""Class of a recipe: nobody knows what is there, so that nothing said there costs anything."""


class SetSpec(Settings):
    """One set of labelled pictures.

    Attributes:
        name: as the card calls it.
        folder: below the data folder; read like ``brain evaluate images`` reads it.
        classes: class of the labels → ours, or ``?``; classes that are not named are left out.
        kind: photographs or the drawn city; their figures are never mixed.
        role: ``split``: a part is held out by groups of near-duplicates; ``train``: for training alone; ``held_out``:
            never trained on.
        teacher: also takes the boxes that a teacher found (see ``teacher.py``).
        weight: how often its pictures are drawn, beside 1 for a picture of the first set.
        limit: so many pictures at most, evenly spread.
        exclude: a file below ``folder`` that names pictures to leave out, one a line.
        maker, licence: for the card.
    """

    name: str
    folder: str
    classes: dict[str, str]
    kind: Literal["real", "drawn"] = "real"
    role: Literal["split", "train", "held_out"] = "split"
    teacher: bool = False
    weight: float = 1.0
    limit: int | None = None
    exclude: str | None = None
    maker: str = ""
    licence: str = ""


class Step(Settings):
    """Until which share of the training pictures have which size (a multiple of 32, pixels)."""

    until: float
    size: int


class Recipe(Settings):
    """A whole training.

    Attributes:
        id: of the weights.
        task: ``detect`` (layout ``yolo``) or ``segment``.
        classes: in the network's order.
        size: input of the finished network, pixels, square.
        steps: sizes while training; smaller ones first are cheaper.
        epochs, pictures_per_epoch, batch, rate, decay, seed: of the training.
        mosaic: share of training pictures made of four.
        scales: range in which a picture is shrunk and enlarged, 1 = fills the input.
        start_from: id of weights of ours whose layers are the start, where they fit; ``None`` = from nothing.
        held_out_share: of the pictures of ``split`` sets.
        largest_held_out_group: groups of more near-duplicates stay in training.
        pictures: the sets.
    """

    id: str
    task: Literal["detect", "segment"]
    classes: tuple[str, ...]
    size: int
    steps: tuple[Step, ...]
    epochs: int
    pictures_per_epoch: int
    batch: int = 16
    rate: float = 2e-3
    decay: float = 0.02
    seed: int = 7
    mosaic: float = 0.5
    scales: tuple[float, float] = (0.5, 1.5)
    start_from: str | None = None
    held_out_share: float = 0.2
    largest_held_out_group: int = 40
    score_every: int = 2
    pictures: tuple[SetSpec, ...]


def read_recipe(name: str) -> Recipe:
    """The recipe of weights ``name``, or of a YAML file.

    Raises:
        ConfigError: no such file, or something in it is wrong; names file and line.
    """
    path = Path(name) if name.endswith(".yaml") else Path(__file__).parent / "recipes" / f"{name}.yaml"
    return load(path, Recipe)
