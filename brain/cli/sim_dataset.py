"""``brain sim dataset``: drawn pictures with labels for training."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from brain.cli.sim_options import drawing_bar, read_choice
from brain.runtime.pool import cores


def command(
    output: Annotated[Path, typer.Option("--output", "-o", help="folder; the same arguments go on in it")],
    count: Annotated[int, typer.Option(min=1, help="pictures")],
    scenes: Annotated[str, typer.Option(metavar="A,B|all", help="see `brain sim list`")] = "all",
    seed: Annotated[int, typer.Option(help="the clips take it and the numbers after it")] = 1,
    size: Annotated[str, typer.Option(metavar="WxH", help="160x90 … 1920x1080")] = "640x360",
    every: Annotated[float, typer.Option(help="seconds from picture to picture of one clip")] = 5.0,
    light: Annotated[str, typer.Option(metavar="A,B|all", help="drawn from these")] = "all",
    weather: Annotated[str, typer.Option(metavar="A,B|all", help="drawn from these")] = "all",
    masks: Annotated[bool, typer.Option("--masks", help="also instances: 16-bit PNG and JSON")] = False,
    workers: Annotated[int | None, typer.Option(min=1, max=256, help="processes; default: one a core")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
) -> None:
    """Draws a YOLO folder: many scenes, lights and weathers, train and val apart by seed. 训练图片集。"""
    from brain.sim.dataset import DatasetWish, write_dataset

    wish = DatasetWish(read_choice(seed, size, scenes, light, weather), count, every, masks)
    with drawing_bar("pictures") as tell:
        done = write_dataset(wish, output, workers or cores(), tell)
    if not (done.train and done.val):
        lacks = "train on" if not done.train else "validate"
        print(
            f"brain: nothing to {lacks}: all pictures are of one clip; a larger --count or more --scenes give both",
            file=sys.stderr,
        )
    if as_json:
        print(json.dumps({"folder": str(output), "pictures": done.train + done.val} | asdict(done)))
        return
    classes = f"{len(done.classes)} class{'' if len(done.classes) == 1 else 'es'}"
    print(f"{output}: {done.train} to train on, {done.val} to validate, {classes}")
