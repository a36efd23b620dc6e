"""Replay of one clip: which events its scenarios would have raised, in media time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from brain.config.secrets import Address
from brain.core.errors import MediaError
from brain.core.types import EventChange, EventKind, Sample
from brain.replay.frames import FrameCounts, due_frames
from brain.runtime.assembly import Parts
from brain.runtime.pipeline import Outcome
from brain.scenarios.task import ZoneTask
from brain.video.demux import OpenOptions

VIEW = "main"
DIGITS = 3
CUT_OFF_S = 1.0
Progress = Callable[[float, float], None]


@dataclass(frozen=True, slots=True)
class ReplayedEvent:
    """An event of a replay; times in seconds from the first picture, ``ended_s`` ``None`` when it lasts to the end.

    Attributes:
        measure, score: of the last finding while it lasted.
    """

    scenario: str
    zone: str
    began_s: float
    raised_s: float
    ended_s: float | None
    severity: str
    measure: float
    score: float


@dataclass(frozen=True, slots=True)
class ReplayedClip:
    """What a replay of a clip gave.

    Attributes:
        clip: as it was named.
        seconds: length of the clip.
        samples, samples_due: frames analysed, frames due.
        events: in order of raising.
        cut_off_s: how much of the length that the file announces is missing; 0 when it is whole.
    """

    clip: str
    seconds: float
    samples: int
    samples_due: int
    events: tuple[ReplayedEvent, ...]
    cut_off_s: float = 0.0


@dataclass(slots=True)
class EventFold:
    """Gathers changes into events."""

    _events: dict[str, ReplayedEvent] = field(default_factory=dict)

    def take(self, change: EventChange) -> None:
        """One change, in order of time."""
        at_s = round(change.at_s, DIGITS)
        if change.kind is EventKind.ENDED:
            self._events[change.event_id] = replace(self._events[change.event_id], ended_s=at_s)
            return
        known = self._events.get(change.event_id)
        self._events[change.event_id] = ReplayedEvent(
            change.scenario,
            change.zone,
            round(change.began_s, DIGITS),
            known.raised_s if known else at_s,
            None,
            change.severity.value,
            round(change.measure, DIGITS),
            round(change.score, DIGITS),
        )

    def events(self) -> tuple[ReplayedEvent, ...]:
        """All events so far, in order of raising."""
        return tuple(sorted(self._events.values(), key=lambda event: (event.raised_s, event.scenario, event.zone)))


def replay_clip(
    path: Path,
    tasks: Sequence[ZoneTask],
    parts: Parts,
    *,
    start: datetime,
    on_outcome: Callable[[Outcome], None] | None = None,
    progress: Progress | None = None,
) -> ReplayedClip:
    """Runs a clip through its tasks; the same bytes in give the same events out, at any speed.

    Args:
        tasks: fresh ones, made for this clip.
        start: UTC moment of the first picture, for schedules.
        on_outcome: told of every sample.
        progress: told of media seconds done and in all.

    Raises:
        SourceError: the clip cannot be read, or holds not one picture that can be decoded.
        WeightsError: a task's weights are missing or broken.
    """
    pipeline = parts.pipeline(tasks)
    counts = FrameCounts()
    fold = EventFold()
    address = Address(str(path))
    frames = due_frames(address, OpenOptions(), pipeline.every_s, pipeline.width, counts, live=False, base_s=0.0)
    for frame in frames:
        time = start + timedelta(seconds=frame.pts_s)
        outcome = pipeline.step(Sample(tasks[0].camera, VIEW, frame.pts_s, time, frame.image))
        for change in outcome.changes:
            fold.take(change)
        if on_outcome is not None:
            on_outcome(outcome)
        if progress is not None:
            progress(frame.pts_s, counts.duration_s)
    seconds = round(counts.reached_s + counts.nominal_s, DIGITS)
    if counts.made == 0:
        raise MediaError("no picture in it can be decoded", where=str(path), remedy="the file is damaged or cut off")
    missing_s = counts.duration_s - seconds
    cut_off_s = round(missing_s, DIGITS) if missing_s > max(CUT_OFF_S, 0.02 * counts.duration_s) else 0.0
    return ReplayedClip(str(path), seconds, counts.made, counts.due, fold.events(), cut_off_s)
