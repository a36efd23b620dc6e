"""Label pictures by stronger weights: ``python scripts/train/teacher.py WEIGHTS FOLDER… --data DIR -o FILE.jsonl``.

The teacher looks at the whole picture, at its mirror image and at overlapping quarters; what is found twice counts
once. Its recall on small things grows a lot by the quarters. Broken off, the same call goes on.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.progress import Progress
from sets import MAYBE, Picture, overlaps, read_taught, shrunk

from brain.config.paths import assets, cache, home
from brain.core.errors import BrainError
from brain.evaluation.images.run import read_labelled
from brain.inference.library import Library, resolve
from brain.inference.model import Model, load_model
from brain.inference.pictures import read_picture

LONGEST = 960
SHARED = 0.25
"""Share of a quarter's side that the next quarter shows as well."""
RIM_PX = 3
ALIKE = (frozenset({"car", "truck", "bus", "van"}), frozenset({"bicycle", "motorcycle", "tricycle"}))
"""Classes that two looks at one thing may call it by."""
SAME, WITHIN = 0.55, 0.8
Rows = tuple[NDArray[np.float32], NDArray[np.float32], list[str]]


def main(
    weights: Annotated[str, typer.Argument(metavar="ID|FILE", help="see `brain models list`")],
    folders: Annotated[list[str], typer.Argument(metavar="FOLDER…", help="sets, below --data")],
    data: Annotated[Path, typer.Option(help="folder that holds all sets")],
    out: Annotated[Path, typer.Option("-o", help="one line per picture")],
    classes: Annotated[str, typer.Option(help="which to look for")] = "person,bicycle,motorcycle,car,bus,truck",
) -> None:
    """Write what the teacher finds."""
    model = load_model(resolve(weights, Library.at(assets(), home())), runtime="onnxruntime", cache_dir=cache())
    done = set(read_taught(out))
    paths = [entry.path for folder in folders for entry in read_labelled(data / folder).pictures]
    todo = [path for path in paths if str(path.relative_to(data)) not in done]
    with out.open("a", encoding="utf-8") as file, Progress() as bar:
        task = bar.add_task("pictures", total=len(todo))
        for path in todo:
            try:
                boxes, scores, labels = look(model, shrunk(read_picture(path), LONGEST), frozenset(classes.split(",")))
            except BrainError as error:
                print(f"left out: {error.line}", file=sys.stderr)
                continue
            row = {
                "picture": str(path.relative_to(data)),
                "boxes": np.round(boxes, 4).tolist(),
                "scores": np.round(scores, 3).tolist(),
                "labels": labels,
            }
            file.write(json.dumps(row) + "\n")
            file.flush()
            bar.advance(task)


def windows(width: int, height: int) -> Iterator[tuple[int, int, int, int]]:
    """The whole picture, then overlapping quarters (corners)."""
    yield 0, 0, width, height
    wide, high = int(width / (2 - SHARED)), int(height / (2 - SHARED))
    for top in (0, height - high):
        for left in (0, width - wide):
            yield left, top, left + wide, top + high


def look(model: Model, picture: Picture, classes: frozenset[str]) -> Rows:
    """Boxes (N×4 corners, shares), scores and labels."""
    height, width = picture.shape[:2]
    found: list[tuple[NDArray[np.float32], float, str]] = []
    for x1, y1, x2, y2 in windows(width, height):
        whole = (x2 - x1, y2 - y1) == (width, height)
        for mirrored in (False, True) if whole else (False,):
            part = picture[y1:y2, x1:x2]
            seen = model.detect(np.ascontiguousarray(part[:, ::-1] if mirrored else part), classes, MAYBE)
            boxes = seen.xyxy[:, [2, 1, 0, 3]] * [-1, 1, -1, 1] + [width, 0, width, 0] if mirrored else seen.xyxy
            for box, score, label in zip(boxes, seen.score, seen.label, strict=True):
                # What the inner edge of a quarter cuts is not whole.
                at_edge = (box[0] < RIM_PX and x1 > 0) or (box[1] < RIM_PX and y1 > 0)
                at_edge |= (box[2] > x2 - x1 - RIM_PX and x2 < width) or (box[3] > y2 - y1 - RIM_PX and y2 < height)
                if not at_edge:
                    found.append(((box + np.array([x1, y1, x1, y1])).astype(np.float32), float(score), str(label)))
    return merged(found, width, height)


def merged(found: list[tuple[NDArray[np.float32], float, str]], width: int, height: int) -> Rows:
    """One row per thing, the surest; boxes as shares."""
    kept: list[tuple[NDArray[np.float32], float, str]] = []
    for box, score, label in sorted(found, key=lambda row: -row[1]):
        rivals = [
            other for other, _, name in kept if name == label or any({name, label} <= set(same) for same in ALIKE)
        ]
        if not any(overlaps(other[None], box)[0] > SAME or _share_within(other, box) > WITHIN for other in rivals):
            kept.append((box, score, label))
    boxes = np.array([row[0] for row in kept], np.float32).reshape(-1, 4) / [width, height, width, height]
    scores = np.array([row[1] for row in kept], np.float32)
    return np.clip(boxes, 0, 1).astype(np.float32), scores, [row[2] for row in kept]


def _share_within(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """What part of the smaller of two boxes lies in the larger."""
    inner = np.clip(np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2]), 0, None).prod()
    return float(inner / (min((one[2:] - one[:2]).prod(), (other[2:] - other[:2]).prod()) + 1e-9))


if __name__ == "__main__":
    try:
        typer.run(main)
    except BrainError as error:
        sys.exit(f"teacher: {error.line}")
