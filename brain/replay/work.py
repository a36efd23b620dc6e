"""The work on one clip, in whatever process: replay it, keep what came of it, measure what it cost."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2

from brain.core.errors import BrainError, SourceError
from brain.inference.detector import Detector
from brain.replay.clip import Progress, replay_clip
from brain.replay.observed import events_of, judge_observed, line_of, observations_file, observed_samples
from brain.replay.plan import ReplayPlan, check_observed
from brain.replay.record import ClipRecorder, clip_recorder
from brain.replay.run import ClipCost, ClipResult, Run, RunClip
from brain.runtime.assembly import Parts
from brain.runtime.pipeline import Outcome

Keep = Callable[[str], None] | None


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """What is to be done with every clip; goes to worker processes as it is.

    Attributes:
        observed: folder of the run whose observations are used; ``None`` = the video.
        record: folder of the run that is written; ``None`` = nothing is kept.
        realtime: at the pace of the clock.
    """

    plan: ReplayPlan
    observed: Path | None = None
    record: Path | None = None
    realtime: bool = False


class ClipWorker:
    """Works on clips one after the other; loads the weights once.

    Args:
        parts: loaded already; made when needed if not given.
    """

    def __init__(self, order: WorkOrder, parts: Parts | None = None) -> None:
        self._order = order
        cv2.setNumThreads(1)  # a process per core is cheaper than threads inside one
        self._source: _Video | _Observed
        self._source = _Video(order, parts) if order.observed is None else _Observed(order, order.observed)

    def work(self, clip: RunClip, progress: Progress) -> ClipResult:
        """What comes of a clip; one that cannot be replayed has its ``error`` said.

        Raises:
            BrainError: nothing can be replayed: weights, disk, a damaged run.
        """
        if self._order.record is None:
            return self._source.replay(clip, None, progress)[0]
        with clip_recorder(self._order.record, clip.id) as recorder:
            return self._recorded(clip, recorder, progress)

    def _recorded(self, clip: RunClip, recorder: ClipRecorder, progress: Progress) -> ClipResult:
        cpu_s, wall_s = time.process_time(), time.monotonic()
        result, reused = self._source.replay(clip, recorder.observation, progress)
        if not result.samples:
            recorder.forget()  # of a clip that broke off: observations that its result knows nothing of
        spent_s, passed_s = time.process_time() - cpu_s, time.monotonic() - wall_s
        cost = ClipCost(cpu_s=round(spent_s, 3), wall_s=round(passed_s, 3), peak_mb=round(peak_mb(), 1))
        recorder.finish(result, reused or cost)
        return result


class _Video:
    def __init__(self, order: WorkOrder, parts: Parts | None) -> None:
        self._order = order
        self._plan = order.plan
        self._parts = parts or Parts(order.plan.wishes, order.plan.runtime)

    def replay(self, clip: RunClip, keep: Keep, progress: Progress) -> tuple[ClipResult, ClipCost | None]:
        tasks = self._plan.tasks(clip.camera, [zone.zone() for zone in clip.zones], self._parts.registry)
        trouble = _Trouble(self._parts.detector(tasks))

        def take(outcome: Outcome) -> None:
            trouble.look()
            if keep is not None:
                keep(line_of(outcome))

        try:
            result = replay_clip(
                Path(clip.path),
                tasks,
                self._parts,
                start=clip.start,
                on_outcome=take,
                progress=progress,
                realtime=self._order.realtime,
            )
        except SourceError as error:
            return _failed(error.line), None
        except BrainError:
            raise
        except Exception as error:
            return _failed(f"{clip.path}: unforeseen {type(error).__name__}: {error}"), None
        return result.model_copy(update={"notes": (*result.notes, *trouble.notes())}), None


class _Observed:
    def __init__(self, order: WorkOrder, folder: Path) -> None:
        self._plan = order.plan
        self._run = Run(folder)
        self._every_s = check_observed(order.plan, self._run).every_s

    def replay(self, clip: RunClip, keep: Keep, progress: Progress) -> tuple[ClipResult, ClipCost | None]:
        samples = observed_samples(self._run, clip)
        old = self._run.result(clip.id)
        assert old is not None  # observed_samples has refused a clip without
        if not samples:
            return old, self._run.cost(clip.id)
        tasks = self._plan.tasks(clip.camera, [zone.zone() for zone in clip.zones], None)
        events = events_of(judge_observed(tasks, samples, self._every_s))
        progress(old.seconds)
        if keep is not None:
            with observations_file(self._run, clip).open(encoding="utf-8", newline="\n") as lines:
                for line in lines:
                    keep(line.removesuffix("\n"))
        return old.model_copy(update={"events": events}), self._run.cost(clip.id)


class _Trouble:
    """Counts the samples at which a network failed."""

    def __init__(self, detector: Detector | None) -> None:
        self._detector = detector
        self._failed: dict[str, tuple[int, str]] = {}

    def look(self) -> None:
        """After each sample."""
        if self._detector is not None:
            for name, why in self._detector.failures.items():
                self._failed[name] = self._failed.get(name, (0, ""))[0] + 1, why

    def notes(self) -> tuple[str, ...]:
        """What failed, in words."""
        return tuple(
            f"{name} gave nothing at {count} samples, the last time: {why}"
            for name, (count, why) in sorted(self._failed.items())
        )


def peak_mb() -> float:
    """Highest resident memory of this process, 10^6 bytes; ``getrusage`` would count that of who started it as well."""
    for line in Path("/proc/self/status").read_text("ascii", "replace").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def _failed(why: str) -> ClipResult:
    return ClipResult(seconds=0.0, samples=0, samples_due=0, error=why)
