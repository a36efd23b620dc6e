"""Drawn clips that are kept: each is drawn and encoded once, then read from the cache."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache as once
from pathlib import Path

from brain.config.paths import cache
from brain.core.errors import UsageError
from brain.runtime.pool import Task, Tell, run_jobs
from brain.sim.encode import encode
from brain.sim.spec import SceneSpec

Progress = Callable[[float, int], None]
"""Told of pictures drawn and pictures in all."""


@once
def drawing_version() -> str:
    """A word that changes with the source of the drawing: pictures drawn by another version are not taken for ours."""
    folder = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class ClipWish:
    """A clip to be kept: what is drawn, seconds from key frame to key frame, speed of the encoder."""

    spec: SceneSpec
    gop_s: float = 2.0
    preset: str = "veryfast"


def clip_path(wish: ClipWish, folder: Path | None = None) -> Path:
    """Where a clip is kept; the name holds all that its pixels depend on."""
    word = hashlib.sha256(f"{wish!r} {drawing_version()}".encode()).hexdigest()[:16]
    return (folder or cache() / "sim") / f"{wish.spec.scene}-{wish.spec.seed}-{word}.mp4"


def keep_clips(
    wishes: Sequence[ClipWish], workers: int, progress: Progress | None = None, folder: Path | None = None
) -> list[Path]:
    """The files of all clips, in order; those that are not there yet are drawn, in several processes.

    Raises:
        UsageError: the folder cannot be written.
    """
    paths = [clip_path(wish, folder) for wish in wishes]
    lacking = {path: wish for wish, path in zip(wishes, paths, strict=True) if not path.exists()}
    jobs = [(wish, str(path)) for path, wish in lacking.items()]
    if not jobs:
        return paths
    _make(Path(jobs[0][1]).parent)
    done, total = [0.0] * len(jobs), sum(wish.spec.pictures for wish, _ in jobs)

    def tell(number: int, far: float) -> None:
        done[number] = far
        if progress is not None:
            progress(sum(done), total)

    def lost(number: int, how: str) -> None:
        wish = jobs[number][0]
        raise UsageError(f"the process that drew {wish.spec.scene} died ({how})", remedy="call it again")

    for number, _ in run_jobs(Task(_Drawer, None, jobs, lost, tell), workers):
        tell(number, jobs[number][0].spec.pictures)
    return paths


class _Drawer:
    """Draws clip after clip; see ``brain.runtime.pool``."""

    def __init__(self, _: None) -> None:
        pass

    def work(self, job: tuple[ClipWish, str], tell: Tell) -> None:
        wish, path = job
        # Two commands may draw the same clip at one time: each writes a file of its own, the last one stays.
        own = Path(path).with_suffix(f".{os.getpid()}.mp4")
        try:
            encode(wish.spec, own, gop_s=wish.gop_s, preset=wish.preset, progress=lambda far, _: tell(far))
            own.replace(path)
        finally:
            own.unlink(missing_ok=True)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"cannot make the folder: {error.strerror}", where=str(folder), remedy="set BRAIN_HOME to another"
        ) from None
