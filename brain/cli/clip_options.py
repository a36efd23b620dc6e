"""Options that ``brain try`` and ``brain replay`` share."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Annotated, Any

import typer

from brain.config.settings import AssignmentSettings
from brain.config.yaml_file import load
from brain.core.clock import parse_iso
from brain.core.errors import UsageError
from brain.core.types import Zone
from brain.inference.choice import RuntimeChoice
from brain.replay.plan import PlannedScenario, ReplayPlan, plan_scenario, settle_runtime
from brain.runtime.assembly import Parts
from brain.scenarios.arguments import parse_set, parse_zones
from brain.scenarios.assignment import Profile
from brain.scenarios.manifest import MASK_KIND, Manifest
from brain.scenarios.overrides import possible_keys
from brain.scenarios.registry import Registry
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
SetFileOption = Annotated[
    list[Path] | None,
    typer.Option("--set-file", metavar="FILE", help="take `set` of an assignment, as `evaluate sweep` writes one"),
]
ProfileOption = Annotated[str, typer.Option("--profile", help="normal, or short: every dwell 10 s, for short clips")]
WeightsOption = Annotated[
    str | None, typer.Option("--weights", metavar="ID|FILE", help="weights for the detecting algorithms")
]
StartOption = Annotated[str, typer.Option("--start", metavar="TIME", help="moment of the first picture, for schedules")]
RuntimeOption = Annotated[str, typer.Option("--runtime", help="auto, onnxruntime or openvino")]


@dataclass(frozen=True, slots=True)
class Overrides:
    """What is to be changed of the scenarios: ``KEY=VALUE`` and files that hold an assignment; the former win."""

    sets: Sequence[str] = ()
    files: Sequence[Path] = ()


class ClipPlan:
    """What is to be watched for on a clip, checked once, made into fresh tasks for each clip.

    Attributes:
        parts: scenarios, algorithms and the detector, loaded.
        plan: the same for other processes.
        zones: those of the command line.
    """

    def __init__(
        self,
        scenarios: Sequence[str],
        zones: Sequence[str],
        overrides: Overrides,
        profile: str,
        weights: str | None,
        runtime: str,
    ) -> None:
        self.zones: tuple[Zone, ...] = parse_zones(zones)
        wishes, engine = {"*": weights} if weights else {}, runtime_choice(runtime)
        self.parts = Parts(wishes, engine)
        planned = plan_scenarios(self.parts.registry, scenarios, overrides, profile_of(profile))
        note_unwatched(self.zones, [item.manifest for item in planned])
        plan = ReplayPlan(planned, profile_of(profile), wishes, engine)
        self.plan = settle_runtime(plan, self.parts)

    def tasks(self, camera: str, zones: Sequence[Zone] | None = None) -> tuple[ZoneTask, ...]:
        """Fresh tasks; a scenario for whose kinds no zone was given watches the whole picture.

        Args:
            zones: instead of those of the command line.
        """
        return self.plan.tasks(camera, self.zones if zones is None else zones, self.parts.registry)


def plan_scenarios(
    registry: Registry, names: Sequence[str], overrides: Overrides, profile: Profile
) -> tuple[PlannedScenario, ...]:
    """Scenarios by name, with ``--set``, ``--set-file`` and ``--profile`` applied.

    Raises:
        UsageError, ConfigError: an unknown scenario, or a setting that does not fit.
    """
    scenarios = [registry.get(name) for name in dict.fromkeys(names)]
    dealt = deal_out(overrides, [scenario.manifest for scenario in scenarios], profile)
    return tuple(plan_scenario(scenario, dealt[scenario.id], profile) for scenario in scenarios)


def profile_of(text: str) -> Profile:
    """The profile of ``--profile``; ``UsageError`` if there is none of that name."""
    if text not in ("normal", "short"):
        raise UsageError(f"no profile called {text!r}", remedy="use --profile normal or --profile short")
    return "short" if text == "short" else "normal"


def runtime_choice(text: str) -> RuntimeChoice:
    """The engine of ``--runtime``; ``UsageError`` if there is none of that name."""
    if text not in ("auto", "onnxruntime", "openvino"):
        raise UsageError(f"no runtime called {text!r}", remedy="use auto, onnxruntime or openvino")
    return "onnxruntime" if text == "onnxruntime" else "openvino" if text == "openvino" else "auto"


def start_time(text: str) -> datetime:
    """The moment of ``--start``.

    Raises:
        UsageError: not an ISO 8601 time with zone.
    """
    try:
        return parse_iso(text)
    except ValueError as error:
        raise UsageError(f"--start: {error}", remedy="write it like 2026-11-24T08:00:00+08:00") from None


def start_zone(text: str) -> tzinfo:
    """The time zone that ``--start`` is written in.

    Raises:
        UsageError: as ``start_time``.
    """
    start_time(text)
    return datetime.fromisoformat(text).tzinfo or UTC


def note_unwatched(zones: Sequence[Zone], manifests: Sequence[Manifest]) -> None:
    """Says on stderr which zones none of the scenarios watches."""
    kinds = {kind for manifest in manifests for kind in (*manifest.zones.kinds, MASK_KIND)}
    for zone in zones:
        if zone.kind not in kinds:
            print(
                f"note: no scenario here watches zones of kind {zone.kind!r} ({zone.name}); "
                f"kinds that are watched: {', '.join(sorted(kinds))}",
                file=sys.stderr,
            )


def deal_out(overrides: Overrides, manifests: Sequence[Manifest], profile: Profile) -> dict[str, dict[str, Any]]:
    """Each ``--set`` goes to the scenarios that have such a key; one that none has goes to all, which then say so.

    Raises:
        UsageError: one that is not ``KEY=VALUE``; a file for a scenario that is not replayed, or for another profile.
        ConfigError: a file that is no assignment.
    """
    dealt: dict[str, dict[str, Any]] = {manifest.id: {} for manifest in manifests}
    for path in overrides.files:
        assignment = load(path, AssignmentSettings)
        if assignment.scenario not in dealt:
            remedy = f"add --scenario {assignment.scenario}, or leave the file away"
            raise UsageError(f"is for {assignment.scenario}, which is not replayed", where=str(path), remedy=remedy)
        if assignment.profile != profile:
            remedy = f"add --profile {assignment.profile}: its values are meant beside that profile"
            raise UsageError(f"is for profile {assignment.profile!r}, not {profile!r}", where=str(path), remedy=remedy)
        dealt[assignment.scenario] |= assignment.set
    for key, value in map(parse_set, overrides.sets):
        takers = [item for item in manifests if key in possible_keys(item)] or manifests
        for manifest in takers:
            dealt[manifest.id][key] = value
    return dealt
