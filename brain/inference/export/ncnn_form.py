"""ncnn's PARAM and BIN, made by its converter pnnx in a process of its own, and ncnn as a runtime to check them.

Weights are kept in 16 bits where that changes nothing, else in 32: small networks with depthwise layers can lose much.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from brain.core.errors import WeightsError
from brain.inference.cards import Card
from brain.inference.export.network import without_focus
from brain.inference.runtimes import Array, TensorInfo

TIMEOUT_S = 900.0
INPUT = "in0"
_UNKNOWN = ("not supported", "unsupported")


def output_names(count: int) -> tuple[str, ...]:
    """Names that the converter gives to the outputs, in the network's order."""
    return tuple(f"out{index}" for index in range(count))


def write_ncnn(card: Card, model: Any, target: Path, scratch: Path, bits: int) -> None:
    """Write ``target`` (.param) and the .bin beside it.

    Args:
        card: of the original.
        model: the prepared ONNX model; it is changed.
        scratch: a folder for the files that the converter writes.
        bits: of the weights, 16 or 32.

    Raises:
        WeightsError: the converter fails, takes too long, or knows no ncnn operator for a step of the network.
    """
    import onnx

    network = scratch / "network.onnx"
    onnx.save(without_focus(model), str(network))
    shape = f"inputshape=[1,3,{card.input.height},{card.input.width}]f32"
    command = [str(_converter()), str(network), shape, f"fp16={int(bits == 16)}"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            command, cwd=scratch, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise _failed(card, f"pnnx is not done after {TIMEOUT_S:.0f} s") from None
    lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    param, weights = scratch / "network.ncnn.param", scratch / "network.ncnn.bin"
    if done.returncode != 0 or not param.is_file() or not weights.is_file():
        raise _failed(card, f"pnnx, its converter, fails with exit status {done.returncode}")
    strange = [line for line in lines if any(word in line for word in _UNKNOWN)]
    if strange:
        raise _failed(card, f"ncnn has no operator for a step of it: {strange[0][:200]}")
    shutil.copyfile(param, target)
    shutil.copyfile(weights, target.with_suffix(".bin"))


def _converter() -> Path:
    """The converter's program; its Python side needs PyTorch, the program does not."""
    found = importlib.util.find_spec("pnnx")
    assert found is not None  # see forms.check_installed
    assert found.origin is not None
    return Path(found.origin).with_name("pnnx.exe" if sys.platform == "win32" else "pnnx")


class NcnnRuntime:
    """ncnn on the CPU, one thread, 32-bit arithmetic (so that scores agree with other machines).

    Args:
        param: the .param file; the .bin lies beside it.
        size: width and height of the input.
        shapes: of the outputs, as the original gives them: ncnn drops the batch.

    Raises:
        WeightsError: ncnn cannot load it.
    """

    name = "ncnn"

    def __init__(self, param: Path, size: tuple[int, int], shapes: Sequence[tuple[int, ...]]) -> None:
        import ncnn

        self._path = param
        self._net: Any = ncnn.Net()
        options = self._net.opt
        options.num_threads = 1
        options.use_vulkan_compute = False
        options.use_fp16_arithmetic = options.use_fp16_storage = options.use_fp16_packed = False
        options.use_bf16_storage = False
        self._matrix: Any = ncnn.Mat
        if self._net.load_param(str(param)) != 0 or self._net.load_model(str(param.with_suffix(".bin"))) != 0:
            raise WeightsError(
                "ncnn cannot load it", where=str(param), remedy="export it for another runtime with --for"
            )
        names = output_names(len(shapes))
        self.inputs = (TensorInfo(INPUT, "tensor(float)", (1, 3, size[1], size[0])),)
        self.outputs = tuple(
            TensorInfo(name, "tensor(float)", shape) for name, shape in zip(names, shapes, strict=True)
        )
        self._shapes = dict(zip(names, shapes, strict=True))

    def run(self, batch: Array, names: Sequence[str]) -> list[Array]:
        """See ``brain.inference.runtimes.Runtime``."""
        with self._net.create_extractor() as extractor:
            picture = np.ascontiguousarray(batch[0])  # ncnn looks at its memory until it has cloned it
            extractor.input(INPUT, self._matrix(picture).clone())
            return [self._output(extractor, name) for name in names]

    def _output(self, extractor: Any, name: str) -> Array:
        failed, value = extractor.extract(name)
        array = np.array(value, np.float32)
        if failed or array.size != int(np.prod(self._shapes[name])):
            raise WeightsError(
                f"ncnn gives {array.shape} for output {name!r} instead of {self._shapes[name]}",
                where=str(self._path),
                remedy="export it for another runtime with --for",
            )
        return array.reshape(self._shapes[name])


def _failed(card: Card, what: str) -> WeightsError:
    return WeightsError(what, where=card.id, remedy="export it for another runtime with --for")
