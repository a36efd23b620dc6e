"""COCO figures: equal to pycocotools on random sets, and cases counted by hand."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from brain.evaluation.images.scores import ClassFigures, FoundBoxes, PictureFigures, TrueBoxes, coco_scores


def true_boxes(rows: list[tuple]) -> TrueBoxes:
    """Rows of picture, label, crowd, x, y, w, h."""
    table = np.array(rows, np.float64).reshape(-1, 7)
    whole = table.astype(np.intp)
    return TrueBoxes(whole[:, 0], table[:, 3:], whole[:, 1], table[:, 2] > 0, table[:, 5] * table[:, 6])


def found_boxes(rows: list[tuple]) -> FoundBoxes:
    """Rows of picture, label, score, x, y, w, h."""
    table = np.array(rows, np.float64).reshape(-1, 7)
    whole = table.astype(np.intp)
    return FoundBoxes(whole[:, 0], table[:, 3:], whole[:, 1], table[:, 2])


def pycoco(truth: list[tuple], found: list[tuple], classes: int) -> np.ndarray:
    """Precision of the reference scorer: IoU × recall × class × area range."""
    pictures = sorted({row[0] for row in truth + found} | {0})
    head = {"images": [{"id": picture} for picture in pictures]}
    head["categories"] = [{"id": number} for number in range(classes)]
    with contextlib.redirect_stdout(io.StringIO()):
        gt, dt = COCO(), COCO()
        gt.dataset = head | {"annotations": []}
        dt.dataset = head | {"annotations": []}
        for number, (picture, label, crowd, *box) in enumerate(truth, 1):
            gt.dataset["annotations"].append(
                {"id": number, "image_id": picture, "category_id": label, "bbox": box, "area": box[2] * box[3]}
                | {"iscrowd": int(crowd)}
            )
        for number, (picture, label, score, *box) in enumerate(found, 1):
            dt.dataset["annotations"].append(
                {"id": number, "image_id": picture, "category_id": label, "bbox": box, "area": box[2] * box[3]}
                | {"iscrowd": 0, "score": score}
            )
        gt.createIndex()
        dt.createIndex()
        scorer = COCOeval(gt, dt, "bbox")
        scorer.evaluate()
        scorer.accumulate()
    return scorer.eval["precision"][..., -1]


def mean(precision: np.ndarray) -> float | None:
    known = precision[precision > -1]
    return float(known.mean()) if known.size else None


def assert_equal(ours: PictureFigures, reference: np.ndarray) -> None:
    expected = {
        "map50": mean(reference[0, ..., 0]),
        "map75": mean(reference[5, ..., 0]),
        "map50_95": mean(reference[..., 0]),
        "small": mean(reference[..., 1]),
        "medium": mean(reference[..., 2]),
        "large": mean(reference[..., 3]),
    }
    got = {"map50": ours.map50, "map75": ours.map75, "map50_95": ours.map50_95} | ours.by_size
    for number, figures in enumerate(ours.per_class.values()):
        expected |= {
            f"50 of {number}": mean(reference[0, :, number, 0]),
            f"of {number}": mean(reference[:, :, number, 0]),
        }
        got |= {f"50 of {number}": figures.map50, f"of {number}": figures.map50_95}
    assert got == {key: None if value is None else pytest.approx(value, abs=1e-6) for key, value in expected.items()}


# Few places and few scores, so that boxes overlap, IoUs fall on thresholds and scores are equal often.
_side = st.sampled_from([4.0, 8.0, 10.0, 16.0, 20.0, 40.0, 97.0, 120.5])
_place = st.sampled_from([0.0, 1.0, 2.0, 2.5, 5.0, 8.0, 30.25])
_score = st.sampled_from([0.001, 0.1, 0.25, 0.5, 0.5000001, 0.9, 1.0])


def _rows(third: st.SearchStrategy, most: int) -> st.SearchStrategy:
    row = st.tuples(st.integers(0, 4), st.integers(0, 3), third, _place, _place, _side, _side)
    return st.lists(row, max_size=most)


@settings(max_examples=150, deadline=None)
@given(truth=_rows(st.sampled_from([0, 0, 0, 1]), 25), found=_rows(_score, 40))
def test_equal_to_pycocotools(truth: list[tuple], found: list[tuple]) -> None:
    ours = coco_scores(true_boxes(truth), found_boxes(found), ["a", "b", "c", "d"])
    assert_equal(ours, pycoco(truth, found, 4))


@pytest.mark.parametrize("seed", range(6))
def test_equal_to_pycocotools_on_crowded_sets(seed: int) -> None:
    """Many classes and more than the 100 boxes a class and picture that count, jittered round the truth."""
    rng = np.random.default_rng(seed)
    classes, pictures = (1, 2) if seed < 2 else (30, 12)
    truth = [
        (int(rng.integers(pictures)), int(rng.integers(classes)), int(rng.random() < 0.1), *rng.uniform(1, 150, 4))
        for _ in range(200)
    ]
    found = []
    for picture, label, _, *box in truth * 3:
        moved = np.maximum(np.array(box) + rng.normal(0, 8, 4), 0.5)
        found.append(
            (picture, label if rng.random() < 0.9 else int(rng.integers(classes)), round(rng.random(), 2), *moved)
        )
    ours = coco_scores(true_boxes(truth), found_boxes(found), [str(number) for number in range(classes)])
    assert_equal(ours, pycoco(truth, found, classes))
    assert 0 < ours.map50_95 < 1


BOX = (10.0, 10.0, 20.0, 20.0)


@pytest.mark.parametrize(
    ("truth", "found", "map50", "map50_95"),
    [
        ([(0, 0, 0, *BOX)], [(0, 0, 0.9, *BOX)], 1.0, 1.0),
        ([(0, 0, 0, *BOX)], [], 0.0, 0.0),
        ([], [(0, 0, 0.9, *BOX)], None, None),
        ([], [], None, None),
        # IoU 0.75: right at 0.5, 0.55 … 0.75, which are six of ten thresholds.
        ([(0, 0, 0, *BOX)], [(0, 0, 0.9, 10.0, 10.0, 20.0, 15.0)], 1.0, 0.6),
        # Of two objects one is found: 51 of the 101 recalls (0 … 0.5) are reached.
        ([(0, 0, 0, *BOX), (1, 0, 0, *BOX)], [(0, 0, 0.9, *BOX)], 51 / 101, 51 / 101),
        # A false one above the right one: precision 1/2 at every recall.
        ([(0, 0, 0, *BOX)], [(1, 0, 0.95, *BOX), (0, 0, 0.9, *BOX)], 0.5, 0.5),
        # The same below the right one costs nothing: full recall was reached before.
        ([(0, 0, 0, *BOX)], [(1, 0, 0.5, *BOX), (0, 0, 0.9, *BOX)], 1.0, 1.0),
        # Boxes within a crowd are neither right nor false.
        (
            [(0, 0, 0, *BOX), (0, 0, 1, 50.0, 50.0, 90.0, 90.0)],
            [(0, 0, 0.99, 60.0, 60.0, 9.0, 9.0), (0, 0, 0.9, *BOX)],
            1,
            1,
        ),
        # Of another class: not found.
        ([(0, 0, 0, *BOX)], [(0, 1, 0.9, *BOX)], 0.0, 0.0),
    ],
)
def test_counted_by_hand(truth: list[tuple], found: list[tuple], map50: float | None, map50_95: float | None) -> None:
    figures = coco_scores(true_boxes(truth), found_boxes(found), ["a", "b"])
    assert (figures.map50, figures.map50_95) == (pytest.approx(map50), pytest.approx(map50_95))


def test_counts_and_sizes() -> None:
    truth = [(0, 0, 0, 0.0, 0.0, 10.0, 10.0), (0, 0, 0, 0.0, 50.0, 60.0, 60.0), (0, 0, 1, 200.0, 0.0, 300.0, 300.0)]
    figures = coco_scores(true_boxes(truth), found_boxes([(0, 0, 0.9, *truth[1][3:])] * 2), ["a", "empty"])
    assert figures.by_size == {"small": 0.0, "medium": pytest.approx(1.0), "large": None}
    assert figures.per_class["a"].truth == 2
    assert figures.per_class["a"].found == 2
    assert figures.per_class["empty"] == ClassFigures(map50=None, map50_95=None, truth=0, found=0)


def test_no_classes() -> None:
    figures = coco_scores(true_boxes([]), found_boxes([]), [])
    assert figures.map50 is None
    assert figures.per_class == {}
