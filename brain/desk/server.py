"""HTTP of the trial desk: takes messages, shows cases."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import uvicorn
from fastapi import FastAPI, Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse
from uvicorn.protocols.http.h11_impl import H11Protocol

from brain import __version__
from brain.core.errors import DeliveryError, UsageError
from brain.desk.faults import Fault, FaultPlan, Faults
from brain.desk.ledger import Ledger, is_safe_id
from brain.desk.message import MessageError, parse
from brain.desk.page import render
from brain.dispatch.signing import ID_HEADER, SignatureError, verify

_STATUS = {Fault.ERROR_500: 500, Fault.ERROR_503: 503, Fault.ERROR_429: 429, Fault.LATE_LOST: 503, Fault.KEPT_502: 502}
_POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"


class Connections(dict[Any, asyncio.Transport]):
    """Open connections by the other side's address, so that one can be cut."""

    def cut(self, request: Request) -> None:
        """Closes the connection of a request without a word."""
        transport = self.get(tuple(request.scope["client"]))
        if transport is not None:
            transport.abort()


def create_app(ledger: Ledger, keys: Sequence[bytes], plan: FaultPlan, max_body: int, open_: Connections) -> FastAPI:
    """The application.

    Args:
        ledger: where messages are kept.
        keys: signing keys; none = unsigned messages are taken.
        plan: faults on purpose.
        max_body: bytes of the largest body.
        open_: connections that the server keeps track of.
    """
    app = FastAPI(title="trial desk", version=__version__, openapi_url=None)
    faults = Faults(plan)

    @app.post("/cases")
    async def receive(request: Request) -> Response:
        try:
            message_id, raw = await _accept(request, keys, max_body)
            fault = faults.draw()
            entry = await run_in_threadpool(lambda: ledger.receive(message_id, parse(raw))) if fault.keeps else None
        except _RefusedError as error:
            return JSONResponse({"error": error.what}, error.status, {"connection": "close"})
        except MessageError as error:
            return JSONResponse({"error": error.what}, 400)
        except OSError as error:
            return JSONResponse({"error": f"cannot be kept: {error.strerror or error}"}, 507)
        if fault.late:
            await asyncio.sleep(plan.timeout_s)
        if fault is Fault.KEPT_HANG_UP:
            open_.cut(request)
        if entry is not None and fault in (Fault.NONE, Fault.LATE_KEPT):
            return JSONResponse({"id": f"desk-{entry.number}", "effect": entry.effect})
        headers = {"retry-after": "1"} if fault in (Fault.ERROR_429, Fault.ERROR_503) else None
        return JSONResponse({"error": f"trial fault {fault.value}"}, _STATUS.get(fault, 502), headers)

    @app.get("/health")
    def health() -> dict[str, object]:
        entries = ledger.entries()
        new = [entry for entry in entries if entry.effect == "new"]
        return {
            "ok": True,
            "received": len(entries),
            "new": len(new),
            "duplicates": len(entries) - len(new),
            "behind": sum(entry.order == "behind" for entry in entries),
            "cases": len({entry.case for entry in new}),
        }

    @app.get("/cases")
    def cases() -> list[dict[str, object]]:
        return [
            {"case": c.case, "number": c.number, "revision": c.revision, "messages": list(c.messages)}
            for c in ledger.cases()
        ]

    @app.get("/files/{name}")
    def file(name: str) -> Response:
        path = ledger.folder / "files" / name
        if not is_safe_id(name.replace(".", "-")) or name.startswith(".") or not path.is_file():
            return JSONResponse({"error": "no such file"}, 404)
        return FileResponse(path, headers={"content-security-policy": _POLICY, "x-content-type-options": "nosniff"})

    @app.get("/")
    def page(
        lang: Annotated[str, Query(pattern="^(zh|en)?$")] = "", accept_language: Annotated[str, Header()] = ""
    ) -> HTMLResponse:
        language = lang or ("zh" if accept_language.lower().startswith("zh") else "en")
        return HTMLResponse(render(ledger.cases(), language), headers={"content-security-policy": _POLICY})

    return app


def serve(ledger: Ledger, keys: Sequence[bytes], plan: FaultPlan, *, host: str, port: int, max_body: int) -> None:
    """Runs the desk until SIGINT or SIGTERM; prints one line once it listens.

    Raises:
        UsageError: the port is taken or the address is not this machine's.
    """
    open_ = Connections()

    class Protocol(H11Protocol):
        """Notes its connection as long as it is open."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self.key = transport.get_extra_info("peername")
            open_[self.key] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            open_.pop(self.key, None)
            super().connection_lost(exc)

    config = uvicorn.Config(
        create_app(ledger, keys, plan, max_body, open_),
        http=Protocol,
        lifespan="off",
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    with _bind(host, port) as listener, _clean_end():
        _Announcing(config, host, listener.getsockname()[1]).run(sockets=[listener])


@contextlib.contextmanager
def _clean_end() -> Iterator[None]:
    """Makes SIGINT and SIGTERM an exit with 0: the server repeats them to the former handler once it has shut down."""

    def leave(*_: object) -> None:
        raise SystemExit(0)

    former = {number: signal.signal(number, leave) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


class _Announcing(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, host: str, port: int) -> None:
        super().__init__(config)
        self._where = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(f"desk listening on {self._where}", flush=True)


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise UsageError(
            f"cannot listen on {host} port {port}: {error.strerror}", remedy="choose another --port, or 0 for any"
        ) from error
    return listener


async def _read(request: Request, limit: int) -> bytes | None:
    """The body, or ``None`` when it is larger than ``limit``."""
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > limit:
        return None
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > limit:
            return None
    return bytes(data)


class _RefusedError(DeliveryError):
    def __init__(self, status: int, what: str) -> None:
        super().__init__(what)
        self.status = status


async def _accept(request: Request, keys: Sequence[bytes], max_body: int) -> tuple[str, bytes]:
    """Id and body of a message that is neither too large nor badly signed; else ``_RefusedError``."""
    raw = await _read(request, max_body)
    if raw is None:
        raise _RefusedError(413, "too large")
    try:
        message_id = verify(keys, request.headers, raw, now=time.time()) if keys else request.headers.get(ID_HEADER, "")
    except SignatureError as error:
        raise _RefusedError(401, error.what) from None
    if not is_safe_id(message_id):
        raise _RefusedError(400, "webhook-id is missing or has odd characters")
    return message_id, raw
