from __future__ import annotations

import dataclasses
import hashlib
import itertools
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brain.core.geometry import Box
from brain.core.types import Picture
from brain.sim import Scene, SceneSpec, measure_speed, render, truth
from brain.sim.instances import Seen
from brain.sim.scenes import left_object, left_object_confusers, quiet, scene

ROOT = Path(__file__).parents[2]
SCRIPT = """
import hashlib
from brain.sim import Scene
from brain.sim.scenes import left_object, left_object_confusers
import dataclasses
for spec in (left_object(5), left_object_confusers(5)):
    scene = Scene(dataclasses.replace(spec, width=320, height=180))
    print(hashlib.sha256(b"".join(scene.picture(i).tobytes() for i in (0, 97, 200))).hexdigest())
"""


def small(spec: SceneSpec, **change: object) -> SceneSpec:
    return dataclasses.replace(spec, width=320, height=180, **change)  # type: ignore[arg-type]


def pixels(box: Box, spec: SceneSpec, pad: int) -> tuple[slice, slice]:
    x1, y1, x2, y2 = box
    return (
        slice(max(0, int(y1 * spec.height) - pad), int(np.ceil(y2 * spec.height)) + pad),
        slice(max(0, int(x1 * spec.width) - pad), int(np.ceil(x2 * spec.width)) + pad),
    )


def differs(one: Picture, other: Picture) -> Picture:
    return np.abs(one.astype(int) - other.astype(int)).max(axis=2).astype(np.uint8)


@pytest.fixture(scope="module")
def pair() -> tuple[Scene, Scene]:
    """The same clip with and without the thing, 640×360; of this seed it is dark red, unlike the street around it."""
    spec = left_object(1)
    return Scene(spec), Scene(dataclasses.replace(spec, show_thing=False))


def test_same_seed_same_pixels_in_two_processes() -> None:
    here = []
    for spec in (left_object(5), left_object_confusers(5)):
        drawn = Scene(small(spec))
        here.append(hashlib.sha256(b"".join(drawn.picture(i).tobytes() for i in (0, 97, 200))).hexdigest())
    env = os.environ | {"PYTHONHASHSEED": "77"}
    there = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, env=env, capture_output=True, text=True, check=True, timeout=120
    )
    assert there.stdout.split() == here
    assert here[0] != here[1]


def test_pictures_come_lazily_in_order_and_alike_in_any_order() -> None:
    spec = small(quiet(2, seconds=2.0, fps=6))
    pictures = list(render(spec))
    assert len(pictures) == spec.pictures == 12
    assert all(picture.shape == (180, 320, 3) and picture.dtype == np.uint8 for picture in pictures)
    drawn = Scene(spec)
    for index in (11, 3, 0):
        assert np.array_equal(drawn.picture(index), pictures[index])
    long = dataclasses.replace(spec, seconds=6 * 3600.0)
    assert len(list(itertools.islice(render(long), 2))) == 2


SHUFFLED = (
    ("crowd", "night", "rain"),
    ("flooded_road", "overcast", "rain"),
    ("left_object_confusers", "day", "dry"),
    ("river_birds", "dusk", "fog"),
)
"""Scenes whose still bodies, mirror images, waves and swaying shade are kept from picture to picture."""
ASKED = (0, 40, 41, 77, 120, 199)


@lru_cache(maxsize=len(SHUFFLED))
def drawn_in_order(name: str, light: str, weather: str) -> tuple[Scene, dict[int, Seen]]:
    """A scene that has drawn nothing yet, and what another one of the same spec draws in order."""
    spec = scene(name, 3, seconds=20, width=160, height=90, light=light, weather=weather)
    first = Scene(spec)
    return Scene(spec), {index: first.look(index) for index in ASKED}


@settings(max_examples=12, deadline=None)
@given(case=st.sampled_from(SHUFFLED), order=st.permutations(ASKED), truth=st.booleans())
def test_what_was_asked_before_changes_no_pixel(case: tuple[str, str, str], order: list[int], truth: bool) -> None:
    one, known = drawn_in_order(*case)
    for index in order[:4]:
        if truth:
            seen = one.look(index)
            assert np.array_equal(seen.numbers, known[index].numbers)
            assert np.array_equal(seen.picture, known[index].picture)
        else:
            assert np.array_equal(one.picture(index), known[index].picture)


def test_other_seed_is_another_street() -> None:
    one, other = (Scene(small(quiet(seed))).picture(0) for seed in (1, 2))
    assert differs(one, other).mean() > 15


def test_only_the_thing_and_its_shadow_differ_while_it_rests(pair: tuple[Scene, Scene]) -> None:
    spec = pair[0].spec
    (event,) = truth(spec).events
    for time_s in (8.0, 12.0, 16.0, 20.0, 23.9):
        index = spec.first_picture(time_s)
        changed = differs(pair[0].picture(index), pair[1].picture(index))
        inside = changed[pixels(event.box, spec, 0)]
        assert (inside > 25).mean() > 0.6
        outside = changed.copy()
        # Two pixels: the lens blurs the edge, the shadow is soft.
        outside[pixels(event.reach, spec, 3)] = 0
        assert outside.max() <= 2


def red_box(pair: tuple[Scene, Scene], index: int) -> Picture:
    """Box in pixels of where the thing's colour comes in; a shadow changes brightness, not colour."""
    with_thing, without = (cv2.cvtColor(scene.picture(index), cv2.COLOR_BGR2LAB) for scene in pair)
    strong = (cv2.absdiff(with_thing, without)[..., 1] > 7).astype(np.uint8)
    x, y, width, height = cv2.boundingRect(cv2.morphologyEx(strong, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)))
    return np.array([x, y, x + width, y + height])


def test_box_fits_the_thing_within_two_pixels(pair: tuple[Scene, Scene]) -> None:
    spec = pair[0].spec
    (event,) = truth(spec).events
    known = np.array(event.box) * np.array([spec.width, spec.height] * 2)
    assert np.abs(red_box(pair, spec.first_picture(16.0)) - known).max() <= 2.0


def test_begin_and_end_are_exact_to_one_picture(pair: tuple[Scene, Scene]) -> None:
    spec = pair[0].spec
    (event,) = truth(spec).events
    assert event.ended_s is not None
    begins, ends = spec.first_picture(event.began_s), spec.first_picture(event.ended_s)
    foot = {index: int(red_box(pair, index)[3]) for index in (begins - 1, begins, ends - 1, ends, ends + 1)}
    rest = int(red_box(pair, spec.first_picture(16.0))[3])
    assert max(abs(foot[index] - rest) for index in (begins, ends - 1, ends)) <= 1
    assert foot[begins - 1] <= rest - 2
    assert foot[ends + 1] <= rest - 2
    index = spec.first_picture(39.0)
    assert not differs(pair[0].picture(index), pair[1].picture(index))[pixels(event.box, spec, 0)].any()


def test_without_noise_of_people_the_street_stands_still() -> None:
    drawn = Scene(small(SceneSpec(seed=4, seconds=10, cars=False, walkers=0)))
    changed = differs(drawn.picture(1), drawn.picture(100))
    changed[:24] = 0
    assert 0 < changed.mean() < 6
    assert changed.max() < 40


@pytest.mark.parametrize("gain", [0.6, 1.4])
def test_light_step_changes_brightness_from_its_second_on(gain: float) -> None:
    drawn = Scene(small(SceneSpec(seed=4, seconds=10, cars=False, walkers=0, light_steps=((5.0, gain), (8.0, 1.0)))))
    before, after, last = (float(drawn.picture(i).mean()) for i in (59, 60, 96))
    assert after / before == pytest.approx(gain, abs=0.07)
    assert last == pytest.approx(before, rel=0.01)


def test_shake_moves_the_picture_but_not_further_than_told() -> None:
    spec = small(SceneSpec(seed=4, seconds=30, cars=False, walkers=0), shake_px=3.0)
    shaken, still = Scene(spec), Scene(dataclasses.replace(spec, shake_px=0.0))
    window = np.ones((120, 280), np.float32)
    shifts = []
    for index in range(0, 360, 23):
        grey = [cv2.cvtColor(scene.picture(index), cv2.COLOR_BGR2GRAY)[30:150, 20:300] for scene in (shaken, still)]
        shift, _ = cv2.phaseCorrelate(*(part.astype(np.float32) for part in grey), window)
        shifts.append(shift)
    assert np.abs(shifts).max() <= 3.5
    assert np.ptp(shifts, axis=0).min() > 1.5


def test_shadows_move_only_when_told() -> None:
    spec = small(SceneSpec(seed=4, seconds=60, cars=False, walkers=0))
    (x1, y1), (x2, y2) = (20, 40), (300, 150)
    change = {}
    for moves in (False, True):
        drawn = Scene(dataclasses.replace(spec, shadow_moves=moves))
        pair = [cv2.GaussianBlur(drawn.picture(i), (0, 0), 3)[y1:y2, x1:x2].astype(np.uint8) for i in (0, 400)]
        change[moves] = (differs(pair[0], pair[1]) > 12).mean()
    assert change[False] == 0
    assert change[True] > 0.05


def test_clock_shows_the_time() -> None:
    drawn = Scene(small(SceneSpec(seed=4, seconds=10, cars=False, walkers=0)))
    corner = (slice(0, 20), slice(0, 160))
    same, next_second = (differs(drawn.picture(24)[corner], drawn.picture(i)[corner]) for i in (30, 36))
    assert next_second.max() > 100 > same.max()


@pytest.mark.parametrize(("width", "height"), [(160, 90), (640, 480), (1280, 720)])
def test_other_sizes(width: int, height: int) -> None:
    spec = dataclasses.replace(left_object_confusers(9), width=width, height=height)
    picture = Scene(spec).picture(300)
    assert picture.shape == (height, width, 3)
    assert picture.std() > 20


def test_speed_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    speed = measure_speed(pictures=30)
    with capsys.disabled():
        print(f"\nsim: {speed:.0f} pictures/s at 640×360 without encoding")
    assert speed > 0
