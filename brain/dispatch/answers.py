"""What the outcome of a try means: delivered, again, dead letter or pause. Pure; one table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reach(StrEnum):
    """How far a try came."""

    ANSWERED = "answered"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"
    TLS = "tls"
    FORBIDDEN = "forbidden"
    UNREADABLE = "unreadable"


class Action(StrEnum):
    """What to do with a message after a try."""

    SENT = "sent"
    RETRY = "retry"
    RETRY_BARE = "retry_bare"
    DEAD = "dead"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened to one try.

    Attributes:
        reach: ``answered`` (then ``status`` is set), ``unreachable`` (nothing was sent), ``unknown`` (sent, no answer),
            ``tls`` (certificate or protocol), ``forbidden`` (address that is never allowed) or ``unreadable`` (the row
            itself is damaged).
        status: HTTP status.
        bare: whether the message went, or can only go, without attachments.
        asked_s: seconds of ``Retry-After``.
        reference: the desk's own id for it.
        ours: whether the answer names our message id.
        detail: for people; no secret in it.
    """

    reach: Reach
    status: int | None = None
    bare: bool = False
    asked_s: float | None = None
    reference: str | None = None
    ours: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now.

    Attributes:
        action: see :class:`Action`.
        cause: one word, for counting.
        reason: for people; empty when delivered.
    """

    action: Action
    cause: str
    reason: str = ""


_Row = tuple[Action, str, str]
_BY_REACH: dict[Reach, _Row] = {
    Reach.UNREACHABLE: (Action.RETRY, "unreachable", "the desk cannot be reached"),
    Reach.UNKNOWN: (Action.RETRY, "no_answer", "sent, but no answer came"),
    Reach.TLS: (Action.PAUSE, "tls", "TLS failure"),
    Reach.FORBIDDEN: (Action.PAUSE, "address", "address that is never allowed"),
    Reach.UNREADABLE: (Action.DEAD, "damaged", "the message is damaged"),
}
_BY_STATUS: dict[int, _Row] = {
    401: (Action.PAUSE, "credentials", "the desk refuses the credentials"),
    403: (Action.PAUSE, "credentials", "the desk refuses the credentials"),
    408: (Action.RETRY, "busy", "the desk timed out"),
    410: (Action.PAUSE, "gone", "the desk says that it is switched off"),
    425: (Action.RETRY, "busy", "too early for the desk"),
    429: (Action.RETRY, "busy", "the desk asks to slow down"),
}
_BY_CLASS: dict[int, _Row] = {
    2: (Action.SENT, "sent", ""),
    3: (Action.DEAD, "moved", "target moved; redirects are never followed"),
    4: (Action.DEAD, "rejected", "the desk rejects the message"),
    5: (Action.RETRY, "desk_error", "the desk failed"),
}
_CONFLICT: dict[bool, _Row] = {
    True: (Action.SENT, "exists", ""),
    False: (Action.DEAD, "conflict", "the desk reports a conflict without naming our message"),
}
_TOO_LARGE: dict[bool, _Row] = {
    False: (Action.RETRY_BARE, "too_large", "too large for the desk with attachments"),
    True: (Action.DEAD, "too_large", "too large for the desk even without attachments"),
}


def decide(outcome: Outcome) -> Decision:
    """The one table: outcome → what to do.

    ======================================================  ==========================================
    2xx; 409 that names our id                              delivered
    3xx                                                     dead letter: moved (never followed)
    413, first time                                         again, without attachments
    401, 403, 410, TLS failure, forbidden address           pause the desk, the message waits
    408, 425, 429, 5xx, unreachable, no answer              again
    409 that does not name our id, other 4xx, damaged row   dead letter
    ======================================================  ==========================================
    """
    action, cause, text = _row(outcome)
    if action is Action.SENT:
        return Decision(action, cause)
    status = f" (HTTP {outcome.status})" if outcome.status is not None else ""
    detail = f": {outcome.detail}" if outcome.detail else ""
    return Decision(action, cause, f"{text}{status}{detail}")


def _row(outcome: Outcome) -> _Row:
    status = outcome.status
    if outcome.reach is not Reach.ANSWERED or status is None:
        return _BY_REACH.get(outcome.reach, _BY_REACH[Reach.UNKNOWN])
    if status == 409:
        return _CONFLICT[outcome.ours]
    if status == 413:
        return _TOO_LARGE[outcome.bare]
    # A status outside 200–599 is no HTTP: as if the desk had failed.
    return _BY_STATUS.get(status) or _BY_CLASS.get(status // 100, _BY_CLASS[5])
