"""Files: the usual containers are read, all else is refused with a clear word, and nothing else is ever opened."""

from __future__ import annotations

import math
import os
import random
import struct
import time
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from brain.config.secrets import Address
from brain.core.errors import MediaError, SourceError, UnreachableError
from brain.video.decoder import FrameDecoder
from brain.video.demux import Demuxer, OpenOptions, check_file
from brain.video.packets import PacketRing, VideoPacket
from brain.video.sampling import Sampler
from brain.video.timeline import Timeline

from .media import draw, encode, read_number


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return encode(tmp_path_factory.mktemp("clip") / "a.mp4", frames=50, gop=10, size=(160, 120))


def read(path: Path | str) -> list[VideoPacket]:
    demuxer = Demuxer(Address(str(path)), OpenOptions(open_s=5, read_s=5), Timeline(0.0, live=False))
    try:
        return list(demuxer.packets())
    finally:
        demuxer.close()


def refusal(path: Path | str) -> SourceError:
    began_s = time.monotonic()
    with pytest.raises(SourceError) as caught:
        read(path)
    assert caught.value.remedy
    assert caught.value.where
    assert time.monotonic() - began_s < 5
    return caught.value


def tried(path: Path) -> tuple[int, SourceError | None]:
    """How many packets could be read, decoding what is due, and what stopped it."""
    got = 0
    try:
        demuxer = Demuxer(Address(str(path)), OpenOptions(open_s=5, read_s=5), Timeline(0.0, live=False))
    except SourceError as error:
        return 0, error
    try:
        ring, sampler, decoder = PacketRing(1 << 22, 60), Sampler(0.5), FrameDecoder(demuxer.info, 160)
        for got, packet in enumerate(demuxer.packets(), 1):  # noqa: B007 (read after an error)
            ring.append(packet)
            for job in sampler.push(packet, ring):
                frame = decoder.decode(job)
                assert frame is None or frame.image.ndim == 3
    except SourceError as error:
        return got, error
    finally:
        demuxer.close()
    return got, None


@pytest.mark.parametrize(
    ("codec", "ending"),
    [
        *(("libx264", ending) for ending in ("mp4", "mov", "mkv", "avi", "ts", "flv")),
        *(("libx265", ending) for ending in ("mp4", "mov", "mkv", "ts")),
    ],
)
def test_the_usual_containers(tmp_path: Path, ending: str, codec: str) -> None:
    path = encode(tmp_path / f"a.{ending}", codec=codec, frames=50, gop=10, size=(160, 120))
    packets = read(path)
    assert [packet.seq for packet in packets] == list(range(50))
    assert [packet.is_key for packet in packets] == [number % 10 == 0 for number in range(50)]
    assert [packet.pts_s for packet in packets] == pytest.approx([number / 25 for number in range(50)], abs=0.002)
    assert all(packet.decode_s == packet.pts_s for packet in packets)


@pytest.mark.parametrize(("codec", "ending"), [("libx264", "h264"), ("libx265", "hevc")])
def test_bare_streams_without_time_stamps(tmp_path: Path, codec: str, ending: str) -> None:
    packets = read(encode(tmp_path / f"a.{ending}", codec=codec, form=ending, frames=50, gop=10, size=(160, 120)))
    assert [packet.pts_s for packet in packets] == pytest.approx([number / 25 for number in range(50)], abs=0.002)


def test_reordered_frames_have_times_to_be_received_by(tmp_path: Path) -> None:
    packets = read(encode(tmp_path / "a.mp4", b_frames=2, frames=50, gop=25))
    assert sorted(packet.pts_s for packet in packets) == pytest.approx([number / 25 for number in range(50)])
    assert [packet.pts_s for packet in packets] != sorted(packet.pts_s for packet in packets)
    for number, packet in enumerate(packets):
        later = [other.pts_s for other in packets[number + 1 :]]
        assert all(pts_s >= packet.decode_s - 1e-9 for pts_s in later)


def test_what_a_file_is(clip: Path) -> None:
    timeline = Timeline(0.0, live=False)
    demuxer = Demuxer(Address(f"file://{clip}"), OpenOptions(), timeline)
    info = demuxer.info
    assert (info.codec, info.width, info.height, info.rate, info.reorder) == ("h264", 160, 120, 25.0, 0)
    assert info.extradata
    assert demuxer.duration_s == pytest.approx(2.0)
    assert timeline.nominal_s == pytest.approx(0.04)
    demuxer.close()
    demuxer.close()


@pytest.mark.parametrize("name", ["cam:1.mp4", "a b.mp4", "摄像机.mp4", "%03d.mp4", "a@b:c.mp4", "-.mp4", "pipe:1.mp4"])
def test_names_that_look_like_something_else(
    clip: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).write_bytes(clip.read_bytes())
    monkeypatch.chdir(tmp_path)
    assert len(read(name)) == 50
    assert len(read(tmp_path / name)) == 50


# What is no video.


def test_places_that_are_no_files(tmp_path: Path) -> None:
    assert isinstance(refusal(tmp_path / "no.mp4"), UnreachableError)
    assert refusal(tmp_path / "no.mp4").what == "there is no such file"
    assert refusal(tmp_path / "a.mp4" / "b.mp4").what == "there is no such file"
    assert refusal(tmp_path).what == "a folder, not a video file"
    assert refusal("a\0b.mp4").what == "there is no such file"
    assert "cannot be read" in refusal(tmp_path / ("x" * 400)).what
    (tmp_path / "empty.mp4").touch()
    assert refusal(tmp_path / "empty.mp4").what == "the file is empty"
    os.mkfifo(tmp_path / "pipe.mp4")
    assert refusal(tmp_path / "pipe.mp4").what == "no regular file"
    assert refusal("/dev/zero").what == "no regular file"
    (tmp_path / "loop.mp4").symlink_to(tmp_path / "loop.mp4")
    assert "cannot be read" in refusal(tmp_path / "loop.mp4").what


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_rights(clip: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(clip.read_bytes())
    path.chmod(0)
    with pytest.raises(UnreachableError, match="Permission denied"):
        check_file(path)


def atom(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body) + 8) + kind + body


def noise(_clip: bytes) -> bytes:
    return random.Random(1).randbytes(300_000)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        pytest.param(noise, "no video that can be read", id="random bytes"),
        pytest.param(lambda clip: b"\0" * 100_000, "no video that can be read", id="zeros"),
        pytest.param(lambda clip: b"not a video\n" * 1000, "no video that can be read", id="a text"),
        pytest.param(lambda clip: b"<html><body>404</body></html>", "no video that can be read", id="a web page"),
        pytest.param(lambda clip: b"\x89PNG\r\n\x1a\n" + b"\0" * 1000, "no video that can be read", id="a picture"),
        pytest.param(lambda clip: b"PK\3\4" + clip, "no video", id="an archive"),
        pytest.param(lambda clip: atom(b"ftyp", b"isom\0\0\2\0isom"), "no video", id="a head alone"),
        pytest.param(lambda clip: clip.replace(b"avc1", b"zzzz"), "video codec unknown is not read", id="no codec"),
        pytest.param(lambda clip: clip.replace(b"vide", b"soun"), "no video", id="a track of another kind"),
        pytest.param(lambda clip: clip.replace(b"stsz", b"free"), "no", id="no table of frames"),
    ],
)
def test_files_that_are_no_video(clip: Path, tmp_path: Path, make: Callable[[bytes], bytes], words: str) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(make(clip.read_bytes()))
    error = refusal(path)
    assert isinstance(error, MediaError)
    assert words in error.what
    assert "file" in error.remedy or "video" in error.remedy or "convert" in error.remedy


@pytest.mark.parametrize("part", [0.001, 0.01, 0.1, 0.5, 0.9, 0.97])
def test_a_clip_cut_off_before_its_index(clip: Path, tmp_path: Path, part: float) -> None:
    data = clip.read_bytes()
    assert data.index(b"moov") > data.index(b"mdat")
    path = tmp_path / "cut.mp4"
    path.write_bytes(data[: int(len(data) * part)])
    error = refusal(path)
    assert isinstance(error, MediaError)
    assert error.what in ("no video that can be read in it", "no picture in it")
    assert "whole" in error.remedy


@pytest.mark.parametrize("part", [0.1, 0.3, 0.5, 0.8, 0.99])
@pytest.mark.parametrize("ending", ["mp4", "ts", "mkv", "flv"])
def test_a_clip_cut_off_behind_its_index_gives_what_is_there(tmp_path: Path, part: float, ending: str) -> None:
    whole = tmp_path / f"whole.{ending}"
    if ending == "mp4":
        with (
            av.open(str(encode(tmp_path / "a.mkv", frames=50, gop=10))) as source,
            av.open(str(whole), "w", options={"movflags": "+faststart"}) as out,
        ):
            stream = out.add_stream_from_template(source.streams.video[0])
            for packet in source.demux(source.streams.video[0]):
                if packet.size:
                    packet.stream = stream
                    out.mux(packet)
    else:
        encode(whole, frames=50, gop=10)
    path = tmp_path / f"cut.{ending}"
    path.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * part)])
    if part <= 0.3:
        got, _ = tried(path)
        assert got <= 50 * part + 1
    else:
        assert 50 * part - 12 <= len(read(path)) <= 50


@pytest.mark.parametrize("seed", range(12))
def test_a_clip_with_wrong_bytes_is_read_or_refused(clip: Path, tmp_path: Path, seed: int) -> None:
    draw_ = random.Random(seed)
    data = bytearray(clip.read_bytes())
    for _ in range(draw_.choice([1, 10, 200])):
        data[draw_.randrange(len(data))] = draw_.randrange(256)
    path = tmp_path / "a.mp4"
    path.write_bytes(data)
    got, error = tried(path)
    assert got <= 200
    assert error is None or error.remedy


@pytest.mark.parametrize(("codec", "name"), [("mpeg4", "mpeg4"), ("mjpeg", "mjpeg"), ("mpeg2video", "mpeg2video")])
def test_other_codecs_are_refused_by_name(tmp_path: Path, codec: str, name: str) -> None:
    error = refusal(encode(tmp_path / "a.mkv", codec=codec, frames=10, size=(160, 120)))
    assert isinstance(error, MediaError)
    assert error.what == f"video codec {name} is not read"
    assert error.remedy == "convert it to H.264 or H.265"


def add_sound(out: av.container.OutputContainer) -> None:
    stream = out.add_stream("aac", rate=8000)
    frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.float32), format="fltp", layout="mono")
    frame.rate = 8000
    for one in (frame, None):
        out.mux(stream.encode(one))


def test_sound_alone_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as out:
        add_sound(out)
    assert refusal(path).what == "no video in it"


def test_a_cover_picture_is_not_taken_for_the_video(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as out:
        cover, video = out.add_stream("mjpeg", rate=25), out.add_stream("libx264", rate=25)
        for stream, form in ((cover, "yuvj420p"), (video, "yuv420p")):
            stream.width, stream.height, stream.pix_fmt = 160, 120, form
        picture = av.VideoFrame.from_ndarray(draw(0, 160, 120), format="bgr24")
        picture.pts = 0
        out.mux(cover.encode(picture))
        for number in range(30):
            frame = av.VideoFrame.from_ndarray(draw(number, 160, 120), format="bgr24")
            frame.pts = number
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
    demuxer = Demuxer(Address(str(path)), OpenOptions(), Timeline(0.0, live=False))
    assert demuxer.info.codec == "h264"
    assert len(list(demuxer.packets())) == 30
    demuxer.close()


# Playlists name other files and addresses.


@pytest.mark.parametrize("name", ["list.m3u8", "list.mp4", "list.txt", "list.ffconcat", "list.mpd", "list.sdp"])
@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n#EXTINF:2,\n{place}\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{place}\n",
        "ffconcat version 1.0\nfile '{place}'\n",
        "ffconcat version 1.0\nfile {name}\n",
        '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet>'
        "<Representation><BaseURL>{place}</BaseURL></Representation></AdaptationSet></Period></MPD>",
        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 5004 RTP/AVP 96\r\n"
        "a=rtpmap:96 H264/90000\r\n",
    ],
    ids=["hls", "hls of hls", "concat", "concat beside", "dash", "sdp"],
)
def test_playlists_are_not_followed(tmp_path: Path, name: str, text: str) -> None:
    victim = encode(tmp_path / "victim.ts", frames=30, gop=10, size=(160, 120))
    path = tmp_path / name
    path.write_text(text.format(place=victim, name=victim.name))
    os.utime(victim, (1, 1))
    error = refusal(path)
    assert isinstance(error, MediaError)
    assert victim.stat().st_atime == 1, "the file that it names was read"


def test_movies_that_refer_to_other_files(clip: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim.mp4"
    victim.write_bytes(clip.read_bytes())
    data = clip.read_bytes()
    # The reference "in this file" (url, flag 1) becomes one to another file.
    own = struct.pack(">I4sI", 12, b"url ", 1)
    assert own in data
    other = struct.pack(">I4sI", 12, b"url ", 0)
    path = tmp_path / "a.mp4"
    path.write_bytes(data.replace(own, other))
    os.utime(victim, (1, 1))
    tried(path)
    assert victim.stat().st_atime == 1


# Streams that change.

HALVES = [0, 12, 25, 37, 50, 62]


def test_two_sizes_in_one_stream(tmp_path: Path) -> None:
    small = encode(tmp_path / "a.ts", frames=75, gop=25, size=(320, 240)).read_bytes()
    large = encode(tmp_path / "b.ts", frames=75, gop=25, size=(640, 480)).read_bytes()
    path = tmp_path / "both.ts"
    path.write_bytes(small + large)
    demuxer = Demuxer(Address(str(path)), OpenOptions(), Timeline(0.0, live=False))
    ring, sampler, decoder = PacketRing(1 << 22, 60), Sampler(0.5), FrameDecoder(demuxer.info, 160)
    seen = []
    times = []
    try:
        jobs = []
        for packet in demuxer.packets():
            ring.append(packet)
            times.append(packet.pts_s)
            jobs += sampler.push(packet, ring)
        for job in jobs + sampler.finish(ring):
            frame = decoder.decode(job)
            assert frame is not None
            seen.append((read_number(frame.image), frame.full().shape[:2], decoder.resized))
            assert frame.image.shape == (120, 160, 3)
    finally:
        demuxer.close()
    # The second half begins at its own time 0 again: media time goes on.
    assert times == sorted(times)
    assert times[-1] == pytest.approx(149 / 25, abs=0.1)
    assert [numbers for numbers, *_ in seen] == HALVES * 2
    assert [(shape, resized) for _, shape, resized in seen] == [((240, 320), False)] * 6 + [((480, 640), True)] * 6


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        ([0, 1, 2, 40, 41, 42], [0, 0.04, 0.08, 1.6, 1.64, 1.68]),
        ([0, 1, 2, 25_000, 25_001, 25_002], [0, 0.04, 0.08, 0.12, 0.16, 0.2]),
    ],
)
def test_a_gap_in_a_recording(tmp_path: Path, moments: list[int], expected: list[float]) -> None:
    path = encode(tmp_path / "a.ts", frames=6, moments=moments, size=(160, 120))
    assert [packet.pts_s for packet in read(path)] == pytest.approx(expected, abs=0.05)


def test_a_jump_of_years_takes_no_time(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mkv", frames=4, moments=[0, 1, 2_000_000_000, 2_000_000_001], size=(160, 120))
    began_s = time.monotonic()
    packets = read(path)
    ring, sampler = PacketRing(1 << 22, 60), Sampler(0.1)
    for packet in packets:
        ring.append(packet)
        sampler.push(packet, ring)
    sampler.finish(ring)
    assert time.monotonic() - began_s < 3
    assert sampler.due < 10
    assert all(math.isfinite(packet.pts_s) for packet in packets)
