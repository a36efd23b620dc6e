"""Layout ``segment``: regions of cells with their outlines, from the grid to the sample."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brain.core.errors import WeightsError
from brain.core.regions import region_mask
from brain.core.types import Detections
from brain.inference.cards import Card, Layout, PaddingMode
from brain.inference.contours import grid_regions
from brain.inference.heads import check_outputs
from brain.inference.model import load_model
from brain.inference.preprocess import fit
from brain.inference.reference import record_regions
from brain.inference.segment import MAX_REGIONS, SegmentHead

SIDE, STRIDE = 64, 8
CLASSES = ("nothing", "water", "mud")


def card(scores: str = "probabilities", padding: str = "stretch", **output: object) -> Card:
    return Card.model_validate(
        {
            "id": "t",
            "layout": "segment",
            "file": "t.onnx",
            "sha256": "0" * 64,
            "input": {
                "name": "x",
                "width": SIDE,
                "height": SIDE,
                "colour": "BGR",
                "scale": "none",
                "padding": {"mode": padding},
            },
            "output": {"names": ("o",), "scores": scores, "stride": STRIDE, "background": "nothing"} | output,
            "classes": CLASSES,
            "score_threshold": 0.5,
            "licence": "none",
            "source": {},
        }
    )


def flooded(inside: np.ndarray) -> list[set[tuple[int, int]]]:
    """Regions of cells that touch along a side, by flooding."""
    todo = {(int(y), int(x)) for y, x in zip(*np.nonzero(inside), strict=True)}
    found = []
    while todo:
        region, front = set(), [todo.pop()]
        while front:
            y, x = front.pop()
            region.add((y, x))
            near = {(y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)} & todo
            todo -= near
            front += near
        found.append(region)
    return found


@given(
    seed=st.integers(0, 100_000),
    shape=st.tuples(st.integers(1, 12), st.integers(1, 12)),
    smooth=st.booleans(),
    threshold=st.sampled_from([0.3, 0.5, 0.7]),
)
@settings(max_examples=200, deadline=None)
def test_outlines_hold_just_the_cells_that_reach_the_threshold(seed, shape, smooth, threshold):
    values = np.random.default_rng(seed).random(shape).astype(np.float32)
    values = values if smooth else np.round(values * 5).astype(np.float32) / 5  # many alike
    found = grid_regions(values, threshold)
    inside = values >= threshold
    by_hand = flooded(inside)
    assert sorted(region.cells for region in found) == sorted(len(region) for region in by_hand)
    means = sorted(float(np.mean([values[cell] for cell in region])) for region in by_hand)
    np.testing.assert_allclose(sorted(region.mean for region in found), means, rtol=1e-5)
    size = shape[1], shape[0]
    for region in found:
        mask = region_mask([tuple((ring / size).astype(np.float32) for ring in region.rings)], size)
        assert {(int(y), int(x)) for y, x in zip(*np.nonzero(mask), strict=True)} in by_hand


def test_cells_on_the_threshold_count():
    values = np.array([[0.5, 0.75, 0.0, 0.5]], np.float32)
    assert [(region.cells, region.mean) for region in grid_regions(values, 0.5)] == [(2, 0.625), (1, 0.5)]
    # Alone, such a cell has no area at all: nothing to report.
    the = card()
    output = np.zeros((1, 3, 8, 8), np.float32)
    output[0, 1, 4, 4] = 0.5
    assert len(SegmentHead(the)([output], 0.1, None, fit((64, 64), the.input))) == 0


def rectangle_of(scores: str, rows: slice, columns: slice) -> np.ndarray:
    """Water there, nothing elsewhere, in the form of ``scores``."""
    water = np.zeros((SIDE // STRIDE, SIDE // STRIDE), np.float32)
    water[rows, columns] = 1
    if scores == "indexes":
        return water[None].astype(np.int64)
    planes = np.stack((1 - water, water, np.zeros_like(water)))[None]
    return (planes * 12 - 6 if scores in ("logits", "softmax") else planes).astype(np.float32)


@pytest.mark.parametrize("scores", ["probabilities", "logits", "softmax", "indexes"])
def test_all_forms_of_scores_say_the_same(scores):
    the = card(scores)
    output = rectangle_of(scores, slice(2, 6), slice(1, 5))
    check_outputs(the, [output])
    seen = SegmentHead(the)([output], 0.5, None, fit((640, 320), the.input))
    assert seen.label == ("water",)
    assert seen.score[0] > 0.99
    # Cells of 80×40 pixels; the outline lies about half-way between the middles of two cells.
    np.testing.assert_allclose(seen.xyxy[0], [80, 80, 400, 240], atol=1)
    assert region_mask(seen.outlines[0:1], (8, 8)).sum() == 16
    assert seen.outlines[0][0].dtype == np.float32
    assert len(seen.outlines[0][0]) <= 8


def test_a_hole_is_no_part_of_the_region():
    the = card()
    output = rectangle_of("probabilities", slice(1, 7), slice(1, 7))
    output[0, 1, 3:5, 3:5] = 0
    (outline,) = SegmentHead(the)([output], 0.5, None, fit((64, 64), the.input)).outlines
    assert len(outline) == 2
    assert region_mask([outline], (8, 8)).sum() == 36 - 4


def test_wishes_scores_and_the_background():
    the = card()
    output = rectangle_of("probabilities", slice(0, 4), slice(0, 8))
    output[0, 2, 6:] = 0.7
    place = fit((64, 64), the.input)
    head = SegmentHead(the)
    assert head([output], 0.1, None, place).label == ("water", "mud")
    assert head([output], 0.8, None, place).label == ("water",)
    assert head([output], 0.1, np.array([True, False, True]), place).label == ("mud",)
    nothing = head([output], 0.1, np.array([True, False, False]), place)
    assert (len(nothing), nothing.xyxy.shape, nothing.outlines) == (0, (0, 4), ())


def test_a_region_at_the_edge_reaches_it():
    the = card()
    output = rectangle_of("probabilities", slice(4, 8), slice(0, 8))
    seen = SegmentHead(the)([output], 0.5, None, fit((100, 100), the.input))
    np.testing.assert_allclose(seen.xyxy[0], [0, 50, 100, 100], atol=0.5)
    everywhere = SegmentHead(the)([np.full_like(output, 0.9)], 0.5, None, fit((100, 100), the.input))
    np.testing.assert_allclose(everywhere.xyxy, [[0, 0, 100, 100]] * 2)


@pytest.mark.parametrize("mode", list(PaddingMode))
@pytest.mark.parametrize("size", [(640, 360), (300, 400), (7, 7), (1000, 10)])
def test_padding_is_no_part_of_the_picture(mode, size):
    the = card(padding=mode)
    output = np.full((1, 3, 8, 8), 0.9, np.float32)
    seen = SegmentHead(the)([output], 0.5, None, fit(size, the.input))
    np.testing.assert_allclose(seen.xyxy, [[0, 0, *size]] * 2, rtol=1e-4)
    output[:] = 0
    output[0, 1, 0] = output[0, 1, 7] = 0.9  # the free rows of a wide picture in the middle
    if mode is PaddingMode.CENTRE and size == (640, 360):
        assert len(SegmentHead(the)([output], 0.5, None, fit(size, the.input))) == 0


def test_of_too_many_regions_the_largest_stay():
    tree = card().model_dump()
    tree["input"]["width"] = tree["input"]["height"] = 8 * 40
    the = Card.model_validate(tree)
    output = np.zeros((1, 3, 40, 40), np.float32)
    output[0, 1, ::2, ::2] = 0.9
    output[0, 1, 30:, 30:] = 0.6
    seen = SegmentHead(the)([output], 0.5, None, fit((320, 320), the.input))
    assert len(seen) == MAX_REGIONS
    assert seen.score[-1] < 0.8  # the large one, least sure of all
    assert (np.diff(seen.score) <= 0).all()


def seen(count: int, score: float = 0.9) -> Detections:
    boxes = np.array([[10 * number, 0, 10 * number + 8, 8] for number in range(count)], np.float32).reshape(-1, 4)
    return Detections(boxes, np.full(count, score, np.float32), ("water",) * count)


def test_a_reference_is_taken_at_the_first_threshold_that_gives_some_and_not_too_many():
    found = iter([(0.5, seen(0)), (0.3, seen(30)), (0.15, seen(2)), (0.05, seen(5))])
    reference = record_regions("a.png", found)
    assert (reference.threshold, len(reference.boxes)) == (0.15, 2)
    with pytest.raises(WeightsError, match=r"find 30 regions.*20 are the most"):
        record_regions("a.png", iter([(0.5, seen(0)), (0.3, seen(30))]))
    with pytest.raises(WeightsError, match="find nothing"):
        record_regions("a.png", iter([(0.5, seen(0))]))


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"output": {"stride": None}}, "needs output.stride"),
        ({"output": {"stride": 7}}, "multiples of output.stride 7"),
        ({"output": {"background": "sky"}}, "'sky' is none of the classes"),
        ({"classes": ("nothing",)}, "the only class"),
        ({"nms_iou": 0.45}, "no suppression"),
        ({"output": {"names": ("a", "b")}}, "one output"),
        ({"output": {"decoded": True}}, "yolox only"),
        ({"layout": "detr"}, "output.stride is for layout segment"),
        ({"layout": "detr", "output": {"stride": None}}, "output.background is for layout segment"),
        ({"layout": "detr", "output": {"scores": "softmax"}}, "softmax is for layout segment"),
    ],
)
def test_cards_that_do_not_fit(change, text):
    tree = card().model_dump()
    output = tree["output"] | change.pop("output", {})
    with pytest.raises(ValueError, match=text):
        Card.model_validate(tree | change | {"output": output})


@pytest.mark.parametrize(
    ("scores", "output", "text"),
    [
        (
            "probabilities",
            np.zeros((1, 2, 8, 8)),
            "is 1×2×8×8, but layout segment with 3 classes.*gives 1×3×8×8 at stride",
        ),
        ("probabilities", np.zeros((1, 3, 16, 16)), "1×3×16×16.*gives 1×3×8×8 at stride 8"),
        ("probabilities", np.zeros((1, 8, 8)), "is 1×8×8"),
        ("logits", np.zeros((1, 3, 64)), "is 1×3×64"),
        ("probabilities", np.full((1, 3, 8, 8), 4.0), "scores run from 4 to 4"),
        ("softmax", np.full((1, 3, 8, 8), np.nan), "not finite"),
        ("indexes", np.zeros((1, 3, 8, 8)), "gives 1×8×8 at stride 8 of class indexes"),
        ("indexes", np.full((1, 8, 8), 3), "class index 3, but the card lists 3 classes"),
        ("indexes", np.full((1, 8, 8), 255), "class index 255"),
        ("indexes", np.full((1, 8, 8), 0.5), r"class index 0\.5"),
    ],
)
def test_outputs_that_cannot_be_meant(scores, output, text):
    with pytest.raises(WeightsError, match=text) as caught:
        check_outputs(card(scores), [output])
    assert "output.s" in caught.value.remedy or "export" in caught.value.remedy


def test_a_network_marks_what_it_sees(nets):
    model = load_model(nets.folder(Layout.SEGMENT, colour="RGB", unit=True), runtime="onnxruntime")
    assert model.gives_regions
    picture = np.full((320, 640, 3), 114, np.uint8)
    picture[80:240, 160:400] = (0, 0, 255)
    picture[240:320, 560:640] = (255, 0, 0)
    seen = model.detect(picture)
    assert set(seen.label) == {"red", "blue"}
    for name, (x1, y1, x2, y2) in (("red", (160, 80, 400, 240)), ("blue", (560, 240, 640, 320))):
        true = np.zeros((320, 640), bool)
        true[y1:y2, x1:x2] = True
        mask = region_mask([seen.outlines[seen.label.index(name)]], (640, 320))
        assert (mask & true).sum() / (mask | true).sum() > 0.9
    assert model.detect(picture, frozenset({"blue"})).label == ("blue",)
    assert len(model.detect(np.full((320, 640, 3), 114, np.uint8))) == 0
