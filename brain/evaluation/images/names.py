"""Class names of a YOLO folder: ``data.yaml`` (or another YAML with ``names``), ``classes.txt`` or ``obj.names``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from brain.config.yaml_file import line_of, read_yaml
from brain.core.errors import ConfigError, UsageError

_YAML = ("data.yaml", "data.yml", "dataset.yaml", "dataset.yml")
LISTS = ("classes.txt", "obj.names")
_SPLITS = frozenset({"train", "training", "val", "valid", "validation", "test"})


def find_names(folder: Path) -> dict[int, str]:
    """Class number → name, from the folder or its ``labels``, and for ``val`` or ``images/val`` from the set above.

    Raises:
        UsageError: no such file.
        ConfigError: one that cannot be read; names the line.
    """
    for place in (place for base in _upwards(folder) for place in (base, base / "labels")):
        path = next(_candidates(place), None)
        if path is not None:
            return _of_list(path) if path.suffix in (".txt", ".names") else _of_yaml(path)
    raise UsageError(
        "the classes of these labels have no names",
        where=str(folder),
        remedy="put a classes.txt with one name a line there (first line = class 0), or a data.yaml with names:",
    )


def _upwards(folder: Path) -> Iterator[Path]:
    """The folder, and the set that it is a part of; names of another set above would be wrong ones."""
    place = folder.absolute()  # links not followed: the pictures of several sets may lie in one place
    yield place
    while place.name == "images" or is_split(place.name):
        place = place.parent
        yield place


def is_split(name: str) -> bool:
    """Whether a folder's name says that it is a part of a set: ``train``, ``val2017`` …"""
    return name.lower().rstrip("0123456789-_") in _SPLITS


def _candidates(folder: Path) -> Iterator[Path]:
    yield from (folder / name for name in _YAML if (folder / name).is_file())
    yield from (folder / name for name in LISTS if (folder / name).is_file())
    yield from sorted(folder.glob("*.names"))
    # Sets are also shipped with their own name, as coco128.yaml; other YAML files may lie there too.
    yield from (path for path in sorted((*folder.glob("*.yaml"), *folder.glob("*.yml"))) if _has_names(path))


def _has_names(path: Path) -> bool:
    try:
        return _listed(read_yaml(path)) is not None
    except ConfigError:
        return False


def _listed(tree: Any) -> str | None:
    return next((key for key in ("names", "classes") if isinstance(tree.get(key), list | dict)), None)


def _of_yaml(path: Path) -> dict[int, str]:
    tree = read_yaml(path)
    key = _listed(tree)
    if key is None:
        raise ConfigError(
            "has no names", where=f"{path}:1", remedy="add names: [car, person] in the order of the class numbers"
        )
    listed = tree[key]
    pairs = list(listed.items()) if isinstance(listed, dict) else list(enumerate(listed))
    names: dict[int, str] = {}
    for number, name in pairs:
        where = f"{path}:{line_of(tree, [key, number])}"
        if not (isinstance(number, int) and number >= 0):
            raise ConfigError(
                f"class number {number!r} is none", where=where, remedy="write names as {0: car, 1: person}"
            )
        names[int(number)] = _name(name, where)
    _check(names, path)
    count = tree.get("nc")
    if isinstance(count, int) and count != len(names):
        raise ConfigError(
            f"nc says {count} classes, {key} lists {len(names)}",
            where=f"{path}:{line_of(tree, ['nc'])}",
            remedy="mend the one that is wrong: class numbers would get wrong names",
        )
    return names


def _of_list(path: Path) -> dict[int, str]:
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"cannot be read: {type(error).__name__}", where=str(path), remedy="save it as UTF-8, one name a line"
        ) from None
    while lines and not lines[-1].strip():
        lines.pop()
    names = {number: _name(line.strip(), f"{path}:{number + 1}") for number, line in enumerate(lines)}
    _check(names, path)
    return names


def _name(name: object, where: str) -> str:
    if not isinstance(name, str | int | float) or not str(name).strip():
        raise ConfigError("a class has no name", where=where, remedy="write its name; the place gives its number")
    return str(name).strip()


def _check(names: dict[int, str], path: Path) -> None:
    if not names:
        raise ConfigError(
            "lists no class", where=str(path), remedy="write the class names in the order of their numbers"
        )
    seen: set[str] = set()
    for name in names.values():
        if name in seen:
            raise ConfigError(
                f"class {name!r} stands twice", where=str(path), remedy="give each class a name of its own"
            )
        seen.add(name)
