"""Runs a feed of observations through the rules, at the speed at which it grows."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path

from brain.config.logs import logger
from brain.core.types import CameraState
from brain.runtime.feed import POSITION_KEY, FeedFile, FeedLine, blank
from brain.runtime.keeper import StateKeeper
from brain.runtime.outgoing import Outgoing
from brain.runtime.pipeline import CameraPipeline
from brain.runtime.wire import CameraReport
from brain.store.records import SavedState

POLL_S = 0.2
KEEP_EVERY = 100


class FeedCamera(threading.Thread):
    """A camera that is a file of observations (``brain.runtime.feed``).

    Args:
        states: saved states, among them the place in the file.
    """

    def __init__(
        self,
        camera: str,
        view: str,
        path: Path,
        pipeline: CameraPipeline,
        outgoing: Outgoing,
        states: Mapping[str, bytes],
    ) -> None:
        super().__init__(name=f"feed-{camera}", daemon=True)
        self._pipeline = pipeline
        self._outgoing = outgoing
        self._keeper = StateKeeper(camera, pipeline, outgoing)
        position = int(json.loads(states[POSITION_KEY])["byte"]) if POSITION_KEY in states else 0
        self._file = FeedFile(camera, view, path, position)
        self._stop_event = threading.Event()
        self._reason = ""
        self._samples = 0

    def stop(self) -> None:
        """Asks the thread to end after the present line."""
        self._stop_event.set()

    def run(self) -> None:
        """Reads what is there, waits for more, until stopped."""
        while not self._stop_event.is_set():
            try:
                for line in self._file.lines():
                    self._take(line)
                    if self._stop_event.is_set():
                        break
                self._reason = ""
            except OSError as error:
                self._reason = f"feed cannot be read: {error.strerror}"
            except Exception as error:
                logger().exception("feed", camera=self.name)
                self._reason = f"feed cannot be taken: {type(error).__name__}"
            self._stop_event.wait(POLL_S)
        self._keeper.keep(self._place(self._file.position))

    def report(self) -> CameraReport:
        """State and counts for the heartbeat."""
        state = CameraState.UNREACHABLE if self._reason else CameraState.LIVE
        skipped = {"bad_line": self._file.bad} if self._file.bad else {}
        return CameraReport(
            state, self._reason, samples=self._samples, due=self._samples, skipped=skipped, pts_s=self._pipeline.last_s
        )

    def _take(self, line: FeedLine) -> None:
        while self._outgoing.busy and not self._stop_event.wait(POLL_S):
            pass  # a feed can wait; what it holds is safe in its file
        outcome = self._pipeline.judge(line.sample, line.observations)
        self._samples += 1
        place = self._place(line.next_byte)
        if outcome.changes:
            self._keeper.report(outcome, blank, place)
        elif self._samples % KEEP_EVERY == 0:
            self._keeper.keep(place)

    @staticmethod
    def _place(byte: int) -> SavedState:
        return SavedState(POSITION_KEY, json.dumps({"byte": byte}).encode())
