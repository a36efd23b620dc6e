"""The dispatcher: takes what the outbox holds to the desks, and writes down what came of it.

One thread looks after all lines: it writes results and claims the next rows in one transaction, so a busy service pays
one commit for several messages. Each message under way has a short-lived thread of its own; their number is bounded per
desk, with slots that only high and critical severity may use. When nothing is due the thread sleeps until the next due
time or :meth:`Dispatcher.wake`; it does not poll.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from pydantic import SecretStr
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from brain.config.settings import DeskSettings
from brain.core.clock import monotonic_s, utc_now
from brain.core.errors import BrainError
from brain.dispatch import outbox
from brain.dispatch.answers import Outcome, Reach
from brain.dispatch.breaker import PAUSE_S
from brain.dispatch.health import DispatchHealth, desk_health, in_words, stray
from brain.dispatch.line import Line
from brain.dispatch.outbox import Message, RowState, Settlement
from brain.dispatch.summary import Backlog, backlog

# Bounds what a missed wake-up or a clock that jumps can cost; far too rare to cost anything itself.
LONGEST_SLEEP_S = 30.0
_TROUBLE_FIRST_S, _TROUBLE_LONGEST_S = 0.25, 5.0
_log = structlog.get_logger(__name__)


class Store(Protocol):
    """What the dispatcher needs of ``brain.store.database.Database``."""

    def write(self) -> AbstractContextManager[Connection]:
        """A writing transaction."""

    def read(self) -> AbstractContextManager[Connection]:
        """A reading transaction."""


class EvidenceFiles(Protocol):
    """What the dispatcher needs of the evidence folder."""

    def read(self, path: str, /) -> bytes:
        """Bytes of a file by its relative path."""


class Dispatcher:
    """Delivers the outbox: at least once, in order per case and desk, with an id that never changes.

    Args:
        db: opened for writing.
        evidence: where attachments are read from.
        desks: settings with their secrets.
        owner: name of this service's leases. With SQLite the writer lock lets one service live, so one fixed name lets
            a restarted service free what its killed forerunner had under way. Several services on one PostgreSQL need
            a name each.
        rng: source of chance for pauses.
        pause_s: interval of probes to a desk that refuses our credentials or our connection.

    Raises:
        ConfigError: a secret or address is malformed.
    """

    def __init__(
        self,
        db: Store,
        evidence: EvidenceFiles,
        desks: Sequence[tuple[DeskSettings, SecretStr | None]],
        *,
        owner: str = "service",
        rng: random.Random | None = None,
        pause_s: float = PAUSE_S,
    ) -> None:
        self._db = db
        self._owner = owner
        rng = rng or random.Random()
        self._lines = {desk.id: Line(desk, secret, evidence.read, rng, pause_s) for desk, secret in desks}
        self._signal = threading.Event()
        self._halt = threading.Event()
        self._results: deque[tuple[Line, Message, Outcome]] = deque()
        self._orders: deque[str | None] = deque()
        self._unsettled: list[tuple[Line, Settlement, str]] = []
        self._release_due = True
        self._overdue: list[str] = []
        self._trouble = ""
        self._backlog: dict[str, Backlog] = {}
        self._stop_at = float("inf")
        self._drained = True
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins to deliver; returns at once."""
        if self._thread is not None:
            raise RuntimeError("the dispatcher was started before")
        self._thread = threading.Thread(target=self._run, name="dispatch", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Says that the outbox has new rows. Cheap, from any thread."""
        self._signal.set()

    def stop(self, timeout: float = 10.0) -> bool:
        """Claims nothing more, waits for what is under way and writes down what came of it.

        Args:
            timeout: seconds to wait; what is still under way then is sent again by the next start, with its id.

        Returns:
            Whether everything under way came to its end and was written down.
        """
        self._stop_at = monotonic_s() + timeout
        self._halt.set()
        self._signal.set()
        if self._thread is not None:
            self._thread.join(timeout + 2.0)
        for line in self._lines.values():
            line.receiver.close()
        return self._drained and (self._thread is None or not self._thread.is_alive())

    def retry(self, *, desk: str | None = None, ids: Sequence[str] = (), dead: bool = False) -> int:
        """Makes rows due now and lets a paused or tripped desk be tried at once; how many rows.

        See :func:`brain.dispatch.outbox.retry` for what is chosen.

        Raises:
            StoreError: the database cannot be written.
        """
        with self._db.write() as connection:
            rows = outbox.retry(connection, now=utc_now(), desk=desk, ids=ids, dead=dead)
        self._orders.append(desk)
        self._signal.set()
        return rows

    def health(self) -> DispatchHealth:
        """How delivery goes, for health pages and metrics. Reads the waiting rows; never raises for the database."""
        trouble = self._trouble
        try:
            with self._db.read() as connection:
                self._backlog = backlog(connection)
        except (BrainError, SQLAlchemyError, OSError) as error:
            trouble = trouble or in_words(error)
        known = tuple(desk_health(line, self._backlog.get(line.desk.id)) for line in self._lines.values())
        strays = tuple(stray(desk, rows) for desk, rows in self._backlog.items() if desk not in self._lines)
        return DispatchHealth(known + strays, trouble)

    # What follows runs in the dispatcher's thread, except _send.

    def _run(self) -> None:
        pause = _TROUBLE_FIRST_S
        while True:
            self._signal.clear()
            try:
                self._judge_results()
                sleep = self._round()
                self._trouble, pause = "", _TROUBLE_FIRST_S
            except Exception as error:  # this thread may not end while messages wait
                self._note_trouble(error)
                # A commit that failed may still have been kept: leases that nobody here knows of are given back.
                self._release_due = True
                time.sleep(_TROUBLE_FIRST_S) if self._halt.is_set() else self._halt.wait(pause)
                sleep, pause = 0.0, min(pause * 2, _TROUBLE_LONGEST_S)
            if self._halt.is_set() and self._finished():
                return
            if sleep > 0:
                self._signal.wait(sleep)

    def _finished(self) -> bool:
        busy = bool(self._results) or any(line.under_way for line in self._lines.values())
        self._drained = not busy and not self._unsettled
        return self._drained or monotonic_s() >= self._stop_at

    def _judge_results(self) -> None:
        while self._orders:
            desk = self._orders.popleft()
            for line in self._lines.values():
                if desk is None or line.desk.id == desk:
                    line.breaker = line.breaker.resumed()
        while self._results:
            line, message, outcome = self._results.popleft()
            settlement, cause = line.judge(message, outcome, utc_now(), monotonic_s())
            line.under_way = {key: value for key, value in line.under_way.items() if key != message.id}
            self._unsettled.append((line, settlement, cause))
            if settlement.state is not RowState.SENT:
                _log.warning(
                    "message not delivered",
                    desk=message.desk,
                    message=message.id,
                    state=settlement.state.value,
                    reason=settlement.reason,
                )

    def _round(self) -> float:
        """Writes results, claims and starts what may start; seconds until there may be more to do."""
        now = utc_now()
        ready = [] if self._halt.is_set() else self._ready_lines(now)
        if ready or self._unsettled or self._release_due or self._overdue:
            for line, message in self._write(ready):
                self._launch(line, message)
        if self._halt.is_set():
            return max(0.001, min(LONGEST_SLEEP_S, self._stop_at - monotonic_s()))
        return self._sleep_s(now)

    def _ready_lines(self, now: datetime) -> list[Line]:
        """Lines that have both a free slot and, as far as a reader can see, something to send."""
        now_s = monotonic_s()
        # What is settled or released in the coming transaction may free rows that a reader sees as taken.
        freed = {line for line, _, _ in self._unsettled} if not self._release_due else set(self._lines.values())
        free = {line: line.free(now_s) for line in self._lines.values()}
        ready = [line for line, (start, _) in free.items() if start and line in freed]
        asked = [line for line, (start, _) in free.items() if start and line not in freed]
        if asked:
            with self._db.read() as connection:
                ready += [line for line in asked if self._has_ready(connection, line, now, free[line][1])]
        return ready

    def _has_ready(self, connection: Connection, line: Line, now: datetime, normal: int) -> bool:
        return outbox.any_ready(
            connection,
            desk=line.desk.id,
            now=now,
            urgent_only=normal == 0,
            holding=line.under_way,
        )

    def _write(self, ready: Sequence[Line]) -> list[tuple[Line, Message]]:
        """One transaction: writes all results and claims for the ready lines."""
        kept: list[bool] = []
        claimed: list[tuple[Line, Message]] = []
        with self._db.write() as connection:
            now = utc_now()
            if self._release_due:
                mine = [key for line in self._lines.values() for key in line.under_way]
                mine += [settlement.id for _, settlement, _ in self._unsettled]
                outbox.release(connection, owner=self._owner, keep=mine)
            for desk in self._overdue:
                outbox.retry(connection, now=now, desk=desk)
            for _, settlement, _ in self._unsettled:
                kept.append(outbox.settle(connection, owner=self._owner, now=now, settlement=settlement))
            for line in ready:
                claimed += [(line, message) for message in self._claim(connection, line, now)]
        self._release_due, self._overdue = False, []
        for (line, settlement, cause), was_kept in zip(self._unsettled, kept, strict=True):
            if was_kept:
                line.totals = line.totals.plus(settlement.state, cause)
        self._unsettled = []
        return claimed

    def _claim(self, connection: Connection, line: Line, now: datetime) -> tuple[Message, ...]:
        limit, normal_limit = line.free(monotonic_s())
        return outbox.claim(
            connection,
            desk=line.desk.id,
            owner=self._owner,
            now=now,
            until=now + timedelta(seconds=line.lease_s),
            limit=limit,
            normal_limit=normal_limit,
            holding=line.under_way,
        )

    def _launch(self, line: Line, message: Message) -> None:
        line.under_way = {**line.under_way, message.id: message}
        thread = threading.Thread(target=self._send, args=(line, message), name=f"desk-{line.desk.id}", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # no more threads or memory: as if the desk could not be reached
            self._results.append((line, message, Outcome(Reach.UNREACHABLE, detail="no thread can be started")))
            self._signal.set()

    def _send(self, line: Line, message: Message) -> None:
        try:
            outcome = line.receiver.send(message)
        except Exception as error:  # a mistake in a receiver must not lose track of the message
            _log.exception("receiver failed", desk=line.desk.id, message=message.id)
            outcome = Outcome(Reach.UNKNOWN, detail=f"internal error ({type(error).__name__})")
        self._results.append((line, message, outcome))
        self._signal.set()

    def _sleep_s(self, now: datetime) -> float:
        """Until the next moment at which a line may have something to do, were nobody to wake us."""
        if self._results:
            return 0.0
        now_s = monotonic_s()
        sleep = LONGEST_SLEEP_S
        with self._db.read() as connection:
            for line in self._lines.values():
                if line.breaker.closed_until > now_s:
                    sleep = min(sleep, line.breaker.closed_until - now_s)
                elif line.free(now_s)[0]:
                    due = outbox.next_due(connection, desk=line.desk.id, now=now)
                    wait = LONGEST_SLEEP_S if due is None else (due - utc_now()).total_seconds()
                    if wait > line.horizon_s:  # no pause is that long: the clock was set back
                        self._overdue.append(line.desk.id)
                        wait = 0.0
                    sleep = min(sleep, max(0.001, wait))
        return sleep

    def _note_trouble(self, error: Exception) -> None:
        text = in_words(error)
        if text != self._trouble:
            expected = isinstance(error, BrainError | SQLAlchemyError | OSError)
            _log.error("the outbox cannot be worked on", reason=text, exc_info=None if expected else error)
        self._trouble = text
