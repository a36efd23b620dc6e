"""Decoders against the same formulas written out row by row."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brain.core.errors import WeightsError
from brain.core.geometry import iou
from brain.inference.cards import Card, Layout
from brain.inference.heads import check_outputs, make_head

SIDE = 32
CLASSES = ("a", "b", "c")


def card(layout: Layout, scores: str = "probabilities", names: tuple[str, ...] = ("o",), decoded: bool = False) -> Card:
    return Card.model_validate(
        {
            "id": "t",
            "layout": layout,
            "file": "t.onnx",
            "sha256": "0" * 64,
            "input": {
                "name": "x",
                "width": SIDE,
                "height": SIDE,
                "colour": "BGR",
                "scale": "none",
                "padding": {"mode": "stretch"},
            },
            "output": {"names": names, "scores": scores, "decoded": decoded},
            "classes": CLASSES,
            "score_threshold": 0.3,
            "nms_iou": 0.45 if layout in (Layout.YOLOX, Layout.YOLO) else None,
            "licence": "none",
            "source": {},
        }
    )


def sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def slow(the: Card, outputs: list[np.ndarray], threshold: float) -> list[tuple[tuple[float, ...], float, int]]:
    """Boxes, scores, classes by plain Python."""
    squash = sigmoid if the.output.scores == "logits" else float
    rows = []
    if the.layout is Layout.YOLOX:
        cells = [(x, y, s) for s in (8, 16, 32) for y in range(SIDE // s) for x in range(SIDE // s)]
        for (x, y, s), row in zip(cells, outputs[0][0].tolist(), strict=True):
            cx, cy, w, h = (row[0] + x) * s, (row[1] + y) * s, math.exp(row[2]) * s, math.exp(row[3]) * s
            if the.output.decoded:
                cx, cy, w, h = row[:4]
            rows.append(((cx, cy, w, h), [squash(row[4]) * squash(v) for v in row[5:]]))
    elif the.layout is Layout.YOLO:
        rows = [(tuple(col[:4]), [squash(v) for v in col[4:]]) for col in outputs[0][0].T.tolist()]
    else:
        boxes, marks = (outputs[0][0, :, :4], outputs[0][0, :, 4:]) if len(outputs) == 1 else (o[0] for o in outputs)
        rows = [
            (tuple(v * SIDE for v in box), [squash(v) for v in mark])
            for box, mark in zip(boxes.tolist(), marks.tolist(), strict=True)
        ]
    good = []
    for (cx, cy, w, h), marks in rows:
        kind = marks.index(max(marks))
        if marks[kind] >= threshold:
            good.append(((cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2), marks[kind], kind))
    good.sort(key=lambda item: -item[1])
    if the.nms_iou is None:
        return good
    kept: list[tuple[tuple[float, ...], float, int]] = []
    for item in good:
        if all(item[2] != other[2] or iou(item[0], other[0]) <= the.nms_iou for other in kept):
            kept.append(item)
    return kept


CASES = [
    pytest.param(card(Layout.YOLOX), id="yolox"),
    pytest.param(card(Layout.YOLOX, "logits"), id="yolox logits"),
    pytest.param(card(Layout.YOLOX, decoded=True), id="yolox decoded"),
    pytest.param(card(Layout.YOLO), id="yolo"),
    pytest.param(card(Layout.YOLO, "logits"), id="yolo logits"),
    pytest.param(card(Layout.DETR), id="detr joined"),
    pytest.param(card(Layout.DETR, "logits", ("b", "s")), id="detr logits"),
]


def outputs_of(the: Card, seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    count = 21 if the.layout is Layout.YOLOX else 40
    box = np.concatenate((rng.random((count, 2)), rng.random((count, 2)) * 0.6 + 0.1), axis=1)
    if the.layout is Layout.YOLO or the.output.decoded:
        box *= SIDE
    marks = rng.random((count, 3 + (the.layout is Layout.YOLOX)))
    if the.output.scores == "logits":
        marks = marks * 12 - 6
    joined = np.concatenate((box, marks), axis=1)[None].astype(np.float32)
    if the.layout is Layout.YOLO:
        return [np.ascontiguousarray(joined.transpose(0, 2, 1))]
    return [joined] if len(the.output.names) == 1 else [joined[..., :4], joined[..., 4:]]


@pytest.mark.parametrize("the", CASES)
@given(seed=st.integers(0, 10_000), threshold=st.sampled_from([0.05, 0.3, 0.7]))
@settings(max_examples=25, deadline=None)
def test_fast_decoders_agree_with_slow_ones(the, seed, threshold):
    outputs = outputs_of(the, seed)
    check_outputs(the, outputs)
    fast = make_head(the)(outputs, threshold, None)
    expected = slow(the, outputs, threshold)
    assert fast.classes.tolist() == [item[2] for item in expected]
    np.testing.assert_allclose(fast.scores, [item[1] for item in expected], atol=1e-5)
    np.testing.assert_allclose(fast.boxes, np.reshape([item[0] for item in expected], (-1, 4)), atol=1e-3)


@pytest.mark.parametrize("the", CASES)
@given(seed=st.integers(0, 10_000), wish=st.sets(st.integers(0, 2)))
@settings(max_examples=15, deadline=None)
def test_a_wish_for_classes_only_leaves_out(the, seed, wish):
    outputs = outputs_of(the, seed)
    everything = make_head(the)(outputs, 0.2, None)
    wanted = np.isin(np.arange(3), sorted(wish))
    some = make_head(the)(outputs, 0.2, wanted)
    keep = wanted[everything.classes]
    np.testing.assert_array_equal(some.boxes, everything.boxes[keep])
    np.testing.assert_array_equal(some.classes, everything.classes[keep])


def test_end_to_end_rows_are_taken_as_they_are():
    the = card(Layout.YOLO_END2END)
    rows = np.array([[[1, 2, 11, 12, 0.4, 2], [0, 0, 5, 5, 0.9, 0], [0, 0, 5, 5, 0.1, 1]]], np.float32)
    found = make_head(the)([rows], 0.3, None)
    assert found.classes.tolist() == [0, 2]
    np.testing.assert_allclose(found.boxes, [[0, 0, 5, 5], [1, 2, 11, 12]])


@pytest.mark.parametrize(("scores", "values"), [("probabilities", (0.4, 0.9, 0.1)), ("logits", (-0.4, 2.0, -3.0))])
def test_detr_rows_with_the_best_class_only(scores, values):
    tree = card(Layout.DETR, scores).model_dump()
    tree["output"]["best_only"] = True
    the = Card.model_validate(tree)
    boxes = [(0.5, 0.5, 0.5, 0.25), (0.25, 0.25, 0.5, 0.5), (0.5, 0.5, 1, 1)]
    rows = np.array([[[*box, value, kind] for box, value, kind in zip(boxes, values, (2, 0, 1), strict=True)]])
    outputs = [rows.astype(np.float32)]
    check_outputs(the, outputs)
    found = make_head(the)(outputs, 0.3, None)
    assert found.classes.tolist() == [0, 2]
    np.testing.assert_allclose(found.boxes, [[0, 0, 16, 16], [8, 12, 24, 20]], atol=1e-5)
    wanted = np.array([False, False, True])
    assert make_head(the)(outputs, 0.3, wanted).classes.tolist() == [2]
    outputs[0][0, 0, 5] = 3
    with pytest.raises(WeightsError, match="class index 3"):
        make_head(the)(outputs, 0.3, None)


@pytest.mark.parametrize("index", [3, -1, 79])
def test_an_unknown_class_index_is_an_error(index):
    rows = np.array([[[1, 2, 11, 12, 0.4, index]]], np.float32)
    with pytest.raises(WeightsError, match=f"class index {index}.*3 classes"):
        make_head(card(Layout.YOLO_END2END))([rows], 0.3, None)


@pytest.mark.parametrize("the", CASES)
def test_extreme_numbers_do_no_harm(the):
    outputs = [np.full_like(output, 1e30) for output in outputs_of(the, 1)]
    with np.errstate(over="raise", invalid="ignore"):
        found = make_head(the)([np.minimum(output, 500) for output in outputs], 0.3, None)
    assert np.isfinite(found.scores).all()


def zeros(*shape: int) -> np.ndarray:
    return np.full(shape, 0.1, np.float32)


@pytest.mark.parametrize(
    ("the", "outputs", "text"),
    [
        (card(Layout.YOLOX), [zeros(1, 21, 7)], "1×21×7.*yolox with 3 classes.*1×21×8"),
        (card(Layout.YOLOX), [zeros(1, 20, 8)], "1×20×8"),
        (card(Layout.YOLOX), [zeros(2, 21, 8)], "2×21×8"),
        (card(Layout.YOLOX), [zeros(21, 8)], "output is 21×8"),
        (card(Layout.YOLO), [zeros(1, 40, 7)], "gives 1×7×N"),
        (card(Layout.YOLO_END2END), [zeros(1, 300, 7)], "gives 1×N×6"),
        (card(Layout.DETR), [zeros(1, 300, 8)], "gives 1×N×7"),
        (card(Layout.DETR, names=("b", "s")), [zeros(1, 300, 4), zeros(1, 299, 3)], "gives 1×N×4 and 1×N×3"),
        (card(Layout.YOLOX), [zeros(1, 21, 8) * np.nan], "not finite"),
        (card(Layout.YOLOX), [zeros(1, 21, 8) * 20], "scores run from 2 to 2"),
        (card(Layout.DETR, names=("b", "s")), [zeros(1, 9, 4), -zeros(1, 9, 3)], "from -0.1"),
    ],
)
def test_outputs_that_cannot_be_meant(the, outputs, text):
    with pytest.raises(WeightsError, match=text):
        check_outputs(the, outputs)
