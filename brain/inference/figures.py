"""What weights were measured and trained on, as their card says it, and what that proves for a class."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Annotated, Protocol, Self

from pydantic import Field, model_validator

from brain.config.settings import Settings

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Command = Annotated[str, Field(min_length=1, max_length=2000)]
Text = Annotated[str, Field(min_length=1, max_length=300)]
Metrics = dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], Annotated[float, Field(allow_inf_nan=False)]]


class Kind(StrEnum):
    """Of pictures: taken by a camera, or drawn by a program."""

    REAL = "real"
    DRAWN = "drawn"


class Figure(Settings):
    """What was measured on one held-out set, none of which was trained on.

    Attributes:
        set: name of the set, the same wherever it is used.
        kind: of its pictures; never mixed.
        pictures, clips: how many; one of both is needed.
        metrics: name → value, shares 0–1 unless the name says otherwise (``map50``, ``f1``, ``iou``, ``latency_s`` …).
        classes: those that the set can judge; all when left out.
        per_class: class → metrics.
        command: what prints these values.
    """

    set: Text
    kind: Kind
    pictures: int | None = Field(None, ge=1)
    clips: int | None = Field(None, ge=1)
    metrics: Metrics = Field(min_length=1)
    classes: tuple[Text, ...] = ()
    per_class: dict[Text, Metrics] = Field(default_factory=dict)
    command: Command

    @model_validator(mode="after")
    def _of_something(self) -> Self:
        if self.pictures is None and self.clips is None:
            raise ValueError("a figure needs the number of pictures (or clips) that it rests on")
        return self


class DataSource(Settings):
    """Pictures that weights were trained on.

    Attributes:
        name: of the source, so that others find it.
        kind: of its pictures.
        pictures: how many were used.
        counts: label → how many of it.
        sha256: of the listing of the files used: one line each, sha256 and name, sorted.
        labels: where the labels are from, if not from the source: a teacher's id, the drawing itself …
    """

    name: Text
    kind: Kind
    pictures: int = Field(ge=1)
    counts: dict[Text, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    sha256: Sha256
    labels: Text | None = None


class Proof(StrEnum):
    """How well some classes of some weights are proven, best first.

    Attributes:
        REAL: each was measured on real pictures.
        PARTLY: some on real pictures, the others on drawn ones alone or not at all.
        DRAWN: on drawn pictures alone.
        NONE: no figure.
    """

    REAL = "real"
    PARTLY = "partly"
    DRAWN = "drawn"
    NONE = "none"

    @property
    def words(self) -> str:
        """For people, Chinese and English."""
        return _WORDS[self]


_WORDS = {
    Proof.REAL: "真实 real",
    Proof.PARTLY: "部分真实 partly real",
    Proof.DRAWN: "仅仿真 drawn only",
    Proof.NONE: "未测 not measured",
}


class Measured(Protocol):
    """What has figures: a card."""

    @property
    def reported(self) -> tuple[str, ...]:
        """The classes that can be found, in the network's order."""
        ...

    @property
    def figures(self) -> tuple[Figure, ...]:
        """What was measured."""
        ...


def judged(card: Measured, kind: Kind) -> frozenset[str]:
    """Classes that some figure on pictures of that kind speaks of."""
    own = (figure.classes or card.reported for figure in card.figures if figure.kind is kind)
    return frozenset(name for names in own for name in names)


def drawn_only(card: Measured) -> tuple[str, ...]:
    """Classes whose figures rest on drawn pictures alone, in the network's order."""
    names = judged(card, Kind.DRAWN) - judged(card, Kind.REAL)
    return tuple(name for name in card.reported if name in names)


def proof_of(card: Measured, classes: Iterable[str] | None = None) -> Proof:
    """How well some classes are proven; all of the card's unless told."""
    wanted: Sequence[str] = card.reported if classes is None else tuple(classes)
    real, drawn = judged(card, Kind.REAL), judged(card, Kind.DRAWN)
    if any(name in real for name in wanted):
        return Proof.REAL if all(name in real for name in wanted) else Proof.PARTLY
    return Proof.DRAWN if any(name in drawn for name in wanted) else Proof.NONE
