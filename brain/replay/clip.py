"""Replay of one clip: which events its scenarios would have raised, in media time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from brain.config.secrets import Address
from brain.core.errors import MediaError, SourceError
from brain.core.types import EventChange, EventKind, Sample
from brain.replay.frames import FrameCounts, ahead, due_frames
from brain.replay.run import ClipResult, RunBox, RunEvent
from brain.rules.watch import Watch
from brain.runtime.assembly import Parts
from brain.runtime.pipeline import Outcome
from brain.scenarios.task import ZoneTask
from brain.video.demux import OpenOptions

VIEW = "main"
DIGITS = 3
BOX_DIGITS = 5
CUT_OFF_S = 1.0
CUT_OFF_SHARE = 0.02
Progress = Callable[[float], None]
"""Told of the media seconds that are done."""


@dataclass(slots=True)
class EventFold:
    """Gathers changes into events."""

    _events: dict[str, RunEvent] = field(default_factory=dict)

    def take(self, change: EventChange) -> None:
        """One change, in order of time."""
        at_s = round(change.at_s, DIGITS)
        known = self._events.get(change.event_id)
        if known is not None and change.kind is EventKind.ENDED:
            self._events[change.event_id] = known.model_copy(update={"ended_s": at_s})
            return
        self._events[change.event_id] = RunEvent(
            scenario=change.scenario,
            zone=change.zone,
            began_s=round(change.began_s, DIGITS),
            raised_s=known.raised_s if known else at_s,
            ended_s=None,
            severity=change.severity,
            measure=round(change.measure, DIGITS),
            score=round(change.score, DIGITS),
            boxes=known.boxes if known else _boxes(change),
        )

    def events(self) -> tuple[RunEvent, ...]:
        """All events so far, in order of raising."""
        return tuple(sorted(self._events.values(), key=lambda event: (event.raised_s, event.scenario, event.zone)))


def _boxes(change: EventChange) -> tuple[RunBox, ...]:
    found = []
    for item in change.boxes:
        x1, y1, x2, y2 = (round(value, BOX_DIGITS) for value in item.box)
        found.append(RunBox(label=item.label, score=round(item.score, BOX_DIGITS), box=(x1, y1, x2, y2)))
    return tuple(found)


class Outages:
    """Finds the spans in which no picture could be had.

    Args:
        every_s: cadence; what is longer than its outage limit (``brain.rules.watch``) is one.
    """

    def __init__(self, every_s: float) -> None:
        self._limit_s = Watch(every_s).outage_s
        self._last_s = 0.0
        self._spans: list[tuple[float, float]] = []

    def sample(self, pts_s: float) -> None:
        """A picture was had."""
        if pts_s - self._last_s > self._limit_s:
            self._spans.append((round(self._last_s, DIGITS), round(pts_s, DIGITS)))
        self._last_s = max(self._last_s, pts_s)

    def spans(self, seconds: float, missing_s: float) -> tuple[tuple[float, float], ...]:
        """All of them.

        Args:
            seconds: length reached.
            missing_s: how much is cut off behind it.
        """
        blind = seconds - self._last_s > self._limit_s
        if not blind and missing_s <= 0:
            return tuple(self._spans)
        return (*self._spans, (round(self._last_s if blind else seconds, DIGITS), round(seconds + missing_s, DIGITS)))


def replay_clip(
    path: Path,
    tasks: Sequence[ZoneTask],
    parts: Parts,
    *,
    start: datetime,
    on_outcome: Callable[[Outcome], None] | None = None,
    progress: Progress | None = None,
    realtime: bool = False,
) -> ClipResult:
    """Runs a clip through its tasks; the same bytes in give the same events out, at any speed.

    Args:
        tasks: fresh ones, made for this clip.
        start: UTC moment of the first picture, for schedules.
        on_outcome: told of every sample.
        progress: told of media seconds done.
        realtime: wait for the moment of each sample by the clock.

    Raises:
        SourceError: the clip cannot be read, or holds not one picture that can be decoded.
        WeightsError: a task's weights are missing or broken.
    """
    pipeline = parts.pipeline(tasks)
    counts, fold, outages = FrameCounts(), EventFold(), Outages(pipeline.every_s)
    address, broken, began_s = Address(str(path)), "", time.monotonic()
    frames = ahead(due_frames(address, OpenOptions(), pipeline.every_s, pipeline.width, counts, live=False, base_s=0.0))
    try:
        for frame in frames:
            if realtime:
                time.sleep(max(0.0, began_s + frame.pts_s - time.monotonic()))
            moment = start + timedelta(seconds=frame.pts_s)
            outcome = pipeline.step(Sample(tasks[0].camera, VIEW, frame.pts_s, moment, frame.image))
            outages.sample(frame.pts_s)
            for change in outcome.changes:
                fold.take(change)
            if on_outcome is not None:
                on_outcome(outcome)
            if progress is not None:
                progress(frame.pts_s)
    except SourceError as error:
        if counts.made == 0:
            raise
        broken = error.line
    finally:
        frames.close()
    if counts.made == 0:
        raise MediaError("no picture in it can be decoded", where=str(path), remedy="the file is damaged or cut off")
    return _result(counts, fold, outages, tasks, broken)


def _result(
    counts: FrameCounts, fold: EventFold, outages: Outages, tasks: Sequence[ZoneTask], broken: str
) -> ClipResult:
    seconds = round(counts.reached_s + counts.nominal_s, DIGITS)
    missing_s = counts.duration_s - seconds
    if missing_s <= max(CUT_OFF_S, CUT_OFF_SHARE * counts.duration_s):
        missing_s = 0.0
    cut_off = f"cut off: {round(missing_s, DIGITS):g} s of its length cannot be read" if missing_s else ""
    return ClipResult(
        seconds=seconds,
        samples=counts.made,
        samples_due=counts.due,
        outages=outages.spans(seconds, missing_s),
        error=broken or cut_off,
        notes=failures_of(tasks),
        events=fold.events(),
    )


def failures_of(tasks: Sequence[ZoneTask]) -> tuple[str, ...]:
    """What went wrong in rules, in words."""
    failed = [task for task in tasks if task.failures]
    return tuple(
        f"{task.scenario} on {task.zone.name} failed at {task.failures} samples, the last time: {task.failure}"
        for task in failed
    )
