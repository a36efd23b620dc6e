"""OpenVINO's own form: XML and BIN with 16-bit weights, and the input fixed to the card's size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from brain.core.errors import WeightsError
from brain.inference.cards import Card


def write_openvino(card: Card, network: Path, target: Path) -> None:
    """Write ``target`` (.xml) and the .bin beside it.

    Args:
        card: of the original.
        network: the prepared ONNX file.

    Raises:
        WeightsError: OpenVINO cannot read the network.
    """
    import openvino

    try:
        model: Any = openvino.convert_model(str(network))
        openvino.save_model(model, str(target), compress_to_fp16=True)
    except Exception as error:
        text = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise WeightsError(
            f"OpenVINO cannot convert it: {text}", where=card.id, remedy="export it for another runtime with --for"
        ) from None
