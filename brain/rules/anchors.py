"""Things that stay where they are: each keeps an anchor, the place where it was first seen.

Detectors flicker. An anchor therefore outlives samples in which its thing is not seen (a bus in front, a weak score),
is not carried off by something that passes, and counts time from its first sighting. It ends when the thing stayed away
longer than the occlusion limit, or was seen in too few samples to be one thing at all (a spot that many cars cross).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import ConfigDict

from brain.core.geometry import Box
from brain.core.types import Finding
from brain.rules.base import EPSILON_S, Moment, State
from brain.rules.select import Seen

MAX_ANCHORS = 64
MAX_PROOF = 20
STANDING_SIGHTINGS = 2
PROVEN_SIGHTINGS = 3
YOUNG_MISSES = 2
PATIENT_SAMPLES = 2
"""At slow cadences ten seconds are no sample at all: a proven thing may be missed twice in a row at any cadence."""
MAX_MISSED = 1000
MIN_SEEN_SHARE = 0.4
"""Below this share of recent samples it is a place that things cross, not a thing that stays."""
SETTLE_S = 120.0
"""Time constant with which an anchor follows slow drift (wind, warmth of the pole); creeping traffic is faster."""

Likeness = Callable[[Box, Box], float]
"""How well a seen box (second) fits an anchor's box (first): 0 = another thing, more = better. Boxes that do not touch
are never one thing."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """One thing that stays.

    Attributes:
        box: settled mean of its sightings, shares 0–1.
        since_s, since_watched_s: media time and watched seconds of the first sighting.
        seen_watched_s: watched seconds of the last sighting.
        sightings: samples that showed it.
        missed: samples in a row that did not show it.
        seen_share: share of recent samples that showed it; fades with twice the occlusion limit or six samples.
        inherited: it was there when the watch began, so it must last twice as long.
    """

    __pydantic_config__ = ConfigDict(extra="forbid", allow_inf_nan=False)

    box: Box
    since_s: float
    since_watched_s: float
    seen_watched_s: float
    sightings: int = 1
    missed: int = 0
    seen_share: float = 1.0
    inherited: bool = False


class AnchorsState(State):
    """All anchors of a zone, oldest first; 64 at most.

    Attributes:
        began_watched_s: watched seconds at the first judged sample; what comes soon after was there before.
        last_watched_s: watched seconds at the last judged sample.
    """

    anchors: tuple[Anchor, ...] = ()
    began_watched_s: float | None = None
    last_watched_s: float = 0.0

    @property
    def idle(self) -> bool:
        """Whether there is no anchor."""
        return not self.anchors


KeptAnchor = tuple[Anchor, Seen | None]
"""An anchor and the thing at it in this sample; ``None`` when it is not seen."""
Kept = tuple[KeptAnchor, ...]


@dataclass(frozen=True, slots=True)
class Anchoring:
    """How anchors are kept and judged.

    Attributes:
        dwell_s: watched seconds a thing must last.
        occlusion_s: watched seconds that it may be out of sight (or two samples if that is longer); 0 = not at all.
        inherit: whether things of the first ``occlusion_s`` seconds need twice the dwell.
    """

    dwell_s: float
    occlusion_s: float
    inherit: bool

    def track(
        self, state: AnchorsState, things: Sequence[Seen], likeness: Likeness, now: Moment
    ) -> tuple[AnchorsState, Kept]:
        """The next state and what is kept, from the things in the zone at this sample (surest first)."""
        began = now.watched_s if state.began_watched_s is None else state.began_watched_s
        step_s = now.watched_s - (now.watched_s if state.began_watched_s is None else state.last_watched_s)
        pairs = _pair(state.anchors, things, likeness)
        kept: list[KeptAnchor] = []
        for index, anchor in enumerate(state.anchors):
            thing = things[pairs[index]] if index in pairs else None
            after = self._after(anchor, thing, step_s, now)
            if thing is not None or self._lives(after, now):
                kept.append((after, thing))
        inherited = self.inherit and now.watched_s - began <= self.occlusion_s + EPSILON_S
        fresh = [thing for index, thing in enumerate(things) if index not in pairs.values()]
        for thing in fresh[: max(0, MAX_ANCHORS - len(kept))]:
            kept.append((_new(thing, now, inherited), thing))
        anchors = tuple(anchor for anchor, _ in kept)
        return AnchorsState(anchors=anchors, began_watched_s=began, last_watched_s=now.watched_s), tuple(kept)

    def _after(self, anchor: Anchor, thing: Seen | None, step_s: float, now: Moment) -> Anchor:
        memory_s = 2 * max(self.occlusion_s, (PATIENT_SAMPLES + 1) * step_s)
        fade = math.exp(-step_s / memory_s) if memory_s > 0 else 1.0
        if thing is None:
            box, seen_watched_s, sightings = anchor.box, anchor.seen_watched_s, anchor.sightings
            missed, seen_share = min(anchor.missed + 1, MAX_MISSED), anchor.seen_share * fade
        else:
            weight = max(1 / (anchor.sightings + 1), 1 - math.exp(-step_s / SETTLE_S))
            box, seen_watched_s, sightings = _moved(anchor.box, thing.box, weight), now.watched_s, anchor.sightings + 1
            missed, seen_share = 0, 1 - (1 - anchor.seen_share) * fade
        return Anchor(
            box=box,
            since_s=anchor.since_s,
            since_watched_s=anchor.since_watched_s,
            seen_watched_s=seen_watched_s,
            sightings=sightings,
            missed=missed,
            seen_share=seen_share,
            inherited=anchor.inherited,
        )

    def _lives(self, anchor: Anchor, now: Moment) -> bool:
        """Whether an anchor whose thing is not seen now may wait for it."""
        patient = self.occlusion_s > 0 and anchor.missed <= PATIENT_SAMPLES
        if now.watched_s - anchor.seen_watched_s > self.occlusion_s + EPSILON_S and not patient:
            return False
        if anchor.sightings < PROVEN_SIGHTINGS and anchor.missed >= YOUNG_MISSES:
            return False
        return anchor.seen_share >= MIN_SEEN_SHARE

    def _needed_s(self, anchor: Anchor) -> float:
        return self.dwell_s * (2 if anchor.inherited else 1)

    def finding(self, kept: Kept, now: Moment) -> Finding:
        """Speaks of the anchor that matters most: one that lasted long enough and is seen, else the next to be so."""
        standing = [(anchor, thing) for anchor, thing in kept if anchor.sightings >= STANDING_SIGHTINGS]
        if not standing:
            return Finding(active=False, needed_s=self.dwell_s)

        def left(anchor: Anchor) -> float:
            return max(0.0, self._needed_s(anchor) - (now.watched_s - anchor.since_watched_s) - EPSILON_S)

        ordered = sorted(standing, key=lambda pair: (left(pair[0]), pair[1] is None, pair[0].since_watched_s))
        lead, thing = ordered[0]
        ripe = left(lead) <= 0
        proof = [item for anchor, item in ordered if item is not None and (left(anchor) <= 0 or not ripe)]
        return Finding(
            active=True if thing is not None else None,
            since_s=lead.since_s,
            lasted_s=now.watched_s - lead.since_watched_s,
            needed_s=self._needed_s(lead),
            measure=max(now.watched_s - anchor.since_watched_s for anchor, _ in standing),
            score=thing.score if thing is not None else 0.0,
            boxes=tuple(item.marked() for item in proof[:MAX_PROOF]),
        )


def _new(thing: Seen, now: Moment, inherited: bool) -> Anchor:
    return Anchor(
        box=thing.box,
        since_s=now.pts_s,
        since_watched_s=now.watched_s,
        seen_watched_s=now.watched_s,
        inherited=inherited,
    )


def _pair(anchors: Sequence[Anchor], things: Sequence[Seen], likeness: Likeness) -> dict[int, int]:
    """Anchor index → thing index: best likeness first, the older anchor where equal; each used once."""
    fits = [
        (-fit, a, t)
        for a, anchor in enumerate(anchors)
        for t, thing in enumerate(things)
        if not _apart(anchor.box, thing.box) and (fit := likeness(anchor.box, thing.box)) > 0
    ]
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _, a, t in sorted(fits):
        if a not in pairs and t not in taken:
            pairs[a] = t
            taken.add(t)
    return pairs


def _moved(box: Box, towards: Box, weight: float) -> Box:
    x1, y1, x2, y2 = box
    return (
        x1 + weight * (towards[0] - x1),
        y1 + weight * (towards[1] - y1),
        x2 + weight * (towards[2] - x2),
        y2 + weight * (towards[3] - y2),
    )


def _apart(one: Box, other: Box) -> bool:
    """Whether two boxes have nothing in common: seen at once, where a likeness takes its time."""
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
