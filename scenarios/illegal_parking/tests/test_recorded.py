"""Recorded observations of this folder must cause exactly the changes that lie beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from brain.scenarios.recorded import changes_of, expected_of
from brain.scenarios.registry import read_scenario

FOLDER = Path(__file__).resolve().parent
RECORDINGS = sorted(FOLDER.glob("*.jsonl"))


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
def test_recorded(recording: Path) -> None:
    scenario = read_scenario(FOLDER.parent)
    assert changes_of(scenario, recording) == expected_of(recording).changes
