"""A trial of scenarios on one source, live: findings as they come, and a picture of each event left behind."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from brain.config.secrets import Address
from brain.config.settings import source_scheme
from brain.core.clock import from_epoch, monotonic_s, utc_now
from brain.core.errors import StoreError
from brain.core.types import EventKind, Finding, Picture, Sample
from brain.replay.frames import FrameCounts, due_frames
from brain.runtime.assembly import Parts
from brain.runtime.pictures import caption_of, jpeg, marked
from brain.runtime.pipeline import Outcome
from brain.scenarios.task import ZoneTask
from brain.video.decoder import DecodedFrame
from brain.video.demux import OpenOptions

VIEW = "main"


@dataclass(frozen=True, slots=True)
class TrialStep:
    """What came of one sample.

    Attributes:
        outcome: findings and changes of events.
        pictures: files written for it.
    """

    outcome: Outcome
    pictures: tuple[Path, ...]


@dataclass(slots=True)
class Trial:
    """One source, its tasks, and where pictures go.

    Attributes:
        address: file or camera.
        options: limits, transport, allowed networks.
        tasks: fresh ones.
        start: moment of the first picture of a file; a camera is watched now.
        folder: pictures are written there.
        seconds: media seconds after which the trial ends; ``None`` = until the source ends.
        city: time zone of what people read: captions and names of pictures.
        last_picture: where the last picture was written, once the trial is over.
    """

    address: Address
    options: OpenOptions
    tasks: Sequence[ZoneTask]
    start: datetime
    folder: Path
    seconds: float | None = None
    city: tzinfo = UTC
    last_picture: Path | None = None

    def run(self, parts: Parts) -> Generator[TrialStep]:
        """Steps until the source ends, breaks or the time is over; the last picture is kept in any case.

        Raises:
            SourceError: it cannot be opened or read.
            StoreError: a picture cannot be written.
        """
        pipeline = parts.pipeline(self.tasks)
        live = source_scheme(self.address.url) != "file"
        base_s = utc_now().timestamp() if live else 0.0
        counts = FrameCounts()
        frames = due_frames(
            self.address, self.options, pipeline.every_s, pipeline.width, counts, live=live, base_s=base_s
        )
        began_s = monotonic_s()
        last: tuple[Outcome, DecodedFrame] | None = None
        try:
            for frame in frames:
                time = from_epoch(frame.pts_s) if live else self.start + timedelta(seconds=frame.pts_s)
                outcome = pipeline.step(Sample(self.tasks[0].camera, VIEW, frame.pts_s, time, frame.image))
                last = outcome, frame
                yield TrialStep(outcome, self._event_pictures(outcome, frame))
                past = frame.pts_s - base_s if not live else monotonic_s() - began_s
                if self.seconds is not None and past >= self.seconds:
                    break
        finally:
            if last is not None:
                self.last_picture = self._last_picture(*last)

    def _event_pictures(self, outcome: Outcome, frame: DecodedFrame) -> tuple[Path, ...]:
        written = []
        for step in outcome.steps:
            for change in step.changes:
                picture = marked(frame.full(), change.boxes, step.task.zone, caption_of(change, self.city))
                at = f"{outcome.sample.time.astimezone(self.city):%H%M%S}"
                name = f"{change.scenario}-{change.zone}-{change.kind.value}-{at}.jpg"
                written.append(self._write(name, picture))
                if change.kind is EventKind.RAISED:
                    written.append(self._write(name.replace(".jpg", "-untouched.jpg"), frame.full()))
        return tuple(written)

    def _last_picture(self, outcome: Outcome, frame: DecodedFrame) -> Path:
        picture, lines = frame.full(), []
        for step in outcome.steps:
            picture = marked(picture, step.finding.boxes, step.task.zone, "")
            lines.append(f"{step.task.scenario}/{step.task.zone.name}: {in_words(step.finding)}")
        return self._write("last.jpg", marked(picture, (), None, "\n".join(lines)))

    def _write(self, name: str, picture: Picture) -> Path:
        path = self.folder / name
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(jpeg(picture))
        except OSError as error:
            remedy = "check disk space and rights, or name another --out"
            raise StoreError(f"cannot be written: {error.strerror}", where=str(path), remedy=remedy) from None
        return path


def in_words(finding: Finding) -> str:
    """A finding on one line."""
    if finding.active is None:
        return "hidden" if finding.since_s is not None else "cannot judge"
    if not finding.active:
        return f"no (measure {finding.measure:g})" if finding.measure else "no"
    lasts = f", lasts {finding.lasted_s:.0f} of {finding.needed_s:.0f} s" if finding.needed_s else ""
    return f"YES (measure {finding.measure:g}, score {finding.score:.2f}{lasts})"
