"""What settings raise on the observations of one clip: the same events as ``ZoneTask`` step by step, in less time.

A step has stages, and each depends on some of the settings only: which samples are looked at (cadence, schedule), what
is seen in the zone (thresholds), how long it has been there (occlusion, gap), what that means (dwell), and what becomes
of the event (confirm, clear, cooldown). Settings that agree up to a stage share what came of it, if they are tried in
the order of their ``StageKeys``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from brain.core.types import EventChange, Finding, Observations
from brain.replay.clip import EventFold
from brain.replay.observed import ObservedSample
from brain.replay.plan import PlannedScenario, ReplayPlan
from brain.replay.run import RunClip, RunEvent
from brain.rules.base import Moment, Rule
from brain.rules.select import Selected
from brain.rules.words import make_rule
from brain.runtime.pipeline import DueTasks
from brain.scenarios.manifest import Manifest
from brain.scenarios.task import ZoneTask

Value = TypeVar("Value")


class StageKeys(NamedTuple):
    """What each stage of a setting depends on, as texts; in the order of the stages."""

    looks: str
    selection: str
    tracking: str
    saying: str


def stage_keys(manifest: Manifest) -> StageKeys:
    """The keys of a scenario that is made of a rule word."""
    assert manifest.rule is not None
    rule = make_rule(manifest.rule, manifest.rule.algorithm(manifest.algorithms))
    parameters = rule.parameters.model_dump(exclude={"algorithm"})

    def text(names: frozenset[str]) -> str:
        return repr([(name, value) for name, value in parameters.items() if name in names])

    return StageKeys(
        looks=repr((manifest.sample.every, manifest.schedule, rule.word, rule.algorithm)),
        selection=text(frozenset(parameters) - rule.tracking - rule.saying),
        tracking=text(rule.tracking),
        saying=text(rule.saying),
    )


class ClipStages:
    """One scenario over the observations of one clip, with any settings.

    Args:
        samples: all of the clip.
        every_s: their cadence (``RunObserved.every_s``).
    """

    def __init__(self, clip: RunClip, samples: Sequence[ObservedSample], every_s: float) -> None:
        self._clip = clip
        self._zones = tuple(zone.zone() for zone in clip.zones)
        self._samples = samples
        self._every_s = every_s
        self._stages: dict[str, _ZoneStages] = {}

    def events(self, planned: PlannedScenario, keys: StageKeys) -> tuple[RunEvent, ...]:
        """What the scenario raises.

        Args:
            planned: with the setting applied; its zone kinds are always the same.
            keys: ``stage_keys`` of its manifest.
        """
        fold = EventFold()
        for task in ReplayPlan((planned,)).tasks(self._clip.camera, self._zones, None):
            stages = self._stages.setdefault(task.zone.name, _ZoneStages(self._samples, self._every_s))
            for change in stages.changes(task, keys):
                fold.take(change)
        return fold.events()


@dataclass(slots=True)
class _Latest(Generic[Value]):
    """Keeps what was made last."""

    key: tuple[str, ...] = ()
    value: Value | None = None

    def get(self, key: tuple[str, ...], make: Callable[[], Value]) -> Value:
        if self.key != key or self.value is None:
            self.key, self.value = key, make()
        return self.value


class _Look(NamedTuple):
    """A sample that is due; ``own`` is ``None`` where it cannot be judged."""

    now: Moment
    time: datetime
    own: Observations | None


class _Findings(NamedTuple):
    """What a rule says of all samples that it can judge.

    Attributes:
        said: moment, UTC and finding of each.
        next_active: for each place of ``said`` the first place from there on that is active, or the number of places.
    """

    said: list[tuple[Moment, datetime, Finding]]
    next_active: list[int]


class _ZoneStages:
    """The stages of one zone; of each only the latest is kept."""

    def __init__(self, samples: Sequence[ObservedSample], every_s: float) -> None:
        self._samples = samples
        self._every_s = every_s
        self._looks: _Latest[list[_Look]] = _Latest()
        self._selected: _Latest[list[tuple[_Look, Selected]]] = _Latest()
        self._held: _Latest[list[tuple[_Look, Any]]] = _Latest()
        self._findings: _Latest[_Findings] = _Latest()

    def changes(self, task: ZoneTask, keys: StageKeys) -> list[EventChange]:
        """All that becomes of the events of a fresh task."""
        rule = task.rule
        assert rule is not None
        looks = self._looks.get(keys[:1], lambda: self._look(task))
        selected = self._selected.get(keys[:2], lambda: _select(rule, task, looks))
        held = self._held.get(keys[:3], lambda: _track(rule, selected))
        return _advance(task, self._findings.get(keys, lambda: _say(rule, held)))

    def _look(self, task: ZoneTask) -> list[_Look]:
        due = DueTasks([task], self._every_s)
        looks = []
        for item in self._samples:
            if due.at(item.sample.pts_s, item.asked):
                own = task.own(item.sample, item.observations)
                looks.append(_Look(task.watch(item.sample.pts_s, own is not None), item.sample.time, own))
        return looks


def _select(rule: Rule[Any, Any], task: ZoneTask, looks: Sequence[_Look]) -> list[tuple[_Look, Selected]]:
    found = ((look, rule.select(task.zone, look.own)) for look in looks if look.own is not None)
    return [(look, selected) for look, selected in found if selected is not None]


def _track(rule: Rule[Any, Any], selected: Sequence[tuple[_Look, Selected]]) -> list[tuple[_Look, Any]]:
    state, held = rule.start(), []
    for look, item in selected:
        state, kept = rule.track(state, item, look.now)
        held.append((look, kept))
    return held


def _say(rule: Rule[Any, Any], held: Sequence[tuple[_Look, Any]]) -> _Findings:
    said = [(look.now, look.time, rule.say(kept, look.now)) for look, kept in held]
    next_active, following = [0] * len(said), len(said)
    for place in range(len(said) - 1, -1, -1):
        following = place if said[place][2].active is True else following
        next_active[place] = following
    return _Findings(said, next_active)


def _advance(task: ZoneTask, findings: _Findings) -> list[EventChange]:
    changes: list[EventChange] = []
    place, end = 0, len(findings.said)
    while place < end:
        if task.at_rest:
            place = findings.next_active[place]
            if place == end:
                break
        now, time, finding = findings.said[place]
        changes += task.advance(finding, now, time)
        place += 1
    return changes
