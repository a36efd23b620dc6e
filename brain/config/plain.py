"""A loaded YAML tree as plain dicts, lists and scalars, and what in it can be no setting."""

from __future__ import annotations

import math
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarbool import ScalarBoolean

Location = tuple[int | str, ...]
Mistakes = list[tuple[Location, str]]

MAX_DEPTH = 40
MAX_VALUES = 500_000


def plain(tree: CommentedMap) -> tuple[dict[str, Any], Mistakes]:
    """The same values as plain ones (pydantic copies ruamel's types slowly, and keeps them), and what is wrong.

    Wrong are numbers that are not finite, texts that no file or protocol takes, one key in two spellings, tagged
    values, and aliases that unfold to more than ``MAX_VALUES`` values or deeper than ``MAX_DEPTH``.
    """
    walk = _Walk()
    return walk.mapping(tree, ()), walk.mistakes


class _Walk:
    def __init__(self) -> None:
        self.mistakes: Mistakes = []
        self._values = 0
        self._stopped = False

    def mapping(self, node: CommentedMap, location: Location) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, value in node.items():
            if self._stop(location):
                break
            name = self._scalar(key if isinstance(key, str) else str(key), location)
            if name in result:
                self.mistakes.append(((*location, name), f"key {name!r} stands twice, as text and as number"))
            result[name] = self._value(value, (*location, name))
        return result

    def _value(self, node: Any, location: Location) -> Any:
        if isinstance(node, CommentedMap):
            return self.mapping(node, location)
        if isinstance(node, CommentedSeq):
            items: list[Any] = []
            for index, value in enumerate(node):
                if self._stop((*location, index)):
                    break
                items.append(self._value(value, (*location, index)))
            return items
        return self._scalar(node, location)

    def _scalar(self, node: Any, location: Location) -> Any:
        name = ".".join(str(part) for part in location)
        if isinstance(node, bool) or node is None:
            return node
        if isinstance(node, str):
            text = str(node)
            if "\0" in text or _has_lone_surrogate(text):
                self.mistakes.append((location, f"{name}: holds a character that no text may hold"))
            return text
        if isinstance(node, int):
            return bool(node) if isinstance(node, ScalarBoolean) else int(node)
        if isinstance(node, float):
            if not math.isfinite(node):
                self.mistakes.append((location, f"{name}: must be a finite number"))
            return float(node)
        self.mistakes.append((location, f"{name}: tags (!) are not used here; put a text that begins with ! in quotes"))
        return None

    def _stop(self, location: Location) -> bool:
        """Counts one more value; true when there are too many, or they lie too deep: said once, then no further."""
        self._values += 1
        if not self._stopped and (self._values > MAX_VALUES or len(location) > MAX_DEPTH):
            self._stopped = True
            self.mistakes.append((location, "its aliases (*) unfold to too many values: write the values out"))
        return self._stopped


def _has_lone_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
