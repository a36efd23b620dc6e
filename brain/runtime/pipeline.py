"""The way of one camera from a sample to changes of events: the same code live, in replay and in trials."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from brain.core.types import Detections, EventChange, Finding, Observations, Sample
from brain.inference.change import StationaryChange
from brain.inference.detector import Detector
from brain.scenarios.task import ZoneTask
from brain.store.records import SavedState

CLOCK_KEY = "clock"
METHOD_PREFIX = "method:"
TASK_PREFIX = "task:"


@dataclass(frozen=True, slots=True)
class TaskStep:
    """What one task said of one sample."""

    task: ZoneTask
    finding: Finding
    changes: tuple[EventChange, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a camera's tasks said of one sample."""

    sample: Sample
    observations: Observations
    steps: tuple[TaskStep, ...]

    @property
    def changes(self) -> tuple[EventChange, ...]:
        """All changes of events, in order of tasks."""
        return tuple(change for step in self.steps for change in step.changes)


class DueTasks:
    """Which tasks are due at a sample: each keeps its own cadence among the samples that there are.

    Args:
        every_s: cadence of the samples.
    """

    def __init__(self, tasks: Sequence[ZoneTask], every_s: float) -> None:
        self._tasks = tuple((task, frozenset(task.algorithms)) for task in tasks)
        self._every_s = every_s
        self._last: dict[str, float] = {}

    def at(self, pts_s: float, asked: frozenset[str] | None = None) -> list[ZoneTask]:
        """The tasks due at this sample, in their order.

        Args:
            asked: algorithms that looked at the sample; a task that needs others is not due. ``None`` = all may.
        """
        due = []
        for task, needed in self._tasks:
            if asked is not None and not needed <= asked:
                continue
            last = self._last.get(task.key)
            if last is None or pts_s - last >= task.every_s - self._every_s / 2 or pts_s < last:
                self._last[task.key] = pts_s
                due.append(task)
        return due


class CameraPipeline:
    """All that is watched for on one camera: one decode, one inference per algorithm, any number of scenarios.

    Args:
        tasks: one per scenario and zone.
        detector: shared by the cameras of a process; ``None`` when no task needs one.
        methods: weight-free algorithms of this camera, by id; they remember the view, so no two cameras share one.

    Raises:
        ValueError: no tasks.
    """

    def __init__(
        self, tasks: Sequence[ZoneTask], detector: Detector | None, methods: Mapping[str, StationaryChange]
    ) -> None:
        if not tasks:
            raise ValueError("a camera without tasks has nothing to be sampled for")
        self.tasks = tuple(tasks)
        self.every_s = min(task.every_s for task in tasks)
        self.width = max(task.width for task in tasks)
        self.last_s = 0.0
        self._detector = detector
        self._methods = dict(methods)
        self._due = DueTasks(tasks, self.every_s)

    def step(self, sample: Sample) -> Outcome:
        """Analyses one sample with every task that is due."""
        due = self._due.at(sample.pts_s)
        wanted = frozenset(name for task in due for name in task.algorithms)
        found: dict[str, Detections] = {}
        if self._detector is not None:
            found |= self._detector.observe(sample.image, wanted)
        for name, method in self._methods.items():
            if name in wanted and (seen := method.observe(sample)) is not None:
                found[name] = seen
        return self.judge(sample, Observations(sample.pts_s, sample.time, sample.size, found), due)

    def judge(self, sample: Sample, observations: Observations, due: Sequence[ZoneTask] | None = None) -> Outcome:
        """The tasks' word on observations, wherever they come from."""
        self.last_s = sample.pts_s
        steps = []
        for task in self.tasks if due is None else due:
            try:
                finding, changes = task.step(sample, observations)
            except Exception as error:
                # One scenario's trouble must not take the others' changes with it.
                task.failures += 1
                task.failure = f"{type(error).__name__}: {error}"
                continue
            steps.append(TaskStep(task, finding, changes))
        return Outcome(sample, observations, tuple(steps))

    @property
    def in_progress(self) -> bool:
        """Whether something lasts or an event is open, so that the state is worth keeping with each sample."""
        return any(task.in_progress for task in self.tasks)

    def saved(self, *, methods: bool) -> tuple[SavedState, ...]:
        """The state to keep.

        Args:
            methods: with what the methods remember of the view (some 50 kB each), else the rules' alone.
        """
        states = [SavedState(CLOCK_KEY, json.dumps({"last_s": self.last_s}).encode())]
        states += [SavedState(TASK_PREFIX + task.key, task.save()) for task in self.tasks]
        if methods:
            states += [SavedState(METHOD_PREFIX + name, method.save()) for name, method in self._methods.items()]
        return tuple(states)

    def restore(self, states: Mapping[str, bytes]) -> list[str]:
        """Goes on from saved states; what does not fit any more begins afresh.

        Returns:
            what was left out, in words.
        """
        notes = []
        if CLOCK_KEY in states:
            self.last_s = float(json.loads(states[CLOCK_KEY])["last_s"])
        for task in self.tasks:
            data = states.get(TASK_PREFIX + task.key)
            if data is not None:
                try:
                    task.restore(data)
                except ValueError as error:
                    notes.append(f"{task.key}: begins afresh: {error}")
        for name, method in self._methods.items():
            data = states.get(METHOD_PREFIX + name)
            if data is not None:
                try:
                    method.restore(data)
                except ValueError as error:
                    notes.append(f"{name}: learns the view anew: {error}")
        return notes
