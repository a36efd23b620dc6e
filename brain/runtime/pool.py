"""Many jobs over several processes: each loads what it needs once, none outlives this one, a death is told of."""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, Protocol, TypeVar

from brain.core.errors import BrainError
from brain.runtime.parent import end_with_parent

TELL_EVERY_S = 0.2
Order = TypeVar("Order")
Job = TypeVar("Job")
Job_contra = TypeVar("Job_contra", contravariant=True)
Answer = TypeVar("Answer")
Answer_co = TypeVar("Answer_co", covariant=True)
Tell = Callable[[float], None]
"""Told how far one job has come."""


class Worker(Protocol[Job_contra, Answer_co]):
    """What works on one job after the other, in whatever process.

    It raises ``BrainError`` for what keeps every job from being done.
    """

    def work(self, job: Job_contra, tell: Tell) -> Answer_co:
        """The answer to one job."""
        ...


@dataclass(frozen=True, slots=True)
class Task(Generic[Order, Job, Answer]):
    """What a pool is to do.

    Attributes:
        make: makes a worker of the order; importable, as each process calls it.
        order: what all jobs have in common; goes to the processes as it is.
        jobs: each is given to one worker.
        lost: number of a job whose process died, and how it died, to what stands in for its answer; may raise.
        tell: number of a job and how far it has come.
    """

    make: Callable[[Order], Worker[Job, Answer]]
    order: Order
    jobs: Sequence[Job]
    lost: Callable[[int, str], Answer]
    tell: Callable[[int, float], None]


def cores() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


def run_jobs(task: Task[Order, Job, Answer], workers: int) -> Generator[tuple[int, Answer]]:
    """Number and answer of each job, as they come.

    Args:
        workers: how many processes; with one, or one job, this process does the work itself, in order.

    Raises:
        BrainError: what a worker raised; the processes are gone then.
    """
    count = min(workers, len(task.jobs))
    if count > 1:
        yield from _Pool(task).run(count)
    elif count:
        worker = task.make(task.order)
        for number, job in enumerate(task.jobs):
            yield number, worker.work(job, _Sparing(lambda far, number=number: task.tell(number, far)))  # type: ignore[misc]


@dataclass(slots=True)
class _Process:
    """One worker process and the number of the job that it works on."""

    process: BaseProcess
    line: Connection
    job: int | None = None


class _Progress(float):
    """How far a job has come, told apart from answers on the way between processes."""


class _Pool(Generic[Order, Job, Answer]):
    def __init__(self, task: Task[Order, Job, Answer]) -> None:
        self._task = task
        self._context = get_context("spawn")
        self._waiting = deque(range(len(task.jobs)))
        self._processes: list[_Process] = []

    def run(self, count: int) -> Iterator[tuple[int, Answer]]:
        try:
            for _ in range(count):
                self._start()
            while self._processes:
                lines: list[Any] = [item.line for item in self._processes]
                for line in wait(lines):
                    item = next(item for item in self._processes if item.line is line)
                    yield from self._hear(item)
        finally:
            for item in self._processes:
                item.process.kill()
                item.process.join()
                item.line.close()

    def _start(self) -> None:
        ours, theirs = self._context.Pipe()
        arguments = (theirs, self._task.make, self._task.order, os.getpid())
        process = self._context.Process(target=_serve, args=arguments, daemon=True)
        with _deaf_to_interrupts():
            process.start()
        theirs.close()
        self._processes.append(_Process(process, ours))
        self._give(self._processes[-1])

    def _give(self, item: _Process) -> None:
        """The next job, or the word that there is none."""
        item.job = self._waiting.popleft() if self._waiting else None
        try:
            item.line.send(None if item.job is None else (self._task.jobs[item.job],))
        except OSError:
            pass  # it died: that is heard at the next wait

    def _hear(self, item: _Process) -> Iterator[tuple[int, Answer]]:
        try:
            said = item.line.recv()
        except (EOFError, OSError):
            yield from self._bury(item)
            return
        if isinstance(said, BrainError):
            raise said
        assert item.job is not None
        if isinstance(said, _Progress):
            self._task.tell(item.job, said)
            return
        number = item.job
        self._give(item)
        yield number, said

    def _bury(self, item: _Process) -> Iterator[tuple[int, Answer]]:
        """A process that ended: in good order when nothing was left to do, else with the job that it had."""
        item.process.join()
        item.line.close()
        self._processes.remove(item)
        if item.job is None:
            return
        if self._waiting:
            self._start()
        code = item.process.exitcode or 0
        how = signal.Signals(-code).name if code < 0 else f"exit {code}"
        yield item.job, self._task.lost(item.job, how)


class _Sparing:
    """Passes progress on a few times a second only."""

    def __init__(self, tell: Tell) -> None:
        self._pass_on = tell
        self._next_s = 0.0

    def __call__(self, far: float) -> None:
        now_s = time.monotonic()
        if now_s >= self._next_s:
            self._next_s = now_s + TELL_EVERY_S
            self._pass_on(far)


def _serve(line: Connection, make: Callable[[Any], Worker[Any, Any]], order: Any, parent: int) -> None:
    """Life of a worker process: jobs in, answers out, until there are no more or the parent is gone."""
    end_with_parent(parent, signal.SIGKILL)
    try:
        worker = make(order)
        tell = _Sparing(lambda far: line.send(_Progress(far)))
        while (given := line.recv()) is not None:
            line.send(worker.work(given[0], tell))
    except BrainError as error:
        line.send(error)
    except (EOFError, BrokenPipeError):
        pass


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """A process that is started inside does not hear Ctrl-C: its parent does, and ends it."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
