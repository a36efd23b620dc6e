"""Proof clips: whole, playable, beginning at 0, with the index in front."""

from __future__ import annotations

import io
import struct
import tempfile
from pathlib import Path

import av
import pytest

from brain.config.secrets import Address
from brain.core.errors import MediaError
from brain.video import clip as clip_module
from brain.video.clip import ClipRequest
from brain.video.demux import Demuxer, OpenOptions
from brain.video.packets import PacketRing, VideoPacket
from brain.video.timeline import Timeline

from .media import encode, packet, read_number

FPS = 25


def opened(path: Path, base_s: float = 0.0) -> Demuxer:
    return Demuxer(Address(str(path)), OpenOptions(), Timeline(base_s, live=False))


def atoms(data: bytes) -> list[str]:
    names, at = [], 0
    while at < len(data):
        size, name = struct.unpack(">I4s", data[at : at + 8])
        names.append(name.decode())
        at += size or len(data)
    return names


def shown(data: bytes) -> tuple[list[int], list[float], float, float]:
    """Numbers and times of all pictures of a clip, its begin and its length, as a player sees them."""
    with av.open(io.BytesIO(data)) as container:
        stream = container.streams.video[0]
        assert container.format.name.startswith("mov,mp4")
        frames = list(container.decode(stream))
        assert not any(frame.is_corrupt for frame in frames)
        numbers = [read_number(frame.to_ndarray(format="bgr24")) for frame in frames]
        begin_s = float((stream.start_time or 0) * stream.time_base)
        return numbers, [frame.time for frame in frames], begin_s, (container.duration or 0) / av.time_base


@pytest.mark.parametrize(
    ("codec", "b_frames", "ending"),
    [
        ("libx264", 0, "mp4"),
        ("libx264", 2, "mp4"),
        ("libx264", 0, "ts"),
        ("libx264", 2, "mkv"),
        ("libx264", 0, "h264"),
        ("libx265", 0, "mp4"),
        ("libx265", 3, "mp4"),
        ("libx265", 0, "ts"),
    ],
)
@pytest.mark.parametrize("base_s", [0.0, 1.8e9])
def test_a_clip_of_everything(tmp_path: Path, codec: str, b_frames: int, ending: str, base_s: float) -> None:
    form = "h264" if ending == "h264" else None
    path = encode(tmp_path / f"a.{ending}", codec=codec, b_frames=b_frames, frames=100, size=(160, 120), form=form)
    demuxer = opened(path, base_s)
    data = demuxer.clip(list(demuxer.packets()))
    demuxer.close()
    numbers, times, begin_s, length_s = shown(data)
    assert numbers == list(range(100))
    assert times == pytest.approx([number / FPS for number in range(100)], abs=0.005)
    assert begin_s == pytest.approx(0, abs=0.005)
    assert length_s == pytest.approx(4.0, abs=0.1)
    names = atoms(data)
    assert names[0] == "ftyp"
    assert names.index("moov") < names.index("mdat")


@pytest.fixture(scope="module")
def long_clips(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """16 s with a key frame each 2 s, by the number of B-frames."""
    folder = tmp_path_factory.mktemp("long")
    return {
        number: encode(folder / f"{number}.mp4", b_frames=number, gop=50, frames=400, size=(160, 120))
        for number in (0, 2, 3)
    }


@pytest.mark.parametrize("b_frames", [0, 2, 3])
@pytest.mark.parametrize(("moment_s", "first"), [(2.0, 0), (5.0, 50), (5.5, 50), (7.99, 100)])
def test_a_clip_round_a_moment(long_clips: dict[int, Path], b_frames: int, moment_s: float, first: int) -> None:
    """-3 … +5 s: half of it comes from the ring, the other half while the stream goes on."""
    demuxer = opened(long_clips[b_frames])
    ring = PacketRing(8 << 20, 12.0)
    request: ClipRequest | None = None
    for one in demuxer.packets():
        ring.append(one)
        if request is None and one.decode_s >= moment_s:
            request = ClipRequest.begin("event", moment_s, ring, before_s=3.0, after_s=5.0)
        elif request is not None and request.offer(one):
            break
    assert request is not None
    assert request.is_full
    data = demuxer.clip(request.packets)
    demuxer.close()
    numbers, times, begin_s, _ = shown(data)
    # From the key frame before the begin to the end no frame is missing, and none is there that cannot be decoded.
    last = int((moment_s + 5) * FPS)
    assert [number for number in numbers if number <= last] == list(range(first, last + 1))
    assert numbers[-1] <= last + b_frames + 1
    assert begin_s == pytest.approx(0, abs=0.005)
    assert times == pytest.approx([(number - first) / FPS for number in numbers], abs=0.005)
    assert request.size == sum(one.size for one in request.packets)


def test_a_clip_longer_than_the_stream(tmp_path: Path) -> None:
    demuxer = opened(encode(tmp_path / "a.mp4", frames=60, size=(160, 120)))
    ring = PacketRing(8 << 20, 12.0)
    for one in demuxer.packets():
        ring.append(one)
    request = ClipRequest.begin("event", 2.0, ring, before_s=3.0, after_s=5.0)
    assert not request.is_full
    assert shown(demuxer.clip(request.packets))[0] == list(range(60))
    demuxer.close()


def request(to_s: float = 10.0) -> ClipRequest:
    return ClipRequest("event", 0.0, to_s)


def test_a_request_begins_at_a_key_frame() -> None:
    wanted = request()
    for seq in range(3):
        assert not wanted.offer(packet(seq, seq / 10))
    assert wanted.packets == []
    assert not wanted.offer(packet(3, 0.3, key=True))
    assert not wanted.offer(packet(4, 0.4))
    assert [one.seq for one in wanted.packets] == [3, 4]


def test_a_request_ends_once() -> None:
    wanted = request(1.0)
    wanted.offer(packet(0, 0.0, key=True))
    wanted.offer(packet(1, 1.0))
    assert wanted.offer(packet(2, 1.1))
    assert wanted.offer(packet(3, 0.9))
    assert [one.seq for one in wanted.packets] == [0, 1]


def test_a_request_keeps_what_frames_before_its_end_are_made_from() -> None:
    wanted = request(1.0)
    order = [(0.0, 0.0, True), (1.2, 0.4, False), (0.8, 0.8, False), (1.0, 1.0, False), (1.6, 1.1, False)]
    done = [
        wanted.offer(packet(seq, pts_s, key=key, late_s=pts_s - decode_s))
        for seq, (pts_s, decode_s, key) in enumerate(order)
    ]
    assert [one.seq for one in wanted.packets] == [0, 1, 2, 3]
    assert done == [False, False, False, False, True]


def test_a_request_is_bounded_in_bytes_and_has_no_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clip_module, "MAX_CLIP_BYTES", 1000)
    ring = PacketRing(1 << 20, 100)
    for seq, size in enumerate([400, 400, 400, 100, 100]):
        ring.append(packet(seq, seq / 10, key=seq == 0, size=size))
    wanted = ClipRequest.begin("event", 1.0, ring, before_s=3.0, after_s=5.0)
    assert [one.seq for one in wanted.packets] == [0, 1]
    assert wanted.is_full
    assert wanted.offer(packet(5, 0.5, size=1))
    assert [one.seq for one in wanted.packets] == [0, 1]
    assert wanted.size == 800


def timed(one: VideoPacket, pts_s: float, decode_s: float | None = None) -> VideoPacket:
    return VideoPacket(one.seq, pts_s, pts_s if decode_s is None else decode_s, one.is_key, one.size, one.raw)


@pytest.mark.parametrize(
    "moments",
    [
        pytest.param([0.0] * 30, id="all at once"),
        pytest.param([number / 25 for number in range(10)] + [0.36] * 20, id="standing still"),
        pytest.param([0.04 * number - 0.06 * (number % 7 == 3) for number in range(30)], id="jitter"),
        pytest.param([0.04 * number + 4.0 * (number > 12) for number in range(30)], id="a hole"),
    ],
)
@pytest.mark.parametrize("late_s", [0.0, 0.08])
def test_strange_times_make_a_playable_clip(tmp_path: Path, moments: list[float], late_s: float) -> None:
    demuxer = opened(encode(tmp_path / "a.mp4", frames=30, size=(160, 120)))
    packets = [timed(one, at, at - late_s) for one, at in zip(demuxer.packets(), moments, strict=True)]
    numbers, times, _, _ = shown(demuxer.clip(packets))
    demuxer.close()
    assert sorted(numbers) == list(range(30))
    assert times == sorted(times)


def test_no_packets_are_no_clip(tmp_path: Path) -> None:
    demuxer = opened(encode(tmp_path / "a.mp4", frames=5))
    with pytest.raises(MediaError, match="no packets"):
        demuxer.clip([])
    demuxer.close()


def test_no_room_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    demuxer = opened(encode(tmp_path / "a.mp4", frames=30, size=(160, 120)))
    packets = list(demuxer.packets())
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "no such folder"))
    with pytest.raises(MediaError, match="the clip cannot be written"):
        demuxer.clip(packets)
    demuxer.close()


def test_nothing_is_left_in_the_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    demuxer = opened(encode(tmp_path / "a.mp4", frames=30, size=(160, 120)))
    demuxer.clip(list(demuxer.packets()))
    demuxer.close()
    assert list(folder.iterdir()) == []


def test_what_the_muxer_cannot_take_is_a_clear_error(tmp_path: Path) -> None:
    demuxer = opened(encode(tmp_path / "a.mp4", frames=10))
    first = next(iter(demuxer.packets()))
    far = timed(first, 1e18)
    with pytest.raises(MediaError, match="the clip cannot be written"):
        demuxer.clip([first, far])
    demuxer.close()
