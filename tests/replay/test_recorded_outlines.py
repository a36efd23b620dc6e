"""Regions in the observations: what is read back is bit by bit what was seen, and damage is named."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brain.core.types import Detections
from brain.scenarios.recorded import RecordedLine, read_line, write_line

SIZE = (640, 360)
BOX = ["water", 0.9, 0.1, 0.2, 0.5, 0.6]
RING = [0.1, 0.2, 0.5, 0.2, 0.5, 0.6]


@st.composite
def regions(draw: st.DrawFn) -> Detections:
    """Any 32-bit figures, not only those rounded as the head rounds them."""
    count = draw(st.integers(1, 3))
    share = st.floats(-0.5, 1.5, width=32)
    outlines = []
    for _ in range(count):
        rings = draw(st.lists(st.lists(st.tuples(share, share), min_size=3, max_size=6), min_size=1, max_size=3))
        outlines.append(tuple(np.array(ring, np.float32) for ring in rings))
    score = np.array(draw(st.lists(st.floats(0, 1, width=32), min_size=count, max_size=count)), np.float32)
    boxes = np.array([[1, 2, 3, 4]] * count, np.float32)
    return Detections(boxes, score, ("water",) * count, tuple(outlines))


@given(regions())
@settings(max_examples=150, deadline=None)
def test_every_bit_of_an_outline_comes_back(seen: Detections) -> None:
    text = write_line(RecordedLine(1.0, SIZE, {"water": seen, "people": Detections.empty()}))
    back = read_line(text)
    again = back.detections["water"].outlines
    assert again is not None
    assert seen.outlines is not None
    assert [[ring.tobytes() for ring in outline] for outline in again] == [
        [ring.tobytes() for ring in outline] for outline in seen.outlines
    ]
    assert {ring.dtype for outline in again for ring in outline} == {np.dtype(np.float32)}
    assert back.detections["people"].outlines is None
    assert write_line(back) == text


def test_outlines_are_written_short() -> None:
    ring = np.array([[0.1234, 0.5], [1, 0.3], [0.0001, 0]], np.float32)
    seen = Detections(np.zeros((1, 4), np.float32), np.ones(1, np.float32), ("water",), ((ring,),))
    assert "[[0.1234,0.5,1.0,0.3,0.0001,0.0]]" in write_line(RecordedLine(0.0, SIZE, {"a": seen}))


@pytest.mark.parametrize(
    "items",
    [
        [BOX, [*BOX, [RING]]],
        [[*BOX, [RING]], BOX],
        [[*BOX, [RING], 1]],
        [[*BOX, [RING[:4]]]],
        [[*BOX, [[*RING, 0.5]]]],
        [[*BOX, [[*RING[:5], "x"]]]],
        [[*BOX, [[*RING[:5], 1e9]]]],
        [[*BOX, [[*RING[:5], None]]]],
        [[*BOX, [[RING, RING]]]],
        [[*BOX, 7]],
    ],
)
def test_outlines_that_are_none(items: list[object]) -> None:
    with pytest.raises(ValueError, match=r"outline|figure|Error"):
        read_line(json.dumps({"pts_s": 1, "detections": {"water": items}}))
