"""Pictures through weights: the whole way, with a small real network, with regions by colour, and with real weights."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from brain.cli.evaluate.extra import need
from brain.core.errors import ConfigError, UsageError
from brain.core.types import Detections, Picture
from brain.evaluation.images.classes import match_classes
from brain.evaluation.images.run import Seen, check_forms, evaluate_pictures, read_labelled
from brain.inference.cards import Layout
from brain.inference.coco import COCO

ROOT = Path(__file__).resolve().parents[2]
RED, BLUE = (0, 0, 255), (255, 0, 0)
CELL = 8  # the small network answers on a grid of 8×8 cells of 8 pixels


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A small network that finds red and blue cells, built by the tests of ``brain.inference``."""
    spec = importlib.util.spec_from_file_location("small_nets", ROOT / "tests" / "inference" / "conftest.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["small_nets"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module.Nets(tmp_path / "nets").folder(Layout.YOLO, colour="RGB", unit=True)


def cells(path: Path, *marked: tuple[int, int, tuple[int, int, int]], size: int = 64) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = np.full((size, size, 3), 128, np.uint8)
    for column, row, colour in marked:
        image[row * CELL : (row + 1) * CELL, column * CELL : (column + 1) * CELL] = colour
    path.write_bytes(cv2.imencode(path.suffix, image)[1].tobytes())
    return path


def label(path: Path, *marked: tuple[int, int, int]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{number} {(column + 0.5) / 8} {(row + 0.5) / 8} 0.125 0.125\n" for number, column, row in marked]
    path.write_text("".join(lines), "utf-8")
    return path


def evaluate(*arguments: object) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "brain.cli.main", "evaluate", "images", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def street(tmp_path: Path) -> Path:
    """Three pictures: two red cells and a blue one, of which one red is not painted; a red one that nobody labelled."""
    root = tmp_path / "street"
    cells(root / "images" / "一.png", (1, 1, RED), (5, 2, BLUE))
    label(root / "labels" / "一.txt", (0, 1, 1), (2, 5, 2), (1, 6, 6))
    cells(root / "images" / "b.png", (4, 4, RED))
    label(root / "labels" / "b.txt", (0, 4, 4), (0, 2, 6))
    cells(root / "images" / "none.png")
    (root / "classes.txt").write_text("Red\ntree\nblaue Dinge\n", "utf-8")
    return root


def test_command(street: Path, weights: Path) -> None:
    code, out, err = evaluate(street, "--weights", weights, "--map", "blaue dinge=blue", "--json", "--score", "0.3")
    figures: dict[str, Any] = json.loads(out)
    assert (code, figures["images"], figures["negatives"]) == (0, 3, 1)
    # Red: two of three found, so 67 of 101 recalls; blue: all found.
    assert figures["per_class"]["red"]["map50"] == pytest.approx(67 / 101)
    assert figures["per_class"]["blue"] == {
        "map50": 1.0,
        "map50_95": pytest.approx(1),
        "truth": 1,
        "found": 1,
        "iou": None,
    }
    assert figures["map50"] == pytest.approx((67 / 101 + 1) / 2)
    assert figures["left_out"] == {"theirs": ["tree"], "ours": []}
    assert figures["iou"] is None
    assert figures["ms_per_picture"] > 0
    assert figures["problems"] == []
    assert "1 of 3 pictures have no label file" in err


def test_broken_pictures_and_labels_are_named_and_the_rest_is_judged(street: Path, weights: Path) -> None:
    (street / "images" / "b.png").write_bytes(b"no picture")
    cells(street / "images" / "c.png", (1, 1, BLUE))
    (street / "labels" / "c.txt").write_text("2 0.5 0.5 0.1 0.1\n2 0.5 0.5 0.1\n", "utf-8")
    code, out, err = evaluate(street, "--weights", weights, "--per-class")
    assert code == 1
    assert "b.png: is no picture that can be decoded" in err
    assert "c.txt:2: 4 numbers" in err
    assert "2, 1 of them without" in out
    assert "only the labels have: tree, blaue Dinge" in out
    assert "only the weights have: blue" in out
    assert " red " in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--map", "tree=green"], "the weights have no class 'green'"),
        (["--score", "1"], "--score 1 is no score"),
        (["--runtime", "abacus"], "no runtime called 'abacus'"),
    ],
)
def test_wrong_arguments(street: Path, weights: Path, arguments: list[str], says: str) -> None:
    code, out, err = evaluate(street, "--weights", weights, *arguments)
    assert (code, out) == (2, "")
    assert says in err
    assert "remedy:" in err


def look(image: Picture) -> Seen:
    """Regions by colour, and the box round each colour: weights without weights."""
    boxes, scores, labels, masks = [], [], [], {}
    for name, plane in (("red", 2), ("blue", 0)):
        region = (image[..., plane] > 200) & (image[..., 2 - plane] < 60)
        masks[name] = region
        if region.any():
            rows, columns = np.nonzero(region)
            boxes.append([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
            scores.append(0.9)
            labels.append(name)
    array = np.array(boxes, np.float32).reshape(-1, 4)
    return Seen(Detections(array, np.array(scores, np.float32), tuple(labels)), masks)


def test_masks_where_weights_give_them(tmp_path: Path) -> None:
    cells(tmp_path / "images" / "a.png", (1, 1, RED), (2, 1, RED), (5, 5, BLUE))
    cells(tmp_path / "images" / "b.png", (3, 3, RED))
    for name, number, columns, rows in (("a", 1, 8, 8), ("b", 1, 16, 8)):
        mask = np.zeros((64, 64), np.uint8)
        left, top = (8, 8) if name == "a" else (24, 24)
        mask[top : top + rows, left : left + columns] = number
        (tmp_path / "masks").mkdir(exist_ok=True)
        (tmp_path / "masks" / f"{name}.png").write_bytes(cv2.imencode(".png", mask)[1].tobytes())
    (tmp_path / "classes.txt").write_text("ground\nred\n", "utf-8")
    labelled = read_labelled(tmp_path)
    match = match_classes(labelled.names, ("red", "blue"))
    figures = evaluate_pictures(labelled, look, match)
    # Shared 64 + 64 pixels; either has 128 + 128; in each picture a half.
    assert figures.iou == figures.per_class["red"].iou == 0.5
    assert figures.iou_per_picture == 0.5
    assert figures.map50 is None  # masks alone say nothing of boxes
    assert (figures.negatives, figures.left_out.ours) == (0, ("blue",))
    with pytest.raises(ConfigError, match="the labels are masks"):
        check_forms(labelled, gives_masks=False)
    check_forms(labelled, gives_masks=True)


def test_polygons_give_boxes_and_masks(tmp_path: Path) -> None:
    cells(tmp_path / "images" / "a.png", (1, 1, RED))
    (tmp_path / "labels").mkdir()
    corners = "0 0.125 0.125 0.25 0.125 0.25 0.25 0.125 0.25\n"
    (tmp_path / "labels" / "a.txt").write_text(corners + "1 0.5 0.5 0.6 0.5 0.6 0.6\n", "utf-8")
    (tmp_path / "classes.txt").write_text("rot\ntree\n", "utf-8")
    labelled = read_labelled(tmp_path)
    figures = evaluate_pictures(labelled, look, match_classes(labelled.names, ("red", "blue"), ["rot=red"]))
    assert (figures.map50, figures.map50_95, figures.iou) == (1.0, pytest.approx(1.0), 1.0)


def test_several_of_theirs_become_one_of_ours(tmp_path: Path) -> None:
    cells(tmp_path / "images" / "a.png", (1, 1, RED))
    cells(tmp_path / "images" / "b.png", (2, 2, RED))
    label(tmp_path / "labels" / "a.txt", (0, 1, 1))
    label(tmp_path / "labels" / "b.txt", (1, 2, 2))
    (tmp_path / "classes.txt").write_text("fire truck\ntomato\n", "utf-8")
    labelled = read_labelled(tmp_path)
    match = match_classes(labelled.names, ("red", "blue"), ["fire truck=red", "tomato=red"])
    figures = evaluate_pictures(labelled, look, match)
    assert (figures.map50, figures.per_class["red"].truth, figures.left_out.theirs) == (1.0, 2, ())


def test_turned_by_exif(tmp_path: Path) -> None:
    """OpenCV turns a picture upright; labels are shares of the picture as it is seen."""
    image = np.full((32, 64, 3), 128, np.uint8)
    image[0:8, 56:64] = RED
    data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 100])[1].tobytes()
    # APP1 with one entry: orientation 6, turn by 90° clockwise; 64×32 becomes 32×64, the top right the bottom right.
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    (tmp_path / "images").mkdir()
    (tmp_path / "labels").mkdir()
    (tmp_path / "images" / "a.jpg").write_bytes(
        data[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + data[2:]
    )
    (tmp_path / "labels" / "a.txt").write_text(f"0 {28 / 32} {60 / 64} {8 / 32} {8 / 64}\n", "utf-8")
    (tmp_path / "classes.txt").write_text("red\n", "utf-8")
    labelled = read_labelled(tmp_path)
    figures = evaluate_pictures(labelled, look, match_classes(labelled.names, ("red", "blue")))
    assert figures.map50 == 1.0


def test_memory_does_not_grow_with_the_number_of_pictures(tmp_path: Path) -> None:
    for number in range(30):
        cells(tmp_path / "images" / f"{number}.png", (1, 1, RED), size=512)
        label(tmp_path / "labels" / f"{number}.txt", (0, 1, 1))
    (tmp_path / "classes.txt").write_text("red\n", "utf-8")
    labelled = read_labelled(tmp_path)
    match = match_classes(labelled.names, ("red",))

    def peak(limit: int) -> int:
        tracemalloc.start()
        evaluate_pictures(labelled, look, match, limit=limit)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1)
    assert peak(30) < peak(2) + 512 * 512 * 3


@pytest.mark.clips
def test_real_weights_on_real_pictures(tmp_path: Path, shared_dir: Path) -> None:
    """The nano weights hold against boxes that they found themselves, written as COCO JSON and read again."""
    from brain.config.paths import assets
    from brain.inference.library import Library, resolve
    from brain.inference.model import load_model
    from brain.video.demux import check_file

    file = shared_dir / "material" / "weights" / "yolox_nano.onnx"
    model = load_model(resolve(str(file), Library.at(assets(), tmp_path)), runtime="onnxruntime")
    clip = shared_dir / "material" / "videos" / "street_parking.mp4"
    check_file(clip)
    video = cv2.VideoCapture(str(clip))
    images, annotations = [], []
    for number in range(3):
        video.set(cv2.CAP_PROP_POS_MSEC, 10_000 * (number + 1))
        ok, image = video.read()
        assert ok
        (tmp_path / f"{number}.png").write_bytes(cv2.imencode(".png", image)[1].tobytes())
        images.append({"id": number, "file_name": f"{number}.png", "height": image.shape[0], "width": image.shape[1]})
        found = model.detect(np.asarray(image, np.uint8), min_score=0.3)
        for index, name in enumerate(found.label):
            x1, y1, x2, y2 = found.box(index)
            entry = {"id": len(annotations) + 1, "image_id": number, "category_id": COCO.index(name)}
            annotations.append(entry | {"bbox": [x1, y1, x2 - x1, y2 - y1]})
    video.release()
    categories = [{"id": index, "name": name.replace(" ", "_").upper()} for index, name in enumerate(COCO)]
    tree = {"images": images, "annotations": annotations, "categories": categories}
    (tmp_path / "x.json").write_text(json.dumps(tree), "utf-8")
    code, out, _ = evaluate(tmp_path / "x.json", "--weights", file, "--json")
    figures = json.loads(out)
    assert (code, figures["images"]) == (0, 3)
    assert figures["map50"] > 0.999
    assert figures["per_class"]["car"]["truth"] == sum(entry["category_id"] == 2 for entry in annotations) > 10
    assert len(figures["per_class"]) == 80


def test_missing_packages_are_named_with_the_remedy() -> None:
    need("json", "sys")
    with pytest.raises(UsageError, match="needs no_such_package, which is not installed") as caught:
        need("json", "no_such_package")
    assert "city-brain[evaluation]" in caught.value.remedy
