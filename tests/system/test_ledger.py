"""Nothing lost, nothing doubled, order kept: judged by the generator's ledger and the desk's, whatever is killed."""

from __future__ import annotations

import base64
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from .harness import children_of, is_alive, wait_until

HERE = Path(__file__).parent
CAMERAS = 10


@dataclass
class World:
    """One run: feeds, a bad desk, and the product, which dies again and again."""

    folder: Path
    seed: int
    program: list[str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def desk_ledger(self) -> Path:
        return self.folder / "desk" / "received.jsonl"

    def start(self, arguments: list[str], log: str) -> subprocess.Popen[bytes]:
        with (self.folder / log).open("ab") as out:
            process = subprocess.Popen(arguments, cwd=self.folder, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        self.processes.append(process)
        return process

    def start_service(self) -> subprocess.Popen[bytes]:
        return self.start([*self.program, "run", "config.yaml"], "run.log")

    def received(self) -> list[dict[str, object]]:
        if not self.desk_ledger.exists():
            return []
        lines = self.desk_ledger.read_text("utf-8").split("\n")[:-1]
        return [json.loads(line) for line in lines]


@contextmanager
def made_world(folder: Path, seed: int, program: list[str]) -> Iterator[World]:
    secret = "whsec_" + base64.b64encode(random.Random(seed).randbytes(32)).decode()
    (folder / "secret").write_text(secret)
    world = World(folder, seed, program)
    brain = [sys.executable, "-m", "brain.cli.main"]
    faults = ["--error-rate", "0.2", "--timeout-rate", "0.02", "--timeout-sleep", "3", "--store-then-fail-rate", "0.1"]
    try:
        world.start(
            [*brain, "desk", "--port", "0", "--secret-file", "secret", "--seed", str(seed), *faults], "desk.log"
        )
        log = folder / "desk.log"
        wait_until(lambda: "listening" in log.read_text("utf-8"), 30, "the desk listens")
        url = next(word for word in log.read_text("utf-8").split() if word.startswith("http://"))
        cameras = "".join(f"  - {{id: feed-{n}, source: 'feed:feed-{n}.jsonl'}}\n" for n in range(CAMERAS))
        numbers = (
            "rule.count.for: 2s, rule.count.at_least: 1, rule.count.release_below: 1, clear.after: 2s, cooldown: 0s, "
            "confirm.of: 2, confirm.at_least: 2"
        )
        patience = "timeout: 1s, retry_base: 100ms, retry_cap: 1s"
        (folder / "config.yaml").write_text(
            f"server: {{port: 0}}\nworkers: 2\ncameras:\n{cameras}"
            f"assignments:\n  - {{scenario: crowd_gathering, profile: short, set: {{{numbers}}}}}\n"
            f"desks:\n  - {{id: city, url: '{url}/cases', secret_file: secret, {patience}}}\n"
        )
        yield world
    finally:
        for process in world.processes:
            for child in children_of(process.pid):
                with suppress(OSError):
                    os.kill(child, signal.SIGKILL)
            process.kill()
            process.wait()


def run_with_kills(world: World, events: int, kills: int) -> None:
    """Lets the generator ask, kills at random, then lets the product finish in peace."""
    draw = random.Random(world.seed)
    generator = [sys.executable, str(HERE / "ledger_generator.py"), str(world.seed), str(CAMERAS), str(events), "."]
    service = world.start_service()
    wait_until(lambda: bool(children_of(service.pid)), 30, "the service starts workers")
    asking = world.start(generator, "generator.log")
    for _ in range(kills):
        time.sleep(draw.uniform(0.3, 1.6))
        workers = children_of(service.pid)
        if workers and draw.random() < 0.5:
            os.kill(draw.choice(workers), signal.SIGKILL)
            continue
        service.kill()
        service.wait()
        wait_until(lambda tree=workers: not any(map(is_alive, tree)), 2.0, "no worker outlives its service by 2 s")
        service = world.start_service()
    assert asking.wait(120) == 0
    expected = 2 * events

    def new_messages() -> int:
        return sum(line["effect"] == "new" for line in world.received())

    calm_since, best = time.monotonic(), new_messages()
    while best < expected and time.monotonic() - calm_since < 20:
        time.sleep(0.2)
        if (now := new_messages()) > best:
            calm_since, best = time.monotonic(), now
    service.send_signal(signal.SIGTERM)
    assert service.wait(15) == 0


@dataclass
class Judgement:
    """What the two ledgers say of each other."""

    lost: list[tuple[str, float]]
    doubled: list[tuple[str, float]]
    disorder: list[str]
    unknown: list[tuple[str, float]]


def judge(world: World) -> Judgement:
    asked = [json.loads(line) for line in (world.folder / "asked.jsonl").read_text("utf-8").splitlines()]
    wanted = Counter((line["camera"], line["began_s"]) for line in asked)
    opened: Counter[tuple[str, float]] = Counter()
    closed: Counter[tuple[str, float]] = Counter()
    revisions: dict[object, list[int]] = defaultdict(list)
    seen: set[object] = set()
    for line in world.received():
        if line["effect"] != "new":
            assert line["id"] in seen, "a duplicate of nothing"
            continue
        seen.add(line["id"])
        revisions[line["case"]].append(int(str(line["revision"])))
        message = json.loads((world.folder / "desk" / "messages" / f"{line['id']}.json").read_text("utf-8"))
        told = message["data"]
        key = (told["camera"], datetime.fromisoformat(told["began"]).timestamp())
        if line["type"] == "case.opened":
            opened[key] += 1
        elif line["type"] == "case.closed":
            closed[key] += 1
    keys = set(wanted)
    return Judgement(
        lost=sorted(key for key in keys if opened[key] < 1 or closed[key] < 1),
        doubled=sorted(key for key in keys if opened[key] > 1 or closed[key] > 1),
        disorder=[str(case) for case, numbers in revisions.items() if numbers != list(range(1, len(numbers) + 1))],
        unknown=sorted((set(opened) | set(closed)) - keys),
    )


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("events", "kills"), [(150, 10), pytest.param(1000, 50, marks=[pytest.mark.full, pytest.mark.timeout(900)])]
)
def test_nothing_lost_nothing_doubled(tmp_path: Path, events: int, kills: int) -> None:
    seed = int(os.environ.get("BRAIN_TEST_SEED", random.SystemRandom().randrange(1 << 30)))
    print(f"seed {seed} (repeat with BRAIN_TEST_SEED={seed})")
    with made_world(tmp_path, seed, [sys.executable, "-m", "brain.cli.main"]) as world:
        run_with_kills(world, events, kills)
        assert judge(world) == Judgement([], [], [], []), f"seed {seed}"


@pytest.mark.full
@pytest.mark.timeout(400)
def test_the_proof_notices_a_split_transaction(tmp_path: Path) -> None:
    seed = int(os.environ.get("BRAIN_TEST_SEED", random.SystemRandom().randrange(1 << 30)))
    print(f"seed {seed}")
    with made_world(tmp_path, seed, [sys.executable, str(HERE / "split_outbox.py")]) as world:
        run_with_kills(world, 150, 10)
        verdict = judge(world)
        assert verdict.lost or verdict.doubled, f"seed {seed}: a split outbox went unnoticed"
