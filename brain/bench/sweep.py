"""The bench of a sweep: two thousand settings over the observations of an hour that `brain bench replay` recorded."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from brain.core.errors import BrainError
from brain.evaluation.truth import TruthClip, TruthEvent, TruthSet
from brain.replay.run import Run
from brain.runtime.pool import cores
from brain.scenarios.manifest import Manifest

TROUBLES = 6
DUE_S = 1.0
DWELLS = "10s..600s:20"
SCORES = "0.2..0.6:10"
AT_LEAST = "1..10:10"


@dataclass(frozen=True, slots=True)
class SweptHour:
    """How long a sweep took."""

    wall_s: float
    scenario: str
    settings: int


def sweep_hour(folder: Path) -> SweptHour:
    """Tries the settings on the first scenario of a run, on all cores.

    What is held to be true is made up: troubles at even distances. It only stands for the work of judging.

    Raises:
        BrainError: the packages of the extra `evaluation` are not installed, or the run cannot be used.
    """
    try:
        from brain.evaluation.sweep.grid import parse_over, settings_of
        from brain.evaluation.sweep.sweep import sweep
    except ImportError as error:
        raise BrainError(f"a sweep needs {error.name}", remedy="pip install 'city-brain[evaluation]'") from None
    run = Run(folder)
    scenario = run.header.scenarios[0].id
    manifest = Manifest.model_validate(run.header.scenarios[0].manifest)
    word = manifest.rule.word if manifest.rule is not None else ""
    axes = [f"rule.{word}.for={DWELLS}", f"rule.{word}.min_score={SCORES}", f"confirm.at_least={AT_LEAST}"]
    settings = settings_of([parse_over(text, manifest) for text in axes])
    truth = _made_up(run, scenario)
    began_s = time.monotonic()
    result = sweep(run, truth, scenario, settings, workers=cores(), due=DUE_S)
    return SweptHour(time.monotonic() - began_s, scenario, len(result.scored) - 1)


def _made_up(run: Run, scenario: str) -> TruthSet:
    clip = run.header.clips[0]
    result = run.result(clip.id)
    assert result is not None
    step_s = result.seconds / TROUBLES
    events = tuple(
        TruthEvent(scenario=scenario, began_s=step_s * (number + 0.25), ended_s=step_s * (number + 0.75))
        for number in range(TROUBLES)
    )
    told = TruthClip(file=clip.path, camera=clip.camera, site=clip.site, labelled=(scenario,), events=events)
    return TruthSet(run.folder / "truth.yaml", "dev", (told,))
