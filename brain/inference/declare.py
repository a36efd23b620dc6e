"""Declarations for weights that are being added: what the user says, what the file itself declares, and the usual form
of the layout that was named. Nothing is inferred from pictures; what comes out is written down for everybody to read.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from brain.core.errors import WeightsError
from brain.core.ids import IDENTIFIER
from brain.inference.cards import (
    Card,
    Colour,
    InputSpec,
    Layout,
    OutputSpec,
    Padding,
    PaddingMode,
    Scale,
    Scores,
    file_sha256,
)
from brain.inference.coco import COCO
from brain.inference.runtimes import OnnxRuntime

_AGPL_MAKER = "Ultralytics"
_RTDETR_HEAD = "RTDETRDecoder"


@dataclass(frozen=True, slots=True)
class Usual:
    """The form in which the makers of a layout publish their weights; ``scores`` of ``None`` must be said."""

    colour: Colour
    scale: Scale
    padding: PaddingMode
    scores: Scores | None
    nms_iou: float | None
    score_threshold: float


USUAL: Mapping[Layout, Usual] = {
    Layout.YOLOX: Usual(Colour.BGR, Scale.NONE, PaddingMode.TOP_LEFT, Scores.PROBABILITIES, 0.45, 0.3),
    Layout.YOLO: Usual(Colour.RGB, Scale.UNIT, PaddingMode.CENTRE, Scores.PROBABILITIES, 0.45, 0.3),
    Layout.YOLO_END2END: Usual(Colour.RGB, Scale.UNIT, PaddingMode.CENTRE, Scores.PROBABILITIES, None, 0.3),
    Layout.DETR: Usual(Colour.RGB, Scale.UNIT, PaddingMode.STRETCH, Scores.LOGITS, None, 0.4),
    Layout.SEGMENT: Usual(Colour.RGB, Scale.UNIT, PaddingMode.STRETCH, None, None, 0.5),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What the user says of a file; ``None`` = not said."""

    id: str | None = None
    layout: Layout | None = None
    size: tuple[int, int] | None = None
    colour: Colour | None = None
    scale: Scale | None = None
    mean: tuple[float, float, float] | None = None
    std: tuple[float, float, float] | None = None
    padding: PaddingMode | None = None
    scores: Scores | None = None
    decoded: bool = False
    best_only: bool = False
    stride: int | None = None
    background: str | None = None
    classes: tuple[str, ...] | None = None
    score_threshold: float | None = None
    licence: str | None = None
    source: str | None = None


def declare(path: Path, said: Said) -> Card:
    """The card of an ONNX file, without reference.

    Raises:
        WeightsError: the file is no ONNX network, or something is neither said nor declared by the file.
    """
    digest = file_sha256(path)
    network = OnnxRuntime(path)
    told = _metadata(network.metadata)
    classes = said.classes or told.classes
    if classes is None:
        raise _missing(path, "its classes", "--classes FILE, a list with commas, or coco")
    layout = said.layout or _told_layout(told, network, len(classes))
    if layout is None:
        raise _missing(path, "its layout", f"--layout {' | '.join(Layout)}")
    usual = USUAL[layout]
    scores = said.scores or (Scores.PROBABILITIES if told.maker == _AGPL_MAKER else usual.scores)
    if scores is None:
        scores = _segment_scores(path, network)
    width, height = _size(path, network, said.size or told.size)
    try:
        return Card(
            id=said.id or _id_of(path),
            layout=layout,
            file=path.name,
            sha256=digest,
            input=InputSpec(
                name=network.inputs[0].name,
                width=width,
                height=height,
                colour=said.colour or usual.colour,
                scale=said.scale or usual.scale,
                mean=said.mean,
                std=said.std,
                padding=Padding(mode=said.padding or usual.padding),
            ),
            output=_output(path, network, layout, said, scores, len(classes), height),
            classes=classes,
            score_threshold=said.score_threshold or usual.score_threshold,
            nms_iou=usual.nms_iou,
            licence=said.licence or told.licence or "not stated",
            source={"from": said.source or told.maker or "not stated"},
        )
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        text = first["msg"].removeprefix("Value error, ")
        raise WeightsError(f"{place}: {text}" if place else text, where=str(path), remedy="mend that option") from None


@dataclass(frozen=True, slots=True)
class _Told:
    """What the exporter wrote into the file."""

    maker: str | None = None
    classes: tuple[str, ...] | None = None
    size: tuple[int, int] | None = None
    licence: str | None = None
    head: str | None = None
    detects: bool = False


def _metadata(fields: Mapping[str, str]) -> _Told:
    names = _literal(fields.get("names", ""))
    size = _literal(fields.get("imgsz", ""))
    classes = None
    if isinstance(names, dict) and names and set(names) == set(range(len(names))):
        classes = tuple(str(names[index]) for index in range(len(names)))
    height_width = isinstance(size, list | tuple) and len(size) == 2 and all(isinstance(part, int) for part in size)
    return _Told(
        maker=fields.get("author"),
        classes=classes,
        size=(size[1], size[0]) if height_width else None,
        licence=fields.get("license"),
        head=fields.get("head"),
        detects=fields.get("task") == "detect" and fields.get("author") == _AGPL_MAKER,
    )


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _told_layout(told: _Told, network: OnnxRuntime, classes: int) -> Layout | None:
    """The layout, where the file says that it is a detector of a maker whose output forms are known."""
    if not told.detects or len(network.outputs) != 1 or len(network.outputs[0].shape) != 3:
        return None
    if told.head == _RTDETR_HEAD:
        return Layout.DETR
    _, rows, columns = network.outputs[0].shape
    # Two classes give a DETR without head's name the same six columns: then it must be said.
    plain = told.head is not None or classes != 2
    fits = {
        Layout.YOLO_END2END: columns == 6 and rows != 4 + classes and plain,
        Layout.YOLO: rows == 4 + classes and columns != 6,
        Layout.DETR: columns == 4 + classes and columns != 6,
    }
    found = [layout for layout, fit in fits.items() if fit]
    return found[0] if len(found) == 1 else None


def _size(path: Path, network: OnnxRuntime, told: tuple[int, int] | None) -> tuple[int, int]:
    """Width and height: the network's own where it fixes them, else as told."""
    shape = network.inputs[0].shape
    if len(shape) == 4 and shape[2] is not None and shape[3] is not None:
        return shape[3], shape[2]
    if told is None:
        raise _missing(path, "its input size (the network leaves it free)", "--input-size WIDTHxHEIGHT")
    return told


def _output(
    path: Path, network: OnnxRuntime, layout: Layout, said: Said, scores: Scores, classes: int, height: int
) -> OutputSpec:
    names = _output_names(path, network, layout)
    shape = next(value.shape for value in network.outputs if value.name == names[0])
    # Six columns can only be box, score and index, unless two classes happen to give six as well.
    six = layout is Layout.DETR and len(names) == 1 and shape[-1:] == (6,) and classes != 2
    return OutputSpec(
        names=names,
        scores=scores,
        decoded=said.decoded,
        best_only=said.best_only or six,
        stride=_stride(path, shape, height) if layout is Layout.SEGMENT and said.stride is None else said.stride,
        background=said.background,
    )


def _segment_scores(path: Path, network: OnnxRuntime) -> Scores:
    """Class indexes where the network's output is whole numbers; scores can be of several kinds."""
    if network.outputs[0].kind.startswith("tensor(int"):
        return Scores.INDEXES
    kinds = " | ".join(kind for kind in Scores if kind is not Scores.INDEXES)
    raise _missing(path, "how the scores of its cells are to be read", f"--scores {kinds}")


def _stride(path: Path, shape: tuple[int | None, ...], height: int) -> int:
    """Input pixels that a cell covers, where the network fixes the rows of its output."""
    rows = shape[-2] if len(shape) >= 2 else None
    if rows is None or not 0 < rows <= height:
        raise _missing(path, "the stride of its cells (the network leaves it free)", "--stride PIXELS")
    return height // rows


def _output_names(path: Path, network: OnnxRuntime, layout: Layout) -> tuple[str, ...]:
    outputs = network.outputs
    if layout is not Layout.DETR or len(outputs) == 1:
        return (outputs[0].name,)
    boxes = [value.name for value in outputs if value.shape[-1:] == (4,)]
    others = [value.name for value in outputs if value.name not in boxes]
    if len(boxes) == 1 and len(others) == 1:
        return boxes[0], others[0]
    named = {value.name for value in outputs}
    if {"pred_boxes", "logits"} <= named:
        return "pred_boxes", "logits"
    raise WeightsError(
        f"cannot tell boxes from scores among its outputs ({', '.join(sorted(named))})",
        where=str(path),
        remedy="export it with one output of boxes (1×N×4) and one of scores (1×N×C)",
    )


def _id_of(path: Path) -> str:
    kept = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "_.-") else "_" for letter in path.stem
    )
    name = kept.lstrip("_.-")[:64]
    if not IDENTIFIER.fullmatch(name):
        raise _missing(path, "an id (the file's name gives none)", "--id NAME")
    return name


def parse_classes(text: str) -> tuple[str, ...]:
    """Class names from ``coco``, a file with one name a line, or a list with commas.

    Raises:
        WeightsError: an unreadable file, or no name at all.
    """
    if text == "coco":
        return COCO
    path = Path(text).expanduser()
    parts = text.split(",")
    if len(parts) == 1 and path.is_file():
        try:
            parts = path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            raise WeightsError("no text file with one class a line", where=text, remedy="check --classes") from None
    names = tuple(part.strip() for part in parts if part.strip())
    if not names:
        raise WeightsError("no class names", where=text or "--classes", remedy="give a FILE, or names with commas")
    return names


def _missing(path: Path, what: str, option: str) -> WeightsError:
    return WeightsError(f"{what} must be declared", where=str(path), remedy=f"give {option}")
