"""All rule words: what a manifest may say under ``rule``, and the rule that comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from pydantic import Field, model_validator

from brain.config.settings import Settings
from brain.rules.base import Parameters, Rule
from brain.rules.change import Change, ChangeParameters
from brain.rules.count import Count, CountParameters
from brain.rules.present import Present, PresentParameters
from brain.rules.stationary import Stationary, StationaryParameters


class RuleWords(Settings):
    """The mapping under ``rule``: exactly one rule word with its parameters.

    A new word is a file beside this one and a field here.
    """

    present: PresentParameters | None = Field(None, description="something of the classes is in the zone")
    stationary: StationaryParameters | None = Field(None, description="something stands in the zone without moving")
    count: CountParameters | None = Field(None, description="at least so many are in the zone")
    change: ChangeParameters | None = Field(None, description="a new or removed static region lies in the zone")

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                f"exactly one rule word is needed, not {' and '.join(given) or 'none'}: "
                f"{', '.join(type(self).model_fields)}"
            )
        return self

    @property
    def word(self) -> str:
        """The word that is given."""
        return next(name for name in type(self).model_fields if getattr(self, name) is not None)

    @property
    def parameters(self) -> Parameters:
        """Its parameters."""
        found = getattr(self, self.word)
        assert isinstance(found, Parameters)
        return found

    @property
    def dwell_s(self) -> float:
        """Watched seconds that the trouble must last (inherited things: twice)."""
        return float(getattr(self.parameters, "dwell", 0.0))

    @property
    def inherited_dwell_s(self) -> float:
        """The same for what is there from the first picture on: twice as long for the word that inherits."""
        return self.dwell_s * (2 if self.stationary is not None else 1)

    @property
    def density_dwell_s(self) -> float | None:
        """The dwell where a zone's square metres are known, instead of the others; ``None`` = no rule of its own."""
        density = self.count.density if self.count is not None else None
        return None if density is None else density.dwell

    def algorithm(self, listed: Sequence[str]) -> str:
        """The algorithm that the rule reads, of those that the scenario lists.

        Raises:
            ValueError: the one that is named is not listed, or none is named and several are listed.
        """
        named = self.parameters.algorithm
        if named is None and len(listed) > 1:
            raise ValueError(f"rule.{self.word}.algorithm is missing: say which of {', '.join(listed)} it reads")
        if named is not None and named not in listed:
            raise ValueError(f"rule.{self.word}.algorithm {named!r} is not among algorithms: {', '.join(listed)}")
        return named or listed[0]


def make_rule(words: RuleWords, algorithm: str) -> Rule[Any, Any]:
    """The rule that the mapping describes, reading detections of ``algorithm``."""
    if words.present is not None:
        return Present(words.present, algorithm)
    if words.stationary is not None:
        return Stationary(words.stationary, algorithm)
    if words.count is not None:
        return Count(words.count, algorithm)
    assert words.change is not None
    return Change(words.change, algorithm)
