"""What a replay watches for, settled before anything starts: the same for every clip and in every process."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from brain import __version__
from brain.config.paths import assets, home
from brain.core.errors import ConfigError, UsageError
from brain.core.ids import sha256_hex
from brain.core.types import Zone
from brain.inference.algorithms import Algorithms
from brain.inference.choice import RuntimeChoice
from brain.inference.detector import choose_weights
from brain.inference.library import Library
from brain.replay.run import CITY, Run, RunAlgorithm, RunClip, RunHeader, RunObserved, RunScenario, RunWeights
from brain.runtime.assembly import Parts
from brain.scenarios.assignment import Profile, resolve
from brain.scenarios.manifest import MASK_KIND, Manifest
from brain.scenarios.overrides import override, shorten
from brain.scenarios.registry import Registry, Scenario
from brain.scenarios.task import ZoneTask


@dataclass(frozen=True, slots=True)
class PlannedScenario:
    """A scenario as it will run.

    Attributes:
        manifest: with profile and overrides applied.
        code: sha256 of its ``scenario.py``; empty for one that is made of stock rules.
    """

    manifest: Manifest
    code: str = ""

    def as_run(self) -> RunScenario:
        """The same as a run folder tells it."""
        manifest = self.manifest
        return RunScenario(
            id=manifest.id,
            zh=manifest.name.zh,
            en=manifest.name.en,
            dwell_s=manifest.rule.dwell_s if manifest.rule is not None else 0.0,
            inherited_dwell_s=manifest.rule.inherited_dwell_s if manifest.rule is not None else 0.0,
            density_dwell_s=manifest.rule.density_dwell_s if manifest.rule is not None else None,
            window_s=manifest.evaluation.window,
            every_s=manifest.sample.every,
            role=manifest.evaluation.role,
            manifest=manifest.model_dump(mode="json", by_alias=True, exclude_none=True),
            code=self.code,
        )


@dataclass(frozen=True, slots=True)
class ReplayPlan:
    """Scenarios and what they run with; goes to worker processes as it is.

    Attributes:
        wishes: algorithm id → weights id or file; ``*`` for all.
        runtime: engine that runs the networks.
    """

    scenarios: tuple[PlannedScenario, ...]
    profile: Profile = "normal"
    wishes: Mapping[str, str] = field(default_factory=dict)
    runtime: RuntimeChoice = "onnxruntime"

    def tasks(self, camera: str, zones: Sequence[Zone], registry: Registry | None) -> tuple[ZoneTask, ...]:
        """Fresh tasks; a scenario for whose kinds no zone is drawn watches the whole picture.

        Args:
            registry: where scenarios with code of their own have it; ``None`` where there are none.
        """
        tasks: list[ZoneTask] = []
        for item in self.scenarios:
            fitting = [zone for zone in zones if zone.kind in (*item.manifest.zones.kinds, MASK_KIND)]
            plugin = registry.get(item.manifest.id).plugin if item.code and registry is not None else None
            scenario = Scenario(item.manifest, Path(), plugin)
            tasks += resolve(scenario, camera, fitting, timezone=CITY, whole_when_none=True)
        return tuple(tasks)

    @property
    def every_s(self) -> float:
        """Cadence of the samples."""
        return min(item.manifest.sample.every for item in self.scenarios)

    @property
    def observed(self) -> RunObserved:
        """What observations of such a replay are good for."""
        cadence: dict[str, float] = {}
        for item in self.scenarios:
            for name in item.manifest.algorithms:
                cadence[name] = min(item.manifest.sample.every, cadence.get(name, item.manifest.sample.every))
        algorithms = tuple(RunAlgorithm(id=name, every_s=cadence[name]) for name in sorted(cadence))
        width = max(item.manifest.sample.width for item in self.scenarios)
        return RunObserved(every_s=self.every_s, width=width, algorithms=algorithms)


def plan_scenario(scenario: Scenario, overrides: Mapping[str, Any], profile: Profile) -> PlannedScenario:
    """A scenario with profile and overrides applied; overrides win.

    Raises:
        ConfigError: an override that does not fit.
    """
    manifest = override(shorten(scenario.manifest) if profile == "short" else scenario.manifest, overrides)
    return PlannedScenario(manifest, _code_of(scenario))


def video_header(plan: ReplayPlan, clips: Sequence[RunClip], algorithms: Algorithms) -> RunHeader:
    """The header of a run that looks at video; the plan's runtime is settled (``settle_runtime``).

    Raises:
        WeightsError, ConfigError: weights are not on this machine.
    """
    library = Library.at(assets(), home())
    weights = []
    for item in plan.observed.algorithms:
        algorithm = algorithms.get(item.id)
        if algorithm.kind == "weights":
            found = choose_weights(algorithm, library, plan.wishes.get(item.id) or plan.wishes.get("*"))
            weights.append(RunWeights(algorithm=item.id, id=found.card.id, sha256=found.card.sha256))
    return RunHeader(
        product=__version__,
        profile=plan.profile,
        runtime=plan.runtime,
        observed=plan.observed,
        weights=tuple(weights),
        scenarios=tuple(item.as_run() for item in plan.scenarios),
        clips=tuple(clips),
    )


def settle_runtime(plan: ReplayPlan, parts: Parts) -> ReplayPlan:
    """The plan with one engine for all processes; loads the weights, so what is wrong with them is said at once.

    ``auto`` measures; the engine that won for the first weights runs all of them.

    Raises:
        WeightsError, ConfigError: weights are missing or broken.
    """
    detector = parts.detector(plan.tasks("check", (), parts.registry))
    if plan.runtime != "auto":
        return plan
    return replace(plan, runtime=detector.models[0].runtime.name if detector is not None else "onnxruntime")


def observed_header(run: Run, plan: ReplayPlan) -> RunHeader:
    """The header of a run whose observations are those of another one."""
    return run.header.model_copy(
        update={
            "product": __version__,
            "profile": plan.profile,
            "observed_by": run.digest,
            "scenarios": tuple(item.as_run() for item in plan.scenarios),
        }
    )


def plan_as_run(run: Run) -> ReplayPlan:
    """The scenarios of a run exactly as they ran.

    Raises:
        ConfigError: a manifest in it that this version does not take.
    """
    planned = []
    for item in run.header.scenarios:
        try:
            planned.append(PlannedScenario(Manifest.model_validate(item.manifest), item.code))
        except ValidationError:
            what = f"the manifest of {item.id} does not fit this version"
            remedy = f"name the scenario, --scenario {item.id}, to take it as it is now"
            raise ConfigError(what, where=str(run.folder), remedy=remedy) from None
    return ReplayPlan(tuple(planned), run.header.profile)


def change_plan(plan: ReplayPlan, overrides: Mapping[str, Mapping[str, Any]]) -> ReplayPlan:
    """The plan with values of manifests changed: scenario id → dotted key → value.

    Raises:
        ConfigError: an override that does not fit.
    """
    changed = [
        replace(item, manifest=override(item.manifest, overrides.get(item.manifest.id, {}))) for item in plan.scenarios
    ]
    return replace(plan, scenarios=tuple(changed))


def check_observed(plan: ReplayPlan, run: Run) -> RunObserved:
    """What a run's observations hold, if the plan's rules can be replayed from them.

    Raises:
        UsageError: a scenario with code of its own, one whose algorithms were not asked or not often enough, or wider
            pictures.
        ConfigError: a run that does not say what it holds.
    """
    observed, where = run.header.observed, str(run.folder)
    again = "replay the video: leave --from away and name the clips"
    if observed is None:
        raise ConfigError("does not say what its observations hold", where=where, remedy=again)
    cadence = {item.id: item.every_s for item in observed.algorithms}
    for item in plan.scenarios:
        manifest = item.manifest
        if item.code or manifest.rule is None:
            what = f"scenario {manifest.id} has code of its own, which may look at the pictures themselves"
            raise UsageError(what, where=where, remedy=again)
        missing = [name for name in manifest.algorithms if name not in cadence]
        if missing:
            what = f"scenario {manifest.id} needs {', '.join(missing)}, which was not recorded"
            raise UsageError(what, where=where, remedy=f"recorded were {', '.join(cadence)}; or {again}")
        slowest = max(cadence[name] for name in manifest.algorithms)
        if manifest.sample.every < slowest:
            what = f"scenario {manifest.id}: sample.every {manifest.sample.every:g} s is finer than recorded"
            raise UsageError(what, where=where, remedy=f"take {slowest:g} s or more, or {again}")
        if manifest.sample.width > observed.width:
            what = f"scenario {manifest.id}: sample.width {manifest.sample.width} is wider than recorded"
            raise UsageError(what, where=where, remedy=f"take {observed.width} or less, or {again}")
    return observed


def _code_of(scenario: Scenario) -> str:
    if scenario.plugin is None:
        return ""
    try:
        return sha256_hex(Path(inspect.getfile(scenario.plugin)).read_bytes())
    except (OSError, TypeError):
        return sha256_hex(f"{scenario.plugin.__module__}.{scenario.plugin.__qualname__}".encode())
