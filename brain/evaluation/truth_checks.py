"""What can be wrong with a clip whose keys and types are right. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches
from math import inf

from brain.config.plain import Location
from brain.core.geometry import Box, iou
from brain.evaluation.truth import TruthClip, TruthEvent, TruthIgnore
from brain.scenarios.assignment import WHOLE

# Lengths are written with two or three digits, ends of spans often with one.
LENGTH_SLACK_S = 0.1
# Boxes with less in common show two things; matching takes an alarm for a trouble from here on.
SAME_PLACE_IOU = 0.3

Found = list[tuple[Location, str]]


def clip_mistakes(clip: TruthClip, scenarios: Collection[str] | None = None) -> Found:
    """All mistakes of a clip, each with its place below the clip.

    Args:
        scenarios: ids that exist; ``None`` = any id is right.
    """
    found: Found = []
    if "\0" in clip.file:
        found.append((("file",), "file: holds a character that no path may hold"))
    if clip.start is not None and clip.start.tzinfo is None:
        found.append((("start",), "start: has no zone; write it like 2026-11-24T08:00:00+08:00"))
    found += _zones(clip)
    for number, event in enumerate(clip.events):
        found += [(("events", number, *place), f"events.{number}: {what}") for place, what in _event(event, clip)]
    found += _overlapping_events(clip.events)
    for number, span in enumerate(clip.ignore):
        found += [(("ignore", number, *place), f"ignore.{number}: {what}") for place, what in _ignore(span, clip)]
    found += _overlapping_ignores(clip.ignore)
    found += _tracks(clip)
    return found + _unknown_scenarios(clip, scenarios)


def unknown_scenario(name: str, scenarios: Collection[str]) -> str:
    """The sentence for a scenario that does not exist."""
    near = get_close_matches(name, scenarios, n=1)
    return f"there is no scenario {name!r}" + (f"; did you mean {near[0]!r}?" if near else "")


def are_one_trouble(one: TruthEvent, other: TruthEvent) -> bool:
    """Whether two events of one clip would be the same trouble if they overlapped in time.

    A zone has one event of a scenario at a time. Where no zone is named, two things at different places are two.
    """
    if (one.scenario, one.zone) != (other.scenario, other.zone):
        return False
    apart = one.zone is None and one.box is not None and other.box is not None
    return not (apart and one.box and other.box and iou(one.box, other.box) < SAME_PLACE_IOU)


def _zones(clip: TruthClip) -> Found:
    names = [zone.name for zone in clip.zones]
    return [
        (("zones", number, "name"), f"zones.{number}: zone name {name!r} stands twice: they must differ")
        for number, name in enumerate(names)
        if name in names[:number]
    ]


def _event(event: TruthEvent, clip: TruthClip) -> Iterable[tuple[Location, str]]:
    if event.ended_s is not None and event.ended_s <= event.began_s:
        how = "ends before it begins" if event.ended_s < event.began_s else "has no length"
        yield ("ended_s",), f"{how}: began_s {event.began_s:g}, ended_s {event.ended_s:g}"
    elif clip.duration_s is not None and (event.ended_s or 0.0) > clip.duration_s + LENGTH_SLACK_S:
        yield ("ended_s",), f"ends at {event.ended_s:g} s, but the clip has {clip.duration_s:g} s"
    if clip.duration_s is not None and event.began_s >= clip.duration_s:
        yield ("began_s",), f"begins at {event.began_s:g} s, but the clip has {clip.duration_s:g} s"
    names = [zone.name for zone in clip.zones]
    if event.zone is not None and names and event.zone not in (*names, WHOLE):
        near = get_close_matches(event.zone, names, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"its zones: {', '.join(names)}"
        yield ("zone",), f"the clip has no zone {event.zone!r}; {hint}"
    if event.box is not None:
        wrong = box_mistake(event.box)
        if wrong:
            yield ("box",), f"box: {wrong}"


def box_mistake(box: Box) -> str:
    """What is wrong with a box that should lie within the picture; empty when all is well."""
    x1, y1, x2, y2 = box
    if not all(0 <= value <= 1 for value in box):
        return "lies outside the picture: write [x1, y1, x2, y2] as shares from 0 to 1, not pixels"
    return "is turned round or empty: x1 < x2 and y1 < y2, from the top left corner" if x1 >= x2 or y1 >= y2 else ""


def _overlapping_events(events: Sequence[TruthEvent]) -> Found:
    found: Found = []
    order = sorted(range(len(events)), key=lambda number: (events[number].began_s, number))
    open_ones: list[int] = []
    for number in order:
        event = events[number]
        open_ones = [other for other in open_ones if _end(events[other]) > event.began_s]
        for other in open_ones:
            if are_one_trouble(events[other], event):
                first, second = sorted((other, number))
                zone = "anywhere" if event.zone is None else f"in zone {event.zone!r}"
                what = f"overlaps events.{first}, of the same scenario {event.scenario!r} {zone}: make one of them"
                found.append((("events", second), f"events.{second}: {what}"))
        open_ones.append(number)
    return found


def _end(event: TruthEvent) -> float:
    return inf if event.ended_s is None else event.ended_s


def _ignore(span: TruthIgnore, clip: TruthClip) -> Iterable[tuple[Location, str]]:
    if span.to_s <= span.from_s:
        how = "ends before it begins" if span.to_s < span.from_s else "has no length"
        yield ("to_s",), f"{how}: from_s {span.from_s:g}, to_s {span.to_s:g}"
    elif clip.duration_s is not None and span.to_s > clip.duration_s + LENGTH_SLACK_S:
        yield ("to_s",), f"ends at {span.to_s:g} s, but the clip has {clip.duration_s:g} s"


def _overlapping_ignores(spans: Sequence[TruthIgnore]) -> Found:
    found: Found = []
    for number, span in enumerate(spans):
        for before, other in enumerate(spans[:number]):
            if span.scenario == other.scenario and span.from_s < other.to_s and other.from_s < span.to_s:
                found.append((("ignore", number), f"ignore.{number}: overlaps ignore.{before}: make one span of them"))
    return found


def _tracks(clip: TruthClip) -> Found:
    found: Found = []
    ids = [track.id for track in clip.tracks]
    seen: set[int] = set()
    for number, track in enumerate(clip.tracks):
        if ids[number] in seen:
            found.append((("tracks", number, "id"), f"tracks.{number}: id {track.id} stands twice: they must differ"))
        seen.add(ids[number])
        last = -1
        for index, (frame, box) in enumerate(track.boxes):
            wrong = "its pictures must rise from 0" if frame <= last else box_mistake(box)
            if wrong:
                found.append((("tracks", number, "boxes", index), f"tracks.{number}.boxes.{index}: {wrong}"))
                break
            last = frame
    return found


def _unknown_scenarios(clip: TruthClip, scenarios: Collection[str] | None) -> Found:
    if scenarios is None:
        return []
    named: list[tuple[Location, str | None]] = [
        *((("labelled", number), name) for number, name in enumerate(clip.labelled or ())),
        *((("events", number, "scenario"), event.scenario) for number, event in enumerate(clip.events)),
        *((("ignore", number, "scenario"), span.scenario) for number, span in enumerate(clip.ignore)),
    ]
    return [
        (place, f"{'.'.join(str(part) for part in place)}: {unknown_scenario(name, scenarios)}")
        for place, name in named
        if name is not None and name not in scenarios
    ]


def set_mistakes(clips: Sequence[TruthClip]) -> list[tuple[TruthClip, Location, str]]:
    """What is wrong between clips, or likely not meant, and harms no clip by itself; each with its clip and place."""
    found: list[tuple[TruthClip, Location, str]] = []
    sites: dict[str, str] = {}
    bytes_of: dict[str, str] = {}
    for clip in clips:
        camera, site = clip.camera or "", clip.site or ""
        if sites.setdefault(camera, site) != site:
            found.append((clip, ("site",), f"site: camera {camera!r} is at {sites[camera]!r} and at {site!r}"))
        if clip.sha256 is not None:
            first = bytes_of.setdefault(clip.sha256, clip.file)
            if first != clip.file:
                found.append((clip, ("sha256",), f"sha256: the same recording as {first}: it would count twice"))
        for number, event in enumerate(clip.events):
            if event.scenario not in (clip.labelled or ()):
                what = f"{event.scenario!r} is not among what was looked for: add it to `labelled`"
                found.append((clip, ("events", number, "scenario"), f"events.{number}.scenario: {what}"))
    return found
