"""ONNX Runtime's ORT format for phones, with the list of operators for a reduced build of the runtime."""

from __future__ import annotations

import contextlib
import io
import logging
from pathlib import Path

from brain.core.errors import WeightsError
from brain.inference.cards import Card


def write_mobile(card: Card, network: Path, folder: Path) -> Path:
    """Write ``<name>.ort`` and ``<name>.required_operators_and_types.config`` into a folder; the first one's path.

    Optimised for ARM, without steps that fit one processor only; a runtime built with that list has just the operators
    and types that the network uses.

    Args:
        card: of the original.
        network: the prepared ONNX file.

    Raises:
        WeightsError: ONNX Runtime cannot convert it.
    """
    from onnxruntime.tools.convert_onnx_models_to_ort import (  # type: ignore[import-untyped]
        OptimizationStyle,
        convert_onnx_models_to_ort,
    )

    logging.getLogger("ort_format_model.utils").setLevel(logging.WARNING)
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # it talks on stdout, which belongs to --json
            convert_onnx_models_to_ort(
                network, folder, [OptimizationStyle.Fixed], target_platform="arm", enable_type_reduction=True
            )
    except Exception as error:
        text = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise WeightsError(
            f"ONNX Runtime cannot convert it: {text}", where=card.id, remedy="export it for another runtime with --for"
        ) from None
    for listed in folder.glob("*.config"):
        # Its comments name the folder of this machine in which it was made.
        lines = listed.read_text("utf-8").splitlines(keepends=True)
        listed.write_text("".join(line for line in lines if not line.startswith("#")), "utf-8")
    return folder / f"{network.stem}.ort"
