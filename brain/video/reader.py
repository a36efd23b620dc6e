"""One thread per camera: opens, reads, keeps the ring, finds what is due, and tries again when it breaks."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from brain.config.logs import logger
from brain.config.secrets import Address
from brain.config.settings import source_scheme
from brain.core.clock import monotonic_s, utc_now
from brain.core.errors import MediaError, SourceError
from brain.core.types import CameraState
from brain.video.backoff import Retry, state_after
from brain.video.clip import ClipRequest
from brain.video.decoder import StreamInfo
from brain.video.demux import Demuxer, OpenOptions
from brain.video.packets import PacketRing, VideoPacket
from brain.video.sampling import SampleJob, Sampler
from brain.video.timeline import Timeline

PACE_STEP_S = 0.4
LIVE_AGAIN_S = 10.0
CLOCK_SLACK_S = 2.0


@dataclass(frozen=True, slots=True)
class ReaderSettings:
    """What one reader is told.

    Attributes:
        camera: id.
        address: with credentials apart.
        every_s: cadence of samples.
        options: limits and transport.
        loop, realtime: for files: begin again at the end; at the pace of the clock.
        ring_bytes, ring_s: bounds of the packet ring.
        clip_before_s, clip_after_s: reach of a proof clip round its moment.
    """

    camera: str
    address: Address
    every_s: float
    options: OpenOptions = field(default_factory=OpenOptions)
    loop: bool = False
    realtime: bool = True
    ring_bytes: int = 8 << 20
    ring_s: float = 12.0
    clip_before_s: float = 3.0
    clip_after_s: float = 5.0

    @property
    def is_file(self) -> bool:
        """Whether the source is a file that ends, not a camera."""
        return source_scheme(self.address.url) == "file"


@dataclass(slots=True)
class ReaderCounts:
    """What a reader has done so far."""

    packets: int = 0
    bytes: int = 0
    due: int = 0
    opens: int = 0
    failures: int = 0
    rebased: int = 0
    unmade: int = 0


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """State of a camera with its reason, as people see it."""

    state: CameraState
    reason: str = ""
    remedy: str = ""


@dataclass(slots=True)
class Outlets:
    """Where a reader hands things on. All are called from its thread and must not block for long.

    Attributes:
        job: a frame is due: the stream's number within this reader (grows when the camera is opened again), the stream,
            the frame, and by how much the clock is ahead of media time (0 unless they are more than 2 s apart).
        clip: a proof clip is complete: key and MP4 bytes, or ``None`` when it could not be made.
        status: the state changed.
    """

    job: Callable[[int, StreamInfo, SampleJob, float], None]
    clip: Callable[[str, bytes | None], None]
    status: Callable[[CameraStatus], None]


@dataclass(slots=True)
class _Watch:
    since_s: float = 0.0
    limit_s: float = 0.0


class CameraReader(threading.Thread):
    """Reads one source until told to stop.

    Args:
        settings: the source.
        outlets: where things go.
        not_before_s: media time that this camera has already reached (from before a restart).
    """

    def __init__(self, settings: ReaderSettings, outlets: Outlets, *, not_before_s: float = 0.0) -> None:
        super().__init__(name=f"reader-{settings.camera}", daemon=True)
        self.settings = settings
        self.counts = ReaderCounts()
        self._outlets = outlets
        self._not_before_s = not_before_s
        self._stop_event = threading.Event()
        self._reopen_reason = ""
        self._lock = threading.Lock()
        self._ring: PacketRing | None = None
        self._clips: list[ClipRequest] = []
        self._watch = _Watch()
        self._draw = random.Random(settings.camera)
        self._last_s = not_before_s
        self._was_live = False
        self._live_since_s = 0.0

    def stop(self) -> None:
        """Asks the thread to end; it does so within its read limit."""
        self._stop_event.set()

    def reopen(self, reason: str) -> None:
        """Asks for the camera to be opened anew: its pictures changed their form or cannot be decoded."""
        self._reopen_reason = reason

    def overdue_s(self) -> float:
        """Seconds by which the present open or read has outlasted twice its limit; 0 when all is well."""
        limit = self._watch.limit_s
        if limit <= 0:
            return 0.0
        return max(0.0, monotonic_s() - self._watch.since_s - 2 * limit)

    def request_clip(self, key: str, moment_s: float) -> None:
        """Asks for a proof clip round a moment; it arrives at ``outlets.clip`` when its end has passed."""
        with self._lock:
            if self._ring is None:
                missing = True
            else:
                before, after = self.settings.clip_before_s, self.settings.clip_after_s
                self._clips.append(ClipRequest.begin(key, moment_s, self._ring, before_s=before, after_s=after))
                missing = False
        if missing:
            self._outlets.clip(key, None)

    def run(self) -> None:
        """The life of a reader."""
        retry = Retry()
        while not self._stop_event.is_set():
            self._outlets.status(CameraStatus(CameraState.CONNECTING))
            self._reopen_reason = ""
            self._was_live = False
            problem = self._read_until_problem()
            if self._stop_event.is_set():
                return
            if problem is None:
                if not self.settings.loop:
                    self._outlets.status(CameraStatus(CameraState.ENDED, "end of file"))
                    return
                continue
            # A camera that ends its stream now and then is as good as new each time; one that does so at once is not.
            if self._was_live and monotonic_s() - self._live_since_s > LIVE_AGAIN_S:
                retry = Retry()
            retry = retry.failed(problem)
            self.counts.failures += 1
            state = state_after(problem, was_live=self._was_live)
            self._outlets.status(CameraStatus(state, problem.what, problem.remedy))
            self._pause(retry.wait_s(self._draw))

    def _read_until_problem(self) -> SourceError | None:
        """Reads the source; why it must be opened again, ``None`` where a file has simply ended."""
        try:
            self._read_once()
        except SourceError as error:
            return error
        except Exception as error:
            # Whatever it was, this camera is tried again; the error's own text may hold its password.
            logger().error("reader failed", camera=self.settings.camera, reason=type(error).__name__)
            return MediaError(f"cannot be read ({type(error).__name__})", remedy="it is opened again by itself")
        if self._reopen_reason:
            return MediaError(self._reopen_reason, remedy="it is opened again by itself")
        if self.settings.is_file:
            return None
        return MediaError("the camera ended the stream", remedy="it may be restarting; it is tried again by itself")

    def _pause(self, seconds: float) -> None:
        self._watch.limit_s = 0.0
        self._stop_event.wait(seconds)

    def _begin(self, limit_s: float) -> None:
        self._watch.since_s = monotonic_s()
        self._watch.limit_s = limit_s

    def _read_once(self) -> None:
        settings = self.settings
        self.counts.opens += 1
        # A file that plays a camera goes on in media time where it left off, like a camera.
        base_s = max(utc_now().timestamp(), self._last_s + 0.001, self._not_before_s + 0.001)
        timeline = Timeline(base_s, live=not settings.is_file)
        # The library's limit holds twice: until the camera answers, and until its stream is understood.
        self._begin(2 * settings.options.open_s)
        demuxer = Demuxer(settings.address, settings.options, timeline)
        try:
            sampler = Sampler(settings.every_s, lookahead=demuxer.info.reorder)
            ring = PacketRing(settings.ring_bytes, settings.ring_s)
            with self._lock:
                self._ring = ring
            self._pump(demuxer, sampler, ring, base_s)
            if settings.is_file:
                before = sampler.due
                for job in sampler.finish(ring):
                    self._outlets.job(self.counts.opens, demuxer.info, job, self._ahead_s())
                self.counts.due += sampler.due - before
        finally:
            # Closing says goodbye to the camera, without a limit of its own: a hang there must be seen as well.
            self._begin(settings.options.read_s)
            try:
                self._finish_clips(demuxer)
            finally:
                self.counts.rebased += timeline.rebased
                demuxer.close()
                self._watch.limit_s = 0.0

    def _pump(self, demuxer: Demuxer, sampler: Sampler, ring: PacketRing, base_s: float) -> None:
        settings, counts = self.settings, self.counts
        began = monotonic_s()
        counted = 0
        paced = settings.is_file and settings.realtime
        self._begin(settings.options.read_s)
        for packet in demuxer.packets():
            if not self._was_live:
                self._was_live = True
                self._live_since_s = monotonic_s()
                self._outlets.status(CameraStatus(CameraState.LIVE))
            counts.packets += 1
            counts.bytes += packet.size
            with self._lock:
                ring.append(packet)
                waiting = bool(self._clips)
            self._last_s = max(self._last_s, packet.pts_s)
            jobs = sampler.push(packet, ring)
            for job in jobs:
                self._outlets.job(counts.opens, demuxer.info, job, self._ahead_s())
            if sampler.due != counted:
                counts.due += sampler.due - counted
                counted = sampler.due
            counts.unmade = sampler.unmade
            if waiting:
                self._feed_clips(packet, demuxer)
            if self._stop_event.is_set() or self._reopen_reason:
                return
            if paced:
                self._watch.limit_s = 0.0
                ahead = (packet.pts_s - base_s) - (monotonic_s() - began)
                if ahead > PACE_STEP_S:
                    self._stop_event.wait(ahead)
            self._begin(settings.options.read_s)

    def _feed_clips(self, packet: VideoPacket, demuxer: Demuxer) -> None:
        with self._lock:
            done = [clip for clip in self._clips if clip.offer(packet)]
            self._clips = [clip for clip in self._clips if clip not in done]
        for clip in done:
            self._hand_over(clip, demuxer)

    def _finish_clips(self, demuxer: Demuxer) -> None:
        """The stream is over: what has been gathered is the clip."""
        with self._lock:
            done, self._clips = self._clips, []
            self._ring = None
        for clip in done:
            self._hand_over(clip, demuxer)

    def _ahead_s(self) -> float:
        """By how much the clock is ahead of media time: a clock that was wrong at the start must not stay for ever."""
        if self.settings.is_file and not self.settings.realtime:
            return 0.0
        ahead_s = utc_now().timestamp() - self._last_s
        return ahead_s if abs(ahead_s) > CLOCK_SLACK_S else 0.0

    def _hand_over(self, clip: ClipRequest, demuxer: Demuxer) -> None:
        try:
            self._outlets.clip(clip.key, demuxer.clip(clip.packets))
        except MediaError:
            self._outlets.clip(clip.key, None)
