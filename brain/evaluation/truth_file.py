"""Reads what a careful person saw, from our own truth file or from what other tools export; the content tells which."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, Literal

from pydantic import ValidationError

from brain.config.mistakes import sentences
from brain.config.plain import Location
from brain.config.secrets import redact
from brain.core.ids import safe_name, sha256_hex
from brain.evaluation.formats import read_draft
from brain.evaluation.formats.draft import Draft, DraftClip, ReadOptions
from brain.evaluation.truth import Mistake, TruthClip, TruthSet
from brain.evaluation.truth_checks import clip_mistakes, unknown_scenario


def read_truth(
    path: Path,
    *,
    scenarios: Collection[str] | None = None,
    labels: Mapping[str, str] | None = None,
    fps: float | None = None,
) -> TruthSet:
    """The clips of a truth file; those with mistakes are left out and listed in ``mistakes``.

    Args:
        scenarios: ids that exist; another one is a mistake. ``None`` = any id is right.
        labels: what labels of another tool's export mean: its label → our scenario id, empty for none; a label that is
            not named stands for the scenario of the same id.
        fps: frame rate of the clips of another tool's export that does not say it.

    Raises:
        ConfigError: the file as a whole cannot be read, or is of no known form.
    """
    return read_placed(path, ReadOptions(labels or {}, scenarios, fps)).truth


@dataclass(frozen=True, slots=True)
class PlacedTruth:
    """A truth file and where its clips stand.

    Attributes:
        form: name of the file form, for people.
        places: file of a clip → what gives ``file:line`` of a key of that clip.
    """

    truth: TruthSet
    form: str
    places: Mapping[str, Callable[[Location], str]]


def read_placed(path: Path, options: ReadOptions) -> PlacedTruth:
    """The same as ``read_truth``, for those who look for further mistakes."""
    scenarios = options.scenarios
    draft = read_draft(path, options)
    mistakes = list(draft.mistakes)
    labelled = _known(draft, scenarios, mistakes)
    clips: list[TruthClip] = []
    places: dict[str, Callable[[Location], str]] = {}
    first_at: dict[str, str] = {}
    for item in draft.clips:
        clip, wrong = _clip(item, scenarios)
        if clip is not None:
            place, where = os.path.normpath(path.parent / clip.file), item.where(("file",))
            if place in first_at:
                wrong.append(Mistake(where, clip.file, f"file: the same file stands at {first_at[place]}"))
            first_at.setdefault(place, where)
        mistakes += wrong
        if clip is not None and not wrong:
            clips.append(clip)
            places[clip.file] = item.where
    named = labelled if labelled is not None else _named(draft, scenarios)
    chosen: Literal["dev", "test"] = "dev" if draft.set == "dev" else "test"
    cameras = _cameras([str(item.values.get("file", "")) for item in draft.clips])
    filled = tuple(_filled(clip, named, cameras[clip.file]) for clip in clips)
    truth = TruthSet(path, chosen, filled, tuple(mistakes))
    return PlacedTruth(truth, draft.form, places)


def _clip(item: DraftClip, scenarios: Collection[str] | None) -> tuple[TruthClip | None, list[Mistake]]:
    """The clip, ``None`` when it cannot be made at all, and all that is wrong with it."""
    file = item.values.get("file")
    name = file if isinstance(file, str) else ""
    found = list(item.mistakes)
    clip = None
    if not found:
        try:
            clip = TruthClip.model_validate(item.values)
        except ValidationError as error:
            found = sentences(error, TruthClip, item.values)
        else:
            found = clip_mistakes(clip, scenarios)
    return clip, [Mistake(item.where(place), name or "a clip without a name", redact(what)) for place, what in found]


def _known(draft: Draft, scenarios: Collection[str] | None, mistakes: list[Mistake]) -> tuple[str, ...] | None:
    """What was looked for in the whole file, less what does not exist."""
    if draft.labelled is None or scenarios is None:
        return draft.labelled
    for name in draft.labelled:
        if name not in scenarios:
            mistakes.append(Mistake(draft.where(("labelled",)), "", f"labelled: {unknown_scenario(name, scenarios)}"))
    return tuple(name for name in draft.labelled if name in scenarios)


def _named(draft: Draft, scenarios: Collection[str] | None) -> tuple[str, ...]:
    """Every scenario that any event of the file names, clips that are left out as well: it was looked for."""
    names: dict[str, None] = {}
    for clip in draft.clips:
        events: Any = clip.values.get("events")
        for event in events if isinstance(events, list | tuple) else ():
            name = event.get("scenario") if isinstance(event, dict) else None
            if isinstance(name, str) and (scenarios is None or name in scenarios):
                names[name] = None
    return tuple(sorted(names))


def _cameras(files: Sequence[str]) -> dict[str, str]:
    """Clip file → camera that it is of unless somebody says so: the file's name, with as many folders as tell it from
    its namesakes.

    Two recordings of the same name in different folders are those of two cameras: ``gate/1.mp4``, ``yard/1.mp4``.
    """
    found: dict[str, str] = {}
    open_files = sorted(set(files))
    taken: set[str] = set()
    for folders in range(max((len(PurePath(file).parts) for file in open_files), default=0)):
        names = {file: _name(file, folders) for file in open_files}
        number = Counter(names.values())
        for file, name in names.items():
            if number[name] == 1 and name not in taken:
                found[file] = name
        taken.update(names.values())
        open_files = [file for file in open_files if file not in found]
    for file in open_files:
        found[file] = f"{_name(file, 0)[:40]}-{sha256_hex(file.encode())[:8]}"
    return found


def _name(file: str, folders: int) -> str:
    parts = PurePath(file).parts[-1 - folders :]
    return safe_name(PurePath("-".join(parts)))


def _filled(clip: TruthClip, labelled: tuple[str, ...], camera: str) -> TruthClip:
    camera = clip.camera or camera
    own = clip.labelled if clip.labelled is not None else labelled
    return clip.model_copy(update={"camera": camera, "site": clip.site or camera, "labelled": own})
