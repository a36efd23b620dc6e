"""The folder of kept clips: bounded, the longest unused goes first, one in use never."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brain.sim.clips import ClipWish, keep_clips
from brain.sim.clips_cache import clear_broken_off, hold, shrink
from brain.sim.scenes import scene
from brain.sim.unfinished import Unfinished

HOLDER = """
import sys, pathlib
from brain.sim.clips_cache import hold
assert hold(pathlib.Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def put(folder: Path, name: str, size: int, age_s: float) -> Path:
    path = folder / name
    path.write_bytes(bytes(size))
    os.utime(path, (time.time() - age_s,) * 2)
    return path


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 10**6)), max_size=12), st.integers(0, 300))
def test_what_is_left_fits_and_is_the_newest(
    tmp_path_factory: pytest.TempPathFactory, clips: list[tuple[int, int]], limit: int
) -> None:
    folder = tmp_path_factory.mktemp("cache")
    paths = [put(folder, f"quiet-1-{number}.mp4", size, age) for number, (size, age) in enumerate(clips)]
    ages = {path: age for path, (_, age) in zip(paths, clips, strict=True)}
    removed = shrink(folder, limit)
    left = set(folder.iterdir())
    gone = set(paths) - left
    assert len(gone) == removed
    assert sum(path.stat().st_size for path in left) <= limit
    assert all(ages[one] >= ages[other] for one in gone for other in left)
    if gone:  # not one more than needed
        last = min(gone, key=lambda path: ages[path])
        ties = [clips[paths.index(path)][0] for path in gone if ages[path] == ages[last]]
        assert sum(path.stat().st_size for path in left) + max(ties) > limit


def test_a_clip_that_another_process_uses_stays_until_that_ends(tmp_path: Path) -> None:
    used, unused = put(tmp_path, "a-1-x.mp4", 100, 9000), put(tmp_path, "b-1-x.mp4", 100, 50)
    command = [sys.executable, "-c", HOLDER, str(used)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert time.time() - used.stat().st_mtime < 60  # and it counts as used now
        assert shrink(tmp_path, 0) == 1
        assert used.exists()
        assert not unused.exists()
        holder.kill()
    assert shrink(tmp_path, 0) == 1
    assert not used.exists()


def test_what_was_broken_off_goes_what_is_being_drawn_and_other_files_stay(tmp_path: Path) -> None:
    left = [".drawing-a-1-x.mp4-0a1b2c3d", "a-1-x.77.mp4", "a-1-x.77.mp4.part"]
    for name in left:
        put(tmp_path, name, 5, 0)
    kept = [put(tmp_path, "mine.txt", 5, 9), tmp_path / "folder.mp4", tmp_path / "folder.1.mp4"]
    for folder in kept[1:]:
        folder.mkdir()
    drawn = Unfinished.begin(tmp_path, "a-1-x.mp4")
    assert clear_broken_off(tmp_path) == len(left)
    assert set(tmp_path.iterdir()) == {*kept, drawn.path}
    assert shrink(tmp_path, 0) == 0
    drawn.close()
    assert set(tmp_path.iterdir()) == set(kept)
    assert clear_broken_off(tmp_path / "no") == 0


def test_what_is_not_there_is_not_held(tmp_path: Path) -> None:
    assert not hold(tmp_path / "a.mp4")
    assert not hold(tmp_path / "no" / "a.mp4")


def test_new_clips_push_out_old_ones_but_not_those_of_this_call(tmp_path: Path) -> None:
    old = put(tmp_path, "old-1-x.mp4", 100, 9)
    put(tmp_path, ".drawing-quiet-1-x.mp4-0a1b2c3d", 5, 0)  # of a process that was killed
    wishes = [ClipWish(scene("quiet", seed, seconds=0.5, fps=4, width=160, height=90)) for seed in (1, 2, 1)]
    first, second, again = keep_clips(wishes, 1, folder=tmp_path, limit_bytes=50)
    assert first == again
    assert not old.exists()
    assert set(tmp_path.iterdir()) == {first, second}
