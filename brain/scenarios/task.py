"""The runnable thing: one scenario on one zone of one view, from observations to changes of an event."""

from __future__ import annotations

import json
import math
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from brain.core.clock import iso, parse_iso
from brain.core.ids import event_id
from brain.core.types import EventChange, EventKind, Finding, Observations, Sample, Zone
from brain.rules.base import UNKNOWN, Moment, Rule, State
from brain.rules.lifecycle import LifecycleState, Transition
from brain.rules.presence import PresenceState, follow
from brain.rules.schedule import within
from brain.rules.select import outside_masks
from brain.rules.watch import Watch, WatchState
from brain.rules.words import make_rule
from brain.scenarios.manifest import Manifest
from brain.scenarios.plugin import ScenarioPlugin

STATE_VERSION: Literal[1] = 1
PLUGIN_WORD = "plugin"


class EventIdentity(State):
    """Who the open event is, fixed when it was raised.

    Attributes:
        began: UTC, as ``brain.core.clock.iso`` writes it.
    """

    id: str
    began: str


class SavedTask(State):
    """A task's state as it is kept."""

    version: Literal[1] = STATE_VERSION
    key: str
    word: str
    watch: WatchState
    rule: dict[str, Any]
    lifecycle: LifecycleState
    event: EventIdentity | None


class StateMismatchError(ValueError):
    """A saved state that does not fit the task; what did not fit begins afresh."""


class ZoneTask:
    """One scenario on one zone (区域) of one view of one camera.

    Attributes:
        manifest: with overrides and profile applied.
        camera, view, zone: where.
        key: name of its saved state, unique within the camera and the same after a restart.
        failures, failure: how often the plug-in failed, and how the last time (empty: never).
    """

    def __init__(
        self,
        manifest: Manifest,
        *,
        camera: str,
        view: str,
        zone: Zone,
        masks: tuple[Zone, ...] = (),
        timezone: str = "Asia/Shanghai",
        plugin: type[ScenarioPlugin] | None = None,
    ) -> None:
        self.manifest = manifest
        self.camera, self.view, self.zone = camera, view, zone
        self.key = f"{manifest.id}/{view}/{zone.name}"
        self.failures = 0
        self.failure = ""
        self._masks = masks
        self._city = ZoneInfo(timezone)
        self._plugin_type = plugin
        self._plugin: ScenarioPlugin | None = None
        self._rule: Rule[Any, Any] | None = None
        if manifest.rule is not None:
            self._rule = make_rule(manifest.rule, manifest.rule.algorithm(manifest.algorithms))
        self._watch = Watch(manifest.sample.every)
        self._lifecycle = manifest.lifecycle()
        self.reset()

    def reset(self) -> None:
        """Forgets everything, as before the first sample."""
        self._watch_state = self._watch.start()
        self._rule_state: State = self._rule.start() if self._rule is not None else PresenceState()
        self._lifecycle_state = self._lifecycle.start()
        self._event: EventIdentity | None = None

    @property
    def scenario(self) -> str:
        """Id of the scenario."""
        return self.manifest.id

    @property
    def algorithms(self) -> tuple[str, ...]:
        """Algorithms whose observations it needs."""
        return self.manifest.algorithms

    @property
    def every_s(self) -> float:
        """Media seconds between two samples."""
        return self.manifest.sample.every

    @property
    def width(self) -> int:
        """Pixels to which the picture is to be shrunk."""
        return self.manifest.sample.width

    @property
    def word(self) -> str:
        """Its rule word; ``plugin`` for a rule of its own."""
        return self._rule.word if self._rule is not None else PLUGIN_WORD

    @property
    def rule(self) -> Rule[Any, Any] | None:
        """Its rule; ``None`` where a plug-in judges."""
        return self._rule

    @property
    def at_rest(self) -> bool:
        """Whether no event is open and nothing confirms one: then only an active finding changes anything."""
        return self._lifecycle_state.at_rest

    @property
    def in_progress(self) -> bool:
        """Whether something lasts or an event is open, so that its state is worth saving with every sample."""
        return self._lifecycle_state.open is not None or not self._rule_state.idle

    @property
    def open_event(self) -> str | None:
        """Id of the open event."""
        return self._event.id if self._event is not None else None

    def step(self, sample: Sample, observations: Observations) -> tuple[Finding, tuple[EventChange, ...]]:
        """What the scenario says of one sample, and what became of its event.

        Args:
            sample: its media time may not lie before that of the sample before.
            observations: of that sample; an algorithm that failed or could not judge is missing there.
        """
        own, said = self.own(sample, observations), UNKNOWN
        if own is not None and self._rule is None:
            said = self._ask_plugin(sample, own)
            own = own if said.active is not None else None
        now = self.watch(sample.pts_s, own is not None)
        finding = self._find(said, own, now) if own is not None else UNKNOWN
        return finding, self.advance(finding, now, sample.time)

    def own(self, sample: Sample, observations: Observations) -> Observations | None:
        """What of the observations is for it, without what lies in masks; ``None`` when it cannot judge the sample."""
        needed = self.algorithms if self._rule is None else (self._rule.algorithm,)
        if not within(self.manifest.schedule, sample.time, self._city):
            return None
        if any(name not in observations.by_algorithm for name in needed):
            return None
        return outside_masks(observations, self._masks)

    def watch(self, pts_s: float, judged: bool) -> Moment:
        """Counts a sample's time, the first part of ``step``; see ``brain.rules.watch``."""
        self._watch_state, now = self._watch.step(self._watch_state, pts_s, judged)
        return now

    def advance(self, finding: Finding, now: Moment, time: datetime) -> tuple[EventChange, ...]:
        """What becomes of its event by a finding, the last part of ``step``."""
        self._lifecycle_state, transitions = self._lifecycle.step(self._lifecycle_state, finding, now, self.zone)
        return tuple(self._change(item, time) for item in transitions)

    def _find(self, said: Finding, observations: Observations, now: Moment) -> Finding:
        if self._rule is not None:
            self._rule_state, finding = self._rule.step(self._rule_state, self.zone, observations, now)
            return finding
        assert isinstance(self._rule_state, PresenceState)
        self._rule_state = follow(self._rule_state, said.active is True, now, 0.0)
        if said.active is not True or said.since_s is not None:
            return said
        return Finding(
            active=True,
            since_s=self._rule_state.since_s,
            lasted_s=self._rule_state.lasted_s(now),
            needed_s=said.needed_s,
            measure=said.measure,
            score=said.score,
            boxes=said.boxes,
        )

    def _ask_plugin(self, sample: Sample, observations: Observations) -> Finding:
        """The plug-in's finding; unknown, counted and kept for the report when it fails."""
        assert self._plugin_type is not None
        try:
            if self._plugin is None:
                self._plugin = self._plugin_type()
            finding = self._plugin.observe(sample, observations, self.zone)
            if not isinstance(finding, Finding):
                raise TypeError(f"observe() returned {type(finding).__name__}, not a Finding")
            figures = (finding.lasted_s, finding.needed_s, finding.measure, finding.score, finding.since_s or 0.0)
            if not all(math.isfinite(figure) for figure in figures):
                raise ValueError("observe() returned a figure that is not finite")
        except Exception as error:
            self.failures += 1
            self.failure = f"{type(error).__name__}: {error}"
            return UNKNOWN
        return finding

    def _change(self, transition: Transition, time: datetime) -> EventChange:
        if transition.kind is EventKind.RAISED:
            elapsed = max(0.0, transition.at_s - transition.began_s)
            began = iso(time - timedelta(seconds=elapsed))
            identity = event_id(self.scenario, self.camera, self.view, self.zone.name, began)
            self._event = EventIdentity(id=identity, began=began)
        event = self._event
        assert event is not None
        if transition.kind is EventKind.ENDED:
            self._event = None
        return EventChange(
            event_id=event.id,
            kind=transition.kind,
            scenario=self.scenario,
            camera=self.camera,
            view=self.view,
            zone=self.zone.name,
            began_s=transition.began_s,
            at_s=transition.at_s,
            began=parse_iso(event.began),
            at=time,
            severity=transition.severity,
            measure=transition.finding.measure,
            score=transition.finding.score,
            boxes=transition.finding.boxes,
        )

    def save(self) -> bytes:
        """Its state as JSON; ``restore`` goes on from exactly there."""
        saved = SavedTask(
            key=self.key,
            word=self.word,
            watch=self._watch_state,
            rule=self._rule_state.model_dump(mode="json"),
            lifecycle=self._lifecycle_state,
            event=self._event,
        )
        return saved.model_dump_json().encode()

    def restore(self, data: bytes) -> None:
        """Takes over a saved state.

        Raises:
            StateMismatchError: not all of it was taken over, and why. A state of another version, key or form is
                refused whole: the task begins afresh. If only the rule's part does not fit (another rule word), the
                rule begins afresh and the open event is kept, so that it can end. The task can run in either case.
        """
        self.reset()
        try:
            saved = SavedTask.model_validate_json(data)
        except ValidationError as error:
            raise StateMismatchError(_refusal(data, error)) from None
        if saved.key != self.key:
            raise StateMismatchError(f"the saved state is that of {saved.key}")
        if (saved.event is None) != (saved.lifecycle.open is None):
            raise StateMismatchError("the saved state contradicts itself about an open event")
        self._watch_state, self._lifecycle_state, self._event = saved.watch, saved.lifecycle, saved.event
        if saved.word != self.word:
            raise StateMismatchError(f"the saved rule was {saved.word}, now it is {self.word}; an open event is kept")
        try:
            self._rule_state = type(self._rule_state).model_validate(saved.rule)
        except ValidationError:
            raise StateMismatchError("the saved state of the rule does not fit; an open event is kept") from None


def _refusal(data: bytes, error: ValidationError) -> str:
    try:
        version = json.loads(data).get("version", "none")
    except (ValueError, AttributeError):
        return "the saved state is not JSON"
    if version != STATE_VERSION:
        return f"the saved state has version {version}, not {STATE_VERSION}"
    location = ".".join(str(part) for part in error.errors()[0]["loc"])
    return f"the saved state does not fit ({location})"
