"""A manifest with something changed: ``rule.stationary.for: 20s``, or the profile for short clips."""

from __future__ import annotations

import math
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from brain.core.errors import ConfigError
from brain.scenarios.manifest import Manifest, check_manifest

SHORT_DWELL_S = 10.0
SHORT_EVERY_S = 1.0
SHORT_COUNT = 15
FIXED_KEYS = ("id",)

Tree = dict[str, Any]


def override(manifest: Manifest, overrides: Mapping[str, Any]) -> Manifest:
    """The manifest with values changed by dotted keys, validated like the file.

    Raises:
        ConfigError: a key that does not exist (with the close ones and all possible ones) or a value that does not fit.
    """
    if not overrides:
        return manifest
    tree = _tree(manifest)
    for key, value in overrides.items():
        _put(manifest, tree, key, value)
    try:
        changed = Manifest.model_validate(tree)
    except ValidationError as error:
        raise ConfigError(_complaint(error), where=f"set {_blamed(error, overrides)}", remedy=_hint(manifest)) from None
    mistakes = check_manifest(changed, None)
    if mistakes:
        raise ConfigError(mistakes[0][1], where=f"set {', '.join(overrides)}", remedy=_hint(manifest))
    return changed


def shorten(manifest: Manifest) -> Manifest:
    """The manifest for clips of some ten seconds (``--profile short``).

    Every dwell is 10 s at most (so an inherited thing is raised after 20 s), a count 15 at most with its release in
    proportion, a sample each second or oftener. The confirm window keeps its share and shrinks until it fits into the
    dwell; clear and cooldown are 10 s at most.
    """
    tree = _tree(manifest)
    sample, confirm = tree["sample"], tree["confirm"]
    sample["every"] = min(sample["every"], SHORT_EVERY_S)
    of = max(1, min(confirm["of"], math.floor(SHORT_DWELL_S / sample["every"])))
    confirm["at_least"] = math.ceil(confirm["at_least"] * of / confirm["of"])
    confirm["of"] = of
    tree["clear"]["after"] = min(tree["clear"]["after"], SHORT_DWELL_S)
    tree["cooldown"] = min(tree["cooldown"], SHORT_DWELL_S)
    for parameters in tree.get("rule", {}).values():
        _shorten_rule(parameters)
    return Manifest.model_validate(tree)


def _shorten_rule(parameters: Tree) -> None:
    for holder in (parameters, parameters.get("density") or {}):
        if "for" in holder:
            holder["for"] = min(holder["for"], SHORT_DWELL_S)
    count = parameters.get("at_least")
    if isinstance(count, int) and count > SHORT_COUNT:
        parameters["at_least"] = SHORT_COUNT
        if parameters.get("release_below") is not None:
            parameters["release_below"] = max(1, round(parameters["release_below"] * SHORT_COUNT / count))


def possible_keys(manifest: Manifest) -> tuple[str, ...]:
    """All dotted keys that may be set for this scenario."""
    return tuple(key for key in _keys(Manifest, "", manifest) if key not in FIXED_KEYS)


def _keys(model: type[BaseModel], prefix: str, manifest: Manifest) -> list[str]:
    found = []
    for name, field in model.model_fields.items():
        key = prefix + (field.alias or name)
        inner = _model_in(field.annotation)
        if prefix == "rule." and (manifest.rule is None or name != manifest.rule.word):
            continue
        found += [key] if inner is None else _keys(inner, key + ".", manifest)
    return found


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that a field holds by itself or optionally; ``None`` for plain values and lists."""
    for item in (annotation, *get_args(annotation)):
        if isinstance(item, type) and issubclass(item, BaseModel) and annotation is not tuple:
            return None if getattr(annotation, "__origin__", None) is tuple else item
    return None


def _put(manifest: Manifest, tree: Tree, key: str, value: Any) -> None:
    possible = possible_keys(manifest)
    if key not in possible:
        near = get_close_matches(key, possible, n=3)
        last = [item for item in possible if item.rpartition(".")[2] == key.rpartition(".")[2]]
        close = list(dict.fromkeys(near + last))[:3]
        hint = f"did you mean {' or '.join(close)}? " if close else ""
        raise ConfigError(
            f"scenario {manifest.id!r} has no key {key!r}", where=f"set {key}", remedy=hint + _hint(manifest)
        )
    *path, leaf = key.split(".")
    node = tree
    for part in path:
        node = node.setdefault(part, {})
    node[leaf] = value


def _tree(manifest: Manifest) -> Tree:
    return manifest.model_dump(by_alias=True, exclude_none=True)


def _hint(manifest: Manifest) -> str:
    return f"possible keys: {', '.join(possible_keys(manifest))}"


def _complaint(error: ValidationError) -> str:
    item = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return f"{'.'.join(str(part) for part in item['loc'])}: {item['msg'].removeprefix('Value error, ')}"


def _blamed(error: ValidationError, overrides: Mapping[str, Any]) -> str:
    """The override that the error speaks of: the one whose key it starts with, else all of them."""
    location = ".".join(str(part) for part in error.errors()[0]["loc"])
    return next((key for key in overrides if location.startswith(key)), ", ".join(overrides))
