"""Packets with media time, and the ring that keeps the last of them, bounded in bytes."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import av


@dataclass(frozen=True, slots=True)
class VideoPacket:
    """One compressed frame.

    Attributes:
        seq: number within its stream, from 0, in decoding order.
        pts_s: media time at which it is shown.
        decode_s: media time up to which all shown frames have now been received (equals ``pts_s`` without reordering).
        is_key: whether decoding can begin here.
        size: bytes.
        raw: the packet itself; only ``brain.video`` touches it.
    """

    seq: int
    pts_s: float
    decode_s: float
    is_key: bool
    size: int
    raw: av.Packet[Any]


GROUP_FACTOR = 4


class PacketRing:
    """The newest packets of one stream, whole groups of pictures, bounded in bytes.

    Oldest groups go first. The present group is kept whole beyond the bound, up to four times of it, as every frame in
    it hangs on its key frame; larger than that, it is given up until the next key frame (``truncated`` counts these).
    """

    def __init__(self, limit_bytes: int, keep_s: float) -> None:
        self.limit_bytes = limit_bytes
        self.group_limit_bytes = GROUP_FACTOR * limit_bytes
        self.keep_s = keep_s
        self.size = 0
        self.truncated = 0
        self._packets: deque[VideoPacket] = deque()
        self._keys: deque[VideoPacket] = deque()

    def __len__(self) -> int:
        return len(self._packets)

    def append(self, packet: VideoPacket) -> None:
        """Takes the next packet; what precedes the first key frame is of no use and dropped."""
        if not self._packets and not packet.is_key:
            return
        self._packets.append(packet)
        self.size += packet.size
        if packet.is_key:
            self._keys.append(packet)
        while len(self._keys) > 1 and (
            self.size > self.limit_bytes or self._keys[1].pts_s <= packet.pts_s - self.keep_s
        ):
            self._drop_until(self._keys[1].seq)
        if self.size > self.group_limit_bytes:
            self.truncated += 1
            self._drop_until(packet.seq + 1)

    def key_before(self, pts_s: float) -> VideoPacket | None:
        """The newest key frame at or before a moment."""
        for packet in reversed(self._keys):
            if packet.pts_s <= pts_s:
                return packet
        return None

    def since(self, seq: int) -> list[VideoPacket]:
        """All packets from number ``seq`` on."""
        if not self._packets:
            return []
        start = max(0, seq - self._packets[0].seq)
        return list(islice(self._packets, start, None))

    def from_moment(self, pts_s: float) -> list[VideoPacket]:
        """All packets from the newest key frame at or before a moment on, or from the oldest key frame there is."""
        key = self.key_before(pts_s) or (self._keys[0] if self._keys else None)
        return [] if key is None else self.since(key.seq)

    def keys_between(self, after_seq: int, last_seq: int) -> int:
        """How many key frames there are after number ``after_seq`` up to and with ``last_seq``."""
        return sum(after_seq < packet.seq <= last_seq for packet in self._keys)

    def _drop_until(self, seq: int) -> None:
        while self._packets and self._packets[0].seq < seq:
            self.size -= self._packets.popleft().size
        while self._keys and self._keys[0].seq < seq:
            self._keys.popleft()


def last_at(packets: Sequence[VideoPacket], pts_s: float) -> VideoPacket | None:
    """The packet that is shown last at or before a moment."""
    best = None
    for packet in packets:
        if packet.pts_s <= pts_s and (best is None or packet.pts_s >= best.pts_s):
            best = packet
    return best
