"""A manifest of clips as the project's own test material has it: one JSON file, clips with zones and events.

Beside what a truth file holds, a clip names under ``must_not_raise`` the scenarios that were looked for and are not
there, says ``day_night`` instead of ``light``, and gives ``ignore`` as pairs of seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from brain.config.plain import Location
from brain.evaluation.formats.draft import Draft, DraftClip
from brain.evaluation.formats.json_text import JsonText

FORM = "manifest of clips"
# What a truth clip calls the same; anything else in the manifest (source, codec, scene …) is no truth.
_SAME = ("file", "camera", "site", "sha256", "duration_s", "fps", "width", "height", "start", "zones")
_EVENT = ("scenario", "zone", "began_s", "ended_s", "box", "inherited", "note")


def is_manifest(value: Any) -> bool:
    """Whether a JSON value is such a manifest."""
    clips = value.get("clips") if isinstance(value, dict) else None
    return isinstance(clips, list) and any(
        isinstance(clip, dict) and ("must_not_raise" in clip or "day_night" in clip) for clip in clips
    )


def read_manifest(text: JsonText) -> Draft:
    """The clips of a manifest; a clip that is no object is left to the checks of its (empty) values."""
    clips = []
    for index, clip in enumerate(text.value["clips"]):
        clips.append(DraftClip(_clip(clip) if isinstance(clip, dict) else {}, _where(text, index)))
    return Draft(FORM, clips, text.where, str(text.value.get("set", "dev")))


def _clip(clip: dict[str, Any]) -> dict[str, Any]:
    values = {key: clip[key] for key in _SAME if key in clip}
    values["light"] = clip.get("day_night", "unknown")
    events = clip.get("events", [])
    listed = events if isinstance(events, list) else []
    values["events"] = [_event(item) for item in listed] if listed is events else events
    values["ignore"] = _ignore(clip.get("ignore", []))
    looked_for = clip.get("must_not_raise", [])
    if isinstance(looked_for, list):
        there = [item.get("scenario") for item in listed if isinstance(item, dict)]
        values["labelled"] = list(dict.fromkeys([*there, *looked_for])) if _all_texts(there, looked_for) else looked_for
    else:
        values["labelled"] = looked_for
    return values


def _event(event: Any) -> Any:
    return {key: event[key] for key in _EVENT if key in event} if isinstance(event, dict) else event


def _ignore(spans: Any) -> Any:
    if not isinstance(spans, list):
        return spans
    return [
        {"from_s": span[0], "to_s": span[1]} if isinstance(span, list) and len(span) == 2 else span for span in spans
    ]


def _all_texts(*lists: list[Any]) -> bool:
    return all(isinstance(item, str) for items in lists for item in items)


def _where(text: JsonText, index: int) -> Callable[[Location], str]:
    names = {"light": "day_night", "labelled": "must_not_raise"}

    def where(location: Location) -> str:
        head = tuple(names.get(part, part) if isinstance(part, str) else part for part in location[:1])
        # The two ends of an ignored span are items of a list there.
        rest = tuple(
            {"from_s": 0, "to_s": 1}.get(part, part) if isinstance(part, str) else part for part in location[1:]
        )
        return text.where(("clips", index, *head, *rest))

    return where
