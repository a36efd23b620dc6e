"""The demo: drawn cameras, a thing put down and taken away, one case from alarm to closing."""

from __future__ import annotations

import base64
import json
import os
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx

from brain.core.errors import BrainError
from brain.core.types import EvidenceKind
from brain.demo.cameras import DemoCamera, cameras_at_hand, settings_text
from brain.demo.folder import demo_folder
from brain.demo.processes import ChildCommand
from brain.runtime.pool import cores
from brain.sim.clips import ClipWish, Progress, keep_clips
from brain.store.database import Database
from brain.store.evidence import EVIDENCE_FOLDER
from brain.store.queries import CaseDetail, find_case, list_cases

PATIENCE_S = 90.0
"""So long the cameras play at most until every case that is to come has come."""
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Summary:
    """What the demo did, counted at both ends.

    Attributes:
        samples, samples_due: pictures looked at, and those that were due by the last look at the status page.
        skipped: reason → pictures that were due and left out; the rest of those due was still under way then.
    """

    cameras: int
    workers: int
    samples: int
    samples_due: int
    skipped: dict[str, int]
    events: int
    cases_opened: int
    cases_closed: int
    delivered: int
    desk_received: int
    desk_duplicates: int


def run_demo(folder: Path, seconds: float | None, say: Say, progress: Progress | None = None) -> Summary:
    """Runs the demo in a folder.

    Args:
        folder: made, or emptied of an earlier demo.
        seconds: how long the cameras play at least; clips that end begin again; ``None`` = until the story is told.
        say: told of every stage in one line.
        progress: told of pictures drawn and pictures in all.

    Raises:
        StoreError: see ``demo_folder``.
        BrainError: a part did not start, or no case came of it.
    """
    with demo_folder(folder):
        return _run(folder, seconds, say, progress)


def _run(folder: Path, seconds: float | None, say: Say, progress: Progress | None) -> Summary:
    began = time.monotonic()
    cameras = cameras_at_hand()
    say(f"drawing {len(cameras)} street cameras (H.264, kept for the next time) …")
    _write_secret(folder)
    arguments = ["desk", "--dir", "desk", "--port", "0", "--secret-file", "secret.txt"]
    with _child("desk", arguments, folder) as desk:  # it starts while the clips are drawn
        keep_clips([ClipWish(camera.spec) for camera in cameras], cores(), progress)
        say(f"drawn in {time.monotonic() - began:.0f} s; starting `brain run`")
        desk_url = desk.address()
        (folder / "settings.yaml").write_text(settings_text(cameras, desk_url), "utf-8")
        with _child("run", ["run", "settings.yaml"], folder) as service:
            url = service.address()
            say(f"running; status page {url}, desk {desk_url}")
            status = _follow(url, folder, cameras, seconds, say)
            service.stop()
    return _summary(folder, status)


@contextmanager
def _child(name: str, arguments: list[str], folder: Path) -> Iterator[ChildCommand]:
    child = ChildCommand(name, arguments, folder)
    try:
        yield child
    finally:
        child.stop()


def _write_secret(folder: Path) -> None:
    handle = os.open(folder / "secret.txt", os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write("whsec_" + base64.b64encode(secrets.token_bytes(32)).decode())


def _follow(url: str, folder: Path, cameras: Sequence[DemoCamera], seconds: float | None, say: Say) -> dict[str, Any]:
    """Tells the story while it happens; the last status."""
    teller = _Teller(folder, cameras, say)
    began = time.monotonic()
    with httpx.Client(base_url=url, timeout=5.0, trust_env=False) as client:
        while True:
            status: dict[str, Any] = client.get("/api/status").json()
            teller.tell(status)
            past = time.monotonic() - began
            ended = teller.all_told and all(desk["waiting"] == 0 for desk in status["desks"])
            if past >= (seconds or 0.0) and (ended or past >= PATIENCE_S):
                return status
            time.sleep(0.25)


class _Teller:
    """Says each thing once.

    Attributes:
        all_told: every camera that is to alarm has a case with its clip, closed where the camera sees the end.
    """

    def __init__(self, folder: Path, cameras: Sequence[DemoCamera], say: Say) -> None:
        self._folder = folder
        self._awaited = {camera.id: camera.clears for camera in cameras if camera.alarms}
        self._say = say
        self._told: set[str] = set()
        self.all_told = False

    def tell(self, status: dict[str, Any]) -> None:
        for name, camera in status["cameras"].items():
            self._once(f"{name}:{camera['state']}", f"camera {name}: {camera['state']} {camera['reason']}".rstrip())
        details = _cases(self._folder)
        for detail in details:
            self._tell_case(detail)
        done = {detail.case.camera for detail in details if self._is_done(detail)}
        self.all_told = done >= set(self._awaited)
        sent = sum(desk["sent"] for desk in status["desks"])
        if sent:
            self._once(f"sent:{sent}", f"desk has taken {sent} message{'' if sent == 1 else 's'}")

    def _tell_case(self, detail: CaseDetail) -> None:
        case = detail.case
        what = f"{case.class_code} {case.class_name}"
        self._once(case.id, f"case {case.number} opened: {what}, {case.camera}/{case.zone}")
        if _of_kind(detail, EvidenceKind.CLIP):
            self._once(f"{case.id}:clip", f"case {case.number}: clip of the alarm follows")
        if case.closed is not None:
            self._once(f"{case.id}:closed", f"case {case.number} closed: the camera has seen that it is gone")

    def _is_done(self, detail: CaseDetail) -> bool:
        closes = self._awaited.get(detail.case.camera or "", False)
        return bool(_of_kind(detail, EvidenceKind.CLIP)) and (detail.case.closed is not None or not closes)

    def _once(self, key: str, line: str) -> None:
        if key not in self._told:
            self._told.add(key)
            self._say(line)


def proof_picture(folder: Path) -> Path | None:
    """The marked picture of the newest case."""
    for detail in _cases(folder):
        paths = _of_kind(detail, EvidenceKind.PICTURE_MARKED)
        if paths:
            return folder / "state" / EVIDENCE_FOLDER / paths[-1]
    return None


def _cases(folder: Path) -> list[CaseDetail]:
    with Database.open(folder / "state", writer=False) as database, database.read() as connection:
        found = [find_case(connection, case.id) for case in list_cases(connection)]
    return [detail for detail in found if detail is not None]


def _of_kind(detail: CaseDetail, kind: EvidenceKind) -> list[str]:
    return [row.evidence.path for row in detail.evidence if row.evidence.kind is kind]


def _summary(folder: Path, status: dict[str, Any]) -> Summary:
    details = _cases(folder)
    received = [json.loads(line) for line in (folder / "desk" / "received.jsonl").read_text("utf-8").splitlines()]
    if not details:
        raise BrainError("no case came of it", where=str(folder), remedy="look into run.log in that folder")
    cameras = status["cameras"].values()
    return Summary(
        cameras=len(status["cameras"]),
        workers=len(status["workers"]),
        samples=sum(camera["samples"] for camera in cameras),
        samples_due=sum(camera["due"] for camera in cameras),
        skipped=dict(sum((Counter(camera["skipped"]) for camera in cameras), Counter[str]())),
        events=sum(len(detail.events) for detail in details),
        cases_opened=len(details),
        cases_closed=sum(detail.case.closed is not None for detail in details),
        delivered=sum(desk["sent"] for desk in status["desks"]),
        desk_received=len(received),
        desk_duplicates=sum(line["effect"] == "duplicate" for line in received),
    )


def as_json(summary: Summary) -> str:
    """The summary as one line."""
    return json.dumps(asdict(summary))
