"""Which clip, trouble and alarm of one run is which of another. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from brain.evaluation.judgement import Judged, Judgement, LeftOut, Verdict, Watched
from brain.evaluation.spans import Span
from brain.evaluation.truth import TruthEvent
from brain.replay.run import RunClip, RunHeader


@dataclass(frozen=True, slots=True)
class RunSide:
    """A run that is compared, and the verdicts on it."""

    header: RunHeader
    digest: str
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class TroublePair:
    """A trouble and what each run made of it."""

    a: Judged
    b: Judged

    @property
    def is_won(self) -> bool:
        """Raised in time by the second run only."""
        return self.b.verdict is Verdict.HIT and self.a.verdict is not Verdict.HIT

    @property
    def is_lost(self) -> bool:
        """Raised in time by the first run only."""
        return self.a.verdict is Verdict.HIT and self.b.verdict is not Verdict.HIT


@dataclass(frozen=True, slots=True)
class ScenarioPair:
    """A scenario over the clips on which both runs are judged; each list in order of the first run's clips and time.

    Attributes:
        troubles: those that were due in both.
        false_gone: false alarms of the first run that the second has not; false_new: the other way round.
        items_a, items_b: the verdicts that count: all but those on troubles that were due in one run only.
        watched_a, watched_b: on the same clips, in the same order.
        left_out: what is not compared, and why.
    """

    scenario: str
    troubles: tuple[TroublePair, ...]
    false_gone: tuple[Judged, ...]
    false_new: tuple[Judged, ...]
    items_a: tuple[Judged, ...]
    items_b: tuple[Judged, ...]
    watched_a: tuple[Watched, ...]
    watched_b: tuple[Watched, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def won(self) -> tuple[TroublePair, ...]:
        """Troubles that only the second run raised in time."""
        return tuple(pair for pair in self.troubles if pair.is_won)

    @property
    def lost(self) -> tuple[TroublePair, ...]:
        """Troubles that only the first run raised in time."""
        return tuple(pair for pair in self.troubles if pair.is_lost)


def pair_clips_of_runs(a: RunHeader, b: RunHeader) -> tuple[tuple[tuple[str, str], ...], tuple[LeftOut, ...]]:
    """Ids of each clip in both runs, known by its sha256, and the clips that only one of them has.

    The same file under several cameras is told apart by its camera.
    """
    pairs: dict[str, str] = {}
    taken: set[str] = set()
    for same in (_same_camera, _same_file):
        for clip in a.clips:
            free = [other for other in b.clips if other.id not in taken and same(clip, other)]
            if clip.id not in pairs and free:
                pairs[clip.id] = free[0].id
                taken.add(free[0].id)
    only_a = [LeftOut(clip.id, "", _only("first", clip)) for clip in a.clips if clip.id not in pairs]
    only_b = [LeftOut(clip.id, "", _only("second", clip)) for clip in b.clips if clip.id not in taken]
    in_order = tuple((clip.id, pairs[clip.id]) for clip in a.clips if clip.id in pairs)
    return in_order, (*only_a, *only_b)


def pair_scenario(scenario: str, a: Judgement, b: Judgement, clips: Sequence[tuple[str, str]]) -> ScenarioPair:
    """One scenario of two judgements.

    Args:
        clips: ids in both, of ``pair_clips_of_runs``.
    """
    side_a, side_b = _Side.of(scenario, a), _Side.of(scenario, b)
    found = _Found()
    for first, second in clips:
        watched_a, watched_b = side_a.watched.get(first), side_b.watched.get(second)
        if watched_a is None or watched_b is None:
            if watched_a is not None or watched_b is not None:
                which = "second" if watched_b is None else "first"
                found.left_out.append(LeftOut(first, scenario, f"not compared: the {which} run is not judged on it"))
            continue
        found.take(_ClipSide(watched_a, side_a.items[first]), _ClipSide(watched_b, side_b.items[second]))
    return found.scenario_pair(scenario)


def _only(which: str, clip: RunClip) -> str:
    if not clip.sha256:
        return f"not compared: the {which} run could not read {clip.path}, so nobody knows which clip it is"
    return f"not compared: only the {which} run has {clip.path} (sha256 {clip.sha256[:12]}…)"


def _same_file(a: RunClip, b: RunClip) -> bool:
    return bool(a.sha256) and a.sha256 == b.sha256


def _same_camera(a: RunClip, b: RunClip) -> bool:
    return _same_file(a, b) and a.camera == b.camera


@dataclass(frozen=True, slots=True)
class _Side:
    """What one judgement says of a scenario, by clip."""

    items: dict[str, list[Judged]]
    watched: dict[str, Watched]

    @classmethod
    def of(cls, scenario: str, judgement: Judgement) -> _Side:
        items: dict[str, list[Judged]] = defaultdict(list)
        for item in judgement.items:
            if item.scenario == scenario:
                items[item.clip].append(item)
        return cls(items, {entry.clip: entry for entry in judgement.watched if entry.scenario == scenario})


@dataclass(frozen=True, slots=True)
class _ClipSide:
    """What one judgement says of a scenario on one clip."""

    watched: Watched
    items: Sequence[Judged]

    def troubles(self) -> dict[tuple[TruthEvent, int], Judged]:
        """Each trouble that was due, under itself and a number that tells twins apart."""
        found: dict[tuple[TruthEvent, int], Judged] = {}
        for item in self.items:
            if item.truth is not None and item.verdict is not Verdict.DUPLICATE:
                number = sum(truth == item.truth for truth, _ in found)
                found[item.truth, number] = item
        return found

    def counting(self, due_here_only: Iterable[TruthEvent]) -> list[Judged]:
        """The verdicts less those on troubles that were not due in the other run."""
        excluded = list(due_here_only)
        return [item for item in self.items if item.truth is None or item.truth not in excluded]

    def false(self) -> list[Judged]:
        return [item for item in self.items if item.verdict is Verdict.FALSE]


@dataclass(slots=True)
class _Found:
    """What has been paired so far."""

    troubles: list[TroublePair] = field(default_factory=list)
    gone: list[Judged] = field(default_factory=list)
    new: list[Judged] = field(default_factory=list)
    items: tuple[list[Judged], list[Judged]] = field(default_factory=lambda: ([], []))
    watched: tuple[list[Watched], list[Watched]] = field(default_factory=lambda: ([], []))
    left_out: list[LeftOut] = field(default_factory=list)

    def take(self, a: _ClipSide, b: _ClipSide) -> None:
        of_a, of_b = a.troubles(), b.troubles()
        self.troubles.extend(TroublePair(of_a[key], of_b[key]) for key in of_a if key in of_b)
        only_a, only_b = [key[0] for key in of_a if key not in of_b], [key[0] for key in of_b if key not in of_a]
        for truth, which in [*((truth, "first") for truth in only_a), *((truth, "second") for truth in only_b)]:
            why = f"the trouble that began at {truth.began_s:g} s is not compared: it was due in the {which} run only"
            self.left_out.append(LeftOut(a.watched.clip, a.watched.scenario, why))
        kept_a, kept_b = same_alarms(a.false(), b.false(), a.watched.length_s, b.watched.length_s)
        self.gone.extend(item for number, item in enumerate(a.false()) if number not in kept_a)
        self.new.extend(item for number, item in enumerate(b.false()) if number not in kept_b)
        self.items[0].extend(a.counting(only_a))
        self.items[1].extend(b.counting(only_b))
        self.watched[0].append(a.watched)
        self.watched[1].append(b.watched)

    def scenario_pair(self, scenario: str) -> ScenarioPair:
        return ScenarioPair(
            scenario,
            tuple(self.troubles),
            tuple(self.gone),
            tuple(self.new),
            tuple(self.items[0]),
            tuple(self.items[1]),
            tuple(self.watched[0]),
            tuple(self.watched[1]),
            tuple(self.left_out),
        )


def same_alarms(
    ones: Sequence[Judged], others: Sequence[Judged], length_one_s: float, length_other_s: float
) -> tuple[set[int], set[int]]:
    """Numbers of the alarms on one clip that stand in both lists: same zone, overlapping in time, one to one.

    The two that share most of their time go together first; which list comes first does not matter.

    Args:
        length_one_s, length_other_s: of the clip, where an alarm without an end is over.
    """
    spans_one = [_span(item, length_one_s) for item in ones]
    spans_other = [_span(item, length_other_s) for item in others]
    near = []
    for i, one in enumerate(ones):
        for j, other in enumerate(others):
            share = _shared(spans_one[i], spans_other[j])
            if _zone(one) == _zone(other) and share > 0:
                near.append((-share, sorted((spans_one[i], spans_other[j])), i, j))
    taken_one: set[int] = set()
    taken_other: set[int] = set()
    for _, _, i, j in sorted(near, key=lambda entry: entry[:2]):
        if i not in taken_one and j not in taken_other:
            taken_one.add(i)
            taken_other.add(j)
    return taken_one, taken_other


def _zone(item: Judged) -> str:
    assert item.alarm is not None
    return item.alarm.zone


def _span(item: Judged, length_s: float) -> Span:
    assert item.alarm is not None
    ended_s = length_s if item.alarm.ended_s is None else item.alarm.ended_s
    return item.alarm.began_s, max(item.alarm.began_s, item.alarm.raised_s, ended_s)


def _shared(one: Span, other: Span) -> float:
    """Common time by time of either, 0–1; 1 for the same span, however short."""
    if one == other:
        return 1.0
    common = min(one[1], other[1]) - max(one[0], other[0])
    return max(0.0, common) / (max(one[1], other[1]) - min(one[0], other[0]))
