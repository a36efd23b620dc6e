"""Conditions of a manifest, such as ``duration >= 30min`` or ``density >= 3 and measure >= 45``; parsed, never run."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

from brain.config.durations import parse_duration
from brain.core.types import Finding, Zone

_ORDER: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_FORM = re.compile(r"([a-z_]+)\s*(>=|<=|==|>|<)\s*([A-Za-z0-9_.+-]+)")
FIGURES = ("duration", "measure", "score", "density")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison: a figure of the finding with a number, or the zone's kind with a name."""

    name: str
    sign: str
    value: float | str

    def holds(self, finding: Finding, zone: Zone) -> bool:
        """Whether it holds; one about a figure that is not known does not."""
        if isinstance(self.value, str):
            return zone.kind == self.value
        figure = _figure(self.name, finding, zone)
        return figure is not None and _ORDER[self.sign](figure, self.value)


@dataclass(frozen=True, slots=True)
class Condition:
    """Comparisons that must all hold."""

    parts: tuple[Comparison, ...]

    def holds(self, finding: Finding, zone: Zone) -> bool:
        """Whether all comparisons hold for a finding in a zone."""
        return all(part.holds(finding, zone) for part in self.parts)


def _figure(name: str, finding: Finding, zone: Zone) -> float | None:
    if name == "density":
        return finding.measure / zone.square_metres if zone.square_metres else None
    return {"duration": finding.lasted_s, "measure": finding.measure, "score": finding.score}[name]


def parse_condition(text: str) -> Condition:
    """The condition that a text says.

    ``duration`` (watched time that it lasted, with a unit), ``measure`` (the rule's own figure), ``score`` and
    ``density`` (measure per square metre of the zone) are compared by ``>= > <= <`` with a number; ``kind`` (of the
    zone) by ``==`` with a name. ``and`` joins comparisons.

    Raises:
        ValueError: anything else.
    """
    return Condition(tuple(_comparison(part.strip()) for part in re.split(r"\band\b", text)))


def _comparison(text: str) -> Comparison:
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f"condition {text!r} is not understood: write it like duration >= 30min or measure >= 45")
    name, sign, value = match.groups()
    if name == "kind":
        if sign != "==":
            raise ValueError(f"condition {text!r}: the kind of a zone is compared by ==, like kind == road")
        return Comparison(name, sign, value)
    if name not in FIGURES:
        raise ValueError(f"condition {text!r}: {name!r} is not known; there are {', '.join(FIGURES)} and kind")
    if sign == "==":
        raise ValueError(f"condition {text!r}: figures are compared by >= > <= <, not by ==")
    if name == "duration":
        return Comparison(name, sign, parse_duration(value))
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"condition {text!r}: {value!r} is not a number")
    return Comparison(name, sign, number)
