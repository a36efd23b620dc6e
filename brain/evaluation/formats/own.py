"""Our own truth file (``brain.evaluation.truth``), as YAML or as JSON, which is YAML too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from brain.config.plain import Location, Mistakes, plain
from brain.config.secrets import redact
from brain.config.yaml_file import line_of, read_yaml
from brain.core.errors import ConfigError
from brain.core.ids import is_identifier
from brain.evaluation.formats.draft import Draft, DraftClip
from brain.evaluation.formats.json_text import JsonText
from brain.evaluation.truth import Mistake

FORM = "truth file"
KEYS = ("set", "labelled", "clips")
SETS = ("dev", "test")


def read_own_yaml(path: Path) -> Draft:
    """A truth file in YAML.

    Raises:
        ConfigError: it cannot be read, or has no list of clips.
    """
    tree = read_yaml(path)
    values, mistakes = plain(tree)
    return draft(values, lambda location: f"{path}:{line_of(tree, location)}", mistakes)


def read_own_json(text: JsonText) -> Draft:
    """A truth file in JSON; see ``read_own_yaml``."""
    return draft(text.value, text.where, [])


def draft(values: dict[str, Any], where: Callable[[Location], str], mistakes: Mistakes) -> Draft:
    """The parts of a truth file, and what is wrong with the file as a whole."""
    clips = values.get("clips")
    if not isinstance(clips, list):
        what = "key 'clips' must be a list of clips" if "clips" in values else "no truth file: key 'clips' is missing"
        raise ConfigError(what, where=where(("clips",)), remedy="see docs/evaluation.md for the form of a truth file")
    result = Draft(FORM, [], where)
    for location, sentence in mistakes:
        if location[:1] != ("clips",) or len(location) < 2:
            result.mistakes.append(Mistake(where(location), "", redact(sentence)))
    for key in values:
        if key not in KEYS:
            near = get_close_matches(key, KEYS, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; its keys are {', '.join(KEYS)}"
            result.mistakes.append(Mistake(where((key,)), "", redact(f"unknown key {key!r}{hint}")))
    for index, clip in enumerate(clips):
        own = [(place[2:], text) for place, text in mistakes if place[:2] == ("clips", index)]
        if isinstance(clip, dict):
            result.clips.append(DraftClip(clip, _below(where, ("clips", index)), own))
        else:
            place = where(("clips", index))
            result.mistakes.append(Mistake(place, "", f"clips.{index}: must be a mapping of keys to values"))
    chosen, labelled = _set(values, where, result), _labelled(values, where, result)
    return replace(result, set=chosen, labelled=labelled)


def _set(values: dict[str, Any], where: Callable[[Location], str], result: Draft) -> str:
    """Which set it is; a mistake makes it a test set, on which nothing may be tuned by accident."""
    name = values.get("set", "dev")
    if name in SETS:
        return str(name)
    result.mistakes.append(Mistake(where(("set",)), "", "set: must be dev or test"))
    return "test"


def _labelled(values: dict[str, Any], where: Callable[[Location], str], result: Draft) -> tuple[str, ...] | None:
    names = values.get("labelled")
    if names is None:
        return None
    if not isinstance(names, list):
        result.mistakes.append(Mistake(where(("labelled",)), "", "labelled: must be a list of scenario ids"))
        return None
    good = []
    for index, name in enumerate(names):
        if isinstance(name, str) and is_identifier(name):
            good.append(name)
        else:
            place = where(("labelled", index))
            result.mistakes.append(Mistake(place, "", f"labelled.{index}: must be the id of a scenario"))
    return tuple(good)


def _below(where: Callable[[Location], str], top: Location) -> Callable[[Location], str]:
    return lambda location: where((*top, *location))
