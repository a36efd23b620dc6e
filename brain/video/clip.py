"""Cuts proof clips: packets remuxed into an MP4, never encoded again."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

import av
from av.error import FFmpegError

from brain.core.errors import MediaError
from brain.video.packets import PacketRing, VideoPacket

TICKS = 90_000
MAX_CLIP_BYTES = 48 << 20


@dataclass(slots=True)
class ClipRequest:
    """A clip being gathered: what came before the moment, and what still comes.

    Attributes:
        key: names the clip for its owner (an event id).
        from_s, to_s: media time; the clip begins at the key frame before ``from_s``.
        packets: gathered so far.
        size: bytes gathered so far.
        is_full: nothing more is taken, so that no gap can arise.
    """

    key: str
    from_s: float
    to_s: float
    packets: list[VideoPacket] = field(default_factory=list)
    size: int = 0
    is_full: bool = False

    @staticmethod
    def begin(key: str, moment_s: float, ring: PacketRing, *, before_s: float, after_s: float) -> ClipRequest:
        """A request around a moment, filled with what the ring holds."""
        request = ClipRequest(key, moment_s - before_s, moment_s + after_s)
        for packet in ring.from_moment(request.from_s):
            request.offer(packet)
        return request

    def offer(self, packet: VideoPacket) -> bool:
        """Takes the next packet; true when the clip is complete (end reached, or its size bound).

        Decoding time decides: a frame shown after the end is kept where B-frames before the end are made from it.
        """
        if packet.decode_s > self.to_s or self.size + packet.size > MAX_CLIP_BYTES:
            self.is_full = True
        elif not self.is_full and (self.packets or packet.is_key):
            self.packets.append(packet)
            self.size += packet.size
        return self.is_full


def remux(packets: Sequence[VideoPacket], template: av.VideoStream) -> bytes:
    """An MP4 of the packets, beginning at 0, with its index in front so that a browser plays it at once.

    Args:
        packets: in decoding order, the first one a key frame.
        template: the stream that they came from; used by the thread that reads it.

    Raises:
        MediaError: no packets, or the muxer refuses them.
    """
    if not packets:
        raise MediaError("no packets for a clip")
    try:
        with tempfile.TemporaryDirectory(prefix="brain-clip-") as folder:
            path = Path(folder) / "clip.mp4"
            _write(path, packets, template)
            return path.read_bytes()
    except (FFmpegError, ValueError, OSError, OverflowError) as error:
        raise MediaError(f"the clip cannot be written ({type(error).__name__})") from None


def _write(path: Path, packets: Sequence[VideoPacket], template: av.VideoStream) -> None:
    """Muxes into a file: the index can be moved to the front only of what can be read again."""
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as out:
        stream = out.add_stream_from_template(template)
        stream.time_base = Fraction(1, TICKS)
        stamps = _stamps(packets, reordered=bool(template.codec_context.reorder_depth))
        for packet, (pts, dts) in zip(packets, stamps, strict=True):
            copy = av.Packet(bytes(packet.raw))
            copy.stream = stream
            copy.time_base = Fraction(1, TICKS)
            copy.pts, copy.dts = pts, dts
            copy.is_keyframe = packet.is_key
            out.mux(copy)


def _stamps(packets: Sequence[VideoPacket], *, reordered: bool) -> list[tuple[int, int]]:
    """Presentation and decoding time of each packet in ticks; the first frame shown has 0, no two have the same.

    Decoding times must rise and none may lie after its frame is shown, so they are the presentation times in order,
    early enough for all. A camera's own cannot be had over RTSP. Without reordered frames a time that goes back is a
    mistake of the camera.
    """
    start_s = min(packet.pts_s for packet in packets)
    wanted = [round((packet.pts_s - start_s) * TICKS) for packet in packets]
    if not reordered:
        wanted = list(accumulate(wanted, max))
    shown = [0] * len(wanted)
    rising: list[int] = []
    for number in sorted(range(len(wanted)), key=wanted.__getitem__):
        shown[number] = max(wanted[number], rising[-1] + 1) if rising else wanted[number]
        rising.append(shown[number])
    early = max(decoded - pts for decoded, pts in zip(rising, shown, strict=True))
    return [(pts, decoded - early) for decoded, pts in zip(rising, shown, strict=True)]
