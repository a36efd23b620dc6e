"""A feed of observations: what it takes, and what it passes over without falling."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from brain.runtime.feed import MAX_LINE, FeedFile


def line(pts_s: float, *items: list[object]) -> str:
    return json.dumps({"pts_s": pts_s, "detections": {"person_detection": list(items)}}) + "\n"


GOOD = line(1.0, ["person", 0.9, 0.1, 0.2, 0.3, 0.4])


def test_lines_become_observations_and_a_place_to_go_on_from(tmp_path: Path) -> None:
    path = tmp_path / "feed.jsonl"
    path.write_text(GOOD + line(2.0) + '{"pts_s": 3.0, "det')
    feed = FeedFile("c", "main", path)
    found = list(feed.lines())
    assert [item.sample.pts_s for item in found] == [1.0, 2.0]
    seen = found[0].observations.by_algorithm["person_detection"]
    assert seen.label == ("person",)
    assert seen.xyxy.tolist() == [pytest.approx([64, 72, 192, 144])]
    with path.open("a") as file:
        file.write('ections": {}}\n')
    assert [item.sample.pts_s for item in FeedFile("c", "main", path, found[-1].next_byte).lines()] == [3.0]


@pytest.mark.parametrize(
    "bad",
    [
        "no json\n",
        "[]\n",
        "{}\n",
        '{"pts_s": "x", "detections": {}}\n',
        '{"pts_s": NaN, "detections": {}}\n',
        '{"pts_s": 1e300, "detections": {}}\n',
        '{"pts_s": 1, "detections": [1]}\n',
        '{"pts_s": 1, "detections": {"a": [["car"]]}}\n',
        '{"pts_s": 1, "detections": {"a": [["car", 0.5, 0, 0, 1]]}}\n',
        '{"pts_s": 1, "detections": {"a": [["car", 0.5, 0, 0, NaN, 1]]}}\n',
        '{"pts_s": 1, "detections": {"a": [["car", 0.5, 0, 0, 1e30, 1]]}}\n',
        '{"pts_s": 1, "detections": {"a": 5}}\n',
        "[" * 100_000 + "\n",
        "x" * (MAX_LINE + 10) + "\n",
    ],
)
def test_a_bad_line_is_counted_and_the_next_one_taken(tmp_path: Path, bad: str) -> None:
    path = tmp_path / "feed.jsonl"
    path.write_text(bad + GOOD)
    feed = FeedFile("c", "main", path)
    assert [item.sample.pts_s for item in feed.lines()] == [1.0]
    assert feed.bad >= 1


def test_a_label_that_is_no_text_is_made_plain(tmp_path: Path) -> None:
    path = tmp_path / "feed.jsonl"
    path.write_text(line(1.0, ["\ud800", 0.9, 0, 0, 1, 1]))
    (found,) = FeedFile("c", "main", path).lines()
    assert found.observations.by_algorithm["person_detection"].label == ("?",)
