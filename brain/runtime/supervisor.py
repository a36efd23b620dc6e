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
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from brain.config.logs import logger
from brain.core.clock import monotonic_s
from brain.core.errors import BrainError
from brain.runtime.intake_line import IntakeLine
from brain.runtime.wire import (
    CameraReport,
    Channel,
    CommitRequest,
    Failed,
    Heartbeat,
    Look,
    LookRequest,
    Message,
    Start,
    Stop,
)
from brain.store.database import Database
from brain.store.states import claim, load_states

SILENT_S = 10.0
START_S = 60.0
STEADY_S = 20.0
LONGEST_PAUSE_S = 30.0
LOOK_S = 3.0
SEND_S = 5.0
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
    proofs_dropped: int = 0
    listener: threading.Thread | None = None

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self.process is not None and self.process.poll() is None


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
    proofs_dropped: int
    reports: dict[str, CameraReport]


class Supervisor:
    """Keeps one worker per shard alive.

    Args:
        settings: the settings as JSON-able values, secrets in clear; sent over socket pairs only.
        base, state: folders.
        plan: cameras of each shard.
        database: opened for writing.
        intake: keeps what the workers report; started by its owner.
    """

    def __init__(
        self,
        settings: dict[str, Any],
        base: Path,
        state: Path,
        plan: Sequence[tuple[str, ...]],
        database: Database,
        intake: IntakeLine,
    ) -> None:
        self._settings = settings
        self._base = base
        self._state = state
        self._database = database
        self._intake = intake
        self._shards = [Shard(number, cameras) for number, cameras in enumerate(plan)]
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._looks: dict[int, queue.Queue[bytes]] = {}
        self._look_number = 0
        self.replaced: dict[str, int] = {}
        self._watcher = threading.Thread(target=self._watch, name="watch", daemon=True)

    def start(self) -> None:
        """Starts all workers and the thread that looks after them."""
        for shard in self._shards:
            self._launch(shard)
        self._watcher.start()

    def stop(self, timeout_s: float) -> None:
        """Lets the workers end in good order; kills what does not within the time."""
        self._stopping.set()
        until = monotonic_s() + timeout_s
        self._watcher.join(timeout_s)
        for shard in self._shards:
            if shard.alive and shard.channel is not None:
                # From a thread of its own: a worker that reads nothing must not hold up the others' end.
                threading.Thread(target=_send_stop, args=(shard.channel,), daemon=True).start()
        for shard in self._shards:
            if shard.process is not None:
                try:
                    shard.process.wait(max(0.1, until - monotonic_s()))
                except subprocess.TimeoutExpired:
                    logger().warning("worker did not end in time and is killed", shard=shard.number)
                    shard.process.kill()
                    shard.process.wait()
            self._let_go(shard)

    @property
    def watches(self) -> bool:
        """Whether dead workers are noticed."""
        return self._watcher.is_alive()

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
                shard.proofs_dropped,
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
        channel = Channel(ours, send_limit_s=SEND_S)
        try:
            shard.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "brain.runtime.entry", str(theirs.fileno()), str(life_end)],
                pass_fds=(theirs.fileno(), life_end),
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                env=worker_environment(),
            )
        except OSError:
            channel.close()
            self._let_go(shard)
            raise
        finally:
            theirs.close()
            os.close(life_end)
        shard.channel = channel
        shard.started_s = shard.heard_s = monotonic_s()
        shard.starts += 1
        shard.failure = ""
        start = Start(
            shard.number, shard.token, str(self._base), str(self._state), self._settings, shard.cameras, states
        )
        shard.listener = threading.Thread(
            target=self._converse, args=(shard, channel, start), name=f"worker-{shard.number}", daemon=True
        )
        shard.listener.start()
        logger().info("worker started", shard=shard.number, pid=shard.process.pid, cameras=len(shard.cameras))

    def _converse(self, shard: Shard, channel: Channel, start: Start) -> None:
        """Tells a worker what to do and listens to it until it is gone."""
        try:
            channel.send(start)
            while (message := channel.receive()) is not None:
                shard.heard_s = monotonic_s()
                self._hear(shard, channel, message)
        except Exception as error:
            # Its words cannot be understood, or it does not listen: the watch puts another in its place.
            logger().error("worker lost", shard=shard.number, reason=type(error).__name__)
            self._replace(shard, "cannot be talked to", "lost")
        finally:
            channel.close()

    def _hear(self, shard: Shard, channel: Channel, message: Message) -> None:
        if isinstance(message, CommitRequest):
            self._intake.put(shard.number, channel, message)
        elif isinstance(message, Heartbeat):
            shard.reports = message.cameras
            shard.waiting = message.waiting
            shard.trouble = message.trouble
            shard.proofs_dropped = message.proofs_dropped
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

    def _watch(self) -> None:
        while not self._stopping.wait(0.2):
            for shard in self._shards:
                try:
                    self._look_after(shard, monotonic_s())
                except Exception:
                    logger().exception("watch", shard=shard.number)

    def _look_after(self, shard: Shard, now: float) -> None:
        if shard.alive:
            limit = SILENT_S if shard.reports else START_S
            if now - shard.heard_s > limit:
                self._replace(shard, f"silent for {limit:g} s", "silent")
            elif now - shard.started_s > STEADY_S:
                shard.quick_deaths = 0
        elif shard.next_start_s == 0.0:
            self._after_death(shard, now)
        elif now >= shard.next_start_s and self._settled(shard):
            shard.next_start_s = 0.0
            self._relaunch(shard)

    def _settled(self, shard: Shard) -> bool:
        """Whether all that a dead process had sent is kept, so that its successor may begin from there."""
        listening = shard.listener is not None and shard.listener.is_alive()
        return not listening and self._intake.pending(shard.number) == 0

    @staticmethod
    def _let_go(shard: Shard) -> None:
        if shard.life_line is not None:
            os.close(shard.life_line)
            shard.life_line = None

    def _after_death(self, shard: Shard, now: float) -> None:
        self._let_go(shard)
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


def _send_stop(channel: Channel) -> None:
    try:
        channel.send(Stop())
    except OSError:
        pass  # it is gone already, or is killed when its time is over


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
