"""Opens a source and hands out its packets; every wait is bounded, no message carries the address's secrets."""

from __future__ import annotations

import errno
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import av
import av.error
import av.logging

from brain.config.secrets import Address
from brain.config.settings import source_scheme
from brain.core.clock import monotonic_s
from brain.core.errors import AddressError, AuthError, MediaError, SourceError, UnreachableError
from brain.video.address import pin_address
from brain.video.clip import remux
from brain.video.decoder import StreamInfo
from brain.video.packets import VideoPacket
from brain.video.timeline import Timeline

av.logging.set_level(av.logging.PANIC)

CODECS = ("h264", "hevc")
MAX_PACKET_BYTES = 32 << 20
CAMERA_PROTOCOLS = {"tcp": "rtsp,rtp,tcp", "udp": "rtsp,rtp,udp,tcp"}
# Containers only: a playlist (HLS, DASH, concat) would make FFmpeg open whatever it names.
FILE_FORMATS = "mov,matroska,avi,mpegts,mpeg,flv,asf,h264,hevc"
CAMERA_FORMATS = "rtsp,sdp,rtp,mpegts"
RATES = (0.01, 1000.0)
SLOW_RATE = 2.0


@dataclass(frozen=True, slots=True)
class OpenOptions:
    """How to open a source.

    Attributes:
        transport: ``tcp`` or ``udp`` for RTSP.
        allow: allowed networks.
        open_s, read_s: limits for opening and for each wait for data.
    """

    transport: str = "tcp"
    allow: tuple[str, ...] = ("private", "loopback")
    open_s: float = 10.0
    read_s: float = 4.0


class Demuxer:
    """One open container; made, read and closed by one thread.

    Args:
        address: where, with credentials apart.
        options: limits and transport.
        timeline: media clock of the camera.

    Raises:
        AuthError, UnreachableError, AddressError, MediaError: with a remedy, never with the secret.
    """

    def __init__(self, address: Address, options: OpenOptions, timeline: Timeline) -> None:
        self._timeline = timeline
        self._shown = address.shown
        self._is_file = source_scheme(address.url) == "file"
        self._read_s = options.read_s
        self._container = _open(address, options)
        try:
            self._stream = self._find_video()
            self.info = self._describe()
        except BaseException:
            self.close()
            raise
        self._seq = 0
        self._base = self._stream.time_base
        if self.info.rate:
            timeline.nominal_s = 1 / self.info.rate

    @property
    def duration_s(self) -> float:
        """Length of a file as its container says; 0 for a camera or where it says nothing."""
        return (self._container.duration or 0) / av.time_base

    def packets(self) -> Iterator[VideoPacket]:
        """The packets of the video stream until it ends.

        Raises:
            SourceError: the stream broke, stalled beyond the limit, or ended before its first picture.
        """
        asked_s = monotonic_s()
        try:
            for raw in self._timed(raw for raw in self._container.demux(self._stream) if raw.size):
                yield self._packet(raw)
                asked_s = monotonic_s()
        except av.error.FFmpegError as error:
            timed_out = monotonic_s() - asked_s >= self._read_s
            raise explain(error, self._shown, is_file=self._is_file, timed_out=timed_out) from None
        if self._seq == 0:
            raise MediaError("no picture in it", where=self._shown, remedy=_WHOLE if self._is_file else _H26X)

    def clip(self, packets: Sequence[VideoPacket]) -> bytes:
        """An MP4 of packets that came from here (``brain.video.clip.remux``)."""
        return remux(packets, self._stream)

    def close(self) -> None:
        """Closes the container; safe to call twice."""
        self._container.close()

    def _timed(self, raws: Iterator[av.Packet[Any]]) -> Iterator[av.Packet[Any]]:
        """The same packets, the first one with a time: over RTSP FFmpeg leaves it out.

        It is shown one frame before the earliest of those that it holds back. Where frames come slowly, waiting for
        these would take longer than a read may.
        """
        first = next(raws, None)
        if first is None:
            return
        followers: list[av.Packet[Any]] = []
        if first.pts is None and self._base and self.info.reorder and self.info.rate >= SLOW_RATE:
            followers = list(islice(raws, self.info.reorder + 1))
            stamps = [raw.pts for raw in followers if raw.pts is not None]
            if stamps:
                first.pts = min(stamps) - round(1 / (self.info.rate * float(self._base)))
        yield first
        yield from followers
        yield from raws

    def _packet(self, raw: av.Packet[Any]) -> VideoPacket:
        if raw.size > MAX_PACKET_BYTES:
            raise MediaError(f"a frame of {raw.size >> 20} MiB", where=self._shown, remedy="is this a video stream?")
        base = float(self._base) if self._base else 0.0
        stamp = raw.pts if raw.pts is not None else raw.dts
        pts_s = self._timeline.media_time(None if stamp is None else stamp * base, monotonic_s())
        late = 0.0
        if self.info.reorder:
            # RTSP carries no decoding times; then the order may be off by as much as the decoder holds back.
            if raw.pts is not None and raw.dts is not None:
                late = max(0.0, (raw.pts - raw.dts) * base)
            else:
                late = (self.info.reorder + 2) * self._timeline.nominal_s
        packet = VideoPacket(self._seq, pts_s, pts_s - late, bool(raw.is_keyframe), raw.size, raw)
        self._seq += 1
        return packet

    def _find_video(self) -> av.VideoStream:
        streams = self._container.streams.video
        if not streams:
            raise MediaError("no video in it", where=self._shown, remedy="check that the address is a video channel")
        # A still picture (cover, thumbnail) may be another video stream.
        return next((stream for stream in streams if _codec(stream) in CODECS), streams[0])

    def _describe(self) -> StreamInfo:
        context = self._stream.codec_context
        if _codec(self._stream) not in CODECS:
            remedy = "convert it to H.264 or H.265" if self._is_file else "set the camera to H.264 or H.265"
            raise MediaError(f"video codec {_codec(self._stream)} is not read", where=self._shown, remedy=remedy)
        rate = self._stream.average_rate or self._stream.guessed_rate
        extra = bytes(context.extradata) if context.extradata else None
        reorder = int(context.reorder_depth or 0)
        if not context.width or not context.height:
            if not self._is_file:
                raise UnreachableError(_NO_VIDEO, where=self._shown, remedy=_CHANNEL)
            raise MediaError("no picture size in it", where=self._shown, remedy="check that the file is whole")
        shown_rate = float(rate) if rate and RATES[0] <= rate <= RATES[1] else 0.0
        return StreamInfo(context.name, context.width, context.height, extra, reorder, shown_rate)


def _open(address: Address, options: OpenOptions) -> av.container.InputContainer:
    scheme = source_scheme(address.url)
    settings = {"analyzeduration": "1500000", "probesize": "2000000"}
    if scheme == "file":
        path = Path(address.url.removeprefix("file://"))
        check_file(path)
        target = str(path.absolute())  # else FFmpeg takes a colon in the name for a protocol
        settings |= {"protocol_whitelist": "file", "format_whitelist": FILE_FORMATS}
    else:
        pinned = pin_address(address.url, options.allow)
        target = Address(pinned, address.username, address.password).with_credentials()
        protocols = CAMERA_PROTOCOLS[options.transport]
        settings |= {
            "protocol_whitelist": protocols + (",rtsps,tls,crypto" if scheme == "rtsps" else ""),
            "format_whitelist": CAMERA_FORMATS,
            "rtsp_transport": options.transport,
            "allowed_media_types": "video",
        }
    began_s = monotonic_s()
    try:
        return av.open(target, options=settings, timeout=(options.open_s, options.read_s), metadata_errors="replace")
    except av.error.FFmpegError as error:
        timed_out = monotonic_s() - began_s >= options.open_s
        raise explain(error, address.shown, is_file=scheme == "file", timed_out=timed_out) from None
    except (ValueError, UnicodeError):
        raise MediaError("cannot be opened", where=address.shown, remedy="check the address") from None


def _codec(stream: av.VideoStream) -> str:
    """FFmpeg's name of the codec; PyAV has no context for one that FFmpeg does not know."""
    context: av.VideoCodecContext | None = stream.codec_context
    return "unknown" if context is None else context.name


def check_file(path: Path) -> None:
    """Refuses what is plainly no video file, with a better word than FFmpeg has.

    Raises:
        SourceError: missing, a folder, empty or unreadable.
    """
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise MediaError("a folder, not a video file", where=str(path), remedy="name a file in it")
        if not stat.S_ISREG(status.st_mode):
            raise MediaError("no regular file", where=str(path), remedy="name a video file")
        if status.st_size == 0:
            raise MediaError("the file is empty", where=str(path), remedy="copy or record it again")
        with path.open("rb"):
            pass
    except OSError as error:
        reason = (
            "there is no such file" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
        )
        raise UnreachableError(reason, where=str(path), remedy="check the path and its rights") from None
    except ValueError:  # a NUL in the name
        raise UnreachableError("there is no such file", where=repr(str(path)), remedy="mend the path") from None


def explain(error: av.error.FFmpegError, shown: str, *, is_file: bool, timed_out: bool = False) -> SourceError:
    """Our error for one of PyAV's; its own text is dropped, because it contains the address with the password.

    Args:
        error: as it was caught.
        shown: the address without credentials.
        is_file: whether it came from a file, not from a camera.
        timed_out: whether the limit had passed: FFmpeg's RTSP then speaks of invalid data, or of input and output.
    """
    kind = type(error).__name__.removesuffix("Error")
    if is_file:
        if isinstance(error, _GARBLED):
            return MediaError("no video that can be read in it", where=shown, remedy=_WHOLE)
        return MediaError(f"cannot be read ({kind})", where=shown, remedy=_WHOLE)
    if timed_out and (isinstance(error, _VAGUE) or error.errno == errno.EIO):
        return UnreachableError(_SILENCE, where=shown, remedy=_NETWORK)
    if error.errno in _NO_ROUTE:
        return UnreachableError("host cannot be reached", where=shown, remedy=_NETWORK)
    for kinds, build, what, remedy in _MEANINGS:
        if isinstance(error, kinds):
            return build(what, where=shown, remedy=remedy)
    return MediaError(f"cannot be read ({kind})", where=shown, remedy=_H26X)


_H26X = "check that it is an H.264 or H.265 stream"
_WHOLE = "check that the file is whole, and H.264 or H.265 in a usual container"
_SILENCE = "no answer in time"
_NETWORK = "check power, network and address of the camera"
_NO_VIDEO = "it answers, but no picture comes"
_CHANNEL = "check its video channel; over UDP a firewall may be in the way: try transport: tcp"
_UNAUTHORIZED = (av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError)
_SILENT = (av.error.ExitError, av.error.TimeoutError)
_CUT = (av.error.ConnectionResetError, av.error.BrokenPipeError, av.error.ConnectionAbortedError, av.error.EOFError)
# A format that is not in the list of ours is an argument error.
_GARBLED = (av.error.InvalidDataError, av.error.EOFError, av.error.ArgumentError)
_VAGUE = (av.error.InvalidDataError, av.error.EOFError)
_BUSY = (av.error.HTTPServerError, av.error.HTTPOtherClientError)
_NO_ROUTE = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN, errno.EADDRNOTAVAIL)
_MEANINGS: tuple[tuple[tuple[type[av.error.FFmpegError], ...], type[SourceError], str, str], ...] = (
    (_UNAUTHORIZED, AuthError, "wrong user name or password", "correct username and password of this camera"),
    ((av.error.HTTPNotFoundError,), MediaError, "no such stream on this camera", "check the path in the address"),
    (
        _BUSY,
        MediaError,
        "the camera refuses the stream",
        "its sessions may be used up: close other viewers, restart it",
    ),
    ((av.error.ConnectionRefusedError,), UnreachableError, "connection refused", "is the camera on, the port right?"),
    (_SILENT, UnreachableError, _SILENCE, _NETWORK),
    (_CUT, UnreachableError, "the connection was closed", "the camera may be restarting, or its sessions are used up"),
    ((av.error.ProtocolNotFoundError,), AddressError, "protocol is not enabled", "use rtsp://, rtsps:// or a file"),
    (
        (av.error.InvalidDataError,),
        MediaError,
        "it closed the connection, or answers in no way that an RTSP camera does",
        "is the port right? the camera may be restarting, or its sessions are used up",
    ),
    ((av.error.OSError,), UnreachableError, "the connection broke", _NETWORK),
)
