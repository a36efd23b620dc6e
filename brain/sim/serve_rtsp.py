"""The words of RTSP 1.0 (RFC 2326): requests in, answers out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

MOST_HEAD = 16 << 10
MOST_BODY = 64 << 10
METHODS = ("OPTIONS", "DESCRIBE", "SETUP", "PLAY", "GET_PARAMETER", "SET_PARAMETER", "TEARDOWN")
REASONS = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    406: "Not Acceptable",
    454: "Session Not Found",
    455: "Method Not Valid in This State",
    461: "Unsupported Transport",
    501: "Not Implemented",
    505: "RTSP Version Not Supported",
}


class GarbledError(ValueError):
    """What came is no RTSP."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names are in lower case."""

    method: str
    url: str
    version: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def mount(self) -> str:
        """The first part of the path, which names the stream; empty where there is none."""
        return unquote(urlsplit(self.url).path).strip("/").partition("/")[0]

    @property
    def session(self) -> str:
        """Id of the session, without what may follow it."""
        return self.headers.get("session", "").partition(";")[0].strip()


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request; reports of the receiver in between are read over. ``None`` when the other side has ended.

    Raises:
        GarbledError: something else came.
    """
    try:
        while (first := await reader.readexactly(1)) in (b"$", b"\r", b"\n"):
            if first == b"$":
                head = await reader.readexactly(3)
                await reader.readexactly(int.from_bytes(head[1:], "big"))
        head = first + await reader.readuntil(b"\r\n\r\n")
        request = parse(head)
        length = request.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MOST_BODY:
            raise GarbledError("content length")
        await reader.readexactly(int(length))
    except asyncio.IncompleteReadError:
        return None
    except asyncio.LimitOverrunError:
        raise GarbledError("head too long") from None
    return request


def parse(head: bytes) -> Request:
    """A request from its head.

    Raises:
        GarbledError: it is none.
    """
    try:
        first, *lines = head.decode("utf-8").strip().split("\r\n")
        method, url, version = first.split(" ")
        pairs = (line.split(":", 1) for line in lines)
        headers = {name.strip().lower(): text.strip() for name, text in pairs}
        urlsplit(url)
    except ValueError:
        raise GarbledError("head") from None
    if not version.startswith("RTSP/"):
        raise GarbledError("protocol")
    return Request(method, url, version, headers)


def answer(code: int, request: Request | None, headers: Mapping[str, str] | None = None, body: str = "") -> bytes:
    """An answer with the number of the request."""
    lines = [f"RTSP/1.0 {code} {REASONS[code]}"]
    number = request.headers.get("cseq") if request is not None else None
    if number is not None:
        lines.append(f"CSeq: {number}")
    lines += [f"{name}: {text}" for name, text in (headers or {}).items()]
    data = body.encode()
    if data:
        lines.append(f"Content-Length: {len(data)}")
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode() + data


def interleaved(transport: str) -> tuple[int, int] | None:
    """Channels of RTP and RTCP that a ``Transport`` header asks for over TCP; ``None`` where it offers no TCP."""
    for offer in transport.split(","):
        words = [word.strip() for word in offer.split(";")]
        if words[0].upper() != "RTP/AVP/TCP":
            continue
        asked = next((word.partition("=")[2] for word in words if word.lower().startswith("interleaved=")), "0-1")
        low, _, high = asked.partition("-")
        if not low.isdecimal() or not (high or "0").isdecimal():
            return None
        channels = int(low), int(high or int(low) + 1)
        return channels if max(channels) <= 255 else None
    return None
