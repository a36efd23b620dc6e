"""Weights of one's own, as each exporter writes them: names, free sizes, operator set and the order of axes."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from brain.core.errors import WeightsError
from brain.inference.adding import add_weights
from brain.inference.cards import Layout
from brain.inference.catalog import Catalog
from brain.inference.declare import Said
from brain.inference.library import Library
from brain.inference.model import load_model
from brain.inference.street import street_picture

SAID = {"layout": Layout.YOLO, "classes": ("red", "blue"), "licence": "MIT"}


def as_torch(model: onnx.ModelProto) -> None:
    """``torch.onnx.export`` with a free batch."""
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "batch"
    model.producer_name = "pytorch"


def as_torch_old(model: onnx.ModelProto) -> None:
    """The same with all sizes free: then the size must be said."""
    for place, name in ((0, "batch"), (2, "height"), (3, "width")):
        model.graph.input[0].type.tensor_type.shape.dim[place].dim_param = name


def as_paddle(model: onnx.ModelProto) -> None:
    """``paddle2onnx``: its own names, and a batch whose name says that it is free."""
    _rename(model, "images", "x0")
    _rename(model, "output", "fetch_name_0")
    for number, node in enumerate(model.graph.node):
        node.name = f"p2o.{node.op_type}.{number}"
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "DynamicDimension.0"


def as_tensorflow(model: onnx.ModelProto) -> None:
    """``tf2onnx --inputs-as-nchw``: names with a colon, a network that works on height, width, channels inside."""
    _rename(model, "images", "images:0")
    _rename(model, "output", "Identity:0")
    first = model.graph.node[0]
    inside = [
        helper.make_node("Transpose", ["images:0"], ["nhwc"], perm=[0, 2, 3, 1]),
        helper.make_node("Transpose", ["nhwc"], ["nchw"], perm=[0, 3, 1, 2]),
    ]
    first.input[0] = "nchw"
    for node in reversed(inside):
        model.graph.node.insert(0, node)


def _rename(model: onnx.ModelProto, old: str, new: str) -> None:
    for value in (*model.graph.input, *model.graph.output):
        value.name = new if value.name == old else value.name
    for node in model.graph.node:
        for names in (node.input, node.output):
            names[:] = [new if name == old else name for name in names]


@pytest.fixture
def library(tmp_path):
    return Library(tmp_path / "own", tmp_path / "none", Catalog())


@pytest.mark.parametrize(
    ("write", "size", "names"),
    [
        (as_torch, None, ("images", "output")),
        (as_torch_old, (64, 64), ("images", "output")),
        (as_paddle, None, ("x0", "fetch_name_0")),
        (as_tensorflow, None, ("images:0", "Identity:0")),
    ],
)
def test_what_exporters_write_is_taken(nets, library, write, size, names):
    plain = nets.file(Layout.YOLO, colour="RGB", unit=True)
    before = add_weights(plain, Said(id="plain", **SAID), library)
    file = nets.root / "mine.onnx"
    model = onnx.load(plain)
    write(model)
    onnx.save(model, file)
    added = add_weights(file, Said(size=size, **SAID), library)
    assert (added.card.id, added.card.input.name, added.card.output.names) == ("mine", names[0], (names[1],))
    found = load_model(added.folder, runtime="onnxruntime").detect(street_picture())
    np.testing.assert_allclose(found.xyxy, before.detections.xyxy)
    np.testing.assert_allclose(found.score, before.detections.score, atol=1e-6)


def test_numbers_in_a_second_file_are_refused_with_the_way_out(nets, library):
    file = nets.file(Layout.YOLO, colour="RGB", unit=True)
    onnx.save(onnx.load(file), file, save_as_external_data=True, location="mine.onnx.data", size_threshold=256)
    with pytest.raises(WeightsError, match="second file") as caught:
        add_weights(file, Said(**SAID), library)
    assert "external_data=False" in caught.value.remedy
    assert list(library.own.iterdir()) == []


def test_sixteen_bit_inputs_are_refused_with_the_way_out(nets, library):
    file = nets.file(Layout.YOLO, colour="RGB", unit=True)
    model = onnx.load(file)
    model.graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.FLOAT16
    for value in model.graph.initializer:
        if value.data_type == onnx.TensorProto.FLOAT:
            value.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(value).astype(np.float16), value.name))
    del model.graph.value_info[:]
    model.graph.output[0].type.tensor_type.elem_type = onnx.TensorProto.FLOAT16
    onnx.save(model, file)
    with pytest.raises(WeightsError, match="float32"):
        add_weights(file, Said(**SAID), library)
