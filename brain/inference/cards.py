"""Model cards (模型卡): everything the engine must know about one ONNX file, declared and never guessed."""

from __future__ import annotations

import io
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, field_validator, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from brain.config.settings import Identifier, Settings
from brain.config.yaml_file import load
from brain.core.errors import WeightsError
from brain.core.files import sha256_of, write_whole

CARD_FILE = "card.yaml"
SHORT_LIST = 12
YOLOX_STRIDES = (8, 16, 32)
FileName = Annotated[str, Field(pattern=r"^[^/\\.][^/\\]*$", max_length=200)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Share = Annotated[float, Field(gt=0, lt=1)]
Triple = tuple[float, float, float]


class Layout(StrEnum):
    """How a network lays out its answer.

    Attributes:
        YOLOX: 1×N×(5+C): box, objectness, class scores; strides 8, 16, 32 row by row.
        YOLO: 1×(4+C)×N: centre x, y, width, height in input pixels, class scores (YOLOv8, YOLO11 raw).
        YOLO_END2END: 1×N×6: x1, y1, x2, y2 in input pixels, score, class index; suppression already done.
        DETR: 1×N×4 boxes as centre x, y, width, height (0–1) and 1×N×C scores; or both as one 1×N×(4+C); or 1×N×6 with
            the best score and its class index (``output.best_only``).
    """

    YOLOX = "yolox"
    YOLO = "yolo"
    YOLO_END2END = "yolo_end2end"
    DETR = "detr"


class Colour(StrEnum):
    """Order of the colour planes that the network expects."""

    BGR = "BGR"
    RGB = "RGB"


class Scale(StrEnum):
    """Range of the values that the network expects: 0–255 (``none``) or 0–1 (``unit``)."""

    NONE = "none"
    UNIT = "unit"


class PaddingMode(StrEnum):
    """How a picture of another shape is fitted: kept in proportion at the top left or centre, or stretched."""

    TOP_LEFT = "top_left"
    CENTRE = "centre"
    STRETCH = "stretch"


class Scores(StrEnum):
    """Whether the network's scores are probabilities already, or need the sigmoid (``logits``)."""

    PROBABILITIES = "probabilities"
    LOGITS = "logits"


class Padding(Settings):
    """How the picture is fitted into the input, and the grey value (0–255) of what stays free."""

    mode: PaddingMode
    value: int = Field(114, ge=0, le=255)


class InputSpec(Settings):
    """The network's one input, 1×3×height×width float32.

    ``mean`` and ``std`` are in the network's colour order and in the range that ``scale`` gives: x → (x − mean) / std.
    """

    name: str = Field(min_length=1)
    width: int = Field(ge=8, le=8192)
    height: int = Field(ge=8, le=8192)
    colour: Colour
    scale: Scale
    mean: Triple | None = None
    std: Triple | None = None
    padding: Padding

    @model_validator(mode="after")
    def _mean_with_std(self) -> Self:
        if (self.mean is None) != (self.std is None):
            raise ValueError("mean and std belong together: give both or none")
        if self.std is not None and min(self.std) <= 0:
            raise ValueError("std must be above 0")
        return self


class OutputSpec(Settings):
    """The network's outputs.

    Attributes:
        names: one name; for ``detr`` with two outputs the boxes first, then the scores.
        scores: probabilities or logits.
        decoded: only for ``yolox``: boxes are in input pixels already (exported with decoding).
        best_only: only for ``detr`` with one output: a row ends with its best score and the index of that class.
    """

    names: tuple[str, ...] = Field(min_length=1, max_length=2)
    scores: Scores
    decoded: bool = False
    best_only: bool = False


class ReferenceBox(Settings):
    """One box that must be found in the reference picture, in its pixels."""

    label: str
    box: tuple[float, float, float, float]
    score: float = Field(ge=0, le=1)


class Tolerance(Settings):
    """How far a repeated run may differ: least IoU, largest score difference, and how far above ``threshold`` a box
    that nobody expects may score. Wide enough for another runtime, too narrow for a wrong declaration.
    """

    iou: Share = 0.9
    score: Share = 0.05
    unexpected: Share = 0.1


class Reference(Settings):
    """A picture with the boxes that these weights find in it: the fingerprint of the whole declaration.

    Attributes:
        picture: file name beside the card, or ``drawn:street`` for the built-in drawing.
        threshold: least score at which the boxes were recorded; lower than the card's, so that more boxes count.
    """

    picture: str = Field(pattern=r"^(drawn:street|[^/\\.][^/\\:]*)$")
    threshold: Share
    boxes: tuple[ReferenceBox, ...] = Field(min_length=1)
    tolerance: Tolerance = Tolerance()


class Card(Settings):
    """What is declared about one ONNX file; lies beside it as ``card.yaml``."""

    id: Identifier
    layout: Layout
    file: FileName
    sha256: Sha256
    input: InputSpec
    output: OutputSpec
    classes: tuple[Annotated[str, Field(min_length=1, max_length=64)], ...] = Field(min_length=1, max_length=10000)
    score_threshold: Share
    nms_iou: Annotated[float, Field(gt=0, le=1)] | None = None
    licence: str = Field(min_length=1)
    source: dict[str, str]
    figures: dict[str, Any] = Field(default_factory=dict)
    reference: Reference | None = None

    @field_validator("classes")
    @classmethod
    def _unique(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"class {twice[0]!r} stands twice")
        return names

    @model_validator(mode="after")
    def _fits_layout(self) -> Self:
        if self.layout in (Layout.YOLOX, Layout.YOLO) and self.nms_iou is None:
            raise ValueError(f"layout {self.layout} needs nms_iou (0.45 is usual)")
        if self.layout in (Layout.YOLO_END2END, Layout.DETR) and self.nms_iou is not None:
            raise ValueError(f"layout {self.layout} has no suppression: leave nms_iou out")
        if len(self.output.names) == 2 and self.layout is not Layout.DETR:
            raise ValueError(f"layout {self.layout} has one output, output.names lists two")
        if self.output.decoded and self.layout is not Layout.YOLOX:
            raise ValueError("output.decoded is for layout yolox only")
        if self.output.best_only and (self.layout is not Layout.DETR or len(self.output.names) != 1):
            raise ValueError("output.best_only is for layout detr with one output only")
        if self.layout is Layout.YOLO_END2END and self.output.scores is Scores.LOGITS:
            raise ValueError("layout yolo_end2end gives probabilities, not logits")
        if self.layout is Layout.YOLOX and (self.input.width % 32 or self.input.height % 32):
            raise ValueError("layout yolox needs an input width and height that are multiples of 32")
        return self

    @model_validator(mode="after")
    def _reference_speaks_of_classes(self) -> Self:
        known = set(self.classes)
        for box in self.reference.boxes if self.reference else ():
            if box.label not in known:
                raise ValueError(f"reference names class {box.label!r}, which classes does not list")
        return self


def load_card(path: Path) -> Card:
    """The card in a file, or in a folder's ``card.yaml``.

    Raises:
        ConfigError: missing, not YAML, unknown or missing keys, values that do not fit; each with file and line.
    """
    return load(path / CARD_FILE if path.is_dir() else path, Card)


def save_card(card: Card, path: Path) -> None:
    """Write a card as YAML, whole or not at all (temporary file, fsync, rename)."""
    write_atomic(path, card_yaml(card).encode())


def card_yaml(card: Card) -> str:
    """The card as YAML text, short lists on one line."""
    tree = as_yaml_tree(card.model_dump(mode="json", exclude_none=True))
    out = io.StringIO()
    yaml_writer().dump(tree, out)
    return out.getvalue()


def yaml_writer() -> YAML:
    """The YAML writer of cards and catalogue: wide lines, indented lists."""
    writer = YAML(typ="rt")
    writer.width = 118
    writer.indent(mapping=2, sequence=4, offset=2)
    return writer


def as_yaml_tree(node: Any, key: str = "") -> Any:
    """Plain data as ruamel's types, with short rows and reference boxes in flow style."""
    if isinstance(node, dict):
        tree = CommentedMap({name: as_yaml_tree(value, name) for name, value in node.items()})
        if "box" in node or key in ("tolerance", "padding"):
            tree.fa.set_flow_style()
        return tree
    if isinstance(node, list):
        items = CommentedSeq(as_yaml_tree(value) for value in node)
        if len(node) <= SHORT_LIST and all(isinstance(value, str | int | float) for value in node):
            items.fa.set_flow_style()
        return items
    return node


def write_atomic(path: Path, data: bytes) -> None:
    """Bytes into a file that is either the old or the new one, never half.

    Raises:
        WeightsError: the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
    except OSError as error:
        raise WeightsError(
            f"cannot be written: {error.strerror}", where=str(path), remedy="check the folder's rights and free space"
        ) from None


def file_sha256(path: Path) -> str:
    """sha256 of a weights file as 64 hex digits.

    Raises:
        WeightsError: missing, unreadable or empty.
    """
    try:
        digest = sha256_of(path)
        empty = path.stat().st_size == 0
    except OSError as error:
        raise WeightsError(
            f"weights cannot be read: {error.strerror}", where=str(path), remedy="check the path and its rights"
        ) from None
    if empty:
        raise WeightsError("weights file is empty", where=str(path), remedy="copy or pull it again")
    return digest
