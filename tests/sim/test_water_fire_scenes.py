"""Water, fire and building sites: events begin when their things show, look-alikes tell nothing, lens effects."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brain.core.geometry import contains
from brain.sim import Scene, SceneSpec, truth
from brain.sim.actors.wading import WadingVehicle
from brain.sim.instances import Seen
from brain.sim.paint.lens import Insects, LensDrops, LensEffect, SpiderWeb, SunGlare
from brain.sim.scenes import (
    scene,
)
from brain.sim.scenes.sight import clear_x
from brain.sim.things.fence import FenceBefore
from brain.sim.world import world

SIZE = (320, 180)
pytestmark = pytest.mark.usefixtures("kept_stages")


@lru_cache(maxsize=8)
def drawn(name: str, seed: int, seconds: float = 20.0, light: str = "day") -> Scene:
    return Scene(scene(name, seed, seconds=seconds, width=SIZE[0], height=SIZE[1], light=light))


def pixels(seen: Seen, label: str) -> int:
    return sum(instance.pixels for instance in seen.instances if instance.label == label)


@pytest.mark.parametrize(
    ("name", "labels", "zone"),
    [
        ("flame_only", {"flame"}, "whole_picture"),
        ("window_smoke", {"smoke"}, "whole_picture"),
        ("ebike_fire", {"flame", "smoke"}, "whole_picture"),
        ("leaf_burning", {"flame", "smoke"}, "whole_picture"),
        ("floating_debris", {"floating_debris"}, "water"),
        ("algae_bloom", {"algae"}, "water"),
        ("person_in_water", {"person"}, "water"),
        ("person_on_outer_bank", {"person"}, "forbidden"),
        ("fishing", {"person"}, "forbidden"),
        ("uncovered_truck", {"truck_uncovered"}, "road"),
        ("site_dust", {"dust"}, "road"),
    ],
)
def test_events_are_about_the_right_things_in_the_right_zone(name: str, labels: set[str], zone: str) -> None:
    for seed in range(2):
        spec = scene(name, seed)
        cast, known = world(spec), truth(spec)
        (event,) = known.events
        assert {cast.label(number) for number in event.instances} == labels
        assert next(found.kind for found in known.zones if found.name == event.zone) == zone


@pytest.mark.parametrize(
    ("name", "label"), [("algae_bloom", "algae"), ("site_dust", "dust"), ("bare_soil", "bare_soil")]
)
def test_it_grows(name: str, label: str) -> None:
    one = drawn(name, 1)
    (event,) = truth(one.spec).events
    first = one.spec.first_picture(event.began_s)
    assert pixels(one.look(first + 48), label) > 3 * max(1, pixels(one.look(first), label))


def test_cars_sink_into_rising_water() -> None:
    one = drawn("deep_flood", 2)
    car = next(entity for entity in one.cast.entities if isinstance(entity, WadingVehicle))
    high = [float(car.at(time_s)[0].outline[:, 1].max()) for time_s in (0.0, 6.0, 12.0)]
    assert high[0] - high[1] > 0.02
    assert 0.25 < high[0] - high[2] < 0.45


@pytest.mark.parametrize("name", ["person_in_water", "person_on_outer_bank", "fishing", "uncovered_truck"])
@pytest.mark.parametrize("seed", range(3))
def test_it_enters_its_zone_when_its_event_begins(name: str, seed: int) -> None:
    spec = scene(name, seed, seconds=40.0)
    cast, known = world(spec), truth(spec)
    (event,) = known.events
    entity = next(found for found in cast.entities if cast.first_number(found) == event.instances[0])
    zone = next(found for found in known.zones if found.name == event.zone)

    def inside(time_s: float) -> bool:
        foot = entity.at(time_s)[0].foot
        x, y = known.camera.project(np.array([[foot[0], foot[2]]]))[0]
        return contains(zone.polygon, ((float(x) + 0.5) / spec.width, (float(y) + 0.5) / spec.height))

    assert not inside(event.began_s - 0.3)
    assert inside(event.began_s + 0.3)
    if name != "uncovered_truck":
        assert all(inside(event.began_s + after) for after in (2.0, 6.0, 10.0))


@pytest.mark.parametrize("seed", range(2))
def test_who_is_in_the_water_shows_head_and_shoulders_only(seed: int) -> None:
    one = drawn("person_in_water", seed, 40.0)
    (event,) = truth(one.spec).events
    (number,) = event.instances

    def person(time_s: float) -> tuple[int, int, float]:
        seen = one.look(one.spec.first_picture(time_s))
        found = next(instance for instance in seen.instances if instance.id == number)
        return found.pixels, found.box[3] - found.box[1], found.foot[1] - found.box[3]

    dry_pixels, dry_high, _ = person(event.began_s - 0.8)
    wet_pixels, wet_high, below = person(event.began_s + 3.0)
    assert wet_pixels < 0.6 * dry_pixels
    assert wet_high < 0.65 * dry_high
    assert below > -1.6


@pytest.mark.parametrize("seed", [1])
def test_a_sprinkled_strip_dries(seed: int) -> None:
    one = drawn("sprinkler_truck", seed, 60.0)
    strip = next(entity for entity in one.cast.entities if type(entity).__name__ == "WetStrip")
    number = one.cast.first_number(strip)
    wet = [int((one.look(index).numbers == number).sum()) for index in range(0, one.spec.pictures, 90)]
    assert wet[0] < 0.3 * max(wet)
    assert max(wet) > 500
    assert wet[-1] < 0.6 * max(wet)


def test_the_fence_stands_before_what_waits_behind_it() -> None:
    one = drawn("site_exhaust", 1)
    truck = next(entity for entity in one.cast.entities if "truck_covered" in entity.labels)
    number = one.cast.first_number(truck)
    hidden = next(instance for instance in one.look(24).instances if instance.id == number)
    assert hidden.visible < 0.97
    for entity in [entity for entity in one.cast.entities if isinstance(entity, FenceBefore)]:
        assert not (one.look(24).numbers == one.cast.first_number(entity)).any()


def test_a_low_sun_blinds_by_day_only() -> None:
    assert len(world(scene("low_sun", 2)).effects) == 1
    assert world(scene("low_sun", 2, light="night")).effects == []


@pytest.mark.parametrize("name", ["spider_web_ir", "insects_ir"])
def test_infrared_scenes_are_grey_in_any_light(name: str) -> None:
    picture = drawn(name, 1).picture(12)
    assert np.ptp(picture[30:150].astype(int), axis=2).max() == 0


EFFECTS = (LensDrops, SunGlare, Insects, SpiderWeb)


@settings(max_examples=25, deadline=None)
@given(which=st.sampled_from(EFFECTS), seed=st.integers(0, 1000), time_s=st.floats(0, 100),
       size=st.sampled_from([(160, 90), (320, 180), (640, 480)]))  # fmt: skip
def test_lens_effects_are_seeded_and_change_a_part(
    which: type[LensEffect], seed: int, time_s: float, size: tuple[int, int]
) -> None:
    grey = np.tile(np.linspace(40, 120, size[0], dtype=np.uint8)[None, :, None], (size[1], 1, 3))
    one, other = grey.copy(), grey.copy()
    which(seed, size).lay(one, time_s)  # type: ignore[call-arg]
    which(seed, size).lay(other, time_s)  # type: ignore[call-arg]
    assert np.array_equal(one, other)
    assert one.shape == grey.shape
    if which is SunGlare:
        assert one.mean() > grey.mean() + 2
    else:
        assert (one == grey).mean() > 0.1
    if which in (LensDrops, SpiderWeb):
        assert not np.array_equal(one, grey)


def test_insects_and_webs_move() -> None:
    black = np.zeros((180, 320, 3), np.uint8)
    for effect in (Insects(3, (320, 180)), SpiderWeb(3, (320, 180))):
        shown = []
        for time_s in (1.0, 1.25):
            image = black.copy()
            effect.lay(image, time_s)
            shown.append(image)
        assert not np.array_equal(*shown)


@given(seed=st.integers(0, 300), low=st.floats(5, 14), wide=st.floats(0.5, 10), z=st.floats(6, 17))
@settings(max_examples=20, deadline=None)
def test_a_clear_place_lies_where_it_was_asked(seed: int, low: float, wide: float, z: float) -> None:
    cast = world(SceneSpec(seed=seed, seconds=2))
    assert low <= clear_x(cast, cast.rng("here"), (low, low + wide), z) <= low + wide


def test_a_river_that_runs_to_the_horizon_can_be_drawn() -> None:
    """Seen from low, its far end is kilometres away: more waves than OpenCV looks up in one picture."""
    look = Scene(scene("floating_debris", 124, width=320, height=180)).look(0)
    assert look.picture.shape == (180, 320, 3)
