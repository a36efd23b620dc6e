"""Urban scenes and what is easily taken for them: events begin as documented, zones are of the right kind."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from brain.core.geometry import contains
from brain.core.types import Zone
from brain.sim import Scene, Truth, truth
from brain.sim.actors.cycle_parker import CycleParker
from brain.sim.actors.people import Walker
from brain.sim.actors.vehicles import Vehicle
from brain.sim.scenes import (
    SCENES,
    cycle_parking,
    garbage_likes,
    gathering_likes,
    intrusion,
    kerb_stops,
    road_damage,
    scene,
    shop_fronts,
    vendors,
)
from brain.sim.scenes.gathering import CROWD_FROM
from brain.sim.scenes.kinds import SceneKind
from brain.sim.things.decal import Decal
from brain.sim.world import world

FILES = (cycle_parking, garbage_likes, gathering_likes, intrusion, kerb_stops, road_damage, shop_fronts, vendors)
KINDS = [kind for file in FILES for kind in file.KINDS]
ZONE_KINDS = {
    "nonmotor_parking": "public", "exposed_garbage": "public", "street_vendor": "public", "road_damage": "road",
    "shop_overflow": "shop_front", "perimeter_intrusion": "forbidden", "illegal_parking": "no_parking",
}  # fmt: skip
LABELS = {
    "street_vendor": {"stall", "food_cart", "tricycle"}, "shop_overflow": {"goods", "table_chair"},
    "exposed_garbage": {"garbage_pile"}, "road_damage": {"pothole", "manhole_missing"},
}  # fmt: skip
"""Classes whose first pixel begins the event."""
APPEARING = [kind.name for kind in KINDS if kind.shows in LABELS]
FORBIDDEN = {
    "exposed_garbage": {"garbage_bag", "garbage_pile", "rubble_pile"}, "bin_overflow": {"bin_overflow"},
    "street_vendor": {"stall", "food_cart", "goods"}, "shop_overflow": {"goods", "table_chair", "stall"},
    "road_damage": {"pothole", "manhole_missing", "crack"},
}  # fmt: skip
"""Classes that a confuser of a scenario must never show."""
SEEDS = range(5)


def zone_of(known: Truth, name: str) -> Zone:
    return next(zone for zone in known.zones if zone.name == name)


@lru_cache(maxsize=3)
def drawn(name: str, seed: int) -> Scene:
    return Scene(scene(name, seed, seconds=20, width=320, height=180))


def test_no_two_scenes_share_a_name() -> None:
    assert [kind.name for kind in KINDS if SCENES[kind.name] is not kind] == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_events_lie_in_zones_of_the_right_kind(kind: SceneKind, seed: int) -> None:
    spec = scene(kind.name, seed)
    known = truth(spec)
    if kind.confuses:
        assert known.events == ()
        return
    (event,) = known.events
    assert event.scenario == kind.shows
    zone = zone_of(known, event.zone)
    assert zone.kind == ZONE_KINDS[kind.shows]
    x1, y1, x2, y2 = event.box
    assert 0 <= x1 < x2 <= 1
    assert 0 <= y1 < y2 <= 1
    assert 0.04 * spec.seconds < event.began_s < 0.6 * spec.seconds
    assert event.ended_s is None or event.began_s + 0.2 * spec.seconds < event.ended_s


@pytest.mark.parametrize("name", APPEARING)
@pytest.mark.parametrize("seed", range(2))
def test_an_event_begins_with_the_first_pixel(name: str, seed: int) -> None:
    one = drawn(name, seed)
    (event,) = truth(one.spec).events
    labels = LABELS[event.scenario]

    def shown(index: int) -> int:
        mine = (seen for seen in one.look(index).instances if seen.id in event.instances and seen.label in labels)
        return sum(seen.pixels for seen in mine)

    first = one.spec.first_picture(event.began_s)
    assert shown(first - 1) == 0
    assert shown(first) >= 1
    if event.ended_s is not None:
        last = one.spec.first_picture(event.ended_s)
        assert shown(last - 1) >= 1
        assert shown(last) == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_five_cycles_stand_outside_of_bays_exactly_while_the_event_lasts(seed: int) -> None:
    spec = scene("nonmotor_parking", seed)
    cast = world(spec)
    known = truth(spec)
    (event,) = known.events
    pavement, bays = zone_of(known, "pavement"), zone_of(known, "bays")
    parkers = [entity for entity in cast.entities if isinstance(entity, CycleParker)]
    for index in range(spec.pictures):
        time_s = spec.time_s(index)
        lasts = event.began_s <= time_s < (event.ended_s or spec.seconds)
        assert (sum(parker.parked(time_s) for parker in parkers) >= 5) == lasts
    feet = [parker.at(0.5 * spec.seconds)[0].foot for parker in parkers]
    pixels = known.camera.project(np.array([[x, z] for x, _, z in feet]))
    shares = (pixels + 0.5) / [spec.width, spec.height]
    seen = [(float(x), float(y)) for x, y in shares if 0 < x < 1 and 0 < y < 1]
    assert len(seen) >= 4
    assert all(contains(pavement.polygon, share) and not contains(bays.polygon, share) for share in seen)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_event_is_the_time_that_a_person_is_inside(seed: int) -> None:
    spec = scene("intrusion", seed)
    cast = world(spec)
    known = truth(spec)
    (event,) = known.events
    zone = zone_of(known, event.zone)
    people = [entity for entity in cast.entities if isinstance(entity, Walker)]
    for index in range(0, spec.pictures, 3):
        poses = [pose for pose in (person.pose(spec.time_s(index)) for person in people) if pose is not None]
        pixels = known.camera.project(np.array([[pose.x, pose.z] for pose in poses]))
        shares = (pixels + 0.5) / [spec.width, spec.height]
        inside = any(contains(zone.polygon, (float(x), float(y))) for x, y in shares)
        within = event.began_s <= spec.time_s(index) < (event.ended_s or spec.seconds)
        # On the very edge the rounded polygon may say otherwise for one picture.
        near = min(abs(spec.time_s(index) - moment) for moment in (event.began_s, event.ended_s or 1e9)) < 0.2
        assert near or inside == within


@pytest.mark.parametrize("name", [kind.name for kind in KINDS if kind.confuses == "perimeter_intrusion"])
def test_nobody_enters_the_closed_area_of_a_confuser(name: str) -> None:
    for seed in SEEDS:
        spec = scene(name, seed)
        zone = zone_of(truth(spec), "closed area")
        camera = truth(spec).camera
        people = [entity for entity in world(spec).entities if isinstance(entity, Walker)]
        for time_s in np.arange(0, spec.seconds, 0.5):
            poses = [pose for pose in (person.pose(float(time_s)) for person in people) if pose is not None]
            pixels = camera.project(np.array([[pose.x, pose.z] for pose in poses]))
            for x, y in (pixels + 0.5) / [spec.width, spec.height]:
                assert not contains(zone.polygon, (float(x), float(y)))


@pytest.mark.parametrize(
    "name", [kind.name for kind in KINDS if kind.confuses in FORBIDDEN and kind.name != "bag_taken"]
)
def test_a_confuser_shows_none_of_the_classes_of_its_scenario(name: str) -> None:
    kind = SCENES[name]
    for seed in SEEDS:
        labels = {label for entity in world(scene(name, seed)).entities for label in entity.labels}
        assert not labels & FORBIDDEN[kind.confuses]


def test_one_bag_is_put_down_and_taken() -> None:
    one = drawn("bag_taken", 2)
    labels = [
        [seen.label for seen in one.look(index).instances].count("garbage_bag")
        for index in range(0, one.spec.pictures, 12)
    ]
    assert max(labels) == 1
    assert labels[-1] == 0


@pytest.mark.parametrize("name", ["loading_van", "bus_at_stop", "licensed_bay", "hidden_parked_car"])
@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_drives_through_what_stands_at_the_kerb(name: str, seed: int) -> None:
    spec = scene(name, seed)
    vehicles = [entity for entity in world(spec).entities if isinstance(entity, Vehicle)]
    sizes = {id(one): np.ptp(np.vstack([mesh.points for mesh in one.body]), axis=0) for one in vehicles}
    for time_s in np.arange(0, spec.seconds, 0.5):
        there = [(one, place) for one in vehicles if (place := one.track.at(float(time_s))) is not None]
        standing = [(one, place) for one, place in there if place.speed < 1e-6]
        for one, place in standing:
            for other, its in there:
                if other is one:
                    continue
                reach = (sizes[id(one)] + sizes[id(other)]) / 2
                apart = abs(place.x - its.x) > reach[0] - 0.1 or abs(place.z - its.z) > reach[2] - 0.35
                assert apart, (time_s, place, its)


@pytest.mark.parametrize("name", ["loading_van", "bus_at_stop"])
@pytest.mark.parametrize("seed", SEEDS)
def test_who_stops_rightly_drives_on_before_any_grace_is_over(name: str, seed: int) -> None:
    spec = scene(name, seed)
    vehicles = [entity for entity in world(spec).entities if isinstance(entity, Vehicle)]
    stands = [
        sum((place := one.track.at(float(t))) is not None and place.speed < 1e-6 for t in np.arange(0, 40, 0.5)) / 2
        for one in vehicles
    ]
    assert 5 < max(stands) < 35
    last = [one.track.at(spec.seconds - 0.1) for one in vehicles]
    assert all(place is None or place.speed > 0.5 for place in last)


@pytest.mark.parametrize("name", ["bus_queue", "square_umbrellas", "square_dance"])
@pytest.mark.parametrize("seed", SEEDS)
def test_no_gathering_confuser_is_a_crowd(name: str, seed: int) -> None:
    people = [entity for entity in world(scene(name, seed)).entities if isinstance(entity, Walker)]
    assert 10 <= len(people) < CROWD_FROM


def test_a_decal_darkens_the_ground_only_where_its_mask_is() -> None:
    one = drawn("manhole_missing", 3)
    (event,) = truth(one.spec).events
    first = one.spec.first_picture(event.began_s)
    before, after = one.look(first - 1), one.look(first)
    mask = np.isin(after.numbers, event.instances)
    assert mask.sum() > 20
    assert any(isinstance(entity, Decal) or entity.labels[0] == "manhole_ok" for entity in one.cast.entities)
    assert after.picture[mask].mean() < before.picture[mask].mean() - 8


def test_a_parked_car_is_hidden_by_passing_ones_and_seen_again() -> None:
    spec = scene("hidden_parked_car", 1, width=320, height=180, fps=2)
    one = Scene(spec)
    (event,) = truth(spec).events
    shares = []
    for index in range(spec.first_picture(event.began_s), spec.first_picture(event.ended_s or spec.seconds)):
        mine = [seen.visible for seen in one.look(index).instances if seen.id in event.instances]
        shares.append(mine[0] if mine else 0.0)
    assert min(shares) < 0.2
    assert np.mean(np.array(shares) > 0.8) > 0.4
