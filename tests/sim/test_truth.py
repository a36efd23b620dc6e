from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.core.geometry import contains, ground_point, polygon_area
from brain.sim import SceneSpec, truth
from brain.sim.actors.people import Walker
from brain.sim.actors.vehicles import Vehicle
from brain.sim.calibration import calibration
from brain.sim.camera import Projector
from brain.sim.cast import Cast
from brain.sim.scenes import left_object, quiet, scene
from brain.sim.spec import LIGHTS
from brain.sim.stages import STAGES
from brain.sim.things.carried import CarriedCase, Handler
from brain.sim.world import world

SEEDS = range(40)
MIRRORS_M = 0.3


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
    pavement, road = known.zones[:2]
    assert (pavement.name, pavement.kind, road.name, road.kind) == ("pavement", "public", "road", "road")
    assert contains(pavement.polygon, ground_point(event.box))
    assert not contains(road.polygon, ground_point(event.box))


@pytest.mark.parametrize("seed", SEEDS)
def test_zones_are_sound(seed: int) -> None:
    for zone in truth(quiet(seed)).zones:
        assert len(zone.polygon) >= 3
        assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in zone.polygon)
        assert zone.square_metres is not None
        if zone.name in ("pavement", "road"):
            assert polygon_area(zone.polygon) > 0.1
            assert 50 < zone.square_metres < 500
        else:
            assert polygon_area(zone.polygon) > 0.004
            assert 5 < zone.square_metres < 200


def test_nothing_left_no_event_and_shake_moves_no_truth() -> None:
    assert truth(quiet(1)).events == ()
    assert truth(dataclasses.replace(left_object(1), show_thing=False)).events == ()
    still, shaken = truth(left_object(1)), truth(dataclasses.replace(left_object(1), shake_px=3.0))
    assert shaken.zones == still.zones
    assert shaken.events[0].box == pytest.approx(still.events[0].box, abs=1e-9)
    stays = truth(SceneSpec(seed=1, seconds=20, put_down_s=5))
    assert stays.events[0].ended_s is None


@given(
    seed=st.integers(0, 500), stage=st.sampled_from(list(STAGES)), u=st.floats(0, 1), v=st.floats(0.55, 1.0),
    shake=st.sampled_from([0.0, 3.0]),
)  # fmt: skip
def test_ground_points_project_back(seed: int, stage: str, u: float, v: float, shake: float) -> None:
    spec = SceneSpec(seed=seed, seconds=1, shake_px=shake)
    camera = STAGES[stage](spec).camera
    projector = Projector(camera)
    share = np.array([[u, v]])
    ground = projector.ground(share)
    back = projector.shares(np.array([[ground[0, 0], 0.0, ground[0, 1]]]))
    assert np.abs((back - share) * [spec.width, spec.height]).max() < 0.01
    told = calibration(camera).project(ground)
    assert np.abs(told - (share * [spec.width, spec.height] - 0.5)).max() < 0.01


def parts(cast: Cast) -> tuple[list[Handler], CarriedCase]:
    handlers = [
        entity.pose for entity in cast.entities if isinstance(entity, Walker) and isinstance(entity.pose, Handler)
    ]
    (case,) = (entity for entity in cast.entities if isinstance(entity, CarriedCase))
    return handlers, case


@pytest.mark.parametrize("seed", SEEDS)
def test_owner_leaves_and_never_hides_the_thing(seed: int) -> None:
    cast = world(left_object(seed))
    (carrier, taker), case = parts(cast)
    thing = case.thing
    pose = carrier(8.0 + 3.0)
    assert np.hypot(pose.x - thing.x, pose.z - thing.z) > 3.0
    assert min(taker(t).x - thing.x for t in np.arange(8.0, 22.0, 0.25)) > 0.4
    projector = Projector(cast.plan.camera)
    depth_of_thing = projector(np.array([[thing.x, 0.0, thing.z]]))[1][0]
    for time_s in np.arange(7.0, 25.0, 1 / 12):
        for handler in (carrier, taker):
            pose = handler(float(time_s))
            assert projector(np.array([[pose.x, 0.0, pose.z]]))[1][0] > depth_of_thing


@pytest.mark.parametrize("seed", range(12))
def test_people_and_things_move_without_jumps(seed: int) -> None:
    handlers, case = parts(world(left_object(seed)))
    step = 1 / 60
    for handler in handlers:
        poses = [handler(float(t)) for t in np.arange(0, 40, step)]
        moves = [np.hypot(b.x - a.x, b.z - a.z) for a, b in itertools.pairwise(poses)]
        assert max(moves) < 1.7 * step
    places = [case.where(float(t)) for t in np.arange(6.5, 24.8, step)]
    known = [(thing.x, lift, thing.z) for thing, lift in (place for place in places if place is not None)]
    assert len(known) == len(places)
    assert np.linalg.norm(np.diff(known, axis=0), axis=1).max() < 4.5 * step


@pytest.mark.parametrize("name", ["quiet", "parked_car", "queue_at_lights"])
@pytest.mark.parametrize("seed", range(6))
def test_vehicles_never_drive_through_one_another(name: str, seed: int) -> None:
    cast = world(scene(name, seed, seconds=40))
    vehicles = [entity for entity in cast.entities if isinstance(entity, Vehicle)]
    assert len(vehicles) > 4
    for time_s in np.arange(0, 40, 0.5):
        there = [
            (place, np.ptp(np.vstack([mesh.points for mesh in vehicle.body]), axis=0) - [0, 0, MIRRORS_M])
            for vehicle in vehicles
            if (place := vehicle.track.at(float(time_s))) is not None
        ]
        for (one, size), (other, other_size) in itertools.combinations(there, 2):
            if abs(one.z - other.z) < (size[2] + other_size[2]) / 2 - 0.05:
                assert abs(one.x - other.x) > (size[0] + other_size[0]) / 2 - 0.05, (time_s, one, other)


@pytest.mark.parametrize("light", LIGHTS)
def test_light_changes_no_truth(light: str) -> None:
    day, other = truth(scene("parked_car", 3)), truth(scene("parked_car", 3, light=light))
    assert [(event.began_s, event.ended_s, event.box) for event in day.events] == [
        (event.began_s, event.ended_s, event.box) for event in other.events
    ]
    assert day.zones == other.zones
