"""Boxes and polygons: known cases, and what must hold for all."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.core.geometry import (
    WHOLE_PICTURE,
    Box,
    area,
    contains,
    diagonal,
    ground_point,
    iou,
    iou_matrix,
    polygon_area,
)

coordinate = st.floats(-1e4, 1e4, allow_nan=False)
share = st.floats(0, 1)


@st.composite
def boxes(draw: st.DrawFn, values: st.SearchStrategy[float] = coordinate) -> Box:
    x1, x2 = sorted((draw(values), draw(values)))
    y1, y2 = sorted((draw(values), draw(values)))
    return x1, y1, x2, y2


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((0, 0, 2, 2), (0, 0, 2, 2), 1.0),
        ((0, 0, 2, 2), (1, 1, 3, 3), 1 / 7),
        ((0, 0, 4, 4), (1, 1, 3, 3), 0.25),
        ((0, 0, 1, 1), (1, 0, 2, 1), 0.0),  # a shared edge is no overlap
        ((0, 0, 1, 1), (5, 5, 6, 6), 0.0),
        ((0, 0, 0, 0), (0, 0, 0, 0), 0.0),
        ((2, 2, 1, 1), (0, 0, 3, 3), 0.0),  # corners in the wrong order: empty
        ((0, 0, 1e-200, 1e-200), (0, 0, 1e-200, 1e-200), 0.0),  # its area is no longer a number above 0
    ],
)
def test_iou_of_known_boxes(one: Box, other: Box, expected: float) -> None:
    assert iou(one, other) == pytest.approx(expected)


@given(boxes(), boxes())
def test_iou_is_a_share_and_does_not_ask_who_is_first(one: Box, other: Box) -> None:
    value = iou(one, other)
    assert 0 <= value <= 1
    assert value == pytest.approx(iou(other, one))


@given(boxes())
def test_a_box_covers_itself(box: Box) -> None:
    assert iou(box, box) == pytest.approx(1.0 if area(box) > 0 else 0.0)


@given(boxes(st.floats(0, 100)), st.floats(-50, 50), st.floats(0.5, 8))
def test_iou_does_not_change_when_both_boxes_move_and_grow(box: Box, shift: float, scale: float) -> None:
    other: Box = (10, 10, 60, 60)

    def moved(one: Box) -> Box:
        x1, y1, x2, y2 = ((value + shift) * scale for value in one)
        return x1, y1, x2, y2

    assert iou(moved(box), moved(other)) == pytest.approx(iou(box, other), abs=1e-6)


@given(
    st.lists(boxes(st.floats(0, 1000, width=32)), max_size=6), st.lists(boxes(st.floats(0, 1000, width=32)), max_size=6)
)
def test_the_matrix_says_what_the_pairs_say(ones: list[Box], others: list[Box]) -> None:
    first, second = np.array(ones, np.float32).reshape(-1, 4), np.array(others, np.float32).reshape(-1, 4)
    matrix = iou_matrix(first, second)
    assert matrix.shape == (len(ones), len(others))
    assert matrix.dtype == np.float32
    for i, one in enumerate(ones):
        for j, other in enumerate(others):
            if area(one) > 1e-3 and area(other) > 1e-3:
                assert matrix[i, j] == pytest.approx(iou(one, other), abs=2e-3)
    assert np.isfinite(matrix).all()
    assert ((matrix >= 0) & (matrix <= 1.0001)).all()


def test_small_measures() -> None:
    assert area((1, 2, 4, 6)) == 12
    assert area((4, 6, 1, 2)) == 0
    assert diagonal((0, 0, 3, 4)) == 5
    assert ground_point((10, 20, 30, 80)) == (20, 80)
    assert polygon_area(WHOLE_PICTURE) == 1
    assert polygon_area(((0, 0), (1, 0), (0, 1))) == 0.5


@pytest.mark.parametrize(
    ("point", "expected"),
    [((0.5, 0.5), True), ((0.1, 0.9), True), ((-0.1, 0.5), False), ((0.5, 1.1), False), ((2, 2), False)],
)
def test_whole_picture_contains(point: tuple[float, float], expected: bool) -> None:
    assert contains(WHOLE_PICTURE, point) is expected


@pytest.mark.parametrize(("point", "expected"), [((0.25, 0.25), True), ((0.75, 0.75), False), ((0.9, 0.1), True)])
def test_a_notch_is_outside(point: tuple[float, float], expected: bool) -> None:
    notched = ((0.0, 0.0), (1.0, 0.0), (1.0, 0.5), (0.5, 0.5), (0.5, 1.0), (0.0, 1.0))
    assert contains(notched, point) is expected


@given(
    st.integers(3, 9), st.floats(0.05, 0.4), share, share, st.floats(0, 2 * math.pi), st.floats(0, 0.9), st.booleans()
)
def test_regular_polygons(corners: int, radius: float, x: float, y: float, turn: float, far: float, back: bool) -> None:
    angles = [2 * math.pi * k / corners for k in range(corners)]
    polygon = tuple((0.5 + radius * math.cos(a), 0.5 + radius * math.sin(a)) for a in angles)
    if back:
        polygon = polygon[::-1]
    inner = radius * math.cos(math.pi / corners) * far  # within the inscribed circle
    assert contains(polygon, (0.5 + inner * math.cos(turn), 0.5 + inner * math.sin(turn)))
    outer = radius * (1.01 + far)
    assert not contains(polygon, (0.5 + outer * math.cos(turn), 0.5 + outer * math.sin(turn)))
    assert polygon_area(polygon) == pytest.approx(corners / 2 * radius**2 * math.sin(2 * math.pi / corners))
