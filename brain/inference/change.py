"""stationary_change (静止变化, A13): new and removed static regions of a fixed view, without weights.

Each pixel is in one of three conditions: it shows the *background*, it shows the same *other thing* as before
(its age grows), or it is *restless*. What has been another thing for ``settle_s`` is settled; connected settled pixels
are a region; a region is judged new, removed or mere light (``change_regions.judge``). The background never learns
where something settled stands, so a thing stays new as long as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from brain.core.types import Detections, Sample
from brain.inference.change_background import Compared, Grey, Mask, Planes, compare, planes_of
from brain.inference.change_pixels import age_things, join_ground, learn_ground, put_ground, remember
from brain.inference.change_regions import (
    VOTES_MAX,
    Held,
    Region,
    Verdict,
    carved,
    find_regions,
    judge,
    restless_share,
    shows_ground,
)
from brain.inference.change_relearn import relearned
from brain.inference.change_state import TICK_S, State, from_bytes, to_bytes

STEP_MAX = 10_000
LEARN_SAMPLES = 5
SURE_VOTES = 3
VISIBLE = 0.7
EDGE = 0.035
STRIP = 5
GROWTH = 2


@dataclass(frozen=True, slots=True)
class ChangeSettings:
    """Settings of ``StationaryChange``; times in watched seconds of media time.

    Attributes:
        settle_s: how long a thing must stand still before it is reported.
        learn_s: how long the view is learned before anything is reported (at least five samples).
        occlusion_s: how long a known thing may be hidden and still count as there.
        absorb_s: after this long a region that is only light (a shadow that stays) joins the background.
        removed_for_s: how long a removed thing is remembered and reported.
        relearn_s: after this long of a picture that does not fit the background the view is learned anew.
        edge_patience_s: how much longer a thing must stand that the left or right side of the picture may cut off.
        min_area, max_area: size of a new thing as share of the picture; a car is larger than what people leave behind.
        max_removed_area: the same for a removed thing.
        contrast: grey steps (of 255) by which a thing must differ from what it hides.
        max_restless: moving pixels in and around a region, as share of it, up to which it counts as a thing at rest.
        max_changed: share of the picture that may differ; beyond it the sample cannot be judged.
    """

    settle_s: float = 4.0
    learn_s: float = 5.0
    occlusion_s: float = 10.0
    absorb_s: float = 60.0
    removed_for_s: float = 86_400.0
    relearn_s: float = 20.0
    edge_patience_s: float = 120.0
    min_area: float = 0.0008
    max_area: float = 0.04
    max_removed_area: float = 0.25
    contrast: float = 8.0
    max_restless: float = 0.3
    max_changed: float = 0.5

    def __post_init__(self) -> None:
        for name in ("settle_s", "learn_s", "occlusion_s", "absorb_s", "removed_for_s", "relearn_s", "contrast"):
            if not 0 < getattr(self, name) < 1e9:
                raise ValueError(f"{name} must be above 0, not {getattr(self, name)}")
        if self.settle_s > 300:
            raise ValueError(f"settle_s must be at most 300, not {self.settle_s}")
        if not 0 < self.min_area < self.max_area <= 1:
            raise ValueError(f"need 0 < min_area < max_area ≤ 1, not {self.min_area} and {self.max_area}")


class StationaryChange:
    """Watches the samples of one view of one camera.

    Args:
        settings: see ``ChangeSettings``.
    """

    def __init__(self, settings: ChangeSettings) -> None:
        self._settings = settings
        self._state: State | None = None

    def observe(self, sample: Sample) -> Detections | None:
        """Take in one sample.

        Returns:
            Boxes in pixels of the sample with label ``new`` or ``removed``; ``None`` when this sample cannot be judged:
            the view is still being learned, or the picture does not fit the background (moved view, light changing).
        """
        planes = planes_of(sample.image)
        state = self._state
        if state is None or state.size != sample.size or state.ground.y.shape != planes.y.shape:
            self._state = State.first(sample, planes)
            return None
        step_s = self._advance(state, sample.pts_s)
        free = self._free(state, planes.c.shape)
        seen = compare(planes, state.ground, free, state.noise, self._settings.contrast)
        if float(np.count_nonzero(seen.differs)) > self._settings.max_changed * seen.differs.size:
            self._misfit(state, sample, planes, step_s)
            return None
        state.misfit_s = 0.0
        step, settle, ripe = (self._ticks(s) for s in (step_s, self._settings.settle_s, self._settings.learn_s))
        same = age_things(state, seen, step, settle, self._ticks(self._settings.occlusion_s))
        learn_ground(state, seen, step, ripe, settle, learning=self._learning(state))
        regions = self._settled_regions(state)
        boxes = self._judge(state, seen, regions, same)
        if self._learning(state):
            return None
        return self._report(state, seen, boxes)

    def save(self) -> bytes:
        """The whole state, background included, as some tens of kilobytes for ``restore``."""
        return to_bytes(self._state)

    def restore(self, data: bytes) -> None:
        """Go on from a saved state as if nothing had happened.

        Raises:
            ValueError: the bytes are no such state, of another version, or damaged; the present state is kept.
        """
        self._state = from_bytes(data)

    def _learning(self, state: State) -> bool:
        return state.watched_s - state.born_s < self._settings.learn_s or state.samples < LEARN_SAMPLES

    def _advance(self, state: State, pts_s: float) -> float:
        """Watched seconds since the sample before; a gap counts as one step, for nobody watched it."""
        step_s = pts_s - state.pts_s
        usual = state.cadence_s or 10.0
        if step_s <= 0 or step_s > 3 * usual:
            step_s = state.cadence_s
        else:
            state.cadence_s = step_s
        state.pts_s = pts_s
        state.watched_s += step_s
        state.samples += 1
        return step_s

    def _misfit(self, state: State, sample: Sample, planes: Planes, step_s: float) -> None:
        state.misfit_s += step_s
        if state.misfit_s >= self._settings.relearn_s:
            ripe, settle = self._ticks(self._settings.learn_s), self._ticks(self._settings.settle_s)
            self._state = relearned(state, sample, planes, ripe, settle)

    @staticmethod
    def _ticks(seconds: float) -> int:
        return min(STEP_MAX, round(seconds / TICK_S))

    def _free(self, state: State, shape: tuple[int, ...]) -> Grey:
        """255 where no settled thing stands, else 0, in half size."""
        free = (state.age < self._ticks(self._settings.settle_s)).view(np.uint8) * np.uint8(255)
        return np.asarray(cv2.resize(free, (shape[1], shape[0]), interpolation=cv2.INTER_NEAREST), np.uint8)

    def _settled_regions(self, state: State) -> list[Region]:
        settled = state.age >= self._ticks(self._settings.settle_s)
        if not settled.any():
            state.owner[:] = 0
            return []
        regions = find_regions(settled, self._min_pixels(state))
        limit = self._settings.max_area * settled.size
        return [part for r in regions for part in (carved(r, state.owner, state.held) if r.area > limit else [r])]

    def _min_pixels(self, state: State) -> int:
        return max(9, round(self._settings.min_area * state.age.size))

    def _judge(self, state: State, seen: Compared, regions: list[Region], same: Mask) -> list[tuple[Region, Held]]:
        """Give each region its memory and a vote; take into the background what turned out to belong there."""
        restless = seen.differs & (state.age < self._ticks(self._settings.settle_s))
        known = {held.number: held for held in state.held}
        owner = np.zeros_like(state.owner)
        kept: dict[int, Held] = {}
        result = []
        for region in regions:
            held = self._recall(state, region, known, kept)
            visible = float(np.count_nonzero(same[region.slices] & region.mask)) / region.area
            if visible >= VISIBLE:
                verdict, contrast = judge(region, seen, state.ground)
                # Doubt does not unseat what was reported; only a better explanation does.
                if verdict is not Verdict.UNSURE or not held.reported:
                    held = held.voted(verdict, contrast)
                if held.verdict is Verdict.NEW:
                    held = replace(held, new_s=state.watched_s)
                if not held.accepted and restless_share(region, restless) <= self._settings.max_restless:
                    held = replace(held, accepted=True)
            elif visible <= 1 - VISIBLE and shows_ground(region, seen, state.ground):
                state.age[region.slices][region.mask] = 0
                state.doubt[region.slices][region.mask] = 0
                continue
            if self._absorb(state, seen, region, held):
                continue
            kept[held.number] = held
            owner[region.slices][region.mask] = held.number
            result.append((region, held))
        state.owner, state.held = owner, tuple(kept.values())
        return result

    def _recall(self, state: State, region: Region, known: dict[int, Held], kept: dict[int, Held]) -> Held:
        """The memory of the region that stood here before, or a new one."""
        counts = np.bincount(state.owner[region.slices][region.mask], minlength=2)
        counts[0] = 0
        number = int(np.argmax(counts))
        if number in known and number not in kept and counts[number] * 4 >= region.area:
            return known[number]
        free = next(n for n in range(1, 256) if n not in known and n not in kept)
        return Held(free, state.watched_s, state.watched_s)

    def _absorb(self, state: State, seen: Compared, region: Region, held: Held) -> bool:
        """Make a region background when that is what it is; a removed thing is remembered. True if done."""
        ripe = self._ticks(self._settings.learn_s)
        learned = not self._learning(state) and float(np.median(state.seen[region.slices][region.mask])) >= ripe
        if learned or held.first_s < state.born_s:
            if held.verdict is Verdict.NEW:
                return False
            # What was once new needs all votes to turn out as uncovered ground.
            votes = VOTES_MAX if held.reported else SURE_VOTES
            if held.verdict is Verdict.REMOVED and not (held.accepted and held.removed >= votes):
                return False
            if held.verdict is not Verdict.REMOVED and state.watched_s - held.new_s < self._settings.absorb_s:
                return False
        before = join_ground(state, seen, region)
        if learned and held.verdict is Verdict.REMOVED:
            small_enough = region.area <= self._settings.max_removed_area * state.age.size
            if small_enough:
                gone = replace(before, contrast=held.contrast)
                state.removed = remember(state.removed, gone, state.age.size)
        return True

    def _is_thing(self, state: State, region: Region, held: Held) -> bool:
        """Whether size and shape are those of a thing that was left, not of a car, a person or a burnt-in line."""
        limit = max(GROWTH * held.reported, self._settings.max_area * state.age.size)
        if region.area > limit or (not held.reported and _is_strip(region)):
            return False
        if held.reported:
            return True
        # What the side of the picture cuts off is mostly a vehicle that waits half in view; its size cannot be told.
        width = state.age.shape[1]
        cut = region.window[0] < EDGE * width or region.window[2] > (1 - EDGE) * width
        return not cut or state.watched_s - held.first_s >= self._settings.edge_patience_s

    def _report(self, state: State, seen: Compared, regions: list[tuple[Region, Held]]) -> Detections:
        areas: dict[int, int] = {}
        found: list[tuple[Region, str, float]] = []
        for region, held in regions:
            if held.accepted and held.verdict is Verdict.NEW and self._is_thing(state, region, held):
                found.append((region, "new", _score(held.new, held.contrast)))
                areas[held.number] = held.reported or region.area
        state.held = tuple(replace(h, reported=areas.get(h.number, h.reported)) for h in state.held)
        still = []
        for gone in state.removed:
            if gone.is_back(seen.now, seen.gain, seen.tolerance):
                put_ground(state, gone.region, gone.y, gone.c)
            elif state.watched_s - gone.since_s < self._settings.removed_for_s:
                still.append(gone)
                found.append((gone.region, "removed", _score(8, gone.contrast)))
        state.removed = tuple(still)
        if not found:
            return Detections.empty()
        fx, fy = state.size[0] / state.age.shape[1], state.size[1] / state.age.shape[0]
        sx, sy = seen.shift
        boxes = [
            ((x1 + sx) * fx, (y1 + sy) * fy, (x2 + sx) * fx, (y2 + sy) * fy)
            for x1, y1, x2, y2 in (region.window for region, _, _ in found)
        ]
        xyxy = np.clip(np.array(boxes, np.float32), 0, np.array([*state.size, *state.size], np.float32))
        score = np.array([score for _, _, score in found], np.float32)
        return Detections(xyxy, score, tuple(label for _, label, _ in found))


def _is_strip(region: Region) -> bool:
    """Long and thin along an axis of the picture: a line of burnt-in text, a shadow edge."""
    x1, y1, x2, y2 = region.window
    return max(x2 - x1, y2 - y1) > STRIP * min(x2 - x1, y2 - y1)


def _score(votes: int, contrast: float) -> float:
    return min(1.0, 0.4 + 0.03 * votes + 0.4 * contrast)
