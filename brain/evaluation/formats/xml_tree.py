"""XML into a tree with lines. A DOCTYPE is refused, so that no entity can be declared, expanded or fetched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from brain.core.errors import ConfigError

MAX_DEPTH = 40


@dataclass(slots=True)
class Element:
    """An element; ``text`` is what stands directly in it, ``line`` counts from 1."""

    tag: str
    attributes: dict[str, str]
    line: int
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, tag: str) -> Iterator[Element]:
        """Its children of that tag."""
        return (child for child in self.children if child.tag == tag)

    def find(self, *tags: str) -> Element | None:
        """The first child, grandchild … along a path of tags."""
        found: Element | None = self
        for tag in tags:
            found = next(found.all(tag), None) if found is not None else None
        return found

    def said(self, *tags: str) -> str:
        """The text at the end of a path of tags; empty when there is none."""
        found = self.find(*tags)
        return found.text.strip() if found is not None else ""


class _RefusedError(Exception):
    pass


def parse_xml(data: bytes, path: Path) -> Element:
    """The root of an XML document.

    Raises:
        ConfigError: not XML, a DOCTYPE in it, or nested too deeply.
    """
    parser = expat.ParserCreate()
    stack: list[Element] = []
    roots: list[Element] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if len(stack) >= MAX_DEPTH:
            raise _RefusedError("nested too deeply")
        element = Element(tag, attributes, parser.CurrentLineNumber)
        (stack[-1].children if stack else roots).append(element)
        stack.append(element)

    def text(data: str) -> None:
        if stack:
            stack[-1].text += data

    def doctype(*_: object) -> None:
        raise _RefusedError("it has a DOCTYPE, which no annotation needs and which is not read for safety")

    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _tag: stack.pop()
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        what = f"not XML: {expat.ErrorString(error.code)}"
        raise ConfigError(what, where=f"{path}:{error.lineno}", remedy="export it again") from None
    except _RefusedError as error:
        where = f"{path}:{parser.CurrentLineNumber}"
        raise ConfigError(f"not read: {error}", where=where, remedy="export it again") from None
    return roots[0]
