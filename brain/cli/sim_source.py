"""``sim:SCENE?…`` as a source of ``brain try`` and ``brain replay``: drawn, with its zones and its truth."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from brain.cli.clip_options import NOON, start_time, start_zone
from brain.cli.sim_options import check_file, drawing_bar
from brain.config.settings import ZoneSettings, source_scheme
from brain.core.errors import BrainError, UsageError
from brain.core.types import Zone

if TYPE_CHECKING:
    from brain.evaluation.truth import TruthClip
    from brain.replay.find import Recording
    from brain.sim.clips_source import DrawnClip
    from brain.sim.spec import SceneSpec


def is_drawn(source: str) -> bool:
    """Whether a source is a drawn scene."""
    return source_scheme(source) == "sim"


def check_sources(sources: Sequence[str]) -> None:
    """Refuses what is no scene, or names a clip again, before anything is loaded or drawn.

    Raises:
        UsageError: an unknown scene or key, a value that is none, or two sources of the same clip.
    """
    from brain.sim.clips_source import read_source

    first: dict[SceneSpec, str] = {}
    for source in sources:
        spec = read_source(source)
        if spec in first:
            raise UsageError(f"is the same clip as {first[spec]}", where=source, remedy="name it once")
        first[spec] = source


def plan(sources: Sequence[str]) -> tuple[DrawnClip, ...]:
    """The clips of sources and where they will lie; nothing is drawn.

    Raises:
        UsageError: as ``check_sources``.
    """
    from brain.sim.clips_source import planned_clip

    return tuple(map(planned_clip, sources))


def draw(sources: Sequence[str]) -> tuple[DrawnClip, ...]:
    """The clips of sources, drawn now where the cache lacks them, with a bar.

    Raises:
        UsageError: see ``brain.sim.clips_source.drawn_clips``.
    """
    from brain.sim.clips_source import drawn_clips

    with drawing_bar("drawing") as tell:
        return drawn_clips(sources, tell)


def zones_of(clip: DrawnClip, given: Sequence[Zone]) -> tuple[Zone, ...]:
    """The zones that were given, else those of the scene."""
    from brain.sim.clips_source import scene_zones

    return tuple(given) or tuple(zone.zone() for zone in scene_zones(clip.spec))


def start_of(clip: DrawnClip, given: str) -> datetime:
    """UTC moment that was given, else the one that the clock in the picture shows."""
    return clip.spec.starts.astimezone(UTC) if given == NOON else start_time(given)


def zone_of(clip: DrawnClip, given: str) -> tzinfo:
    """Time zone of the moment that was given, else that of the clock in the picture."""
    return clip.spec.starts.tzinfo or UTC if given == NOON else start_zone(given)


def in_words(clip: DrawnClip) -> list[str]:
    """What is to be found in a clip, a line each."""
    from brain.sim.scenes import kind_of
    from brain.sim.truth import truth

    told = [
        f"truth: {event.scenario} in {event.zone} from {event.began_s:.1f} s"
        + ("" if event.ended_s is None else f" to {event.ended_s:.1f} s")
        for event in truth(clip.spec).events
    ]
    return told or [f"truth: nothing; easily taken for {kind_of(clip.spec.scene).confuses}"]


def recording(clip: DrawnClip, zones: Sequence[Zone], start: str) -> Recording:
    """A clip as something to replay."""
    from brain.replay.find import Recording
    from brain.sim.clips_source import camera_name
    from brain.sim.export import LIGHT_WORDS

    light = LIGHT_WORDS.get(clip.spec.light, "unknown")
    known = tuple(map(ZoneSettings.of, zones_of(clip, zones)))
    return Recording(clip.path, start_of(clip, start), camera_name(clip.spec), light=light, zones=known)


def check_truth_file(path: Path, clips: Sequence[DrawnClip]) -> None:
    """Refuses a truth file that could not be written, or that somebody else made.

    Raises:
        UsageError: its ending, its folder, or a file there that does not hold the truth of just these clips.
    """
    check_file(path, (".yaml", ".yml", ".json"))
    if path.exists() and not _holds_truth(path, clips):
        remedy = "name another file, or remove this one"
        raise UsageError("is there already, and is not the truth of these sim: sources", where=str(path), remedy=remedy)


def write_truth(path: Path, clips: Sequence[DrawnClip]) -> Path:
    """Writes what is to be found in clips, for ``brain evaluate``; where it is. A file of that truth is left as it is.

    Raises:
        UsageError: it cannot be written, or see ``check_truth_file``.
    """
    from brain.sim.export import write_truth as write

    check_truth_file(path, clips)
    return path if path.exists() else write(path, _truth_clips(clips))


def _truth_clips(clips: Sequence[DrawnClip]) -> list[TruthClip]:
    from brain.sim.export import truth_clip

    return [truth_clip(clip.spec, clip.path) for clip in clips]


def _holds_truth(path: Path, clips: Sequence[DrawnClip]) -> bool:
    """Whether a file holds the truth of just these clips."""
    from brain.evaluation.truth_file import read_truth

    try:
        there = read_truth(path)
    except BrainError:
        return False  # no truth file at all
    found = [clip.model_copy(update={"file": os.path.abspath(there.location(clip))}) for clip in there.clips]  # noqa: PTH100
    wanted = [clip.model_copy(update={"site": clip.site or clip.camera}) for clip in _truth_clips(clips)]
    return not there.mistakes and found == wanted
