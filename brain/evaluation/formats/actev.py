"""NIST ActEV JSON, as the ActEV scorer reads it (protocol ``ActEV_SDL_V2``): a reference or a system's output.

An activity is there from the frame that its localization gives as 1 to the one that it gives as 0, which is the first
after it; frames count from 1. The *file index* beside it says the frame rate of each file and which frames were
``selected``: what is not selected counts for nothing. The *activity index* names the activities that were looked for.
File names may hold only letters, digits and ``_ . -``: others are renamed, and an *id map* beside the file keeps them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from brain.config.plain import Location
from brain.core.errors import ConfigError
from brain.evaluation.formats.draft import Draft, DraftClip, ReadOptions
from brain.evaluation.formats.json_text import JsonText
from brain.evaluation.formats.keyframes import merged
from brain.evaluation.truth import Mistake, TruthEvent

FORM = "NIST ActEV JSON"
FILE_INDEX = "file-index.json"
ACTIVITY_INDEX = "activity-index.json"
ID_MAP = "id-map.json"


def is_actev(value: Any) -> bool:
    """Whether a JSON value is such a file."""
    return isinstance(value, dict) and isinstance(value.get("activities"), list) and "filesProcessed" in value


def read_actev(text: JsonText, path: Path, options: ReadOptions, beside: Callable[[str], Any]) -> Draft:
    """The clips of a reference.

    Args:
        beside: gives the value of the index file of that name, ``None`` where there is none.

    Raises:
        ConfigError: no file index, and no frame rate was told.
    """
    index, ids, looked_for = beside(FILE_INDEX), beside(ID_MAP) or {}, beside(ACTIVITY_INDEX)
    if index is None and options.fps is None:
        what = f"no file index beside it, which says the frame rates ({path.stem}.{FILE_INDEX} or {FILE_INDEX})"
        raise ConfigError(what, where=str(path), remedy="put it there, or say the frame rate with --fps")
    files = text.value["filesProcessed"]
    files = [name for name in files if isinstance(name, str)] if isinstance(files, list) else []
    by_file: dict[str, list[tuple[Location, Any]]] = {name: [] for name in files}
    strays: list[tuple[Location, str]] = []
    for number, activity in enumerate(text.value["activities"]):
        place: Location = ("activities", number)
        where = activity.get("localization") if isinstance(activity, dict) else None
        for name in where if isinstance(where, dict) else ():
            if name in by_file:
                by_file[name].append((place, activity))
            else:
                strays.append((place, f"localized in {name!r}, which filesProcessed does not name"))
    clips = []
    for number, name in enumerate(files):
        entry = index.get(name) if isinstance(index, dict) else None
        head: Location = ("filesProcessed", number)
        clips.append(_clip(text, name, str(ids.get(name, name)), head, entry, by_file[name], options))
    mistakes = [Mistake(text.where(place), "", what) for place, what in strays]
    names = sorted(looked_for) if isinstance(looked_for, dict) else []
    labelled = tuple(name for name in map(options.scenario, names) if name) or None
    return Draft(FORM, clips, text.where, labelled=labelled, mistakes=mistakes)


def _clip(
    text: JsonText,
    name: str,
    file: str,
    head: Location,
    entry: Any,
    activities: Sequence[tuple[Location, Any]],
    options: ReadOptions,
) -> DraftClip:
    values: dict[str, Any] = {"file": file}
    mistakes: list[tuple[Location, str]] = []
    entry = entry if isinstance(entry, dict) else {}
    rate = options.fps or entry.get("framerate")
    if not isinstance(rate, int | float) or rate <= 0:
        return DraftClip(values, _where(text, head), [(head, "the file index gives no frame rate for this file")])
    values["fps"] = float(rate)
    selected = _spans(entry.get("selected"))
    # A last 0 may stand beyond the last selected frame: the file ends there.
    end = _end(entry.get("selected"))
    if end is not None:
        values["duration_s"] = (end - 1) / rate
        gaps = zip([1, *(until for _, until in selected)], [*(first for first, _ in selected), end], strict=True)
        values["ignore"] = [{"from_s": (a - 1) / rate, "to_s": (b - 1) / rate} for a, b in gaps if a < b]
    events = []
    for place, activity in activities:
        scenario, doubt = options.scenario(str(activity.get("activity"))), options.doubt(str(activity.get("activity")))
        spans = _spans(activity["localization"][name])
        if doubt or not spans:
            mistakes.append((place, doubt or "its localization is no pair of frames 1 … 0"))
        elif scenario is not None:
            for first, until in spans:
                ended_s = None if until is None or (end is not None and until >= end) else (until - 1) / rate
                events.append(TruthEvent(scenario=scenario, began_s=max(0, first - 1) / rate, ended_s=ended_s))
    values["events"] = [event.model_dump(exclude_defaults=True) for event in merged(events)]
    return DraftClip(values, _where(text, head), mistakes)


def _spans(signal: Any) -> list[tuple[int, int]]:
    """Frames of a signal {frame: 1 or 0} from and up to, not taking in, the last; empty when it is none."""
    order = _steps(signal)
    found: list[tuple[int, int]] = []
    begin: int | None = None
    for frame, value in order:
        if value > 0 and begin is None:
            begin = frame
        elif value <= 0 and begin is not None:
            found.append((begin, frame))
            begin = None
    return found if begin is None else []


def _end(signal: Any) -> int | None:
    """The frame after the last one that a signal speaks of."""
    order = _steps(signal)
    return order[-1][0] if order and order[-1][1] <= 0 else None


def _steps(signal: Any) -> list[tuple[int, float]]:
    try:
        return sorted((int(frame), float(value)) for frame, value in signal.items())
    except (AttributeError, TypeError, ValueError):
        return []


def _where(text: JsonText, head: Location) -> Callable[[Location], str]:
    return lambda location: text.where(location if location[:1] in (("activities",), ("filesProcessed",)) else head)
