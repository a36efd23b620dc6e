"""Exact truth: boxes from the painted pixels, events from the first pixel, places on the ground."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brain.core.geometry import contains
from brain.sim import Scene, SceneSpec, truth
from brain.sim.calibration import calibration
from brain.sim.instances import Seen
from brain.sim.scenes import SCENES, scene
from brain.sim.spec import LIGHTS, WEATHERS

ROOT = Path(__file__).parents[2]
NAMES = sorted(SCENES)
APPEARING = {
    name: kind for name, kind in SCENES.items() if kind.shows in ("fire_smoke", "road_waterlogging", "bin_overflow")
}
SCRIPT = """
import hashlib, sys
from brain.sim import Scene
from brain.sim.scenes import SCENES, scene
for name in list(SCENES)[::8]:
    look = Scene(scene(name, 5, seconds=6, width=160, height=90, light="night", weather="rain")).look(40)
    print(name, hashlib.sha256(look.picture.tobytes() + look.numbers.tobytes()).hexdigest())
"""


@lru_cache(maxsize=12)
def drawn(name: str, seed: int, light: str, weather: str) -> Scene:
    return Scene(scene(name, seed, seconds=12, width=320, height=180, light=light, weather=weather))


@settings(max_examples=15, deadline=None)
@given(
    name=st.sampled_from(NAMES), seed=st.integers(0, 3), index=st.integers(0, 143), light=st.sampled_from(LIGHTS),
    weather=st.sampled_from(WEATHERS),
)  # fmt: skip
def test_boxes_are_those_of_the_painted_pixels(name: str, seed: int, index: int, light: str, weather: str) -> None:
    seen = drawn(name, seed, light, weather).look(index)
    assert {instance.id for instance in seen.instances} == set(np.unique(seen.numbers)) - {0}
    for instance in seen.instances:
        rows, columns = np.nonzero(seen.numbers == instance.id)
        assert instance.box == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        assert instance.pixels == len(rows)
        assert 0 < instance.visible <= 1


def alone(name: str, seed: int, keep: int, index: int) -> tuple[Seen, Seen]:
    """A picture with one entity of a scene only, and the same without any."""
    spec = scene(name, seed, seconds=12, width=320, height=180, light="overcast")
    one, none = Scene(spec), Scene(spec)
    entity = one.cast.entities[keep % len(one.cast.entities)]
    for part in (one, none):
        part.cast.entities.clear()
        part.cast._firsts.clear()
        part.cast._spans = None
        part.cast.happenings.clear()
        part.cast.add(entity)
    none.cast.entities[0] = dataclasses.replace(_Nothing(entity.labels))
    return one.look(index), none.look(index)


@dataclasses.dataclass
class _Nothing:
    labels: tuple[str, ...]
    span: tuple[float, float] = (-np.inf, np.inf)

    def at(self, time_s: float) -> tuple[()]:
        return ()


@pytest.mark.slow
@settings(max_examples=10, deadline=None, derandomize=True)
@given(
    name=st.sampled_from(["parked_car", "crowd", "bin_row", "left_object"]), seed=st.integers(0, 2),
    keep=st.integers(0, 40), index=st.integers(0, 143),
)  # fmt: skip
def test_masks_lie_where_the_picture_changes(name: str, seed: int, keep: int, index: int) -> None:
    """Every pixel of a body's mask differs from the empty stage, but for colours that happen to be alike."""
    one, none = alone(name, seed, keep, index)
    for instance in one.instances:
        if instance.pixels < 60:
            continue
        changed = np.abs(one.picture.astype(int) - none.picture.astype(int)).max(axis=2) > 4
        mask = one.numbers == instance.id
        assert changed[mask].mean() > 0.55
    far = np.ones(one.numbers.shape, bool)
    for instance in one.instances:
        x1, y1, x2, y2 = instance.box
        # Darkness below a body and lens blur reach a little beyond its box.
        wide = max(6, (x2 - x1) // 2)
        far[max(0, y1 - 3) : y2 + 8, max(0, x1 - wide) : x2 + wide] = False
    if one.instances and not any(instance.cut for instance in one.instances):
        assert not (np.abs(one.picture.astype(int) - none.picture.astype(int)).max(axis=2) > 12)[far].any()


@pytest.mark.parametrize("name", sorted(APPEARING))
@pytest.mark.parametrize("seed", range(4))
def test_an_event_begins_with_the_first_pixel(name: str, seed: int) -> None:
    spec = scene(name, seed, seconds=20, width=320, height=180)
    one = Scene(spec)
    (event,) = truth(spec).events
    wanted = {"fire_smoke": ("smoke", "flame"), "road_waterlogging": ("water",), "bin_overflow": ("bin_overflow",)}
    labels = wanted[event.scenario]
    first = spec.first_picture(event.began_s)

    def shown(index: int) -> int:
        mine = (instance for instance in one.look(index).instances if instance.label in labels)
        return sum(instance.pixels for instance in mine)

    assert shown(first - 1) == 0
    assert shown(first) >= 1
    if event.ended_s is not None:
        last = spec.first_picture(event.ended_s)
        assert shown(last - 1) >= 1
        assert shown(last) == 0


@pytest.mark.parametrize("seed", range(6))
def test_a_parked_car_stands_in_its_zone_from_the_event_on(seed: int) -> None:
    spec = scene("parked_car", seed, seconds=30)
    known = truth(spec)
    (event,) = known.events
    zone = next(zone for zone in known.zones if zone.name == event.zone)
    assert zone.kind == "no_parking"
    one = Scene(spec)
    feet = {}
    for index in range(spec.first_picture(event.began_s) - 30, spec.pictures, 5):
        for instance in one.look(index).instances:
            if instance.id in event.instances:
                feet[index] = instance.ground
    ends_s = event.ended_s or spec.seconds
    resting = {index: foot for index, foot in feet.items() if event.began_s <= spec.time_s(index) < ends_s}
    assert len(set(resting.values())) == 1
    before = feet[min(feet)]
    place = next(iter(resting.values()))
    assert np.hypot(before[0] - place[0], before[1] - place[1]) > 1.0
    pixel = known.camera.project(np.array([place]))[0]
    assert contains(zone.polygon, ((pixel[0] + 0.5) / spec.width, (pixel[1] + 0.5) / spec.height))


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 1), index=st.integers(0, 143), name=st.sampled_from(["quiet", "crowd", "left_object_confusers"])
)
def test_ground_points_lie_where_the_picture_says(seed: int, index: int, name: str) -> None:
    spec = dataclasses.replace(scene(name, seed, seconds=12, width=320, height=180))
    one = Scene(spec)
    camera = calibration(one.cast.plan.camera)
    for instance in one.look(index).instances:
        expected = camera.project(np.array([instance.ground]))[0]
        assert np.abs(expected - instance.foot).max() <= spec.shake_px * 1.01 + 0.01


def test_a_crowd_is_a_crowd_from_its_event_on() -> None:
    spec = scene("crowd", 2, seconds=40, width=640, height=360)
    known = truth(spec)
    (event,) = known.events
    zone = next(zone for zone in known.zones if zone.name == event.zone)
    one = Scene(spec)

    def inside(index: int) -> int:
        points = known.camera.project(
            np.array([i.ground for i in one.look(index).instances if i.id in event.instances])
        )
        return sum(contains(zone.polygon, ((x + 0.5) / 640, (y + 0.5) / 360)) for x, y in points)

    first = spec.first_picture(event.began_s)
    # Some of them stand wholly behind others.
    assert inside(first - 12) < 30
    assert inside(spec.pictures - 1) >= 30


def test_scenes_are_the_same_in_another_process() -> None:
    env = os.environ | {"PYTHONHASHSEED": "77"}
    there = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, env=env, capture_output=True, text=True, check=True, timeout=200
    )
    told = dict(line.split() for line in there.stdout.splitlines())
    assert list(told) == list(SCENES)[::8]
    for name, digest in told.items():
        look = Scene(scene(name, 5, seconds=6, width=160, height=90, light="night", weather="rain")).look(40)
        assert digest == hashlib.sha256(look.picture.tobytes() + look.numbers.tobytes()).hexdigest()


@pytest.mark.parametrize("name", NAMES)
def test_every_scene_is_drawn(name: str) -> None:
    spec = scene(name, 7, seconds=4, fps=4, width=160, height=90)
    pictures = list(Scene(spec))
    assert len(pictures) == 16
    assert all(picture.shape == (90, 160, 3) and picture.std() > 10 for picture in pictures)
    for event in truth(spec).events:
        assert event.scenario == SCENES[name].shows
        assert any(zone.name == event.zone for zone in truth(spec).zones)
        assert event.instances


@pytest.mark.parametrize(("light", "weather"), [(a, b) for a in LIGHTS for b in WEATHERS])
def test_every_light_and_weather_is_drawn(light: str, weather: str) -> None:
    picture = Scene(scene("quiet", 3, seconds=4, width=320, height=180, light=light, weather=weather)).picture(20)
    day = Scene(SceneSpec(3, 4, width=320, height=180)).picture(20)
    body = picture[24:150]
    assert body.std() > 5
    if light in ("night", "ir"):
        assert body.mean() < 0.7 * day[24:150].mean()
    if light == "ir":
        assert np.ptp(body.astype(int), axis=2).max() == 0
