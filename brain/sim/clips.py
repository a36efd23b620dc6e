"""Drawn clips that are kept: each is drawn and encoded once, then read from the cache."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache as once
from pathlib import Path

from brain.config.paths import cache
from brain.core.errors import UsageError
from brain.runtime.pool import Task, Tell, run_jobs
from brain.sim.clips_cache import LIMIT_BYTES, clear_broken_off, hold, shrink
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
    wishes: Sequence[ClipWish],
    workers: int,
    progress: Progress | None = None,
    folder: Path | None = None,
    limit_bytes: int = LIMIT_BYTES,
) -> list[Path]:
    """The files of all clips, in order; those that are not there yet are drawn, in several processes.

    None of them is removed while this process lives; of the others the longest unused give way when the folder is full.

    Raises:
        UsageError: the folder cannot be written.
    """
    paths = [clip_path(wish, folder) for wish in wishes]
    lacking = {path: wish for path, wish in dict(zip(paths, wishes, strict=True)).items() if not hold(path)}
    if not lacking:
        return paths
    _make(paths[0].parent)
    clear_broken_off(paths[0].parent)
    try:
        _draw([_Job(wish, path) for path, wish in lacking.items()], workers, progress)
    finally:
        clear_broken_off(paths[0].parent)  # of processes that were ended in the middle of a clip
    shrink(paths[0].parent, limit_bytes)
    return paths


@dataclass(frozen=True, slots=True)
class _Job:
    """A clip to be drawn, and where it will be kept: two commands may draw it at one time, the last one stays."""

    wish: ClipWish
    path: Path


def _draw(jobs: Sequence[_Job], workers: int, progress: Progress | None) -> None:
    done, total = [0.0] * len(jobs), sum(job.wish.spec.pictures for job in jobs)

    def tell(number: int, far: float) -> None:
        done[number] = far
        if progress is not None:
            progress(sum(done), total)

    def lost(number: int, how: str) -> None:
        what = f"the process that drew {jobs[number].wish.spec.scene} died ({how})"
        raise UsageError(what, remedy="call it again")

    with closing(run_jobs(Task(_Drawer, None, jobs, lost, tell), workers)) as drawn:
        for number, _ in drawn:
            tell(number, jobs[number].wish.spec.pictures)
            hold(jobs[number].path)


class _Drawer:
    """Draws clip after clip; see ``brain.runtime.pool``."""

    def __init__(self, _: None) -> None:
        pass

    def work(self, job: _Job, tell: Tell) -> None:
        wish = job.wish
        encode(wish.spec, job.path, gop_s=wish.gop_s, preset=wish.preset, progress=lambda far, _: tell(far))


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"cannot make the folder: {error.strerror}", where=str(folder), remedy="set BRAIN_HOME to another"
        ) from None
