from __future__ import annotations

from typing import Any

import pytest

from brain.core.errors import ConfigError
from brain.scenarios.manifest import Manifest
from brain.scenarios.overrides import override, possible_keys, shorten
from brain.scenarios.registry import Registry


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.open()


@pytest.fixture(scope="module")
def parking(registry: Registry) -> Manifest:
    return registry.get("illegal_parking").manifest


@pytest.mark.parametrize(
    ("key", "value", "read"),
    [
        ("rule.stationary.for", "20s", lambda m: m.rule.stationary.dwell == 20),
        ("rule.stationary.for", 20, lambda m: m.rule.stationary.dwell == 20),
        ("rule.stationary.classes", ["car"], lambda m: m.rule.stationary.classes == ("car",)),
        ("rule.stationary.algorithm", "vehicle_detection", lambda m: m.rule.parameters.algorithm is not None),
        ("confirm.at_least", 5, lambda m: m.confirm.at_least == 5),
        ("severity.base", "high", lambda m: m.severity.base == "high"),
        ("severity.raise", [{"when": "measure >= 5", "to": "high"}], lambda m: m.severity.raises[0].to == "high"),
        ("schedule", [{"from": "07:00", "to": "9:00"}], lambda m: m.schedule is not None),
        ("filing.en", "Seen.", lambda m: m.filing.en == "Seen."),
        ("renotify", "1h", lambda m: m.renotify == 3600),
    ],
)
def test_override(parking: Manifest, key: str, value: Any, read: Any) -> None:
    changed = override(parking, {key: value})
    assert not read(parking)
    assert read(changed)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("rule.stationary.four", "20s", "did you mean rule.stationary.for"),
        ("rule.for", "20s", "did you mean rule.stationary.for"),
        ("for", "20s", "rule.stationary.for"),
        ("rule.count.at_least", 3, "has no key 'rule.count.at_least'"),
        ("id", "other", "has no key 'id'"),
        ("rule.stationary", {"for": "3s"}, "has no key 'rule.stationary'"),
        ("rule.stationary.for.x", "3s", "has no key"),
        ("rule.stationary.for", "soon", "rule.stationary.for: 'soon' is not a duration"),
        ("rule.stationary.for", float("nan"), "rule.stationary.for"),
        ("rule.stationary.min_score", float("nan"), "rule.stationary.min_score"),
        ("rule.stationary.for", None, "rule.stationary.for"),
        ("confirm.at_least", 11, "at_least 11 must not exceed of 10"),
        ("rule.stationary.algorithm", "person_detection", "not among algorithms"),
        ("sample.every", 0, "sample.every"),
    ],
)
def test_refused(parking: Manifest, key: str, value: Any, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        override(parking, {"clear.after": "5s", key: value})
    assert said in str(caught.value)
    assert key in caught.value.where
    assert "rule.stationary.for" in caught.value.remedy


def test_possible_keys_can_all_be_set_to_what_they_are(registry: Registry) -> None:
    for item in registry.list():
        manifest = registry.get(item.id).manifest
        tree = manifest.model_dump(by_alias=True)
        for key in possible_keys(manifest):
            value: Any = tree
            for part in key.split("."):
                value = value[part] if value is not None else None
            if value is not None:
                assert override(manifest, {key: value}) == manifest


@pytest.mark.parametrize(
    ("name", "every", "confirm", "dwell"),
    [
        ("illegal_parking", 1, (10, 8), 10),
        ("crowd_gathering", 1, (6, 5), 10),
        ("left_object", 1, (10, 8), 10),
    ],
)
def test_short_profile(registry: Registry, name: str, every: float, confirm: tuple[int, int], dwell: float) -> None:
    short = shorten(registry.get(name).manifest)
    assert short.rule is not None
    assert (short.sample.every, short.rule.dwell_s) == (every, dwell)
    assert (short.confirm.of, short.confirm.at_least) == confirm
    assert (short.clear.after, short.cooldown) == (10, 10)
    assert shorten(short) == short
    if short.rule.count is not None:
        assert (short.rule.count.at_least, short.rule.count.release_below) == (15, 12)


def test_short_profile_keeps_the_share_of_a_long_window(parking: Manifest) -> None:
    long = override(parking, {"confirm.of": 30, "confirm.at_least": 23, "rule.stationary.for": "40s"})
    short = shorten(long)
    assert (short.confirm.of, short.confirm.at_least) == (10, 8)
    assert short.rule is not None
    assert short.rule.dwell_s == 10
