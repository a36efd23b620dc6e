"""Many clips at once: one process per core, each with the weights loaded once; a process that dies costs one clip."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence

from brain.replay.record import clip_recorder, finished_result
from brain.replay.run import ClipCost, ClipResult, RunClip
from brain.replay.work import ClipWorker, WorkOrder
from brain.runtime.assembly import Parts
from brain.runtime.pool import Task, run_jobs


def replay_clips(
    order: WorkOrder,
    clips: Sequence[RunClip],
    workers: int,
    tell: Callable[[int, float], None],
    parts: Parts | None = None,
) -> Generator[tuple[int, ClipResult]]:
    """Works on all clips and hands over each result as it comes: number of the clip and result.

    Args:
        workers: how many processes; with one, or one clip, this process does the work itself.
        tell: told of media seconds that are done: number of the clip, seconds of it.
        parts: loaded already, for this process.

    Raises:
        BrainError: what keeps every clip from being replayed; the workers are gone then.
    """

    def lost(number: int, how: str) -> ClipResult:
        return lost_result(order, clips[number], how)

    alone = min(workers, len(clips)) <= 1
    make = (lambda order: ClipWorker(order, parts)) if alone else ClipWorker
    yield from run_jobs(Task(make, order, clips, lost, tell), workers)


def lost_result(order: WorkOrder, clip: RunClip, how: str) -> ClipResult:
    """What stands for a clip whose process died: its result if it was written by then, else an error that is written.

    Args:
        how: the process died, e.g. ``SIGKILL``.

    Raises:
        StoreError: it cannot be written.
    """
    done = finished_result(order.record, clip.id) if order.record is not None else None
    if done is not None:
        return done
    error = f"{clip.path}: the process that replayed it died ({how})"
    result = ClipResult(seconds=0.0, samples=0, samples_due=0, error=error)
    if order.record is not None:
        with clip_recorder(order.record, clip.id) as recorder:
            recorder.finish(result, ClipCost(cpu_s=0.0, wall_s=0.0, peak_mb=0.0))
    return result
