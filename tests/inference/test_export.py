"""Exports: each form loaded again by its runtime, in agreement with the original, or nothing at all."""

from __future__ import annotations

import importlib.util
import json

import cv2
import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
from typer.testing import CliRunner

from brain.cli.models import app
from brain.core.errors import UsageError, WeightsError
from brain.inference.cards import CARD_FILE, Layout, load_card, save_card
from brain.inference.export.forms import Form
from brain.inference.export.write import Wish, export_weights
from brain.inference.library import Weights, weights_in
from brain.inference.model import load_model
from brain.inference.street import street_picture

NCNN = all(importlib.util.find_spec(name) for name in ("ncnn", "pnnx"))
with_ncnn = pytest.mark.skipif(not NCNN, reason="ncnn and pnnx are not installed")
FORMS = [Form.ONNX_INT8, Form.OPENVINO, Form.ORT_MOBILE, pytest.param(Form.NCNN, marks=with_ncnn)]
NAMES = {
    Form.ONNX_INT8: {"tiny.int8.onnx"},
    Form.OPENVINO: {"tiny.xml", "tiny.bin"},
    Form.ORT_MOBILE: {"tiny.ort", "tiny.required_operators_and_types.config"},
    Form.NCNN: {"tiny.param", "tiny.bin"},
}


def pictures():
    """Crops of the drawn street: enough to calibrate on."""
    street = street_picture()
    return [np.ascontiguousarray(street[:, 40 * number : 40 * number + 320]) for number in range(9)]


def wish(folder, form, **more):
    return Wish(form, folder, pictures, **more)


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_loaded_again_and_sees_the_same(nets, tmp_path, form):
    source = nets.folder(Layout.YOLO, colour="RGB", unit=True)
    done = export_weights(weights_in(source), wish(tmp_path / "out", form))
    assert set(done.files) == NAMES[form]
    assert {entry.name for entry in done.folder.iterdir()} == NAMES[form] | {CARD_FILE}
    card, old = load_card(done.folder), load_card(source)
    assert card == done.card
    assert (card.source["exported_for"], card.source["exported_sha256"]) == (form, old.sha256)
    assert (card.classes, card.layout, card.score_threshold) == (old.classes, old.layout, old.score_threshold)
    assert min(done.milliseconds) > 0
    if form is not Form.NCNN:  # what this product's own runtimes load, it loads as any weights
        runtime = "openvino" if form is Form.OPENVINO else "onnxruntime"
        model = load_model(done.folder, runtime=runtime)
        before, after = load_model(source, runtime="onnxruntime"), model.detect(street_picture())
        found = before.detect(street_picture())
        np.testing.assert_allclose(after.score, found.score, atol=0.1 if form is Form.ONNX_INT8 else 0.01)
    text = b"".join(entry.read_bytes() for entry in done.folder.iterdir())
    assert str(tmp_path).encode() not in text


@pytest.mark.parametrize("layout", [Layout.YOLOX, Layout.DETR, Layout.YOLO_END2END, Layout.SEGMENT])
@pytest.mark.parametrize("form", [Form.ONNX_INT8, Form.OPENVINO, Form.ORT_MOBILE])
def test_every_layout(nets, tmp_path, layout, form):
    shape = {} if layout is Layout.YOLOX else {"colour": "RGB", "unit": True}
    if layout is Layout.DETR:
        shape["sigmoid"] = False
    done = export_weights(weights_in(nets.folder(layout, **shape)), wish(tmp_path / "out", form))
    assert done.card.output.names == load_card(nets.root / "tiny").output.names


@with_ncnn
@pytest.mark.parametrize("layout", [Layout.YOLOX, Layout.SEGMENT])
def test_ncnn_gives_its_own_names(nets, tmp_path, layout):
    done = export_weights(weights_in(nets.folder(layout)), wish(tmp_path / "out", Form.NCNN))
    assert (done.card.input.name, done.card.output.names) == ("in0", ("out0",))
    assert done.note == "16-bit weights"


@with_ncnn
def test_what_ncnn_cannot_compute_is_not_written(nets, tmp_path):
    weights = weights_in(nets.folder(Layout.YOLO_END2END, colour="RGB", unit=True))  # asks for the best class
    with pytest.raises(WeightsError, match="ncnn"):
        export_weights(weights, wish(tmp_path / "out", Form.NCNN))
    assert not (tmp_path / "out").exists()


def test_a_reference_of_ones_own_goes_along(nets, tmp_path):
    source = nets.folder(Layout.YOLOX)
    cv2.imwrite(str(source / "reference.png"), street_picture())
    card = load_card(source)
    own = card.reference.model_copy(update={"picture": "reference.png"})
    save_card(card.model_copy(update={"reference": own}), source / CARD_FILE)
    done = export_weights(weights_in(source), wish(tmp_path / "out", Form.ORT_MOBILE))
    assert load_model(done.folder, runtime="onnxruntime").card.reference.picture == "reference.png"


def _too_fine(path):
    """Lets the network compute with numbers near 1000 that differ by parts of 1: 256 steps cannot tell them apart."""
    model = onnx.load(path)
    model.graph.initializer.append(numpy_helper.from_array(np.array(1000, np.float32), "far"))
    relu = next(node for node in model.graph.node if node.op_type == "Relu")
    place, name = list(model.graph.node).index(relu) + 1, relu.output[0]
    relu.output[0] = "near"
    model.graph.node.insert(place, helper.make_node("Add", ["near", "far"], ["moved"]))
    model.graph.node.insert(place + 1, helper.make_node("Sub", ["moved", "far"], [name]))
    onnx.save(model, path)


def test_what_disagrees_is_not_written(nets, tmp_path):
    source = nets.folder(Layout.YOLO, colour="RGB", unit=True)
    _too_fine(source / "tiny.onnx")
    save_card(nets.card(source / "tiny.onnx", Layout.YOLO).model_copy(update={"id": "tiny"}), source / CARD_FILE)
    with pytest.raises(WeightsError, match="no 8-bit form agrees") as caught:
        export_weights(weights_in(source), wish(tmp_path / "out" / "int8", Form.ONNX_INT8))
    assert "--pictures" in caught.value.remedy
    assert list((tmp_path / "out").iterdir()) == []
    export_weights(weights_in(source), wish(tmp_path / "out" / "ort", Form.ORT_MOBILE))


def test_pictures_that_prove_nothing(nets, tmp_path):
    weights = weights_in(nets.folder(Layout.YOLO, colour="RGB", unit=True))
    grey = Wish(Form.ONNX_INT8, tmp_path / "out", lambda: [np.full((90, 160, 3), 114, np.uint8)] * 9)
    with pytest.raises(UsageError, match="find nothing in the 3 pictures"):
        export_weights(weights, grey)
    few = Wish(Form.ONNX_INT8, tmp_path / "out", lambda: pictures()[:7])
    with pytest.raises(UsageError, match="7 pictures are too few"):
        export_weights(weights, few)


def test_a_folder_with_something_else_stays_as_it_is(nets, tmp_path):
    weights = weights_in(nets.folder(Layout.YOLOX))
    folder = tmp_path / "mine"
    folder.mkdir()
    export_weights(weights, wish(folder, Form.ORT_MOBILE))  # empty: fine
    with pytest.raises(UsageError, match="holds an export already"):
        export_weights(weights, wish(folder, Form.OPENVINO))
    export_weights(weights, wish(folder, Form.OPENVINO, replace=True))
    assert {entry.suffix for entry in folder.iterdir()} == {".xml", ".bin", ".yaml"}
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"x")
    with pytest.raises(UsageError, match="something else than an export"):
        export_weights(weights, wish(tmp_path / "photos", Form.OPENVINO, replace=True))
    with pytest.raises(UsageError, match="something else than an export"):
        export_weights(weights, wish(weights.folder, Form.OPENVINO, replace=True))


def test_a_network_with_a_free_size_is_fixed(nets, tmp_path):
    file = nets.file(Layout.YOLO, colour="RGB", unit=True, free=True)
    card = nets.card(file, Layout.YOLO, size=(64, 64))
    done = export_weights(Weights(card, file, file.parent), wish(tmp_path / "out", Form.OPENVINO))
    shape = load_model(done.folder, runtime="openvino").runtime.inputs[0].shape
    assert shape == (1, 3, 64, 64)


@pytest.mark.skipif(NCNN, reason="ncnn and pnnx are installed here")
def test_a_runtime_that_is_not_there_is_named_with_its_command(nets, tmp_path):
    with pytest.raises(UsageError, match=r"needs the package (ncnn|pnnx)") as caught:
        export_weights(weights_in(nets.folder(Layout.YOLOX)), wish(tmp_path / "out", Form.NCNN))
    assert caught.value.remedy.startswith("pip install")
    assert not (tmp_path / "out").exists()


def test_the_command(nets, tmp_path, monkeypatch):
    monkeypatch.setenv("BRAIN_HOME", str(tmp_path / "home"))
    source = nets.folder(Layout.YOLO, colour="RGB", unit=True)
    folder = tmp_path / "photos"
    folder.mkdir()
    for number, picture in enumerate(pictures()):
        cv2.imwrite(str(folder / f"{number}.png"), picture)
    common = ["export", str(source), "-o", str(tmp_path / "out")]
    result = CliRunner().invoke(app, [*common, "--for", "onnx-int8", "--pictures", str(folder), "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["id"], told["for"], told["pictures"]) == ("tiny_onnx_int8", "onnx-int8", str(folder))
    assert told["files"] == {"tiny.int8.onnx": (tmp_path / "out" / "tiny.int8.onnx").stat().st_size}
    assert "calibrated on 6 pictures" in told["note"]
    shown = CliRunner().invoke(app, [*common, "--for", "ort-mobile", "--force"])
    assert shown.exit_code == 0, shown.output
    assert "tiny.ort" in shown.output
    missing = CliRunner().invoke(app, [*common, "--for", "onnx-int8", "--force", "--pictures", str(tmp_path / "no")])
    assert isinstance(missing.exception, UsageError)
    assert CliRunner().invoke(app, [*common, "--for", "abacus"]).exit_code == 2
