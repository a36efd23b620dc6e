"""``sim:SCENE?…`` as a source of ``brain try`` and ``brain replay``: drawn, with its zones and its truth."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from brain.cli.clip_options import NOON, start_time
from brain.cli.sim_options import check_file, drawing_bar
from brain.config.settings import ZoneSettings, source_scheme
from brain.core.types import Zone

if TYPE_CHECKING:
    from brain.replay.find import Recording
    from brain.sim.clips_source import DrawnClip


def is_drawn(source: str) -> bool:
    """Whether a source is a drawn scene."""
    return source_scheme(source) == "sim"


def check_sources(sources: Sequence[str]) -> None:
    """Refuses what is no scene, before anything is loaded or drawn.

    Raises:
        UsageError: an unknown scene or key, or a value that is none.
    """
    from brain.sim.clips_source import read_source

    for source in sources:
        read_source(source)


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
    """The moment that was given, else the one that the clock in the picture shows."""
    return clip.spec.starts.astimezone(UTC) if given == NOON else start_time(given)


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


def check_truth_file(path: Path) -> None:
    """Refuses a truth file that could not be written.

    Raises:
        UsageError: its ending, or its folder.
    """
    check_file(path, (".yaml", ".yml", ".json"))


def write_truth(path: Path, clips: Sequence[DrawnClip]) -> Path:
    """Writes what is to be found in clips, for ``brain evaluate``; where it is.

    Raises:
        UsageError: it cannot be written.
    """
    from brain.sim.export import truth_clip
    from brain.sim.export import write_truth as write

    return write(path, [truth_clip(clip.spec, clip.path) for clip in clips])
