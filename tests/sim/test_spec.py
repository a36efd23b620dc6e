from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.core.errors import UsageError
from brain.sim import SceneSpec
from brain.sim.scenes import SCENES, left_object, left_object_confusers, quiet, scene

BAD: list[tuple[dict[str, Any], str]] = [
    ({"width": 0}, "too small"),
    ({"height": 0}, "too small"),
    ({"width": 641}, "odd"),
    ({"height": 361}, "odd"),
    ({"width": 3840, "height": 2160}, "too large"),
    ({"width": 640, "height": 180}, "shape"),
    ({"width": 640.5}, "size"),
    ({"seconds": 0.0}, "seconds"),
    ({"seconds": -1.0}, "seconds"),
    ({"seconds": float("nan")}, "seconds"),
    ({"seconds": 0.01}, "not one picture"),
    ({"fps": 0.0}, "fps"),
    ({"fps": -12.0}, "fps"),
    ({"fps": 61.0}, "fps"),
    ({"seed": -1}, "seed"),
    ({"seed": True}, "seed"),
    ({"shake_px": -1.0}, "shake_px"),
    ({"shake_px": 13.0}, "shake_px"),
    ({"walkers": -1}, "walkers"),
    ({"walkers": 2.5}, "walkers"),
    ({"put_down_s": -0.1}, "put_down_s"),
    ({"put_down_s": 10.0}, "put_down_s"),
    ({"put_down_s": float("nan")}, "put_down_s"),
    ({"put_down_s": 2.0, "taken_s": 10.0}, "taken_s"),
    ({"put_down_s": 5.0, "taken_s": 4.0}, "not after"),
    ({"put_down_s": 5.0, "taken_s": 5.0}, "not after"),
    ({"taken_s": 5.0}, "nothing is put down"),
    ({"light_steps": ((2.0, 0.0),)}, "gain"),
    ({"light_steps": ((2.0, 1.4), (1.0, 1.0))}, "light step"),
    ({"light_steps": ((-1.0, 1.4),)}, "light step"),
    ({"start_time": datetime(2026, 3, 16)}, "zone"),
    ({"light": "noon"}, "overcast"),
    ({"weather": "snow"}, "fog"),
]


@pytest.mark.parametrize(("change", "says"), BAD, ids=[str(change) for change, _ in BAD])
def test_bad_spec_is_refused_with_a_remedy(change: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError) as caught:
        SceneSpec(**({"seed": 1, "seconds": 10.0} | change))
    assert says in f"{caught.value.what} {caught.value.remedy}"
    assert caught.value.remedy


def test_edges_of_the_allowed_are_allowed() -> None:
    spec = SceneSpec(seed=0, seconds=1, width=160, height=90, fps=60, put_down_s=0.0, taken_s=0.5, shake_px=12)
    assert spec.pictures == 60
    SceneSpec(seed=0, seconds=1, width=1920, height=1080, start_time=datetime(2026, 1, 1, tzinfo=UTC))


@given(fps=st.sampled_from([1.0, 5.0, 12.0, 12.5, 25.0, 30000 / 1001]), moment=st.floats(0.0, 100.0, allow_nan=False))
def test_first_picture_is_the_first_at_or_after_a_moment(fps: float, moment: float) -> None:
    spec = SceneSpec(seed=1, seconds=200, fps=fps)
    index = spec.first_picture(moment)
    assert spec.time_s(index) >= moment - 1e-6
    assert index == 0 or spec.time_s(index - 1) < moment


def test_rate_of_television_is_exact() -> None:
    assert SceneSpec(seed=1, seconds=2, fps=30000 / 1001).rate == Fraction(30000, 1001)


def test_named_scenes() -> None:
    assert {"left_object", "quiet", "left_object_confusers", "parked_car", "queue_at_lights", "crowd"} <= set(SCENES)
    demo = scene("left_object", 3)
    assert (demo.put_down_s, demo.taken_s, demo.seconds, demo.fps) == (8.0, 24.0, 40.0, 12.0)
    assert scene("quiet", 3, seconds=10).put_down_s is None
    assert left_object(2).seed == quiet(2).seed == 2
    with pytest.raises(UsageError, match="brain sim list"):
        scene("lost_property")
    night = scene("quiet", 3, light="night", weather="rain", width=320, height=180)
    assert (night.scene, night.light, night.weather, night.width, night.starts.hour) == (
        "quiet",
        "night",
        "rain",
        320,
        21,
    )


def test_confusers_hold_every_confuser_and_no_thing() -> None:
    lists = [left_object_confusers(seed, seconds=60) for seed in range(20)]
    for spec in lists:
        assert spec.put_down_s is None
        assert spec.shadow_moves
        assert spec.cars
        assert spec.shake_px == 3.0
        assert spec.walkers >= 3
        assert {gain for _, gain in spec.light_steps} == {0.6, 1.0, 1.4}
        assert max(time_s for time_s, _ in spec.light_steps) < 60
    assert len({spec.light_steps for spec in lists}) == 20
    assert left_object_confusers(7) == left_object_confusers(7)
