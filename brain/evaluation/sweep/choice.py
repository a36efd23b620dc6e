"""Which of many settings is the best: the front of recall against false alarms, and the one within a budget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from brain.evaluation.sweep.grid import Setting, values_at
from brain.evaluation.sweep.score import Score, total
from brain.scenarios.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Scored:
    """A setting and how good it is.

    Attributes:
        number: its place among all; 0 is the present one.
        setting: dotted key → value; empty for the present one.
        distance: how far it lies from the present one; 0 = the same, 1 for each key from end to end.
        by_clip: clip id → score.
        score: all clips together.
    """

    number: int
    setting: Setting
    distance: float
    by_clip: Mapping[str, Score]
    score: Score


@dataclass(frozen=True, slots=True)
class LeftOutSite:
    """A site on which a setting is tried that was chosen without it.

    Attributes:
        best: chosen on the other sites; ``None`` when none of them keeps the budget there.
        score: of ``best`` on this site; present: of the present setting.
    """

    site: str
    best: Scored | None
    score: Score | None
    present: Score


def pareto_front(scored: Iterable[Scored]) -> tuple[Scored, ...]:
    """The settings that no other one beats in recall or false alarms, fewest false alarms first.

    Of those that are equal in both the one with the shortest time to alarm stands for all.
    """
    front: list[Scored] = []
    for item in sorted(scored, key=lambda item: (item.score.false_per_camera_hour, *_preference(item, item.score))):
        if not front or item.score.recall > front[-1].score.recall:
            front.append(item)
    return tuple(front)


def best_within(scored: Iterable[Scored], budget: float, scores: Mapping[int, Score] | None = None) -> Scored | None:
    """The best of the settings with at most ``budget`` false alarms per camera-hour; ``None`` when there is none.

    Most recall goes first, then fewest false alarms, then the shortest time to alarm, then the least change.

    Args:
        scores: number of a setting → score to go by; ``None`` = over all clips.
    """

    def own(item: Scored) -> Score:
        return item.score if scores is None else scores[item.number]

    fitting = [item for item in scored if own(item).false_per_camera_hour <= budget]
    return min(fitting, key=lambda item: _preference(item, own(item)), default=None)


def leave_one_site_out(
    scored: Sequence[Scored], sites: Mapping[str, str], budget: float | None
) -> tuple[LeftOutSite, ...]:
    """For each site the best setting on the others, and what it is worth there; nothing where there is one site only.

    Args:
        scored: the present setting first.
        sites: clip id → site.
        budget: false alarms per camera-hour; ``None`` = as many as the present setting has on the same sites.
    """
    names = sorted(set(sites.values()))
    if len(names) < 2:
        return ()
    found = []
    for name in names:
        inside = [clip for clip, site in sites.items() if site == name]
        outside = [clip for clip, site in sites.items() if site != name]
        others = {item.number: _over(item, outside) for item in scored}
        limit = others[scored[0].number].false_per_camera_hour if budget is None else budget
        best = best_within(scored, limit, others)
        score = None if best is None else _over(best, inside)
        found.append(LeftOutSite(name, best, score, _over(scored[0], inside)))
    return tuple(found)


def distances(manifests: Sequence[Manifest], keys: Iterable[str]) -> list[float]:
    """How far each manifest lies from the first: for each key the share of the span of all, or 1 where it has none."""
    values = [values_at(manifest, keys) for manifest in manifests]
    apart = [0.0] * len(values)
    for key in values[0]:
        column = [item[key] for item in values]
        numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in column)
        span = max(column) - min(column) if numbers else None
        for place, value in enumerate(column):
            if value != column[0]:
                apart[place] += abs(value - column[0]) / span if span else 1.0
    return apart


def _over(item: Scored, clips: Iterable[str]) -> Score:
    return total(item.by_clip[clip] for clip in clips)


def _preference(item: Scored, score: Score) -> tuple[float, float, float, float, int]:
    return -score.recall, score.false_per_camera_hour, score.delay_s, round(item.distance, 9), item.number
