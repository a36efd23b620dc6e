"""What a worker asks the store to keep, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass

from brain.core.types import EventChange, Evidence


@dataclass(frozen=True, slots=True)
class Report:
    """A change of an event with the evidence that is already complete on disk."""

    change: EventChange
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class LateEvidence:
    """Evidence that follows its event: the clip, which ends seconds after the alarm."""

    event_id: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class SavedState:
    """State of a rule or algorithm of a camera (``key`` unique within the camera); opaque bytes."""

    key: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Commit:
    """All that one camera reports at once; kept whole or not at all.

    Attributes:
        camera: camera id.
        token: fencing token of the shard that owns the camera; an older one is refused.
        reports: in order of time.
        late: clips of earlier events.
        states: the states that go with them.
    """

    camera: str
    token: int
    reports: tuple[Report, ...] = ()
    late: tuple[LateEvidence, ...] = ()
    states: tuple[SavedState, ...] = ()
