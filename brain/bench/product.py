"""The product side of a bench: the whole process tree of ``brain run`` on paced copies of one clip."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from brain.bench.cpu import cpu_s, resident_mb, tree
from brain.bench.subject import Subject
from brain.core.errors import BrainError
from brain.demo.processes import ChildCommand

READY_S = 120.0
WARM_UP_S = 8.0


@dataclass(frozen=True, slots=True)
class ProductResult:
    """What ``brain run`` used.

    Attributes:
        cpu_s: of all its processes while it was watched.
        wall_s: how long that was.
        samples, due: frames analysed and due in that time.
        worker_mb: resident memory of all workers at the end.
    """

    cpu_s: float
    wall_s: float
    samples: int
    due: int
    worker_mb: float


def run_product(
    subject: Subject, cameras: int, seconds: float, folder: Path, say: Callable[[str], None]
) -> ProductResult:
    """Runs so many cameras and watches the process tree after a warm-up.

    Raises:
        BrainError: it did not start, or its cameras did not come to life.
    """
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "settings.yaml"
    settings.write_text(_settings(subject, cameras, folder), "utf-8")
    child = ChildCommand("run", ["run", str(settings)], folder)
    try:
        with httpx.Client(base_url=child.address(), timeout=10.0, trust_env=False) as client:
            _wait_for_all(client, cameras, child.log)
            say(f"{cameras} cameras live; warm-up {WARM_UP_S:g} s, then {seconds:g} s measured …")
            time.sleep(WARM_UP_S)
            return _watch(child.process.pid, client, seconds)
    finally:
        child.stop()


def _watch(pid: int, client: httpx.Client, seconds: float) -> ProductResult:
    made_0, due_0 = _counts(client)
    pids = tree(pid)
    cpu_0, wall_0 = cpu_s(pids), time.monotonic()
    time.sleep(seconds)
    cpu_1, wall_1 = cpu_s(pids), time.monotonic()
    made_1, due_1 = _counts(client)
    memory = sum(resident_mb(one) for one in pids if one != pid)
    return ProductResult(cpu_1 - cpu_0, wall_1 - wall_0, made_1 - made_0, due_1 - due_0, memory)


def _counts(client: httpx.Client) -> tuple[int, int]:
    cameras = client.get("/api/status").json()["cameras"].values()
    return sum(camera["samples"] for camera in cameras), sum(camera["due"] for camera in cameras)


def _wait_for_all(client: httpx.Client, cameras: int, log: Path) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until:
        states = client.get("/api/status").json()["cameras"].values()
        if sum(camera["samples"] > 0 for camera in states) == cameras:
            return
        time.sleep(0.5)
    raise BrainError("not all cameras came to life", where=str(log), remedy="look into that log")


def _settings(subject: Subject, cameras: int, folder: Path) -> str:
    zone = {"name": "all", "kind": subject.zone, "polygon": [[0, 0], [1, 0], [1, 1], [0, 1]]}
    rows = [
        {"id": f"bench-{n}", "source": str(subject.clip.absolute()), "loop": True, "zones": [zone]}
        for n in range(cameras)
    ]
    tree_ = {
        "state": str(folder / "state"),
        "runtime": "onnxruntime",
        "server": {"port": 0},
        "weights": {"vehicle_detection": subject.weights} if subject.weights else {},
        "cameras": rows,
        "assignments": [{"scenario": subject.scenario, "set": {"sample.every": subject.every_s}}],
    }
    return json.dumps(tree_)  # JSON is YAML as well
