"""What a reader of a file form is told, and what it hands over: values not yet checked, and where each stands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from brain.config.plain import Location
from brain.core.ids import is_identifier
from brain.evaluation.truth import Mistake

# A label of that name marks spans that count for nothing.
IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What files of other tools leave open.

    Attributes:
        labels: their label → our scenario id; an empty id = that label is of no concern.
        scenarios: ids that exist; ``None`` = any id may be one.
        fps: frame rate, where neither file nor video says it.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    scenarios: Collection[str] | None = None
    fps: float | None = None

    def scenario(self, label: str) -> str | None:
        """The scenario that a label stands for; ``None`` = it stands for none."""
        if label in self.labels:
            return self.labels[label] or None
        known = is_identifier(label) if self.scenarios is None else label in self.scenarios
        return label if known else None

    def doubt(self, label: str) -> str:
        """What is wrong with a label that must stand for a scenario and does not; empty when all is well."""
        if label in self.labels or self.scenario(label) is not None:
            return ""
        near = get_close_matches(label, self.scenarios or (), n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        return f"label {label!r} is no scenario; {hint}Say what it means with --label {label!r}=SCENARIO"

    def misspelt(self, label: str) -> str:
        """The same for a label that may well name an object: only one that looks like a scenario is doubted."""
        return self.doubt(label) if get_close_matches(label, self.scenarios or (), n=1, cutoff=0.8) else ""


@dataclass(frozen=True, slots=True)
class DraftClip:
    """A clip as a file states it.

    Attributes:
        values: keys of ``TruthClip``, and in a truth file whatever else stands there.
        where: gives ``file:line`` of a key or item in ``values``.
        mistakes: what the reader found wrong already.
    """

    values: dict[str, Any]
    where: Callable[[Location], str]
    mistakes: Sequence[tuple[Location, str]] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole file.

    Attributes:
        form: name of the file form, for people.
        where: gives ``file:line`` of a key of the file.
        set: ``dev`` or ``test`` as it stands in the file.
        labelled: what was looked for in every clip that says nothing of its own; ``None`` = not said.
        mistakes: of the file as a whole.
    """

    form: str
    clips: list[DraftClip]
    where: Callable[[Location], str]
    set: str = "dev"
    labelled: tuple[str, ...] | None = None
    mistakes: list[Mistake] = field(default_factory=list)
