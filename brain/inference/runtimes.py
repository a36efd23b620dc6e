"""Runtimes: what computes a network. One thread each; a worker per core is cheaper than threads inside one."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
from numpy.typing import NDArray

from brain.core.errors import WeightsError

Array = NDArray[np.float32]
RuntimeName = Literal["onnxruntime", "openvino"]
RUNTIMES: tuple[RuntimeName, ...] = ("onnxruntime", "openvino")


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """An input or output.

    Attributes:
        name: as the file calls it; OpenVINO, which folds nodes away, may know it by several (``aliases``).
        kind: element type, ``tensor(float)`` for float32.
        shape: a free dimension is ``None``.
    """

    name: str
    kind: str
    shape: tuple[int | None, ...]
    aliases: frozenset[str] = frozenset()

    def is_called(self, name: str) -> bool:
        """Whether this is the input or output of that name."""
        return name == self.name or name in self.aliases


class Runtime(Protocol):
    """Computes one network."""

    @property
    def name(self) -> RuntimeName:
        """Which runtime this is."""
        ...

    @property
    def inputs(self) -> tuple[TensorInfo, ...]:
        """The network's inputs."""
        ...

    @property
    def outputs(self) -> tuple[TensorInfo, ...]:
        """The network's outputs, all of them."""
        ...

    def run(self, batch: Array, names: Sequence[str]) -> list[Array]:
        """The outputs called ``names`` for one batch (N×3×H×W float32); valid until the next run.

        Raises:
            WeightsError: the network fails on this input, or has no output of that name.
        """
        ...


class OnnxRuntime:
    """ONNX Runtime on the CPU, one thread, no spinning."""

    name: RuntimeName = "onnxruntime"

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # its own classes share no base but Exception
            raise _unreadable(path, error) from None
        self._path = path
        self.inputs = tuple(_from_session(value) for value in self._session.get_inputs())
        self.outputs = tuple(_from_session(value) for value in self._session.get_outputs())
        self.metadata: dict[str, str] = dict(self._session.get_modelmeta().custom_metadata_map)

    def run(self, batch: Array, names: Sequence[str]) -> list[Array]:
        """See ``Runtime``."""
        check_names(self, names, self._path)
        try:
            return [np.asarray(value) for value in self._session.run(list(names), {self.inputs[0].name: batch})]
        except Exception as error:
            raise _failed(self._path, error) from None


class OpenVino:
    """OpenVINO on the CPU, one thread, one stream, 32-bit floats (so that scores agree with other machines)."""

    name: RuntimeName = "openvino"

    def __init__(self, path: Path) -> None:
        if importlib.util.find_spec("openvino") is None:
            raise WeightsError(
                "runtime openvino is not installed",
                where=str(path),
                remedy="pip install 'city-brain[openvino]', or set runtime: onnxruntime",
            )
        import openvino

        settings = {
            "INFERENCE_NUM_THREADS": 1,
            "NUM_STREAMS": 1,
            "INFERENCE_PRECISION_HINT": "f32",
            "PERFORMANCE_HINT": "LATENCY",
        }
        try:
            self._network: Any = openvino.Core().compile_model(str(path), "CPU", settings)
            self._request: Any = self._network.create_infer_request()
        except Exception as error:
            raise _unreadable(path, error) from None
        self._path = path
        self.inputs = tuple(_from_openvino(port) for port in self._network.inputs)
        self.outputs = tuple(_from_openvino(port) for port in self._network.outputs)

    def run(self, batch: Array, names: Sequence[str]) -> list[Array]:
        """See ``Runtime``."""
        check_names(self, names, self._path)
        try:
            results = self._request.infer([batch], share_inputs=True, share_outputs=True)
            return [np.asarray(results[self._network.output(name)]) for name in names]
        except Exception as error:
            raise _failed(self._path, error) from None


def make_runtime(name: RuntimeName, path: Path) -> Runtime:
    """A network loaded into the runtime of that name.

    Raises:
        WeightsError: the runtime is not installed, or cannot read the file.
    """
    return OnnxRuntime(path) if name == "onnxruntime" else OpenVino(path)


def installed_runtimes() -> dict[RuntimeName, str]:
    """Runtimes that this machine has, with their versions."""
    found: dict[RuntimeName, str] = {"onnxruntime": onnxruntime.__version__}
    if importlib.util.find_spec("openvino") is not None:
        try:
            found["openvino"] = version("openvino")
        except PackageNotFoundError:
            found["openvino"] = "unknown"
    return found


def check_names(runtime: Runtime, names: Sequence[str], path: Path) -> None:
    """Refuse outputs that the network does not have."""
    for name in names:
        if not any(output.is_called(name) for output in runtime.outputs):
            present = ", ".join(output.name for output in runtime.outputs)
            raise WeightsError(
                f"network has no output {name!r}, only {present}",
                where=str(path),
                remedy="mend output.names in the card",
            )


def _from_session(value: Any) -> TensorInfo:
    shape = tuple(size if isinstance(size, int) else None for size in value.shape)
    return TensorInfo(value.name, str(value.type), shape)


def _from_openvino(port: Any) -> TensorInfo:
    shape = tuple(size.get_length() if size.is_static else None for size in port.partial_shape)
    kind = "tensor(float)" if port.element_type.get_type_name() == "f32" else f"tensor({port.element_type})"
    return TensorInfo(port.any_name, kind, shape, frozenset(port.names))


def _unreadable(path: Path, error: Exception) -> WeightsError:
    return WeightsError(
        f"is no ONNX network that can be read ({_first_line(error)})",
        where=str(path),
        remedy="copy, pull or export it again",
    )


def _failed(path: Path, error: Exception) -> WeightsError:
    return WeightsError(
        f"network fails on its input ({_first_line(error)})",
        where=str(path),
        remedy="check the input's name and size in the card",
    )


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
