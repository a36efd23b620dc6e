"""YAML files into pydantic models, with file and line in every error."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from brain.core.errors import ConfigError

Model = TypeVar("Model", bound=BaseModel)
MAX_BYTES = 4 << 20


def read_yaml(path: Path) -> CommentedMap:
    """The mapping in a YAML file, with the line of every key.

    Raises:
        ConfigError: missing, unreadable, too large, not YAML, duplicate keys, or not a mapping.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError(f"larger than {MAX_BYTES >> 20} MiB", where=str(path), remedy="is this a settings file?")
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise ConfigError(
            f"cannot be read: {reason}", where=str(path), remedy="check the path and its rights"
        ) from None
    return parse_yaml(text, str(path))


def parse_yaml(text: str, where: str) -> CommentedMap:
    """The mapping in a YAML text; ``where`` names it in errors (see ``read_yaml``)."""
    loader = YAML(typ="rt")
    loader.allow_duplicate_keys = False
    try:
        tree = loader.load(StringIO(text))
    except DuplicateKeyError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        key = str(error.problem).partition('"')[2].partition('"')[0] or "a key"
        raise ConfigError(f"key {key!r} stands twice", where=f"{where}:{line}", remedy="keep one of the two") from None
    except (MarkedYAMLError, YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line = mark.line + 1 if mark is not None else 1
        problem = getattr(error, "problem", None) or type(error).__name__
        raise ConfigError(f"not YAML: {problem}", where=f"{where}:{line}", remedy="mind indents and colons") from None
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
    """A loaded mapping as a model; errors name ``where`` and the line."""
    try:
        return model.model_validate(_plain(tree))
    except ValidationError as error:
        lines = []
        first = ""
        for item in error.errors(include_url=False, include_input=False, include_context=False):
            at = f"{where}:{line_of(tree, item['loc'])}"
            first = first or at
            lines.append((at, _sentence(item["loc"], item["type"], item["msg"], model)))
        text = lines[0][1] + "".join(f"\n{at}: {sentence}" for at, sentence in lines[1:])
        raise ConfigError(
            text, where=first, remedy="mend the lines named above; `brain check` reads it again"
        ) from None


def line_of(tree: Any, location: Sequence[int | str]) -> int:
    """Line (from 1) of the innermost key or item of ``location`` that stands in the file."""
    line = 1
    node = tree
    for part in location:
        if isinstance(node, CommentedMap) and part in node:
            line = node.lc.key(part)[0] + 1
            node = node[part]
        elif isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node):
            line = node.lc.item(part)[0] + 1
            node = node[part]
        elif not isinstance(node, CommentedMap | CommentedSeq):
            break
    return line


def _sentence(location: Sequence[int | str], kind: str, message: str, model: type[BaseModel]) -> str:
    name = ".".join(str(part) for part in location) or "file"
    if kind == "extra_forbidden":
        near = get_close_matches(str(location[-1]), _field_names(model), n=1)
        return f"unknown key {name!r}" + (f"; did you mean {near[0]!r}?" if near else "")
    if kind == "missing":
        return f"key {name!r} is missing"
    return f"{name}: {message.removeprefix('Value error, ')}"


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


def _plain(node: Any) -> Any:
    """The same values as plain dicts and lists (pydantic copies ruamel's types slowly, and keeps them)."""
    if isinstance(node, CommentedMap):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return [_plain(value) for value in node]
    if isinstance(node, bool) or node is None:
        return node
    for kind in (int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node
