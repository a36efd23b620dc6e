"""Real sockets on loopback: what answers badly, or not at all, gives a clear error in bounded time."""

from __future__ import annotations

import errno
import gc
import os
import socket
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import av.error
import pytest
from pydantic import SecretStr

from brain.config.secrets import Address
from brain.core.errors import AddressError, AuthError, MediaError, SourceError, UnreachableError
from brain.video.decoder import FrameDecoder
from brain.video.demux import Demuxer, OpenOptions, explain
from brain.video.packets import PacketRing, VideoPacket
from brain.video.sampling import Sampler
from brain.video.timeline import Timeline

from .media import encode, read_number
from .rtsp_camera import (
    TICKS,
    Access,
    Serve,
    Server,
    answering,
    camera,
    closing,
    pictures,
    serving,
    silent,
    trickling,
)

SECRET = "s3cr3t/p@ss"
LIMITS = OpenOptions(open_s=1.2, read_s=0.8)


def address(place: str) -> Address:
    return Address(f"rtsp://{place}/live", "viewer", SecretStr(SECRET))


def told(error: SourceError) -> str:
    text = f"{error} {error!r} {error.line} {''.join(traceback.format_exception(error))}"
    assert "s3cr3t" not in text
    assert "%2Fp%40ss" not in text
    assert error.remedy
    assert error.where.startswith("rtsp://127.0.0.1:")
    return text


def refusal(place: str, options: OpenOptions = LIMITS) -> tuple[SourceError, float]:
    began_s = time.monotonic()
    with pytest.raises(SourceError) as caught:
        Demuxer(address(place), options, Timeline(0.0, live=True))
    told(caught.value)
    return caught.value, time.monotonic() - began_s


@contextmanager
def dead_port() -> Iterator[str]:
    """Bound but not listening: refused, and nobody else can take it."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{bound.getsockname()[1]}"


def test_a_refused_port() -> None:
    with dead_port() as place:
        error, took_s = refusal(place)
    assert isinstance(error, UnreachableError)
    assert error.what == "connection refused"
    assert took_s < 1


@pytest.mark.parametrize(
    ("serve", "kind", "what"),
    [
        pytest.param(closing, MediaError, "it closed the connection", id="closes"),
        pytest.param(answering("200 OK"), MediaError, "answers in no way", id="no description"),
        pytest.param(answering("401 Unauthorized"), AuthError, "wrong user name or password", id="401"),
        pytest.param(
            answering("401 Unauthorized", 'WWW-Authenticate: Digest realm="r", nonce="n"'),
            AuthError,
            "wrong user name or password",
            id="401 Digest",
        ),
        pytest.param(
            answering("401 Unauthorized", 'WWW-Authenticate: Basic realm="r"'), AuthError, "wrong user", id="401 Basic"
        ),
        pytest.param(answering("403 Forbidden"), AuthError, "wrong user name or password", id="403"),
        pytest.param(answering("404 Not Found"), MediaError, "no such stream", id="404"),
        pytest.param(answering("453 Not Enough Bandwidth"), MediaError, "refuses the stream", id="453"),
        pytest.param(answering("500 Oops"), MediaError, "refuses the stream", id="500"),
        pytest.param(answering("503 Service Unavailable"), MediaError, "refuses the stream", id="503"),
    ],
)
def test_what_answers_badly(serve: Serve, kind: type[SourceError], what: str) -> None:
    with serving(serve) as server:
        error, took_s = refusal(server.place)
        assert type(error) is kind
        assert what in error.what
        assert took_s < 1
        assert server.connections >= 1


def sending(data: bytes, *, for_ever: bool = False) -> Serve:
    def serve(connection: socket.socket, server: Server) -> None:
        connection.recv(4096)
        connection.sendall(data)
        while for_ever and not server.closing.is_set():
            connection.sendall(data)

    return serve


@pytest.mark.parametrize(
    ("data", "for_ever"),
    [
        pytest.param(bytes(range(256)) * 400, False, id="bytes"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", False, id="a web server"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", False, id="a shell server"),
        pytest.param(b"RTSP/1.0 200 OK\r\nCSeq: 99\r\nContent-Length: -5\r\n\r\n", False, id="a negative length"),
        pytest.param(b"RTSP/1.0 999999999999 X\r\n\r\n", False, id="a strange status"),
        pytest.param(b"\r\n" * 1000, False, id="empty lines"),
        pytest.param(b"A" * 4096, True, id="a line without end"),
        pytest.param(b"$\0\xff\xff" + b"x" * 65535, True, id="media before any request"),
    ],
)
def test_garbage(data: bytes, for_ever: bool) -> None:
    with serving(sending(data, for_ever=for_ever)) as server:
        error, took_s = refusal(server.place)
        assert isinstance(error, MediaError | UnreachableError)
        assert took_s < 2 * LIMITS.open_s + 1


@pytest.mark.parametrize(
    "serve",
    [
        pytest.param(silent, id="silent"),
        pytest.param(trickling(b"", b"R"), id="one byte each 0.3 s"),
        pytest.param(trickling(b"", b"RTSP/1.0 200 OK\r\nX-A: b\r\n", 0.02), id="a header without end"),
        pytest.param(trickling(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n", b" ", 0.01), id="one answer, then blanks"),
    ],
)
def test_what_never_comes_to_an_end(serve: Serve) -> None:
    with serving(serve) as server:
        error, took_s = refusal(server.place)
        assert isinstance(error, UnreachableError)
        assert error.what == "no answer in time"
        assert LIMITS.open_s <= took_s < LIMITS.open_s + 1


@pytest.mark.parametrize(
    ("error", "kind", "what"),
    [
        (av.error.HTTPUnauthorizedError, AuthError, "wrong user name or password"),
        (av.error.HTTPBadRequestError, MediaError, "cannot be read (HTTPBadRequest)"),
        (av.error.ConnectionRefusedError, UnreachableError, "connection refused"),
        (av.error.ConnectionResetError, UnreachableError, "the connection was closed"),
        (av.error.BrokenPipeError, UnreachableError, "the connection was closed"),
        (av.error.EOFError, UnreachableError, "the connection was closed"),
        (av.error.TimeoutError, UnreachableError, "no answer in time"),
        (av.error.ExitError, UnreachableError, "no answer in time"),
        (errno.EHOSTUNREACH, UnreachableError, "host cannot be reached"),
        (errno.ENETUNREACH, UnreachableError, "host cannot be reached"),
        (errno.EIO, UnreachableError, "the connection broke"),
        (av.error.ProtocolNotFoundError, AddressError, "protocol is not enabled"),
        (av.error.PatchWelcomeError, MediaError, "cannot be read (PatchWelcome)"),
        (av.error.UnknownError, MediaError, "cannot be read (Unknown)"),
    ],
)
def test_what_errors_of_the_library_mean(
    error: type[av.error.FFmpegError] | int, kind: type[SourceError], what: str
) -> None:
    number, build = (error, av.error.OSError) if isinstance(error, int) else (1, error)
    thrown = build(number, "text", f"rtsp://viewer:{SECRET}@127.0.0.1:1/live")
    meant = explain(thrown, "rtsp://127.0.0.1:1/live", is_file=False)
    told(meant)
    assert (type(meant), meant.what) == (kind, what)
    late = explain(thrown, "rtsp://127.0.0.1:1/live", is_file=False, timed_out=True)
    assert late.what == ("no answer in time" if error in (av.error.EOFError, errno.EIO) else what)
    of_file = explain(thrown, "/data/a.mp4", is_file=True)
    assert isinstance(of_file, MediaError)
    assert "camera" not in str(of_file)


def test_an_address_outside_is_not_even_tried() -> None:
    with serving(silent) as server:
        began_s = time.monotonic()
        with pytest.raises(AddressError, match="outside the allowed networks"):
            Demuxer(address(server.place), OpenOptions(allow=("private",)), Timeline(0.0, live=True))
        assert time.monotonic() - began_s < 1
        assert server.connections == 0


@pytest.mark.parametrize("source", ["http://127.0.0.1:1/a.mp4", "tcp://127.0.0.1:1", "udp://127.0.0.1:1", "ftp://a/b"])
def test_other_protocols_are_not_opened(source: str) -> None:
    with pytest.raises(AddressError, match="is not opened"):
        Demuxer(Address(source), OpenOptions(), Timeline(0.0, live=True))


# A camera that works, until it does not.


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> list[Access]:
    path = encode(tmp_path_factory.mktemp("camera") / "a.mp4", frames=75, gop=12, size=(160, 120))
    return pictures(path)


def read(place: str, limit: int, *, options: OpenOptions = LIMITS) -> tuple[list[VideoPacket], Timeline]:
    timeline = Timeline(1000.0, live=True)
    demuxer = Demuxer(address(place), options, timeline)
    got = []
    try:
        for packet in demuxer.packets():
            got.append(packet)
            if len(got) >= limit:
                break
    finally:
        demuxer.close()
    return got, timeline


def test_a_camera_that_works(shown: list[Access]) -> None:
    with serving(camera(shown, pace=0.3)) as server:
        demuxer = Demuxer(address(server.place), LIMITS, Timeline(1000.0, live=True))
        try:
            assert (demuxer.info.codec, demuxer.info.width, demuxer.info.height) == ("h264", 160, 120)
            ring, sampler, decoder = PacketRing(1 << 20, 60), Sampler(0.5), FrameDecoder(demuxer.info, 160)
            numbers, clip = [], []
            for packet in demuxer.packets():
                ring.append(packet)
                clip.append(packet)
                for job in sampler.push(packet, ring):
                    frame = decoder.decode(job)
                    assert frame is not None
                    numbers.append((round((frame.pts_s - 1000.0) * 25), read_number(frame.image)))
                if len(clip) == 70:
                    break
            made = demuxer.clip(clip)
        finally:
            demuxer.close()
    assert len(numbers) >= 5
    # Media time begins with the first packet that came, which need not be the first picture.
    assert len({number - place for place, number in numbers}) == 1
    assert made[4:8] == b"ftyp"
    # The password is only sent to who asks for it.
    assert not any("Authorization" in request for request in server.requests)


def test_time_stamps_that_wrap_at_32_bits(shown: list[Access]) -> None:
    with serving(camera(shown, pace=0.3, first_stamp=(1 << 32) - TICKS)) as server:
        got, _ = read(server.place, 70)
    times = [packet.pts_s for packet in got]
    assert times == sorted(times)
    assert times[-1] - times[0] == pytest.approx(69 / 25, abs=0.3)
    assert max(b - a for a, b in pairwise(times)) < 0.5


@pytest.mark.parametrize(
    ("then", "kind"),
    [
        pytest.param(silent, UnreachableError, id="goes silent"),
        pytest.param(trickling(b"", b"$", asked=False), UnreachableError, id="trickles"),
        pytest.param(trickling(b"$\0\x40\0", b"x", 0.02, asked=False), UnreachableError, id="a packet without end"),
    ],
)
def test_a_camera_that_stalls(shown: list[Access], then: Serve, kind: type[SourceError]) -> None:
    with serving(camera(shown[:40], pace=0.2, then=then)) as server:
        demuxer = Demuxer(address(server.place), LIMITS, Timeline(0.0, live=True))
        try:
            got, last_s = 0, time.monotonic()
            with pytest.raises(kind) as caught:  # noqa: PT012 (the loop is what raises)
                for _ in demuxer.packets():
                    got, last_s = got + 1, time.monotonic()
            assert time.monotonic() - last_s < 3 * LIMITS.read_s + 1
            assert got >= 35
            assert "no answer in time" in told(caught.value)
        finally:
            demuxer.close()


@pytest.mark.parametrize("then", [closing, sending(bytes(range(256)) * 50)])
def test_a_camera_that_breaks_off(shown: list[Access], then: Serve) -> None:
    with serving(camera(shown[:40], pace=0.2, then=then)) as server:
        demuxer = Demuxer(address(server.place), LIMITS, Timeline(0.0, live=True))
        got = 0
        try:
            for _ in demuxer.packets():
                got += 1
        except SourceError as error:
            told(error)
        finally:
            demuxer.close()
    assert got >= 35


def test_closing_twice_is_no_harm(shown: list[Access]) -> None:
    with serving(camera(shown)) as server:
        demuxer = Demuxer(address(server.place), LIMITS, Timeline(0.0, live=True))
        demuxer.close()
        demuxer.close()


# Nothing is left behind.


def held() -> tuple[float, int]:
    """Resident MiB of this process, and its open files."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20), len(os.listdir("/proc/self/fd"))  # noqa: PTH208


@pytest.mark.slow
def test_five_hundred_failed_opens_leave_nothing_behind() -> None:
    short = OpenOptions(open_s=0.03, read_s=0.03)
    with dead_port() as dead, serving(closing) as closed, serving(silent) as mute:
        places = [dead, closed.place, dead, closed.place, mute.place]
        for place in places * 6:  # what is loaded and cached at the first opens
            refusal(place, short)
        before_mb, before_files = held()
        for number in range(500):
            refusal(places[number % len(places)], short)
        deadline = time.monotonic() + 5
        while held()[1] > before_files and time.monotonic() < deadline:
            time.sleep(0.05)  # the servers' threads close their ends
        after_mb, after_files = held()
    assert after_files <= before_files
    assert after_mb - before_mb < 8, f"{after_mb - before_mb:.1f} MiB more"


@pytest.mark.slow
def test_a_hundred_good_opens_leave_nothing_behind(shown: list[Access]) -> None:
    with serving(camera(shown, pace=0.0)) as server:
        for _ in range(10):
            read(server.place, 20)
        before_mb, before_files = held()
        for _ in range(100):
            read(server.place, 20)
        deadline = time.monotonic() + 5
        while held()[1] > before_files and time.monotonic() < deadline:
            time.sleep(0.05)
        after_mb, after_files = held()
    assert after_files <= before_files
    assert after_mb - before_mb < 12, f"{after_mb - before_mb:.1f} MiB more"
