"""Parts of an export that compute: the graph, agreement, the recipes of 8-bit numbers."""

from __future__ import annotations

import math

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from brain.core.errors import UsageError
from brain.core.types import Detections
from brain.inference.cards import Reference, ReferenceBox
from brain.inference.export.agreement import Shared, loosened, shared, sum_shared
from brain.inference.export.int8 import Recipe, recipes, split
from brain.inference.export.network import after_last_weights, first_layers, name_nodes, weighted_count, without_focus


def network(nodes, values, size=(6, 8)):
    """A model of some nodes, from ``x`` to ``y``."""
    constants = [numpy_helper.from_array(np.asarray(value), name) for name, value in values.items()]
    height, width = size
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, height, width])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    name_nodes(model)
    return onnx.shape_inference.infer_shapes(model)


def run(model, value):
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": value})[0]


def focus(offsets, *, chained, step=2):
    """Each second pixel, from each offset, behind each other: with one slice or two."""
    values = {"far": np.array([1 << 40]), "step": np.array([step]), "rows": np.array([2]), "columns": np.array([3])}
    values |= {"both": np.array([2, 3]), "far2": np.array([1 << 40] * 2), "step2": np.array([step] * 2)}
    values |= {"at0": np.array([0]), "at1": np.array([1])}
    nodes = []
    for number, (row, column) in enumerate(offsets):
        if chained:
            nodes.append(helper.make_node("Slice", ["x", f"at{row}", "far", "rows", "step"], [f"h{number}"]))
            nodes.append(
                helper.make_node("Slice", [f"h{number}", f"at{column}", "far", "columns", "step"], [f"p{number}"])
            )
        else:
            values[f"at{number}both"] = np.array([row, column])
            nodes.append(helper.make_node("Slice", ["x", f"at{number}both", "far2", "both", "step2"], [f"p{number}"]))
    nodes.append(helper.make_node("Concat", [f"p{number}" for number in range(len(offsets))], ["y"], axis=1))
    return nodes, values


offset = st.tuples(st.integers(0, 1), st.integers(0, 1))


@given(offsets=st.lists(offset, min_size=1, max_size=5), chained=st.booleans())
def test_a_focus_becomes_a_convolution_with_the_same_numbers(offsets, chained):
    model = network(*focus(offsets, chained=chained))
    value = np.random.default_rng(len(offsets)).random((1, 3, 6, 8)).astype(np.float32)
    before = run(model, value)
    after = without_focus(model)
    assert [node.op_type for node in after.graph.node] == ["Conv"]
    onnx.checker.check_model(after)
    np.testing.assert_array_equal(run(after, value), before)


@pytest.mark.parametrize(
    ("step", "size"), [pytest.param(3, (6, 9), id="each third pixel"), pytest.param(2, (5, 8), id="odd height")]
)
def test_other_slices_stay(step, size):
    model = network(*focus([(0, 0), (0, 1)], chained=True, step=step), size)
    kinds = [node.op_type for node in model.graph.node]
    assert [node.op_type for node in without_focus(model).graph.node] == kinds


def test_parts_of_a_network():
    weight = {"w": np.ones((3, 3, 1, 1), np.float32)}
    conv = [helper.make_node("Conv", [a, "w"], [b], name=b) for a, b in (("x", "a"), ("ra", "b"), ("rb", "c"))]
    relu = [helper.make_node("Relu", [a], [f"r{a}"], name=f"r{a}") for a in ("a", "b")]
    side = helper.make_node("Conv", ["rb", "w"], ["d"], name="d")
    end = helper.make_node("Add", ["c", "d"], ["y"], name="y")
    model = network([conv[0], relu[0], conv[1], relu[1], conv[2], side, end], weight)
    assert weighted_count(model) == 4
    assert after_last_weights(model) == ({"y"}, {"c", "d"})
    assert first_layers(model, 0) == set()
    assert first_layers(model, 1) == {"a", "ra"}
    assert first_layers(model, 9) == {"a", "ra", "b", "rb", "c", "d", "y"}


def found(*boxes):
    """Detections of ``(label, x1, y1, x2, y2)``."""
    xyxy = np.array([box[1:] for box in boxes], np.float32).reshape(-1, 4)
    return Detections(xyxy, np.full(len(boxes), 0.5, np.float32), tuple(box[0] for box in boxes))


CAR, MOVED, AWAY, PERSON = ("car", 0, 0, 10, 10), ("car", 0, 0, 10, 8), ("car", 0, 0, 10, 4), ("person", 0, 0, 10, 10)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ([], [], 0),
        ([CAR], [CAR], 1),
        ([CAR], [MOVED], 1),
        ([CAR], [AWAY], 0),
        ([CAR], [PERSON], 0),
        ([CAR, CAR], [CAR], 1),
        ([CAR, PERSON], [PERSON, MOVED], 2),
    ],
)
def test_what_two_networks_share(one, other, both):
    got = shared(found(*one), found(*other))
    assert got == Shared(both, len(one), len(other))
    assert got.share == pytest.approx(2 * both / (len(one) + len(other))) if one or other else math.isnan(got.share)


def test_regions_share_cells():
    left, right = (np.array([[x, 0], [x + 0.5, 0], [x + 0.5, 1], [x, 1]], np.float32) for x in (0.0, 0.25))
    one, other = (
        Detections(np.zeros((1, 4), np.float32), np.ones(1, np.float32), ("water",), ((ring,),))
        for ring in (left, right)
    )
    assert sum_shared([(one, other)]).share == pytest.approx(0.5, abs=0.02)
    assert shared(one, one).share == 1
    assert shared(one, Detections(one.xyxy, one.score, ("mud",), one.outlines)).both == 0


def reference(*scores):
    boxes = tuple(ReferenceBox(label="car", box=(0, 0, 9, 9), score=score) for score in scores)
    return Reference(picture="drawn:street", threshold=0.05, boxes=boxes)


def test_a_looser_reference_asks_for_what_is_sure():
    loose = loosened(reference(0.8, 0.1), 0.3)
    assert ([box.score for box in loose.boxes], loose.threshold) == ([0.8], 0.3)
    assert loose.tolerance.iou < reference(0.8).tolerance.iou
    faint = loosened(reference(0.1, 0.06), 0.3)
    assert ([box.score for box in faint.boxes], faint.threshold) == ([0.1, 0.06], 0.05)


def test_recipes_begin_with_the_fastest_and_keep_half():
    assert list(recipes(3)) == [Recipe(0, last=False), Recipe(0, last=True)]
    tried = list(recipes(100))
    assert tried[0] == Recipe(0, last=False)
    assert [recipe.first for recipe in tried] == sorted(recipe.first for recipe in tried)
    assert str(Recipe(5, last=True)) == "the first 5 layers and the last layers in 32 bits"


@given(count=st.integers(8, 200))
def test_pictures_are_split_and_none_is_used_twice(count):
    pictures = [np.full((1, 1, 3), number, np.uint8) for number in range(count)]
    calibrating, judging = split(pictures)
    used = [int(picture[0, 0, 0]) for picture in calibrating + judging]
    assert len(set(used)) == len(used) == min(count, 60)
    assert len(calibrating) >= 2 * len(judging) >= 2
    with pytest.raises(UsageError, match="too few"):
        split(pictures[:7])
