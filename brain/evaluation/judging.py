"""A run held against the truth: a verdict on each trouble and each alarm, and how long was really watched."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from math import inf
from pathlib import Path

from brain.config.settings import ZoneSettings
from brain.evaluation.duty import off_duty
from brain.evaluation.judgement import Judged, Judgement, LeftOut, Verdict, Watched
from brain.evaluation.matching import EARLY_S, Due, Matching, belongs, in_time, match
from brain.evaluation.pairing import ClipPair, pair_clips
from brain.evaluation.spans import Span, after_watching, contains, covers, seconds, union, without
from brain.evaluation.truth import Light, TruthClip, TruthEvent, TruthSet
from brain.replay.run import Run, RunEvent, RunScenario
from brain.scenarios.manifest import MASK_KIND

_MISSPELT = 0.85
_BLIND = "ignored, off duty, or no picture"


def judge(
    run: Run, truth: TruthSet, *, scenarios: Sequence[str] | None = None, known: Collection[str] = ()
) -> Judgement:
    """All verdicts on a run; what cannot be judged is named, and everything else is judged all the same.

    Args:
        scenarios: only these; ``None`` = all that ran and were looked for.
        known: ids of scenarios that exist, whether they ran or not: none of them is taken for a misspelt one.

    Raises:
        ConfigError: a result file of the run is broken.
    """
    pairs, left_out = pair_clips(run, truth)
    wanted, notes = _wanted(run, truth, scenarios, known)
    items: list[Judged] = []
    watched: list[Watched] = []
    all_left_out = [*left_out, *notes]
    judged: list[str] = []
    for scenario in wanted:
        own = [pair for pair in pairs if scenario.id in looked_for(pair.truth)]
        if own:
            judged.append(scenario.id)
        for pair in own:
            verdicts = judge_clip(scenario, pair)
            items.extend(verdicts.items)
            watched.append(verdicts.watched)
            all_left_out.extend(verdicts.left_out)
    return Judgement(tuple(judged), tuple(items), tuple(watched), tuple(all_left_out))


@dataclass(frozen=True, slots=True)
class ClipVerdicts:
    """What came of one scenario on one clip."""

    items: tuple[Judged, ...]
    watched: Watched
    left_out: tuple[LeftOut, ...]


def judge_clip(scenario: RunScenario, pair: ClipPair) -> ClipVerdicts:
    """The verdicts on one scenario on one clip; depends on nothing but what is given."""
    times = _Times.of(scenario, pair)
    sorting = _Sorting(scenario, pair, times)
    for truth in pair.truth.events:
        if truth.scenario == scenario.id:
            sorting.take_truth(truth)
    for alarm in pair.result.events:
        if alarm.scenario == scenario.id:
            sorting.take_alarm(alarm)
    matching = sorting.matched()
    items = sorted(_verdicts(matching, scenario, pair), key=lambda item: (item.at_s, item.verdict))
    watched = Watched(
        scenario=scenario.id,
        clip=pair.clip.id,
        camera=_camera(pair),
        light=_light(pair),
        seconds=seconds(times.watched),
        outage_s=seconds(times.outages),
        ignored_s=seconds(times.ignored),
        cpu_s=pair.cpu_s,
        spans=times.watched,
        length_s=pair.length_s,
        off_duty_s=seconds(times.off_duty),
    )
    return ClipVerdicts(tuple(items), watched, tuple(sorting.left_out))


def looked_for(clip: TruthClip) -> tuple[str, ...]:
    """The scenarios that somebody looked for in the clip: what is not among them is not judged there."""
    if clip.labelled is not None:
        return clip.labelled
    return tuple(dict.fromkeys(event.scenario for event in clip.events))


def due_moment(
    truth: TruthEvent, scenario: RunScenario, blind: Sequence[Span] = (), zones: Sequence[ZoneSettings] = ()
) -> float:
    """When the trouble has lasted the dwell of its rule: the longer one for what was there before the first picture.

    A zone whose square metres are known has the dwell of the rule's density, where it has one. A trouble without a zone
    is due as soon as any zone that the scenario watches may raise it.

    Args:
        blind: time without a picture and off duty: it does not count, for a rule's dwell pauses then.
        zones: all of the clip's view.
    """
    inherited = truth.began_s == 0 if truth.inherited is None else truth.inherited
    dwell_s = scenario.inherited_dwell_s if inherited else scenario.dwell_s
    if scenario.density_dwell_s is not None:
        known = {zone.square_metres is not None for zone in _watched_zones(truth, scenario, zones)}
        dwells = [scenario.density_dwell_s] if True in known else []
        dwell_s = min([*dwells, dwell_s] if False in known or not known else dwells)
    return after_watching(truth.began_s, dwell_s, blind)


def _watched_zones(truth: TruthEvent, scenario: RunScenario, zones: Sequence[ZoneSettings]) -> list[ZoneSettings]:
    """The zones whose task may raise the trouble; none = that of the whole picture."""
    kinds = scenario.manifest.get("zones", {}).get("kinds")
    fitting = [zone for zone in zones if zone.kind != MASK_KIND and (kinds is None or zone.kind in kinds)]
    named = [zone for zone in fitting if zone.name == truth.zone]
    return named if truth.zone is not None else fitting


def _wanted(
    run: Run, truth: TruthSet, scenarios: Sequence[str] | None, known: Collection[str]
) -> tuple[tuple[RunScenario, ...], tuple[LeftOut, ...]]:
    """The scenarios to judge, in order of the run, and a word on each that cannot be."""
    ran = {scenario.id: scenario for scenario in run.header.scenarios}
    labelled = {name for clip in truth.clips for name in looked_for(clip)}
    asked = {*labelled, *ran} if scenarios is None else set(scenarios)
    notes = []
    for name in sorted(asked - set(ran)):
        if scenarios is None:
            notes.append(_not_run(name, ran, known, truth.path))
        else:
            why = f"the run has no scenario {name!r}: it has {', '.join(ran)}"
            notes.append(LeftOut("", name, why, is_error=True))
    for name in ran:
        if name in asked - labelled:
            why = f"not judged: nobody looked for it in the clips of {truth.path} (key `labelled`)"
            notes.append(LeftOut("", name, why, is_error=scenarios is not None))
    return tuple(ran[name] for name in ran if name in asked & labelled), tuple(notes)


def _not_run(name: str, ran: Collection[str], known: Collection[str], path: Path) -> LeftOut:
    """A truth may speak of more than ran; a name that is almost one that ran is a slip of the pen."""
    near = [] if name in known else get_close_matches(name, ran, n=1, cutoff=_MISSPELT)
    if near:
        return LeftOut("", name, f"{path} names an unknown scenario {name!r}: did you mean {near[0]!r}?", is_error=True)
    return LeftOut("", name, f"not judged: {path} speaks of it, but the run did not have it")


@dataclass(frozen=True, slots=True)
class _Times:
    """The time of a clip: disjoint spans that together make up its length.

    Attributes:
        unseen: outages and time off duty.
        ignored_for: what the truth ignores, outages or not.
        end_s: of the last time in which something could be seen.
    """

    outages: tuple[Span, ...]
    off_duty: tuple[Span, ...]
    unseen: tuple[Span, ...]
    ignored: tuple[Span, ...]
    watched: tuple[Span, ...]
    ignored_for: tuple[Span, ...]
    end_s: float

    @classmethod
    def of(cls, scenario: RunScenario, pair: ClipPair) -> _Times:
        length = pair.length_s
        cut_off = [(pair.result.seconds, length)] if pair.result.error else []
        outages = union([*pair.result.outages, *cut_off], 0.0, length)
        spans = [
            (item.from_s, item.to_s)
            for item in pair.truth.ignore
            if item.scenario is None or item.scenario == scenario.id
        ]
        ignored = union(spans, 0.0, length)
        resting = off_duty(scenario, pair.clip.start, length)
        unseen = union([*outages, *resting], 0.0, length)
        seen = without([(0.0, length)], unseen)
        return cls(
            outages=outages,
            off_duty=without(resting, outages),
            unseen=unseen,
            ignored=without(ignored, unseen),
            watched=without(seen, ignored),
            ignored_for=ignored,
            end_s=seen[-1][1] if seen else 0.0,
        )


@dataclass(slots=True)
class _Sorting:
    """Tells what counts from what counts for nothing, and why."""

    scenario: RunScenario
    pair: ClipPair
    times: _Times
    left_out: list[LeftOut] = field(default_factory=list)
    _dues: list[Due] = field(default_factory=list)
    _set_aside: list[Due] = field(default_factory=list)
    _alarms: list[RunEvent] = field(default_factory=list)
    _ignored_alarms: list[RunEvent] = field(default_factory=list)

    def take_truth(self, truth: TruthEvent) -> None:
        due = Due(truth, due_moment(truth, self.scenario, self.times.unseen, self.pair.clip.zones))
        end_s = min(due.end_s, self.times.end_s)
        last = min(end_s, due.due_s + self.scenario.window_s)
        blind = union([*self.times.unseen, *self.times.ignored_for], 0.0, inf)
        if due.due_s > end_s:
            ends = "the time on duty ends" if self.times.off_duty else "the clip ends"
            what = "it is gone" if due.end_s <= self.times.end_s else ends
            self._set_truth_aside(
                due, f"not due: {what} at {end_s:g} s, before the {due.due_s:g} s at which it would be"
            )
        elif covers(blind, max(0.0, due.due_s - EARLY_S), last):
            self._set_truth_aside(due, f"nothing counts while an alarm for it would be in time ({_BLIND})")
        else:
            self._dues.append(due)

    def take_alarm(self, alarm: RunEvent) -> None:
        if contains(self.times.ignored_for, alarm.raised_s):
            self._ignored_alarms.append(alarm)
            self._note(f"the alarm at {alarm.raised_s:g} s lies in a span that the truth ignores")
        else:
            self._alarms.append(alarm)

    def matched(self) -> Matching:
        """The pairs, after all that counts for nothing is gone."""
        window_s = self.scenario.window_s
        first = match(self._dues, self._alarms, window_s=window_s)
        # A second alarm after the ignored time would make it late, though it was raised in time.
        without_hit = [*first.missed, *(due for due, _ in first.late)]
        hidden = [due for due in without_hit if self._was_raised_in_ignored_time(due)]
        for due in hidden:
            self._set_truth_aside(due, "its alarm lies in a span that the truth ignores")
        hidden_ids = {id(due) for due in hidden}
        left = [due for due in self._dues if id(due) not in hidden_ids]
        found = match(left, self._alarms, window_s=window_s) if hidden else first
        aside = [alarm for alarm in found.false if any(belongs(due, alarm) for due in self._set_aside)]
        for alarm in aside:
            self._note(f"the alarm at {alarm.raised_s:g} s is of a trouble that is left out")
        return replace(found, false=tuple(alarm for alarm in found.false if alarm not in aside))

    def _was_raised_in_ignored_time(self, due: Due) -> bool:
        return any(in_time(due, alarm, EARLY_S, self.scenario.window_s) for alarm in self._ignored_alarms)

    def _set_truth_aside(self, due: Due, why: str) -> None:
        self._set_aside.append(due)
        self._note(f"the trouble that began at {due.truth.began_s:g} s is left out: {why}")

    def _note(self, why: str) -> None:
        self.left_out.append(LeftOut(self.pair.clip.id, self.scenario.id, why))


def _verdicts(matching: Matching, scenario: RunScenario, pair: ClipPair) -> Iterable[Judged]:
    def judged(verdict: Verdict, due: Due | None, alarm: RunEvent | None) -> Judged:
        return Judged(
            verdict,
            scenario.id,
            pair.clip.id,
            _camera(pair),
            _light(pair),
            truth=None if due is None else due.truth,
            due_s=None if due is None else due.due_s,
            alarm=alarm,
        )

    yield from (judged(Verdict.HIT, due, alarm) for due, alarm in matching.hits)
    yield from (judged(Verdict.LATE, due, alarm) for due, alarm in matching.late)
    yield from (judged(Verdict.MISSED, due, None) for due in matching.missed)
    yield from (judged(Verdict.DUPLICATE, due, alarm) for due, alarm in matching.duplicates)
    yield from (judged(Verdict.FALSE, None, alarm) for alarm in matching.false)


def _camera(pair: ClipPair) -> str:
    """The camera: the truth knows it better than a run that was made without one."""
    return pair.truth.camera or pair.clip.camera


def _light(pair: ClipPair) -> Light:
    return pair.truth.light if pair.truth.light != "unknown" else pair.clip.light
