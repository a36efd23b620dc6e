"""The catalogue (模型目录): public weights that ``brain models pull`` can fetch, with their whole cards."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, field_validator, model_validator

from brain.config.settings import Settings
from brain.config.yaml_file import load
from brain.inference.cards import Card
from brain.inference.street import STREET

MAX_WEIGHTS_BYTES = 2 << 30


class CatalogEntry(Settings):
    """One public file: where it lies, its size in bytes, and its card."""

    url: str
    size: int = Field(gt=0, le=MAX_WEIGHTS_BYTES)
    card: Card

    @field_validator("url")
    @classmethod
    def _https_only(cls, url: str) -> str:
        if not url.startswith("https://"):
            raise ValueError("only https:// addresses are fetched")
        return url

    @model_validator(mode="after")
    def _drawn_reference(self) -> Self:
        if self.card.reference is None or self.card.reference.picture != STREET:
            raise ValueError(f"the card of public weights needs a reference with picture {STREET}")
        return self


class Catalog(Settings):
    """All entries; ids and hashes are unique."""

    weights: tuple[CatalogEntry, ...] = ()

    @field_validator("weights")
    @classmethod
    def _unique(cls, entries: tuple[CatalogEntry, ...]) -> tuple[CatalogEntry, ...]:
        ids = [entry.card.id for entry in entries]
        hashes = [entry.card.sha256 for entry in entries]
        if len(set(ids)) < len(ids) or len(set(hashes)) < len(hashes):
            raise ValueError("an id or sha256 stands twice")
        return entries

    def by_id(self, name: str) -> CatalogEntry | None:
        """The entry of that id."""
        return next((entry for entry in self.weights if entry.card.id == name), None)

    def by_sha256(self, digest: str) -> CatalogEntry | None:
        """The entry whose file has that sha256."""
        return next((entry for entry in self.weights if entry.card.sha256 == digest), None)


def load_catalog(path: Path) -> Catalog:
    """The catalogue in a YAML file.

    Raises:
        ConfigError: with file and line.
    """
    return load(path, Catalog)
