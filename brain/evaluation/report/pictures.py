"""The picture and the short clip of a moment, taken from the recording that a run was made of."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

import cv2
from av.error import FFmpegError

from brain.core.errors import SourceError
from brain.core.files import sha256_of
from brain.core.geometry import Box
from brain.core.types import MarkedBox, Picture, Zone
from brain.evaluation.truth import TruthSet
from brain.replay.run import Run, RunBox, RunClip
from brain.runtime.pictures import BOX_COLOUR, jpeg, marked
from brain.video.encode import H264, EncoderPlan, has_encoder, write_mp4
from brain.video.excerpt import Excerpt, ExcerptPlan, excerpts

TRUTH_COLOUR = (110, 220, 60)
"""Of the box that a person drew, BGR; the product's own are red, the zone is amber."""
QUALITY = 82
PLAN = ExcerptPlan()
WORKERS = 2


class Missing(StrEnum):
    """Why a picture or a clip cannot be shown."""

    GONE = "gone"
    CHANGED = "changed"
    UNREADABLE = "unreadable"
    NO_PICTURE = "no_picture"


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of a recording to be shown.

    Attributes:
        clip: id within the run.
        at_s: seconds from the first picture.
        boxes: what the product saw.
        truth_box: what a person drew, shares 0–1.
        zone: name of the zone to outline; empty = none.
    """

    clip: str
    at_s: float
    boxes: tuple[RunBox, ...] = ()
    truth_box: Box | None = None
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Shot:
    """What there is to show of a moment.

    Attributes:
        jpeg: the picture with zone and boxes.
        mp4: some seconds round it, H.264; ``None`` also where no encoder is there.
        missing: why there is no picture.
    """

    jpeg: bytes | None = None
    mp4: bytes | None = None
    missing: Missing | None = None


def take_shots(
    run: Run,
    moments: Sequence[Moment],
    *,
    places: Mapping[str, Path] | None = None,
    with_clips: bool = True,
    progress: Callable[[int], None] | None = None,
) -> tuple[Shot, ...]:
    """A shot of each moment, in their order; each recording is read once.

    Args:
        places: clip id → where else its file may lie, if it is gone from where the run read it.
        with_clips: also short clips, where this FFmpeg can encode them.
        progress: told how many more are done, from several threads.
    """
    plan = PLAN if with_clips and has_encoder(H264) else ExcerptPlan(rate=0)
    by_clip: dict[str, list[int]] = {}
    for index, moment in enumerate(moments):
        by_clip.setdefault(moment.clip, []).append(index)
    clips = {clip.id: clip for clip in run.header.clips}

    def of_clip(item: tuple[str, list[int]]) -> dict[int, Shot]:
        name, indices = item
        found = find_recording(clips[name], (places or {}).get(name))
        done: dict[int, Shot] = {}
        if isinstance(found, Path):
            for number, shot in _from_file(found, clips[name], [moments[index] for index in indices], plan):
                done[indices[number]] = shot
                _tell(progress, 1)
        rest = Shot(missing=found if isinstance(found, Missing) else Missing.UNREADABLE)
        _tell(progress, len(indices) - len(done))
        return {index: done.get(index, rest) for index in indices}

    with ThreadPoolExecutor(WORKERS) as pool:
        parts = list(pool.map(of_clip, by_clip.items()))
    every = {index: shot for part in parts for index, shot in part.items()}
    return tuple(every[index] for index in range(len(moments)))


def moment_picture(
    run: Run,
    clip_id: str,
    at_s: float,
    boxes: Iterable[RunBox] = (),
    zone: str = "",
    truth_box: Box | None = None,
) -> bytes | None:
    """JPEG of one moment with zone and boxes; ``None`` where the recording no longer gives it.

    For many moments ``take_shots`` reads each recording only once.
    """
    moment = Moment(clip_id, at_s, tuple(boxes), truth_box, zone)
    return take_shots(run, [moment], with_clips=False)[0].jpeg


def truth_places(run: Run, truth: TruthSet) -> dict[str, Path]:
    """Where the truth file says that the recordings of a run lie: it may have been made on another machine."""
    by_sum = {clip.sha256: truth.location(clip) for clip in truth.clips if clip.sha256}
    by_name = {Path(clip.file).name: truth.location(clip) for clip in truth.clips}
    found = {clip.id: by_sum.get(clip.sha256) or by_name.get(Path(clip.path).name) for clip in run.header.clips}
    return {name: place for name, place in found.items() if place is not None}


def find_recording(clip: RunClip, other: Path | None = None) -> Path | Missing:
    """Where the very recording of a run lies, or why it cannot be had: only the same sha256 will do."""
    reason = Missing.GONE
    for path in (Path(clip.path), other):
        if path is None or not path.is_file():
            continue
        try:
            same = not clip.sha256 or sha256_of(path) == clip.sha256
        except OSError:
            reason = Missing.UNREADABLE
            continue
        if same:
            return path
        reason = Missing.CHANGED
    return reason


def draw(picture: Picture, moment: Moment, zone: Zone | None) -> Picture:
    """A copy of a picture (H×W×3 BGR) with zone, the product's boxes, the person's box and a caption."""
    boxes = [MarkedBox(box.box, box.label, box.score) for box in moment.boxes]
    thick = max(2, round(picture.shape[1] / 320))
    below = picture.copy()
    if moment.truth_box is not None:
        _frame(below, moment.truth_box, TRUTH_COLOUR, thick + 2)
    out = marked(below, boxes, zone, f"{moment.clip}  {moment.at_s:.1f} s")
    for box in moment.boxes:
        _frame(out, box.box, BOX_COLOUR, thick)
    return out


def _frame(picture: Picture, box: Box, colour: tuple[int, int, int], thick: int) -> None:
    height, width = picture.shape[:2]
    x1, y1, x2, y2 = (round(value * side) for value, side in zip(box, (width, height) * 2, strict=True))
    cv2.rectangle(picture, (x1, y1), (x2, y2), colour, thick)


def _from_file(path: Path, clip: RunClip, moments: Sequence[Moment], plan: ExcerptPlan) -> Iterable[tuple[int, Shot]]:
    """Number and shot of each moment, as far as the file can be read."""
    zones = {zone.name: zone.zone() for zone in clip.zones}
    try:
        for excerpt in excerpts(path, [moment.at_s for moment in moments], plan):
            moment = moments[excerpt.index]
            yield excerpt.index, _shot(excerpt, moment, zones.get(moment.zone), plan)
    except SourceError:
        return


def _shot(excerpt: Excerpt, moment: Moment, zone: Zone | None, plan: ExcerptPlan) -> Shot:
    if excerpt.picture is None:
        return Shot(missing=Missing.NO_PICTURE)
    return Shot(jpeg(draw(excerpt.picture, moment, zone), QUALITY), encode_clip(excerpt.pictures, plan.rate))


def encode_clip(pictures: Sequence[Picture], rate: int) -> bytes | None:
    """Pictures of one size as a small H.264 file with its index in front; ``None`` for none, or if it is refused."""
    if not pictures:
        return None
    height, width = pictures[0].shape[:2]
    options = {"preset": "veryfast", "crf": "30", "profile": "main"}
    plan = EncoderPlan(H264, width, height, Fraction(rate), gop=rate * 4, options=options, threads=1)
    with tempfile.TemporaryDirectory(prefix="brain-report-") as folder:
        path = Path(folder) / "clip.mp4"
        try:
            write_mp4(path, pictures, plan)
        except (FFmpegError, ValueError):
            return None
        return path.read_bytes()


def _tell(progress: Callable[[int], None] | None, more: int) -> None:
    if progress is not None and more:
        progress(more)
