"""The bench of a replay, on a clip of seconds: both sides look at the same samples."""

from __future__ import annotations

from pathlib import Path

import pytest

from brain.bench.replay import HourSubject, bare_hour, replay_hour
from brain.bench.sweep import sweep_hour
from brain.core.errors import BrainError


def test_both_sides_look_at_the_same_samples(drawn: Path, tmp_path: Path) -> None:
    subject = HourSubject(drawn, ("left_object",), "", 480)
    done, bare = replay_hour(subject, tmp_path / "run"), bare_hour(subject)
    assert done.samples == bare.samples == 20
    assert done.cost.cpu_s > 0
    assert bare.cpu_s > 0
    assert done.cost.peak_mb > 10
    pytest.importorskip("scipy")
    swept = sweep_hour(tmp_path / "run")
    assert (swept.scenario, swept.settings) == ("left_object", 2000)


def test_a_side_that_fails_says_why(tmp_path: Path) -> None:
    subject = HourSubject(tmp_path / "none.mp4", ("left_object",), "", 480)
    with pytest.raises(BrainError, match=r"brain\.cli\.main failed") as caught:
        replay_hour(subject, tmp_path / "run")
    assert "no such file" in caught.value.remedy
