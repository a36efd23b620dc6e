"""All that can be found wrong with a truth file and its clips: what ``brain evaluate truth check`` says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from brain.core.errors import ConfigError
from brain.evaluation.formats.draft import ReadOptions
from brain.evaluation.sets import verify_frozen
from brain.evaluation.truth import Mistake, TruthClip, TruthSet
from brain.evaluation.truth_checks import set_mistakes
from brain.evaluation.truth_disk import disk_mistakes
from brain.evaluation.truth_file import read_placed


@dataclass(frozen=True, slots=True)
class FileReport:
    """What was found in one file.

    Attributes:
        form: name of the file form; empty when the file cannot be read.
        set: ``dev`` or ``test``; empty when the file cannot be read.
        clips, events: how many there are, without those of clips that are left out.
    """

    file: str
    form: str
    set: str
    clips: int
    events: int
    mistakes: tuple[Mistake, ...]

    def plain(self) -> dict[str, Any]:
        """As it is printed in JSON."""
        return asdict(self)


def check_file(
    file: Path, options: ReadOptions, progress: Callable[[int], Callable[[TruthClip], None]] | None = None
) -> FileReport:
    """Reads a truth file and every clip that it names.

    Args:
        progress: told the number of clips, gives what is called before each is read.
    """
    try:
        placed = read_placed(file, options)
    except ConfigError as error:
        return FileReport(str(file), "", "", 0, 0, (Mistake(error.where or str(file), "", error.what),))
    truth = placed.truth
    between = [
        Mistake(placed.places[clip.file](place), clip.file, what) for clip, place, what in set_mistakes(truth.clips)
    ]
    on_disk = disk_mistakes(placed, progress(len(truth.clips)) if progress else None)
    events = sum(len(clip.events) for clip in truth.clips)
    found = (*truth.mistakes, *between, *on_disk, *_since_frozen(placed.truth))
    return FileReport(str(file), placed.form, truth.set, len(truth.clips), events, found)


def _since_frozen(truth: TruthSet) -> tuple[Mistake, ...]:
    try:
        verify_frozen(truth)
    except ConfigError as error:
        return (Mistake(error.where, "", error.what),)
    return ()
