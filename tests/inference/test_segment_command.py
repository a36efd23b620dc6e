"""``brain models add --layout segment``, as a user meets it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from typer.testing import CliRunner

from brain.cli.models import app
from brain.core.errors import WeightsError
from brain.inference.cards import CARD_FILE, Layout, Scores, load_card
from brain.inference.model import load_model


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("BRAIN_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "models" / "weights"


def add(file: Path, *options: object) -> str:
    form = ["--layout", "segment", "--colour", "BGR", "--scale", "none", "--classes", "red,blue"]
    result = CliRunner().invoke(app, ["add", str(file), "--id", "mine", *form, *map(str, options)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def picture(tmp_path):
    image = np.full((200, 400, 3), 114, np.uint8)
    image[50:150, 100:200] = (0, 0, 255)
    file = tmp_path / "own.png"
    cv2.imwrite(str(file), image)
    return file


def with_indexes(file: Path) -> Path:
    """The same network, which answers with the index of the best class: 1×8×8, whole numbers."""
    model = onnx.load(str(file))
    graph = model.graph
    graph.node.append(helper.make_node("ArgMax", ["output"], ["kind"], axis=1, keepdims=0))
    graph.output.pop()
    graph.output.append(helper.make_tensor_value_info("kind", TensorProto.INT64, [1, 8, 8]))
    onnx.save(model, str(file))
    return file


def test_added_verified_and_drawn(nets, home, picture):
    out = add(nets.file(Layout.SEGMENT), "--scores", "probabilities", "--picture", picture)
    assert "red" in out
    card = load_card(home / "mine")
    assert (card.output.stride, card.output.scores, card.output.background) == (8, Scores.PROBABILITIES, None)
    (box,) = card.reference.boxes
    assert box.label == "red"
    np.testing.assert_allclose(box.box, (100, 50, 200, 150), atol=15)
    marked = cv2.imread(str(home / "mine" / "marked.png"))
    # In the middle of the region its colour is tinted; beside it the picture is as it was.
    assert marked[120, 150].tolist() != [0, 0, 255]
    assert marked[20, 350].tolist() == [114, 114, 114]
    assert "mine: ok" in CliRunner().invoke(app, ["verify", "mine"]).output
    seen = load_model(home / "mine", runtime="onnxruntime").detect(cv2.imread(str(picture)))
    assert len(seen.outlines) == 1


def test_class_indexes_are_known_by_their_numbers(nets, home, picture):
    image = cv2.imread(str(picture))
    cv2.imwrite(str(picture), np.ascontiguousarray(image[..., ::-1]))
    add(with_indexes(nets.file(Layout.SEGMENT)), "--picture", picture, "--background", "red", "--force")
    card = load_card(home / "mine")
    assert (card.output.scores, card.output.background, card.reference.boxes[0].label) == ("indexes", "red", "blue")


@pytest.mark.parametrize(
    ("form", "options", "text", "remedy"),
    [
        ({}, [], "how the scores of its cells are to be read", "--scores probabilities | logits | softmax"),
        ({}, ["--scores", "probabilities", "--classes", "red,blue,green"], "1×2×8×8.*3 classes.*1×3×8×8", "classes"),
        ({}, ["--scores", "indexes"], "1×8×8 at stride 8 of class indexes", "output.scores"),
        ({}, ["--scores", "logits", "--stride", "16"], "1×2×4×4 at stride 16", "output.stride"),
        ({}, ["--scores", "logits", "--stride", "7"], "multiples of output.stride 7", "option"),
        ({}, ["--scores", "logits", "--background", "sky"], "'sky' is none of the classes", "option"),
        ({"sigmoid": False}, ["--scores", "probabilities"], "scores run from", "sigmoid"),
        ({"free": True}, ["--scores", "probabilities", "--input-size", "64"], "the stride of its cells", "--stride"),
    ],
)
def test_what_is_refused(nets, home, form, options, text, remedy):
    with pytest.raises(WeightsError, match=text) as caught:
        add(nets.file(Layout.SEGMENT, **form), *options)
    assert remedy in caught.value.remedy
    assert not (home / "mine").exists()


def test_what_the_network_leaves_free_can_be_said(nets, home):
    file = nets.file(Layout.SEGMENT, free=True)
    add(file, "--scores", "probabilities", "--input-size", "96x64", "--stride", "8")
    card = load_card(home / "mine")
    assert (card.input.width, card.input.height, card.output.stride) == (96, 64, 8)


def test_regions_that_are_others_than_recorded_are_refused(nets, home, picture, rewrite):
    add(nets.file(Layout.SEGMENT), "--scores", "probabilities", "--picture", picture)
    rewrite(home / "mine" / CARD_FILE, "colour: BGR", "colour: RGB")
    with pytest.raises(WeightsError, match="finds other things") as caught:
        load_model(home / "mine", runtime="onnxruntime")
    assert "input.colour (it fits with BGR)" in caught.value.remedy
