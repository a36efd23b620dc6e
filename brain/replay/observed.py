"""The rules of a run over again, from its observations: no video is opened and no network runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from brain.core.errors import ConfigError
from brain.core.types import Observations, Sample
from brain.replay.clip import VIEW, EventFold
from brain.replay.run import OBSERVATIONS, Run, RunClip, RunEvent
from brain.runtime.pipeline import CameraPipeline, DueTasks, Outcome
from brain.scenarios.recorded import RecordedLine, blank, read_line, write_line
from brain.scenarios.task import ZoneTask

_REMEDY = "replay the recordings again into another folder"


@dataclass(frozen=True, slots=True)
class ObservedSample:
    """One sample of a run.

    Attributes:
        sample: with a blank picture of the size that it had.
        asked: the algorithms that looked at it; one that is not in ``observations`` could not judge.
    """

    sample: Sample
    observations: Observations
    asked: frozenset[str]


def stream_observations(run: Run, clip: RunClip) -> Iterator[ObservedSample]:
    """The samples of a clip one after the other, as its replay saw them.

    Raises:
        ConfigError: the file is missing or damaged, with file and line.
    """
    path = run.clip_folder(clip.id) / OBSERVATIONS
    known: dict[frozenset[str], frozenset[str]] = {}
    try:
        with path.open("rb") as file:
            for number, text in enumerate(file, 1):
                try:
                    line = read_line(text)
                    time = clip.start + timedelta(seconds=line.pts_s)
                except (ValueError, OverflowError) as error:
                    what = f"not a recorded sample ({error})"
                    raise ConfigError(what, where=f"{path}:{number}", remedy=_REMEDY) from None
                asked = known.setdefault(line.asked, line.asked)
                sample = Sample(clip.camera, VIEW, line.pts_s, time, blank(line.size))
                yield ObservedSample(sample, Observations(line.pts_s, time, line.size, line.detections), asked)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(path), remedy=_REMEDY) from None


def observed_samples(run: Run, clip: RunClip) -> list[ObservedSample]:
    """All samples of a clip, checked against what its result says.

    Raises:
        ConfigError: not finished, missing, damaged or cut off.
    """
    result = run.result(clip.id)
    if result is None:
        remedy = "finish the run first: the same `brain replay --record` goes on with what is missing"
        raise ConfigError(f"clip {clip.id} is not finished", where=str(run.folder), remedy=remedy)
    samples = list(stream_observations(run, clip))
    if len(samples) != result.samples:
        where = str(run.clip_folder(clip.id) / OBSERVATIONS)
        what = f"damaged: it holds {len(samples)} samples, and {result.samples} were taken"
        raise ConfigError(what, where=where, remedy=_REMEDY)
    return samples


def read_observations(run: Run, clip: RunClip) -> list[tuple[Sample, Observations]]:
    """All samples of a clip with what was observed; see ``observed_samples``."""
    return [(item.sample, item.observations) for item in observed_samples(run, clip)]


def judge_observed(tasks: Sequence[ZoneTask], samples: Iterable[ObservedSample], every_s: float) -> Iterator[Outcome]:
    """What tasks say of recorded samples.

    Args:
        tasks: fresh ones.
        every_s: cadence of the recorded samples (``RunObserved.every_s``).
    """
    pipeline, due = CameraPipeline(tasks, None, {}), DueTasks(tasks, every_s)
    for item in samples:
        yield pipeline.judge(item.sample, item.observations, due.at(item.sample.pts_s, item.asked))


def events_of(outcomes: Iterable[Outcome]) -> tuple[RunEvent, ...]:
    """The events that came of samples."""
    fold = EventFold()
    for outcome in outcomes:
        for change in outcome.changes:
            fold.take(change)
    return fold.events()


def line_of(outcome: Outcome) -> str:
    """What was observed at a sample, as a line of a run's observations."""
    seen = outcome.observations
    asked = {name for step in outcome.steps for name in step.task.algorithms}
    unjudged = tuple(asked - set(seen.by_algorithm))
    return write_line(RecordedLine(seen.pts_s, seen.size, dict(seen.by_algorithm), unjudged))


def observations_file(run: Run, clip: RunClip) -> Path:
    """Where the observations of a clip lie."""
    return run.clip_folder(clip.id) / OBSERVATIONS
