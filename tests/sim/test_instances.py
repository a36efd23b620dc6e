"""Masks lie where the picture changes; every light and weather is drawn."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brain.sim import Scene, SceneSpec
from brain.sim.instances import Seen
from brain.sim.scenes import scene
from brain.sim.spec import LIGHTS, WEATHERS

pytestmark = pytest.mark.usefixtures("kept_stages")


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


@pytest.mark.parametrize(("light", "weather"), [(a, b) for a in LIGHTS for b in WEATHERS])
def test_every_light_and_weather_is_drawn(light: str, weather: str) -> None:
    picture = Scene(scene("quiet", 3, seconds=4, width=160, height=90, light=light, weather=weather)).picture(20)
    day = Scene(SceneSpec(3, 4, width=160, height=90)).picture(20)
    body = picture[12:75]
    assert body.std() > 5
    if light in ("night", "ir"):
        assert body.mean() < 0.7 * day[12:75].mean()
    if light == "ir":
        assert np.ptp(body.astype(int), axis=2).max() == 0
