"""H.264 in RTP packets (RFC 6184, packetization-mode 1) and what is told of a stream before it comes (SDP)."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import av

from brain.core.errors import MediaError

TICKS = 90_000
PAYLOAD_TYPE = 96
MOST_BYTES = 1400
"""Of one payload: stays below the MTU of Ethernet, as cameras do even over TCP."""
_SEI, _SPS, _PPS, _AUD, _FU_A = 6, 7, 8, 9, 28
_NTP_1970 = 2_208_988_800


@dataclass(frozen=True, slots=True)
class CodedPicture:
    """The RTP payloads of one picture; before a key picture's own stand the parameter sets."""

    is_key: bool
    payloads: tuple[bytes, ...]


@dataclass(frozen=True)
class CodedClip:
    """A clip as it is sent: pictures at a fixed rate, the first one a key picture.

    Attributes:
        sps, pps: parameter sets.
        rate: pictures a second.
        pictures: at least one.
    """

    sps: bytes
    pps: bytes
    rate: Fraction
    pictures: tuple[CodedPicture, ...]

    @cached_property
    def packets_before(self) -> tuple[int, ...]:
        """Packets of all pictures before each picture; the last figure is that of the whole clip."""
        counts = [0]
        for picture in self.pictures:
            counts.append(counts[-1] + len(picture.payloads))
        return tuple(counts)

    def packets_until(self, number: int) -> int:
        """Packets of the first ``number`` pictures of the clip in a loop."""
        times, index = divmod(number, len(self.pictures))
        return times * self.packets_before[-1] + self.packets_before[index]

    def next_key(self, number: int) -> int:
        """The first picture from ``number`` on, in the loop, that is a key picture."""
        while not self.pictures[number % len(self.pictures)].is_key:
            number += 1
        return number

    def ticks(self, number: int) -> int:
        """RTP time of picture ``number`` of the loop, from 0: goes on over the joint, whatever the rate."""
        return round(number * TICKS / self.rate)

    def sdp(self, name: str) -> str:
        """What DESCRIBE answers."""
        sets = ",".join(base64.b64encode(one).decode() for one in (self.sps, self.pps))
        lines = (
            "v=0",
            "o=- 1 1 IN IP4 127.0.0.1",
            f"s={name}",
            "c=IN IP4 0.0.0.0",
            "t=0 0",
            "a=range:npt=now-",
            "a=control:*",
            f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
            f"a=rtpmap:{PAYLOAD_TYPE} H264/{TICKS}",
            f"a=fmtp:{PAYLOAD_TYPE} packetization-mode=1;profile-level-id={self.sps[1:4].hex()};"
            f"sprop-parameter-sets={sets}",
            f"a=framerate:{float(self.rate):g}",
            "a=control:trackID=0",
        )
        return "".join(f"{line}\r\n" for line in lines)


def read_clip(path: Path, rate: Fraction) -> CodedClip:
    """The packets of an MP4 file with H.264 and no B-frames.

    Raises:
        MediaError: it is something else, or cannot be read.
    """
    try:
        with av.open(str(path.absolute())) as container:  # else a colon in the name is taken for a protocol's end
            video = container.streams.video[0]
            extra = video.codec_context.extradata
            if video.codec_context.name != "h264" or not extra:
                raise MediaError("holds no H.264", where=str(path), remedy="install the av package from its wheel")
            sps, pps, prefix = _parameter_sets(bytes(extra))
            pictures = tuple(
                _coded(bytes(packet), prefix, (sps, pps) if packet.is_keyframe else ())
                for packet in container.demux(video)
                if packet.size
            )
    except (av.error.FFmpegError, IndexError, struct.error) as error:
        raise MediaError(
            f"cannot be read ({type(error).__name__})", where=str(path), remedy="delete the file: it is drawn anew"
        ) from None
    if not pictures or not pictures[0].is_key:
        raise MediaError("does not begin with a key picture", where=str(path), remedy="delete it: it is drawn anew")
    return CodedClip(sps, pps, rate, pictures)


def _parameter_sets(extra: bytes) -> tuple[bytes, bytes, int]:
    """First SPS, first PPS, and bytes of a length before each unit (ISO/IEC 14496-15, ``avcC``)."""
    prefix, place = (extra[4] & 3) + 1, 6
    (length,) = struct.unpack_from(">H", extra, place)
    sps = extra[place + 2 : place + 2 + length]
    place += 2 + length + 1
    (length,) = struct.unpack_from(">H", extra, place)
    return sps, extra[place + 2 : place + 2 + length], prefix


def _coded(data: bytes, prefix: int, before: tuple[bytes, ...]) -> CodedPicture:
    units = [unit for unit in _units(data, prefix) if unit[0] & 31 not in (_SEI, _SPS, _PPS, _AUD)]
    payloads = [part for unit in (*before, *units) for part in _payloads(unit)]
    return CodedPicture(bool(before), tuple(payloads))


def _units(data: bytes, prefix: int) -> Iterator[bytes]:
    place = 0
    while place + prefix <= len(data):
        length = int.from_bytes(data[place : place + prefix], "big")
        place += prefix
        if length:
            yield data[place : place + length]
        place += length


def _payloads(unit: bytes) -> Iterator[bytes]:
    """A unit as it stands, or in FU-A fragments where it is too long for one packet."""
    if len(unit) <= MOST_BYTES:
        yield unit
        return
    indicator, kind = (unit[0] & 0xE0) | _FU_A, unit[0] & 31
    step = MOST_BYTES - 2
    for place in range(1, len(unit), step):
        first, last = place == 1, place + step >= len(unit)
        yield bytes((indicator, (first << 7) | (last << 6) | kind)) + unit[place : place + step]


@dataclass(frozen=True, slots=True)
class Lane:
    """What the packets of one stream have in common: source number, first sequence number, first time."""

    source: int
    sequence: int
    ticks: int

    def packets(self, clip: CodedClip, number: int, channel: int) -> bytes:
        """All packets of picture ``number`` of the loop, in the frames of RTSP's interleaved ``channel``."""
        picture = clip.pictures[number % len(clip.pictures)]
        ticks = (self.ticks + clip.ticks(number)) & 0xFFFFFFFF
        sequence = self.sequence + clip.packets_until(number)
        last = len(picture.payloads) - 1
        parts: list[bytes] = []
        for index, payload in enumerate(picture.payloads):
            marker = PAYLOAD_TYPE | (0x80 if index == last else 0)
            head = (0x24, channel, 12 + len(payload), 0x80, marker, (sequence + index) & 0xFFFF, ticks, self.source)
            parts += (struct.pack(">BBHBBHII", *head), payload)
        return b"".join(parts)

    def report(self, clip: CodedClip, number: int, sent: tuple[int, int], unix_s: float, channel: int) -> bytes:
        """An RTCP sender report with the source's name.

        Args:
            sent: packets and bytes so far.
            unix_s: moment of picture ``number``.
        """
        ntp = int((unix_s + _NTP_1970) * 2**32) & 0xFFFFFFFFFFFFFFFF
        ticks = (self.ticks + clip.ticks(number)) & 0xFFFFFFFF
        packets, octets = (figure & 0xFFFFFFFF for figure in sent)
        body = struct.pack(">BBHIQIII", 0x80, 200, 6, self.source, ntp, ticks, packets, octets)
        # Source description: CNAME "sim", then zeros up to a whole number of words.
        body += struct.pack(">BBHIBB3s3x", 0x81, 202, 3, self.source, 1, 3, b"sim")
        return struct.pack(">BBH", 0x24, channel, len(body)) + body
