"""``sweep``: many settings of one scenario, each judged as if the recordings had been replayed with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from brain.core.errors import BrainError, ConfigError, UsageError
from brain.evaluation.figures import ScenarioFigures
from brain.evaluation.judgement import LeftOut
from brain.evaluation.judging import looked_for
from brain.evaluation.measures import scenario_figures
from brain.evaluation.pairing import ClipPair, pair_clips
from brain.evaluation.sweep.choice import LeftOutSite, Scored, best_within, distances, leave_one_site_out, pareto_front
from brain.evaluation.sweep.due import DueBy, judged_as
from brain.evaluation.sweep.grid import Setting, check_key, values_at
from brain.evaluation.sweep.notes import notes_on
from brain.evaluation.sweep.score import Score, total, verdicts_on
from brain.evaluation.sweep.stages import ClipStages, stage_keys
from brain.evaluation.sweep.work import Progress, SweepOrder, Trial, try_all
from brain.evaluation.truth import TruthSet
from brain.replay.observed import observed_samples
from brain.replay.plan import PlannedScenario, ReplayPlan, check_observed, plan_as_run
from brain.replay.run import Run, RunEvent, RunScenario
from brain.scenarios.manifest import Manifest
from brain.scenarios.overrides import override


@dataclass(frozen=True, slots=True)
class Refused:
    """A setting that cannot be, and why."""

    setting: Setting
    why: str


@dataclass(frozen=True, slots=True)
class SweepResult:
    """What came of a sweep.

    Attributes:
        run: whose observations were used; truth: against which it was judged.
        scenario: as it ran.
        due: when troubles were due.
        scored: all settings that can be, in the order given; first of all the present one.
        manifests: of each of them.
        refused: settings that cannot be.
        sites: clip id → site, of all clips that were judged.
        left_out: clips that were not judged, and why.
        notes: what one should know of the figures.
    """

    run: Run
    truth: TruthSet
    scenario: RunScenario
    due: DueBy
    scored: tuple[Scored, ...]
    manifests: tuple[Manifest, ...]
    refused: tuple[Refused, ...]
    sites: Mapping[str, str]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]

    @property
    def present(self) -> Scored:
        """The setting with which the run was made."""
        return self.scored[0]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that were tried, in the order in which settings name them."""
        return tuple(dict.fromkeys(key for item in self.scored for key in item.setting))

    def values(self, item: Scored) -> dict[str, Any]:
        """What the keys that were tried are with a setting."""
        return values_at(self.manifests[item.number], self.keys)

    def budget(self, wished: float | None) -> float:
        """False alarms per camera-hour that may be: as wished, else as many as the present setting has."""
        return self.present.score.false_per_camera_hour if wished is None else wished

    def front(self) -> tuple[Scored, ...]:
        """The settings that no other one beats (``choice.pareto_front``)."""
        return pareto_front(self.scored)

    def best(self, budget: float | None = None) -> Scored | None:
        """The best setting within a budget (``choice.best_within``)."""
        return best_within(self.scored, self.budget(budget))

    def by_site(self, budget: float | None = None) -> tuple[LeftOutSite, ...]:
        """The best settings without one site each (``choice.leave_one_site_out``)."""
        return leave_one_site_out(self.scored, self.sites, budget)


def sweep(
    run: Run,
    truth: TruthSet,
    scenario: str,
    settings: Sequence[Setting],
    *,
    workers: int = 1,
    due: DueBy = "run",
    progress: Progress | None = None,
) -> SweepResult:
    """Tries settings on the observations of a run; neither video nor network is needed.

    Whether the truth may be tuned on is asked before (``brain.evaluation.sets.refuse_tuning``).

    Args:
        settings: dotted keys of the manifest and values (``grid.settings_of``); the present one is tried as well.
        workers: processes; the result does not depend on it.
        due: when troubles are due.

    Raises:
        UsageError: a scenario that did not run or has code of its own, a key that is not for tuning.
        ConfigError: nothing can be judged, no setting can be, or damaged observations.
    """
    planned = planned_scenario(run, scenario)
    every_s = check_observed(ReplayPlan((planned,)), run).every_s
    pairs, left_out = _pairs(run, truth, scenario)
    tried, refused = _apply(run, planned, settings)
    trials = [_trial(run.header.scenario(scenario), item, due) for _, item in tried]
    by_trial = _try_in_order(SweepOrder(run.folder, every_s, pairs, tuple(trials)), workers, progress)
    scored = _scored(tried, pairs, by_trial)
    if not any(item.score.truth for item in scored):
        what = f"no {scenario} of these clips is due: each is shorter than the dwell, or lies where nothing counts"
        raise ConfigError(what, where=str(truth.path), remedy="add clips in which it lasts longer")
    manifests = tuple(item.manifest for _, item in tried)
    return SweepResult(
        run=run,
        truth=truth,
        scenario=run.header.scenario(scenario),
        due=due,
        scored=scored,
        manifests=manifests,
        refused=tuple(refused),
        sites={pair.clip.id: pair.truth.site or pair.clip.site for pair in pairs},
        left_out=left_out,
        notes=tuple(notes_on(run, planned, pairs, every_s, manifests, due)),
    )


def events_of_setting(result: SweepResult, item: Scored) -> dict[str, tuple[RunEvent, ...]]:
    """Clip id → what a setting raises there.

    Raises:
        ConfigError: damaged observations.
    """
    planned, every_s = PlannedScenario(result.manifests[item.number]), _every_s(result.run)
    keys = stage_keys(planned.manifest)
    clips = [clip for clip in result.run.header.clips if clip.id in result.sites]
    return {
        clip.id: ClipStages(clip, observed_samples(result.run, clip), every_s).events(planned, keys) for clip in clips
    }


def figures_of_setting(result: SweepResult, item: Scored) -> ScenarioFigures:
    """All figures of a setting, as ``brain evaluate events`` has them for a run that was made with it.

    Raises:
        ConfigError: damaged observations, or a result file of the run is broken.
    """
    name = result.scenario.id
    as_due = judged_as(result.scenario, result.manifests[item.number], result.due)
    pairs, _ = _pairs(result.run, result.truth, name)
    raised = events_of_setting(result, item)
    verdicts = [verdicts_on(raised[pair.clip.id], as_due, pair) for pair in pairs]
    items = [judged for verdict in verdicts for judged in verdict.items]
    return scenario_figures(items, [verdict.watched for verdict in verdicts], result.scenario.role)


def planned_scenario(run: Run, scenario: str) -> PlannedScenario:
    """A scenario of a run as it ran.

    Raises:
        UsageError: the run does not have it.
        ConfigError: its manifest does not fit this version.
    """
    plan = plan_as_run(run)
    for item in plan.scenarios:
        if item.manifest.id == scenario:
            return item
    names = ", ".join(item.manifest.id for item in plan.scenarios)
    raise UsageError(f"the run has no scenario {scenario!r}", where=str(run.folder), remedy=f"it has {names}")


def _every_s(run: Run) -> float:
    assert run.header.observed is not None  # check_observed refuses a run that does not say
    return run.header.observed.every_s


def _pairs(run: Run, truth: TruthSet, scenario: str) -> tuple[tuple[ClipPair, ...], tuple[LeftOut, ...]]:
    """The clips in which somebody looked for the scenario."""
    found, left_out = pair_clips(run, truth)
    pairs = tuple(pair for pair in found if scenario in looked_for(pair.truth) and pair.result.samples)
    if not pairs:
        why = "; ".join(f"{item.clip}: {item.why}" for item in left_out) or f"no clip is labelled for {scenario}"
        remedy = "name the truth of these recordings, and list the scenario there under `labelled`"
        raise ConfigError(f"nothing can be judged: {why}", where=str(truth.path), remedy=remedy)
    due = any(event.scenario == scenario for pair in pairs for event in pair.truth.events)
    if not due:
        what = f"nobody saw any {scenario} in these clips: then the setting that raises nothing is the best"
        raise ConfigError(what, where=str(truth.path), remedy="add clips in which it happens")
    return pairs, left_out


def _apply(
    run: Run, planned: PlannedScenario, settings: Sequence[Setting]
) -> tuple[list[tuple[Setting, PlannedScenario]], list[Refused]]:
    """The scenario with each setting applied, as it ran first; and the settings that cannot be."""
    for key in {key: None for setting in settings for key in setting}:
        check_key(key, planned.manifest, key)
    tried: list[tuple[Setting, PlannedScenario]] = [({}, planned)]
    refused = []
    for setting in settings:
        try:
            changed = PlannedScenario(override(planned.manifest, setting))
            check_observed(ReplayPlan((changed,)), run)
        except BrainError as error:
            refused.append(Refused(setting, error.what))
            continue
        tried.append((setting, changed))
    if len(tried) == 1:
        why = refused[0].why if refused else "none was given"
        raise UsageError(f"no setting can be tried: {why}", where="--over", remedy="name other values")
    return tried, refused


def _scored(
    tried: Sequence[tuple[Setting, PlannedScenario]], pairs: Sequence[ClipPair], by_trial: Sequence[Sequence[Score]]
) -> tuple[Scored, ...]:
    keys = dict.fromkeys(key for setting, _ in tried for key in setting)
    apart = distances([planned.manifest for _, planned in tried], keys)
    found = []
    for number, (setting, _) in enumerate(tried):
        by_clip = {pair.clip.id: score for pair, score in zip(pairs, by_trial[number], strict=True)}
        found.append(Scored(number, setting, apart[number], by_clip, total(by_clip.values())))
    return tuple(found)


def _trial(scenario: RunScenario, planned: PlannedScenario, due: DueBy) -> Trial:
    return Trial(planned, stage_keys(planned.manifest), judged_as(scenario, planned.manifest, due))


def _try_in_order(order: SweepOrder, workers: int, progress: Progress | None) -> list[list[Score]]:
    """The scores of trials in their own order, worked off in that of their stages."""
    places = sorted(range(len(order.trials)), key=lambda place: order.trials[place].keys)
    found = try_all(replace(order, trials=tuple(order.trials[place] for place in places)), workers, progress)
    by_place = dict(zip(places, found, strict=True))
    return [by_place[place] for place in range(len(places))]
