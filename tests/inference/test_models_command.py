"""``brain models``: add, list, verify and pull, as a user meets them."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from brain.cli.models import app
from brain.core.errors import BrainError, UsageError, WeightsError
from brain.inference.cards import CARD_FILE, Layout, load_card
from brain.inference.model import load_model
from brain.inference.street import street_picture

DECLARED = {
    "author": "Ultralytics",
    "task": "detect",
    "names": "{0: 'red', 1: 'blue'}",
    "imgsz": "[64, 64]",
    "license": "AGPL-3.0",
}


@pytest.fixture
def home(tmp_path, monkeypatch):
    folder = tmp_path / "home"
    monkeypatch.setenv("BRAIN_HOME", str(folder))
    return folder


def brain(*arguments: object) -> str:
    """Output of ``brain models …``; the command's own error is raised."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def own(home):
    return home / "models" / "weights"


def test_add_list_verify(nets, home):
    file = nets.file(Layout.YOLOX)
    out = brain("add", file, "--id", "mine", "--layout", "yolox", "--classes", "red,blue", "--licence", "MIT")
    folder = own(home) / "mine"
    assert str(folder / "marked.png") in out
    assert "red" in out
    card = load_card(folder)
    assert (card.layout, card.input.colour, card.input.scale, card.input.padding.mode) == (
        "yolox",
        "BGR",
        "none",
        "top_left",
    )
    assert (card.licence, card.classes, card.reference.picture) == ("MIT", ("red", "blue"), "drawn:street")
    marked = cv2.imread(str(folder / "marked.png"))
    assert marked.shape == street_picture().shape
    assert (marked != street_picture()).any()
    rows = {row["id"]: row for row in json.loads(brain("list", "--json"))}
    assert (rows["mine"]["where"], rows["mine"]["classes"]) == ("own", ["red", "blue"])
    assert rows["yolox_nano"]["where"] in ("pull", "built in")
    assert "mine" in brain("list")
    assert "mine: ok" in brain("verify", "mine")
    with pytest.raises(WeightsError, match="--force"):
        brain("add", file, "--id", "mine", "--layout", "yolox", "--classes", "red,blue")
    brain("add", file, "--id", "mine", "--layout", "yolox", "--classes", "r,b", "--force")
    assert load_card(folder).classes == ("r", "b")


def test_verify_tells_what_is_broken(nets, home, rewrite):
    for name in ("good", "bad"):
        brain(
            "add", nets.file(Layout.YOLO, colour="RGB", unit=True), "--id", name, "--layout", "yolo", "--classes", "a,b"
        )
    rewrite(own(home) / "bad" / CARD_FILE, "colour: RGB", "colour: BGR")
    result = CliRunner().invoke(app, ["verify", "--runtime", "onnxruntime"])
    assert result.exit_code == 1
    assert "good: ok" in result.output
    assert "bad: FAILED" in result.output
    assert "input.colour (it fits with RGB)" in result.output
    rewrite(own(home) / "bad" / CARD_FILE, "colour: BGR", "colour: pink")
    rows = {row["id"]: row for row in json.loads(brain("list", "--json"))}
    assert "colour" in rows["bad"]["problem"]
    with pytest.raises(WeightsError, match="no weights called 'ugly'"):
        _raise_from("verify", "ugly")


def _raise_from(*arguments: str) -> None:
    """``verify`` prints failures and goes on; turn its text into an error for the caller."""
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 1
    raise WeightsError(result.output)


def test_a_picture_of_ones_own(nets, home, tmp_path):
    picture = np.full((200, 400, 3), 114, np.uint8)
    picture[50:150, 100:200] = (0, 0, 255)
    jpeg = tmp_path / "own.jpg"
    cv2.imwrite(str(jpeg), picture)
    file = nets.file(Layout.DETR, colour="RGB", unit=True, sigmoid=False)
    out = brain("add", file, "--id", "mine", "--layout", "detr", "--classes", "red,blue", "--picture", jpeg)
    assert "padding" not in out
    card = load_card(own(home) / "mine")
    assert card.reference.picture == "reference.png"
    assert (card.output.names, card.output.scores) == (("pred_boxes", "logits"), "logits")
    assert load_model(own(home) / "mine", runtime="onnxruntime").card == card
    square = tmp_path / "square.png"
    cv2.imwrite(str(square), np.ascontiguousarray(picture[:, :200]))
    file = nets.file(Layout.YOLOX)
    out = brain("add", file, "--id", "two", "--layout", "yolox", "--classes", "red,blue", "--picture", square)
    assert "padding could not be recorded" in out


@pytest.mark.parametrize(
    ("layout", "form", "more"),
    [
        (Layout.YOLO, {}, {}),
        (Layout.YOLO_END2END, {}, {"head": "Detect"}),
        (Layout.DETR, {"joined": True}, {"head": "RTDETRDecoder"}),
        (Layout.YOLO, {"free": True}, {}),
    ],
)
def test_what_the_file_declares_need_not_be_said(nets, home, layout, form, more):
    file = nets.file(layout, colour="RGB", unit=True, metadata=DECLARED | more, **form)
    out = brain("add", file, "--id", "mine", *(["--layout", layout] if "free" in form else []))
    card = load_card(own(home) / "mine")
    assert (card.layout, card.classes, card.licence) == (layout, ("red", "blue"), "AGPL-3.0")
    assert card.output.scores == "probabilities"
    assert "AGPL" in out


@pytest.mark.parametrize("layout", [Layout.YOLO_END2END, Layout.DETR])
def test_six_columns_of_two_classes_must_be_said(nets, home, layout):
    file = nets.file(
        layout, colour="RGB", unit=True, metadata=DECLARED, **({"joined": True} if layout == "detr" else {})
    )
    with pytest.raises(WeightsError, match="layout must be declared"):
        brain("add", file)
    brain("add", file, "--layout", layout, "--id", "mine")
    assert load_card(own(home) / "mine").layout is layout


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ((), "classes must be declared"),
        (("--classes", "red,blue"), "layout must be declared"),
        (("--classes", "red,blue,green", "--layout", "yolox"), "3 classes"),
        (("--classes", "red,red", "--layout", "yolox"), "'red' stands twice"),
        (("--classes", " , ", "--layout", "yolox"), "no class names"),
        (("--classes", "red,blue", "--layout", "yolo"), "gives 1×6×N"),
        (("--classes", "red,blue", "--layout", "yolox", "--threshold", "nan"), "score_threshold"),
        (("--classes", "red,blue", "--layout", "yolox", "--input-size", "big"), "no size"),
        (("--classes", "red,blue", "--layout", "yolox", "--mean", "1,2"), "not three numbers"),
        (("--classes", "red,blue", "--layout", "yolox", "--mean", "1,2,3"), "mean and std belong together"),
        (("--classes", "red,blue", "--layout", "yolox", "--picture", "{text}"), "no picture that can be decoded"),
        (("--classes", "red,blue", "--layout", "yolox", "--picture", "{empty}"), "no picture that can be decoded"),
        (("--classes", "red,blue", "--layout", "yolox", "--picture", "absent.png"), "No such file"),
        (("--classes", "red,blue", "--layout", "yolox", "--id", "../up"), "id"),
        (("--classes", "red,blue", "--layout", "yolox", "--picture", "{grey}"), "find nothing"),
    ],
)
def test_add_refuses_and_leaves_nothing(nets, home, tmp_path, options, text):
    (tmp_path / "t.png").write_text("this is text")
    (tmp_path / "e.png").write_bytes(b"")
    cv2.imwrite(str(tmp_path / "g.png"), np.zeros((50, 90, 3), np.uint8))
    places = {"{text}": tmp_path / "t.png", "{empty}": tmp_path / "e.png", "{grey}": tmp_path / "g.png"}
    file = nets.file(Layout.YOLOX, sigmoid=True)
    if "{grey}" in options:
        file = _deaf(nets)
    with pytest.raises(BrainError, match=text) as caught:
        brain("add", file, *(places.get(option, option) for option in options))
    assert caught.value.remedy
    assert not own(home).exists() or list(own(home).iterdir()) == []


def _deaf(nets):
    """A network that sees nothing in a black picture at any threshold."""
    import onnx
    from onnx import numpy_helper

    path = nets.file(Layout.YOLOX)
    model = onnx.load(path)
    for value in model.graph.initializer:
        array = numpy_helper.to_array(value)
        if array.shape == (7,):
            value.CopyFrom(numpy_helper.from_array(np.where(array == -1, -60, array).astype(np.float32), value.name))
    path.write_bytes(model.SerializeToString())
    return path


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("a.onnx", b"", "is empty"),
        ("a.onnx", b"garbage", "no ONNX network"),
        ("a.onnx", None, "No such file"),
        ("a.txt", b"x", "neither .onnx nor .pt"),
        ("a.pt", None, "no such file"),
    ],
)
def test_add_refuses_files(home, tmp_path, name, content, text):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(BrainError, match=text):
        brain("add", tmp_path / name, "--layout", "yolox", "--classes", "a")


def test_classes_from_a_file(nets, home, tmp_path):
    names = tmp_path / "names.txt"
    names.write_text("红色\n\nblue car\n", "utf-8")
    brain("add", nets.file(Layout.YOLOX), "--id", "mine", "--layout", "yolox", "--classes", names)
    assert load_card(own(home) / "mine").classes == ("红色", "blue car")


@pytest.mark.clips
def test_pull_from_a_mirror(home, yolox_nano):
    out = brain("pull", "yolox_nano", "--mirror", yolox_nano.parent)
    assert "person" in out
    folder = own(home) / "yolox_nano"
    assert {entry.name for entry in folder.iterdir()} == {"card.yaml", "yolox_nano.onnx", "marked.png"}
    assert "yolox_nano: ok" in brain("verify")
    with pytest.raises(WeightsError, match="--force"):
        brain("pull", "yolox_nano", "--mirror", yolox_nano.parent)
    brain("pull", "yolox_nano", "--mirror", yolox_nano.parent, "--force")
    assert [entry.name for entry in own(home).iterdir()] == ["yolox_nano"]


@pytest.mark.clips
def test_a_known_file_is_added_without_a_word(home, yolox_nano):
    brain("add", yolox_nano)
    assert load_card(own(home) / "yolox_nano").classes[2] == "car"


def test_pull_refuses_and_leaves_nothing(home, tmp_path):
    (tmp_path / "yolox_nano.onnx").write_bytes(b"another file")
    with pytest.raises(WeightsError, match="ends after 12 of 3678356"):
        brain("pull", "yolox_nano", "--mirror", tmp_path)
    assert list(own(home).iterdir()) == []
    with pytest.raises(UsageError, match="no weights called 'magic'"):
        brain("pull", "magic")


def test_the_converter_is_missing(home, tmp_path):
    if importlib.util.find_spec("ultralytics") is not None:
        pytest.skip("ultralytics is installed here")
    (tmp_path / "a.pt").write_bytes(b"x")
    with pytest.raises(WeightsError, match=r"pip install 'city-brain\[ultralytics\]'"):
        brain("add", tmp_path / "a.pt")


@pytest.mark.slow
def test_a_real_pt_file_is_converted_in_its_own_process(home, tmp_path):
    if importlib.util.find_spec("ultralytics") is None:
        pytest.skip("the extra `ultralytics` is not installed")
    file = tmp_path / "random.pt"
    # Untrained weights are sure of nothing; a higher bias makes them see something in the drawn street.
    code = f"""
import torch, ultralytics
torch.manual_seed(1)
yolo = ultralytics.YOLO("yolo11n.yaml")
for branch in yolo.model.model[-1].cv3:
    branch[-1].bias.data += 9
    branch[-1].weight.data *= 30
yolo.save({str(file)!r})
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120, capture_output=True, cwd=tmp_path)
    brain("add", file, "--input-size", "320x256")
    card = load_card(own(home) / "random")
    assert (card.layout, card.input.width, card.input.height, len(card.classes)) == ("yolo", 320, 256, 80)
    assert [entry.name for entry in tmp_path.iterdir() if entry.suffix == ".onnx"] == []
    assert "random: ok" in brain("verify", "random")
    assert "ultralytics" not in sys.modules
    broken = tmp_path / "broken.pt"
    broken.write_bytes(b"no pickle")
    with pytest.raises(WeightsError, match="conversion fails"):
        brain("add", broken)
