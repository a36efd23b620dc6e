"""A worker process: a shard of cameras from packets to events. Started through ``brain.runtime.entry``."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections import deque
from pathlib import Path
from zoneinfo import ZoneInfo

import cv2

from brain.config.logs import logger, set_up_logs
from brain.config.settings import BrainSettings, source_scheme
from brain.core.clock import monotonic_s
from brain.core.errors import BrainError
from brain.runtime.assembly import Assembly
from brain.runtime.exits import BROKEN, REPLACED, SERVICE_GONE
from brain.runtime.feed_camera import FeedCamera
from brain.runtime.live import LiveCamera
from brain.runtime.outgoing import Outgoing
from brain.runtime.wire import Ack, Channel, Failed, Heartbeat, Look, LookRequest, Message, Start, Stop
from brain.store.evidence import EVIDENCE_FOLDER, EvidenceFolder

HEARTBEAT_S = 1.0
DRAIN_S = 5.0
OPENS_A_SECOND = 20.0


class Worker:
    """The parts of a worker process and their life."""

    def __init__(self, channel: Channel, start: Start) -> None:
        self._channel = channel
        self._stop = threading.Event()
        self._ready: deque[LiveCamera] = deque()
        self._wake = threading.Condition()
        evidence = EvidenceFolder(Path(start.state) / EVIDENCE_FOLDER)
        self._outgoing = Outgoing(channel, evidence, start.token, on_stale=self._on_stale, on_broken=self._on_broken)
        settings = BrainSettings.model_validate(start.settings)
        self._live: dict[str, LiveCamera] = {}
        self._feeds: dict[str, FeedCamera] = {}
        assembly = Assembly(settings, Path(start.base))
        assembly.prepare(start.cameras)
        for name in start.cameras:
            self._add(assembly, name, start.states.get(name, {}))

    def _add(self, assembly: Assembly, name: str, states: dict[str, bytes]) -> None:
        camera = assembly.camera(name)
        pipeline = assembly.pipeline(name)
        for note in pipeline.restore(states):
            logger().warning("saved state left out", camera=name, reason=note)
        if source_scheme(camera.source) == "feed":
            path = Path(camera.resolved_address(assembly.base).url.removeprefix("feed:"))
            self._feeds[name] = FeedCamera(name, camera.view, path, pipeline, self._outgoing, states)
            return
        settings = assembly.reader(name, pipeline.every_s)
        self._live[name] = LiveCamera(
            camera.view, settings, pipeline, self._outgoing, self._on_work, ZoneInfo(assembly.settings.city.timezone)
        )

    def run(self) -> int:
        """Works until told to stop; the exit code."""
        self._outgoing.start()
        analysis = threading.Thread(target=self._analyse, name="analysis", daemon=True)
        analysis.start()
        threading.Thread(target=self._open_staggered, name="opener", daemon=True).start()
        threading.Thread(target=self._beat, name="heartbeat", daemon=True).start()
        while (message := self._channel.receive()) is not None:
            if isinstance(message, Stop):
                self._drain(analysis)
                return 0
            self._answer(message)
        os._exit(SERVICE_GONE)

    def _answer(self, message: Message) -> None:
        if isinstance(message, Ack):
            self._outgoing.acknowledge(message.seq, stale=message.stale)
        elif isinstance(message, LookRequest):
            camera = self._live.get(message.camera)
            self._channel.send(Look(message.number, camera.look() if camera else b""))

    def _open_staggered(self) -> None:
        """Starts readers a few at a time, so that 200 cameras do not open at one moment."""
        for feed in self._feeds.values():
            feed.start()
        for camera in self._live.values():
            camera.reader.start()
            if self._stop.wait(1 / OPENS_A_SECOND):
                return

    def _on_work(self, camera: LiveCamera) -> None:
        with self._wake:
            self._ready.append(camera)
            self._wake.notify()

    def _analyse(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: bool(self._ready) or self._stop.is_set(), 1.0)
                if self._stop.is_set():
                    return
                if not self._ready:
                    continue
                camera = self._ready.popleft()
            try:
                camera.analyse()
            except Exception:
                # One camera's trouble must not stop the others; it is counted and seen.
                logger().exception("sample could not be analysed", camera=camera.id)
                camera.count_crash()

    def _beat(self) -> None:
        while not self._stop.wait(HEARTBEAT_S):
            reports = {name: camera.report() for name, camera in self._live.items()}
            reports |= {name: feed.report() for name, feed in self._feeds.items()}
            overdue = tuple(name for name, camera in self._live.items() if camera.reader.overdue_s() > 0)
            beat = Heartbeat(
                os.getpid(), reports, self._outgoing.waiting, self._outgoing.trouble, self._outgoing.dropped, overdue
            )
            try:
                self._channel.send(beat)
            except OSError:
                os._exit(SERVICE_GONE)

    def _drain(self, analysis: threading.Thread) -> None:
        """Ends in good order: readers first, then what waits for analysis, then what must be kept."""
        until = monotonic_s() + DRAIN_S
        self._stop.set()
        for camera in self._live.values():
            camera.reader.stop()
        for feed in self._feeds.values():
            feed.stop()
        with self._wake:
            self._wake.notify_all()
        analysis.join(max(0.1, (until - monotonic_s()) / 3))
        for camera in self._live.values():
            camera.reader.join(max(0.0, min(1.0, until - monotonic_s() - 2.0)))  # its last clip
        # The answers to the last commits still have to be read while this thread waits for them.
        threading.Thread(target=self._read_on, name="acks", daemon=True).start()
        for camera in self._live.values():
            camera.keep_all()
        for feed in self._feeds.values():
            feed.join(1.0)
        if not self._outgoing.drain(max(0.5, until - monotonic_s())):
            logger().warning("stopped before everything was handed over", waiting=self._outgoing.waiting)

    def _read_on(self) -> None:
        while (message := self._channel.receive()) is not None:
            if isinstance(message, Ack):
                self._outgoing.acknowledge(message.seq, stale=message.stale)

    @staticmethod
    def _on_broken(reason: str) -> None:
        """Something cannot be handed over: a successor goes on from what was kept."""
        logger().error("worker ends", reason=reason)
        os._exit(BROKEN)

    def _on_stale(self) -> None:
        logger().error("another worker owns these cameras now: this one ends")
        os._exit(REPLACED)


def main(descriptor: int) -> int:
    """Runs a worker on its end of the socket pair; the exit code."""
    cv2.setNumThreads(1)
    channel = Channel(socket.socket(fileno=descriptor))
    start = channel.receive()
    if not isinstance(start, Start):
        return SERVICE_GONE
    set_up_logs(as_json=True, process=f"worker-{start.shard}")
    try:
        worker = Worker(channel, start)
    except BrainError as error:
        channel.send(Failed(error.line))
        return error.exit_code
    code = worker.run()
    sys.stdout.flush()
    # Threads that hang in a camera's library call must not hold the process up.
    os._exit(code)
