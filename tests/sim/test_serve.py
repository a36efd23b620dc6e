"""Drawn cameras over RTSP: the product's own reader and FFmpeg take them, time goes on over the joint of the loop."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brain.cli import sim_serve
from brain.config.secrets import Address
from brain.core.errors import UsageError
from brain.core.types import CameraState
from brain.sim import serve, serve_rtp
from brain.sim.clips import ClipWish, keep_clips
from brain.sim.scenes import scene
from brain.sim.serve import RtspServer, Stream
from brain.sim.serve_rtp import TICKS, CodedClip, CodedPicture, Lane, read_clip
from brain.video.demux import OpenOptions
from brain.video.reader import CameraReader, Outlets, ReaderSettings

FPS, PICTURES, OFFSET = 20, 30, 25
LOCAL = OpenOptions(allow=("loopback",))


@pytest.fixture(scope="module")
def clip_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    spec = scene("quiet", 3, seconds=PICTURES / FPS, fps=FPS, width=320, height=180)
    (path,) = keep_clips([ClipWish(spec, gop_s=0.5)], 1, folder=tmp_path_factory.mktemp("clips"))
    return path


@contextmanager
def running(*streams: Stream) -> Iterator[RtspServer]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def do(work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, loop).result(10)

    server = RtspServer(streams, port=0)
    do(server.start())
    try:
        yield server
    finally:
        do(server.close())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@pytest.fixture(scope="module")
def server(clip_file: Path) -> Iterator[RtspServer]:
    clip = read_clip(clip_file, Fraction(FPS))
    with running(Stream("cam-1", clip), Stream("cam-2", clip, OFFSET)) as server:
        yield server


@contextmanager
def opened(url: str, **options: str) -> Iterator[av.container.InputContainer]:
    fast = {"rtsp_transport": "tcp", "analyzeduration": "500000", "fpsprobesize": "2"}
    with av.open(url, options=fast | options, timeout=(5, 5)) as container:
        yield container


def test_ffmpeg_decodes_the_very_pictures_of_the_clip_again_and_again(server: RtspServer, clip_file: Path) -> None:
    with av.open(str(clip_file)) as container:
        kept = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    assert len(kept) == PICTURES
    with opened(f"rtsp://127.0.0.1:{server.port}/cam-1") as container:
        seen = [frame.to_ndarray(format="gray") for frame in islice(container.decode(video=0), 70)]
    first = next(index for index, picture in enumerate(kept) if np.array_equal(picture, seen[0]))
    assert first % 10 == 0  # a viewer begins with a key picture
    for number, picture in enumerate(seen):
        assert np.array_equal(picture, kept[(first + number) % PICTURES])


def test_time_goes_on_evenly_over_the_joint(server: RtspServer) -> None:
    with opened(f"rtsp://127.0.0.1:{server.port}/cam-2") as container:
        base = container.streams.video[0].time_base
        packets = islice((packet for packet in container.demux(video=0) if packet.pts is not None), 70)
        times = [packet.pts * base for packet in packets]
    assert {after - before for before, after in pairwise(times)} == {Fraction(1, FPS)}


def test_the_products_reader_takes_it_as_a_camera(server: RtspServer) -> None:
    jobs: list[tuple[int, float]] = []
    states: list[CameraState] = []
    outlets = Outlets(
        lambda opening, _info, job, _ahead: jobs.append((opening, job.due_s)),
        lambda *_: None,
        lambda status: states.append(status.state),
    )
    address = Address(f"rtsp://127.0.0.1:{server.port}/cam-1")
    reader = CameraReader(ReaderSettings("cam-1", address, 0.5, LOCAL), outlets)
    reader.start()
    until = time.monotonic() + 15
    while len(jobs) < 8 and time.monotonic() < until:
        time.sleep(0.05)
    reader.stop()
    reader.join(10)
    assert len(jobs) >= 8
    assert states[:2] == [CameraState.CONNECTING, CameraState.LIVE]
    assert {opening for opening, _ in jobs} == {1}
    assert reader.counts.rebased == 0
    assert [after - before for (_, before), (_, after) in pairwise(jobs)] == pytest.approx(
        [0.5] * (len(jobs) - 1), abs=0.06
    )


class Viewer:
    """A bare RTSP client that counts what comes."""

    def __init__(self, server: RtspServer, mount: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=5)
        self.file = self.socket.makefile("rb")
        self.url = f"rtsp://127.0.0.1:{server.port}/{mount}"

    def ask(self, method: str, *headers: str, url: str = "", version: str = "RTSP/1.0") -> tuple[int, dict[str, str]]:
        lines = (f"{method} {url or self.url} {version}", "CSeq: 7", *headers, "", "")
        self.socket.sendall("\r\n".join(lines).encode())
        return self.answer()

    def answer(self) -> tuple[int, dict[str, str]]:
        status = self.file.readline().decode()
        headers = {}
        while line := self.file.readline().decode().strip():
            name, _, text = line.partition(": ")
            headers[name] = text
        self.file.read(int(headers.get("Content-Length", 0)))
        return int(status.split()[1]), headers

    def play(self, channels: str = "0-1") -> dict[str, str]:
        code, headers = self.ask("SETUP", f"Transport: RTP/AVP/TCP;unicast;interleaved={channels}")
        assert code == 200
        assert f"interleaved={channels}" in headers["Transport"]
        code, headers = self.ask("PLAY", f"Session: {headers['Session'].partition(';')[0]}")
        assert code == 200
        return headers

    def packet(self) -> tuple[int, bytes]:
        dollar, channel, size = struct.unpack(">BBH", self.file.read(4))
        assert dollar == 0x24
        return channel, self.file.read(size)

    def close(self) -> None:
        self.file.close()
        self.socket.close()


def test_viewers_share_packets_and_each_begins_where_it_was_told(server: RtspServer) -> None:
    streams = []
    for channels in ("0-1", "4-5"):
        viewer = Viewer(server, "cam-1")
        told = re.search(r"seq=(\d+);rtptime=(\d+)", viewer.play(channels)["RTP-Info"])
        packets: list[bytes] = []
        reports = []
        while len(packets) < 60:
            channel, data = viewer.packet()
            (packets if channel == int(channels[0]) else reports).append(data)
        viewer.close()
        assert told is not None
        sequence, ticks = struct.unpack_from(">HI", packets[0], 2)
        assert (sequence, ticks) == (int(told[1]), int(told[2]))
        assert packets[0][12] & 31 == 7  # a parameter set comes before each key picture
        numbers = [struct.unpack_from(">H", data, 2)[0] for data in packets]
        assert all((after - before) & 0xFFFF == 1 for before, after in pairwise(numbers))
        streams.append(packets)
        for report in reports:
            assert report[1] == 200
            assert report[4:8] == packets[0][8:12]
    first, second = streams
    assert first[0][8:12] == second[0][8:12]  # one source: a camera, not a copy for each viewer


def test_a_viewer_that_takes_nothing_costs_the_others_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "STUCK_S", 0.5)
    picture = CodedPicture(True, tuple(bytes([5]) + os.urandom(1399) for _ in range(400)))
    clip = CodedClip(b"sps0", b"pps0", Fraction(25), (picture,))
    with running(Stream("cam-1", clip)) as server:
        idle, viewer = Viewer(server, "cam-1"), Viewer(server, "cam-1")
        idle.play()
        viewer.play()
        began = time.monotonic()
        numbers = []
        while time.monotonic() - began < 3:
            channel, data = viewer.packet()
            if channel == 0:
                numbers.append(struct.unpack_from(">H", data, 2)[0])
        assert len(numbers) > 400 * 25
        assert all((after - before) & 0xFFFF == 1 for before, after in pairwise(numbers))
        # What had come before it was put out, then the end; a connection that plays on would never end.
        with suppress(ConnectionError, struct.error):
            while idle.packet():
                pass
        idle.close()
        viewer.close()


@pytest.mark.parametrize(
    ("method", "headers", "extra", "code"),
    [
        ("OPTIONS", (), {}, 200),
        ("DESCRIBE", (), {}, 200),
        ("GET_PARAMETER", (), {}, 200),
        ("DESCRIBE", (), {"url": "rtsp://127.0.0.1/cam-9"}, 404),
        ("SETUP", ("Transport: RTP/AVP/TCP;interleaved=0-1",), {"url": "rtsp://127.0.0.1/cam-9"}, 404),
        ("SETUP", ("Transport: RTP/AVP;unicast;client_port=5000-5001",), {}, 461),
        ("SETUP", ("Transport: RTP/AVP/TCP;interleaved=300-301",), {}, 461),
        ("SETUP", (), {}, 461),
        ("PLAY", ("Session: 1",), {}, 454),
        ("TEARDOWN", (), {}, 454),
        ("RECORD", (), {}, 501),
        ("OPTIONS", (), {"version": "RTSP/2.0"}, 505),
        ("OPTIONS", (), {"version": "HTTP/1.1"}, 400),
        ("OPTIONS", ("Content-Length: many",), {}, 400),
        ("OPTIONS", ("no colon",), {}, 400),
        ("OPTIONS", (f"X: {'x' * 40_000}",), {}, 400),
    ],
)
def test_answers(server: RtspServer, method: str, headers: tuple[str, ...], extra: dict[str, str], code: int) -> None:
    viewer = Viewer(server, "cam-1")
    told, answered = viewer.ask(method, *headers, **extra)
    viewer.close()
    assert told == code
    assert answered.get("CSeq") == (None if code == 400 else "7")


def test_ffmpeg_is_told_that_there_is_no_such_camera(server: RtspServer) -> None:
    with pytest.raises(av.error.HTTPNotFoundError), opened(f"rtsp://127.0.0.1:{server.port}/cam-9"):
        pass


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=9000))
def test_fragments_join_to_the_unit(unit: bytes) -> None:
    payloads = list(serve_rtp._payloads(unit))
    assert all(len(payload) <= serve_rtp.MOST_BYTES for payload in payloads)
    if len(payloads) == 1:
        assert payloads == [unit]
        return
    heads = [payload[1] for payload in payloads]
    assert [bool(head & 0x80) for head in heads] == [True] + [False] * (len(heads) - 1)
    assert [bool(head & 0x40) for head in heads] == [False] * (len(heads) - 1) + [True]
    assert all(payload[0] & 31 == 28 for payload in payloads)
    joined = bytes([(payloads[0][0] & 0xE0) | (heads[0] & 31)]) + b"".join(payload[2:] for payload in payloads)
    assert joined == unit


@settings(deadline=None)
@given(
    st.integers(1, 60), st.integers(0, 2**40), st.integers(0, 2**32 - 1), st.integers(0, 0xFFFF),
    st.sampled_from([Fraction(25), Fraction(12), Fraction(30000, 1001), Fraction(7)]),
)  # fmt: skip
def test_numbers_and_times_go_on_for_ever(count: int, number: int, ticks: int, sequence: int, rate: Fraction) -> None:
    pictures = tuple(CodedPicture(index == 0, (b"x",) * (1 + index % 3)) for index in range(count))
    clip, lane = CodedClip(b"sps0", b"pps0", rate, pictures), Lane(1, sequence, ticks)
    heads = []
    for picture in (number, number + 1):
        data = lane.packets(clip, picture, 0)
        while data:
            (size,) = struct.unpack_from(">H", data, 2)
            heads.append(struct.unpack_from(">BHI", data, 5))
            data = data[4 + size :]
    assert all((after[1] - before[1]) & 0xFFFF == 1 for before, after in pairwise(heads))
    step = (heads[-1][2] - heads[0][2]) & 0xFFFFFFFF
    assert abs(step - TICKS / rate) <= 1
    assert clip.next_key(number) % count == 0
    assert 0 <= clip.next_key(number) - number < count


def test_a_port_in_use_is_named(server: RtspServer, clip_file: Path) -> None:
    twin = RtspServer([Stream("cam-1", read_clip(clip_file, Fraction(FPS)))], port=server.port)
    with pytest.raises(UsageError, match="in use") as caught:
        asyncio.run(twin.start())
    assert str(server.port) in str(caught.value)
    assert "--port" in str(caught.value)


COMMAND = [sys.executable, "-m", "brain.cli.main", "sim", "serve", "--size", "160x90", "--seconds", "2", "--clips", "2"]


def test_the_command_tells_addresses_and_truth_and_ends_at_once(tmp_path: Path) -> None:
    environment = os.environ | {"BRAIN_HOME": str(tmp_path)}
    options = ["--cameras", "3", "--scenes", "parked_car,quiet", "--light", "day", "--port", "0", "--json"]
    with subprocess.Popen([*COMMAND, *options], stdout=subprocess.PIPE, text=True, env=environment) as running_:
        assert running_.stdout is not None
        told = json.loads(running_.stdout.readline())
        cameras = told["cameras"]
        assert [camera["id"] for camera in cameras] == ["cam-1", "cam-2", "cam-3"]
        assert {camera["scene"] for camera in cameras} == {"parked_car", "quiet"}
        assert cameras[0]["clip"] == cameras[2]["clip"] != cameras[1]["clip"]
        assert cameras[0]["loop_began"] != cameras[2]["loop_began"]
        for camera in cameras:
            parked = camera["scene"] == "parked_car"
            assert [event["scenario"] for event in camera["events"]] == (["illegal_parking"] if parked else [])
            with opened(camera["url"]) as container:
                assert container.streams.video[0].width == 160
        busy = subprocess.run(
            [*COMMAND, *options[:-3], "--port", str(told["port"])],
            capture_output=True, text=True, check=False, env=environment, timeout=60,
        )  # fmt: skip
        assert busy.returncode == 2
        assert "the port is in use" in busy.stderr
        with opened(cameras[0]["url"]) as container:  # ended while somebody watches
            next(container.demux(video=0))
            began = time.monotonic()
            running_.send_signal(signal.SIGINT)
            assert running_.wait(10) == 0
            assert time.monotonic() - began < 5
            with suppress(av.error.FFmpegError):
                assert len(list(container.demux(video=0))) < 100


def test_addresses_are_printed_whole(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    urls = [f"rtsp://camera-host-of-a-long-name.example:8554/cam-{number}" for number in (1, 10)]
    row = {"scene": "quiet", "light": "day", "weather": "dry"}
    shown = [{"shows": "crowd", "confuses": None}, {"shows": None, "confuses": "garbage"}]
    sim_serve._show([{"url": url} | row | about for url, about in zip(urls, shown, strict=True)])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == urls
    assert lines[0].endswith("shows crowd")
    assert lines[1].endswith("quiet  day  dry  taken for garbage")
