"""One camera of a worker: its reader, its decoder, its pipeline, and what people may ask of it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from brain.config.logs import logger
from brain.core.clock import from_epoch, monotonic_s
from brain.core.types import CameraState, EventChange, EventKind, EvidenceKind, Picture, Sample, Zone
from brain.runtime.outgoing import Outgoing, Parcel, Proof
from brain.runtime.pictures import caption_of, jpeg, marked
from brain.runtime.pipeline import CameraPipeline, Outcome
from brain.runtime.wire import CameraReport
from brain.store.records import SavedState
from brain.video.decoder import DecodedFrame, FrameDecoder, StreamInfo
from brain.video.reader import CameraReader, CameraStatus, Outlets, ReaderSettings
from brain.video.sampling import SampleJob

KEEP_VIEW_S = 60.0
BROKEN_FRAMES = 5
OVERLOAD, UNDECODABLE, RESIZED, CRASHED = "overload", "undecodable", "resized", "crashed"


@dataclass(frozen=True, slots=True)
class Work:
    """A frame that waits for its turn."""

    stream: int
    info: StreamInfo
    job: SampleJob


class LiveCamera:
    """Ties one camera's parts together. ``analyse`` belongs to the worker's analysis thread.

    Args:
        view: its fixed framing.
        settings: of the reader.
        pipeline: its tasks, already restored.
        outgoing: where events and states go.
        on_work: called from the reader's thread when a frame waits that did not before.
    """

    def __init__(
        self,
        view: str,
        settings: ReaderSettings,
        pipeline: CameraPipeline,
        outgoing: Outgoing,
        on_work: Callable[[LiveCamera], None],
    ) -> None:
        self.id = settings.camera
        self.view = view
        self.pipeline = pipeline
        self.keeper = StateKeeper(self.id, pipeline, outgoing)
        self._outgoing = outgoing
        self._on_work = on_work
        self._lock = threading.Lock()
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
        sample = Sample(self.id, self.view, frame.pts_s, from_epoch(frame.pts_s), frame.image)
        outcome = self.pipeline.step(sample)
        self._samples += 1
        self._last = frame.image
        if outcome.changes:
            picture = frame.full()
            self.keeper.report(outcome, lambda: picture)
            for change in outcome.changes:
                if change.kind is EventKind.RAISED:
                    self.reader.request_clip(change.event_id, sample.pts_s)
        else:
            self.keeper.keep()

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

    def _take_job(self, stream: int, info: StreamInfo, job: SampleJob) -> None:
        with self._lock:
            waiting = self._work is not None
            if waiting:
                self._skipped[OVERLOAD] += 1
            self._work = Work(stream, info, job)
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


class StateKeeper:
    """Hands a camera's events and states over, no more often and no more of them than needed."""

    def __init__(self, camera: str, pipeline: CameraPipeline, outgoing: Outgoing) -> None:
        self._camera = camera
        self._pipeline = pipeline
        self._outgoing = outgoing
        self._sent: dict[str, bytes] = {}
        self._view_saved_s = monotonic_s()
        self._was_busy = False

    def report(self, outcome: Outcome, picture: Callable[[], Picture], *extra: SavedState) -> None:
        """Changes of events with their proof, and the state that goes with them, as one parcel."""
        reports = tuple(
            (change, proofs_of(change, step.task.zone, picture())) for step in outcome.steps for change in step.changes
        )
        self._outgoing.submit(Parcel(self._camera, reports, (), (*self._fresh(methods=True), *extra)))
        self._was_busy = True

    def keep(self, *extra: SavedState) -> None:
        """The state alone, if something is in progress (or was at the sample before), or the view is due."""
        busy = self._pipeline.in_progress
        view = monotonic_s() - self._view_saved_s >= KEEP_VIEW_S
        if busy or self._was_busy or view or extra:
            states = (*self._fresh(methods=view), *extra)
            if states:
                self._outgoing.submit(Parcel(self._camera, states=states))
        self._was_busy = busy

    def keep_all(self) -> None:
        """Everything, before an orderly end."""
        self._outgoing.submit(Parcel(self._camera, states=self._pipeline.saved(methods=True)))

    def _fresh(self, *, methods: bool) -> tuple[SavedState, ...]:
        if methods:
            self._view_saved_s = monotonic_s()
        states = tuple(s for s in self._pipeline.saved(methods=methods) if self._sent.get(s.key) != s.data)
        self._sent |= {state.key: state.data for state in states if len(state.data) < 65_536}
        return states


def proofs_of(change: EventChange, zone: Zone, picture: Picture) -> tuple[Proof, ...]:
    """The pictures that prove a change: untouched and with boxes; for an end the view without the trouble."""
    plain = jpeg(picture)
    if change.kind is EventKind.ENDED:
        return (Proof(EvidenceKind.CLEAR_PICTURE, plain, "image/jpeg", change.at),)
    drawn = jpeg(marked(picture, change.boxes, zone, caption_of(change)))
    return (
        Proof(EvidenceKind.PICTURE, plain, "image/jpeg", change.at),
        Proof(EvidenceKind.PICTURE_MARKED, drawn, "image/jpeg", change.at),
    )
