"""Held-out pictures as folders that ``brain evaluate images`` reads, so that anybody can repeat a figure."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
from recipe import Recipe
from sets import Item


def slug(name: str) -> str:
    """A folder's name for a set."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def write_held_out(recipe: Recipe, items: Sequence[Item], folder: Path) -> None:
    """One folder per set: links to the pictures; boxes as COCO JSON (unsure = crowd), regions as masks."""
    for name in dict.fromkeys(item.spec.name for item in items):
        mine = [item for item in items if item.spec.name == name]
        place = folder / slug(name)
        (place / "images").mkdir(parents=True, exist_ok=True)
        files = [_link(item.path, place / "images", number) for number, item in enumerate(mine)]
        if recipe.task == "detect":
            text = json.dumps(_coco(recipe, mine, files))
            (place / "_annotations.coco.json").write_text(text, "utf-8")
        else:
            _write_masks(recipe, mine, files, place)


def _link(path: Path, folder: Path, number: int) -> str:
    name = f"{number:05d}{path.suffix.lower()}"
    link = folder / name
    link.unlink(missing_ok=True)
    link.symlink_to(path.resolve())
    return name


def _coco(recipe: Recipe, items: Sequence[Item], files: Sequence[str]) -> dict[str, Any]:
    annotations: list[dict[str, Any]] = []
    for number, item in enumerate(items):
        width, height = item.size
        for box, label in zip(item.boxes.tolist(), item.labels.tolist(), strict=True):
            left, top = box[0] * width, box[1] * height
            wide, high = (box[2] - box[0]) * width, (box[3] - box[1]) * height
            # What nobody is sure of may be found as any class without being wrong.
            for category in [label] if label >= 0 else range(len(recipe.classes)):
                annotations.append(
                    {
                        "id": len(annotations) + 1,
                        "image_id": number,
                        "category_id": category,
                        "bbox": [left, top, wide, high],
                        "area": wide * high,
                        "iscrowd": int(label < 0),
                    }
                )
    images = [
        {"id": number, "file_name": name, "width": item.size[0], "height": item.size[1]}
        for number, (name, item) in enumerate(zip(files, items, strict=True))
    ]
    categories = [{"id": number, "name": name} for number, name in enumerate(recipe.classes)]
    return {"images": images, "annotations": annotations, "categories": categories}


def _write_masks(recipe: Recipe, items: Sequence[Item], files: Sequence[str], place: Path) -> None:
    (place / "masks").mkdir(exist_ok=True)
    names = "".join(f"  {number}: {name}\n" for number, name in enumerate(recipe.classes, 1))
    (place / "data.yaml").write_text(f"names:\n{names}", "utf-8")
    for name, item in zip(files, items, strict=True):
        assert item.regions is not None
        mask = cv2.resize(item.regions, item.size, interpolation=cv2.INTER_NEAREST)
        cv2.imwrite(str(place / "masks" / Path(name).with_suffix(".png")), mask)
