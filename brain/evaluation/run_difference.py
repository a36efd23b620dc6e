"""In what two runs differ besides their events: parts, settings of the scenarios, and how their clips were watched."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from brain.config.settings import Settings
from brain.replay.run import RunClip, RunHeader, RunScenario

YARDSTICK = ("dwell_s", "inherited_dwell_s", "density_dwell_s", "window_s")
"""Settings that decide when a trouble is due: with other ones the same alarm may be a hit or none."""
_SETTINGS = ("every_s", "role", "code")
_HEADER = ("product", "profile", "runtime", "observed_by")
_LONGEST = 60
ABSENT = "–"

ClipIds = Sequence[tuple[str, str]]


class Difference(Settings):
    """One thing in which two runs differ.

    Attributes:
        where: id of the scenario, ``clip ID``, or empty for the whole run.
        key: dotted.
        a, b: as text; ``–`` where it is not there.
        moves_due: a trouble is due at another moment, so hits of the two runs are not comparable.
    """

    where: str
    key: str
    a: str
    b: str
    moves_due: bool = False

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.key}: {self.a} → {self.b}"


def run_differences(a: RunHeader, b: RunHeader, clips: ClipIds) -> tuple[Difference, ...]:
    """All of them: of the whole run, of the scenarios that both have, of the clips that both have.

    Args:
        clips: ids in ``a`` and ``b`` of each clip that stands in both.
    """
    found = list(_of_values("", _header(a), _header(b)))
    ours = {scenario.id: scenario for scenario in b.scenarios}
    for scenario in a.scenarios:
        if scenario.id in ours:
            found.extend(scenario_differences(scenario, ours[scenario.id]))
    of_a, of_b = ({clip.id: clip for clip in header.clips} for header in (a, b))
    for first, second in clips:
        found.extend(_of_values(f"clip {first}", _clip(of_a[first]), _clip(of_b[second])))
    return tuple(found)


def scenario_differences(a: RunScenario, b: RunScenario) -> tuple[Difference, ...]:
    """In what a scenario ran differently, what moves the due moment first."""
    due = [
        item.model_copy(update={"moves_due": True})
        for item in _of_values(a.id, a.model_dump(include=set(YARDSTICK)), b.model_dump(include=set(YARDSTICK)))
    ]
    other = _of_values(a.id, a.model_dump(include=set(_SETTINGS)), b.model_dump(include=set(_SETTINGS)))
    manifest = [
        item.model_copy(update={"moves_due": item.key.partition(".")[0] == "schedule"})
        for item in _of_values(a.id, _flat(a.manifest), _flat(b.manifest))
    ]
    return (*due, *other, *manifest)


def _of_values(where: str, a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterable[Difference]:
    for key in dict.fromkeys([*a, *b]):
        if key not in a or key not in b or a[key] != b[key]:
            yield Difference(where=where, key=key, a=_text(a.get(key, ABSENT)), b=_text(b.get(key, ABSENT)))


def _header(header: RunHeader) -> dict[str, Any]:
    weights = {f"weights.{item.algorithm}": f"{item.id} {item.sha256[:12]}" for item in header.weights}
    return {**header.model_dump(include=set(_HEADER)), **weights}


def _clip(clip: RunClip) -> dict[str, Any]:
    """What a run was told of a clip and what may change its events."""
    zones = {f"zones.{zone.name}": zone.model_dump(mode="json") for zone in clip.zones}
    return {"start": clip.start.isoformat(), "camera": clip.camera, **zones}


def _flat(tree: Any, above: str = "") -> dict[str, Any]:
    """Every leaf under its dotted key."""
    if isinstance(tree, Mapping) and tree:
        parts: Iterable[tuple[Any, Any]] = tree.items()
    elif isinstance(tree, list | tuple) and tree and any(isinstance(item, Mapping) for item in tree):
        parts = enumerate(tree)
    else:
        return {above: tree} if above else {}
    found: dict[str, Any] = {}
    for key, value in parts:
        found.update(_flat(value, f"{above}.{key}" if above else str(key)))
    return found


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = text or '""'
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
