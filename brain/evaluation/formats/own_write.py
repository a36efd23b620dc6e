"""Writes our own truth file, as YAML for people or as JSON for what is too large for YAML. Pure."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from brain.evaluation.truth import TruthClip, TruthSet

_PLAIN = re.compile(r"[\w./][\w./ +:-]*")


def truth_text(truth: TruthSet, target: Path, clips: Sequence[TruthClip] | None = None, *, set_: str = "") -> str:
    """The text of a truth file that holds the same.

    Args:
        target: where it will lie: files are named from there, and it is YAML unless this ends in ``.json``.
        clips: only these of it; ``None`` = all.
        set_: which set it is; empty = the same.
    """
    chosen = truth.clips if clips is None else clips
    values: dict[str, Any] = {"set": set_ or truth.set, "clips": [_clip(truth, clip, target) for clip in chosen]}
    if target.suffix.lower() == ".json":
        return json.dumps(values, ensure_ascii=False, indent=1) + "\n"
    values["clips"] = [_readable(clip) for clip in values["clips"]]
    yaml, out = YAML(), io.StringIO()
    yaml.width = 120
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(values, out)
    return out.getvalue()


def _clip(truth: TruthSet, clip: TruthClip, target: Path) -> dict[str, Any]:
    values: dict[str, Any] = clip.model_dump(mode="json", exclude_defaults=True)
    place = os.path.relpath(truth.location(clip).absolute(), target.absolute().parent)
    return {**values, "file": clip.file if Path(clip.file).is_absolute() else Path(place).as_posix()}


def _readable(clip: dict[str, Any]) -> CommentedMap:
    """Keys one below the other, their values in one line each; a list of mappings one in each line."""
    shown = CommentedMap()
    for key, value in clip.items():
        if key == "tracks" or (isinstance(value, list) and value and isinstance(value[0], dict)):
            shown[key] = CommentedSeq(_in_line(item) for item in value)
        else:
            shown[key] = _in_line(value)
    return shown


def _in_line(value: Any) -> Any:
    if isinstance(value, dict):
        mapping = CommentedMap((key, _in_line(item)) for key, item in value.items())
        mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list):
        items = CommentedSeq(_in_line(item) for item in value)
        items.fa.set_flow_style()
        return items
    if isinstance(value, str) and _PLAIN.fullmatch(value) is None:
        # The writer leaves texts like "?0" bare within braces, which no reader takes.
        return DoubleQuotedScalarString(value)
    return value
