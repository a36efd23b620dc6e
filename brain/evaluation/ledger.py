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
    """All uses so far, oldest first.

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
            remedy = "bring the file back from a copy; it is not to be edited"
            raise ConfigError("a use that cannot be read", where=f"{path}:{number}", remedy=remedy) from None
    return tuple(entries)


def _append(path: Path, line: bytes) -> None:
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        size = os.fstat(handle).st_size
        # A writer that was killed may have left half a line: it must not spoil this one as well.
        torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        data = b"\n" + line if torn else line
        while data:
            data = data[os.write(handle, data) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return str(os.getuid())
