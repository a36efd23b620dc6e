"""PyTorch, Paddle, TensorFlow: a small network made on the spot, exported as docs/models.md says, added, and run.

The frameworks are large and no part of the product; each test runs where its framework is installed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from brain.inference.adding import add_weights
from brain.inference.cards import Layout
from brain.inference.catalog import Catalog
from brain.inference.declare import Said
from brain.inference.library import Library
from brain.inference.model import load_model
from brain.inference.street import street_picture

pytestmark = pytest.mark.full
SIDE, STRIDE = 64, 8
CELLS = SIDE // STRIDE
LEAN = np.array([[1.0, 0.0, -1.0], [-1.0, 0.0, 1.0]], np.float32)
"""How red and how blue a pixel is, from R, G, B in 0–1."""
GAIN, BIAS = 9.0, -2.5


def cells() -> np.ndarray:
    """Centre x, y, width, height of each cell, 1×4×64."""
    y, x = np.mgrid[0:CELLS, 0:CELLS] * STRIDE + STRIDE / 2
    size = np.full(x.size, STRIDE)
    return np.stack((x.ravel(), y.ravel(), size, size))[None].astype(np.float32)


def picture() -> np.ndarray:
    """Any input, 1×3×64×64."""
    return np.random.default_rng(1).random((1, 3, SIDE, SIDE)).astype(np.float32)


def by_hand(batch: np.ndarray) -> np.ndarray:
    """What each of the networks below computes."""
    lean = np.maximum(np.einsum("kc,nchw->nkhw", LEAN, batch), 0)
    pooled = lean.reshape(1, 2, CELLS, STRIDE, CELLS, STRIDE).mean(axis=(3, 5)).reshape(1, 2, -1)
    return np.concatenate((cells(), 1 / (1 + np.exp(-(GAIN * pooled + BIAS)))), axis=1)


def check(file: Path, tmp_path: Path) -> None:
    """Add the file, and see that the runtime computes what the network was meant to, and finds things."""
    library = Library(tmp_path / "own", tmp_path / "none", Catalog())
    said = Said(layout=Layout.YOLO, classes=("red", "blue"), licence="MIT", size=(SIDE, SIDE))
    added = add_weights(file, said, library)
    model = load_model(added.folder, runtime="onnxruntime")
    (output,) = model.runtime.run(picture(), model.card.output.names)
    np.testing.assert_allclose(output, by_hand(picture()), atol=1e-4)
    assert len(model.detect(street_picture(), min_score=0.05)) > 0


@pytest.mark.parametrize("dynamo", [False, True])
def test_from_pytorch(tmp_path, dynamo):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    if dynamo:
        pytest.importorskip("onnxscript", reason="onnxscript, which PyTorch's newer exporter needs, is not installed")

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.lean = torch.nn.Conv2d(3, 2, 1, bias=False)
            self.lean.weight.data = torch.tensor(LEAN)[:, :, None, None]
            self.register_buffer("cells", torch.tensor(cells()))

        def forward(self, images):
            pooled = torch.nn.functional.avg_pool2d(torch.relu(self.lean(images)), STRIDE).flatten(2)
            return torch.cat((self.cells, torch.sigmoid(GAIN * pooled + BIAS)), 1)

    file = tmp_path / "mine.onnx"
    torch.onnx.export(
        Net().eval(),
        (torch.tensor(picture()),),
        str(file),
        input_names=["images"],
        output_names=["output"],
        opset_version=18 if dynamo else 17,
        dynamo=dynamo,
        external_data=False,
    )
    check(file, tmp_path)


def test_from_paddle(tmp_path):
    paddle = pytest.importorskip("paddle", reason="Paddle is not installed")
    pytest.importorskip("paddle2onnx", reason="paddle2onnx is not installed")

    class Net(paddle.nn.Layer):
        def __init__(self):
            super().__init__()
            self.lean = paddle.nn.Conv2D(3, 2, 1, bias_attr=False)
            self.lean.weight.set_value(LEAN[:, :, None, None])
            self.cells = paddle.to_tensor(cells())

        def forward(self, images):
            pooled = paddle.nn.functional.avg_pool2d(paddle.nn.functional.relu(self.lean(images)), STRIDE).flatten(2)
            return paddle.concat((self.cells, paddle.nn.functional.sigmoid(GAIN * pooled + BIAS)), 1)

    net = Net()
    net.eval()
    spec = [paddle.static.InputSpec([1, 3, SIDE, SIDE], "float32", "images")]
    paddle.onnx.export(net, str(tmp_path / "mine"), input_spec=spec, opset_version=17)
    check(tmp_path / "mine.onnx", tmp_path)


def test_from_tensorflow(tmp_path):
    tf = pytest.importorskip("tensorflow", reason="TensorFlow is not installed")
    tf2onnx = pytest.importorskip("tf2onnx", reason="tf2onnx is not installed")
    kernel, places = LEAN.T[None, None], cells()

    # TensorFlow works on height, width, channels; the exporter turns the input round.
    @tf.function(input_signature=[tf.TensorSpec((1, SIDE, SIDE, 3), tf.float32, "images")])
    def net(images):
        lean = tf.nn.relu(tf.nn.conv2d(images, kernel, 1, "VALID"))
        pooled = tf.reshape(tf.nn.avg_pool2d(lean, STRIDE, STRIDE, "VALID"), (1, CELLS * CELLS, 2))
        return tf.concat((places, tf.transpose(tf.sigmoid(GAIN * pooled + BIAS), (0, 2, 1))), 1)

    tf2onnx.convert.from_function(
        net,
        input_signature=net.input_signature,
        opset=17,
        inputs_as_nchw=["images"],
        output_path=str(tmp_path / "mine.onnx"),
    )
    check(tmp_path / "mine.onnx", tmp_path)
