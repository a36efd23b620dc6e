"""The demo: drawn cameras, a thing put down and taken away, one case from alarm to closing."""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import httpx

from brain.core.errors import BrainError, StoreError
from brain.core.types import EvidenceKind
from brain.demo.processes import ChildCommand
from brain.sim.encode import encode
from brain.sim.spec import SceneSpec
from brain.sim.truth import truth
from brain.store.database import Database
from brain.store.evidence import EVIDENCE_FOLDER
from brain.store.queries import CaseDetail, find_case, list_cases

FPS = 8.0
CLIP_S = 30.0
PUT_DOWN_S, TAKEN_S = 8.0, 18.0
SETTLE_S = 10.0
CAMERAS = {"drawn-1": (1, True), "drawn-2": (2, False)}
# Short numbers, so that the whole story fits into half a minute; a street uses 300 s.
NUMBERS = (
    "rule.change.for: 3s, rule.change.occlusion: 1s, confirm.of: 5, confirm.at_least: 4, clear.after: 3s, cooldown: 3s"
)
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Summary:
    """What the demo did, counted at both ends."""

    cameras: int
    workers: int
    samples: int
    samples_due: int
    events: int
    cases_opened: int
    cases_closed: int
    delivered: int
    desk_received: int
    desk_duplicates: int


def run_demo(folder: Path, seconds: float, say: Say) -> Summary:
    """Runs the demo in a folder.

    Args:
        folder: made, or emptied of an earlier demo.
        seconds: how long the cameras play; at least one clip (30 s), then the clips begin again.
        say: told of every stage in one line.

    Raises:
        BrainError: a part did not start, or no case came of it.
    """
    _make_room(folder)
    began = time.monotonic()
    say(f"drawing two street cameras, {CLIP_S:g} s each, H.264 …")
    _draw(folder)
    _write_secret(folder)
    say(f"drawn in {time.monotonic() - began:.0f} s; starting desk and `brain run`")
    arguments = ["desk", "--dir", "desk", "--port", "0", "--secret-file", "secret.txt"]
    with _child("desk", arguments, folder) as desk:
        desk_url = desk.address()
        _write_settings(folder, desk_url)
        with _child("run", ["run", "settings.yaml"], folder) as service:
            url = service.address()
            say(f"running; status page {url}, desk {desk_url}")
            status = _follow(url, folder, max(seconds, CLIP_S), say)
            service.stop()
    return _summary(folder, status)


@contextmanager
def _child(name: str, arguments: list[str], folder: Path) -> Iterator[ChildCommand]:
    child = ChildCommand(name, arguments, folder)
    try:
        yield child
    finally:
        child.stop()


def _make_room(folder: Path) -> None:
    """Makes the folder; one that holds something else than an earlier demo is left alone."""
    mark = folder / ".city-brain-demo"
    try:
        if folder.exists() and any(folder.iterdir()) and not mark.exists():
            raise StoreError("is not empty and no demo folder", where=str(folder), remedy="name another with --dir")
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
        mark.touch()
    except OSError as error:
        raise StoreError(
            f"cannot be made: {error.strerror}", where=str(folder), remedy="name another with --dir"
        ) from None


def _spec(seed: int, thing: bool) -> SceneSpec:
    return SceneSpec(
        seed,
        CLIP_S,
        fps=FPS,
        put_down_s=PUT_DOWN_S if thing else None,
        taken_s=TAKEN_S if thing else None,
        light_steps=() if thing else ((10.0, 0.75), (20.0, 1.1)),
        shadow_moves=not thing,
        walkers=4,
    )


def _draw(folder: Path) -> None:
    with ProcessPoolExecutor(len(CAMERAS), mp_context=get_context("spawn")) as pool:
        work = [pool.submit(_draw_one, folder / f"{name}.mp4", *what) for name, what in CAMERAS.items()]
        for item in work:
            item.result()


def _draw_one(path: Path, seed: int, thing: bool) -> None:
    encode(_spec(seed, thing), path, preset="ultrafast")


def _write_secret(folder: Path) -> None:
    handle = os.open(folder / "secret.txt", os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write("whsec_" + base64.b64encode(secrets.token_bytes(32)).decode())


def _write_settings(folder: Path, desk: str) -> None:
    lines = ["# The demo's settings: what `brain run` was given.", "state: state", "server: {port: 0}", "cameras:"]
    for name, (seed, thing) in CAMERAS.items():
        zone = next(zone for zone in truth(_spec(seed, thing)).zones if zone.kind == "public")
        points = json.dumps([[round(x, 4), round(y, 4)] for x, y in zone.polygon])
        lines += [f"  - id: {name}", f"    source: {name}.mp4", "    loop: true"]
        lines += ["    zones:", f"      - {{name: {zone.name}, kind: public, polygon: {points}}}"]
    lines += ["assignments:", f"  - {{scenario: left_object, profile: short, set: {{{NUMBERS}}}}}"]
    lines += ["desks:", f"  - {{id: desk, url: '{desk}/cases', secret_file: secret.txt}}", ""]
    (folder / "settings.yaml").write_text("\n".join(lines), "utf-8")


def _follow(url: str, folder: Path, seconds: float, say: Say) -> dict[str, Any]:
    """Tells the story while it happens; the last status."""
    teller = _Teller(folder, say)
    status: dict[str, Any] = {}
    began = time.monotonic()
    with httpx.Client(base_url=url, timeout=5.0, trust_env=False) as client:
        while True:
            status = client.get("/api/status").json()
            teller.tell(status)
            past = time.monotonic() - began
            settled = teller.open == 0 and all(desk["waiting"] == 0 for desk in status["desks"])
            if past >= seconds + (0 if settled else SETTLE_S):
                return status
            time.sleep(0.25)


class _Teller:
    """Says each thing once."""

    def __init__(self, folder: Path, say: Say) -> None:
        self._folder = folder
        self._say = say
        self._told: set[str] = set()
        self.open = 0

    def tell(self, status: dict[str, Any]) -> None:
        for name, camera in status["cameras"].items():
            self._once(f"{name}:{camera['state']}", f"camera {name}: {camera['state']} {camera['reason']}".rstrip())
        details = _cases(self._folder)
        self.open = sum(detail.case.closed is None for detail in details)
        for detail in details:
            case = detail.case
            what = f"{case.class_code} {case.class_name}"
            self._once(case.id, f"case {case.number} opened: {what}, {case.camera}/{case.zone}")
            if _of_kind(detail, EvidenceKind.CLIP):
                self._once(f"{case.id}:clip", f"case {case.number}: clip of the alarm follows")
            if case.closed is not None:
                self._once(f"{case.id}:closed", f"case {case.number} closed: the camera has seen that it is gone")
        sent = sum(desk["sent"] for desk in status["desks"])
        if sent:
            self._once(f"sent:{sent}", f"desk has taken {sent} messages")

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
