"""Real parts for delivery: a database, an evidence folder, desks as HTTP servers in processes of their own."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import insert, select

from brain.config.settings import DeskSettings
from brain.core.clock import utc_now
from brain.core.ids import derived_id, sha256_hex
from brain.dispatch.dispatcher import Dispatcher
from brain.store.database import Database
from brain.store.evidence import EvidenceFolder
from brain.store.tables import cases, outbox

HERE = Path(__file__).parent
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


def wait_until(condition: Callable[[], Any], limit_s: float = 20.0, what: str = "") -> Any:
    """The first true value of ``condition``; fails after ``limit_s`` seconds."""
    until = time.monotonic() + limit_s
    while time.monotonic() < until:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    pytest.fail(f"not within {limit_s:g} s: {what or condition}")


@pytest.fixture(scope="session")
def wait_for() -> Callable[..., Any]:
    return wait_until


@pytest.fixture(scope="session")
def secret() -> str:
    return SECRET


class Box:
    """A state folder with helpers to fill and to look."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.db = Database.open(folder, writer=True)
        self.evidence = EvidenceFolder(folder / "evidence")
        self._cases: set[str] = set()

    def put(
        self,
        case: str,
        revision: int = 1,
        *,
        desk: str = "city",
        severity: str = "medium",
        attachments: tuple[dict[str, str], ...] = (),
        age_s: float = 0.0,
    ) -> str:
        """One outbox row; returns its id."""
        moment = utc_now() - timedelta(seconds=age_s)
        message_id = derived_id(case, str(revision), desk)
        evidence = [{"name": a["name"], "sha256": a["sha256"], "media_type": "image/jpeg"} for a in attachments]
        data = {"id": case, "number": case, "revision": revision, "severity": severity, "evidence": evidence}
        body = json.dumps({"type": "case.updated", "timestamp": "2026-11-24T08:00:00.000Z", "data": data})
        with self.db.write() as connection:
            if case not in self._cases:
                connection.execute(insert(cases).values(case_row(case)))
                self._cases.add(case)
            connection.execute(
                insert(outbox).values(
                    id=message_id,
                    desk=desk,
                    case_id=case,
                    revision=revision,
                    type="case.updated",
                    severity=severity,
                    body=body,
                    attachments=list(attachments),
                    sha256=sha256_hex(body.encode()),
                    state="waiting",
                    created=moment,
                    tries=0,
                    due=moment,
                    reason="",
                )
            )
        return message_id

    def row(self, message_id: str) -> Any:
        with self.db.read() as connection:
            return connection.execute(select(outbox).where(outbox.c.id == message_id)).one()

    def states(self) -> list[str]:
        with self.db.read() as connection:
            return list(connection.execute(select(outbox.c.state).order_by(outbox.c.seq)).scalars())

    def all_sent(self) -> bool:
        return set(self.states()) == {"sent"}


def case_row(case: str) -> dict[str, Any]:
    moment = datetime(2026, 11, 24, tzinfo=UTC)
    texts = ("scenario", "camera", "view", "zone", "state", "standard", "class_kind", "class_code", "class_name")
    texts += ("grid", "address", "department", "severity")
    return {"id": case, "number": case, "revision": 1, "opened": moment, "due": moment} | dict.fromkeys(texts, "x")


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    made = Box(tmp_path / "state")
    yield made
    made.db.close()


@dataclass
class Server:
    """A desk in its own process."""

    process: subprocess.Popen[str]
    url: str
    folder: Path

    def received(self) -> list[dict[str, Any]]:
        """Lines of its own ledger so far."""
        path = self.folder / "received.jsonl"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        return [json.loads(line) for line in lines]

    def plan(self, **plan: Any) -> None:
        """Scripted desk only: what it answers from now on."""
        part = self.folder / "plan.part"
        part.write_text(json.dumps(plan))
        part.replace(self.folder / "plan.json")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)


@dataclass
class Servers:
    """Starts processes and ends just these."""

    root: Path
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def launch(self, *command: str, **env: str) -> subprocess.Popen[str]:
        env = {**os.environ, "PYTHONPATH": str(HERE.parents[1]), **env}
        process = subprocess.Popen(
            [sys.executable, *command],
            stdout=subprocess.PIPE,
            text=True,
            env=env,
            cwd=HERE.parents[1],
        )
        self.started.append(process)
        return process

    def _listening(self, process: subprocess.Popen[str]) -> str:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "listening on " in line, line
        return line.rsplit(" ", 1)[1].strip()

    def desk(self, *options: str, name: str = "desk", port: int = 0) -> Server:
        """The product's own trial desk."""
        folder = self.root / name
        process = self.launch(
            "-m", "brain.desk", "--dir", str(folder), "--port", str(port), "--secret-env", "DESK_SECRET", *options,
            DESK_SECRET=SECRET,
        )  # fmt: skip
        return Server(process, self._listening(process), folder)

    def scripted(self, *options: str, name: str = "scripted", **plan: Any) -> Server:
        """A desk that answers what the plan says."""
        folder = self.root / name
        folder.mkdir()
        server = Server(None, "", folder)  # type: ignore[arg-type]
        server.plan(**plan)
        server.process = self.launch(str(HERE / "scripted_desk.py"), str(folder), *options)
        server.url = self._listening(server.process)
        return server


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    made = Servers(tmp_path)
    yield made
    for process in made.started:
        if process.poll() is None:
            process.kill()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


@pytest.fixture
def dispatcher(box: Box) -> Iterator[Callable[..., Dispatcher]]:
    """Starts a dispatcher for one desk, or for the desks given as ``desks``."""
    running: list[Dispatcher] = []

    def start(
        url: str = "", *, desks: dict[str, str] | None = None, pause_s: float = 300.0, **settings: Any
    ) -> Dispatcher:
        settings = {"timeout": 5.0, "retry_base": 0.05, "retry_cap": 0.3, **settings}
        pairs = [
            (DeskSettings(id=name, url=address, **settings), SecretStr(SECRET))
            for name, address in (desks or {"city": url + "/cases"}).items()
        ]
        made = Dispatcher(box.db, box.evidence, pairs, pause_s=pause_s)
        made.start()
        running.append(made)
        return made

    yield start
    for made in running:
        made.stop(5.0)
