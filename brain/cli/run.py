"""``brain run CONFIG.yaml``: the service until it is told to stop."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from brain.api.app import StatusServer
from brain.config.logs import set_up_logs
from brain.runtime.service import Service
from brain.sim.clips_source import drawn_settings


def command(
    config: Annotated[Path, typer.Argument(metavar="CONFIG.yaml", help="settings file; see configs/")],
    text_logs: Annotated[bool, typer.Option("--text-logs", help="logs for people instead of JSON")] = False,
) -> None:
    """Watches the cameras of a settings file and delivers cases until SIGINT or SIGTERM."""
    set_up_logs(as_json=not text_logs, process="service")
    service = Service(drawn_settings(config), config.absolute().parent)
    page = StatusServer(service)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    try:
        page.start()
        service.start()
        print(f"status page on {page.url}", file=sys.stderr, flush=True)
        while not stop.wait(3600):
            pass
    finally:
        service.stop()
        page.stop()
