from __future__ import annotations

from pathlib import Path

import pytest

from brain.core.errors import ConfigError
from brain.scenarios.recorded import expected_of, read_recording


@pytest.mark.parametrize(
    "line",
    [
        "",
        "nonsense",
        "{}",
        '{"pts_s": "x", "detections": {}}',
        '{"pts_s": 1, "detections": {"a": [["car", 0.5, 0.1]]}}',
    ],
)
def test_bad_line_names_file_and_line(tmp_path: Path, line: str) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text('{"pts_s": 0, "detections": {}}\n' + line + "\n", "utf-8")
    with pytest.raises(ConfigError) as caught:
        list(read_recording(file))
    assert caught.value.where == f"{file}:2"


def test_boxes_become_pixels(tmp_path: Path) -> None:
    file = tmp_path / "good.jsonl"
    file.write_text('{"pts_s": 4, "detections": {"a": [["car", 0.5, 0.25, 0.5, 0.5, 1.0]], "b": []}}\n', "utf-8")
    ((sample, observations),) = read_recording(file)
    assert sample.pts_s == 4
    assert observations.by_algorithm["a"].box(0) == (160, 180, 320, 360)
    assert len(observations.by_algorithm["b"]) == 0


def test_expected_must_lie_beside(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        expected_of(tmp_path / "alone.jsonl")
