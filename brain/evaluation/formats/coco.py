"""COCO JSON of what was marked in recordings, and a results list of what a run observed in the same pictures. Pure.

An image is an annotated picture of a clip: every one with a box of a track, and in a clip without tracks the one at
which an event with a box begins. ``video`` and ``frame`` (from 0) say where it comes from; no picture is cut out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from brain.core.geometry import Box
from brain.core.types import Observations
from brain.evaluation.formats.actev_write import frame_at
from brain.evaluation.truth import TruthClip


def coco_json(clips: Sequence[tuple[str, TruthClip]]) -> dict[str, Any]:
    """Images, annotations and categories.

    Args:
        clips: name that is unique within the file, and the clip, with ``fps``, ``width`` and ``height``.
    """
    names = sorted({label for _, clip in clips for _, label, _, _ in _marked(clip)})
    numbers = {name: number for number, name in enumerate(names, 1)}
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for name, clip in clips:
        width, height = _size(clip)
        by_frame: dict[int, list[tuple[str, int | None, Box]]] = {}
        for frame, label, track, box in _marked(clip):
            by_frame.setdefault(frame, []).append((label, track, box))
        for frame in sorted(by_frame):
            image = {"id": len(images) + 1, "file_name": f"{name}/{frame + 1:06d}.jpg"}
            image |= {"width": width, "height": height, "video": clip.file, "frame": frame}
            images.append(image)
            for label, track, box in by_frame[frame]:
                entry = {"id": len(annotations) + 1, "image_id": image["id"], "category_id": numbers[label]}
                entry |= _placed(box, width, height)
                annotations.append(entry if track is None else {**entry, "track_id": track})
    categories = [{"id": number, "name": name} for name, number in numbers.items()]
    info = {"description": "what a person marked in recordings"}
    return {"info": info, "images": images, "annotations": annotations, "categories": categories}


def coco_results(
    coco: Mapping[str, Any], clip: TruthClip, observed: Iterable[Observations]
) -> Iterator[dict[str, Any]]:
    """What was observed in the annotated pictures of a clip, as entries of a COCO results list.

    Args:
        coco: of ``coco_json``; categories are matched by name, what it lacks is left out.
        clip: one of its clips.
        observed: samples of that clip; a sample belongs to the frame that is shown at its moment.
    """
    width, height = _size(clip)
    fps = clip.fps or 0.0
    images = {image["frame"]: image["id"] for image in coco["images"] if image["video"] == clip.file}
    numbers = {category["name"]: category["id"] for category in coco["categories"]}
    for seen in observed:
        image = images.get(frame_at(seen.pts_s, fps) - 1)
        if image is None:
            continue
        for detections in seen.by_algorithm.values():
            for index, label in enumerate(detections.label):
                if label not in numbers:
                    continue
                x1, y1, x2, y2 = detections.box(index)
                box = (x1 / seen.size[0], y1 / seen.size[1], x2 / seen.size[0], y2 / seen.size[1])
                place = _placed(box, width, height)["bbox"]
                score = round(float(detections.score[index]), 6)
                yield {"image_id": image, "category_id": numbers[label], "bbox": place, "score": score}


def _size(clip: TruthClip) -> tuple[int, int]:
    if clip.width is None or clip.height is None or clip.fps is None:
        raise ValueError(f"clip {clip.file}: width, height or fps is missing")
    return clip.width, clip.height


def _marked(clip: TruthClip) -> Iterator[tuple[int, str, int | None, Box]]:
    """Frame, label, number of the track and box of all that was marked."""
    for track in clip.tracks:
        for frame, box in track.boxes:
            yield frame, track.label, track.id, box
    if not clip.tracks:
        for event in clip.events:
            if event.box is not None:
                yield frame_at(event.began_s, clip.fps or 1.0) - 1, event.scenario, None, event.box


def _placed(box: Box, width: int, height: int) -> dict[str, Any]:
    x1, y1, x2, y2 = box
    size = (x2 - x1) * width, (y2 - y1) * height
    place = [round(value, 3) for value in (x1 * width, y1 * height, *size)]
    return {"bbox": place, "area": round(size[0] * size[1], 3), "iscrowd": 0}
