"""A sample's line in the observations: what is read back is bit by bit what was seen."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brain.core.types import Detections
from brain.scenarios.recorded import RecordedLine, read_line, write_line


@st.composite
def lines(draw: st.DrawFn) -> RecordedLine:
    size = draw(st.integers(1, 8192)), draw(st.integers(1, 8192))
    figures = st.floats(-9 * min(size), 9 * min(size), width=32)
    detections = {}
    for name in draw(st.lists(st.sampled_from(["a", "b", "person_detection"]), unique=True)):
        boxes = draw(st.lists(st.tuples(figures, figures, figures, figures), max_size=4))
        scores = draw(st.lists(st.floats(0, 1, width=32), min_size=len(boxes), max_size=len(boxes)))
        labels = draw(
            st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=len(boxes), max_size=len(boxes))
        )
        xyxy = np.array(boxes, np.float32).reshape(-1, 4)
        detections[name] = Detections(xyxy, np.array(scores, np.float32), tuple(labels))
    unjudged = tuple(draw(st.lists(st.sampled_from(["x", "y"]), unique=True)))
    return RecordedLine(draw(st.floats(0, 1e7)), size, detections, unjudged)


@given(lines())
@settings(max_examples=300, deadline=None)
def test_every_bit_comes_back(line: RecordedLine) -> None:
    text = write_line(line)
    assert "\n" not in text.replace("\\n", "")
    back = read_line(text)
    assert (back.pts_s, back.size, set(back.unjudged)) == (line.pts_s, line.size, set(line.unjudged))
    assert back.asked == line.asked
    assert set(back.detections) == set(line.detections)
    for name, seen in line.detections.items():
        again = back.detections[name]
        assert again.label == seen.label
        assert again.score.dtype == again.xyxy.dtype == np.float32
        assert again.xyxy.tobytes() == seen.xyxy.tobytes()
        assert again.score.tobytes() == seen.score.tobytes()
    assert write_line(back) == text


def test_the_order_of_algorithms_does_not_matter() -> None:
    one, other = Detections.empty(), Detections.empty()
    first = RecordedLine(1.0, (640, 360), {"b": one, "a": other}, ("z", "y"))
    second = RecordedLine(1.0, (640, 360), {"a": one, "b": other}, ("y", "z"))
    assert write_line(first) == write_line(second)


@pytest.mark.parametrize("size", [[640], [640, 0], [640, -1], ["640", 360], [1 << 20, 360], 7, None, [640.5, 2]])
def test_a_size_that_is_none_is_refused(size: object) -> None:
    with pytest.raises(ValueError, match=r"size|unpack|iterate|iterable"):
        read_line(json.dumps({"pts_s": 1, "size": size, "detections": {}}))


def test_nan_is_never_written() -> None:
    seen = Detections(np.full((1, 4), np.nan, np.float32), np.ones(1, np.float32), ("car",))
    with pytest.raises(ValueError, match="JSON"):
        write_line(RecordedLine(0.0, (640, 360), {"a": seen}))
