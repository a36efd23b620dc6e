"""CVAT for video 1.1 (XML), as CVAT 1 and 2 export it from a task, a job or a project.

``track`` holds a shape for each frame or only for key frames; frames count from 0 in the video. A thing is there from
the first shape that is not ``outside`` to the next one that is. The label is the scenario, or ``--label`` says what it
means; an attribute ``scenario`` or ``zone`` of a shape names them where it is set. CVAT does not write the frame rate:
it is taken from the video, which must lie beside the file, or from ``--fps``. What lies outside the frames of the task
is ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import cos, radians, sin
from pathlib import Path
from typing import Any

from brain.config.plain import Location
from brain.core.errors import ConfigError
from brain.core.geometry import Box
from brain.evaluation.formats.draft import Draft, DraftClip, ReadOptions
from brain.evaluation.formats.keyframes import Key, segments
from brain.evaluation.formats.media import Media, probe
from brain.evaluation.formats.tracked import Labelled, gather, joined
from brain.evaluation.formats.xml_tree import Element, parse_xml

FORM = "CVAT for video 1.1"
_BOXES = ("box", "ellipse", "mask")
_POINTS = ("polygon", "polyline", "points", "cuboid")


def read_cvat(data: bytes, path: Path, options: ReadOptions) -> Draft:
    """The clips of an export.

    Raises:
        ConfigError: not XML, or another of CVAT's forms.
    """
    root = parse_xml(data, path)
    if root.tag != "annotations":
        raise ConfigError("no known form of truth: XML, but not of CVAT", where=f"{path}:{root.line}", remedy=_REMEDY)
    if root.find("image") is not None:
        raise ConfigError("CVAT for images: it has no tracks", where=f"{path}:{root.line}", remedy=_REMEDY)
    meta = root.find("meta") or Element("meta", {}, root.line)
    clips = [_clip(task, meta, tracks, path, options) for task, tracks in _tasks(root, meta)]
    return Draft(FORM, clips, lambda _: f"{path}:{root.line}")


_REMEDY = "export the task as 'CVAT for video 1.1'"


def _tasks(root: Element, meta: Element) -> Iterator[tuple[Element, list[Element]]]:
    """Each task of the export with its tracks; only a project has several."""
    tracks = list(root.all("track"))
    project = meta.find("project", "tasks")
    if project is not None:
        for task in project.all("task"):
            yield task, [track for track in tracks if track.attributes.get("task_id") == task.said("id")]
    else:
        yield meta.find("task") or meta.find("job") or meta, tracks


def _clip(task: Element, meta: Element, tracks: list[Element], path: Path, options: ReadOptions) -> DraftClip:
    file = task.said("source") or meta.said("source") or task.said("name")
    media = probe(path.parent / file) if file else None
    values: dict[str, Any] = {"file": file, **_facts(task, media, options)}
    lines: dict[Location, int] = {("file",): task.line}
    mistakes: list[tuple[Location, str]] = []
    if not file:
        mistakes.append((("file",), "the export does not name its video"))
    fps, size = values.get("fps", 0.0), (values.get("width"), values.get("height"))
    if not fps:
        what = "CVAT does not write the frame rate: put the video beside this file, or say it with --fps"
        mistakes.append((("file",), what))
    if None in size:
        mistakes.append((("file",), "the export does not say the size of the picture (original_size)"))
    if mistakes:
        return DraftClip(values, _where(path, task.line, lines), mistakes)
    first, last = _number(task.said("start_frame")), _number(task.said("stop_frame"))
    items = []
    for number, track in enumerate(tracks):
        place: Location = ("tracks", f"track {number}")
        lines[place] = track.line
        try:
            items.append(_labelled(track, place, size, None if last is None else last + 1))
        except ValueError as error:
            mistakes.append((place, f"track {track.attributes.get('id', number)}: {error}"))
    found = gather(items, options, lambda frame: frame / fps, values.get("duration_s"))
    unseen = joined([*((span["from_s"], span["to_s"]) for span in found.ignore), *_unseen(first, last, values)])
    ignore = [{"from_s": begin, "to_s": end} for begin, end in unseen]
    labelled = _looked_for(task, meta, options, found.events)
    values |= {"events": found.events, "ignore": ignore, "tracks": found.tracks, "labelled": labelled}
    return DraftClip(values, _where(path, task.line, lines), [*mistakes, *found.mistakes])


def _facts(task: Element, media: Media | None, options: ReadOptions) -> dict[str, Any]:
    facts: dict[str, Any] = {"fps": options.fps or (media.fps if media else None)}
    facts["width"] = _number(task.said("original_size", "width")) or (media.width if media else None)
    facts["height"] = _number(task.said("original_size", "height")) or (media.height if media else None)
    facts["duration_s"] = media.duration_s if media else None
    return {key: value for key, value in facts.items() if value is not None}


def _unseen(first: int | None, last: int | None, values: dict[str, Any]) -> Iterator[tuple[float, float]]:
    """What of the video the task leaves out."""
    fps, duration_s = values["fps"], values.get("duration_s")
    if first:
        yield 0.0, first / fps
    # Two frames of slack: lengths are rounded, and the last frame may lack.
    if last and duration_s is not None and (last + 3) / fps < duration_s:
        yield (last + 1) / fps, duration_s


def _looked_for(task: Element, meta: Element, options: ReadOptions, events: list[dict[str, Any]]) -> list[str]:
    """Every scenario with an event, and every label of the task that surely is one."""
    labels = task.find("labels") or meta.find("project", "labels")
    names = [label.said("name") for label in labels.all("label")] if labels is not None else []
    sure = [name for name in names if name in options.labels or name in (options.scenarios or ())]
    found = [event["scenario"] for event in events] + [options.scenario(name) for name in sure]
    return sorted({name for name in found if name})


def _labelled(track: Element, place: Location, size: tuple[Any, Any], length: int | None) -> Labelled:
    keys: list[Key] = []
    attributes: dict[str, str] = {}
    for shape in track.children:
        box = _box(shape, size)
        if box is None:
            continue
        frame = _number(shape.attributes.get("frame", ""))
        if frame is None or frame < 0:
            raise ValueError(f"line {shape.line}: a shape without a frame")
        keys.append(Key(frame, box, shape.attributes.get("outside") == "1"))
        attributes |= {item.attributes.get("name", ""): item.text.strip() for item in shape.all("attribute")}
    if track.children and not keys:
        raise ValueError(f"its shapes ({track.children[0].tag}) are not read: only boxes, outlines and masks are")
    scenario, zone = (_set(attributes.get(name, "")) for name in ("scenario", "zone"))
    return Labelled(track.attributes.get("label", ""), place, segments(keys, length), scenario, zone)


def _set(value: str) -> str:
    return "" if value.lower() in ("", "none", "__undefined__") else value


def _box(shape: Element, size: tuple[Any, Any]) -> Box | None:
    """Box around a shape as shares; ``None`` for what has none."""
    width, height = size
    try:
        if shape.tag in _BOXES:
            corners = _turned(shape)
        elif shape.tag in _POINTS and "points" in shape.attributes:
            pairs = (pair.split(",") for pair in shape.attributes["points"].split(";"))
            corners = [(float(x), float(y)) for x, y in pairs]
        else:
            return None
    except (KeyError, ValueError):
        raise ValueError(f"line {shape.line}: a {shape.tag} without its coordinates") from None
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs) / width, min(ys) / height, max(xs) / width, max(ys) / height


def _turned(shape: Element) -> list[tuple[float, float]]:
    """Corners of a box or of the box around an ellipse, turned by ``rotation`` degrees about its centre."""
    numbers = shape.attributes
    if shape.tag == "ellipse":
        cx, cy, rx, ry = (float(numbers[name]) for name in ("cx", "cy", "rx", "ry"))
        x1, y1, x2, y2 = cx - rx, cy - ry, cx + rx, cy + ry
    elif shape.tag == "mask":
        x1, y1, width, height = (float(numbers[name]) for name in ("left", "top", "width", "height"))
        x2, y2 = x1 + width, y1 + height
    else:
        x1, y1, x2, y2 = (float(numbers[name]) for name in ("xtl", "ytl", "xbr", "ybr"))
    corners = [(x1, y1), (x2, y1), (x2, y2), (x1, y2)]
    turn = radians(float(numbers.get("rotation", "0")))
    if not turn:
        return corners
    mx, my = (x1 + x2) / 2, (y1 + y2) / 2
    return [
        (mx + (x - mx) * cos(turn) - (y - my) * sin(turn), my + (x - mx) * sin(turn) + (y - my) * cos(turn))
        for x, y in corners
    ]


def _number(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


def _where(path: Path, line: int, lines: dict[Location, int]) -> Callable[[Location], str]:
    return lambda location: f"{path}:{lines.get(location, line)}"
