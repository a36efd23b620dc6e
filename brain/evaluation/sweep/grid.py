"""Which settings are tried: ``--over KEY=v1,v2`` and ``--over KEY=lo..hi[:n]``, and all their combinations."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from brain.core.errors import UsageError
from brain.scenarios.manifest import Manifest
from brain.scenarios.overrides import possible_keys

DEFAULT_STEPS = 5
EVERY_WHOLE_NUMBER = 20
"""A range of whole numbers up to this long is tried number by number."""
MAX_STEPS = 1000
MAX_SETTINGS = 100_000
TUNED = ("rule.", "confirm.", "clear.", "cooldown", "sample.every", "schedule")
"""What changes alarms and needs no inference again; all else is the scenario's identity, or the ruler itself."""

_FORM = "write it like confirm.at_least=4,6,8 or rule.stationary.min_score=0.3..0.6:7"
_RANGE = re.compile(r"(-?[\d.]+)\s*([a-z]*)\.\.(-?[\d.]+)\s*([a-z]*)(?::(\d+))?")
_UNITS_S = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_DURATIONS = frozenset({"for", "occlusion", "gap", "after", "every", "cooldown"})
Setting = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Axis:
    """One key and the values that are tried for it, in their order, each once."""

    key: str
    values: tuple[Any, ...]


def parse_over(text: str, manifest: Manifest) -> Axis:
    """The axis of ``KEY=v1,v2,…`` or ``KEY=lo..hi[:n]``; values are read as YAML, n values lie evenly from lo to hi.

    Without n a range of whole numbers is tried number by number up to 20 of them, any other one at five points.

    Args:
        manifest: as the scenario ran.

    Raises:
        UsageError: not of that form, or a key that does not exist or is not for tuning.
    """
    where = f"--over {text}"
    key, mark, listed = (part.strip() for part in text.partition("="))
    if not mark or not key or not listed:
        raise UsageError("no key or no values", where=where, remedy=_FORM)
    check_key(key, manifest, where)
    found = _RANGE.fullmatch(listed)
    values = _range(found, _is_whole(manifest, key), where) if found else _listed(listed, where)
    return Axis(key, tuple(value for index, value in enumerate(values) if value not in values[:index]))


def check_key(key: str, manifest: Manifest, where: str) -> None:
    """Refuses a key that does not exist, or does not change alarms.

    Raises:
        UsageError: with the keys that may be tuned.
    """
    tuned = tuned_keys(manifest)
    if key in tuned:
        return
    remedy = f"keys that may be tuned: {', '.join(tuned)}"
    if key in possible_keys(manifest):
        raise UsageError(f"{key} is not for tuning: it does not change what is raised", where=where, remedy=remedy)
    near = get_close_matches(key, tuned, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    raise UsageError(f"scenario {manifest.id} has no key {key!r}", where=where, remedy=hint + remedy)


def tuned_keys(manifest: Manifest) -> tuple[str, ...]:
    """The keys of a scenario that may be tuned."""
    fixed = f"rule.{manifest.rule.word}.algorithm" if manifest.rule is not None else ""
    return tuple(name for name in possible_keys(manifest) if name.startswith(TUNED) and name != fixed)


def settings_of(axes: Sequence[Axis], draws: int | None = None, seed: int = 0) -> list[Setting]:
    """All combinations of the axes' values, the last axis fastest; or ``draws`` of them, each once, in that order.

    Raises:
        UsageError: the same key twice, no axis, or too many combinations.
    """
    keys = [axis.key for axis in axes]
    if not axes:
        raise UsageError("nothing to try", where="--over", remedy=_FORM)
    if len(set(keys)) < len(keys):
        raise UsageError("a key is given twice", where="--over", remedy="name all values of a key at once")
    total = math.prod(len(axis.values) for axis in axes)
    if draws is not None and draws < total:
        chosen: Sequence[int] = sorted(random.Random(seed).sample(range(total), draws))
    elif total > MAX_SETTINGS:
        remedy = f"draw some of them, --random 2000, or name fewer values ({MAX_SETTINGS} settings at most)"
        raise UsageError(f"{total} settings are too many", where="--over", remedy=remedy)
    else:
        chosen = range(total)
    return [_setting(axes, number) for number in chosen]


def _setting(axes: Sequence[Axis], number: int) -> Setting:
    found: dict[str, Any] = {}
    for axis in reversed(axes):
        number, place = divmod(number, len(axis.values))
        found[axis.key] = axis.values[place]
    return {axis.key: found[axis.key] for axis in axes}


def _listed(text: str, where: str) -> list[Any]:
    try:
        values = YAML(typ="safe", pure=True).load(f"[{text}]")
    except (YAMLError, ValueError):
        values = None
    if not isinstance(values, list) or not values or any(value is None for value in values):
        raise UsageError(f"{text!r} are not values", where=where, remedy=_FORM)
    return values


def _range(match: re.Match[str], whole: bool, where: str) -> list[Any]:
    low_text, low_unit, high_text, high_unit, steps_text = match.groups()
    unit = high_unit or low_unit
    try:
        low, high = float(low_text) * _scale(low_unit or unit), float(high_text) * _scale(unit)
    except (ValueError, KeyError):
        raise UsageError("the ends of the range are no numbers", where=where, remedy=_FORM) from None
    if not low < high:
        raise UsageError("the range must rise from its first end to its second", where=where, remedy=_FORM)
    steps = int(steps_text) if steps_text else _usual_steps(low, high, whole)
    if not 2 <= steps <= MAX_STEPS:
        raise UsageError(f"a range has 2 to {MAX_STEPS} values", where=where, remedy=_FORM)
    points = [low + (high - low) * step / (steps - 1) for step in range(steps)]
    if unit:
        return [f"{_shortly(point):g}s" for point in points]
    return [round(point) for point in points] if whole else [_shortly(point) for point in points]


def _usual_steps(low: float, high: float, whole: bool) -> int:
    numbers = int(high - low) + 1
    return numbers if whole and 2 <= numbers <= EVERY_WHOLE_NUMBER else DEFAULT_STEPS


def _scale(unit: str) -> float:
    return _UNITS_S[unit] if unit else 1.0


def _shortly(value: float) -> float:
    """The value with six digits: 0.3 and not 0.30000000000000004."""
    return float(f"{value:.6g}")


def _is_whole(manifest: Manifest, key: str) -> bool:
    """Whether the key takes whole numbers."""
    value = values_at(manifest, [key])[key]
    return isinstance(value, int) and not isinstance(value, bool)


def values_at(manifest: Manifest, keys: Iterable[str]) -> dict[str, Any]:
    """The value of each dotted key, durations in seconds; ``None`` where it is not set."""
    tree = manifest.model_dump(by_alias=True)
    found = {}
    for key in keys:
        node: Any = tree
        for part in key.split("."):
            node = node.get(part) if isinstance(node, dict) else None
        found[key] = node
    return found


def told_value(key: str, value: Any) -> Any:
    """A value as people write it: 60s rather than 60.0."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value:g}s" if is_number and key.rpartition(".")[2] in _DURATIONS else value
