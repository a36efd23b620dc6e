"""What stands before what, what is brought back to the front, and what is kept from picture to picture."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from brain.sim.draw import bounds, circle_for, hull
from brain.sim.kept import Kept
from brain.sim.order import Standing, before, enters, far_to_near, standing
from brain.sim.paint.pad import Pad, Sprite
from brain.sim.reflections import WHOLE_AREA, turned_over, turned_sprite
from brain.sim.shadows import HALF_SIGMA, Soft

BOX = (0, 0, 10, 10)
PLACES = st.floats(3, 30)
TURNS = st.floats(0, math.pi)


def car(x: float, z: float, heading: float, length: float = 4.6, width: float = 1.8) -> Standing:
    """A vehicle that covers a rectangle on the ground, its depth told as that of its middle."""
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * [length / 2, width / 2]
    turn = np.array([[math.cos(heading), math.sin(heading)], [-math.sin(heading), math.cos(heading)]])
    ground = corners @ turn + [x, z]
    outline = np.column_stack([ground[:, 0], np.zeros(4), ground[:, 1]])
    return standing(math.hypot(x, z), np.array([x, 0.0, z]), outline, BOX)


def post(x: float, z: float) -> Standing:
    return Standing(math.hypot(x, z), (x, z), (), BOX, long=False)


@given(x=PLACES, z=PLACES, heading=TURNS, target_x=PLACES, target_z=PLACES)
def test_a_footprint_is_entered_where_the_way_to_a_point_first_meets_it(
    x: float, z: float, heading: float, target_x: float, target_z: float
) -> None:
    body = car(x, z, heading)
    share = enters(body.edges, (target_x, target_z))
    ways = np.linspace(0, 3, 3001)[:, None] * [target_x, target_z]
    within = np.all([ways @ [nx, nz] <= bound + 1e-6 for nx, nz, bound in body.edges], axis=0)
    if share is not None and share <= 3 and within.any():
        assert share == pytest.approx(3 * int(np.argmax(within)) / 3000, abs=2e-3)
    # A way that only grazes a corner may fall between two of the samples.
    assert share is not None or within.sum() <= 2


@given(x=PLACES, z=PLACES, heading=TURNS, share=st.sampled_from([0.3, 0.6, 1.6, 2.5]))
def test_a_post_on_the_way_to_a_car_is_before_it_and_one_behind_it_is_not(
    x: float, z: float, heading: float, share: float
) -> None:
    assume(math.hypot(x, z) > 10)
    body, there = car(x, z, heading), post(x * share, z * share)
    assert before(there, body) == (share < 1)
    assert before(body, there) == (share > 1)


def test_a_walker_beside_a_long_bus_is_sorted_by_the_bus_and_not_by_its_middle() -> None:
    """He stands behind its rear end, but nearer than its middle."""
    bus = car(20.0, 10.0, 0.0, length=12.0, width=2.5)
    behind, ahead = post(16.5, 12.5), post(24.0, 8.4)
    assert behind.depth < bus.depth < ahead.depth
    assert far_to_near([bus, behind]) == [1, 0]
    assert far_to_near([bus, ahead]) == [0, 1]


def test_the_least_recently_used_is_given_up_and_what_has_no_key_is_never_kept() -> None:
    made: list[str] = []

    def make(name: str) -> str:
        made.append(name)
        return name.upper()

    kept: Kept[str] = Kept(2)
    assert [kept.get(name, make, name) for name in "abacab"] == list("ABACAB")
    assert made == ["a", "b", "c", "b"]
    assert [kept.get(None, make, "d") for _ in range(2)] == ["D", "D"]
    assert made[-2:] == ["d", "d"]


@given(st.lists(st.tuples(st.floats(-50, 60), st.floats(-40, 60)), min_size=1, max_size=6), st.floats(0, 5))
def test_bounds_hold_all_pixels_around_points_and_lie_on_the_canvas(
    places: list[tuple[float, float]], pad: float
) -> None:
    points = np.array(places)
    low, high = np.floor(points.min(axis=0) - pad), np.ceil(points.max(axis=0) + pad) + 1
    x1, y1, x2, y2 = np.clip([*low, *high], 0, [40, 20, 40, 20]).astype(int).tolist()
    assert bounds(points, (40, 20), pad) == ((x1, y1, x2, y2) if x1 < x2 and y1 < y2 else None)


def test_hulls_are_painted_in_order_with_what_is_painted_between_them() -> None:
    pad = Pad((0, 0, 30, 20))
    square = np.array([[2.0, 2.0], [27.0, 2.0], [27.0, 17.0], [2.0, 17.0]])
    pad.hull(np.array([[15.0, 10.0]]), (6.0,), (0.0, 0.0, 255.0))
    pad.poly(square, (0.0, 255.0, 0.0))
    pad.hull(np.array([[10.0, 10.0], [20.0, 10.0]]), np.array([4.0, 4.0]), (255.0, 0.0, 0.0))
    sprite = pad.sprite()
    assert sprite.colours[10, 15].tolist() == [255, 0, 0]
    assert sprite.colours[4, 4].tolist() == [0, 255, 0]
    assert not (sprite.colours[..., 2] > 0).any()
    blue = float(sprite.colours[..., 0].sum()) / 255
    assert blue == pytest.approx(math.pi * 16 + 80, rel=0.08)


@pytest.mark.parametrize("radius", [1.2, 3.7, 11.0])
def test_a_disc_has_its_own_area_at_any_size(radius: float) -> None:
    pad = Pad((0, 0, 40, 40))
    pad.hull(np.array([[20.0, 20.0]]), (radius,), (255.0, 255.0, 255.0))
    area = float(pad.sprite().alpha.sum()) / 255
    assert area == pytest.approx(math.pi * radius**2, rel=0.12 if circle_for(radius) < 2 else 0.05)
    assert cv2.countNonZero(pad.sprite().alpha) < (2 * radius + 3) ** 2


@given(
    foot=st.tuples(st.floats(0, 600), st.floats(0, 300)), lean=st.floats(-9, 9), high=st.floats(5, 80),
    deep=st.floats(5, 80), along=st.tuples(st.floats(-20, 20), st.floats(-40, 40)),
)  # fmt: skip
def test_a_body_turned_over_stands_on_its_mirror_image(
    foot: tuple[float, float], lean: float, high: float, deep: float, along: tuple[float, float]
) -> None:
    x, y = foot
    up, down = [x + lean, y - high], [x - lean, y + deep]
    turn = turned_over([x, y], up, down, [x + along[0], y + along[1]])
    # Where line and height are seen in one direction, there is no such map.
    assume(turn is not None)
    assert turn is not None

    def moved(u: float, v: float) -> list[float]:
        return (turn @ [u, v, 1.0]).tolist()  # type: ignore[no-any-return]

    assert moved(x, y) == pytest.approx([x, y], abs=1e-3)
    assert moved(*up) == pytest.approx(down, abs=1e-3)
    level = abs(y + along[1] - y) >= abs(x + along[0] - x)
    held = [x + 1.0, y] if level else [x + along[0], y + along[1]]
    assert moved(*held) == pytest.approx(held, abs=1e-3)


def test_what_lies_flat_is_not_turned_over() -> None:
    assert turned_over([5.0, 5.0], [5.0, 5.0], [5.0, 5.0], [9.0, 5.0]) is None


def test_a_large_mirror_image_worked_out_half_as_fine_lies_where_the_whole_one_does() -> None:
    alpha = np.zeros((81, 61), np.uint8)
    cv2.circle(alpha, (30, 24), 18, 255, -1, cv2.LINE_AA)
    alpha = cv2.GaussianBlur(alpha, (0, 0), 2.0).astype(np.uint8)
    sprite = Sprite((7, 3, 68, 84), np.ascontiguousarray(np.dstack([alpha] * 3)), alpha)
    turn, rect = np.array([[1.0, 0.1, -4.0], [0.0, -0.9, 160.0]]), (5, 80, 72, 161)
    assert (rect[2] - rect[0]) * (rect[3] - rect[1]) > WHOLE_AREA
    half = turned_sprite(sprite, turn, rect)
    moved = turn.copy()
    moved[:, 2] += moved[:, :2] @ sprite.rect[:2] - rect[:2]
    whole = cv2.warpAffine(np.dstack([sprite.colours, alpha]), moved, (67, 81))
    assert half.shape == whole.shape
    assert np.abs(half.astype(int) - whole).max() <= 12
    assert np.abs(half.astype(int) - whole).mean() < 1.0


@pytest.mark.parametrize("start", [0, 255])
def test_a_very_soft_shadow_worked_out_half_as_fine_is_the_same(start: int) -> None:
    points, size = np.array([[20.0, 15.0], [47.0, 22.0], [30.0, 38.0]]), (71, 53)
    soft = Soft((10, 10, 10 + size[0], 10 + size[1]), start, 2 * HALF_SIGMA)
    soft.hull(points, 3.0, 255 - start)
    whole = np.full(size[::-1], start, np.uint8)
    hull(whole, points, np.full(3, 3.0), 255 - start)
    expected = cv2.GaussianBlur(whole, (0, 0), 2 * HALF_SIGMA)
    assert soft.picture().shape == whole.shape
    # The steepest slope is about 32 levels a pixel: the edge lies within half a pixel.
    assert np.abs(soft.picture().astype(int) - expected).max() <= 14
