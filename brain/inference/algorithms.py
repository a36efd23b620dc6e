"""Algorithms (算法): what turns a sample into observations – weights with the classes it wants, or a method."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from brain.config.settings import Identifier, Settings
from brain.config.yaml_file import load
from brain.core.errors import ConfigError

Share = Annotated[float, Field(gt=0, lt=1)]


class Name(Settings):
    """A name in Chinese and English."""

    zh: str
    en: str


class Algorithm(Settings):
    """One algorithm.

    Attributes:
        id: as scenarios name it.
        kind: ``weights`` (a detector) or ``method`` (needs none).
        classes: the algorithm's class → names by which models call it. A method lists its labels with no names.
        weights: ids of weights that serve, the best first.
        min_score: least score, if other than the card's.
    """

    id: Identifier
    name: Name
    kind: Literal["weights", "method"]
    classes: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    weights: tuple[Identifier, ...] = ()
    min_score: Share | None = None

    @model_validator(mode="after")
    def _fits_kind(self) -> Self:
        if self.kind == "method" and (self.weights or self.min_score is not None):
            raise ValueError("a method takes no weights and no min_score")
        if self.kind == "weights" and not self.classes:
            raise ValueError("an algorithm on weights needs classes")
        if self.kind == "weights" and not all(self.classes.values()):
            raise ValueError("each class needs the names by which models call it, e.g. car: [car]")
        names = [name for aliases in self.classes.values() for name in aliases]
        if len(set(names)) < len(names):
            raise ValueError("a model's class may stand for one class of the algorithm only")
        return self

    def mapping(self, model_classes: tuple[str, ...]) -> dict[str, str]:
        """Model's class → algorithm's class, for those that a model has; empty when it cannot serve."""
        present = set(model_classes)
        return {name: ours for ours, names in self.classes.items() for name in names if name in present}


class Algorithms(Settings):
    """All algorithms that ship."""

    algorithms: tuple[Algorithm, ...]

    @field_validator("algorithms")
    @classmethod
    def _unique(cls, entries: tuple[Algorithm, ...]) -> tuple[Algorithm, ...]:
        ids = [entry.id for entry in entries]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"algorithm {twice[0]!r} stands twice")
        return entries

    def ids(self) -> tuple[str, ...]:
        """All ids, in the file's order."""
        return tuple(entry.id for entry in self.algorithms)

    def get(self, name: str) -> Algorithm:
        """The algorithm of that id.

        Raises:
            ConfigError: there is none.
        """
        for entry in self.algorithms:
            if entry.id == name:
                return entry
        raise ConfigError(f"no algorithm called {name!r}", remedy=f"one of {', '.join(self.ids())}")


def load_algorithms(path: Path) -> Algorithms:
    """The algorithms in a YAML file (``models/algorithms.yaml``).

    Raises:
        ConfigError: with file and line.
    """
    return load(path, Algorithms)
