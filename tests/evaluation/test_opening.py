"""What every command sees of a run and its truth."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from brain.evaluation.opening import open_judged

NOW = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)


def test_a_misspelt_scenario_leaves_its_clip_out_and_turns_no_hit_into_a_false_alarm(
    tmp_path: Path, make_run: Any, make_clip: Any, make_event: Any
) -> None:
    make_run(
        tmp_path / "run",
        clips=[make_clip("good"), make_clip("bad")],
        events={"good": [make_event(135.0)], "bad": [make_event(135.0)]},
    )
    (tmp_path / "truth.yaml").write_text(
        "labelled: [left_object]\n"
        "clips:\n"
        "  - {file: good.mp4, events: [{scenario: left_object, began_s: 100, ended_s: 300}]}\n"
        "  - {file: bad.mp4, events: [{scenario: lef_object, began_s: 100, ended_s: 300}]}\n"
    )
    _, truth, judgement = open_judged(tmp_path / "run", tmp_path / "truth.yaml", "brain evaluate events", NOW)
    assert [(mistake.clip, mistake.where.rpartition(":")[2]) for mistake in truth.mistakes] == [("bad.mp4", "4")]
    assert "did you mean 'left_object'" in truth.mistakes[0].what
    assert [(item.clip, item.verdict.value) for item in judgement.items] == [("good", "hit")]
    assert any(item.is_error and "lef_object" in item.why for item in judgement.left_out)
