"""Writes truth, and what a run raised or observed, in the file forms of other tools."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from brain.core.errors import UsageError
from brain.core.files import write_whole
from brain.evaluation.formats.actev import ACTIVITY_INDEX, FILE_INDEX, ID_MAP
from brain.evaluation.formats.actev_write import (
    Activity,
    Shape,
    activities_json,
    activity_index,
    file_index,
    truth_activities,
)
from brain.evaluation.formats.coco import coco_json, coco_results
from brain.evaluation.formats.media import probe
from brain.evaluation.formats.mot import mot_text, sequence_info
from brain.evaluation.formats.own_write import truth_text
from brain.evaluation.ledger import SUFFIX as LEDGER_SUFFIX
from brain.evaluation.pairing import ClipPair, pair_clips
from brain.evaluation.sets import SUFFIX as FROZEN_SUFFIX
from brain.evaluation.sets import frozen_path
from brain.evaluation.spans import union
from brain.evaluation.truth import TruthClip, TruthSet
from brain.replay.observed import read_observations
from brain.replay.run import Run

_MAX_YAML = 4 << 20
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")


def write_truth(
    truth: TruthSet, out: Path, clips: Sequence[TruthClip] | None = None, *, set_: str = ""
) -> tuple[Path, ...]:
    """Our own truth file; YAML, or JSON where ``out`` ends in ``.json``.

    Args:
        clips: only these of it; ``None`` = all.
        set_: which set it is; empty = the same.

    Raises:
        UsageError: too large for YAML, a frozen set lies there, or it cannot be written.
    """
    text = truth_text(truth, out, clips, set_=set_)
    if out.suffix.lower() != ".json" and len(text.encode()) > _MAX_YAML:
        what = f"more than {_MAX_YAML >> 20} MiB, which is too much for YAML"
        raise UsageError(what, where=str(out), remedy="let OUT end in .json: a truth file may be JSON as well")
    return (_write(out, text),)


def write_actev(truth: TruthSet, out: Path) -> tuple[Path, ...]:
    """A reference for the ActEV scorer, with file index, activity index and id map beside it.

    Raises:
        UsageError: a clip of which neither truth file nor video says frame rate and length.
    """
    clips, shapes = _named(truth)
    content = activities_json(truth_activities(clips.items()), shapes)
    return _write_actev(out, content, clips, shapes)


def write_actev_run(run: Run, truth: TruthSet, out: Path) -> tuple[Path, ...]:
    """What a run raised, as a system's output for the ActEV scorer, under the file names of ``write_actev(truth)``.

    Raises:
        UsageError: as ``write_actev``, or no clip of the run is in the truth file.
        ConfigError: a result file of the run is broken.
    """
    clips, shapes = _named(truth)
    names = {id(clip): name for name, clip in clips.items()}
    pairs = _pairs(run, truth)
    activities = [
        Activity(
            event.scenario,
            names[id(pair.truth)],
            event.began_s,
            event.ended_s,
            confidence=event.score,
            alert_s=event.raised_s,
            box=event.boxes[0].box if event.boxes else None,
        )
        for pair in pairs
        for event in pair.result.events
    ]
    done = {names[id(pair.truth)] for pair in pairs}
    shapes = {name: shape for name, shape in shapes.items() if name in done}
    return _write_actev(out, activities_json(activities, shapes), {name: clips[name] for name in shapes}, shapes)


def write_mot(truth: TruthSet, out: Path) -> tuple[Path, ...]:
    """A folder with ``<clip>/gt/gt.txt`` and ``<clip>/seqinfo.ini`` for each clip with tracks.

    Raises:
        UsageError: no clip has tracks, or one of which the size of the picture is not known.
    """
    chosen = {name: clip for name, clip in _names(truth.clips).items() if clip.tracks}
    if not chosen:
        remedy = "tracks come from CVAT or Label Studio, or stand under `tracks` in a truth file"
        raise UsageError("no clip has tracks", where=str(truth.path), remedy=remedy)
    written: list[Path] = []
    for name, clip in _folders(chosen):
        shaped, shape = _shaped(truth, clip)
        frames = max([shape.frames, *(frame + 1 for track in clip.tracks for frame, _ in track.boxes)])
        folder = out / name
        written.append(_write(folder / "gt" / "gt.txt", mot_text(shaped)))
        written.append(_write(folder / "seqinfo.ini", sequence_info(folder.name, shaped, frames)))
    return tuple(written)


def write_coco(truth: TruthSet, out: Path) -> tuple[Path, ...]:
    """COCO JSON of all pictures in which a box was marked.

    Raises:
        UsageError: no box was marked, or a clip with boxes of which size or frame rate is not known.
    """
    return (_write_json(out, _coco(truth)),)


def write_coco_run(run: Run, truth: TruthSet, out: Path) -> tuple[Path, ...]:
    """A COCO results list of what a run observed in the pictures of ``write_coco(truth)``.

    Raises:
        UsageError: as ``write_coco``, or no clip of the run is in the truth file.
        ConfigError: the run holds no observations, or they are broken.
    """
    coco = _coco(truth)
    results: list[dict[str, Any]] = []
    for pair in _pairs(run, truth):
        if any(image["video"] == pair.truth.file for image in coco["images"]):
            shaped, _ = _shaped(truth, pair.truth)
            observed = (seen for _, seen in read_observations(run, pair.clip))
            results += coco_results(coco, shaped, observed)
    return (_write_json(out, results),)


def refuse_sources(out: Path, truth: TruthSet, run: Run | None = None) -> None:
    """Refuses to write over what is read: truth file, recordings, run, and what tells of a frozen set.

    Raises:
        UsageError: ``out`` is one of them, by whatever name.
    """
    remedy = "name another file with -o"
    if out.name.endswith((FROZEN_SUFFIX, LEDGER_SUFFIX)):
        raise UsageError("a name that is kept for frozen sets", where=str(out), remedy=remedy)
    for source in (truth.path, *(truth.location(clip) for clip in truth.clips)):
        if out.is_file() and source.is_file() and out.samefile(source):
            raise UsageError(f"would be written over {source}, which is read", where=str(out), remedy=remedy)
    if run is not None and out.resolve().is_relative_to(run.folder.resolve()):
        raise UsageError("lies in the run that is read", where=str(out), remedy=remedy)


def safe_file_names(files: Sequence[str]) -> dict[str, str]:
    """Names that the NIST schema takes (``[A-Za-z0-9_.-]+``), each once: safe name → file, in the order given.

    Folders are part of a name only where the name of the file alone would stand twice.
    """
    bare = Counter(PurePosixPath(file).name for file in files)
    found: dict[str, str] = {}
    for file in files:
        last = PurePosixPath(file).name
        name = _UNSAFE.sub("_", last if bare[last] == 1 else file.removeprefix("./")).lstrip(".") or "clip"
        free, number = name, 1
        while free in found:
            number += 1
            free = f"{Path(name).stem}_{number}{Path(name).suffix}"
        found[free] = file
    return found


def _coco(truth: TruthSet) -> dict[str, Any]:
    clips = [
        (name, _shaped(truth, clip)[0])
        for name, clip in _folders(_names(truth.clips))
        if clip.tracks or any(event.box for event in clip.events)
    ]
    if not clips:
        remedy = "boxes come from tracks, or stand under `box` in events"
        raise UsageError("no box was marked in any clip", where=str(truth.path), remedy=remedy)
    return coco_json(clips)


def _pairs(run: Run, truth: TruthSet) -> tuple[ClipPair, ...]:
    pairs, left_out = pair_clips(run, truth)
    if not pairs:
        why = f" ({left_out[0].why})" if left_out else ""
        remedy = "name the truth of the clips that were replayed"
        raise UsageError(f"no clip of the run is in the truth file{why}", where=str(truth.path), remedy=remedy)
    return pairs


def _names(clips: Sequence[TruthClip]) -> dict[str, TruthClip]:
    by_file = {clip.file: clip for clip in clips}
    return {name: by_file[file] for name, file in safe_file_names([clip.file for clip in clips]).items()}


def _folders(clips: Mapping[str, TruthClip]) -> list[tuple[str, TruthClip]]:
    """A name for a folder of each clip, that of its file without the ending where no other one has that already."""
    taken: set[str] = set()
    found = []
    for name, clip in clips.items():
        stem = free = Path(name).stem
        number = 1
        while free.lower() in taken:  # folders of some file systems do not tell cases apart
            number += 1
            free = f"{stem}_{number}"
        taken.add(free.lower())
        found.append((free, clip))
    return found


def _named(truth: TruthSet) -> tuple[dict[str, TruthClip], dict[str, Shape]]:
    clips = _names(truth.clips)
    return clips, {name: _shaped(truth, clip)[1] for name, clip in clips.items()}


def _shaped(truth: TruthSet, clip: TruthClip) -> tuple[TruthClip, Shape]:
    """The clip with frame rate, length and size filled in, from its video where the truth file does not say them."""
    known = (clip.fps, clip.duration_s, clip.width, clip.height)
    media = probe(truth.location(clip)) if None in known else None
    if media is not None:
        found = (media.fps, media.duration_s, media.width, media.height)
        known = tuple(a if a is not None else b for a, b in zip(known, found, strict=True))  # type: ignore[assignment]
    fps, duration_s, width, height = known
    if fps is None or duration_s is None or width is None or height is None:
        what = f"clip {clip.file}: frame rate, length or size of the picture is not known"
        remedy = "put the video at its place, or state fps, duration_s, width and height in the truth file"
        raise UsageError(what, where=str(truth.path), remedy=remedy)
    update = {"fps": fps, "duration_s": duration_s, "width": width, "height": height}
    return clip.model_copy(update=update), Shape(fps, max(1, round(duration_s * fps)), width, height)


def _write_actev(
    out: Path, content: dict[str, Any], clips: Mapping[str, TruthClip], shapes: Mapping[str, Shape]
) -> tuple[Path, ...]:
    ignored = {
        # A span of one scenario only cannot be told there.
        name: union(((s.from_s, s.to_s) for s in clip.ignore if s.scenario is None), 0.0, clip.duration_s or 1e9)
        for name, clip in clips.items()
    }
    looked_for = [name for clip in clips.values() for name in clip.labelled or ()]
    named = [activity["activity"] for activity in content["activities"]]
    beside: tuple[tuple[str, Any], ...] = (
        (FILE_INDEX, file_index(shapes, ignored)),
        (ACTIVITY_INDEX, activity_index([*looked_for, *named])),
        (ID_MAP, {name: clip.file for name, clip in clips.items()}),
    )
    paths = [_write_json(out, content)]
    return (*paths, *(_write_json(out.with_name(f"{out.stem}.{name}"), value) for name, value in beside))


def _write_json(path: Path, value: Any) -> Path:
    return _write(path, json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def _write(path: Path, text: str) -> Path:
    if frozen_path(path).exists():
        raise UsageError("a frozen set is not written over", where=str(path), remedy="name another file")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode())
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"cannot be written: {reason}", where=str(path), remedy="name another place") from None
    return path


Writer = Callable[[TruthSet, Path], tuple[Path, ...]]
WRITERS: dict[str, Writer] = {"truth": write_truth, "actev": write_actev, "mot": write_mot, "coco": write_coco}
RunWriter = Callable[[Run, TruthSet, Path], tuple[Path, ...]]
RUN_WRITERS: dict[str, RunWriter] = {"actev": write_actev_run, "coco": write_coco_run}
