"""Whether what a truth file says of its clips agrees with the files that lie there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from brain.config.plain import Location
from brain.config.secrets import redact
from brain.evaluation.formats.media import probe
from brain.evaluation.truth import Mistake, TruthClip
from brain.evaluation.truth_file import PlacedTruth
from brain.replay.record import clip_digest

# Lengths in truth files are rounded, containers count the last frame or not.
_SLACK_S = 0.5
_SLACK = 0.01


def disk_mistakes(placed: PlacedTruth, progress: Callable[[TruthClip], None] | None = None) -> tuple[Mistake, ...]:
    """What does not agree: clips that are missing or no video, another sha256, length or size than is stated.

    Args:
        progress: called before each clip is read.
    """
    truth, found = placed.truth, list[Mistake]()
    for clip in truth.clips:
        if progress:
            progress(clip)
        place = truth.location(clip)
        if not place.is_file():
            told = redact(clip.file)  # an address that stands there by mistake
            what = f"file: there is no {place if told == clip.file else told}"
            found.append(_mistake(placed, clip, "file", what))
            continue
        if clip.sha256 is not None and clip_digest(place) != clip.sha256:
            found.append(_mistake(placed, clip, "sha256", "sha256: the file is another one than is stated"))
        media = probe(place)
        if media is None:
            found.append(_mistake(placed, clip, "file", f"file: {place} is no video that can be opened"))
            continue
        stated, real = clip.duration_s, media.duration_s
        if stated is not None and real is not None and abs(stated - real) > max(_SLACK_S, _SLACK * stated):
            what = f"duration_s: {stated:g} s are stated, the file has {real:.2f} s"
            found.append(_mistake(placed, clip, "duration_s", what))
        if clip.width and clip.height and (clip.width, clip.height) != (media.width, media.height):
            what = f"width: {clip.width}×{clip.height} is stated, the file has {media.width}×{media.height}"
            found.append(_mistake(placed, clip, "width", what))
        if real is not None:
            found += [_mistake(placed, clip, key, what) for key, what in _beyond(clip, real)]
    return tuple(found)


def _beyond(clip: TruthClip, length_s: float) -> Iterator[tuple[Location, str]]:
    """Troubles that lie, or end, after the end of the file."""
    last_s = length_s + max(_SLACK_S, _SLACK * length_s)
    for index, event in enumerate(clip.events):
        for key, moment_s in (("began_s", event.began_s), ("ended_s", event.ended_s)):
            if moment_s is not None and moment_s > last_s:
                yield ("events", index, key), f"{key}: {moment_s:g} s, but the file has {length_s:.2f} s"
                break


def _mistake(placed: PlacedTruth, clip: TruthClip, key: str | Location, what: str) -> Mistake:
    location = (key,) if isinstance(key, str) else key
    return Mistake(placed.places[clip.file](location), redact(clip.file), what)
