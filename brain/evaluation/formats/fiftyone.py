"""FiftyOne's own dataset export (``samples.json`` of ``FiftyOneDataset``, 0.20 on): temporal detections of videos.

``support`` is the first and the last frame, both taken in, counted from 1. Any field of a sample may hold them. Boxes
of single frames (``frames.json``) are not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from brain.config.plain import Location
from brain.evaluation.formats.draft import Draft, DraftClip, ReadOptions
from brain.evaluation.formats.json_text import JsonText
from brain.evaluation.formats.keyframes import Segment
from brain.evaluation.formats.media import probe
from brain.evaluation.formats.tracked import Labelled, gather

FORM = "FiftyOne dataset"
# Name in a sample's metadata, and in a truth clip.
_FACTS = {"frame_width": "width", "frame_height": "height", "frame_rate": "fps", "duration": "duration_s"}


def is_fiftyone(value: Any) -> bool:
    """Whether a JSON value is ``samples.json`` of such an export."""
    samples = value.get("samples") if isinstance(value, dict) else None
    return isinstance(samples, list) and all(isinstance(item, dict) and "filepath" in item for item in samples)


def read_fiftyone(text: JsonText, path: Path, options: ReadOptions) -> Draft:
    """The clips of an export, one for each sample."""
    clips = [_clip(text, index, path, options) for index in range(len(text.value["samples"]))]
    return Draft(FORM, clips, text.where)


def _clip(text: JsonText, index: int, path: Path, options: ReadOptions) -> DraftClip:
    sample, top = text.value["samples"][index], ("samples", index)
    values, frames = _facts(sample, path, options)
    where = _where(text, top)
    fps, duration_s = values.get("fps"), values.get("duration_s")
    found = list(_detections(sample))
    if fps is None:
        what = "the frame rate is not known: put the video at its filepath, or say it with --fps"
        return DraftClip(values, where, [(top, what)] if found else [])
    items, mistakes = [], []
    for place, detection in found:
        try:
            first, last = (int(frame) for frame in detection["support"])
            if first < 1:
                raise ValueError("frames count from 1")
            segment = Segment(first - 1, None if frames is not None and last >= frames else last, ())
            items.append(Labelled(str(detection["label"]), (*top, *place), (segment,), is_object=False))
        except (KeyError, TypeError, ValueError):
            mistakes.append(((*top, *place), "a temporal detection without label or support (two frames, from 1)"))
    gathered = gather(items, options, lambda frame: frame / fps, duration_s)
    values |= {"events": gathered.events, "ignore": gathered.ignore}
    return DraftClip(values, where, [*mistakes, *gathered.mistakes])


def _facts(sample: dict[str, Any], path: Path, options: ReadOptions) -> tuple[dict[str, Any], int | None]:
    """What is known of the video as keys of a truth clip, and its number of frames."""
    metadata = sample.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    values: dict[str, Any] = {ours: metadata[key] for key, ours in _FACTS.items() if metadata.get(key)}
    file = str(sample["filepath"])
    media = None if len(values) == len(_FACTS) else probe(path.parent / file)
    if media:
        told = {"width": media.width, "height": media.height, "fps": media.fps, "duration_s": media.duration_s}
        values = {**{key: value for key, value in told.items() if value}, **values}
    values |= {"file": file, **({"fps": options.fps} if options.fps else {})}
    frames = metadata.get("total_frame_count")
    return values, frames if isinstance(frames, int) and frames > 0 else None


def _detections(sample: dict[str, Any]) -> Iterator[tuple[Location, dict[str, Any]]]:
    for name, value in sample.items():
        kind = value.get("_cls") if isinstance(value, dict) else None
        if kind == "TemporalDetection":
            yield (name,), value
        elif kind == "TemporalDetections":
            listed = value.get("detections")
            for number, item in enumerate(listed if isinstance(listed, list) else ()):
                if isinstance(item, dict):
                    yield (name, "detections", number), item
            if listed and not isinstance(listed, list):
                yield (name, "detections"), {}  # which then is a detection without anything


def _where(text: JsonText, top: Location) -> Callable[[Location], str]:
    return lambda location: text.where(location if location[: len(top)] == top else top)
