"""Starts the workers, listens to them, and replaces those that die, hang or go silent."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from brain.config.logs import logger
from brain.core.clock import monotonic_s
from brain.core.errors import BrainError
from brain.runtime.wire import (
    Ack,
    CameraReport,
    Channel,
    CommitRequest,
    Failed,
    Heartbeat,
    Look,
    LookRequest,
    Start,
    Stop,
)
from brain.store.database import Database
from brain.store.errors import StaleOwner, UnkeepableReport
from brain.store.records import Commit
from brain.store.states import claim, load_states

SILENT_S = 10.0
START_S = 60.0
STEADY_S = 20.0
LONGEST_PAUSE_S = 30.0
LOOK_S = 3.0
RETRY_S = 1.0


@dataclass(slots=True)
class Shard:
    """One worker's place: its cameras, its present process, and what it last said."""

    number: int
    cameras: tuple[str, ...]
    token: int = 0
    process: subprocess.Popen[bytes] | None = None
    channel: Channel | None = None
    life_line: int | None = None
    started_s: float = 0.0
    heard_s: float = 0.0
    starts: int = 0
    quick_deaths: int = 0
    next_start_s: float = 0.0
    reports: dict[str, CameraReport] = field(default_factory=dict)
    waiting: int = 0
    trouble: str = ""
    failure: str = ""
    pending: int = 0
    listener: threading.Thread | None = None

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self.process is not None and self.process.poll() is None

    @property
    def settled(self) -> bool:
        """Whether all that a dead process had sent is kept, so that its successor may begin from there."""
        return self.pending == 0 and (self.listener is None or not self.listener.is_alive())


@dataclass(frozen=True, slots=True)
class ShardView:
    """A shard as the status page and metrics see it."""

    number: int
    pid: int | None
    alive: bool
    starts: int
    waiting: int
    trouble: str
    failure: str
    reports: dict[str, CameraReport]


class Supervisor:
    """Keeps one worker per shard alive.

    Args:
        settings: the settings as JSON-able values, secrets in clear; sent over socket pairs only.
        base, state: folders.
        plan: cameras of each shard.
        database: opened for writing.
        keep: keeps one request's commits; raises ``StoreError`` for what may be tried again.
    """

    def __init__(
        self,
        settings: dict[str, Any],
        base: Path,
        state: Path,
        plan: Sequence[tuple[str, ...]],
        database: Database,
        keep: Callable[[tuple[Commit, ...]], None],
    ) -> None:
        self._settings = settings
        self._base = base
        self._state = state
        self._database = database
        self._keep = keep
        self._shards = [Shard(number, cameras) for number, cameras in enumerate(plan)]
        self._requests: queue.Queue[tuple[Shard, Channel, CommitRequest] | None] = queue.Queue()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._looks: dict[int, queue.Queue[bytes]] = {}
        self._look_number = 0
        self.trouble = ""
        self.replaced: dict[str, int] = {}
        self.refused = 0
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Starts all workers and the threads that look after them."""
        for shard in self._shards:
            self._launch(shard)
        for name, work in (("intake", self._take_in), ("watch", self._watch)):
            thread = threading.Thread(target=work, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self, timeout_s: float) -> None:
        """Lets the workers end in good order; kills what does not within the time."""
        self._stopping.set()
        until = monotonic_s() + timeout_s
        for shard in self._shards:
            if shard.alive and shard.channel is not None:
                try:
                    shard.channel.send(Stop())
                except OSError:
                    pass
        for shard in self._shards:
            if shard.process is not None:
                try:
                    shard.process.wait(max(0.1, until - monotonic_s()))
                except subprocess.TimeoutExpired:
                    logger().warning("worker did not end in time and is killed", shard=shard.number)
                    shard.process.kill()
                    shard.process.wait()
        self._requests.put(None)
        for thread in self._threads:
            thread.join(max(0.5, until - monotonic_s()))

    def views(self) -> tuple[ShardView, ...]:
        """What every shard last said."""
        return tuple(
            ShardView(
                shard.number,
                shard.process.pid if shard.process else None,
                shard.alive,
                shard.starts,
                shard.waiting,
                shard.trouble,
                shard.failure,
                dict(shard.reports),
            )
            for shard in self._shards
        )

    def look(self, camera: str) -> bytes:
        """The last picture of a camera as JPEG; empty when there is none."""
        shard = next((item for item in self._shards if camera in item.cameras), None)
        if shard is None or shard.channel is None:
            return b""
        answer: queue.Queue[bytes] = queue.Queue(1)
        with self._lock:
            self._look_number += 1
            number = self._look_number
            self._looks[number] = answer
        try:
            shard.channel.send(LookRequest(number, camera))
            return answer.get(timeout=LOOK_S)
        except (OSError, queue.Empty):
            return b""
        finally:
            with self._lock:
                self._looks.pop(number, None)

    def _launch(self, shard: Shard) -> None:
        shard.token = claim(self._database, shard.cameras)
        states = {camera: load_states(self._database, camera) for camera in shard.cameras}
        ours, theirs = socket.socketpair()
        life_end, shard.life_line = os.pipe()
        with theirs:
            shard.process = subprocess.Popen(
                [sys.executable, "-m", "brain.runtime.entry", str(theirs.fileno()), str(life_end)],
                pass_fds=(theirs.fileno(), life_end),
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                env=worker_environment(),
            )
        os.close(life_end)
        channel = Channel(ours)
        shard.channel = channel
        shard.started_s = shard.heard_s = monotonic_s()
        shard.starts += 1
        shard.failure = ""
        shard.listener = threading.Thread(
            target=self._listen, args=(shard, channel), name=f"worker-{shard.number}-listener", daemon=True
        )
        shard.listener.start()
        try:
            channel.send(
                Start(
                    shard.number, shard.token, str(self._base), str(self._state), self._settings, shard.cameras, states
                )
            )
        except OSError:
            pass  # it died at once; the watch sees that
        logger().info("worker started", shard=shard.number, pid=shard.process.pid, cameras=len(shard.cameras))

    def _listen(self, shard: Shard, channel: Channel) -> None:
        while (message := channel.receive()) is not None:
            shard.heard_s = monotonic_s()
            if isinstance(message, CommitRequest):
                with self._lock:
                    shard.pending += 1
                self._requests.put((shard, channel, message))
            elif isinstance(message, Heartbeat):
                shard.reports = message.cameras
                shard.waiting = message.waiting
                shard.trouble = message.trouble
                if message.overdue:
                    self._replace(shard, f"reader hangs: {', '.join(message.overdue)}", "overdue")
            elif isinstance(message, Look):
                with self._lock:
                    answer = self._looks.get(message.number)
                if answer is not None:
                    answer.put(message.jpeg)
            elif isinstance(message, Failed):
                shard.failure = message.reason
                logger().error("worker cannot start", shard=shard.number, reason=message.reason)
        channel.close()

    def _take_in(self) -> None:
        """Keeps requests one after the other; a store that is full or locked holds the line up, nothing is dropped."""
        while (item := self._requests.get()) is not None:
            shard, channel, request = item
            stale = False
            while True:
                try:
                    self._keep(request.commits)
                    self.trouble = ""
                except StaleOwner:
                    stale = True
                except UnkeepableReport as error:
                    logger().error("report can never be kept", shard=shard.number, reason=error.line)
                    self.refused += 1
                except BrainError as error:
                    if not self.trouble:
                        logger().error("store refuses", reason=error.line)
                    self.trouble = error.line
                    if self._stopping.wait(RETRY_S) and not shard.alive:
                        break
                    continue
                break
            with self._lock:
                shard.pending -= 1
            try:
                channel.send(Ack(request.seq, stale))
            except OSError:
                pass  # the worker is gone; its successor begins from what was kept

    def _watch(self) -> None:
        while not self._stopping.wait(0.2):
            now = monotonic_s()
            for shard in self._shards:
                if shard.alive:
                    limit = SILENT_S if shard.reports else START_S
                    if now - shard.heard_s > limit:
                        self._replace(shard, f"silent for {limit:g} s", "silent")
                    elif now - shard.started_s > STEADY_S:
                        shard.quick_deaths = 0
                elif shard.next_start_s == 0.0:
                    self._after_death(shard, now)
                elif now >= shard.next_start_s and shard.settled:
                    shard.next_start_s = 0.0
                    self._relaunch(shard)

    def _after_death(self, shard: Shard, now: float) -> None:
        if shard.life_line is not None:
            os.close(shard.life_line)
            shard.life_line = None
        code = shard.process.returncode if shard.process else None
        lived = now - shard.started_s
        shard.quick_deaths = shard.quick_deaths + 1 if lived < STEADY_S else 0
        pause = 0.0 if shard.quick_deaths <= 1 else min(LONGEST_PAUSE_S, 2.0 ** (shard.quick_deaths - 2))
        if shard.failure:
            pause = LONGEST_PAUSE_S
        shard.next_start_s = now + pause + 1e-9
        shard.reports = {}
        self.replaced["died"] = self.replaced.get("died", 0) + 1
        logger().warning("worker died", shard=shard.number, code=code, again_in_s=round(pause, 1))

    def _relaunch(self, shard: Shard) -> None:
        try:
            self._launch(shard)
        except (BrainError, OSError) as error:
            reason = error.line if isinstance(error, BrainError) else (error.strerror or "system error")
            logger().error("worker cannot be started", shard=shard.number, reason=reason)
            shard.next_start_s = monotonic_s() + RETRY_S

    def _replace(self, shard: Shard, reason: str, kind: str) -> None:
        logger().warning("worker is replaced", shard=shard.number, reason=reason)
        self.replaced[kind] = self.replaced.get(kind, 0) + 1
        if shard.process is not None and shard.process.poll() is None:
            os.kill(shard.process.pid, signal.SIGKILL)
            shard.process.wait()


def worker_environment() -> dict[str, str]:
    """The environment of a worker: one thread per numeric library, as parallelism comes from the workers."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return os.environ | dict.fromkeys(names, "1")


def settings_with_secrets(dumped: Any) -> dict[str, Any]:
    """Settings as JSON-able values with secrets in clear, for the socket pair only."""
    result: dict[str, Any] = json.loads(json.dumps(dumped, default=_plain))
    return result


def _plain(value: Any) -> Any:
    return value.get_secret_value() if hasattr(value, "get_secret_value") else str(value)
