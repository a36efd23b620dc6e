"""Options that ``brain try`` and ``brain replay`` share."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from brain.core.clock import parse_iso
from brain.core.errors import UsageError
from brain.core.types import Zone
from brain.runtime.assembly import Parts
from brain.scenarios.arguments import parse_set, parse_zones
from brain.scenarios.assignment import Profile, resolve
from brain.scenarios.manifest import MASK_KIND
from brain.scenarios.overrides import possible_keys
from brain.scenarios.registry import Scenario
from brain.scenarios.task import ZoneTask

NOON = "2000-01-01T12:00:00+08:00"

ScenarioOption = Annotated[
    list[str], typer.Option("--scenario", metavar="ID", help="repeatable; see `brain scenarios list`")
]
ZoneOption = Annotated[
    list[str] | None,
    typer.Option("--zone", metavar="KIND[:NAME]=x,y,x,y,…", help="shares 0–1, repeatable; none = the whole picture"),
]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="e.g. rule.stationary.for=20s; repeatable")
]
ProfileOption = Annotated[str, typer.Option("--profile", help="normal, or short: every dwell 10 s, for short clips")]
WeightsOption = Annotated[
    str | None, typer.Option("--weights", metavar="ID|FILE", help="weights for the detecting algorithms")
]
StartOption = Annotated[str, typer.Option("--start", metavar="TIME", help="moment of the first picture, for schedules")]
RuntimeOption = Annotated[str, typer.Option("--runtime", help="auto, onnxruntime or openvino")]


class ClipPlan:
    """What is to be watched for on a clip, checked once, made into fresh tasks for each clip."""

    def __init__(
        self,
        scenarios: Sequence[str],
        zones: Sequence[str],
        sets: Sequence[str],
        profile: str,
        weights: str | None,
        runtime: str,
    ) -> None:
        if profile not in ("normal", "short"):
            raise UsageError(f"no profile called {profile!r}", remedy="use --profile normal or --profile short")
        if runtime not in ("auto", "onnxruntime", "openvino"):
            raise UsageError(f"no runtime called {runtime!r}", remedy="use auto, onnxruntime or openvino")
        self._profile: Profile = "short" if profile == "short" else "normal"
        self._zones: tuple[Zone, ...] = parse_zones(zones)
        wishes = {"*": weights} if weights else {}
        self.parts = Parts(
            wishes, "onnxruntime" if runtime == "onnxruntime" else "openvino" if runtime == "openvino" else "auto"
        )
        self._scenarios = [self.parts.registry.get(name) for name in dict.fromkeys(scenarios)]
        _note_unwatched(self._zones, self._scenarios)
        self._overrides = _deal_out([parse_set(text) for text in sets], self._scenarios)
        self.parts.detector(self.tasks("check"))

    def tasks(self, camera: str) -> tuple[ZoneTask, ...]:
        """Fresh tasks; a scenario for whose kinds no zone was given watches the whole picture."""
        return tuple(
            task
            for scenario in self._scenarios
            for task in resolve(
                scenario,
                camera,
                [zone for zone in self._zones if zone.kind in (*scenario.manifest.zones.kinds, MASK_KIND)],
                overrides=self._overrides[scenario.id],
                profile=self._profile,
                whole_when_none=True,
            )
        )


def start_time(text: str) -> datetime:
    """The moment of ``--start``.

    Raises:
        UsageError: not an ISO 8601 time with zone.
    """
    try:
        return parse_iso(text)
    except ValueError as error:
        raise UsageError(f"--start: {error}", remedy="write it like 2026-11-24T08:00:00+08:00") from None


def safe_name(path: Path) -> str:
    """A camera id made of a file's name."""
    name = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "._-") else "_" for letter in path.stem
    )
    return name[:60].lstrip("._-") or "clip"


def _note_unwatched(zones: Sequence[Zone], scenarios: Sequence[Scenario]) -> None:
    kinds = {kind for scenario in scenarios for kind in (*scenario.manifest.zones.kinds, MASK_KIND)}
    for zone in zones:
        if zone.kind not in kinds:
            print(
                f"note: no scenario here watches zones of kind {zone.kind!r} ({zone.name}); "
                f"kinds that are watched: {', '.join(sorted(kinds))}",
                file=sys.stderr,
            )


def _deal_out(sets: Sequence[tuple[str, Any]], scenarios: Sequence[Scenario]) -> dict[str, dict[str, Any]]:
    """Each ``--set`` goes to the scenarios that have such a key; one that none has goes to all, which then say so."""
    dealt: dict[str, dict[str, Any]] = {scenario.id: {} for scenario in scenarios}
    for key, value in sets:
        takers = [item for item in scenarios if key in possible_keys(item.manifest)] or scenarios
        for scenario in takers:
            dealt[scenario.id][key] = value
    return dealt
