"""JSON files with the line of every value, which is looked up only when something is wrong."""

from __future__ import annotations

import json
import re
from functools import cached_property
from math import isfinite
from pathlib import Path
from typing import Any

from brain.config.plain import Location
from brain.core.errors import ConfigError

MAX_DIGITS = 100
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


class JsonText:
    """A JSON text.

    Attributes:
        value: what it holds.
    """

    def __init__(self, text: str, path: Path) -> None:
        """Reads it.

        Raises:
            ConfigError: not JSON, a key twice in one object, a number too large, NaN, or nested too deeply.
        """
        self._text = text
        self._path = path
        try:
            self.value: Any = json.loads(
                text, object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant
            )
            # A lone surrogate (\\ud800) can be written to no file and be no file's name.
            json.dumps(self.value, ensure_ascii=False).encode()
        except json.JSONDecodeError as error:
            raise ConfigError(
                f"not JSON: {error.msg}", where=f"{path}:{error.lineno}", remedy="export it again"
            ) from None
        except (ValueError, RecursionError) as error:
            what = "nested too deeply" if isinstance(error, RecursionError) else str(error)
            raise ConfigError(f"cannot be read: {what}", where=str(path), remedy="export it again") from None

    def where(self, location: Location) -> str:
        """``file:line`` of the innermost key or item of ``location`` that stands in the file."""
        for length in range(len(location), 0, -1):
            line = self._lines.get(location[:length])
            if line is not None:
                return f"{self._path}:{line}"
        return f"{self._path}:1"

    @cached_property
    def _lines(self) -> dict[Location, int]:
        """Line of every key and item: a walk over the tokens of a text that is known to be JSON."""
        lines: dict[Location, int] = {}
        line, seen = 1, 0
        stack: list[int | str | None] = []  # the key or index that is being read, outermost first
        awaits_key = False
        for token in _TOKEN.finditer(self._text):
            line += self._text.count("\n", seen, token.start())
            seen, text = token.start(), token.group()
            if text in "}]":
                stack.pop()
                awaits_key = False
            elif text == ",":
                last = stack[-1]
                stack[-1] = last + 1 if isinstance(last, int) else None
                awaits_key = not isinstance(last, int)
            elif awaits_key:
                stack[-1], awaits_key = json.loads(text), False
                lines[tuple(part for part in stack if part is not None)] = line
            elif text != ":":
                if stack and isinstance(stack[-1], int):
                    lines[tuple(part for part in stack if part is not None)] = line
                if text in "{[":
                    stack.append(None if text == "{" else 0)
                    awaits_key = text == "{"
        return lines


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for number, name in enumerate(names) if name in names[:number])
        raise ValueError(f"key {twice!r} stands twice in one object")
    return result


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number of {len(text)} digits")
    return int(text)


def _float(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise ValueError(f"{text} is too large a number")
    return value


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")
