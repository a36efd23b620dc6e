"""What one should know of the figures of a sweep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf

from brain.core.types import Observations
from brain.evaluation.pairing import ClipPair
from brain.evaluation.sweep.due import DueBy, due_note, rule_of
from brain.evaluation.sweep.stages import ClipStages, stage_keys
from brain.replay.observed import observed_samples
from brain.replay.plan import PlannedScenario
from brain.replay.run import Run
from brain.scenarios.manifest import Manifest


def notes_on(
    run: Run,
    planned: PlannedScenario,
    pairs: Sequence[ClipPair],
    every_s: float,
    manifests: Sequence[Manifest],
    due: DueBy,
) -> Iterator[str]:
    """In sentences: whether the run comes out again, thresholds below what was recorded, and when troubles are due.

    Args:
        planned: the scenario as it ran.
        every_s: cadence of the run's samples.
        manifests: of all settings.
    """
    keys, rule = stage_keys(planned.manifest), rule_of(planned.manifest)
    algorithm, lowest = rule.algorithm(planned.manifest.algorithms), inf
    for pair in pairs:
        samples = observed_samples(run, pair.clip)
        lowest = min([lowest, *(_lowest_score(item.observations, algorithm) for item in samples)])
        own = tuple(event for event in pair.result.events if event.scenario == planned.manifest.id)
        if ClipStages(pair.clip, samples, every_s).events(planned, keys) != own:
            yield f"{pair.clip.id}: the rules as they are now do not raise there what the run raised"
    scores = sorted({rule_of(manifest).parameters.min_score for manifest in manifests})
    faint = [score for score in scores if score < lowest < inf]
    if faint and len(scores) > 1:
        values = ", ".join(f"{score:g}" for score in faint)
        yield (
            f"rule.{rule.word}.min_score {values}: below {lowest:.3f}, the lowest score that was recorded; what is "
            "fainter was not kept, so a lower threshold finds nothing more"
        )
    dwells = sorted({rule_of(manifest).dwell_s for manifest in manifests})
    if len(dwells) > 1:
        yield due_note(run.header.scenario(planned.manifest.id), due, dwells[0])


def _lowest_score(observations: Observations, algorithm: str) -> float:
    detections = observations.by_algorithm.get(algorithm)
    return float(detections.score.min()) if detections is not None and len(detections) else inf
