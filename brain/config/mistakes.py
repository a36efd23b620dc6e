"""What pydantic found wrong, in sentences for people."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from brain.config.plain import Location, Mistakes

_KEY = re.compile(r"[A-Za-z][\w.-]{0,63}")
_WORDS = {
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "dict_type": "must be a mapping of keys to values",
    "model_type": "must be a mapping of keys to values",
    "string_type": "must be a text; put it in quotes",
    "finite_number": "must be a finite number",
}


class MistakeError(ValueError):
    """A mistake in one key of several.

    A validator of a whole model raises it to name the place, so that the error shows the right line.

    Args:
        message: a sentence without the key.
        location: keys and indices below the model that is being checked.
    """

    def __init__(self, message: str, *location: int | str) -> None:
        super().__init__(message)
        self.location = location


def sentences(error: ValidationError, model: type[BaseModel], values: Any) -> Mistakes:
    """Each mistake with its place in ``values``, the values that were checked; one for each place and kind of trouble.

    Input values stand in no sentence, as they may be secrets, except where a validator of ours puts them there.
    """
    found: dict[Location, list[str]] = {}
    for item in error.errors(include_url=False, include_input=False):
        raised = item.get("ctx", {}).get("error")
        location = (*item["loc"], *(raised.location if isinstance(raised, MistakeError) else ()))
        place = _place(location, values, at_end=item["type"] in ("missing", "extra_forbidden"))
        if item["type"] == "extra_forbidden":
            sentence = _unknown_key(place, values, model)
        else:
            sentence = _sentence(place, item["type"], item["msg"])
        told = found.setdefault(place, [])
        if sentence not in told:
            told.append(sentence)
    mistakes: Mistakes = []
    for place, told in found.items():
        # A list is also said to be too short when an item of it is wrong: that is no second mistake.
        if all("at least" in one for one in told) and any(other[: len(place)] == place != other for other in found):
            continue
        name = ".".join(str(part) for part in place)
        mistakes.append((place, told[0] + "".join(f", or {one.removeprefix(f'{name}: ')}" for one in told[1:])))
    return mistakes


def _place(location: Location, values: Any, *, at_end: bool) -> Location:
    """The part of a location that is keys and indices of the file: pydantic adds the names of union members."""
    place: list[int | str] = []
    node = values
    for index, part in enumerate(location):
        inside = part in node if isinstance(node, dict) else isinstance(node, list) and part in range(len(node))
        if inside:
            node = node[part]
        elif not (at_end and index == len(location) - 1):
            continue
        place.append(part)
    return tuple(place)


def _sentence(place: Location, kind: str, message: str) -> str:
    name = ".".join(str(part) for part in place)
    if kind == "missing":
        return f"key {name!r} is missing"
    said = _WORDS.get(kind) or message.removeprefix("Value error, ").replace("Input should", "must")
    return f"{name}: {said}" if name else said


def _unknown_key(place: Location, values: Any, model: type[BaseModel]) -> str:
    """A key may be the second half of a password with a comma in it: what looks like that is not repeated."""
    key, name = str(place[-1]), ".".join(str(part) for part in place)
    near = get_close_matches(key, _field_names(model), n=1)
    if near:
        return f"unknown key {name!r}; did you mean {near[0]!r}?"
    value = values
    for part in place:
        value = value[part]
    if value is None or _KEY.fullmatch(key) is None:
        above = ".".join(str(part) for part in place[:-1]) or "the file"
        return f"{above}: holds a key that is none of its own; a text with a comma or colon in it needs quotes"
    return f"unknown key {name!r}"


def _field_names(model: type[BaseModel]) -> list[str]:
    """Names of all fields of a model and of the models inside it."""
    names: dict[str, None] = {}
    todo: list[Any] = [model]
    seen: set[Any] = set()
    while todo:
        item = todo.pop()
        if item in seen:
            continue
        seen.add(item)
        if isinstance(item, type) and issubclass(item, BaseModel):
            for name, field in item.model_fields.items():
                names[field.alias or name] = None
                todo.append(field.annotation)
        else:
            todo.extend(getattr(item, "__args__", ()))
    return list(names)
