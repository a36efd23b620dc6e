"""The decoded frame is the one that was due: its number stands in its picture."""

from __future__ import annotations

import os
import random
import time
from dataclasses import dataclass
from pathlib import Path

import av
import pytest

from brain.config.secrets import Address
from brain.video.decoder import FrameDecoder, StreamInfo
from brain.video.demux import Demuxer, OpenOptions
from brain.video.packets import PacketRing, VideoPacket
from brain.video.sampling import SampleJob, Sampler
from brain.video.timeline import Timeline

from .media import draw, encode, read_number

FPS = 25


@dataclass(frozen=True)
class Form:
    """How a clip is encoded."""

    codec: str = "libx264"
    gop: int = FPS
    b_frames: int = 0
    ending: str = "mp4"
    options: tuple[tuple[str, str], ...] = ()

    def make(self, folder: Path, frames: int = 12 * FPS + 60) -> Path:
        return encode(
            folder / f"clip.{self.ending}",
            codec=self.codec,
            gop=self.gop,
            b_frames=self.b_frames,
            frames=frames,
            size=(160, 120),
            options=dict(self.options),
        )


OPEN_GOP = (("x265-params", "log-level=none:keyint=25:min-keyint=25:bframes=3:scenecut=0:open-gop=1:b-adapt=0"),)
PYRAMID = (("x264-params", "bframes=7:b-pyramid=normal:b-adapt=0:ref=4:scenecut=0"),)
RECOVERY = (("x264-params", "open-gop=1:bframes=3:b-adapt=0:scenecut=0"),)
FORMS = [
    pytest.param(Form(), id="h264"),
    pytest.param(Form(gop=12 * FPS), id="h264, 12 s"),
    pytest.param(Form(b_frames=2), id="h264, B-frames"),
    pytest.param(Form(b_frames=3, gop=12 * FPS), id="h264, B-frames, 12 s"),
    pytest.param(Form(b_frames=7, options=PYRAMID, gop=50), id="h264, B-pyramid"),
    pytest.param(Form(b_frames=3, options=RECOVERY, gop=50, ending="ts"), id="h264, open groups, ts"),
    pytest.param(Form(b_frames=2, ending="mkv"), id="h264, B-frames, mkv"),
    pytest.param(Form(b_frames=2, ending="ts"), id="h264, B-frames, ts"),
    pytest.param(Form(codec="libx265"), id="hevc"),
    pytest.param(Form(codec="libx265", gop=12 * FPS), id="hevc, 12 s"),
    pytest.param(Form(codec="libx265", b_frames=3, gop=50), id="hevc, B-frames"),
    pytest.param(Form(codec="libx265", b_frames=3, options=OPEN_GOP), id="hevc, open groups"),
    pytest.param(Form(codec="libx265", b_frames=3, options=OPEN_GOP, ending="ts"), id="hevc, open groups, ts"),
]


@dataclass
class Reading:
    """All that was due of a clip."""

    info: StreamInfo
    jobs: list[SampleJob]
    packets: list[VideoPacket]
    due: int
    unmade: int


def jobs_of(path: Path, every_s: float) -> Reading:
    demuxer = Demuxer(Address(str(path)), OpenOptions(), Timeline(0.0, live=False))
    try:
        ring, sampler = PacketRing(64 << 20, 60.0), Sampler(every_s, lookahead=demuxer.info.reorder)
        jobs, packets = [], []
        for packet in demuxer.packets():
            packets.append(packet)
            ring.append(packet)
            jobs += sampler.push(packet, ring)
        jobs += sampler.finish(ring)
        return Reading(demuxer.info, jobs, packets, sampler.due, sampler.unmade)
    finally:
        demuxer.close()


@pytest.mark.parametrize("form", FORMS)
def test_the_decoded_frame_is_the_right_one(form: Form, tmp_path: Path) -> None:
    path = form.make(tmp_path)
    for every_s in (0.2, 1.0, 2.0, 5.0):
        reading = jobs_of(path, every_s)
        if form.b_frames:
            times = [packet.pts_s for packet in reading.packets]
            assert times != sorted(times), "the clip has no B-frames"
        first_s = min(packet.pts_s for packet in reading.packets)
        decoder = FrameDecoder(reading.info, 160)
        for job in reading.jobs:
            frame = decoder.decode(job)
            assert frame is not None, f"due at {job.due_s}"
            assert read_number(frame.image) == round((job.target.pts_s - first_s) * FPS)
            assert (frame.pts_s, frame.due_s) == (job.target.pts_s, job.due_s)
        assert decoder.errors == 0
        assert reading.unmade == 0
        assert len(reading.jobs) >= 0.95 * reading.due
        assert reading.due >= 0.9 * 14.4 / every_s - 1


def test_jobs_may_be_left_out(tmp_path: Path) -> None:
    """Overload: newest wins, so a decoder sees only some of the jobs, and each must still be right."""
    draw_ = random.Random(7)
    for form in (Form(gop=100), Form(gop=100, b_frames=2)):
        reading = jobs_of(form.make(tmp_path), 0.2)
        decoder = FrameDecoder(reading.info, 160)
        for job in reading.jobs:
            if draw_.random() < 0.5:
                frame = decoder.decode(job)
                assert frame is not None
                assert read_number(frame.image) == round(job.target.pts_s * FPS)
        assert decoder.errors == 0


def test_a_job_twice_or_from_before_is_no_harm(tmp_path: Path) -> None:
    reading = jobs_of(Form(gop=100, b_frames=2).make(tmp_path), 0.4)
    decoder = FrameDecoder(reading.info, 160)
    for job in [*reading.jobs[:8], *reading.jobs[:8][::-1], *reading.jobs[3:5], reading.jobs[4]]:
        frame = decoder.decode(job)
        assert frame is not None
        assert read_number(frame.image) == round(job.target.pts_s * FPS)


def test_going_on_inside_a_group_costs_only_what_is_new(tmp_path: Path) -> None:
    reading = jobs_of(Form(gop=12 * FPS).make(tmp_path, frames=12 * FPS), 1.0)
    decoder = FrameDecoder(reading.info, 160)
    began_s = time.process_time()
    for job in reading.jobs:
        assert decoder.decode(job) is not None
    going_on_s = time.process_time() - began_s
    began_s = time.process_time()
    for job in reading.jobs:
        assert FrameDecoder(reading.info, 160).decode(job) is not None
    # Twelve jobs: 1 + 25 + 50 + … frames anew, against 276 going on.
    assert going_on_s < 0.6 * (time.process_time() - began_s)


@pytest.mark.parametrize(
    ("size", "width", "expected"),
    [
        ((640, 480), 320, (240, 320)),
        ((320, 240), 640, (240, 320)),  # never enlarged
        ((320, 240), 320, (240, 320)),
        ((640, 360), 333, (186, 332)),
        ((322, 242), 320, (240, 320)),
        ((320, 240), 32, (24, 32)),
    ],
)
def test_pictures_are_shrunk_to_even_sizes(
    tmp_path: Path, size: tuple[int, int], width: int, expected: tuple[int, int]
) -> None:
    reading = jobs_of(encode(tmp_path / "a.mp4", frames=30, size=size), 0.4)
    decoder = FrameDecoder(reading.info, width)
    for job in reading.jobs:
        frame = decoder.decode(job)
        assert frame is not None
        assert frame.image.shape == (*expected, 3)
        assert frame.image.dtype.name == "uint8"
        assert frame.full().shape == (size[1], size[0], 3)
        assert read_number(frame.full()) == round(job.target.pts_s * FPS)
        assert abs(float(frame.full().mean()) - float(draw(read_number(frame.full()), *size).mean())) < 8
    assert not decoder.resized


def test_colours_are_blue_green_red(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        picture = draw(0, 160, 120)
        picture[:] = (20, 60, 220)  # red, in BGR
        for number in range(10):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts = number
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    reading = jobs_of(path, 1.0)
    decoded = FrameDecoder(reading.info, 160).decode(reading.jobs[0])
    assert decoded is not None
    for image in (decoded.image, decoded.full()):
        assert image.reshape(-1, 3).mean(axis=0) == pytest.approx((20, 60, 220), abs=8)


def broken(packet: VideoPacket, data: bytes) -> VideoPacket:
    return VideoPacket(packet.seq, packet.pts_s, packet.decode_s, packet.is_key, len(data), av.Packet(data))


@pytest.mark.parametrize("data", [b"\0" * 200, b"\xff" * 200, os.urandom(500), b"\0\0\0\1"])
def test_a_broken_key_frame_is_counted_and_the_next_one_is_right(tmp_path: Path, data: bytes) -> None:
    reading = jobs_of(Form().make(tmp_path, frames=100), 1.0)
    decoder = FrameDecoder(reading.info, 160)
    first, second = reading.jobs[:2]
    spoilt = broken(first.target, data)
    assert decoder.decode(SampleJob(first.due_s, spoilt, (spoilt,))) is None
    assert decoder.errors >= 1
    frame = decoder.decode(second)
    assert frame is not None
    assert read_number(frame.image) == FPS


def test_packets_keep_their_stamps(tmp_path: Path) -> None:
    """A proof clip is made of the same packets afterwards."""
    reading = jobs_of(Form(b_frames=2).make(tmp_path, frames=100), 0.4)
    before = [(packet.raw.pts, packet.raw.dts) for packet in reading.packets]
    decoder = FrameDecoder(reading.info, 160)
    for job in reading.jobs:
        decoder.decode(job)
    assert [(packet.raw.pts, packet.raw.dts) for packet in reading.packets] == before


# Real clips.

CLIPS = (
    "campus_two_wheelers",
    "fire_fuel_station",
    "fire_model_house",
    "hall_visits",
    "left_bag_pavement",
    "motorway_pedestrian",
    "plaza_crowd",
    "road_daylight",
    "street_parking",
    "street_queue",
    "street_quiet",
)


@pytest.fixture
def real_clip(shared_dir: Path, request: pytest.FixtureRequest) -> Path:
    path = shared_dir / "material" / "videos" / f"{request.param}.mp4"
    if not path.is_file():
        pytest.skip(f"no clip {path.name} beside this checkout")
    return path


@pytest.mark.clips
def test_every_real_clip_is_in_the_list(shared_dir: Path) -> None:
    assert {path.stem for path in (shared_dir / "material" / "videos").glob("*.mp4")} <= set(CLIPS)


@pytest.mark.clips
@pytest.mark.parametrize("real_clip", CLIPS, indirect=True)
@pytest.mark.parametrize("every_s", [1.0, 2.0, 5.0])
def test_samples_of_real_clips(real_clip: Path, every_s: float) -> None:
    reading = jobs_of(real_clip, every_s)
    decoder = FrameDecoder(reading.info, 320)
    made = [frame for frame in map(decoder.decode, reading.jobs) if frame is not None]
    length_s = max(packet.pts_s for packet in reading.packets)
    print(f"{real_clip.stem}: each {every_s:g} s: {len(made)} of {reading.due} made in {length_s:.1f} s")
    assert len(made) >= 0.95 * reading.due
    assert reading.due >= 0.8 * length_s / every_s
    assert decoder.errors == 0
    for frame in made:
        assert -every_s < frame.pts_s - frame.due_s <= every_s / 4 + 1e-5
        assert frame.image.std() > 5
