"""Each wrong declaration is caught by the reference picture, and the error names the field."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import numpy as np
import pytest

from brain.core.errors import WeightsError
from brain.core.types import Detections
from brain.inference.cards import BOX_LAYOUTS, CARD_FILE, Card, Layout, load_card, save_card
from brain.inference.catalog import load_catalog
from brain.inference.library import Weights
from brain.inference.model import load_model, verify_model
from brain.inference.pictures import encode_png
from brain.inference.reference import differences, record
from brain.inference.street import street_picture

CATALOG = Path(__file__).resolve().parents[2] / "models" / "catalog.yaml"
# What the network truly expects, per layout: the form it is built in.
FORMS = {
    Layout.YOLOX: {"colour": "BGR", "unit": False, "sigmoid": True},
    Layout.YOLO: {"colour": "RGB", "unit": True, "sigmoid": True},
    Layout.YOLO_END2END: {"colour": "RGB", "unit": True, "sigmoid": True},
    Layout.DETR: {"colour": "RGB", "unit": True, "sigmoid": False},
    Layout.SEGMENT: {"colour": "RGB", "unit": True, "sigmoid": True},
}
# Mistake → field of the card, wrong value, what the error must name.
INPUT_MISTAKES = [
    pytest.param("colour", "input.colour", id="RGB for BGR"),
    pytest.param("scale", "input.scale", id="0-1 for 0-255"),
    pytest.param("top_left", "input.padding.mode", id="padding top left"),
    pytest.param("centre", "input.padding.mode", id="padding centre"),
    pytest.param("stretch", "input.padding.mode", id="padding stretch"),
    pytest.param("scores", "output.scores", id="missing sigmoid"),
]


def spoil(card: Card, mistake: str) -> Card:
    """The card with that mistake; the same card when it is none for it."""
    tree = card.model_dump()
    if mistake == "colour":
        tree["input"]["colour"] = "RGB" if card.input.colour == "BGR" else "BGR"
    elif mistake == "scale":
        tree["input"]["scale"] = "unit" if card.input.scale == "none" else "none"
    elif mistake == "scores":
        tree["output"]["scores"] = "logits" if card.output.scores == "probabilities" else "probabilities"
    else:
        tree["input"]["padding"]["mode"] = mistake
    return Card.model_validate(tree)


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize(("mistake", "field"), INPUT_MISTAKES)
def test_a_wrong_form_is_caught(nets, layout, mistake, field):
    folder = nets.folder(layout, **FORMS[layout])
    right = load_card(folder)
    if layout is Layout.YOLO_END2END and mistake == "scores":
        with pytest.raises(ValueError, match="gives probabilities"):
            spoil(right, mistake)
        return
    wrong = spoil(right, mistake)
    if wrong == right:
        load_model(folder, runtime="onnxruntime")
        return
    save_card(wrong, folder / CARD_FILE)
    with pytest.raises(WeightsError) as caught:
        load_model(folder, runtime="onnxruntime")
    assert field in str(caught.value)


@pytest.mark.parametrize("layout", list(BOX_LAYOUTS))
@pytest.mark.parametrize("other", list(BOX_LAYOUTS))
def test_a_wrong_layout_is_caught(nets, layout, other):
    folder = nets.folder(layout, **FORMS[layout])
    right = load_card(folder)
    if layout is other:
        assert load_model(folder, runtime="onnxruntime").card == right
        return
    tree = right.model_dump() | {"layout": other, "nms_iou": 0.45 if other in ("yolox", "yolo") else None}
    tree["output"]["names"] = right.output.names if other == "detr" else right.output.names[:1]
    tree["output"]["scores"] = "probabilities" if other == "yolo_end2end" else right.output.scores
    save_card(Card.model_validate(tree), folder / CARD_FILE)
    with pytest.raises(WeightsError, match="layout"):
        load_model(folder, runtime="onnxruntime")


@pytest.mark.parametrize(("layout", "joined"), [(layout, False) for layout in BOX_LAYOUTS] + [(Layout.DETR, True)])
def test_boxes_come_back_in_pixels_of_the_sample(nets, layout, joined):
    model = load_model(nets.folder(layout, **FORMS[layout], joined=joined), runtime="onnxruntime")
    picture = np.full((320, 640, 3), 114, np.uint8)
    picture[80:160, 160:240] = (0, 0, 255)
    picture[240:320, 560:640] = (255, 0, 0)
    seen = model.detect(picture, min_score=0.85)
    # A stretched picture keeps its width, but each cell then covers half as many rows.
    tall = 40 if layout is Layout.DETR else 80
    expected = {("red", 160, y, 240, y + tall) for y in range(80, 160, tall)}
    expected |= {("blue", 560, y, 640, y + tall) for y in range(240, 320, tall)}
    boxes = np.rint(seen.xyxy).astype(int).tolist()
    assert {(label, *box) for label, box in zip(seen.label, boxes, strict=True)} == expected


def test_a_reference_picture_of_ones_own_counts(nets, tmp_path):
    folder = nets.folder()
    (folder / "own.png").write_bytes(encode_png(street_picture()))
    card = load_card(folder)
    own = card.reference.model_copy(update={"picture": "own.png"})
    save_card(card.model_copy(update={"reference": own}), folder / CARD_FILE)
    load_model(folder, runtime="onnxruntime")
    (folder / "own.png").write_bytes(encode_png(np.ascontiguousarray(street_picture()[:, ::-1])))
    with pytest.raises(WeightsError, match="is not found"):
        load_model(folder, runtime="onnxruntime")
    (folder / "own.png").write_text("no picture")
    with pytest.raises(WeightsError, match="no picture that can be decoded"):
        load_model(folder, runtime="onnxruntime")


@pytest.mark.clips
@pytest.mark.parametrize(("mistake", "field"), INPUT_MISTAKES)
def test_yolox_nano_catches_the_mistakes(yolox_nano, mistake, field):
    entry = load_catalog(CATALOG).by_id("yolox_nano")
    weights = Weights(entry.card, yolox_nano, yolox_nano.parent)
    wrong = spoil(entry.card, mistake)
    if wrong == entry.card:
        assert load_model(weights, runtime="onnxruntime").card == entry.card
        return
    with pytest.raises(WeightsError) as caught:
        load_model(dataclasses.replace(weights, card=wrong), runtime="onnxruntime")
    assert field in str(caught.value)


@pytest.mark.clips
def test_openvino_finds_the_same_as_onnxruntime(yolox_nano):
    pytest.importorskip("openvino")
    card = load_catalog(CATALOG).by_id("yolox_nano").card
    weights = Weights(card, yolox_nano, yolox_nano.parent)
    one = load_model(weights, runtime="onnxruntime").detect(street_picture())
    two = load_model(weights, runtime="openvino").detect(street_picture())
    assert one.label == two.label
    np.testing.assert_allclose(one.xyxy, two.xyxy, atol=0.1)
    np.testing.assert_allclose(one.score, two.score, atol=0.002)


def found(*rows: tuple[str, tuple[float, float, float, float], float]) -> Detections:
    boxes = np.array([row[1] for row in rows], np.float32).reshape(-1, 4)
    return Detections(boxes, np.array([row[2] for row in rows], np.float32), tuple(row[0] for row in rows))


CAR = ("car", (10.0, 10.0, 50.0, 30.0), 0.8)
VAN = ("van", (60.0, 10.0, 99.0, 30.0), 0.5)


@pytest.mark.parametrize(
    ("now", "texts"),
    [
        ((CAR, VAN), []),
        ((VAN, CAR), []),
        ((("car", CAR[1], 0.84), VAN), []),
        ((("car", CAR[1], 0.74), VAN), ["score 0.74 instead of 0.8"]),
        ((("bus", CAR[1], 0.8), VAN), ["car at [10, 10, 50, 30] with score 0.8 is not found", "not expected"]),
        (
            (("car", (16.0, 10.0, 50.0, 30.0), 0.8), VAN),
            ["not found (nearest box overlaps by 0.85)", "found, but not expected"],
        ),
        ((CAR,), ["van at"]),
        ((CAR, VAN, ("dog", (0.0, 0.0, 9.0, 9.0), 0.14)), []),
        ((CAR, VAN, ("dog", (0.0, 0.0, 9.0, 9.0), 0.16)), ["dog at [0, 0, 9, 9] with score 0.16"]),
        ((), ["car at", "van at"]),
    ],
)
def test_differences_are_told_one_by_one(now, texts):
    reference = record("a.png", iter([(0.05, found(CAR, VAN, VAN))]))
    reference = reference.model_copy(update={"boxes": reference.boxes[:2]})
    told = differences(reference, found(*now))
    assert len(told) == len(texts)
    assert all(text in line for text, line in zip(texts, told, strict=True))


def test_faint_weights_get_a_narrow_tolerance():
    faint = [("car", (i * 10.0, 0.0, i * 10 + 9.0, 9.0), 0.03 - i / 1000) for i in range(25)]
    reference = record("a.png", iter([(0.05, found()), (0.002, found(*faint))]))
    assert len(reference.boxes) == 20
    assert reference.threshold == pytest.approx(0.01, abs=1e-5)
    assert reference.tolerance.score == pytest.approx(0.005)
    assert not differences(reference, found(*faint))
    assert differences(reference, found(*[(name, box, score + 0.01) for name, box, score in faint]))


def test_weights_that_find_nothing_cannot_be_recorded():
    with pytest.raises(WeightsError, match="find nothing"):
        record("a.png", iter([(0.05, found()), (0.01, found())]))


def test_a_card_without_reference_is_not_trusted(nets):
    folder = nets.folder()
    save_card(load_card(folder).model_copy(update={"reference": None}), folder / CARD_FILE)
    with pytest.raises(WeightsError, match="no reference picture"):
        load_model(folder, runtime="onnxruntime")
    model = load_model(folder, runtime="onnxruntime", verify=False)
    with pytest.raises(WeightsError, match="no reference picture"):
        verify_model(model)


def test_the_drawn_street_never_changes():
    picture = street_picture()
    assert (picture.shape, picture.dtype) == ((360, 640, 3), np.uint8)
    assert not picture.flags.writeable
    assert hashlib.sha256(picture.tobytes()).hexdigest().startswith("4b87c14019d73a17")
