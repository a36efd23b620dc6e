"""Labelled pictures: YOLO folders and COCO JSON, as tools export them and as they break."""

from __future__ import annotations

import json
import os
import unicodedata
from pathlib import Path

import cv2
import numpy as np
import pytest

from brain.core.errors import BrainError, ConfigError, UsageError
from brain.evaluation.images.item_lines import ItemLines
from brain.evaluation.images.run import pick, read_labelled


def picture(path: Path, width: int = 100, height: int = 50) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = np.full((height, width, 3), 90, np.uint8)
    path.write_bytes(cv2.imencode(path.suffix, image)[1].tobytes())
    return path


def text(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")
    return path


def yolo(root: Path, lines: str = "0 0.5 0.5 0.2 0.4\n", names: str = "car\nperson\n") -> Path:
    picture(root / "images" / "a.png")
    text(root / "labels" / "a.txt", lines)
    text(root / "classes.txt", names)
    return root


def test_yolo_boxes_and_polygons(tmp_path: Path) -> None:
    lines = "0 0.5 0.5 0.2 0.4\n\n1 0.1 0.2 0.3 0.2 0.3 0.6\n0 0.5 0.5 0.2 0.4\n"
    labelled = read_labelled(yolo(tmp_path, lines))
    true = labelled.pictures[0].objects(100, 50)
    assert labelled.names == ("car", "person")
    # A line that stands twice is one object; the area of a triangle is half that of its box.
    assert np.allclose(true.xywh, [[40, 15, 20, 20], [10, 10, 20, 20]])
    assert true.label.tolist() == [0, 1]
    assert true.area.tolist() == pytest.approx([400, 200])
    assert not true.crowd.any()
    assert labelled.pictures[0].masks(100, 50) is None  # the box has no region


def test_yolo_polygons_are_masks(tmp_path: Path) -> None:
    lines = "1 0.1 0.2 0.3 0.2 0.3 0.6 0.1 0.6\n1 0.5 0.2 0.6 0.2 0.6 0.4 0.5 0.4\n"
    regions = read_labelled(yolo(tmp_path, lines)).pictures[0].masks(100, 50)
    assert regions is not None
    expected = np.zeros((50, 100), bool)
    expected[10:30, 10:30] = expected[10:20, 50:60] = True
    assert (regions.masks[1] == expected).all()
    assert regions.masks.keys() == {1}


@pytest.mark.parametrize(
    ("file", "content", "names"),
    [
        ("data.yaml", "names: [car, person]\nnc: 2\n", ("car", "person")),
        ("data.yaml", "path: .\nnames:\n  0: car\n  1: person\n", ("car", "person")),
        ("street.yaml", "names: [car, person]\n", ("car", "person")),
        ("labels/classes.txt", "car\nperson\n\n", ("car", "person")),
        ("obj.names", "汽车\n行人\n", ("汽车", "行人")),
    ],
)
def test_names(tmp_path: Path, file: str, content: str, names: tuple[str, ...]) -> None:
    (yolo(tmp_path) / "classes.txt").unlink()
    text(tmp_path / "other.yaml", "speed: 3\n")
    text(tmp_path / file, content)
    assert read_labelled(tmp_path).names == names


def test_class_numbers_with_gaps(tmp_path: Path) -> None:
    (yolo(tmp_path, "7 0.5 0.5 0.2 0.4\n") / "classes.txt").unlink()
    text(tmp_path / "data.yaml", "names: {2: car, 7: person}\n")
    labelled = read_labelled(tmp_path)
    assert labelled.names == ("car", "person")
    assert labelled.pictures[0].objects(10, 10).label.tolist() == [1]


@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        ("classes.txt", "car\n\nperson\n", "classes.txt:2: a class has no name"),
        ("classes.txt", "car\ncar\n", "class 'car' stands twice"),
        ("classes.txt", "\n", "lists no class"),
        ("data.yaml", "names: [car]\nnc: 2\n", "data.yaml:2: nc says 2 classes, names lists 1"),
        ("data.yaml", "names: {car: 0}\n", "data.yaml:1: class number 'car' is none"),
        ("data.yaml", "names: [car, [x]]\n", "data.yaml:1: a class has no name"),
        ("data.yaml", "nc: 2\n", "data.yaml:1: has no names"),
        ("data.yaml", "names: [car\n", "data.yaml:"),
    ],
)
def test_broken_names(tmp_path: Path, file: str, content: str, says: str) -> None:
    text(yolo(tmp_path) / file, content)
    with pytest.raises(ConfigError) as caught:
        read_labelled(tmp_path)
    assert says in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize("part", ["", "val", "val/images"])
def test_set_of_a_labelling_site(tmp_path: Path, part: str) -> None:
    """``train/images`` and ``val/images`` with the names above them; a part alone finds them too."""
    for split in ("train", "val"):
        picture(tmp_path / split / "images" / f"{split}.jpg")
        text(tmp_path / split / "labels" / f"{split}.txt", "0 0.5 0.5 1 1\n")
    text(tmp_path / "data.yaml", "names: [car]\n")
    labelled = read_labelled(tmp_path / part)
    assert [item.path.stem for item in labelled.pictures] == (["val"] if part else ["train", "val"])
    assert bool(labelled.notes) == (part == "")
    assert all(len(item.objects(10, 10).label) == 1 for item in labelled.pictures)


def test_images_with_splits_through_a_link(tmp_path: Path) -> None:
    picture(tmp_path / "pictures" / "val" / "道路 é.jpg")
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "images").symlink_to(tmp_path / "pictures")
    (tmp_path / "pictures" / "round").symlink_to(tmp_path / "pictures")  # a link that leads back must not hang
    text(tmp_path / "set" / "labels" / "val" / "道路 é.txt", "0 0.5 0.5 1 1\n")
    text(tmp_path / "set" / "data.yaml", "names: [car]\n")
    for place in (tmp_path / "set", tmp_path / "set" / "images" / "val"):
        labelled = read_labelled(place)
        assert [item.is_labelled for item in labelled.pictures] == [True]


def test_labels_beside_the_pictures(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg")
    text(tmp_path / "a.txt", "0 0.5 0.5 1 1\n")
    text(tmp_path / "train.txt", "a.jpg\n")
    text(tmp_path / "README.txt", "Export of 2026, with 5 or more words\n")
    text(tmp_path / "obj.names", "car\n")
    labelled = read_labelled(tmp_path)
    assert len(labelled.pictures[0].objects(10, 10).label) == 1
    assert not labelled.problems


def test_empty_and_missing_labels_are_pictures_with_nothing(tmp_path: Path) -> None:
    root = yolo(tmp_path)
    picture(root / "images" / "empty.jpg")
    text(root / "labels" / "empty.txt", "")
    picture(root / "images" / "none.jpg")
    labelled = read_labelled(root)
    assert [(item.path.name, item.is_labelled) for item in labelled.pictures] == [
        ("a.png", True),
        ("empty.jpg", True),
        ("none.jpg", False),
    ]
    assert [len(item.objects(10, 10).label) for item in labelled.pictures] == [1, 0, 0]
    assert labelled.notes == ("1 of 3 pictures have no label file: they count as pictures in which nothing is",)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("0 0.5 0.5 0.2 0.4\n0 0.5 x 0.2 0.4\n", "a.txt:2: a word that is no number"),
        ("0 0.5 0.5 0.2\n", "a.txt:1: 4 numbers"),
        ("0 0.5 0.5 0.2 0.4 0.9\n", "a.txt:1: 6 numbers"),
        ("0 0.1 0.1 0.2 0.2 0.3 0.3 0.4\n", "a.txt:1: 8 numbers"),
        ("\n0 nan 0.5 0.2 0.4\n", "a.txt:2: a number that is not finite"),
        ("2 0.5 0.5 0.2 0.4\n", "a.txt:1: class 2 has no name: there are classes 0 to 1"),
        ("-1 0.5 0.5 0.2 0.4\n", "a.txt:1: class -1 has no name"),
        ("0.5 0.5 0.5 0.2 0.4\n", "a.txt:1: class 0.5 has no name"),
        ("0 50 25 20 20\n", "a.txt:1: 50 is no share of the picture"),
        ("0 0.5 0.5 0 0.4\n", "a.txt:1: a box without width or height"),
        ("0 -0.2 0.1 0.2 0.2 0.3 0.3\n", "a.txt:1: -0.2 is no share"),
        ("\x00\x01", "a.txt:1: a word that is no number"),
    ],
)
def test_broken_lines(tmp_path: Path, lines: str, says: str) -> None:
    labelled = read_labelled(yolo(tmp_path, lines))
    with pytest.raises(ConfigError) as caught:
        labelled.pictures[0].objects(100, 50)
    assert says in str(caught.value)
    assert caught.value.remedy


def test_labels_that_are_no_text(tmp_path: Path) -> None:
    (yolo(tmp_path) / "labels" / "a.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not UTF-8 text"):
        read_labelled(tmp_path).pictures[0].objects(10, 10)


def test_labels_without_a_picture_are_named(tmp_path: Path) -> None:
    text(yolo(tmp_path) / "labels" / "gone.txt", "0 0.5 0.5 0.1 0.1\n")
    (problem,) = read_labelled(tmp_path).problems
    assert "gone.txt:1: there is no picture for these labels" in problem


def test_nothing_to_read(tmp_path: Path) -> None:
    for place, says in (
        (tmp_path / "missing", "no such folder"),
        (tmp_path, "no pictures there"),
    ):
        with pytest.raises(UsageError, match=says):
            read_labelled(place)
    picture(tmp_path / "images" / "a.jpg")
    with pytest.raises(UsageError, match="no names"):
        read_labelled(tmp_path)
    text(tmp_path / "classes.txt", "car\n")
    with pytest.raises(UsageError, match="no labels") as caught:
        read_labelled(tmp_path)
    assert os.path.join("labels", "a.txt") in str(caught.value)  # noqa: PTH118


def gray(path: Path, rows: list[list[int]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", np.array(rows, np.uint8))[1].tobytes())
    return path


@pytest.mark.parametrize(
    ("names", "rows", "masks", "ignored"),
    [
        ("water\n", [[0, 255], [1, 0]], {0: [[0, 1], [1, 0]]}, None),
        ("water\n", [[0, 0], [0, 0]], {}, None),
        (
            "ground\nwater\nsmoke\n",
            [[0, 1], [2, 2]],
            {0: [[1, 0], [0, 0]], 1: [[0, 1], [0, 0]], 2: [[0, 0], [1, 1]]},
            None,
        ),
        ("ground\nwater\n", [[1, 255], [255, 1]], {1: [[1, 0], [0, 1]]}, [[0, 1], [1, 0]]),
    ],
)
def test_mask_pictures(tmp_path: Path, names: str, rows: list, masks: dict, ignored: list | None) -> None:
    picture(tmp_path / "images" / "a.jpg", 2, 2)
    gray(tmp_path / "masks" / "a.png", rows)
    text(tmp_path / "classes.txt", names)
    labelled = read_labelled(tmp_path)
    regions = labelled.pictures[0].masks(2, 2)
    assert not labelled.has_boxes
    assert regions is not None
    assert {label: mask.astype(int).tolist() for label, mask in regions.masks.items()} == masks
    assert (None if regions.ignored is None else regions.ignored.astype(int).tolist()) == ignored


@pytest.mark.parametrize(
    ("rows", "size", "says"),
    [
        ([[0, 9], [0, 0]], (2, 2), "pixels of class 9, which has no name"),
        ([[0, 1], [0, 0]], (4, 2), "mask is 2×2, picture 4×2"),
        ([[[0, 1, 2]]], (1, 1), "has colours"),
    ],
)
def test_broken_masks(tmp_path: Path, rows: list, size: tuple[int, int], says: str) -> None:
    picture(tmp_path / "images" / "a.jpg", *size)
    gray(tmp_path / "masks" / "a.png", rows)
    text(tmp_path / "classes.txt", "ground\nwater\n")
    with pytest.raises(ConfigError, match=says):
        read_labelled(tmp_path).pictures[0].masks(*size)


def coco(root: Path, annotations: list, name: str = "a.png", images: list | None = None) -> Path:
    picture(root / "images" / "a.png")
    tree = {
        "images": [{"id": 5, "file_name": name, "width": 100, "height": 50}] if images is None else images,
        "annotations": annotations,
        "categories": [{"id": 3, "name": "car"}, {"id": 9, "name": "person"}],
    }
    text(root / "annotations" / "instances_val.json", json.dumps(tree, indent=1))
    return root


def box(**other: object) -> dict:
    return {"id": 1, "image_id": 5, "category_id": 9, "bbox": [10, 20, 30, 5.5], **other}


def test_coco(tmp_path: Path) -> None:
    crowd = box(id=2, category_id=3, iscrowd=1, area=7, segmentation={"size": [50, 100], "counts": [0, 50, 4950]})
    polygon = box(area=40.5, segmentation=[[10, 20, 40, 20, 40, 25, 10, 25]])
    root = coco(tmp_path, [polygon, crowd])
    text(root / "annotations" / "captions_val.json", "{}")
    for place in (root, root / "annotations" / "instances_val.json"):
        labelled = read_labelled(place)
        true = labelled.pictures[0].objects(100, 50)
        assert labelled.names == ("car", "person")
        assert true.xywh.tolist() == [[10, 20, 30, 5.5], [10, 20, 30, 5.5]]
        assert true.label.tolist() == [1, 0]
        assert true.crowd.tolist() == [False, True]
        assert true.area.tolist() == [40.5, 7]
    regions = labelled.pictures[0].masks(100, 50)
    assert regions is not None
    assert regions.ignored is not None
    assert regions.masks.keys() == {1}  # a crowd is nobody's region
    assert np.argwhere(regions.masks[1]).min(axis=0).tolist() == [20, 10]
    assert regions.masks[1].sum() == 30 * 5
    assert regions.ignored.sum() == 50


def test_coco_area_is_that_of_the_box_unless_told(tmp_path: Path) -> None:
    true = read_labelled(coco(tmp_path, [box()])).pictures[0].objects(100, 50)
    assert true.area.tolist() == [165]


@pytest.mark.parametrize(
    "place", ["a.png", "images/a.png", "val2017/a.png", "images/val2017/a.png", "annotations/a.png"]
)
def test_where_coco_pictures_lie(tmp_path: Path, place: str) -> None:
    root = coco(tmp_path, [box()])
    (root / "images" / "a.png").unlink()
    picture(root / place)
    assert [item.path.resolve() for item in read_labelled(root).pictures] == [(root / place).resolve()]


def test_coco_names_composed_otherwise_on_disk(tmp_path: Path) -> None:
    name = "café 街道.png"
    root = coco(tmp_path, [box()], unicodedata.normalize("NFC", name))
    picture(root / "images" / unicodedata.normalize("NFD", name))
    labelled = read_labelled(root)
    assert len(labelled.pictures) == 1
    assert not labelled.problems


def test_coco_of_a_labelling_site(tmp_path: Path) -> None:
    root = coco(tmp_path / "x", [box()])
    target = tmp_path / "valid"
    picture(target / "a.png")
    (root / "annotations" / "instances_val.json").rename(target / "_annotations.coco.json")
    assert len(read_labelled(target).pictures) == 1


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (box(bbox=[1, 2, 3]), "instances_val.json:11: annotations[0] (id 1): bbox is no box"),
        (box(bbox=[1, 2, -3, 4]), "bbox is no box"),
        (box(bbox=[1, 2, 3, "x"]), "bbox is no box"),
        (box(category_id=4), "annotations[0] (id 1): category_id 4 is not in categories"),
        (box(category_id=[4]), "category_id [4] is not in categories"),
        (box(area=-1), "area -1 is none"),
    ],
)
def test_broken_annotations(tmp_path: Path, entry: dict, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_labelled(coco(tmp_path, [entry])).pictures[0].objects(100, 50)
    assert says in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize(
    "segmentation",
    [[[1, 2, 3]], [[1, 2, 3, 4, 5, "x"]], {"size": [1, 1], "counts": [1]}, {"counts": [1]}, "nonsense", [5]],
)
def test_broken_segmentations(tmp_path: Path, segmentation: object) -> None:
    with pytest.raises(ConfigError, match="segmentation is no region"):
        read_labelled(coco(tmp_path, [box(segmentation=segmentation)])).pictures[0].masks(100, 50)


def test_annotations_of_no_picture_and_pictures_that_are_not_there(tmp_path: Path) -> None:
    images = [{"id": 5, "file_name": "a.png"}, {"id": 6, "file_name": "gone.png"}]
    labelled = read_labelled(coco(tmp_path, [box(), box(id=2, image_id=77), "x"], images=images))
    assert len(labelled.pictures) == 1
    assert ":24: annotations[1] (id 2): image_id 77 is not in images" in labelled.problems[0]
    assert "annotations[2]: image_id None is not in images" in labelled.problems[1]
    assert "json:7: picture 'gone.png' is not there" in labelled.problems[2]


@pytest.mark.parametrize(
    ("size", "says"), [((50, 100), "its EXIF rotation turns it upright"), ((10, 10), "a.png is 10×10, the file says")]
)
def test_pictures_of_another_size(tmp_path: Path, size: tuple[int, int], says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_labelled(coco(tmp_path, [box()])).pictures[0].objects(*size)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('{\n"images": [\n', "x.json:3: not JSON"),
        ("[]", "x.json:1: no list 'images' in it"),
        ('{"images": [], "annotations": []}', "no list 'categories'"),
        ('{"images": [], "annotations": [], "categories": []}', "lists no pictures"),
        ('{"images": [{"id": 1}], "annotations": [], "categories": []}', "x.json:1: images[0] needs an id of its own"),
        (
            '{"images": [], "annotations": [], "categories": [{"id": 1}]}',
            "x.json:1: categories[0] needs an id and a name",
        ),
        ("[" * 100_000, "x.json:1: not"),
        ("\ud800", "not"),
    ],
)
def test_broken_coco_files(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "x.json").write_bytes(content.encode("utf-8", "surrogatepass"))
    with pytest.raises(BrainError) as caught:
        read_labelled(tmp_path)
    assert says in str(caught.value)
    assert caught.value.remedy


def test_several_coco_files(tmp_path: Path) -> None:
    root = coco(tmp_path, [box()])
    text(root / "annotations" / "instances_train.json", "{}")
    with pytest.raises(UsageError, match=r"instances_train\.json, instances_val\.json"):
        read_labelled(root)


def test_limit_spreads_evenly(tmp_path: Path) -> None:
    for number in range(10):
        picture(tmp_path / "images" / f"{number}.jpg", 4, 4)
        text(tmp_path / "labels" / f"{number}.txt", "")
    text(tmp_path / "classes.txt", "car\n")
    pictures = read_labelled(tmp_path).pictures
    assert [item.path.stem for item in pick(pictures, 3)] == ["0", "3", "6"]
    assert len(pick(pictures, 99)) == len(pick(pictures, None)) == 10


def test_lines_of_items(tmp_path: Path) -> None:
    path = text(tmp_path / "x.json", '{"a": [1,\n {"b": [2,\n 3]}\n, "]"\n],\n"n": {"a": []}, "c": [\n\n5]}')
    lines = ItemLines(path)
    assert [lines.where("a", index) for index in range(3)] == [f"{path}:{line}" for line in (1, 2, 4)]
    assert lines.where("c", 0) == f"{path}:8"
    assert lines.where("gone", 0) == lines.where("a", 9) == f"{path}:1"
    assert ItemLines(tmp_path / "gone").where("a", 0).endswith("gone:1")
