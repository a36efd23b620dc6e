"""Tracks and spans of another tool into the events, ignored spans and tracks of a truth clip. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from brain.config.plain import Location
from brain.core.geometry import Box
from brain.core.ids import is_identifier
from brain.evaluation.formats.draft import IGNORE, ReadOptions
from brain.evaluation.formats.keyframes import Segment, merged, resting_box, within_picture
from brain.evaluation.truth import TruthEvent


@dataclass(frozen=True, slots=True)
class Labelled:
    """What a person marked under a label.

    Attributes:
        place: where it stands in the file.
        segments: its spans.
        scenario: the scenario that an attribute names; empty = the label tells.
        zone: the zone that an attribute names; empty = none.
        is_object: it has boxes, so its label may well be that of an object.
    """

    label: str
    place: Location
    segments: tuple[Segment, ...]
    scenario: str = ""
    zone: str = ""
    is_object: bool = True


@dataclass(slots=True)
class Gathered:
    """What came of the labels of one clip."""

    events: list[dict[str, Any]] = field(default_factory=list)
    ignore: list[dict[str, Any]] = field(default_factory=list)
    tracks: list[dict[str, Any]] = field(default_factory=list)
    mistakes: list[tuple[Location, str]] = field(default_factory=list)


def gather(
    items: Sequence[Labelled], options: ReadOptions, seconds: Callable[[int], float], end_s: float | None
) -> Gathered:
    """Events, ignored spans and tracks of a clip.

    A label of a scenario gives one event for each span, and several of them at one time in one zone are one event. The
    label ``ignore`` gives ignored spans. Whatever has boxes is a track as well.

    Args:
        seconds: moment of a frame (from 0).
        end_s: length of the clip, to end an ignored span that lasts to the end; ``None`` = not known.
    """
    result = Gathered()
    events: list[TruthEvent] = []
    spans: list[tuple[float, float]] = []
    for item in items:
        if item.label == IGNORE and IGNORE not in options.labels:
            spans += _ignored(item, seconds, end_s, result)
            continue
        boxes = [pair for segment in item.segments for pair in _shown(segment)]
        if boxes:
            result.tracks.append({"id": len(result.tracks), "label": item.label, "boxes": tuple(boxes)})
        events += _events(item, options, seconds, result)
    result.events = [event.model_dump(exclude_defaults=True) for event in merged(events)]
    result.ignore = [{"from_s": begin, "to_s": end} for begin, end in joined(spans)]
    return result


def joined(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Spans in order; those that overlap or touch are one."""
    found: list[tuple[float, float]] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def _events(
    item: Labelled, options: ReadOptions, seconds: Callable[[int], float], result: Gathered
) -> Iterable[TruthEvent]:
    name = item.scenario or item.label
    doubt = options.misspelt(name) if item.is_object and not item.scenario else options.doubt(name)
    if doubt:
        result.mistakes.append((item.place, doubt))
    scenario = options.scenario(name)
    if scenario is None:
        return
    for problem, text in (("scenario", scenario), ("zone", item.zone)):
        if text and not is_identifier(text):
            result.mistakes.append((item.place, f"{problem} {text!r}: use letters, digits, _ . and -, 64 at most"))
            return
    for segment in item.segments:
        ended_s = None if segment.until is None else seconds(segment.until)
        box = resting_box([box for _, box in _shown(segment)])
        began_s = seconds(segment.first)
        yield TruthEvent(scenario=scenario, zone=item.zone or None, began_s=began_s, ended_s=ended_s, box=box)


def _ignored(
    item: Labelled, seconds: Callable[[int], float], end_s: float | None, result: Gathered
) -> Iterable[tuple[float, float]]:
    for segment in item.segments:
        to_s = end_s if segment.until is None else seconds(segment.until)
        if to_s is None:
            result.mistakes.append((item.place, "an ignored span lasts to the end, and the length is not known"))
        else:
            yield seconds(segment.first), to_s


def _shown(segment: Segment) -> list[tuple[int, Box]]:
    clipped = ((frame, within_picture(box)) for frame, box in segment.boxes)
    return [(frame, box) for frame, box in clipped if box is not None]
