"""From findings to an event: confirm, raise, update, clear, cool down. A pure fold over watched seconds."""

from __future__ import annotations

from dataclasses import dataclass, replace

from brain.core.types import EventKind, Finding, Severity, Zone
from brain.rules.base import EPSILON_S, Moment, State
from brain.rules.conditions import Condition


@dataclass(frozen=True, slots=True)
class Raise:
    """A severity and when it applies."""

    when: Condition
    to: Severity


@dataclass(frozen=True, slots=True)
class Transition:
    """One change of an event in media time.

    Attributes:
        began_s: begin of the presence that was raised.
        at_s: media time of this change.
        severity: highest so far.
        finding: the one that caused it.
    """

    kind: EventKind
    began_s: float
    at_s: float
    severity: Severity
    finding: Finding


class OpenState(State):
    """The event that is open.

    Attributes:
        told_watched_s: watched seconds at its last raise or update.
    """

    began_s: float
    severity: Severity
    told_watched_s: float


class LifecycleState(State):
    """Where the fold stands.

    Attributes:
        window: whether the last judged samples confirmed, oldest first; as many as ``of``.
        open: the open event; one at most.
        absent_s: watched seconds without the trouble, while an event is open.
        absent_watched_s: watched seconds at the last sample if that was an absent one.
        quiet_until_s: watched seconds before which nothing new is raised.
        ended_s: media time at which the last event ended.
        again_s, again_watched_s: media time and watched seconds at which the trouble was first seen after that.
    """

    window: tuple[bool, ...] = ()
    open: OpenState | None = None
    absent_s: float = 0.0
    absent_watched_s: float | None = None
    quiet_until_s: float | None = None
    ended_s: float | None = None
    again_s: float | None = None
    again_watched_s: float = 0.0

    @property
    def at_rest(self) -> bool:
        """Whether no event is open and nothing in the window confirms: a sample without the trouble changes nothing."""
        return self.open is None and not any(self.window)


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The numbers of the fold.

    Attributes:
        of, at_least: an event is raised when ``at_least`` of the last ``of`` judged samples confirm it …
        clear_s: … and ends when the trouble is absent for so many watched seconds without a break.
        cooldown_s: watched seconds after the end before a new event may be raised.
        renotify_s: watched seconds after which an open event that still lasts is told again; ``None`` = never.
        base, raises: severity, and what raises it while the event is open.
    """

    of: int
    at_least: int
    clear_s: float
    cooldown_s: float = 600.0
    renotify_s: float | None = None
    base: Severity = Severity.LOW
    raises: tuple[Raise, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.at_least <= self.of:
            raise ValueError(f"confirm: at_least {self.at_least} must lie between 1 and of {self.of}")

    def start(self) -> LifecycleState:
        """The state before the first sample."""
        return LifecycleState()

    def step(
        self, state: LifecycleState, finding: Finding, now: Moment, zone: Zone
    ) -> tuple[LifecycleState, tuple[Transition, ...]]:
        """The next state, and what happened: nothing, or one transition.

        An unknown finding changes nothing. A hidden one (``active=None`` with ``since_s``) is a sample that does not
        confirm, and stops the clock of the clear without setting it back.
        """
        if finding.active is None and finding.since_s is None:
            return state, ()
        window = (*state.window, finding.active is True)[-self.of :]
        if window != state.window:
            state = state.model_copy(update={"window": window})
        if state.open is None:
            return self._closed(state, finding, now, zone)
        if finding.active is True:
            return self._lasting(state, state.open, finding, now, zone)
        if finding.active is None:
            return state.model_copy(update={"absent_watched_s": None}), ()
        return self._absent(state, state.open, finding, now)

    def _closed(
        self, state: LifecycleState, finding: Finding, now: Moment, zone: Zone
    ) -> tuple[LifecycleState, tuple[Transition, ...]]:
        if finding.active is True:
            state, finding = self._since_the_end(state, finding, now)
        if finding.active is not True or finding.lasted_s + EPSILON_S < finding.needed_s:
            return state, ()
        if sum(state.window) < self.at_least:
            return state, ()
        if state.quiet_until_s is not None and now.watched_s + EPSILON_S < state.quiet_until_s:
            return state, ()
        began_s = now.pts_s if finding.since_s is None else finding.since_s
        severity = self._severity(self.base, finding, zone)
        opened = OpenState(began_s=began_s, severity=severity, told_watched_s=now.watched_s)
        state = LifecycleState(window=state.window, open=opened)
        return state, (Transition(EventKind.RAISED, began_s, now.pts_s, severity, finding),)

    @staticmethod
    def _since_the_end(state: LifecycleState, finding: Finding, now: Moment) -> tuple[LifecycleState, Finding]:
        """A presence that a rule has carried on over the end of an event counts anew from when it is seen again.

        Otherwise a second event could begin at the very moment of the first, and would be taken for a repetition of it.
        """
        if state.ended_s is None or finding.since_s is None or finding.since_s > state.ended_s:
            return state, finding
        if state.again_s is None:
            state = state.model_copy(update={"again_s": now.pts_s, "again_watched_s": now.watched_s})
        lasted_s = min(finding.lasted_s, now.watched_s - state.again_watched_s)
        return state, replace(finding, since_s=state.again_s, lasted_s=lasted_s)

    def _lasting(
        self, state: LifecycleState, event: OpenState, finding: Finding, now: Moment, zone: Zone
    ) -> tuple[LifecycleState, tuple[Transition, ...]]:
        severity = self._severity(event.severity, finding, zone)
        due = self.renotify_s is not None and now.watched_s - event.told_watched_s + EPSILON_S >= self.renotify_s
        cleared = {"absent_s": 0.0, "absent_watched_s": None}
        if severity is event.severity and not due:
            seen_before = state.absent_s == 0 and state.absent_watched_s is None
            return state if seen_before else state.model_copy(update=cleared), ()
        told = event.model_copy(update={"severity": severity, "told_watched_s": now.watched_s})
        state = state.model_copy(update={**cleared, "open": told})
        return state, (Transition(EventKind.UPDATED, event.began_s, now.pts_s, severity, finding),)

    def _absent(
        self, state: LifecycleState, event: OpenState, finding: Finding, now: Moment
    ) -> tuple[LifecycleState, tuple[Transition, ...]]:
        step_s = 0.0 if state.absent_watched_s is None else now.watched_s - state.absent_watched_s
        absent_s = state.absent_s + step_s
        if absent_s + EPSILON_S < self.clear_s:
            return state.model_copy(update={"absent_s": absent_s, "absent_watched_s": now.watched_s}), ()
        quiet_until_s = now.watched_s + self.cooldown_s
        state = LifecycleState(window=state.window, quiet_until_s=quiet_until_s, ended_s=now.pts_s)
        return state, (Transition(EventKind.ENDED, event.began_s, now.pts_s, event.severity, finding),)

    def _severity(self, least: Severity, finding: Finding, zone: Zone) -> Severity:
        worse = [item.to for item in self.raises if item.to is not least and item.when.holds(finding, zone)]
        return max([least, *worse], key=lambda severity: severity.rank) if worse else least
