from __future__ import annotations

from pathlib import Path

import pytest

from brain.core.errors import ConfigError
from brain.core.geometry import WHOLE_PICTURE
from brain.core.types import Zone
from brain.scenarios.assignment import resolve
from brain.scenarios.registry import Registry, Scenario

KERB = Zone("kerb", "no_parking", ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9)))
LANE = Zone("lane", "no_parking", ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9)))
PLAZA = Zone("plaza", "crowd", ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9)))
MASK = Zone("sky", "mask", ((0.0, 0.0), (1.0, 0.0), (1.0, 0.1)))


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.open()


@pytest.fixture
def parking(registry: Registry) -> Scenario:
    return registry.get("illegal_parking")


@pytest.mark.parametrize(
    ("name", "zones", "names", "whole", "expected"),
    [
        ("illegal_parking", [KERB, PLAZA, LANE, MASK], None, False, ["kerb", "lane"]),
        ("illegal_parking", [KERB, LANE], ["lane"], False, ["lane"]),
        ("illegal_parking", [KERB, LANE], ["lane", "kerb", "lane"], False, ["lane", "kerb"]),
        ("illegal_parking", [], None, True, ["whole_picture"]),
        ("illegal_parking", [MASK], None, True, ["whole_picture"]),
        ("crowd_gathering", [], None, False, ["whole_picture"]),
        ("crowd_gathering", [KERB], None, False, ["whole_picture"]),
        ("crowd_gathering", [KERB, PLAZA], None, False, ["plaza"]),
    ],
)
def test_zones(
    registry: Registry, name: str, zones: list[Zone], names: list[str] | None, whole: bool, expected: list[str]
) -> None:
    tasks = resolve(registry.get(name), "cam", zones, zone_names=names, whole_when_none=whole)
    assert [task.zone.name for task in tasks] == expected
    for task in tasks:
        if task.zone.name == "whole_picture":
            assert (task.zone.kind, task.zone.polygon) == ("whole_picture", WHOLE_PICTURE)


@pytest.mark.parametrize(
    ("zones", "names", "whole", "said"),
    [
        ([], None, False, "it watches zones of kind no_parking; zones that are drawn: none"),
        ([PLAZA], None, False, "zones that are drawn: plaza (crowd)"),
        ([PLAZA], None, True, "zones that are drawn: plaza (crowd)"),
        ([KERB], ["curb"], False, "did you mean 'kerb'?"),
        ([KERB, PLAZA], ["plaza"], False, "is of kind 'crowd', which illegal_parking does not watch"),
        ([KERB, MASK], ["sky"], False, "has no zone 'sky'"),
    ],
)
def test_nothing_to_watch(
    parking: Scenario, zones: list[Zone], names: list[str] | None, whole: bool, said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        resolve(parking, "cam", zones, zone_names=names, whole_when_none=whole)
    assert said in str(caught.value)
    assert "no_parking" in str(caught.value) or "kerb" in caught.value.remedy


def test_overrides_win_over_the_profile(parking: Scenario) -> None:
    task, _ = resolve(parking, "cam", [KERB, LANE], profile="short", overrides={"rule.stationary.for": "20s"})
    assert task.manifest.rule is not None
    assert (task.manifest.rule.dwell_s, task.every_s, task.width) == (20, 1, 640)
    assert task.algorithms == ("vehicle_detection",)


def test_keys_are_unique_within_a_camera_and_stable(registry: Registry) -> None:
    def keys() -> list[str]:
        return [
            task.key
            for name in ("illegal_parking", "crowd_gathering")
            for view in ("main", "gate")
            for task in resolve(registry.get(name), "cam", [KERB, LANE, PLAZA], view=view)
        ]

    assert keys() == keys()
    assert len(set(keys())) == 6


def test_override_error_reaches_the_user(parking: Scenario) -> None:
    with pytest.raises(ConfigError, match=r"rule\.stationary\.four"):
        resolve(parking, "cam", [KERB], overrides={"rule.stationary.four": "20s"})


def test_folder_of_a_scenario_says_where_it_is(parking: Scenario) -> None:
    assert parking.folder == Path(__file__).resolve().parents[2] / "scenarios" / "illegal_parking"
