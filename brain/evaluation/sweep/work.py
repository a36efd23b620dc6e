"""The trying itself, over several processes if asked; what comes out does not depend on how many."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from brain.core.errors import BrainError
from brain.evaluation.pairing import ClipPair
from brain.evaluation.sweep.score import ClipScorer, Score
from brain.evaluation.sweep.stages import ClipStages, StageKeys
from brain.replay.observed import observed_samples
from brain.replay.plan import PlannedScenario
from brain.replay.run import Run, RunScenario
from brain.runtime.pool import Task, Tell, run_jobs

PORTIONS_PER_WORKER = 6
"""Small enough that processes end at about the same time, large enough that stages are shared."""
Progress = Callable[[int, int], None]
"""Told how much is done and how much there is, in settings times clips."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A setting to be tried.

    Attributes:
        planned: the scenario with the setting applied.
        keys: of its stages.
        judged_as: by whose dwell troubles are due.
    """

    planned: PlannedScenario
    keys: StageKeys
    judged_as: RunScenario


@dataclass(frozen=True, slots=True)
class SweepOrder:
    """What is to be done; goes to worker processes as it is.

    Attributes:
        folder: of the run.
        every_s: cadence of its samples.
        pairs: clips to judge.
        trials: in the order of their stage keys.
    """

    folder: Path
    every_s: float
    pairs: tuple[ClipPair, ...]
    trials: tuple[Trial, ...]


class Portion(NamedTuple):
    """Some of the trials on one clip: number of the clip, first trial and the one after the last."""

    clip: int
    begin: int
    end: int


class SweepWorker:
    """Tries portions one after the other; what a clip's observations hold is read once."""

    def __init__(self, order: SweepOrder) -> None:
        self._order = order
        self._run = Run(order.folder)
        self._clip = -1
        self._stages: ClipStages | None = None
        self._scorer: ClipScorer | None = None

    def work(self, portion: Portion, _tell: Tell) -> list[Score]:
        """The scores of a portion's trials.

        Raises:
            ConfigError: the observations of the clip are damaged.
        """
        stages, scorer = self._clip_at(portion.clip)
        trials = self._order.trials[portion.begin : portion.end]
        return [scorer.score(stages.events(trial.planned, trial.keys), trial.judged_as) for trial in trials]

    def _clip_at(self, number: int) -> tuple[ClipStages, ClipScorer]:
        if self._stages is None or self._scorer is None or self._clip != number:
            pair = self._order.pairs[number]
            samples = observed_samples(self._run, pair.clip)
            self._clip = number
            self._stages, self._scorer = ClipStages(pair.clip, samples, self._order.every_s), ClipScorer(pair)
        return self._stages, self._scorer


def try_all(order: SweepOrder, workers: int, progress: Progress | None = None) -> list[list[Score]]:
    """The score of every trial on every clip: first by trial, then by clip, both in their order.

    Args:
        workers: how many processes; with one this process does the work itself.

    Raises:
        BrainError: damaged observations, or a process that died.
    """
    portions = _portions(order, workers)
    scores: list[list[Score]] = [[Score()] * len(order.pairs) for _ in order.trials]
    done, whole = 0, len(order.pairs) * len(order.trials)
    task = Task(SweepWorker, order, portions, _lost, lambda *_: None)
    for index, found in run_jobs(task, workers):
        portion = portions[index]
        for number, score in enumerate(found, portion.begin):
            scores[number][portion.clip] = score
        done += len(found)
        if progress is not None:
            progress(done, whole)
    return scores


def _portions(order: SweepOrder, workers: int) -> list[Portion]:
    """Clip by clip; a clip is cut into portions only where there are too few clips for the workers."""
    pieces = math.ceil(workers * PORTIONS_PER_WORKER / max(1, len(order.pairs)))
    size = max(1, math.ceil(len(order.trials) / pieces))
    begins = range(0, len(order.trials), size)
    return [
        Portion(clip, begin, min(begin + size, len(order.trials)))
        for clip in range(len(order.pairs))
        for begin in begins
    ]


def _lost(_portion: int, how: str) -> list[Score]:
    raise BrainError(f"a process of the sweep died ({how})", remedy="is memory short? take fewer --workers")
