"""What the scenarios raise on real clips, beside what a careful person saw in them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.clips
@pytest.mark.slow
def test_every_event_of_the_clips_is_raised_in_its_window_and_nothing_else(shared_dir: Path) -> None:
    clips, weights = shared_dir / "material" / "videos", shared_dir / "material" / "weights" / "yolox_nano.onnx"
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "real_clips.py", clips, "--weights", weights],
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    print(done.stdout, done.stderr)
    assert done.returncode == 0
    assert "31 of 31 as wanted" in done.stdout
