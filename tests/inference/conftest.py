"""Small real networks: they find red and blue things on a grid of 8×8 cells, in every layout, in the form asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from brain.inference.cards import CARD_FILE, Card, Layout, Scores, file_sha256, save_card
from brain.inference.declare import Said, declare
from brain.inference.library import Weights
from brain.inference.model import Model, record_reference
from brain.inference.runtimes import OnnxRuntime
from brain.inference.street import STREET, street_picture

SIDE = 64
CELLS = SIDE // 8


class _Graph:
    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.values: list[onnx.TensorProto] = []

    def constant(self, value: np.ndarray) -> str:
        name = f"k{len(self.values)}"
        self.values.append(numpy_helper.from_array(value, name))
        return name

    def op(self, kind: str, *inputs: str, **attributes: object) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def conv(self, x: str, weight: list[list[float]], bias: list[float]) -> str:
        kernel = self.constant(np.array(weight, np.float32)[:, :, None, None])
        return self.op("Conv", x, kernel, self.constant(np.array(bias, np.float32)))

    def flat(self, x: str, rows: int) -> str:
        """1×C×h×w → 1×(h·w)×C."""
        return self.op("Transpose", self.op("Reshape", x, self.constant(np.array([1, rows, -1]))), perm=[0, 2, 1])

    def part(self, x: str, begin: int, end: int, axis: int) -> str:
        return self.op("Slice", x, *(self.constant(np.array([v])) for v in (begin, end, axis)))


def build(
    path: Path,
    layout: Layout,
    *,
    colour: str = "BGR",
    unit: bool = False,
    sigmoid: bool = True,
    joined: bool = False,
    metadata: dict[str, str] | None = None,
    free: bool = False,
) -> Path:
    """Write a network of that layout which expects that form of input; ``joined``: detr with a single output."""
    g = _Graph()
    red, blue = (2, 0) if colour == "BGR" else (0, 2)
    row = [0.0, 0.0, 0.0]
    gain = 1.0 if unit else 1 / 255
    row[red], row[blue] = gain, -gain
    lean = g.op("Relu", g.conv("images", [row, [-v for v in row]], [0.0, 0.0]))
    outputs = {"output": _head(g, lean, layout, sigmoid)}
    if layout is Layout.DETR:
        boxes, marks = g.constant(_cells() / SIDE), outputs.pop("output")
        outputs = {"output": g.op("Concat", boxes, marks, axis=2)} if joined else {"logits": marks, "pred_boxes": boxes}
    named = [g.op("Identity", value) for value in outputs.values()]
    for node, name in zip(g.nodes[-len(named) :], outputs, strict=True):
        node.output[0] = name
    shape = [1, 3, *(["h", "w"] if free else [SIDE, SIDE])]
    graph = helper.make_graph(
        g.nodes,
        "net",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        g.values,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, metadata or {})
    model = model if free else onnx.shape_inference.infer_shapes(model)
    path.write_bytes(model.SerializeToString())
    return path


def _cells() -> np.ndarray:
    """Centre x, y, width, height of each cell in pixels: 1×64×4."""
    y, x = np.mgrid[0:CELLS, 0:CELLS]
    ones = np.ones(x.size) * 8
    return np.stack((x.ravel() * 8 + 4, y.ravel() * 8 + 4, ones, ones), axis=-1)[None].astype(np.float32)


def _head(g: _Graph, lean: str, layout: Layout, sigmoid: bool) -> str:
    if layout is Layout.YOLOX:
        levels = []
        for stride in (8, 16, 32):
            pool = g.op("AveragePool", lean, kernel_shape=[stride, stride], strides=[stride, stride])
            weight = [[0.0, 0.0]] * 4 + [[9.0, 9.0], [9.0, 0.0], [0.0, 9.0]]
            levels.append(g.flat(g.conv(pool, weight, [0.5, 0.5, 0.0, 0.0, -1.0, -1.0, -1.0]), 7))
        rows = g.op("Concat", *levels, axis=1)
        marks = g.part(rows, 4, 7, 2)
        return g.op("Concat", g.part(rows, 0, 4, 2), g.op("Sigmoid", marks) if sigmoid else marks, axis=2)
    pool = g.op("AveragePool", lean, kernel_shape=[8, 8], strides=[8, 8])
    grid = g.conv(pool, [[9.0, 0.0], [0.0, 9.0]], [-2.5, -2.5])
    if layout is Layout.SEGMENT:
        return g.op("Sigmoid", grid) if sigmoid else grid
    marks = g.flat(grid, 2)
    if layout is Layout.DETR:
        return g.op("Sigmoid", marks) if sigmoid else marks
    marks = g.op("Sigmoid", marks) if sigmoid else marks
    if layout is Layout.YOLO:
        columns = g.op("Concat", g.constant(_cells()), marks, axis=2)
        return g.op("Transpose", columns, perm=[0, 2, 1])
    centred = _cells()
    corners = np.concatenate((centred[..., :2] - 4, centred[..., :2] + 4), axis=-1)
    best = g.op("ReduceMax", marks, axes=[2], keepdims=1)
    kind = g.op("Cast", g.op("ArgMax", marks, axis=2, keepdims=1), to=TensorProto.FLOAT)
    return g.op("Concat", g.constant(corners), best, kind, axis=2)


@dataclass(frozen=True)
class Nets:
    """Builds networks and folders with cards under a temporary folder."""

    root: Path

    def file(self, layout: Layout, **form: object) -> Path:
        self.root.mkdir(exist_ok=True)
        return build(self.root / f"{layout}{len(list(self.root.iterdir()))}.onnx", layout, **form)  # type: ignore[arg-type]

    def card(self, path: Path, layout: Layout, **said: object) -> Card:
        """A card with the reference recorded: the drawn street."""
        card = declare(path, Said(layout=layout, classes=("red", "blue"), **said))  # type: ignore[arg-type]
        model = Model(Weights(card, path, path.parent), OnnxRuntime(path))
        return card.model_copy(update={"reference": record_reference(model, street_picture(), STREET)})

    def folder(self, layout: Layout = Layout.YOLOX, name: str = "tiny", **form: object) -> Path:
        """A folder as ``models add`` leaves it."""
        folder = self.root / name
        folder.mkdir(parents=True)
        path = build(folder / f"{name}.onnx", layout, **form)  # type: ignore[arg-type]
        said = {}
        if layout is Layout.SEGMENT:
            said["scores"] = Scores.PROBABILITIES if form.get("sigmoid", True) else Scores.LOGITS
        save_card(self.card(path, layout, **said), folder / CARD_FILE)
        return folder


@pytest.fixture
def nets(tmp_path: Path) -> Nets:
    return Nets(tmp_path / "nets")


@pytest.fixture
def yolox_nano(shared_dir: Path) -> Path:
    path = shared_dir / "material" / "weights" / "yolox_nano.onnx"
    assert file_sha256(path).startswith("e8af0749")
    return path


@pytest.fixture
def rewrite() -> Callable[[Path, str, str], None]:
    """Replace text in a file, and fail when it is not there."""

    def change(path: Path, old: str, new: str) -> None:
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    return change
