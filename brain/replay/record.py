"""Writes a run folder: locked, and so that a kill or a full disk leaves nothing half-written (``brain.replay.run``)."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, TextIO

from brain.core.errors import ConfigError, StoreError
from brain.core.files import TEMPORARY, sha256_of, sync_folder, write_whole
from brain.replay.run import COST, HEADER, OBSERVATIONS, RESULT, ClipCost, ClipResult, Run, RunHeader

CLIPS = "clips"
_ANOTHER = "name another folder"


class Recorder:
    """A run folder that this process alone writes to; use it as a context.

    Args:
        folder: made if it is not there; a run with the same header is gone on with.
        header: what is asked.

    Raises:
        ConfigError: it holds another run or other files, or somebody else writes there.
        StoreError: it cannot be written.

    Attributes:
        finished: clips that are there already, without error.
    """

    def __init__(self, folder: Path, header: RunHeader) -> None:
        self.folder = folder
        self.finished: dict[str, ClipResult] = {}
        self._lock = _take(folder)
        try:
            with translated(folder):
                self._begin(header)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        _clear(self.folder)
        self.close()

    def close(self) -> None:
        """Gives the folder back."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _begin(self, header: RunHeader) -> None:
        path, data = self.folder / HEADER, header_bytes(header)
        if path.exists():  # else no clip was begun: the header is written first
            run = _opened(self.folder)
            results = {clip.id: run.result(clip.id) for clip in run.header.clips}
            self.finished = {name: result for name, result in results.items() if result and not result.error}
            _refuse_other(path, run.header, header, self.finished)
        elif any(not left.name.startswith(TEMPORARY + HEADER) for left in self.folder.iterdir()):
            raise ConfigError("holds other files than a run", where=str(self.folder), remedy=_ANOTHER)
        _clear(self.folder)  # only now is it known to be a folder of ours
        if not path.exists() or path.read_bytes() != data:
            write_whole(path, data)
            (self.folder / CLIPS).mkdir(exist_ok=True)
            sync_folder(self.folder)


class ClipRecorder:
    """Writes what comes of one clip; see ``clip_recorder``."""

    def __init__(self, build: Path, final: Path) -> None:
        self._build = build
        self._final = final
        self._file: TextIO = (build / OBSERVATIONS).open("w", encoding="utf-8", newline="\n")

    def observation(self, line: str) -> None:
        """One sample."""
        with translated(self._final):
            self._file.write(line + "\n")

    def forget(self) -> None:
        """Takes back all samples so far."""
        with translated(self._final):
            self._file.seek(0)
            self._file.truncate()

    def finish(self, result: ClipResult, cost: ClipCost) -> None:
        """The result; all is on the disk, in its place, when this returns."""
        with translated(self._final):
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            write_whole(self._build / RESULT, result.model_dump_json(indent=1).encode() + b"\n")
            write_whole(self._build / COST, cost.model_dump_json(indent=1).encode() + b"\n")
            _put_in_place(self._build, self._final)

    def give_up(self) -> None:
        """Takes away what was not finished; no effect after ``finish``."""
        try:
            self._file.close()
        except OSError:
            pass  # what it still held does not fit on the disk
        shutil.rmtree(self._build, ignore_errors=True)


@contextmanager
def clip_recorder(run: Path, clip: str) -> Iterator[ClipRecorder]:
    """Writes a clip's folder beside its place, whence ``finish`` puts it there as a whole.

    Raises:
        StoreError: it cannot be written; nothing of it stays.
    """
    final = run / CLIPS / clip
    build = final.with_name(f"{TEMPORARY}{clip}-{os.getpid()}")
    with translated(final):
        shutil.rmtree(build, ignore_errors=True)
        build.mkdir(parents=True)
        recorder = ClipRecorder(build, final)
    try:
        yield recorder
    finally:
        recorder.give_up()


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Trouble with files as a ``StoreError`` that names ``path``."""
    try:
        yield
    except OSError as error:
        remedy = "check free space and rights; the same command goes on with what is missing"
        raise StoreError(f"cannot be written: {error.strerror or error}", where=str(path), remedy=remedy) from None


def finished_result(run: Path, clip: str) -> ClipResult | None:
    """The result of a clip that lies there whole and without error; ``None`` for any other."""
    try:
        result = ClipResult.model_validate_json((run / CLIPS / clip / RESULT).read_bytes())
    except (OSError, ValueError):
        return None
    return None if result.error else result


def header_bytes(header: RunHeader) -> bytes:
    """``run.json`` of a header: the same bytes for the same header."""
    return header.model_dump_json(indent=1).encode() + b"\n"


def clip_digest(path: Path) -> str:
    """sha256 of a recording, read in pieces; empty when it cannot be read."""
    try:
        return sha256_of(path)
    except (OSError, ValueError):
        return ""


def first_difference(one: Any, other: Any, key: str = "") -> str:
    """Where two plain trees differ first, in words; empty when they do not."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in [*one, *(name for name in other if name not in one)]:
            told = first_difference(one.get(name), other.get(name), f"{key}.{name}" if key else name)
            if told:
                return told
        return ""
    if isinstance(one, list) and isinstance(other, list):
        names, others = _names(one), _names(other)
        if names != others:
            return f"{key}: {', '.join(names) or 'none'} there, {', '.join(others) or 'none'} asked for"
        texts = (first_difference(a, b, f"{key}.{name}") for a, b, name in zip(one, other, names, strict=True))
        return next((text for text in texts if text), "")
    return "" if one == other else f"{key}: {_short(one)} there, {_short(other)} asked for"


def _names(items: Sequence[Any]) -> list[str]:
    return [str(item.get("id", number)) if isinstance(item, dict) else str(number) for number, item in enumerate(items)]


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:59] + "…"


def _refuse_other(path: Path, old: RunHeader, new: RunHeader, finished: dict[str, ClipResult]) -> None:
    """A clip that is not finished may have become another file: it was missing or broken, and now is mended."""
    digests = {clip.id: clip.sha256 for clip in new.clips if clip.id not in finished}
    mended = [clip.model_copy(update={"sha256": digests.get(clip.id, clip.sha256)}) for clip in old.clips]
    there = old.model_copy(update={"clips": tuple(mended)}).model_dump(mode="json")
    told = first_difference(there, new.model_dump(mode="json"))
    if told:
        raise ConfigError(f"another run lies here: {told}", where=str(path), remedy=_ANOTHER)


def _opened(folder: Path) -> Run:
    try:
        return Run(folder)
    except ConfigError as error:
        raise ConfigError(error.what, where=error.where, remedy=_ANOTHER) from None


def _take(folder: Path) -> int:
    """Locks a folder by itself, so that no file of ours lies in it for that; the kernel gives it back."""
    with translated(folder):
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        remedy = f"wait until it is done, or {_ANOTHER}"
        raise ConfigError("another `brain replay` writes here", where=str(folder), remedy=remedy) from None
    except OSError:
        pass  # a file system without locks: then nobody can be kept out
    return handle


def _clear(folder: Path) -> None:
    """Takes away what a kill left half-written; whatever else has such a name beside the run is not ours."""
    for left in (*folder.glob(f"{TEMPORARY}{HEADER}*"), *(folder / CLIPS).glob(f"{TEMPORARY}*")):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def _put_in_place(build: Path, final: Path) -> None:
    """Renames; what lies there, a clip with an error that was tried again, steps aside first."""
    old = build.with_name(build.name + "-old")
    if final.exists():
        final.rename(old)
    build.rename(final)
    sync_folder(final.parent)
    shutil.rmtree(old, ignore_errors=True)
