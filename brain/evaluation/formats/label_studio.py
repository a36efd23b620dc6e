"""Label Studio's JSON export (1.x) of video projects: timeline labels and video rectangles.

A list of tasks; frames count from 1. A timeline range takes in its last frame. A rectangle's box moves from key to
key; a key with ``enabled: false`` is the last frame that shows it. Of several annotations of a task the newest that was
not cancelled counts. The frame rate comes from ``framesCount / duration``, a number ``fps`` in the task's data, the
video beside the file, or ``--fps``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from brain.config.plain import Location
from brain.evaluation.formats.draft import Draft, DraftClip, ReadOptions
from brain.evaluation.formats.json_text import JsonText
from brain.evaluation.formats.keyframes import Key, Segment, segments
from brain.evaluation.formats.media import probe
from brain.evaluation.formats.tracked import Labelled, gather

FORM = "Label Studio JSON"
_UPLOAD_MARK = re.compile(r"^[0-9a-f]{8}-")


def is_label_studio(value: Any) -> bool:
    """Whether a JSON value is such an export."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(task, dict) and "data" in task and "annotations" in task for task in value)
    )


def read_label_studio(text: JsonText, path: Path, options: ReadOptions) -> Draft:
    """The clips of an export, one for each task."""
    return Draft(FORM, [_clip(text, number, path, options) for number in range(len(text.value))], text.where)


def _clip(text: JsonText, number: int, path: Path, options: ReadOptions) -> DraftClip:
    task = text.value[number]
    file = _file(task["data"], path)
    chosen, results = _results(task["annotations"])
    top: Location = (number, "annotations", chosen, "result")
    where = _where(text, number)
    frames, duration_s = _length(results)
    fps = options.fps or (frames / duration_s if frames and duration_s else None) or _fps_of_data(task["data"])
    media = probe(path.parent / file) if file else None
    fps = fps or (media.fps if media else None)
    values: dict[str, Any] = {"file": file}
    if media:
        values |= {"width": media.width, "height": media.height}
    duration_s = duration_s or (media.duration_s if media else None)
    values |= {"duration_s": duration_s} if duration_s else {}
    mistakes: list[tuple[Location, str]] = []
    if not file:
        mistakes.append(((number, "data"), "the task names no video"))
    if fps is None and results:
        what = "the frame rate is not known: put the video beside this file, or say it with --fps"
        mistakes.append(((number,), what))
    if fps is None or mistakes:
        return DraftClip(values, where, mistakes)
    values["fps"] = fps
    length = frames or (round(duration_s * fps) if duration_s else None)
    items = []
    for index, result in enumerate(results):
        try:
            items += _labelled(result, (*top, index), length)
        except (KeyError, TypeError, ValueError, IndexError):
            mistakes.append(((*top, index), f"result {index}: not a region of a video as Label Studio exports it"))
    found = gather(items, options, lambda frame: frame / fps, duration_s)
    values |= {"events": found.events, "ignore": found.ignore, "tracks": found.tracks}
    return DraftClip(values, where, [*mistakes, *found.mistakes])


def _where(text: JsonText, number: int) -> Callable[[Location], str]:
    """Places of the reader lie in the file, those of the checks in the values of a truth clip: these mean the task."""
    return lambda location: text.where(location if location[:1] == (number,) else (number,))


def _file(data: Any, path: Path) -> str:
    """The video of a task, as it would lie beside the export: as it was uploaded, or under its first name."""
    address = next((value for value in data.values() if isinstance(value, str)), "") if isinstance(data, dict) else ""
    for key in ("video", "video_url"):
        if isinstance(data, dict) and isinstance(data.get(key), str):
            address = data[key]
            break
    parts = urlsplit(address)
    local = parse_qs(parts.query).get("d", [""])[0]
    name = PurePosixPath(local or unquote(parts.path)).name
    if not name or (path.parent / name).exists():
        return name
    return _UPLOAD_MARK.sub("", name)


def _results(annotations: Any) -> tuple[int, list[Any]]:
    """Index and results of the newest annotation that was not cancelled."""
    usable = [
        (str(item.get("updated_at", "")), index)
        for index, item in enumerate(annotations if isinstance(annotations, list) else ())
        if isinstance(item, dict) and not item.get("was_cancelled") and isinstance(item.get("result"), list)
    ]
    if not usable:
        return 0, []
    index = max(usable)[1]
    return index, annotations[index]["result"]


def _length(results: Iterable[Any]) -> tuple[int | None, float | None]:
    """Frames and seconds of the video, where a rectangle tells them."""
    for result in results:
        value = result.get("value") if isinstance(result, dict) else None
        if isinstance(value, dict) and _is_positive(value.get("framesCount")) and _is_positive(value.get("duration")):
            return int(value["framesCount"]), float(value["duration"])
    return None, None


def _fps_of_data(data: Any) -> float | None:
    for key in ("fps", "frame_rate", "framerate"):
        if isinstance(data, dict) and _is_positive(data.get(key)):
            return float(data[key])
    return None


def _is_positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _labelled(result: Any, place: Location, length: int | None) -> list[Labelled]:
    kind, value = result["type"], result["value"]
    if kind == "timelinelabels":
        spans = tuple(_span(item, length) for item in value["ranges"])
        return [Labelled(str(label), place, spans, is_object=False) for label in value["timelinelabels"]]
    if kind != "videorectangle":
        return []
    keys = [key for item in value["sequence"] for key in _keys(item)]
    spans = segments(keys, length)
    return [Labelled(str(label), place, spans) for label in value.get("labels") or ("",)]


def _span(item: Any, length: int | None) -> Segment:
    first, last = int(item["start"]) - 1, int(item["end"])
    # Old versions let a range begin at 0.
    return Segment(max(0, first), None if length is not None and last >= length else last, ())


def _keys(item: Any) -> list[Key]:
    frame = max(0, int(item["frame"]) - 1)
    x, y, width, height = (float(item[name]) / 100 for name in ("x", "y", "width", "height"))
    key = Key(frame, (x, y, x + width, y + height))
    # The next key, if there is one at that frame, wins over this end.
    return [key] if item.get("enabled", True) else [Key(frame + 1, key.box, gone=True), key]
