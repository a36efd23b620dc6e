"""The catalogue (模型目录): public weights, and how each comes onto this machine.

``weights`` were run here and have a whole card, with what they find in the built-in drawing. ``public`` are known from
what their makers publish; where the sum of the file is known they can be pulled as well, the others say what to do.
"""

from __future__ import annotations

from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Protocol, Self

from pydantic import Field, field_validator, model_validator

from brain.config.settings import Identifier, Settings
from brain.config.yaml_file import load
from brain.core.errors import BrainError, UsageError, WeightsError
from brain.inference.cards import Card
from brain.inference.coco import CLASS_LISTS
from brain.inference.declare import Said
from brain.inference.figures import Sha256
from brain.inference.street import STREET

MAX_WEIGHTS_BYTES = 2 << 30


class RemoteFile(Protocol):
    """A public file: what it is called here, where it lies, its size in bytes and its sum."""

    @property
    def file(self) -> str:
        """Its name on this machine, and in a mirror's folder."""
        ...

    @property
    def url(self) -> str:
        """Its https address."""
        ...

    @property
    def size(self) -> int:
        """Bytes."""
        ...

    @property
    def sha256(self) -> str:
        """64 hex digits."""
        ...


class CatalogEntry(Settings):
    """Public weights that were run here: where the file lies, its size in bytes, and its card."""

    url: str
    size: int = Field(gt=0, le=MAX_WEIGHTS_BYTES)
    card: Card

    @field_validator("url")
    @classmethod
    def _https(cls, url: str) -> str:
        return _https_only(url)

    @model_validator(mode="after")
    def _drawn_reference(self) -> Self:
        if self.card.reference is None or self.card.reference.picture != STREET:
            raise ValueError(f"the card of public weights needs a reference with picture {STREET}")
        return self

    @property
    def file(self) -> str:
        """Name of the file on this machine."""
        return self.card.file

    @property
    def sha256(self) -> str:
        """Sum of the file."""
        return self.card.sha256


class Published(Settings):
    """What the makers say of their weights; none of it was measured here.

    Attributes:
        input: side of the square input that it holds for, pixels.
        params_m: parameters, millions.
        gflops: 10⁹ operations a picture, where they say it.
        ap: average precision on COCO val2017, mean over IoU 0.50–0.95, in percent.
        source: where they say it.
    """

    input: int = Field(gt=0)
    params_m: float = Field(gt=0)
    gflops: float | None = Field(None, gt=0)
    ap: float = Field(gt=0, le=100)
    source: str = Field(min_length=1)


class Download(Settings):
    """A file that can be pulled although it was never run here: its sum and its declarations are known.

    Attributes:
        known_from: where size and sum are from.
        declare: what ``brain models add`` would be told; ``classes`` is a list or the name of one (``coco``).
    """

    url: str
    size: int = Field(gt=0, le=MAX_WEIGHTS_BYTES)
    sha256: Sha256
    known_from: str = Field(min_length=1)
    declare: Said

    @field_validator("url")
    @classmethod
    def _https(cls, url: str) -> str:
        return _https_only(url)

    @field_validator("declare", mode="before")
    @classmethod
    def _declarations(cls, value: object) -> object:
        return _said(value)


class PublicWeights(Settings):
    """Weights of others that were never run here.

    Attributes:
        name: as their makers call them.
        licence: of the weights.
        page: of the makers.
        download: the file, where it can be pulled.
        how: what to do, one step each, where it cannot.
    """

    id: Identifier
    name: str = Field(min_length=1)
    licence: str = Field(min_length=1)
    page: str
    published: Published
    download: Download | None = None
    how: tuple[str, ...] = ()

    @field_validator("page")
    @classmethod
    def _https(cls, page: str) -> str:
        return _https_only(page)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.download is None) == (not self.how):
            raise ValueError("public weights need either download, or how: the steps that bring them here")
        return self

    @property
    def file(self) -> str:
        """Name of the file on this machine."""
        return f"{self.id}.onnx"

    @property
    def url(self) -> str:
        """Address of the file; raises where there is none."""
        return self._download.url

    @property
    def size(self) -> int:
        """Bytes of the file; raises where there is none."""
        return self._download.size

    @property
    def sha256(self) -> str:
        """Sum of the file; raises where there is none."""
        return self._download.sha256

    @property
    def said(self) -> Said:
        """All that is declared of the file; raises where there is none."""
        declare = self._download.declare
        values = {field.name: getattr(declare, field.name) for field in fields(Said)}
        return Said(**values | {"id": self.id, "licence": self.licence, "source": self._download.url})

    @property
    def _download(self) -> Download:
        if self.download is None:
            raise self.by_hand()
        return self.download

    def by_hand(self) -> WeightsError:
        """Why these weights cannot be pulled, and the steps that bring them here."""
        steps = "\n".join(f"  {number}. {step}" for number, step in enumerate(self.how, 1))
        return WeightsError(
            f"{self.name} ({self.licence}) cannot be pulled: no file is known with its sum. By hand:\n{steps}",
            where=self.id,
            remedy=f"{self.page}; docs/models.md shows each way with its options",
        )


class Catalog(Settings):
    """All entries; ids and sums are unique."""

    weights: tuple[CatalogEntry, ...] = ()
    public: tuple[PublicWeights, ...] = ()

    @model_validator(mode="after")
    def _unique(self) -> Self:
        loaded: list[RemoteFile] = [*self.weights, *(entry for entry in self.public if entry.download)]
        ids = [*(entry.card.id for entry in self.weights), *(entry.id for entry in self.public)]
        hashes = [entry.sha256 for entry in loaded]
        if len(set(ids)) < len(ids) or len(set(hashes)) < len(hashes):
            raise ValueError("an id or sha256 stands twice")
        return self

    def by_id(self, name: str) -> CatalogEntry | None:
        """The entry of that id that was run here."""
        return next((entry for entry in self.weights if entry.card.id == name), None)

    def by_sha256(self, digest: str) -> CatalogEntry | None:
        """The entry that was run here whose file has that sum."""
        return next((entry for entry in self.weights if entry.card.sha256 == digest), None)

    def public_by_id(self, name: str) -> PublicWeights | None:
        """The public weights of that id."""
        return next((entry for entry in self.public if entry.id == name), None)

    def public_by_sha256(self, digest: str) -> PublicWeights | None:
        """The public weights whose file has that sum."""
        return next((entry for entry in self.public if entry.download and entry.sha256 == digest), None)

    def to_pull(self, name: str) -> CatalogEntry | PublicWeights:
        """What ``brain models pull`` fetches under that id.

        Raises:
            UsageError: the catalogue does not know it.
            WeightsError: it has to be brought by hand; the error says how.
        """
        entry = self.by_id(name) or self.public_by_id(name)
        if entry is None:
            raise self.unknown(name)
        if isinstance(entry, PublicWeights) and entry.download is None:
            raise entry.by_hand()
        return entry

    def unknown(self, name: str) -> BrainError:
        """That the catalogue has nothing of that id."""
        ids = [*(entry.card.id for entry in self.weights), *(entry.id for entry in self.public)]
        near = get_close_matches(name, ids, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        return UsageError(
            f"the catalogue has no weights called {name!r}", remedy=f"{hint}it has: {', '.join(ids) or 'none'}"
        )


def load_catalog(path: Path) -> Catalog:
    """The catalogue in a YAML file.

    Raises:
        ConfigError: with file and line.
    """
    return load(path, Catalog)


def _https_only(url: str) -> str:
    if not url.startswith("https://"):
        raise ValueError("only https:// addresses are fetched")
    return url


def _said(value: object) -> object:
    """Declarations as they stand in YAML, in the form of ``Said``; what it does not know is a mistake."""
    if not isinstance(value, dict):
        return value
    known = {field.name for field in fields(Said)} - {"id", "licence", "source"}
    strange = sorted(set(value) - known)
    if strange:
        raise ValueError(f"unknown declaration {strange[0]!r}; there are {', '.join(sorted(known))}")
    plain: dict[str, Any] = dict(value)
    classes = plain.get("classes")
    if isinstance(classes, str):
        if classes not in CLASS_LISTS:
            raise ValueError(f"no list of classes is called {classes!r}; there are {', '.join(CLASS_LISTS)}")
        plain["classes"] = CLASS_LISTS[classes]
    return plain
