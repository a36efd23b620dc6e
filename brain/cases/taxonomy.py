"""Class codes of cases (案件分类) and what they are called."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import Field, field_validator

from brain.config.settings import Settings
from brain.config.yaml_file import load
from brain.core.errors import ConfigError

_FIRST_EXTENSION = "901"


class TaxonomyClass(Settings):
    """One class: five digits, major and minor, with its name."""

    code: str = Field(pattern="^[0-9]{5}$")
    zh: str = Field(min_length=1, max_length=60)
    en: str = Field(min_length=1)

    @property
    def is_local_extension(self) -> bool:
        """Whether the city added it: minor classes from 901 up are not of the standard."""
        return is_local_extension(self.code)


class Taxonomy(Settings):
    """The classes of one standard.

    Attributes:
        standard: its number, kept with every case.
        kind: ``matter`` (事项); the same code may mean something else as a component (部件).
    """

    standard: str
    kind: str
    classes: tuple[TaxonomyClass, ...]

    @field_validator("classes")
    @classmethod
    def _once(cls, value: tuple[TaxonomyClass, ...]) -> tuple[TaxonomyClass, ...]:
        codes = [item.code for item in value]
        twice = {code for code in codes if codes.count(code) > 1}
        if twice:
            raise ValueError(f"code {min(twice)} stands twice")
        return value

    def find(self, code: str) -> TaxonomyClass:
        """The class of a code.

        Raises:
            ConfigError: no such code; those of the same major class are named.
        """
        for item in self.classes:
            if item.code == code:
                return item
        near = ", ".join(f"{item.code} {item.zh}" for item in self.classes if item.code[:2] == code[:2])
        raise ConfigError(
            f"{self.standard} has no class {code!r} here",
            remedy=f"take one of {near}" if near else "take a code from brain/cases/taxonomy.yaml",
        )


def is_local_extension(code: str) -> bool:
    """Whether a five-digit code is an extension of the city."""
    return code[2:] >= _FIRST_EXTENSION


@cache
def taxonomy() -> Taxonomy:
    """The classes that ship with the product."""
    return load(Path(__file__).with_name("taxonomy.yaml"), Taxonomy)
