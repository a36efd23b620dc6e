"""The product, a desk and what is round them as real processes: all is waited for, and ended by its own pid."""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx

T = TypeVar("T")
BRAIN = (sys.executable, "-m", "brain.cli.main")
# Compiled once and kept, as on any ordinary machine: a start that compiles all its modules anew takes seconds more.
ENVIRONMENT = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
START_S = 60.0
POLL_S = 0.1


def wait_until(check: Callable[[], T], limit_s: float, what: str) -> T:
    """The first true answer of ``check``; fails with ``what`` when there is none within the limit."""
    until = time.monotonic() + limit_s
    while not (answer := check()):
        assert time.monotonic() < until, f"not within {limit_s:g} s: {what}"
        time.sleep(POLL_S)
    return answer


def free_port() -> int:
    """A TCP port of the loopback that nobody uses just now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def children_of(pid: int) -> list[int]:
    """Running children of a process."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text("utf-8").rpartition(")")[2].split()
            if int(fields[1]) == pid and fields[0] != "Z":
                found.append(int(path.parent.name))
    return found


@dataclass
class Child:
    """A process of ours with its output in a file; started anew it goes on in the same file."""

    name: str
    folder: Path
    command: list[str]
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def words(self) -> str:
        """All that it has written so far."""
        return self.log.read_text("utf-8", errors="replace") if self.log.exists() else ""

    def start(self, ready: str, *, stdin: str | None = None) -> re.Match[str]:
        """Starts it and waits until its new output matches ``ready``."""
        before = len(self.words())
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=ENVIRONMENT,
                stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        if stdin is not None:
            assert self.process.stdin is not None
            self.process.stdin.write(stdin.encode())
            self.process.stdin.close()

        def answered() -> re.Match[str] | None:
            found = re.search(ready, self.words()[before:])
            assert found or self.process is None or self.process.poll() is None, f"{self.name} ended: {self.words()}"
            return found

        return wait_until(answered, START_S, f"{self.name} is ready")

    def signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def wait(self, limit_s: float) -> int:
        assert self.process is not None
        return self.process.wait(limit_s)

    def kill(self) -> None:
        """Ends it at once, even when it is frozen."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
        if self.process is not None:
            self.process.wait(10)


@dataclass
class Desk(Child):
    """``brain desk``: a real HTTP server that keeps what it takes."""

    url: str = ""

    @staticmethod
    def begin(folder: Path) -> Desk:
        """A desk with a secret of its own, listening."""
        secret = folder / "desk.secret"
        secret.write_text("whsec_" + base64.b64encode(secrets.token_bytes(32)).decode(), "utf-8")
        command = [*BRAIN, "desk", "--dir", "desk", "--port", "0", "--secret-file", str(secret)]
        desk = Desk("desk", folder, command)
        desk.url = desk.start(r"desk listening on (http://\S+)")[1]
        return desk

    def setting(self) -> dict[str, str]:
        """Its entry in the settings file of the product."""
        return {"id": "desk", "url": f"{self.url}/cases", "secret_file": "desk.secret"}

    def received(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Lines of its ledger, of one type of message or all."""
        path = self.folder / "desk" / "received.jsonl"
        lines = path.read_text("utf-8").split("\n")[:-1] if path.exists() else []
        return [entry for entry in map(json.loads, lines) if kind is None or entry["type"] == kind]

    def message(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """What a ledger line is about."""
        path = self.folder / "desk" / "messages" / f"{entry['id']}.json"
        data: dict[str, Any] = json.loads(path.read_bytes())["data"]
        return data

    def file(self, item: Mapping[str, Any]) -> Path:
        """Where it put a picture or clip."""
        ending = {"image/jpeg": "jpg", "video/mp4": "mp4"}[item["media_type"]]
        return self.folder / "desk" / "files" / f"{item['sha256']}.{ending}"


@dataclass(frozen=True)
class Change:
    """A line of the log that tells a camera's state."""

    at: float
    state: str
    reason: str
    remedy: str


@dataclass
class Product(Child):
    """``brain run``: service and workers."""

    url: str = ""

    @staticmethod
    def prepare(folder: Path, settings: Mapping[str, Any]) -> Product:
        """Writes the settings file (JSON is YAML)."""
        (folder / "config.yaml").write_text(json.dumps({"server": {"port": 0}} | dict(settings)), "utf-8")
        return Product("run", folder, [*BRAIN, "run", "config.yaml"])

    def run(self) -> None:
        """Starts it and waits for its status page."""
        self.url = self.start(r"status page on (http://\S+)")[1]

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.url + path, timeout=10)

    def status(self) -> dict[str, Any]:
        """``/api/status``."""
        status: dict[str, Any] = self.get("/api/status").json()
        return status

    def camera(self, name: str) -> dict[str, Any]:
        """What ``/api/status`` says of a camera; nothing while its worker has not yet spoken."""
        report: dict[str, Any] = self.status()["cameras"].get(name, {})
        return report

    def lines(self) -> Iterator[dict[str, Any]]:
        """The structured lines of its log."""
        for line in self.words().splitlines():
            with suppress(ValueError):
                entry = json.loads(line)
                if isinstance(entry, dict):
                    yield entry

    def changes(self, camera: str, since: float = 0.0) -> list[Change]:
        """How the state of a camera changed, as logged, from a moment (Unix seconds) on."""
        found = [
            Change(datetime.fromisoformat(e["timestamp"]).timestamp(), e["state"], e["reason"], e["remedy"])
            for e in self.lines()
            if e.get("event") == "camera" and e.get("camera") == camera
        ]
        return [change for change in found if change.at >= since]

    def wait_state(self, camera: str, state: str, limit_s: float, since: float = 0.0) -> Change:
        """The first change into a state from a moment on."""

        def there() -> Change | None:
            return next((change for change in self.changes(camera, since) if change.state == state), None)

        return wait_until(there, limit_s, f"{camera} is {state}")

    def wait_samples(self, camera: str, more: int, limit_s: float) -> None:
        """Waits for samples beyond those that there are now."""
        start = self.camera(camera).get("samples", 0)
        enough = start + more
        wait_until(lambda: self.camera(camera).get("samples", 0) >= enough, limit_s, f"{more} samples of {camera}")

    def worker_pids(self) -> list[int]:
        """The workers that live now."""
        return children_of(self.pid)

    def end(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """Asks it to end; its exit code and how long that took."""
        began = time.monotonic()
        self.signal(number)
        return self.wait(20), time.monotonic() - began

    def kill(self) -> None:
        workers = self.worker_pids() if self.process is not None and self.process.poll() is None else []
        super().kill()
        for pid in workers:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
