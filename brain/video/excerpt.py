"""Excerpts of a recording: the picture at a moment and what is to be seen shortly before and after it, in one pass.

Moments are media time, counted as a replay counts it, so a picture is the one that was judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import av
from av.error import FFmpegError
from av.video.reformatter import VideoReformatter

from brain.config.secrets import Address
from brain.core.errors import SourceError
from brain.core.types import Picture
from brain.video.clip import ClipRequest
from brain.video.decoder import StreamInfo
from brain.video.demux import Demuxer, OpenOptions
from brain.video.packets import PacketRing, VideoPacket
from brain.video.timeline import Timeline

RING_BYTES = 32 << 20
RING_S = 60.0
ROUNDING_S = 0.002
"""Recorded moments are rounded to milliseconds: a picture may lie so far behind its moment."""


@dataclass(frozen=True, slots=True)
class ExcerptPlan:
    """What to take round every moment.

    Attributes:
        before_s, after_s: span of the short clip.
        rate: its pictures a second; 0 = only the picture at the moment.
        width: of its pictures, in pixels; never enlarged.
        moment_width: of the picture at the moment.
    """

    before_s: float = 3.0
    after_s: float = 3.0
    rate: int = 8
    width: int = 480
    moment_width: int = 640


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What a recording shows round a moment.

    Attributes:
        index: number of the moment, as it was asked for.
        picture: the last one shown at or before the moment (else the first after it), H×W×3 BGR; ``None`` where none
            can be had.
        pictures: of the short clip, all of one size with even sides.
    """

    index: int
    picture: Picture | None
    pictures: tuple[Picture, ...]


def excerpts(path: Path, moments: Sequence[float], plan: ExcerptPlan) -> Iterator[Excerpt]:
    """Excerpts of a file, in order of time; reading ends with the last one. Each moment once, if the file is whole.

    Args:
        moments: media seconds, in any order.

    Raises:
        SourceError: the file cannot be opened, or breaks before the last moment; what came before has been given out.
    """
    waiting = sorted(range(len(moments)), key=lambda index: (moments[index], index), reverse=True)
    if not waiting:
        return
    demuxer = Demuxer(Address(str(path.absolute())), OpenOptions(), Timeline(0.0, live=False))
    broken: SourceError | None = None
    open_: list[ClipRequest] = []
    try:
        try:
            for ready in _gather(demuxer, moments, plan, waiting, open_):
                yield _excerpt(demuxer.info, ready, moments, plan)
        except SourceError as error:
            broken = error
        for request in open_:
            yield _excerpt(demuxer.info, request, moments, plan)
        if broken is not None:
            raise broken
        for index in reversed(waiting):
            yield Excerpt(index, None, ())
    finally:
        demuxer.close()


def _gather(
    demuxer: Demuxer, moments: Sequence[float], plan: ExcerptPlan, waiting: list[int], open_: list[ClipRequest]
) -> Iterator[ClipRequest]:
    """Requests that are complete; when the file ends, ``open_`` has those begun, ``waiting`` those not begun."""
    ring = PacketRing(RING_BYTES, RING_S)
    for packet in demuxer.packets():
        for request in [request for request in open_ if request.offer(packet)]:
            open_.remove(request)
            yield request
        ring.append(packet)
        while waiting and moments[waiting[-1]] - plan.before_s <= packet.pts_s:
            index = waiting.pop()
            open_.append(
                ClipRequest.begin(
                    str(index), moments[index], ring, before_s=plan.before_s, after_s=plan.after_s + ROUNDING_S
                )
            )
        if not waiting and not open_:
            return


def _excerpt(info: StreamInfo, request: ClipRequest, moments: Sequence[float], plan: ExcerptPlan) -> Excerpt:
    index = int(request.key)
    taker = _Taker(moments[index], plan)
    for pts_s, frame in _decoded(info, request.packets):
        if pts_s > request.to_s:
            break
        taker.take(pts_s, frame)
    return Excerpt(index, *taker.finish())


@dataclass(slots=True)
class _Taker:
    """Chooses among decoded frames, in order of showing, and shrinks only the chosen ones."""

    at_s: float
    plan: ExcerptPlan
    _last: av.VideoFrame | None = None
    _moment: av.VideoFrame | None = None
    _taken: int = 0
    _size: tuple[int, int] | None = None
    _pictures: list[Picture] = field(default_factory=list)
    _scaler: VideoReformatter = field(default_factory=VideoReformatter)

    def take(self, pts_s: float, frame: av.VideoFrame) -> None:
        """The next frame: what was due before it is served by the one before."""
        while self.plan.rate and self._last is not None and pts_s > self._due_s:
            self._keep(self._last)
        if self._moment is None and pts_s > self.at_s + ROUNDING_S:
            self._moment = self._last or frame
        self._last = frame
        if self._taken == 0 and self.plan.rate and pts_s > self._due_s:  # nothing was shown at the span's begin
            self._taken = int((pts_s - self._begin_s) * self.plan.rate)

    def finish(self) -> tuple[Picture | None, tuple[Picture, ...]]:
        """The picture at the moment and those of the short clip."""
        if self._last is not None and self.plan.rate:
            self._keep(self._last)
        moment = self._moment or self._last
        picture = None if moment is None else self._shrunk(moment, _even_size(moment, self.plan.moment_width))
        return picture, tuple(self._pictures)

    @property
    def _begin_s(self) -> float:
        return max(0.0, self.at_s - self.plan.before_s)

    @property
    def _due_s(self) -> float:
        return self._begin_s + self._taken / max(1, self.plan.rate) + ROUNDING_S

    def _keep(self, frame: av.VideoFrame) -> None:
        self._size = self._size or _even_size(frame, self.plan.width)
        self._pictures.append(self._shrunk(frame, self._size))
        self._taken += 1

    def _shrunk(self, frame: av.VideoFrame, size: tuple[int, int]) -> Picture:
        return self._scaler.reformat(frame, *size, "bgr24", interpolation="AREA", threads=1).to_ndarray()  # type: ignore[return-value]


def _even_size(frame: av.VideoFrame, width: int) -> tuple[int, int]:
    wide = max(2, min(width, frame.width) // 2 * 2)
    return wide, max(2, round(wide * frame.height / frame.width / 2) * 2)


def _decoded(info: StreamInfo, packets: Sequence[VideoPacket]) -> Iterator[tuple[float, av.VideoFrame]]:
    """Frames with their media time, in order of showing; broken packets are passed over."""
    context = av.CodecContext.create(info.codec, "r")
    context.thread_count = 1
    if info.extradata:
        context.extradata = info.extradata
    times = {packet.seq: packet.pts_s for packet in packets}
    for packet in [*packets, None]:
        for frame in _sent(context, packet):
            if frame.pts in times:
                yield times[frame.pts], frame


def _sent(context: av.CodecContext, packet: VideoPacket | None) -> list[av.VideoFrame]:
    raw = None
    if packet is not None:
        raw = av.Packet(bytes(packet.raw))
        # The number stands in for the time stamp, so that the decoder's output names the packet it came from.
        raw.pts, raw.dts = packet.seq, None
    try:
        return context.decode(raw)  # type: ignore[attr-defined,no-any-return]
    except FFmpegError:
        return []
