"""RTSP cameras for tests: real servers of GStreamer, and gates before them that count, keep silent, trickle or mute."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import pytest
from av.bitstream import BitStreamFilterContext

from .harness import Child, free_port

HERE = Path(__file__).parent
DEBIAN_PYTHON = "/usr/bin/python3"
USER = "viewer"
RATE = 10


def need_gstreamer() -> None:
    """Skips visibly where there is no GStreamer RTSP server; under ``CI=true`` that is a failure."""
    check = HERE.parents[1] / "scripts" / "check_gstreamer.py"
    try:
        done = subprocess.run([DEBIAN_PYTHON, str(check)], capture_output=True, text=True, check=False, timeout=60)
        trouble = "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["it does not load"])[-1]
    except OSError as error:
        trouble = f"{DEBIAN_PYTHON}: {error.strerror}"
    if trouble and os.environ.get("CI") == "true":
        pytest.fail(f"the RTSP tests must run here, but: {trouble}")
    if trouble:
        pytest.skip(f"no GStreamer RTSP server: {trouble}; scripts/test names the packages")


class RtspServer(Child):
    """A GStreamer server that plays one file to each client on ``/cam0`` … ``/cam31``."""

    def __init__(self, name: str, folder: Path, file: Path, codec: str = "h264", password: str | None = None) -> None:
        self.port = free_port()
        self.password = password
        super().__init__(name, folder, [])
        self.play(file, codec)

    def play(self, file: Path, codec: str = "h264") -> None:
        """Another file, from the next start on."""
        log_in = [USER, "-"] if self.password is not None else []
        self.command = [DEBIAN_PYTHON, str(HERE / "gst_rtsp_server.py"), str(file), str(self.port), codec, *log_in]

    def begin(self) -> None:
        self.start("ready", stdin=None if self.password is None else self.password + "\n")

    def freeze(self) -> None:
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.signal(signal.SIGCONT)

    def url(self, mount: int = 0, port: int | None = None) -> str:
        return f"rtsp://127.0.0.1:{port or self.port}/cam{mount}"


class Gate:
    """A TCP door before a server.

    - ``pass``: everything goes through; connections are counted;
    - ``silent``: takes connections and never says a word;
    - ``trickle``: the server's answers go through a byte each 0.2 s;
    - ``mute``: everything goes through until the server has said that it plays; then no byte of video comes.
    """

    def __init__(self, kind: Literal["pass", "silent", "trickle", "mute"], port: int = 0) -> None:
        self.kind = kind
        self.connections = 0
        self._target = port
        self._closed = threading.Event()
        self._plays: set[socket.socket] = set()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._closed.set()
        for end in (self._listener, *self._open):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(client)
            if self.kind == "silent":
                continue
            server = socket.create_connection(("127.0.0.1", self._target))
            self._open.append(server)
            threading.Thread(target=self._to_server, args=(client, server), daemon=True).start()
            threading.Thread(target=self._to_client, args=(server, client), daemon=True).start()

    def _to_server(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                if data.startswith(b"PLAY "):
                    self._plays.add(client)
                server.sendall(data)
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)

    def _to_client(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if self.kind == "trickle":
                    for byte in data:
                        client.sendall(bytes([byte]))
                        if self._closed.wait(0.2):
                            return
                elif self.kind == "mute" and client in self._plays:
                    answer, end, _ = data.partition(b"\r\n\r\n")
                    if answer.startswith(b"RTSP/"):
                        client.sendall(answer + end)
                else:
                    client.sendall(data)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)


def cut(source: Path, target: Path, *, seconds: float = 1e9, times: int = 1) -> Path:
    """The first seconds of a clip, several times over, remuxed."""
    with av.open(str(target), "w") as out:
        stream, shift = None, 0
        for _ in range(times):
            with av.open(str(source)) as clip:
                video = clip.streams.video[0]
                stream = stream or out.add_stream_from_template(video)
                assert video.time_base is not None
                end = 0
                for packet in clip.demux(video):
                    if packet.pts is None or packet.dts is None or packet.pts * video.time_base >= seconds:
                        continue
                    end = max(end, packet.pts + (packet.duration or 0))
                    packet.pts += shift
                    packet.dts += shift
                    packet.stream = stream
                    out.mux(packet)
                shift += end
    return target


def bare(source: Path, target: Path) -> Path:
    """The H.264 stream of a clip without its container, and so without time stamps."""
    with av.open(str(source)) as clip, target.open("wb") as out:
        video = clip.streams.video[0]
        unwrap = BitStreamFilterContext("h264_mp4toannexb", video)
        for packet in clip.demux(video):
            out.writelines(bytes(part) for part in unwrap.filter(packet) if part.size)
    return target


def growing(source: Path, target: Path, sizes: list[tuple[int, int, int]]) -> Path:
    """A clip of ten pictures a second that changes its picture size on the way, as a camera does that is set anew.

    Args:
        sizes: width, height and number of pictures of each part.
    """
    with av.open(str(target), "w") as out, av.open(str(source)) as clip:
        stream = out.add_stream("libx264", rate=RATE)
        pictures, number = clip.decode(video=0), 0
        for width, height, count in sizes:
            encoder = av.CodecContext.create("libx264", "w") if number else stream.codec_context
            encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
            encoder.framerate, encoder.time_base = Fraction(RATE), Fraction(1, RATE)
            encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "g": str(2 * RATE)}
            for picture in (*(next(pictures).reformat(width, height, "yuv420p") for _ in range(count)), None):
                if picture is not None:
                    picture.pts, picture.time_base, number = number, Fraction(1, RATE), number + 1
                for packet in encoder.encode(picture):
                    packet.stream = stream
                    out.mux(packet)
    return target
