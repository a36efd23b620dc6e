"""Truth files against the clips that lie there."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from brain.cli.evaluate.truth import app
from brain.sim.encode import encode
from brain.sim.spec import SceneSpec


@pytest.mark.parametrize(
    ("span", "said"),
    [
        ("began_s: 1, ended_s: 3", None),
        ("began_s: 1, ended_s: 4.3", None),  # lengths are rounded
        ("began_s: 1, ended_s: 9", "ended_s: 9 s, but the file has 4.00 s"),
        ("began_s: 20", "began_s: 20 s, but the file has 4.00 s"),
    ],
)
def test_a_trouble_after_the_end_of_its_clip_is_a_mistake(tmp_path: Path, span: str, said: str | None) -> None:
    encode(SceneSpec(seed=1, seconds=4, width=160, height=90, fps=4), tmp_path / "a.mp4")
    truth = tmp_path / "truth.yaml"
    truth.write_text(f"clips:\n  - file: a.mp4\n    events:\n      - {{scenario: left_object, {span}}}\n")
    done = CliRunner().invoke(app, ["check", str(truth)])
    assert done.exit_code == (0 if said is None else 1)
    assert said is None or f"{truth}:4: {said}" in done.stdout + done.stderr
