"""Which recordings are meant: files, folders and patterns as they are named on the command line."""

from __future__ import annotations

import glob
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from brain.config.secrets import redact
from brain.config.settings import MISSPELT_ADDRESS, ZoneSettings, source_scheme
from brain.core.errors import UsageError
from brain.core.ids import safe_name
from brain.replay.run import RunClip

CONTAINERS = (".mp4", ".m4v", ".mov", ".3gp", ".mkv", ".avi", ".ts", ".mts", ".m2ts", ".mpg", ".mpeg", ".flv", ".asf")
VIDEO_SUFFIXES = (*CONTAINERS, ".wmv", ".h264", ".264", ".h265", ".265", ".hevc")
_CREDENTIALS = re.compile(r"^(.*?[:/\\]+).*@", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording to be replayed, and what is known of it.

    Attributes:
        path: of the file, which need not be there.
        start: UTC moment of the first picture.
        camera, site: ``None`` where nobody said so: the clip's id stands in.
        zones: all zones of its view; none = every scenario watches the whole picture.

    Raises:
        UsageError: the path is an address: its password would be kept in the run.
    """

    path: Path
    start: datetime
    camera: str | None = None
    site: str | None = None
    light: Literal["day", "night", "unknown"] = "unknown"
    zones: tuple[ZoneSettings, ...] = ()

    def __post_init__(self) -> None:
        # A truth file's address stands behind the folder of that file, and a path makes one stroke of two.
        parts = self.path.parts
        for number in range(len(parts)) if not _exists(self.path) else ():
            head, rest = parts[number], "/".join(parts[number + 1 :])
            _refuse_address(f"{head}//{rest}" if head.endswith(":") else f"{head}/{rest}")


def find_videos(named: Sequence[str]) -> tuple[Path, ...]:
    """The files that arguments mean, in their order; what one pattern or folder gives is sorted by name.

    A file that is named itself is taken as often as it is named, even if it is not there (that is told when it is
    replayed); one that a folder or pattern brings in is taken once.

    Raises:
        UsageError: a folder without video in it, a pattern that nothing fits, or an address.
    """
    found: list[Path] = []
    for text in named:
        path = Path(text).expanduser()
        if not _exists(path):
            _refuse_address(text)
        if path.is_dir():
            _add_new(found, _videos_in(path))
        elif glob.has_magic(text) and not _exists(path):
            _add_new(found, _matching(str(path)))
        else:
            found.append(path)
    return tuple(found)


def run_clips(recordings: Sequence[Recording], digest: Callable[[Path], str] | None = None) -> tuple[RunClip, ...]:
    """The recordings as clips of a run, each with an id of its own made of its file's name.

    Args:
        digest: gives the sha256 of a file; ``None`` leaves it empty.
    """
    taken: set[str] = set()
    clips = []
    for item in recordings:
        name = _free_name(safe_name(item.path), taken)
        taken.add(name.lower())  # folders of some file systems do not tell cases apart
        camera = item.camera or name
        clips.append(
            RunClip(
                id=name,
                path=str(item.path.absolute()),
                sha256=digest(item.path) if digest is not None else "",
                camera=camera,
                site=item.site or camera,
                start=item.start,
                light=item.light,
                zones=item.zones,
            )
        )
    return tuple(clips)


def _refuse_address(text: str) -> None:
    """Refuses what is, or was meant as, the address of a camera; says it without the credentials in it."""
    if source_scheme(text) == "file" and not MISSPELT_ADDRESS.fullmatch(text) and redact(text) == text:
        return
    shown = _CREDENTIALS.sub(r"\1***@", redact(text))
    remedy = "`brain try` watches cameras; replay takes files"
    raise UsageError("an address, not a recording", where=shown, remedy=remedy)


def _free_name(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free.lower() in taken:
        number += 1
        free = f"{name}_{number}"
    return free


def _add_new(found: list[Path], more: Sequence[Path]) -> None:
    known = {path.absolute() for path in found}
    found += [path for path in more if path.absolute() not in known]


def _videos_in(folder: Path) -> list[Path]:
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in VIDEO_SUFFIXES and path.is_file())
    shown = [path for path in files if not any(part.startswith(".") for part in path.relative_to(folder).parts)]
    if not shown:
        remedy = f"name another folder; files that end in {', '.join(VIDEO_SUFFIXES)} are looked for"
        raise UsageError("no video in this folder", where=str(folder), remedy=remedy)
    return shown


def _matching(pattern: str) -> list[Path]:
    # Path.glob takes no pattern that begins at the root.
    paths = [Path(text) for text in sorted(glob.glob(pattern, recursive=True))]  # noqa: PTH207
    if not paths:
        raise UsageError("nothing fits this pattern", where=pattern, remedy="check the folder and the pattern")
    files: list[Path] = []
    for path in paths:
        files += _videos_in(path) if path.is_dir() else [path]
    return files


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
