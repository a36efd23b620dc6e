"""File forms of truth, ours and those of other tools: readers chosen by content, and writers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from brain.core.errors import ConfigError
from brain.evaluation.formats.actev import is_actev, read_actev
from brain.evaluation.formats.cvat import read_cvat
from brain.evaluation.formats.draft import Draft, ReadOptions
from brain.evaluation.formats.fiftyone import is_fiftyone, read_fiftyone
from brain.evaluation.formats.json_text import JsonText
from brain.evaluation.formats.label_studio import is_label_studio, read_label_studio
from brain.evaluation.formats.manifest import is_manifest, read_manifest
from brain.evaluation.formats.own import read_own_json, read_own_yaml

MAX_BYTES = 256 << 20
_REMEDY = (
    "read are a truth file, a manifest of clips, NIST ActEV JSON, CVAT for video 1.1, Label Studio's JSON and "
    "FiftyOne's samples.json"
)


def read_draft(path: Path, options: ReadOptions) -> Draft:
    """What a file states, in whichever known form it is.

    Raises:
        ConfigError: it cannot be read, or is of no known form.
    """
    head = _read(path, 4096).lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if head in (b"{", b"["):
        return _json(JsonText(_text(path), path), path, options)
    if head == b"<":
        return read_cvat(_whole(path), path, options)
    return read_own_yaml(path)


def _json(text: JsonText, path: Path, options: ReadOptions) -> Draft:
    value = text.value
    if is_manifest(value):
        return read_manifest(text)
    if isinstance(value, dict) and "clips" in value:
        return read_own_json(text)
    if is_actev(value):
        return read_actev(text, path, options, lambda name: _beside(path, name))
    if is_label_studio(value):
        return read_label_studio(text, path, options)
    if is_fiftyone(value):
        return read_fiftyone(text, path, options)
    raise ConfigError("no known form of truth", where=str(path), remedy=_REMEDY)


def _beside(path: Path, name: str) -> Any:
    """The value of an index file of that name that belongs to ``path``, or to its folder."""
    for place in (path.with_name(f"{path.stem}.{name}"), path.with_name(name)):
        if place.is_file():
            return JsonText(_text(place), place).value
    return None


def _text(path: Path) -> str:
    data = _whole(path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError("not UTF-8 text", where=f"{path}:{line}", remedy="save it as UTF-8") from None


def _whole(path: Path) -> bytes:
    data = _read(path, MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ConfigError(f"larger than {MAX_BYTES >> 20} MiB", where=str(path), remedy="split it")
    return data


def _read(path: Path, size: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(size)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no such path"
        raise ConfigError(f"cannot be read: {reason}", where=str(path), remedy="check the path and rights") from None
