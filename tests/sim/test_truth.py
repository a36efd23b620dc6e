from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.core.geometry import contains, ground_point, polygon_area
from brain.sim import SceneSpec, truth
from brain.sim.camera import Projector
from brain.sim.layout import layout
from brain.sim.scenes import left_object, quiet
from brain.sim.timeline import timeline

SEEDS = range(40)


@pytest.mark.parametrize("seed", SEEDS)
def test_thing_is_large_whole_and_on_the_pavement(seed: int) -> None:
    spec = left_object(seed)
    known = truth(spec)
    (event,) = known.events
    assert (event.scenario, event.zone, event.began_s, event.ended_s) == ("left_object", "pavement", 8.0, 24.0)
    x1, y1, x2, y2 = event.box
    assert (x2 - x1) * spec.width >= 25
    assert (y2 - y1) * spec.height >= 20
    assert 0.02 < x1 < x2 < 0.98
    assert 0.1 < y1 < y2 < 0.98
    assert event.reach[0] <= x1
    assert event.reach[1] <= y1
    assert event.reach[2] >= x2
    assert event.reach[3] >= y2
    pavement, road = known.zones
    assert (pavement.name, pavement.kind, road.name, road.kind) == ("pavement", "public", "road", "road")
    assert contains(pavement.polygon, ground_point(event.box))
    assert not contains(road.polygon, ground_point(event.box))


@pytest.mark.parametrize("seed", SEEDS)
def test_zones_are_sound(seed: int) -> None:
    for zone in truth(quiet(seed)).zones:
        assert len(zone.polygon) >= 3
        assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in zone.polygon)
        assert polygon_area(zone.polygon) > 0.1
        assert zone.square_metres is not None
        assert 50 < zone.square_metres < 500


def test_nothing_left_no_event_and_shake_moves_no_truth() -> None:
    assert truth(quiet(1)).events == ()
    assert truth(dataclasses.replace(left_object(1), show_thing=False)).events == ()
    still, shaken = truth(left_object(1)), truth(dataclasses.replace(left_object(1), shake_px=3.0))
    assert shaken.zones == still.zones
    assert shaken.events[0].box == pytest.approx(still.events[0].box, abs=1e-9)
    stays = truth(SceneSpec(seed=1, seconds=20, put_down_s=5))
    assert stays.events[0].ended_s is None


@given(seed=st.integers(0, 500), x=st.floats(5.0, 40.0), z=st.floats(-3.0, 15.0), shake=st.sampled_from([0.0, 3.0]))
def test_ground_points_project_back(seed: int, x: float, z: float, shake: float) -> None:
    projector = Projector(layout(SceneSpec(seed=seed, seconds=1, shake_px=shake)).camera)
    found = projector.ground(projector.shares(np.array([[x, 0.0, z]])))
    assert found[0] == pytest.approx((x, z), abs=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_owner_leaves_and_never_hides_the_thing(seed: int) -> None:
    spec = left_object(seed)
    street = layout(spec)
    moving = timeline(spec, street)
    carrier, taker = moving.handlers
    thing = street.thing
    pose = carrier.pose(8.0 + 3.0)
    assert np.hypot(pose.x - thing.x, pose.z - thing.z) > 3.0
    assert min(taker.pose(t).x - thing.x for t in np.arange(8.0, 22.0, 0.25)) > 0.4
    projector = Projector(street.camera)
    depth_of_thing = projector(np.array([[thing.x, 0.0, thing.z]]))[1][0]
    for time_s in np.arange(7.0, 25.0, 1 / 12):
        for handler in moving.handlers:
            pose = handler.pose(float(time_s))
            assert projector(np.array([[pose.x, 0.0, pose.z]]))[1][0] > depth_of_thing


@pytest.mark.parametrize("seed", SEEDS)
def test_people_and_things_move_without_jumps(seed: int) -> None:
    spec = left_object(seed)
    moving = timeline(spec, layout(spec))
    step = 1 / 60
    for handler in moving.handlers:
        poses = [handler.pose(float(t)) for t in np.arange(0, 40, step)]
        moves = [np.hypot(b.x - a.x, b.z - a.z) for a, b in itertools.pairwise(poses)]
        assert max(moves) < 1.7 * step
    places = [moving.thing_at(float(t)) for t in np.arange(6.5, 24.8, step)]
    known = [(thing.x, lift, thing.z) for thing, lift in (place for place in places if place is not None)]
    assert len(known) == len(places)
    assert np.linalg.norm(np.diff(known, axis=0), axis=1).max() < 4.5 * step


@pytest.mark.parametrize("seed", range(10))
def test_cars_of_a_lane_keep_their_distance(seed: int) -> None:
    spec = quiet(seed)
    moving = timeline(spec, layout(spec))
    assert {car.direction for car in moving.cars} == {-1, 1}
    for time_s in np.arange(0, 40, 0.5):
        for direction in (-1, 1):
            places = [car.x(float(time_s)) for car in moving.cars if car.direction == direction]
            there = sorted(x for x in places if x is not None)
            assert all(b - a > 5.0 for a, b in itertools.pairwise(there))
