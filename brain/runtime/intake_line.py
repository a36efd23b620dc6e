"""The line of requests that wait to be kept: one after the other, nothing dropped while the store refuses."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from brain.config.logs import logger
from brain.core.clock import monotonic_s
from brain.core.errors import BrainError
from brain.runtime.wire import Ack, Channel, CommitRequest
from brain.store.errors import StaleOwner
from brain.store.records import Commit

RETRY_S = 1.0
UNFORESEEN_TRIES = 30
Keep = Callable[[tuple[Commit, ...]], None]


class IntakeLine(threading.Thread):
    """Keeps what the workers ask for and answers them.

    A store that is full or locked holds the line up and is tried again each second. Something unforeseen is tried again
    as well, but not for ever: one request must not keep all cameras from being heard.

    Attributes:
        trouble: what holds the line up, empty when nothing does.
        given_up: requests that could not be kept for a reason that nobody foresaw.
    """

    def __init__(self, keep: Keep) -> None:
        super().__init__(name="intake", daemon=True)
        self.trouble = ""
        self.given_up = 0
        self._keep = keep
        self._requests: queue.Queue[tuple[int, Channel, CommitRequest] | None] = queue.Queue()
        self._pending: dict[int, int] = {}
        self._lock = threading.Lock()
        self._give_up_s: float | None = None

    def put(self, shard: int, channel: Channel, request: CommitRequest) -> None:
        """Takes a request of a shard's worker."""
        with self._lock:
            self._pending[shard] = self._pending.get(shard, 0) + 1
        self._requests.put((shard, channel, request))

    def pending(self, shard: int | None = None) -> int:
        """Requests not yet kept: of one shard, or of all."""
        with self._lock:
            return sum(self._pending.values()) if shard is None else self._pending.get(shard, 0)

    def give_up_after(self, seconds: float) -> None:
        """The service stops: what a refusing store has not taken by then is left to the workers' saved states."""
        self._give_up_s = monotonic_s() + seconds

    def finish(self, timeout_s: float) -> None:
        """Ends the thread once everything before this call is kept."""
        self._requests.put(None)
        self.join(timeout_s)

    def run(self) -> None:
        """Keeps requests until told to finish."""
        while (item := self._requests.get()) is not None:
            shard, channel, request = item
            answer = self._until_kept(request)
            with self._lock:
                self._pending[shard] -= 1
            if answer is None:
                continue
            try:
                channel.send(answer)
            except OSError:
                pass  # the worker is gone; its successor begins from what was kept

    def _until_kept(self, request: CommitRequest) -> Ack | None:
        """The answer to a request; ``None`` when the service stops and the store still refuses."""
        unforeseen = 0
        while True:
            try:
                self._keep(request.commits)
                if self.trouble:
                    logger().info("kept again")
                self.trouble = ""
                return Ack(request.seq)
            except StaleOwner:
                return Ack(request.seq, stale=True)
            except Exception as error:
                self._note(error)
                unforeseen += not isinstance(error, BrainError)
            if unforeseen >= UNFORESEEN_TRIES:
                self.given_up += 1
                self.trouble = ""
                return Ack(request.seq)
            if self._give_up_s is not None and monotonic_s() >= self._give_up_s:
                return None
            threading.Event().wait(RETRY_S)

    def _note(self, error: Exception) -> None:
        text = error.line if isinstance(error, BrainError) else f"unforeseen: {type(error).__name__}"
        if text != self.trouble:
            logger().error("nothing can be kept now", reason=text, exc_info=not isinstance(error, BrainError))
        self.trouble = text
