"""The bench of the drawing: figures of named scenes, the slowest first."""

from __future__ import annotations

import cv2
import pytest

from brain.bench.sim import CONDITIONS, GOAL, NAMED, SceneSpeed, SimFigures, measure_scenes
from brain.core.errors import UsageError


def test_scenes_are_measured_in_each_condition_and_the_slowest_comes_first() -> None:
    conditions = CONDITIONS[:2]
    told: list[tuple[int, int]] = []
    threads = cv2.getNumThreads()
    found = measure_scenes(
        ("queue_at_lights",), conditions=conditions, pictures=2, progress=lambda done, of: told.append((done, of))
    )
    assert {(speed.light, speed.weather) for speed in found} == set(conditions)
    assert {speed.scene for speed in found} == {"queue_at_lights"}
    speeds = [speed.pictures_per_s for speed in found]
    assert speeds == sorted(speeds)
    assert speeds[0] > 1
    assert told == [(1, 2), (2, 2)]
    assert cv2.getNumThreads() == threads


def test_what_is_printed_counts_all_and_names_the_slowest() -> None:
    scenes = tuple(SceneSpeed(f"scene {rank}", "day", "dry", GOAL - 2.5 + rank) for rank in range(NAMED + 5))
    plain = SimFigures(71.24, None, scenes).plain()
    assert (plain["pictures_per_s"], plain["judge"]) == (71.2, None)
    assert (plain["measured"], plain["below_goal"]) == (NAMED + 5, 3)
    slowest = plain["slowest"]
    assert isinstance(slowest, list)
    assert len(slowest) == NAMED
    assert slowest[0] == {"scene": "scene 0", "light": "day", "weather": "dry", "pictures_per_s": 37.5}
    assert set(SimFigures(71.24, None).plain()) == {"pictures_per_s", "judge"}


def test_an_unknown_scene_is_refused() -> None:
    with pytest.raises(UsageError, match="no scene"):
        measure_scenes(("queue_at_light",))
