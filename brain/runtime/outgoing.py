"""What a worker has to hand over: evidence to disk first, then the commit to the service; in order, nothing dropped."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from brain.core.clock import monotonic_s
from brain.core.errors import StoreError
from brain.core.types import EventChange, Evidence, EvidenceKind
from brain.runtime.wire import Channel, CommitRequest
from brain.store.evidence import EvidenceFolder
from brain.store.records import Commit, LateEvidence, Report, SavedState

RETRY_S = 1.0
GATHER_S = 0.5
BUSY_AT = 200
PROOF_BYTES = 192 << 20


@dataclass(frozen=True, slots=True)
class Proof:
    """Evidence not yet on disk."""

    kind: EvidenceKind
    data: bytes
    media_type: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one camera has to hand over at once; see ``brain.store.records.Commit``."""

    camera: str
    reports: tuple[tuple[EventChange, tuple[Proof, ...]], ...] = ()
    late: tuple[tuple[str, Proof], ...] = ()
    states: tuple[SavedState, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of proof in it."""
        return sum(len(proof.data) for proof in self.proofs)

    @property
    def proofs(self) -> tuple[Proof, ...]:
        """All proofs in it."""
        return tuple(proof for _, proofs in self.reports for proof in proofs) + tuple(proof for _, proof in self.late)

    def without_proofs(self) -> Parcel:
        """The same reports without their proof."""
        return replace(self, reports=tuple((change, ()) for change, _ in self.reports), late=())

    @property
    def only_states(self) -> bool:
        """Whether a newer parcel of the same camera makes this one needless."""
        return not self.reports and not self.late


class Outgoing(threading.Thread):
    """Sends parcels one after the other; each is done when the service has acknowledged it.

    Mere states of all cameras are gathered for half a second and sent together, so that keeping them costs two
    transactions a second whatever the number of cameras. A full disk holds the line up and is tried again each second;
    detection goes on meanwhile. What waits is bounded: beyond that, reports go without their pictures, never pictures
    without their reports.

    Args:
        on_stale: another worker owns the cameras now.
        on_broken: something cannot be handed over for a reason that nobody foresaw.

    Attributes:
        trouble: what keeps evidence from being written.
        dropped: pieces of proof given up because too much was waiting.
    """

    def __init__(
        self,
        channel: Channel,
        evidence: EvidenceFolder,
        token: int,
        *,
        on_stale: Callable[[], None],
        on_broken: Callable[[str], None],
    ) -> None:
        super().__init__(name="outgoing", daemon=True)
        self.trouble = ""
        self.dropped = 0
        self._bytes = 0
        self._on_broken = on_broken
        self._channel = channel
        self._evidence = evidence
        self._token = token
        self._on_stale = on_stale
        self._queue: deque[Parcel] = deque()
        self._states: dict[str, dict[str, SavedState]] = {}
        self._states_since_s = 0.0
        self._changed = threading.Condition()
        self._seq = 0
        self._acked = 0
        self._sending = False
        self._hurry = False
        self._gone = threading.Event()

    @property
    def waiting(self) -> int:
        """Parcels not yet acknowledged."""
        with self._changed:
            return len(self._queue) + len(self._states) + self._sending

    @property
    def busy(self) -> bool:
        """Whether so much is waiting that a source which can wait should."""
        return self.waiting >= BUSY_AT

    def submit(self, parcel: Parcel) -> None:
        """Takes a parcel; newer states of a camera replace older ones that still wait."""
        with self._changed:
            if parcel.only_states:
                if not self._states:
                    self._states_since_s = monotonic_s()
                self._states.setdefault(parcel.camera, {}).update({state.key: state for state in parcel.states})
            else:
                if self._bytes + parcel.size > PROOF_BYTES:
                    self.dropped += len(parcel.proofs)
                    parcel = parcel.without_proofs()
                self._bytes += parcel.size
                older = self._states.pop(parcel.camera, {})
                merged = older | {state.key: state for state in parcel.states}
                self._queue.append(replace(parcel, states=tuple(merged.values())))
            self._changed.notify_all()

    def acknowledge(self, seq: int, *, stale: bool) -> None:
        """The service has answered request ``seq``."""
        with self._changed:
            self._acked = max(self._acked, seq)
            self._changed.notify_all()
        if stale:
            self._on_stale()

    def drain(self, timeout_s: float) -> bool:
        """Sends what is left at once and waits for it; false when the time is over first."""
        with self._changed:
            self._hurry = True
            self._changed.notify_all()
            return self._changed.wait_for(lambda: not self._queue and not self._states and not self._sending, timeout_s)

    def abandon(self) -> None:
        """Ends the thread without waiting for what is left."""
        self._gone.set()
        with self._changed:
            self._changed.notify_all()

    def run(self) -> None:
        """Sends until abandoned or the service is gone."""
        while True:
            parcels = self._next()
            if not parcels:
                return
            try:
                self._hand_over(parcels)
            except OSError:
                return  # the service is gone, and this process with it
            except Exception as error:
                self._on_broken(f"a report cannot be handed over: {type(error).__name__}")
                return
            finally:
                with self._changed:
                    self._sending = False
                    self._bytes -= sum(parcel.size for parcel in parcels)
                    self._changed.notify_all()

    def _next(self) -> tuple[Parcel, ...]:
        """The next parcel with events, or the states once gathered long enough; waits; empty at the end."""
        with self._changed:
            while not self._gone.is_set():
                if self._queue:
                    self._sending = True
                    return (self._queue.popleft(),)
                left = self._states_since_s + GATHER_S - monotonic_s()
                if self._states and (left <= 0 or self._hurry):
                    self._sending = True
                    states, self._states = self._states, {}
                    return tuple(Parcel(camera, states=tuple(kept.values())) for camera, kept in states.items())
                self._changed.wait(left if self._states else None)
        return ()

    def _hand_over(self, parcels: tuple[Parcel, ...]) -> None:
        commits = []
        for parcel in parcels:
            reports = tuple(Report(change, self._keep(change.event_id, proofs)) for change, proofs in parcel.reports)
            late = tuple(
                LateEvidence(event, kept) for event, proof in parcel.late for kept in self._keep(event, (proof,))
            )
            commits.append(Commit(parcel.camera, self._token, reports, late, parcel.states))
        self._seq += 1
        self._channel.send(CommitRequest(self._seq, tuple(commits)))
        with self._changed:
            self._changed.wait_for(lambda: self._acked >= self._seq or self._gone.is_set())

    def _keep(self, event_id: str, proofs: tuple[Proof, ...]) -> tuple[Evidence, ...]:
        kept = []
        for proof in proofs:
            while not self._gone.is_set():
                try:
                    kept.append(self._evidence.write(event_id, proof.data, proof.kind, proof.media_type, proof.at))
                    self.trouble = ""
                    break
                except StoreError as error:
                    self.trouble = error.line
                    self._gone.wait(RETRY_S)
        return tuple(kept)
