"""How long something has held that has no place of its own: a count, a class in a zone, a plug-in's word."""

from __future__ import annotations

from dataclasses import dataclass

from brain.rules.base import EPSILON_S, Moment, State
from brain.rules.select import Selected


class PresenceState(State):
    """Since when something holds.

    Attributes:
        since_s: media time of its begin; ``None`` when it does not hold.
        since_watched_s: watched seconds at its begin.
        last_watched_s: watched seconds when it last held.
        holding: whether it held at the last judged sample.
    """

    since_s: float | None = None
    since_watched_s: float = 0.0
    last_watched_s: float = 0.0
    holding: bool = False

    @property
    def idle(self) -> bool:
        """Whether nothing holds."""
        return self.since_s is None

    def lasted_s(self, now: Moment) -> float:
        """Watched seconds since the begin."""
        return now.watched_s - self.since_watched_s if self.since_s is not None else 0.0


@dataclass(frozen=True, slots=True)
class Presence:
    """What a rule without places holds of one sample.

    Attributes:
        state: after the sample.
        active: whether they are what the rule looks for.
    """

    state: PresenceState
    selected: Selected
    active: bool


def follow(state: PresenceState, holds: bool, now: Moment, gap_s: float) -> PresenceState:
    """The next state: a break of up to ``gap_s`` watched seconds between two samples that hold does not end it."""
    broken = not state.holding and now.watched_s - state.last_watched_s > gap_s + EPSILON_S
    if state.since_s is None or broken:
        if not holds:
            return PresenceState()
        return PresenceState(
            since_s=now.pts_s, since_watched_s=now.watched_s, last_watched_s=now.watched_s, holding=True
        )
    return PresenceState(
        since_s=state.since_s,
        since_watched_s=state.since_watched_s,
        last_watched_s=now.watched_s if holds else state.last_watched_s,
        holding=holds,
    )
