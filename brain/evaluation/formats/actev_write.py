"""Writes NIST ActEV JSON; the form is told in ``brain.evaluation.formats.actev``. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from brain.core.geometry import Box
from brain.evaluation.spans import Span
from brain.evaluation.truth import TruthClip

# Moments that are a whole frame but for the last digits that are written.
_ROUNDING = 0.005


@dataclass(frozen=True, slots=True)
class Shape:
    """What is needed of a clip to count its frames."""

    fps: float
    frames: int
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """An activity to be written; ``until_s`` ``None`` = it lasts to the end of the file."""

    name: str
    file: str
    from_s: float
    until_s: float | None
    confidence: float = 1.0
    alert_s: float | None = None
    box: Box | None = None


def frame_at(moment_s: float, fps: float) -> int:
    """The first frame (from 1) shown at that moment or later."""
    return max(0, ceil(moment_s * fps - _ROUNDING)) + 1


def activities_json(activities: Iterable[Activity], files: Mapping[str, Shape]) -> dict[str, Any]:
    """Reference or system output.

    Args:
        activities: with files of ``files``.
        files: name as it is to be written → its shape.
    """
    written = []
    for number, item in enumerate(activities, 1):
        shape = files[item.file]
        after_end = shape.frames + 1
        until = after_end if item.until_s is None else min(after_end, frame_at(item.until_s, shape.fps))
        # What begins and ends between two frames is told with the frame before its end, so that both stay near.
        first = min(frame_at(item.from_s, shape.fps), shape.frames, max(1, until - 1))
        until = max(first + 1, until)
        entry: dict[str, Any] = {"activity": item.name, "activityID": number, "presenceConf": item.confidence}
        alert_s = item.from_s if item.alert_s is None else item.alert_s
        entry["alertFrame"] = min(frame_at(alert_s, shape.fps), shape.frames)
        entry["localization"] = {item.file: {str(first): 1, str(until): 0}}
        entry["objects"] = _objects(item, shape, first, until)
        written.append(entry)
    # The scorer asks a system's output for a report of what was processed; in a reference it is passed over.
    statuses = {name: {"status": "success", "message": ""} for name in files}
    report = {"siteSpecific": {}, "fileStatuses": statuses}
    return {"filesProcessed": list(files), "activities": written, "processingReport": report}


def _objects(item: Activity, shape: Shape, first: int, until: int) -> list[dict[str, Any]]:
    if item.box is None or not shape.width or not shape.height:
        return []
    x1, y1, x2, y2 = item.box
    left, top = round(x1 * shape.width), round(y1 * shape.height)
    size = {"w": max(1, round(x2 * shape.width) - left), "h": max(1, round(y2 * shape.height) - top)}
    box = {"boundingBox": {"x": left, "y": top, **size}, "presenceConf": item.confidence}
    where = {item.file: {str(first): box, str(until): {}}}
    return [{"objectType": "Object", "objectID": 1, "localization": where}]


def file_index(files: Mapping[str, Shape], ignored: Mapping[str, Sequence[Span]]) -> dict[str, Any]:
    """The file index: all frames but those of ignored spans (seconds, disjoint, in order) are selected."""
    index = {}
    for name, shape in files.items():
        spans: list[tuple[int, int]] = []
        begin = 1
        for from_s, to_s in ignored.get(name, ()):
            spans.append((begin, min(frame_at(from_s, shape.fps), shape.frames + 1)))
            begin = frame_at(to_s, shape.fps)
        spans.append((begin, shape.frames + 1))
        selected = {str(frame): value for a, b in spans if a < b for frame, value in ((a, 1), (b, 0))}
        selected.setdefault(str(shape.frames + 1), 0)
        index[name] = {"framerate": shape.fps, "selected": selected}
    return index


def activity_index(names: Iterable[str]) -> dict[str, Any]:
    """The activity index: what was looked for."""
    return {name: {} for name in sorted(set(names))}


def truth_activities(clips: Iterable[tuple[str, TruthClip]]) -> list[Activity]:
    """The events of truth clips as activities of a reference.

    Args:
        clips: name as it is to be written, and the clip.
    """
    return [
        Activity(event.scenario, name, event.began_s, event.ended_s, box=event.box)
        for name, clip in clips
        for event in clip.events
    ]
