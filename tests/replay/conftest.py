"""One drawn clip with one event for all tests of replay, and runs of it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from brain.sim.encode import encode
from brain.sim.scenes import left_object

BRAIN = [sys.executable, "-m", "brain.cli.main"]
WATCH = ["--scenario", "left_object", "--profile", "short", "--set", "rule.change.occlusion=2s"]


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty seconds, four pictures a second: a thing is put down at 8 s and taken away at 24 s."""
    spec = replace(left_object(5, seconds=40, fps=4), width=480, height=270)
    return encode(spec, tmp_path_factory.mktemp("drawn") / "left.mp4").path


@pytest.fixture(scope="session")
def recorded(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of a replay of it."""
    run = tmp_path_factory.mktemp("recorded") / "run"
    done = subprocess.run(
        [*BRAIN, "replay", str(drawn), *WATCH, "--record", str(run)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return run
