"""One camera of a worker: its reader, its decoder, its pipeline, and what people may ask of it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from functools import cache

from brain.config.logs import logger
from brain.core.clock import from_epoch
from brain.core.types import CameraState, EventKind, EvidenceKind, Picture, Sample
from brain.runtime.keeper import StateKeeper
from brain.runtime.outgoing import Outgoing, Parcel, Proof
from brain.runtime.pictures import jpeg
from brain.runtime.pipeline import CameraPipeline
from brain.runtime.wire import CameraReport
from brain.video.decoder import DecodedFrame, FrameDecoder, StreamInfo
from brain.video.reader import CameraReader, CameraStatus, Outlets, ReaderSettings
from brain.video.sampling import SampleJob

BROKEN_FRAMES = 5
OVERLOAD, UNDECODABLE, RESIZED, CRASHED = "overload", "undecodable", "resized", "crashed"


@dataclass(frozen=True, slots=True)
class Work:
    """A frame that waits for its turn; see ``brain.video.reader.Outlets``."""

    stream: int
    info: StreamInfo
    job: SampleJob
    ahead_s: float


class LiveCamera:
    """Ties one camera's parts together. ``analyse`` belongs to the worker's analysis thread.

    Args:
        view: its fixed framing.
        settings: of the reader.
        pipeline: its tasks, already restored.
        outgoing: where events and states go.
        city: time zone for what people read.
        on_work: called from the reader's thread when a frame waits that did not before.
    """

    def __init__(
        self,
        view: str,
        settings: ReaderSettings,
        pipeline: CameraPipeline,
        outgoing: Outgoing,
        on_work: Callable[[LiveCamera], None],
        city: tzinfo,
    ) -> None:
        self.id = settings.camera
        self.view = view
        self.pipeline = pipeline
        self.keeper = StateKeeper(self.id, pipeline, outgoing, city)
        self._outgoing = outgoing
        self._on_work = on_work
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._work: Work | None = None
        self._decoder: FrameDecoder | None = None
        self._stream = -1
        self._broken = 0
        self._status = CameraStatus(CameraState.CONNECTING)
        self._samples = 0
        self._skipped: Counter[str] = Counter()
        self._last: Picture | None = None
        outlets = Outlets(self._take_job, self._take_clip, self._take_status)
        self.reader = CameraReader(settings, outlets, not_before_s=pipeline.last_s)

    def analyse(self) -> None:
        """Takes the waiting frame through decoder, algorithms and rules."""
        with self._lock:
            work, self._work = self._work, None
        if work is None:
            return
        frame = self._decode(work)
        if frame is None:
            return
        time = from_epoch(frame.pts_s + work.ahead_s)
        sample = Sample(self.id, self.view, frame.pts_s, time, frame.image)
        with self._turn:
            outcome = self.pipeline.step(sample)
            self._samples += 1
            self._last = frame.image
            if not outcome.changes:
                self.keeper.keep()
                return
            self.keeper.report(outcome, cache(frame.full))
        for change in outcome.changes:
            if change.kind is EventKind.RAISED:
                self.reader.request_clip(change.event_id, sample.pts_s)

    def keep_all(self) -> None:
        """Hands over the whole state before an orderly end; never between a change and its report."""
        with self._turn:
            self.keeper.keep_all()

    def report(self) -> CameraReport:
        """State and counts for the heartbeat."""
        counts, status = self.reader.counts, self._status
        skipped = dict(self._skipped)
        if counts.unmade:
            skipped["ring"] = counts.unmade
        return CameraReport(
            status.state,
            status.reason,
            status.remedy,
            self._samples,
            counts.due,
            skipped,
            counts.packets,
            counts.rebased,
            counts.failures,
            self.pipeline.last_s,
            {task.scenario: task.failure for task in self.pipeline.tasks if task.failure},
        )

    def count_crash(self) -> None:
        """A sample whose analysis raised: counted, the next one is tried."""
        self._skipped[CRASHED] += 1

    def look(self) -> bytes:
        """The last analysed picture as JPEG, empty when there is none yet."""
        picture = self._last
        return b"" if picture is None else jpeg(picture, 80)

    def _decode(self, work: Work) -> DecodedFrame | None:
        if work.stream != self._stream or self._decoder is None:
            self._decoder = FrameDecoder(work.info, self.pipeline.width)
            self._stream = work.stream
            self._broken = 0
        frame = self._decoder.decode(work.job)
        if frame is None:
            self._skipped[UNDECODABLE] += 1
            self._broken += 1
            if self._broken >= BROKEN_FRAMES:
                self._broken = 0
                self._open_again("pictures cannot be decoded")
            return None
        self._broken = 0
        if self._decoder.resized:
            self._skipped[RESIZED] += 1
            self._open_again("the picture changed its size")
            return None
        return frame

    def _open_again(self, reason: str) -> None:
        logger().warning("camera is opened again", camera=self.id, reason=reason)
        self._decoder = None
        self.reader.reopen(reason)

    def _take_job(self, stream: int, info: StreamInfo, job: SampleJob, ahead_s: float) -> None:
        with self._lock:
            waiting = self._work is not None
            if waiting:
                self._skipped[OVERLOAD] += 1
            self._work = Work(stream, info, job, ahead_s)
        if not waiting:
            self._on_work(self)

    def _take_clip(self, event_id: str, data: bytes | None) -> None:
        if data is None:
            logger().warning("no clip could be cut", camera=self.id, event_id=event_id)
            return
        proof = Proof(EvidenceKind.CLIP, data, "video/mp4", from_epoch(self.pipeline.last_s))
        self._outgoing.submit(Parcel(self.id, late=((event_id, proof),)))

    def _take_status(self, status: CameraStatus) -> None:
        before = self._status
        if status.state is CameraState.CONNECTING and before.state not in (CameraState.LIVE, CameraState.ENDED):
            return  # a new try of a camera that is away changes nothing for people until it succeeds
        self._status = status
        if (before.state, before.reason) != (status.state, status.reason):
            logger().info(
                "camera", camera=self.id, state=status.state.value, reason=status.reason, remedy=status.remedy
            )
