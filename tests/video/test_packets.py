"""The ring holds whole groups of pictures and never more bytes than it may."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.video.packets import GROUP_FACTOR, PacketRing, VideoPacket, last_at

from .media import packet


def stream(count: int, gop: int, size: int = 100, fps: float = 10.0) -> list[VideoPacket]:
    return [packet(k, k / fps, key=k % gop == 0, size=size) for k in range(count)]


def filled(packets: list[VideoPacket], limit: int = 1 << 20, keep_s: float = 1e9) -> PacketRing:
    ring = PacketRing(limit, keep_s)
    for one in packets:
        ring.append(one)
    return ring


def seqs(packets: list[VideoPacket]) -> list[int]:
    return [one.seq for one in packets]


def test_nothing_before_the_first_key_frame() -> None:
    ring = filled([packet(0, 0.0), packet(1, 0.1), packet(2, 0.2, key=True), packet(3, 0.3)])
    assert seqs(ring.since(0)) == [2, 3]
    assert ring.size == 200


def test_oldest_groups_go_first() -> None:
    ring = filled(stream(100, 10), limit=2500)
    assert seqs(ring.since(0)) == list(range(80, 100))
    assert ring.truncated == 0


def test_what_is_older_than_kept_goes_by_groups() -> None:
    # The newest key frame at least 3 s old begins what is kept.
    ring = filled(stream(100, 10), keep_s=3.0)
    assert seqs(ring.since(0)) == list(range(60, 100))


def test_a_group_larger_than_the_bound_is_given_up_until_the_next_key_frame() -> None:
    ring = filled(stream(25, 20), limit=250)
    assert ring.truncated == 1
    assert seqs(ring.since(0)) == list(range(20, 25))
    assert len(filled(stream(20, 20), limit=250)) == 0
    assert len(filled(stream(20, 20), limit=1000)) == 20, "the present group may be larger than the bound"


def test_one_packet_larger_than_the_bound() -> None:
    ring = filled([packet(0, 0, key=True, size=50), packet(1, 1, key=True, size=5000), packet(2, 2, key=True, size=50)])
    assert len(ring) == 3
    ring = PacketRing(1000, 10)
    for one in (packet(0, 0, key=True, size=5000), packet(1, 1), packet(2, 2, key=True)):
        ring.append(one)
    assert seqs(ring.since(0)) == [2]
    assert (ring.size, ring.truncated) == (100, 1)


@pytest.mark.parametrize(
    ("moment", "key"), [(-0.1, None), (0.0, 0), (0.9, 0), (1.0, 10), (1.05, 10), (4.2, 40), (99, 40)]
)
def test_key_before(moment: float, key: int | None) -> None:
    found = filled(stream(50, 10)).key_before(moment)
    assert (found.seq if found else None) == key


@pytest.mark.parametrize(("moment", "first"), [(-5, 0), (0.05, 0), (1.0, 10), (1.95, 10), (4.0, 40), (99, 40)])
def test_from_moment(moment: float, first: int) -> None:
    assert seqs(filled(stream(50, 10)).from_moment(moment)) == list(range(first, 50))


def test_an_empty_ring() -> None:
    ring = PacketRing(100, 10)
    assert ring.from_moment(0) == ring.since(0) == []
    assert ring.key_before(0) is None
    assert ring.keys_between(-1, 100) == len(ring) == ring.size == 0


@pytest.mark.parametrize(("after", "last", "count"), [(-1, 49, 5), (0, 49, 4), (0, 10, 1), (10, 19, 0), (9, 10, 1)])
def test_keys_between(after: int, last: int, count: int) -> None:
    assert filled(stream(50, 10)).keys_between(after, last) == count


def test_since_counts_from_what_is_there() -> None:
    ring = filled(stream(100, 10), limit=2500)
    assert seqs(ring.since(95)) == [95, 96, 97, 98, 99]
    assert seqs(ring.since(3))[0] == 80
    assert ring.since(100) == []


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 400), st.floats(0, 2)), max_size=120),
    st.integers(50, 2000),
    st.floats(0, 20),
)
def test_any_stream(frames: list[tuple[bool, int, float]], limit: int, keep_s: float) -> None:
    ring = PacketRing(limit, keep_s)
    pts, sent = 0.0, []
    for seq, (key, size, step) in enumerate(frames):
        pts += step
        sent.append(packet(seq, pts, key=key, size=size))
        ring.append(sent[-1])
        held = ring.since(0)
        groups = sum(one.is_key for one in held)
        assert ring.size == sum(one.size for one in held) <= (limit if groups > 1 else GROUP_FACTOR * limit)
        assert len(ring) == len(held)
        if held:
            assert held[0].is_key
            assert held == sent[held[0].seq : seq + 1], "no gaps, and the newest is there"
            keys = [one for one in held if one.is_key]
            assert ring.keys_between(-1, seq) == len(keys)
            assert len(keys) < 2 or keys[1].pts_s > pts - keep_s, "an old group was kept"
            assert ring.from_moment(pts) == held[held.index(keys[-1]) :]


@given(st.lists(st.floats(0, 10), max_size=20), st.floats(-1, 11))
def test_last_at(times: list[float], moment: float) -> None:
    found = last_at([packet(k, value) for k, value in enumerate(times)], moment)
    before = [value for value in times if value <= moment]
    assert (found.pts_s if found else None) == (max(before) if before else None)
