"""A small RTSP camera on loopback that sends real H.264, or misbehaves, and servers that only misbehave."""

from __future__ import annotations

import base64
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import av
from av.bitstream import BitStreamFilterContext

Serve = Callable[[socket.socket, "Server"], None]
TICKS = 90_000


@dataclass
class Server:
    """A listening socket with a thread for each connection; ``closing`` is set when the test is over."""

    port: int
    closing: threading.Event = field(default_factory=threading.Event)
    connections: int = 0
    requests: list[str] = field(default_factory=list)

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"


@contextmanager
def serving(serve: Serve) -> Iterator[Server]:
    """Runs ``serve`` for every connection, until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    server = Server(listener.getsockname()[1])
    threads: list[threading.Thread] = []

    def one(connection: socket.socket) -> None:
        with connection:
            connection.settimeout(20)
            try:
                serve(connection, server)
            except OSError:
                pass  # the other side has gone

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            server.connections += 1
            thread = threading.Thread(target=one, args=(connection,), daemon=True)
            thread.start()
            threads[:] = [*(old for old in threads if old.is_alive()), thread]

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield server
    finally:
        server.closing.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        acceptor.join(10)
        for thread in threads:
            thread.join(10)


def answering(status: str, *headers: str) -> Serve:
    """A server that answers every request in the same way."""

    def serve(connection: socket.socket, server: Server) -> None:
        for sequence, _, request in requests(connection, server):
            server.requests.append(request)
            connection.sendall("\r\n".join([f"RTSP/1.0 {status}", f"CSeq: {sequence}", *headers, "", ""]).encode())

    return serve


def trickling(text: bytes, then: bytes, pause_s: float = 0.3, *, asked: bool = True) -> Serve:
    """A server that sends ``text`` and then ``then`` for ever, byte by byte; at once, or when it is asked something."""

    def serve(connection: socket.socket, server: Server) -> None:
        if asked:
            connection.recv(4096)
        rest = text
        while not server.closing.wait(pause_s):
            rest = rest or then
            connection.sendall(rest[:1])
            rest = rest[1:]

    return serve


def silent(connection: socket.socket, server: Server) -> None:
    """Takes everything and never answers."""
    connection.settimeout(0.2)
    while not server.closing.is_set():
        try:
            if not connection.recv(4096):
                return
        except TimeoutError:
            continue


def closing(connection: socket.socket, server: Server) -> None:
    """Closes at once."""


def requests(connection: socket.socket, server: Server) -> Iterator[tuple[str, str, str]]:
    """Requests as CSeq, method and whole text, until the other side closes."""
    data = b""
    connection.settimeout(0.2)
    while not server.closing.is_set():
        try:
            more = connection.recv(4096)
        except TimeoutError:
            continue
        if not more:
            return
        data += more
        while b"\r\n\r\n" in data:
            if data[:1] == b"$":  # RTCP that the client sends
                data = data[4 + struct.unpack(">H", data[2:4])[0] :]
                continue
            head, _, data = data.partition(b"\r\n\r\n")
            text = head.decode("latin-1")
            sequence = next(line[5:].strip() for line in text.split("\r\n") if line.lower().startswith("cseq:"))
            yield sequence, text.split(" ", 1)[0], text


@dataclass(frozen=True)
class Access:
    """One picture in Annex B, with its time."""

    stamp_s: float
    data: bytes

    @property
    def units(self) -> list[bytes]:
        return [unit.rstrip(b"\0") for unit in self.data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1") if unit]


def pictures(path: Path) -> list[Access]:
    """The pictures of an H.264 file."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        to_annex_b = BitStreamFilterContext("h264_mp4toannexb", stream)
        made = []
        for packet in container.demux(stream):
            if packet.size and packet.pts is not None:
                stamp_s = float(packet.pts * packet.time_base)
                made += [Access(stamp_s, bytes(one)) for one in to_annex_b.filter(packet)]
        return made


def camera(
    shown: Sequence[Access],
    *,
    pace: float = 1.0,
    first_stamp: int = 0,
    then: Serve = closing,
) -> Serve:
    """A camera without password that plays its pictures once over TCP and then does something else.

    Args:
        pace: 1 = at their own time, 0 = at once.
        first_stamp: RTP time stamp of the first picture (32 bits, wraps).
    """
    sets = [unit for unit in shown[0].units if unit[0] & 31 in (7, 8)]
    sprop = ",".join(base64.b64encode(unit).decode() for unit in sets)
    description = (
        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=test\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
        f"a=fmtp:96 packetization-mode=1;sprop-parameter-sets={sprop}\r\na=control:track\r\n"
    )
    answers = {
        "DESCRIBE": f"Content-Type: application/sdp\r\nContent-Length: {len(description)}\r\n\r\n{description}",
        "SETUP": "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n\r\n",
    }

    def serve(connection: socket.socket, server: Server) -> None:
        for sequence, method, text in requests(connection, server):
            server.requests.append(text)
            answer = answers.get(method, "Session: 1\r\n\r\n")
            connection.sendall(f"RTSP/1.0 200 OK\r\nCSeq: {sequence}\r\n{answer}".encode())
            if method == "PLAY":
                break
        number, began_s = 0, time.monotonic()
        for picture in shown:
            ahead_s = pace * (picture.stamp_s - shown[0].stamp_s) - (time.monotonic() - began_s)
            if ahead_s > 0 and server.closing.wait(ahead_s):
                return
            stamp = (first_stamp + round((picture.stamp_s - shown[0].stamp_s) * TICKS)) % (1 << 32)
            for unit in picture.units:
                last = unit is picture.units[-1]
                header = struct.pack(">BBHII", 0x80, 96 | last << 7, number & 0xFFFF, stamp, 1)
                connection.sendall(struct.pack(">cBH", b"$", 0, len(header) + len(unit)) + header + unit)
                number += 1
        then(connection, server)

    return serve
