"""Lines of the items of a large JSON file, found only when something is wrong.

``brain.evaluation.formats.json_text`` keeps the line of every value; annotations of pictures are millions of numbers,
of which only the list items matter here.
"""

from __future__ import annotations

import json
import re
from functools import cached_property
from pathlib import Path

_BLANK = re.compile(r"[\s,:]*")


class ItemLines:
    """Where the items of the lists in a JSON object stand."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def where(self, key: str, index: int) -> str:
        """``file:line`` of item ``index`` of the list ``key``; line 1 where that cannot be found."""
        lines = self._lines.get(key, [])
        return f"{self._path}:{lines[index] if index < len(lines) else 1}"

    @cached_property
    def _lines(self) -> dict[str, list[int]]:
        """List → line of each of its items; one more pass over a text that was read as an object of lists before."""
        found: dict[str, list[int]] = {}
        try:
            text = self._path.read_text("utf-8-sig")
            at = text.index("{") + 1
            while text[at := _after(text, at)] != "}":
                key, at = _read(text, at)
                at = _after(text, at)
                if text[at] == "[":
                    found[str(key)], at = _items(text, at + 1)
                else:
                    _, at = _read(text, at)
        except (OSError, ValueError, IndexError):
            pass  # the file changed since it was read: the mistake is still named, without its line
        return found


def _items(text: str, at: int) -> tuple[list[int], int]:
    lines: list[int] = []
    line, seen = text.count("\n", 0, at) + 1, at
    while text[at := _after(text, at)] != "]":
        line += text.count("\n", seen, at)
        seen = at
        lines.append(line)
        _, at = _read(text, at)
    return lines, at + 1


def _read(text: str, at: int) -> tuple[object, int]:
    return json.JSONDecoder().raw_decode(text, at)


def _after(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at
