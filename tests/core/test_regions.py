"""What regions cover, held against point by point arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brain.core.geometry import contains
from brain.core.regions import covered, region_mask
from brain.core.types import Detections

SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def ring(*points: tuple[float, float]) -> np.ndarray:
    return np.array(points, np.float32)


def rectangle(x1: float, y1: float, x2: float, y2: float) -> np.ndarray:
    return ring((x1, y1), (x2, y1), (x2, y2), (x1, y2))


@given(
    seed=st.integers(0, 100_000),
    corners=st.integers(3, 9),
    size=st.tuples(st.integers(1, 24), st.integers(1, 24)),
    window=st.sampled_from([(0.0, 0.0, 1.0, 1.0), (0.25, 0.5, 0.5, 0.75), (-1.0, -1.0, 2.0, 2.0)]),
)
@settings(max_examples=150, deadline=None)
def test_a_pixel_counts_when_its_middle_is_inside(seed, corners, size, window):
    points = (np.random.default_rng(seed).random((corners, 2)) * 1.4 - 0.2).astype(np.float32)
    mask = region_mask([(points,)], size, window)
    polygon = tuple((float(x), float(y)) for x, y in points)
    width, height = window[2] - window[0], window[3] - window[1]
    for y in range(size[1]):
        for x in range(size[0]):
            middle = window[0] + (x + 0.5) / size[0] * width, window[1] + (y + 0.5) / size[1] * height
            assert mask[y, x] == contains(polygon, middle)


def test_holes_and_overlaps():
    outer, hole = rectangle(0, 0, 1, 1), rectangle(0.25, 0.25, 0.75, 0.75)
    mask = region_mask([(outer, hole)], (8, 8))
    assert mask.sum() == 64 - 16
    assert not mask[2:6, 2:6].any()
    # Two regions that overlap are one, not none.
    assert region_mask([(rectangle(0, 0, 0.75, 1),), (rectangle(0.25, 0, 1, 1),)], (8, 8)).all()
    assert not region_mask([], (8, 8)).any()
    assert not region_mask([(ring((0, 0), (1, 1)),), ()], (8, 8)).any()


@pytest.mark.parametrize(
    ("outlines", "polygon", "share"),
    [
        ([], SQUARE, 0.0),
        ([(rectangle(0, 0, 1, 0.5),)], SQUARE, 0.5),
        ([(rectangle(0, 0, 1, 0.5),)], ((0.2, 0.4), (0.4, 0.4), (0.4, 0.6), (0.2, 0.6)), 0.5),
        ([(rectangle(0, 0, 1, 1), rectangle(0.25, 0.25, 0.75, 0.75))], SQUARE, 0.75),
        ([(rectangle(0, 0, 0.5, 0.5),), (rectangle(0.25, 0, 0.5, 0.5),)], SQUARE, 0.25),
        ([(rectangle(0, 0, 1, 1),)], ((0.01, 0.01), (0.011, 0.01), (0.011, 0.011)), 1.0),
        ([(rectangle(0, 0, 1, 1),)], ((0.5, 0.5), (0.5, 0.5), (0.5, 0.5)), 0.0),
    ],
)
def test_share_of_a_zone(outlines, polygon, share):
    assert covered(outlines, polygon) == pytest.approx(share, abs=0.005)


def test_outlines_go_where_their_boxes_go():
    outlines = tuple((rectangle(0, 0, side, side),) for side in (0.1, 0.2, 0.3))
    seen = Detections(np.zeros((3, 4), np.float32), np.array([0.9, 0.5, 0.7], np.float32), ("a", "b", "a"), outlines)
    kept = seen.keep(seen.score > 0.6).renamed({"a": "water"})
    assert (kept.label, kept.outlines) == (("water", "water"), (outlines[0], outlines[2]))
    assert seen.keep(np.zeros(3, bool)).outlines == ()
    boxes = Detections(seen.xyxy, seen.score, seen.label)
    assert boxes.keep(seen.score > 0.6).renamed({"a": "x"}).outlines is None
