"""YAML files into pydantic models, with file and line in every error."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import ConstructorError, DuplicateKeyError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.scanner import RoundTripScanner, ScannerError

from brain.config.mistakes import MistakeError, sentences
from brain.config.plain import MAX_DEPTH, plain
from brain.config.secrets import redact
from brain.core.errors import ConfigError

__all__ = ["MAX_BYTES", "MistakeError", "build", "line_of", "load", "parse_yaml", "read_yaml"]

Model = TypeVar("Model", bound=BaseModel)
MAX_BYTES = 4 << 20
_REMEDY = "mend the lines named above; `brain check` reads it again"


def read_yaml(path: Path) -> CommentedMap:
    """The mapping in a YAML file, with the line of every key.

    Raises:
        ConfigError: missing, unreadable, too large, not YAML, duplicate keys, or not a mapping.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no such path"
        raise ConfigError(
            f"cannot be read: {reason}", where=str(path), remedy="check the path and its rights"
        ) from None
    if len(data) > MAX_BYTES:
        raise ConfigError(f"larger than {MAX_BYTES >> 20} MiB", where=str(path), remedy="is this a settings file?")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            "cannot be read: not UTF-8 text", where=f"{path}:{line}", remedy="is this a settings file? save it as UTF-8"
        ) from None
    return parse_yaml(text, str(path))


def parse_yaml(text: str, where: str) -> CommentedMap:
    """The mapping in a YAML text; ``where`` names it in errors (see ``read_yaml``)."""
    loader = YAML(typ="rt")
    loader.Scanner = _Scanner
    loader.Constructor = _Constructor
    loader.allow_duplicate_keys = False
    try:
        tree = loader.load(text)
    except DuplicateKeyError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        key = str(error.problem).partition('"')[2].partition('"')[0] or "a key"
        raise ConfigError(
            redact(f"key {key!r} stands twice"), where=f"{where}:{line}", remedy="keep one of the two"
        ) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ConfigError(
            "not YAML: a control character", where=f"{where}:{line}", remedy="is this a settings file?"
        ) from None
    except (MarkedYAMLError, YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line = mark.line + 1 if mark is not None else 1
        raise ConfigError(
            f"not YAML: {_problem(error)}", where=f"{where}:{line}", remedy="mind indents and colons"
        ) from None
    if not isinstance(tree, CommentedMap):
        raise ConfigError(
            "empty, or not a mapping of keys to values", where=f"{where}:1", remedy="see configs/ for one"
        )
    return tree


def load(path: Path, model: type[Model]) -> Model:
    """A settings file as a model.

    Raises:
        ConfigError: as ``read_yaml``, and for every value that does not fit: all of them, each with its line.
    """
    return build(read_yaml(path), model, str(path))


def build(tree: CommentedMap, model: type[Model], where: str) -> Model:
    """A loaded mapping as a model; errors name ``where`` and the line, and never carry credentials."""
    values, mistakes = plain(tree)
    if not mistakes:
        try:
            return model.model_validate(values)
        except ValidationError as error:
            mistakes = sentences(error, model, values)
    told = [(f"{where}:{line_of(tree, location)}", redact(sentence)) for location, sentence in mistakes]
    text = told[0][1] + "".join(f"\n{at}: {sentence}" for at, sentence in told[1:])
    raise ConfigError(text, where=told[0][0], remedy=_REMEDY) from None


def line_of(tree: Any, location: Sequence[int | str]) -> int:
    """Line (from 1) of the innermost key or item of ``location`` that stands in the file."""
    line = 1
    node = tree
    for part in location:
        if isinstance(node, CommentedMap):
            key = next((key for key in node if key == part or str(key) == part), None)
            if key is None:
                continue
            # A key that a merge (<<) brought in stands elsewhere: then the line of the mapping must do.
            line = node.lc.data[key][0] + 1 if node.lc.data and key in node.lc.data else line
            node = node[key]
        elif isinstance(node, CommentedSeq):
            if isinstance(part, int) and part < len(node):
                line = node.lc.item(part)[0] + 1
                node = node[part]
        else:
            break
    return line


def _problem(error: Exception) -> str:
    """What the parser says, less the names it quotes: an unquoted password that begins with ``*`` or ``!`` is one."""
    problem = str(getattr(error, "problem", None) or "")
    if "undefined alias" in problem:
        return "an alias to nothing; put a text that begins with * in quotes"
    if "tag handle" in problem:
        return "an unknown tag; put a text that begins with ! in quotes"
    return problem or ("it is nested too deeply" if isinstance(error, RecursionError) else "it cannot be read")


class _Scanner(RoundTripScanner):
    """Refuses deep nesting before it costs time: the stock scanner takes a minute over ten thousand brackets."""

    def fetch_flow_collection_start(self, TokenClass: Any, to_push: str) -> None:  # noqa: N803 (ruamel's name)
        if len(self.flow_context) >= MAX_DEPTH:
            raise ScannerError(None, None, "it is nested too deeply", self.reader.get_mark())
        super().fetch_flow_collection_start(TokenClass, to_push)

    def add_indent(self, column: int) -> bool:
        if len(self.indents) >= MAX_DEPTH:
            raise ScannerError(None, None, "it is nested too deeply", self.reader.get_mark())
        return bool(super().add_indent(column))


class _Constructor(RoundTripConstructor):
    """Keeps dates as the text that stands there, and names the line of a value that cannot be made."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)
        except ValueError:
            raise ConstructorError(None, None, "a number that is too long", node.start_mark) from None


def _as_written(_constructor: Any, node: Any) -> str:
    return str(node.value)


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", _as_written)
