"""The FastAPI application, and the server that runs it beside the service."""

from __future__ import annotations

import threading
import time
from dataclasses import asdict, fields
from typing import Any
from zoneinfo import ZoneInfo

import uvicorn
from fastapi import FastAPI, HTTPException
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.middleware.trustedhost import TrustedHostMiddleware

from brain.api.metrics import metrics_text
from brain.api.page import status_page
from brain.core.errors import BrainError, StoreError
from brain.dispatch.health import DeskHealth
from brain.runtime.service import Service, Snapshot
from brain.store.queries import CaseDetail, find_case, open_cases

SHOWN_CASES = 50
START_S = 10.0


def create_app(service: Service) -> FastAPI:
    """The read-only pages of a service."""
    app = FastAPI(title="city-brain", docs_url=None, redoc_url=None)
    # A page in somebody's browser must not reach this service under another name.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "[::1]"])
    zone = ZoneInfo(service.settings.city.timezone)
    names = {camera.id: camera.name for camera in service.settings.cameras if camera.name}

    @app.get("/", response_class=HTMLResponse)
    def page() -> str:
        return status_page(service.snapshot(), _open_details(service), zone, names)

    @app.get("/api/status")
    def status() -> JSONResponse:
        return JSONResponse(status_json(service.snapshot()))

    @app.get("/api/cases")
    def cases() -> JSONResponse:
        with service.database.read() as connection:
            found = open_cases(connection, limit=SHOWN_CASES)
        return JSONResponse([_json_case(case) for case in map(asdict, found)])

    @app.get("/api/cameras/{camera}/picture")
    def picture(camera: str) -> Response:
        data = service.supervisor.look(camera)
        if not data:
            raise HTTPException(404, "no picture yet")
        return Response(data, media_type="image/jpeg", headers={"Cache-Control": "no-store"})

    @app.get("/api/evidence/{path:path}")
    def evidence(path: str) -> FileResponse:
        try:
            service.evidence.open(path).close()
        except (StoreError, OSError):
            raise HTTPException(404, "no such evidence") from None
        media = "video/mp4" if path.endswith(".mp4") else "image/jpeg"
        return FileResponse(service.evidence.root / path, media_type=media)

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(metrics_text(service.snapshot), media_type="text/plain; version=0.0.4")

    @app.get("/health")
    def health() -> JSONResponse:
        snapshot = service.snapshot()
        well = not snapshot.trouble and all(shard.alive for shard in snapshot.shards)
        told = {"ok": well, "trouble": snapshot.trouble, "attention": list(snapshot.attention)}
        return JSONResponse(told, 200 if well else 503)

    @app.exception_handler(BrainError)
    def in_words(_request: Any, error: BrainError) -> JSONResponse:
        return JSONResponse({"error": error.line}, 503)

    return app


def status_json(snapshot: Snapshot) -> dict[str, Any]:
    """A snapshot as JSON-able values."""
    cameras = {name: asdict(report) for shard in snapshot.shards for name, report in shard.reports.items()}
    return {
        "cameras": cameras,
        "workers": [
            {
                "shard": shard.number,
                "pid": shard.pid,
                "alive": shard.alive,
                "starts": shard.starts,
                "waiting": shard.waiting,
                "trouble": shard.trouble or shard.failure,
            }
            for shard in snapshot.shards
        ],
        "totals": asdict(snapshot.counts) if snapshot.counts else None,
        "desks": [_json_desk(desk) for desk in snapshot.dispatch.desks],
        "trouble": snapshot.trouble or snapshot.dispatch.database,
        "attention": list(snapshot.attention),
    }


def _json_desk(desk: DeskHealth) -> dict[str, Any]:
    plain = {item.name: getattr(desk, item.name) for item in fields(desk)}
    return plain | {"state": desk.state.value, "retried": dict(desk.retried), "dead": dict(desk.dead)}


def _open_details(service: Service) -> list[CaseDetail]:
    with service.database.read() as connection:
        found = [find_case(connection, case.id) for case in open_cases(connection, limit=SHOWN_CASES)]
    return [detail for detail in found if detail is not None]


def _json_case(case: dict[str, Any]) -> dict[str, Any]:
    return {key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in case.items()}


class StatusServer:
    """Serves the pages from a thread of the service process.

    Attributes:
        url: where it listens, once started.
    """

    def __init__(self, service: Service) -> None:
        settings = service.settings.server
        config = uvicorn.Config(
            create_app(service),
            host=settings.host,
            port=settings.port,
            log_level="error",
            access_log=False,
            lifespan="off",
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="status-page", daemon=True)
        self._failed = False
        self._address = (settings.host, settings.port)
        self.url = ""

    def start(self) -> None:
        """Begins to listen.

        Raises:
            StoreError: the port is taken.
        """
        self._thread.start()
        until = time.monotonic() + START_S
        while not self._server.started and not self._failed and time.monotonic() < until:
            time.sleep(0.01)
        if not self._server.started:
            raise StoreError(
                f"the status page cannot listen on {self._address[0]}:{self._address[1]}",
                remedy="another program has that port: set server.port, or 0 for any free one",
            )
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://{self._address[0]}:{port}"

    def stop(self) -> None:
        """Stops listening."""
        self._server.should_exit = True
        self._thread.join(2.0)

    def _run(self) -> None:
        try:
            self._server.run()
        except (SystemExit, OSError):
            self._failed = True
