"""Which frames are due: for any stream, from media time alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brain.video.packets import PacketRing, VideoPacket
from brain.video.sampling import EPSILON_S, SampleJob, Sampler

from .media import packet

SLACK_S = 1e-5


@dataclass(frozen=True)
class Stream:
    """A stream that could come from a camera; ``b_frames`` between two anchors, held back by a decoder."""

    fps: float
    gop: int
    frames: int
    offset_s: float = 0.0
    b_frames: int = 0

    def packets(self) -> list[VideoPacket]:
        shown = list(range(self.frames))
        order: list[int] = []
        while shown:
            anchor = min(self.b_frames, len(shown) - 1) if shown[0] % self.gop else 0
            anchor = min(anchor, self.gop - 1 - shown[0] % self.gop)  # B-frames do not cross a key frame
            order += [shown[anchor], *shown[:anchor]]
            shown = shown[anchor + 1 :]
        # Decoding times as a muxer gives them: one each frame, early enough that none is later than its frame.
        delay = max(place - number for place, number in enumerate(order))
        made = []
        for seq, number in enumerate(order):
            late_s = (number - (seq - delay)) / self.fps
            pts_s = self.offset_s + number / self.fps
            made.append(packet(seq, pts_s, key=number % self.gop == 0, late_s=late_s))
        return made


def run(
    stream: Stream, every_s: float, *, burst: int = 1, keep_s: float = 1e9, limit: int = 1 << 30
) -> tuple[Sampler, list[SampleJob]]:
    ring, sampler = PacketRing(limit, keep_s), Sampler(every_s, lookahead=stream.b_frames and 1)
    packets, jobs = stream.packets(), []
    for start in range(0, len(packets), burst):
        for one in packets[start : start + burst]:
            ring.append(one)
        for one in packets[start : start + burst]:
            jobs += sampler.push(one, ring)
    return sampler, jobs + sampler.finish(ring)


def summary(jobs: list[SampleJob]) -> list[tuple[float, int, tuple[int, ...]]]:
    return [(job.due_s, job.target.seq, tuple(one.seq for one in job.packets)) for job in jobs]


@st.composite
def streams(draw: st.DrawFn) -> tuple[Stream, float]:
    fps = draw(st.sampled_from([1.0, 5.0, 10.0, 12.5, 25.0, 29.97, 30.0, 60.0]))
    gop = draw(st.one_of(st.integers(1, 400), st.sampled_from([int(fps), int(2 * fps) or 1, int(12 * fps)])))
    every_s = draw(st.one_of(st.sampled_from([0.2, 0.5, 1.0, 2.0, 5.0]), st.floats(0.1, 8)))
    every_s = max(every_s, 2 / fps)
    frames = draw(st.integers(1, min(900, int(25 * every_s * fps))))
    offset = draw(st.sampled_from([0.0, 0.013, 1.8e9 + 0.5]))
    return Stream(fps, gop, frames, offset, draw(st.sampled_from([0, 0, 1, 2, 3]))), every_s


@settings(max_examples=300)
@given(streams())
def test_every_due_moment_is_decided_once(drawn: tuple[Stream, float]) -> None:
    stream, every_s = drawn
    sampler, jobs = run(stream, every_s)
    due = [job.due_s for job in jobs]
    assert sampler.unmade == 0
    assert len(jobs) == len(set(due))
    assert len(jobs) >= 0.95 * sampler.due - 1e-9, f"{len(jobs)} made of {sampler.due}"
    # The next moment is a cadence after the last one, or after the key frame that served.
    assert due[0] == pytest.approx(stream.offset_s)
    moment = due[0]
    for before, job in pairwise(jobs):
        candidates = {before.due_s + every_s, before.target.pts_s + every_s}
        assert any(job.due_s == pytest.approx(one, abs=SLACK_S) for one in candidates) or len(jobs) < sampler.due
        assert job.due_s > moment
        moment = job.due_s
    # No more often than a third above the cadence, whatever the distance of key frames.
    assert len(jobs) <= 2 + 1.34 * (stream.frames / stream.fps) / every_s
    # None is forgotten at the end either.
    end_s = stream.offset_s + (stream.frames - 1) / stream.fps
    assert moment + every_s > end_s - every_s - SLACK_S


@settings(max_examples=300)
@given(streams())
def test_a_sample_lies_near_its_moment_and_can_be_decoded(drawn: tuple[Stream, float]) -> None:
    stream, every_s = drawn
    _, jobs = run(stream, every_s)
    shown = sorted(one.pts_s for one in stream.packets())
    last_s = -math.inf
    for job in jobs:
        pts_s = job.target.pts_s
        assert job.due_s - every_s < pts_s <= job.due_s + every_s / 4 + SLACK_S
        assert pts_s > last_s, "time goes on"
        last_s = pts_s
        if not job.target.is_key:
            newest = {max(one for one in shown if one <= job.due_s + slack) for slack in (EPSILON_S / 2, 2 * EPSILON_S)}
            assert pts_s in newest, "the last frame before the moment"
        numbers = [one.seq for one in job.packets]
        assert job.packets[0].is_key
        assert numbers == list(range(numbers[0], numbers[-1] + 1))
        assert job.target in job.packets


@given(streams(), st.integers(2, 60))
def test_the_same_jobs_however_packets_arrive(drawn: tuple[Stream, float], burst: int) -> None:
    stream, every_s = drawn
    _, one_by_one = run(stream, every_s)
    assert summary(run(stream, every_s, burst=burst)[1]) == summary(one_by_one)
    assert summary(run(stream, every_s)[1]) == summary(one_by_one)


@given(streams())
def test_a_ring_as_long_as_a_group_and_a_cadence_does(drawn: tuple[Stream, float]) -> None:
    stream, every_s = drawn
    keep_s = 2 * every_s + 1 + 4 / stream.fps
    sampler, jobs = run(stream, every_s, keep_s=keep_s)
    assert sampler.unmade == 0
    assert summary(jobs) == summary(run(stream, every_s)[1])


@given(streams(), st.floats(0.1, 0.9))
def test_what_is_decided_does_not_ask_for_the_future(drawn: tuple[Stream, float], part: float) -> None:
    stream, every_s = drawn
    packets = stream.packets()
    ring, sampler = PacketRing(1 << 30, 1e9), Sampler(every_s, lookahead=stream.b_frames and 1)
    cut: list[SampleJob] = []
    for one in packets[: int(len(packets) * part)]:
        ring.append(one)
        cut += sampler.push(one, ring)
    assert summary(cut) == summary(run(stream, every_s)[1])[: len(cut)]


@given(streams(), st.sampled_from([0.25, 86400.0, 1.0]))
def test_a_shift_of_time_changes_nothing(drawn: tuple[Stream, float], shift: float) -> None:
    stream, every_s = drawn
    moved = Stream(stream.fps, stream.gop, stream.frames, shift, stream.b_frames)
    still = Stream(stream.fps, stream.gop, stream.frames, 0.0, stream.b_frames)
    # A quarter, a half and a whole cadence are borders: numbers that fall on them may round either way.
    if every_s in (0.2, 0.5, 1.0, 2.0, 5.0) and stream.fps in (1.0, 5.0, 10.0, 12.5, 25.0):
        ahead, back = run(moved, every_s)[1], run(still, every_s)[1]
        assert [job.target.seq for job in ahead] == [job.target.seq for job in back]


@pytest.mark.parametrize(
    ("fps", "gop", "every_s", "targets"),
    [
        # a key frame each 2 s and a sample each 2 s: key frames only
        (10, 20, 2.0, [0, 20, 40, 60, 80]),
        # a key frame each second serves every second one
        (10, 10, 2.0, [0, 20, 40, 60, 80]),
        # key frames 12 s apart: the frames between are decoded
        (10, 120, 2.0, [0, 20, 40, 60, 80]),
        # the first sample comes from the key frame, the others from between until the next one is near
        (10, 30, 1.0, [0, 10, 20, 30, 40, 50, 60, 70, 80, 90]),
        # key frames each 1.2 s or 1.1 s: the grid stays, though a key frame is always near
        (10, 12, 2.0, [0, 12, 36, 60, 72]),
        (10, 11, 2.0, [0, 11, 33, 55, 77]),
        # a key frame each 1.5 s: each second sample is one
        (10, 15, 1.0, [0, 10, 15, 30, 40, 45, 60, 70, 75, 90]),
        # key frames each 2.2 s: the cadence follows them
        (10, 22, 2.0, [0, 22, 44, 66, 88]),
    ],
)
def test_known_streams(fps: float, gop: int, every_s: float, targets: list[int]) -> None:
    sampler, jobs = run(Stream(fps, gop, 100), every_s)
    assert [job.target.seq for job in jobs] == targets
    assert sampler.due == len(targets)


def test_a_key_frame_costs_one_packet() -> None:
    _, jobs = run(Stream(10, 20, 99), 2.0)
    assert [len(job.packets) for job in jobs] == [1] * 5


def test_a_low_rate_with_many_b_frames() -> None:
    # An anchor is decoded long before the B-frames that are shown before it.
    _, jobs = run(Stream(2.0, 1000, 200, b_frames=3), 1.0)
    assert [job.target.pts_s for job in jobs] == [float(k) for k in range(100)]


def test_fewer_frames_than_moments() -> None:
    sampler, jobs = run(Stream(1.0, 10, 20), 0.25)
    assert [job.target.pts_s for job in jobs] == [float(k) for k in range(20)]
    assert sampler.due >= 20


def test_a_ring_that_lost_its_group_is_counted() -> None:
    sampler, jobs = run(Stream(10, 100, 300), 2.0, limit=1250)
    assert sampler.unmade > 0
    assert len(jobs) + sampler.unmade == sampler.due
    assert all(job.packets[0].is_key for job in jobs)


def test_nothing_before_the_first_key_frame() -> None:
    ring, sampler = PacketRing(1 << 20, 100), Sampler(1.0)
    for seq in range(30):
        one = packet(seq, seq / 10)
        ring.append(one)
        assert sampler.push(one, ring) == []
    assert sampler.finish(ring) == []
    assert sampler.due == 0


@pytest.mark.parametrize("every_s", [0.0, -1.0, math.nan])
def test_a_cadence_of_nothing_is_refused(every_s: float) -> None:
    with pytest.raises(ValueError, match="cadence"):
        Sampler(every_s)
