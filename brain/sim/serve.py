"""Drawn cameras over real RTSP: packets of kept clips in a loop, made once for all viewers of a camera.

Over TCP only, without a password: it is for tests and trials, on loopback unless told. A picture of a camera is a pure
function of the clock, so that a camera without viewers costs nothing and its time goes on all the same.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from brain.sim.serve_port import refusal
from brain.sim.serve_rtp import CodedClip, Lane
from brain.sim.serve_rtsp import METHODS, MOST_HEAD, GarbledError, Request, answer, interleaved, read_request

REPORT_EVERY_S = 5.0
SLOW_BYTES = 1 << 20
"""Waiting for a viewer: then it misses pictures up to the next key picture."""
STUCK_S = 20.0
CLOSE_S = 2.0


@dataclass(slots=True, eq=False)
class _Viewer:
    """One connection that plays: its channels, the first picture for it, and since when it takes nothing."""

    writer: asyncio.StreamWriter
    rtp: int
    rtcp: int
    first: int
    slow_since_s: float | None = None


@dataclass(slots=True, eq=False)
class Stream:
    """A camera: a clip in a loop from ``offset`` pictures on.

    Attributes:
        mount: its path.
        clip: what it shows.
        offset: picture of the clip that it showed when the server started.
    """

    mount: str
    clip: CodedClip
    offset: int = 0
    _began_s: float = 0.0
    _began_unix_s: float = 0.0
    _next: int = 0
    _report_s: float = 0.0
    _sent: tuple[int, int] = (0, 0)
    _handle: asyncio.TimerHandle | None = None
    _viewers: list[_Viewer] = field(default_factory=list)
    _lane: Lane = field(default_factory=lambda: Lane(secrets.randbits(32), secrets.randbits(16), secrets.randbits(32)))

    def begin(self, loop_s: float, unix_s: float) -> None:
        """Sets the clock: now it shows picture ``offset``."""
        self._began_s, self._began_unix_s = loop_s, unix_s

    @property
    def first_began_unix_s(self) -> float:
        """Moment at which second 0 of the clip was, or would have been, shown; repeats each length of the clip."""
        return self._began_unix_s - self.offset / float(self.clip.rate)

    @property
    def viewers(self) -> int:
        """How many watch."""
        return len(self._viewers)

    def join(self, writer: asyncio.StreamWriter, channels: tuple[int, int]) -> tuple[_Viewer, int, int]:
        """A new viewer, who gets all from the next key picture on.

        Returns:
            The viewer, sequence number and RTP time of its first packet.
        """
        loop = asyncio.get_running_loop()
        if not self._viewers:
            self._next = self._due(loop.time()) + 1
        first = self.clip.next_key(self._next)
        viewer = _Viewer(writer, *channels, first)
        self._viewers.append(viewer)
        if self._handle is None:
            self._handle = loop.call_at(self._at(self._next), self._tick)
        sequence = (self._lane.sequence + self.clip.packets_until(first)) & 0xFFFF
        return viewer, sequence, (self._lane.ticks + self.clip.ticks(first)) & 0xFFFFFFFF

    def leave(self, viewer: _Viewer) -> None:
        """The viewer has gone; safe to call twice."""
        if viewer in self._viewers:
            self._viewers.remove(viewer)
        if not self._viewers and self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _due(self, loop_s: float) -> int:
        """The picture that is shown at a moment."""
        return self.offset + int((loop_s - self._began_s) * self.clip.rate)

    def _at(self, number: int) -> float:
        return self._began_s + float((number - self.offset) / self.clip.rate)

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        now_s = loop.time()
        if now_s - self._at(self._next) > STUCK_S:  # the machine slept: what was missed is not sent after
            self._next = self.clip.next_key(self._due(now_s))
        while self._at(self._next) <= now_s:
            self._send(self._next, now_s)
            self._next += 1
        if now_s >= self._report_s:
            self._report(self._next - 1)
            self._report_s = now_s + REPORT_EVERY_S
        self._handle = loop.call_at(self._at(self._next), self._tick) if self._viewers else None

    def _send(self, number: int, now_s: float) -> None:
        made: dict[int, bytes] = {}
        picture = self.clip.pictures[number % len(self.clip.pictures)]
        for viewer in tuple(self._viewers):
            if not self._fits(viewer, number, now_s):
                continue
            if viewer.rtp not in made:
                made[viewer.rtp] = self._lane.packets(self.clip, number, viewer.rtp)
            viewer.writer.write(made[viewer.rtp])
        packets, octets = self._sent
        self._sent = packets + len(picture.payloads), octets + sum(map(len, picture.payloads))

    def _fits(self, viewer: _Viewer, number: int, now_s: float) -> bool:
        """Whether a viewer gets this picture; one that takes nothing for long is put out."""
        transport = viewer.writer.transport
        if transport.is_closing() or number < viewer.first:
            return False
        if transport.get_write_buffer_size() <= SLOW_BYTES:
            viewer.slow_since_s = None
            return True
        viewer.first = self.clip.next_key(number + 1)
        if viewer.slow_since_s is None:
            viewer.slow_since_s = now_s
        elif now_s - viewer.slow_since_s > STUCK_S:
            transport.abort()
        return False

    def _report(self, number: int) -> None:
        unix_s = self._began_unix_s + self._at(number) - self._began_s
        for viewer in self._viewers:
            if number >= viewer.first and not viewer.writer.transport.is_closing():
                viewer.writer.write(self._lane.report(self.clip, number, self._sent, unix_s, viewer.rtcp))


class RtspServer:
    """Serves streams until closed.

    Args:
        streams: their mounts differ.
        host, port: where to listen; port 0 = one that is free.
    """

    def __init__(self, streams: Sequence[Stream], host: str = "127.0.0.1", port: int = 8554) -> None:
        self.host, self.port = host, port
        self._streams = {stream.mount: stream for stream in streams}
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listens from now on.

        Raises:
            UsageError: the port is in use, or may not be used.
        """
        try:
            self._server = await asyncio.start_server(self._accept, self.host, self.port, limit=MOST_HEAD, backlog=1024)
        except (OSError, OverflowError) as error:
            raise refusal(error, self.host, self.port) from None
        self.port = int(self._server.sockets[0].getsockname()[1])
        now_s, unix_s = asyncio.get_running_loop().time(), time.time()
        for stream in self._streams.values():
            stream.begin(now_s, unix_s)

    def url(self, stream: Stream) -> str:
        """Address of a stream."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"rtsp://{host}:{self.port}/{stream.mount}"

    async def close(self) -> None:
        """Ends every connection and stops listening."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CLOSE_S)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        connection = _Connection(self._streams, writer)
        try:
            await connection.serve(reader)
        except (OSError, asyncio.CancelledError):
            pass  # the viewer has gone, or the server ends
        finally:
            connection.leave()
            self._tasks.discard(task)
            writer.close()
            with suppress(OSError):
                writer.transport.abort()


class _Connection:
    """What one viewer asks for: at most one stream plays on a connection."""

    def __init__(self, streams: dict[str, Stream], writer: asyncio.StreamWriter) -> None:
        self._streams = streams
        self._writer = writer
        self._session = ""
        self._stream: Stream | None = None
        self._channels = (0, 1)
        self._viewer: _Viewer | None = None

    async def serve(self, reader: asyncio.StreamReader) -> None:
        """Answers until the other side ends, tears down or speaks something else."""
        try:
            while (request := await read_request(reader)) is not None:
                self._writer.write(self._answer(request))
                await self._writer.drain()
                if request.method == "TEARDOWN":
                    return
        except GarbledError:
            self._writer.write(answer(400, None))
            await self._writer.drain()

    def leave(self) -> None:
        """Plays no more."""
        if self._viewer is not None and self._stream is not None:
            self._stream.leave(self._viewer)
            self._viewer = None

    def _answer(self, request: Request) -> bytes:
        if request.version != "RTSP/1.0":
            return answer(505, request)
        free = {"OPTIONS": self._options, "DESCRIBE": self._describe, "SETUP": self._set_up}
        if request.method in free:
            return free[request.method](request)
        if request.method not in METHODS:
            return answer(501, request, {"Public": ", ".join(METHODS)})
        return self._in_session(request)

    def _in_session(self, request: Request) -> bytes:
        if request.method in ("GET_PARAMETER", "SET_PARAMETER") and not request.session:
            return answer(200, request)  # some viewers ask whether anybody is there before they set up
        if not self._session or request.session != self._session:
            return answer(454, request)
        if request.method == "PLAY":
            return self._play(request)
        if request.method == "TEARDOWN":
            self.leave()
        return answer(200, request, {"Session": self._session})

    def _options(self, request: Request) -> bytes:
        return answer(200, request, {"Public": ", ".join(METHODS)})

    def _describe(self, request: Request) -> bytes:
        stream = self._streams.get(request.mount)
        if stream is None:
            return answer(404, request)
        base = request.url.rstrip("/") + "/"
        headers = {"Content-Type": "application/sdp", "Content-Base": base}
        return answer(200, request, headers, stream.clip.sdp(stream.mount))

    def _set_up(self, request: Request) -> bytes:
        stream = self._streams.get(request.mount)
        if stream is None:
            return answer(404, request)
        if self._viewer is not None:
            return answer(455, request)
        channels = interleaved(request.headers.get("transport", ""))
        if channels is None:
            return answer(461, request)
        self._session = self._session or secrets.token_hex(8)
        self._stream, self._channels = stream, channels
        transport = f"RTP/AVP/TCP;unicast;interleaved={channels[0]}-{channels[1]}"
        return answer(200, request, {"Transport": transport, "Session": f"{self._session};timeout=60"})

    def _play(self, request: Request) -> bytes:
        assert self._stream is not None
        headers = {"Session": self._session, "Range": "npt=now-"}
        if self._viewer is None:
            self._viewer, sequence, ticks = self._stream.join(self._writer, self._channels)
            track = request.url.rstrip("/") + "/trackID=0"
            headers["RTP-Info"] = f"url={track};seq={sequence};rtptime={ticks}"
        return answer(200, request, headers)
