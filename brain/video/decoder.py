"""Decodes the frames that are due, one decoder per camera, touched by one thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import av
from av.error import FFmpegError
from av.video.reformatter import VideoReformatter

from brain.core.types import Picture
from brain.video.packets import VideoPacket
from brain.video.sampling import SampleJob


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """What a decoder and a muxer must know of a stream.

    Attributes:
        codec: FFmpeg's name, ``h264``, ``hevc`` …
        width, height: pixels.
        extradata: parameter sets from the container, if any.
        reorder: frames that come out of order (B-frames), 0 for camera streams.
        rate: nominal pictures a second, 0 if unknown.
    """

    codec: str
    width: int
    height: int
    extradata: bytes | None
    reorder: int
    rate: float


class DecodedFrame:
    """A decoded frame: the analysis picture now, the full one only when evidence needs it."""

    def __init__(self, job: SampleJob, frame: av.VideoFrame, image: Picture) -> None:
        self.due_s = job.due_s
        self.pts_s = job.target.pts_s
        self.image = image
        self._frame = frame

    def full(self) -> Picture:
        """The whole picture, H×W×3 BGR."""
        return _pixels(self._frame.reformat(format="bgr24", threads=1))


class FrameDecoder:
    """Decodes targets of jobs; goes on inside a group of pictures instead of beginning anew.

    Args:
        info: the stream.
        width: analysis width in pixels; pictures are shrunk to it in one swscale call, never enlarged.

    Attributes:
        errors: frames that could not be decoded.
        resized: the pictures no longer have the size that the stream announced: open it again.
    """

    def __init__(self, info: StreamInfo, width: int) -> None:
        self._context = av.CodecContext.create(info.codec, "r")
        self._context.thread_count = 1
        if info.extradata:
            self._context.extradata = info.extradata
        self._reformatter = VideoReformatter()
        self._width = width
        self._fed = -1
        self._fresh = True
        self.errors = 0
        self.resized = False
        self._size = (info.width, info.height)

    def decode(self, job: SampleJob) -> DecodedFrame | None:
        """The frame of a job, ``None`` when the stream is broken there (counted in ``errors``)."""
        packets = job.packets
        if not self._fresh and packets[0].seq <= self._fed < job.target.seq:
            packets = tuple(packet for packet in packets if packet.seq > self._fed)
        else:
            self._restart()
        frame = self._feed(packets, job.target)
        if frame is None:
            frame = self._drain(job.target)
        if frame is None:
            self.errors += 1
            self._restart()
            return None
        return DecodedFrame(job, frame, self._shrink(frame))

    def _restart(self) -> None:
        self._context.flush_buffers()
        self._fed = -1
        self._fresh = True

    def _feed(self, packets: tuple[VideoPacket, ...], target: VideoPacket) -> av.VideoFrame | None:
        found = None
        for packet in packets:
            for frame in self._send(packet):
                if frame.pts == target.seq:
                    found = frame
            self._fed = packet.seq
            self._fresh = False
            if found is not None:
                break
        return found

    def _send(self, packet: VideoPacket) -> list[av.VideoFrame]:
        raw = packet.raw
        pts, dts = raw.pts, raw.dts
        # The number stands in for the time stamp, so that the decoder's output names the packet it came from.
        raw.pts, raw.dts = packet.seq, None
        try:
            return self._context.decode(raw)  # type: ignore[attr-defined,no-any-return]
        except FFmpegError:
            self.errors += 1
            return []
        finally:
            raw.pts, raw.dts = pts, dts

    def _drain(self, target: VideoPacket) -> av.VideoFrame | None:
        """Makes the decoder let go of held frames; it must begin anew at a key frame afterwards."""
        try:
            frames = self._context.decode(None)  # type: ignore[attr-defined]
        except FFmpegError:
            frames = []
        self._restart()
        return next((frame for frame in frames if frame.pts == target.seq), None)

    def _shrink(self, frame: av.VideoFrame) -> Picture:
        if (frame.width, frame.height) != self._size:
            self.resized = True
        width = min(self._width, frame.width) // 2 * 2 or frame.width
        height = max(2, round(width * frame.height / frame.width) // 2 * 2)
        small = self._reformatter.reformat(frame, width, height, "bgr24", interpolation="BILINEAR", threads=1)
        return _pixels(small)


def _pixels(frame: av.VideoFrame) -> Picture:
    """The pixels of a frame that is BGR already."""
    return cast(Picture, frame.to_ndarray())
