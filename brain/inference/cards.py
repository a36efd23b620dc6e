"""Model cards (模型卡): everything the engine must know about one ONNX file, declared and never guessed."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from brain.config.settings import Identifier, Settings
from brain.config.yaml_file import load
from brain.core.errors import WeightsError
from brain.core.files import sha256_of, write_whole
from brain.inference.card_yaml import yaml_text
from brain.inference.figures import Command, DataSource, Figure, Sha256

CARD_FILE = "card.yaml"
YOLOX_STRIDES = (8, 16, 32)
FileName = Annotated[str, Field(pattern=r"^[^/\\.][^/\\]*$", max_length=200)]
VariantName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,15}$")]
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
        SEGMENT: regions: 1×C×h×w scores of each class per cell, or 1×h×w class indexes (``output.scores``); a cell
            covers ``output.stride`` input pixels each way.
    """

    YOLOX = "yolox"
    YOLO = "yolo"
    YOLO_END2END = "yolo_end2end"
    DETR = "detr"
    SEGMENT = "segment"


BOX_LAYOUTS = tuple(layout for layout in Layout if layout is not Layout.SEGMENT)


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
    """How the network's scores are to be read: as probabilities already, or through the sigmoid (``logits``).

    Only for ``segment``: through the softmax over the classes of a cell, or as the index of its class (``indexes``).
    """

    PROBABILITIES = "probabilities"
    LOGITS = "logits"
    SOFTMAX = "softmax"
    INDEXES = "indexes"


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
        scores: probabilities, logits, or what else ``Scores`` lists.
        decoded: only for ``yolox``: boxes are in input pixels already (exported with decoding).
        best_only: only for ``detr`` with one output: a row ends with its best score and the index of that class.
        stride: only for ``segment``: input pixels that a cell covers each way.
        background: only for ``segment``: the class that means "nothing here"; it is never reported.
    """

    names: tuple[str, ...] = Field(min_length=1, max_length=2)
    scores: Scores
    decoded: bool = False
    best_only: bool = False
    stride: int | None = Field(None, ge=1, le=64)
    background: str | None = None


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


class Variant(Settings):
    """The same network in another form, such as ``int8``, in a file beside the first one.

    Attributes:
        figures: measured with this file.
        reference: what this file finds in the reference picture; that of the card where it is left out.
    """

    file: FileName
    sha256: Sha256
    figures: tuple[Figure, ...] = ()
    reference: Reference | None = None


class Card(Settings):
    """What is declared about one ONNX file; lies beside it as ``card.yaml``.

    Attributes:
        figures: what was measured, one entry a held-out set; real and drawn pictures apart.
        data, command: what the weights were trained on, and how.
        variants: other forms of the same network; ``ID.NAME`` names one.
    """

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
    figures: tuple[Figure, ...] = ()
    data: tuple[DataSource, ...] = ()
    command: Command | None = None
    variants: dict[VariantName, Variant] = Field(default_factory=dict)
    reference: Reference | None = None

    @field_validator("classes")
    @classmethod
    def _unique(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"class {twice[0]!r} stands twice")
        return names

    @field_validator("figures", mode="before")
    @classmethod
    def _none_yet(cls, value: object) -> object:
        return () if value == {} else value  # so an empty list was written before figures had a form

    @model_validator(mode="after")
    def _fits_layout(self) -> Self:
        problem = _misfit(self)
        if problem:
            raise ValueError(problem)
        return self

    @model_validator(mode="after")
    def _speaks_of_its_classes(self) -> Self:
        forms = self.variants.values()
        named = [
            ("reference", box.label)
            for reference in (self.reference, *(form.reference for form in forms))
            for box in (reference.boxes if reference else ())
        ]
        named += [
            (f"figures of set {figure.set!r}", name)
            for figure in self._all_figures()
            for name in (*figure.classes, *figure.per_class)
        ]
        for what, name in named:
            if name not in self.classes:
                raise ValueError(f"{what}: class {name!r} is named, which classes does not list")
        return self

    @model_validator(mode="after")
    def _one_kind_a_set(self) -> Self:
        kinds = {(figure.set, figure.kind) for figure in self._all_figures()}
        names = [name for name, _ in kinds]
        mixed = sorted({name for name in names if names.count(name) > 1})
        if mixed:
            raise ValueError(f"figures: set {mixed[0]!r} is called real and drawn; measure them apart, as two sets")
        return self

    def _all_figures(self) -> Iterator[Figure]:
        yield from self.figures
        for form in self.variants.values():
            yield from form.figures

    @property
    def reported(self) -> tuple[str, ...]:
        """The classes that can be found: all but ``output.background``."""
        return tuple(name for name in self.classes if name != self.output.background)

    def variant(self, name: str) -> Card:
        """The card of the file in another form: same declarations, its own file, figures and reference.

        Raises:
            KeyError: there is none of that name.
        """
        form = self.variants[name]
        own = {"file": form.file, "sha256": form.sha256, "figures": form.figures}
        reference = form.reference or self.reference
        return self.model_copy(update=own | {"id": f"{self.id}.{name}", "reference": reference, "variants": {}})


def _misfit(card: Card) -> str:
    """What does not go together with the card's layout; empty when all does."""
    layout, output = card.layout, card.output
    suppresses = layout in (Layout.YOLOX, Layout.YOLO)
    one_detr = layout is Layout.DETR and len(output.names) == 1
    rules = (
        (suppresses and card.nms_iou is None, f"layout {layout} needs nms_iou (0.45 is usual)"),
        (not suppresses and card.nms_iou is not None, f"layout {layout} has no suppression: leave nms_iou out"),
        (
            len(output.names) == 2 and layout is not Layout.DETR,
            f"layout {layout} has one output, output.names lists two",
        ),
        (output.decoded and layout is not Layout.YOLOX, "output.decoded is for layout yolox only"),
        (output.best_only and not one_detr, "output.best_only is for layout detr with one output only"),
        (
            layout is Layout.YOLO_END2END and output.scores is Scores.LOGITS,
            "layout yolo_end2end gives probabilities, not logits",
        ),
        (
            layout is Layout.YOLOX and bool(card.input.width % 32 or card.input.height % 32),
            "layout yolox needs an input width and height that are multiples of 32",
        ),
        *(_segment_rules(card) if layout is Layout.SEGMENT else _no_segment_rules(output)),
    )
    return next((text for wrong, text in rules if wrong), "")


def _segment_rules(card: Card) -> tuple[tuple[bool, str], ...]:
    stride, background = card.output.stride or 1, card.output.background
    return (
        (
            card.output.stride is None,
            "layout segment needs output.stride: input pixels that a cell of its output covers each way",
        ),
        (
            bool(card.input.width % stride or card.input.height % stride),
            f"layout segment needs an input width and height that are multiples of output.stride {stride}",
        ),
        (
            background is not None and background not in card.classes,
            f"output.background {background!r} is none of the classes",
        ),
        (card.classes == (background,), "output.background is the only class: there is nothing to find"),
    )


def _no_segment_rules(output: OutputSpec) -> tuple[tuple[bool, str], ...]:
    return (
        (
            output.scores in (Scores.SOFTMAX, Scores.INDEXES),
            f"output.scores {output.scores} is for layout segment only",
        ),
        (output.stride is not None, "output.stride is for layout segment only"),
        (output.background is not None, "output.background is for layout segment only"),
    )


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
    """The card as YAML text; what is empty is left out."""
    plain = card.model_dump(mode="json", exclude_none=True)
    return yaml_text({key: value for key, value in plain.items() if value not in ([], {}) or key == "source"})


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
