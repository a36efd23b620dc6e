"""Which frame is due: media time decides, never the wall clock. Pure but for the packets it hands on."""

from __future__ import annotations

import math
from dataclasses import dataclass

from brain.video.packets import PacketRing, VideoPacket, last_at

EPSILON_S = 1e-6
PACE_SHARE = 0.75


@dataclass(frozen=True, slots=True)
class SampleJob:
    """One frame to be decoded.

    Attributes:
        due_s: the due moment.
        target: the packet whose frame is the sample.
        packets: from a key frame to the target in decoding order, and what the decoder needs after it to let go of it.
    """

    due_s: float
    target: VideoPacket
    packets: tuple[VideoPacket, ...]


class Sampler:
    """Finds the frames that are due for one stream, one each ``every_s`` from its first key frame on.

    The sample of a due moment is the last frame at or before it, except that a key frame serves where one is near,
    as it costs one decoded frame instead of many:

    - the newest key frame at or before the moment, if it lies within half a cadence;
    - else the first key frame within a quarter of a cadence after the moment.

    Where key frames come no more often than samples, or hardly, the next moment is counted from the key frame that
    served, so that the cadence follows the camera's own (``docs/adr/0003-due-moments-follow-key-frames.md``). A moment
    is decided once the stream has passed it; nothing here looks at a clock.

    Args:
        every_s: cadence in seconds of media time.
        lookahead: packets that the decoder may hold back (reordered frames), 0 for camera streams.

    Raises:
        ValueError: a cadence of nothing.

    Attributes:
        due: moments decided so far.
        unmade: moments for which the ring no longer held what a decoder needs.
    """

    def __init__(self, every_s: float, *, lookahead: int = 0) -> None:
        if not every_s > 0:
            raise ValueError("a cadence must be longer than 0 s")
        self.every_s = every_s
        self.lookahead = lookahead
        self.due = 0
        self.unmade = 0
        self._moment: float | None = None
        self._last: VideoPacket | None = None

    def push(self, packet: VideoPacket, ring: PacketRing) -> list[SampleJob]:
        """The jobs that became due with this packet (which is already in the ring)."""
        if self._moment is None:
            if not packet.is_key:
                return []
            self._moment = packet.pts_s
        jobs: list[SampleJob] = []
        while self._moment < packet.decode_s - EPSILON_S:
            passed = self._passed(ring, packet)
            if self._moment >= passed - EPSILON_S:
                break
            key = self._near_key(ring, passed, final=False)
            if key is None and passed < self._moment + self.every_s / 4 and self._worth_waiting(ring):
                break
            self._decide(key, ring, jobs)
        return jobs

    def finish(self, ring: PacketRing) -> list[SampleJob]:
        """The jobs still due when the stream has ended."""
        tail = ring.since(0)
        jobs: list[SampleJob] = []
        if self._moment is None or not tail:
            return jobs
        end_s = max(packet.pts_s for packet in tail)
        while self._moment <= end_s + EPSILON_S:
            self._decide(self._near_key(ring, math.inf, final=True), ring, jobs)
        return jobs

    def _passed(self, ring: PacketRing, packet: VideoPacket) -> float:
        """Media time up to which every frame has arrived, and the decoder can be made to let go of it."""
        if self.lookahead == 0:
            return packet.decode_s
        newest = ring.since(packet.seq - self.lookahead)
        return newest[0].decode_s if newest and newest[0].seq == packet.seq - self.lookahead else -math.inf

    def _worth_waiting(self, ring: PacketRing) -> bool:
        """A key frame just after the moment is only hoped for where the newest one is already old."""
        key = ring.key_before(self._at + EPSILON_S)
        return key is not None and self._at - key.pts_s > self.every_s / 2

    @property
    def _at(self) -> float:
        assert self._moment is not None
        return self._moment

    def _near_key(self, ring: PacketRing, passed: float, *, final: bool) -> VideoPacket | None:
        before = ring.key_before(self._at + EPSILON_S)
        if before is not None and self._at - before.pts_s <= self.every_s / 2 + EPSILON_S:
            return before
        after = ring.key_before(min(passed, self._at + self.every_s / 4))
        return after if after is not None and after.pts_s > self._at and not final else None

    def _decide(self, key: VideoPacket | None, ring: PacketRing, jobs: list[SampleJob]) -> None:
        moment_s = self._at
        self.due += 1
        self._moment = moment_s + self.every_s
        if key is not None:
            if not self._is_new(key):
                return
            if self._last is not None and self._sets_the_pace(key, self._last, ring):
                self._moment = key.pts_s + self.every_s
            self._last = key
            jobs.append(SampleJob(moment_s, key, (key,)))
            return
        start = ring.key_before(moment_s + EPSILON_S)
        group = ring.since(start.seq) if start is not None else []
        target = last_at(group, moment_s + EPSILON_S)
        if target is None:
            self.unmade += 1
        elif self._is_new(target):
            self._last = target
            last = target.seq + self.lookahead
            jobs.append(SampleJob(moment_s, target, tuple(packet for packet in group if packet.seq <= last)))

    def _sets_the_pace(self, key: VideoPacket, last: VideoPacket, ring: PacketRing) -> bool:
        """Whether samples may follow this key frame: one soon after the last sample would draw all others closer."""
        late_enough = key.pts_s - last.pts_s >= PACE_SHARE * self.every_s - EPSILON_S
        return late_enough and ring.keys_between(last.seq, key.seq) == 1

    def _is_new(self, packet: VideoPacket) -> bool:
        """Shown after the last target; its number says nothing of that, as an anchor is decoded before its B-frames."""
        return self._last is None or packet.pts_s > self._last.pts_s
