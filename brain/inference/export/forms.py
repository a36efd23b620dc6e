"""Forms in which weights can be exported, and what each needs to be installed."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version

from brain.core.errors import UsageError


class Form(StrEnum):
    """What weights are exported for.

    Attributes:
        ONNX_INT8: ONNX with 8-bit weights and activations (QDQ): any box with ONNX Runtime; this product loads it too.
        OPENVINO: OpenVINO's XML and BIN with 16-bit weights: Intel processors, graphics and NPUs.
        ORT_MOBILE: ONNX Runtime's ORT format and the list of operators for a reduced build: Android and iOS.
        NCNN: ncnn's PARAM and BIN: ARM boards and phones.
    """

    ONNX_INT8 = "onnx-int8"
    OPENVINO = "openvino"
    ORT_MOBILE = "ort-mobile"
    NCNN = "ncnn"


EXTRA = "pip install 'city-brain[export]'"
PNNX = "pip install --no-deps pnnx (with dependencies it brings PyTorch, which this does not need)"


@dataclass(frozen=True, slots=True)
class Needed:
    """A package that a form needs, and the command that brings it."""

    package: str
    install: str = EXTRA


NEEDED: dict[Form, tuple[Needed, ...]] = {
    Form.ONNX_INT8: (Needed("onnx"),),
    Form.OPENVINO: (Needed("onnx"), Needed("openvino")),
    Form.ORT_MOBILE: (Needed("onnx"),),
    Form.NCNN: (Needed("onnx"), Needed("ncnn"), Needed("pnnx", PNNX)),
}
"""The runtime that is to load an export again is one of them: what cannot be checked is not written."""


def check_installed(form: Form) -> None:
    """Refuse a form whose packages are not there.

    Raises:
        UsageError: names the first one that is missing and how it is installed.
    """
    for needed in NEEDED[form]:
        if importlib.util.find_spec(needed.package) is None:
            raise UsageError(
                f"--for {form} needs the package {needed.package}, which is not installed", remedy=needed.install
            )


def tools(form: Form) -> str:
    """The packages that make a form, with their versions, for the card."""
    names = ["onnxruntime", *(needed.package for needed in NEEDED[form])]
    return ", ".join(f"{name} {_version(name)}" for name in names)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"
