"""How good a setting is: its verdicts on clips, counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from math import inf

from brain.evaluation.judgement import Judged, Verdict
from brain.evaluation.judging import ClipVerdicts, judge_clip
from brain.evaluation.matching import CLEAR_GRACE_S, EARLY_S, same_place
from brain.evaluation.measures import percentiles
from brain.evaluation.pairing import ClipPair
from brain.replay.run import RunEvent, RunScenario

_HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Score:
    """What came of a setting on one clip, or on several together.

    Attributes:
        truth, hits, late, false, duplicates: as ``brain evaluate events`` counts them.
        early: of the false alarms those raised while a trouble was there that was not yet due.
        delays_s: seconds from the begin of the trouble to the alarm, hits and late ones.
        seconds: really watched.
    """

    truth: int = 0
    hits: int = 0
    late: int = 0
    false: int = 0
    duplicates: int = 0
    early: int = 0
    delays_s: tuple[float, ...] = ()
    seconds: float = 0.0

    @property
    def hours(self) -> float:
        """Camera-hours really watched."""
        return self.seconds / _HOUR_S

    @property
    def recall(self) -> float:
        """Share of the troubles that were raised in time; 0 where none was due."""
        return self.hits / self.truth if self.truth else 0.0

    @property
    def false_per_camera_hour(self) -> float:
        """False alarms in an hour of one camera; 0 where nothing was watched."""
        return self.false / self.hours if self.seconds > 0 else 0.0

    @property
    def delay_s(self) -> float:
        """Median time to alarm, misses as infinite."""
        missed = self.truth - len(self.delays_s)
        median = percentiles([*self.delays_s, *(inf for _ in range(missed))]).p50
        return inf if median is None else median


def total(scores: Iterable[Score]) -> Score:
    """Several clips together."""
    items = list(scores)
    return Score(
        truth=sum(item.truth for item in items),
        hits=sum(item.hits for item in items),
        late=sum(item.late for item in items),
        false=sum(item.false for item in items),
        duplicates=sum(item.duplicates for item in items),
        early=sum(item.early for item in items),
        delays_s=tuple(delay for item in items for delay in item.delays_s),
        seconds=sum(item.seconds for item in items),
    )


def verdicts_on(events: tuple[RunEvent, ...], scenario: RunScenario, pair: ClipPair) -> ClipVerdicts:
    """The verdicts on a clip as if its replay had raised these events."""
    return judge_clip(scenario, replace(pair, result=pair.result.model_copy(update={"events": events})))


@dataclass(slots=True)
class ClipScorer:
    """Judges events on one clip; settings that raise the same are judged once.

    Attributes:
        pair: the clip and its truth.
    """

    pair: ClipPair
    _known: dict[tuple[object, ...], Score] = field(default_factory=dict)

    def score(self, events: tuple[RunEvent, ...], scenario: RunScenario) -> Score:
        """The score of these events.

        Args:
            scenario: by whose dwell troubles are due, and by whose schedule it looks.
        """
        dwells = scenario.dwell_s, scenario.inherited_dwell_s, scenario.density_dwell_s
        key = *dwells, repr(scenario.manifest.get("schedule")), events
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = _score(verdicts_on(events, scenario, self.pair), self.pair, scenario.id)
        return found


def _score(verdicts: ClipVerdicts, pair: ClipPair, scenario: str) -> Score:
    number = {verdict: sum(item.verdict is verdict for item in verdicts.items) for verdict in Verdict}
    false = [item.alarm for item in verdicts.items if item.verdict is Verdict.FALSE and item.alarm is not None]
    return Score(
        truth=number[Verdict.HIT] + number[Verdict.LATE] + number[Verdict.MISSED],
        hits=number[Verdict.HIT],
        late=number[Verdict.LATE],
        false=number[Verdict.FALSE],
        duplicates=number[Verdict.DUPLICATE],
        early=sum(_is_early(alarm, pair, scenario) for alarm in false),
        delays_s=tuple(delay for item in verdicts.items if (delay := _delay_s(item)) is not None),
        seconds=verdicts.watched.seconds,
    )


def _is_early(alarm: RunEvent, pair: ClipPair, scenario: str) -> bool:
    """Whether a false alarm speaks of something that was there: then it can only have come before it was due."""
    return any(
        truth.began_s - EARLY_S <= alarm.raised_s <= (inf if truth.ended_s is None else truth.ended_s) + CLEAR_GRACE_S
        and same_place(truth, alarm)
        for truth in pair.truth.events
        if truth.scenario == scenario
    )


def _delay_s(item: Judged) -> float | None:
    if item.verdict not in (Verdict.HIT, Verdict.LATE) or item.alarm is None or item.truth is None:
        return None
    return item.alarm.raised_s - item.truth.began_s
