"""How often a frozen set was used, and for what: one JSON line a use in ``<truth file>.ledger.jsonl``."""

from __future__ import annotations

import fcntl
import getpass
import os
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from brain import __version__
from brain.config.settings import Settings
from brain.core.clock import iso
from brain.core.errors import ConfigError
from brain.evaluation.sets import frozen_path
from brain.evaluation.truth import TruthSet

SUFFIX = ".ledger.jsonl"


class LedgerEntry(Settings):
    """One use of a frozen set.

    Attributes:
        who: log-in name.
        moment: UTC, ISO 8601.
        command: what was done with it, e.g. ``brain evaluate events``.
        run: digest of the run that was measured.
        settings: digest of the settings that it ran with.
        product: version of city-brain.
    """

    who: str
    moment: str
    command: str
    run: str
    settings: str
    product: str


def ledger_path(truth: Path) -> Path:
    """Where the uses of a truth file are written down."""
    return truth.with_name(truth.name + SUFFIX)


def enter(truth: TruthSet, *, command: str, run_digest: str, settings_digest: str, now: datetime) -> None:
    """Writes down one use of a frozen set; does nothing for a set that is not frozen.

    The line is on disk when this returns. Several processes may write at once.

    Raises:
        ConfigError: it cannot be written: then the set is not to be used.
    """
    if not frozen_path(truth.path).exists():
        return
    entry = LedgerEntry(
        who=_who(),
        moment=iso(now),
        command=command,
        run=run_digest,
        settings=settings_digest,
        product=__version__,
    )
    path = ledger_path(truth.path)
    try:
        _append(path, entry.model_dump_json().encode() + b"\n")
    except OSError as error:
        what = f"the use of a frozen set cannot be written down: {error.strerror}"
        raise ConfigError(what, where=str(path), remedy="give yourself the right to write there") from None


def uses(truth: TruthSet) -> tuple[LedgerEntry, ...]:
    """All uses so far, oldest first; half a line at the end, of a writer that was killed, was never reported.

    Raises:
        ConfigError: a line is broken; named with its number.
    """
    path = ledger_path(truth.path)
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(path), remedy="check its rights") from None
    entries = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entries.append(LedgerEntry.model_validate_json(line))
        except ValidationError:
            if number == len(lines):  # no line end behind it: torn
                break
            remedy = "bring the file back from a copy; it is not to be edited"
            raise ConfigError("a use that cannot be read", where=f"{path}:{number}", remedy=remedy) from None
    return tuple(entries)


def _append(path: Path, line: bytes) -> None:
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        size, data = _mended(handle), line
        try:
            while data:
                data = data[os.write(handle, data) :]
            os.fsync(handle)
        except OSError:
            os.ftruncate(handle, size)  # a use that is refused was none
            raise
    finally:
        os.close(handle)


def _mended(handle: int) -> int:
    """Takes half a line off the end, which a writer that was killed has left; gives the size after that."""
    size = os.fstat(handle).st_size
    whole = os.pread(handle, size, 0)
    tail = whole[whole.rfind(b"\n") + 1 :]
    if not tail:
        return size
    try:
        LedgerEntry.model_validate_json(tail)
    except ValidationError:
        os.ftruncate(handle, size - len(tail))
        return size - len(tail)
    os.write(handle, b"\n")  # only its line end is missing
    return size + 1


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return str(os.getuid())
