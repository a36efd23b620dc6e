"""Boxes that people drew at some frames, into spans in which a thing is there and its box at every frame. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from statistics import median

from brain.core.geometry import Box, iou
from brain.evaluation.truth import TruthEvent
from brain.evaluation.truth_checks import SAME_PLACE_IOU, are_one_trouble

# A day at 30 frames a second is 2.6 million; each frame of a track becomes a box.
MAX_FRAMES = 4_000_000


@dataclass(frozen=True, slots=True)
class Key:
    """A frame (from 0) at which a box was set; from here on the thing is there, or with ``gone`` no more."""

    frame: int
    box: Box
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """A span in which a thing is there.

    Attributes:
        first: frame at which it shows first.
        until: first frame at which it is gone; ``None`` = it lasts to the end.
        boxes: frame and box, every frame from ``first`` on; where it lasts to the end, up to the end if that is known.
    """

    first: int
    until: int | None
    boxes: tuple[tuple[int, Box], ...]


def segments(keys: Iterable[Key], length: int | None = None) -> tuple[Segment, ...]:
    """The spans of a track. Between two keys the box moves linearly, as CVAT and Label Studio draw it.

    Args:
        keys: in any order; of two at one frame the later one counts.
        length: frames of the clip, so that a box that lasts to the end is given for all of them.

    Raises:
        ValueError: frames far beyond any clip.
    """
    order = [key for _, key in sorted({key.frame: key for key in keys}.items())]
    if order and max(order[-1].frame, length or 0) > MAX_FRAMES:
        raise ValueError(f"more than {MAX_FRAMES} frames")
    found: list[Segment] = []
    boxes: list[tuple[int, Box]] = []
    for key, following in zip_longest(order, order[1:]):
        if key.gone:
            if boxes:
                found.append(Segment(boxes[0][0], key.frame, tuple(boxes)))
            boxes = []
        elif following is not None:
            boxes += _between(key, following)
        else:
            boxes += [(frame, key.box) for frame in range(key.frame, max(key.frame + 1, length or 0))]
            found.append(Segment(boxes[0][0], None, tuple(boxes)))
    return tuple(found)


def _between(key: Key, following: Key) -> list[tuple[int, Box]]:
    steps = following.frame - key.frame
    return [(key.frame + step, _mixed(key.box, following.box, step / steps)) for step in range(steps)]


def _mixed(one: Box, other: Box, share: float) -> Box:
    x1, y1, x2, y2 = (a + (b - a) * share for a, b in zip(one, other, strict=True))
    return x1, y1, x2, y2


def within_picture(box: Box) -> Box | None:
    """The part of a box (shares) that lies in the picture; ``None`` when none of it does."""
    x1, y1, x2, y2 = (min(1.0, max(0.0, value)) for value in box)
    return (x1, y1, x2, y2) if x1 < x2 and y1 < y2 else None


def resting_box(boxes: Sequence[Box]) -> Box | None:
    """The box of a thing that stays at its place (the median of each side); ``None`` for one that moves about."""
    if not boxes:
        return None
    x1, y1, x2, y2 = (median(side) for side in zip(*boxes, strict=True))
    rest = (x1, y1, x2, y2)
    return rest if min(iou(rest, box) for box in boxes) >= SAME_PLACE_IOU else None


def merged(events: Iterable[TruthEvent]) -> tuple[TruthEvent, ...]:
    """Events in order of begin; those that are one trouble and overlap become one, as several persons in a zone are."""
    todo = sorted(events, key=lambda event: (event.began_s, event.scenario, event.zone or ""))
    done: list[TruthEvent] = []
    while todo:
        event = todo.pop(0)
        number = next((n for n, other in enumerate(done) if _overlap(other, event)), None)
        if number is None:
            done.append(event)
        else:
            # What it has become may overlap what was apart from both.
            todo.insert(0, _joined(done.pop(number), event))
    return tuple(sorted(done, key=lambda event: (event.began_s, event.scenario, event.zone or "")))


def _overlap(one: TruthEvent, other: TruthEvent) -> bool:
    begins_before = other.ended_s is None or one.began_s < other.ended_s
    return begins_before and (one.ended_s is None or other.began_s < one.ended_s) and are_one_trouble(one, other)


def _joined(one: TruthEvent, other: TruthEvent) -> TruthEvent:
    ended_s = None if one.ended_s is None or other.ended_s is None else max(one.ended_s, other.ended_s)
    box = resting_box([one.box, other.box]) if one.box is not None and other.box is not None else None
    return one.model_copy(update={"began_s": min(one.began_s, other.began_s), "ended_s": ended_s, "box": box})
