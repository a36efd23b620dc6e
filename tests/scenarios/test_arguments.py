from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.core.errors import UsageError
from brain.scenarios.arguments import parse_set, parse_zone, parse_zones

SQUARE = "0.1,0.1,0.9,0.1,0.9,0.9,0.1,0.9"


def test_zone() -> None:
    zone = parse_zone(f"no_parking:kerb={SQUARE}")
    assert (zone.kind, zone.name) == ("no_parking", "kerb")
    assert zone.polygon == ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9))
    assert parse_zone(f"no_parking={SQUARE}").name == "no_parking"
    assert parse_zone(f" crowd : a = {SQUARE.replace(',', ' , ')}").name == "a"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no kind"),
        ("kerb", "no kind"),
        (f"={SQUARE}", "no kind"),
        (f"a b={SQUARE}", "no kind"),
        (f"road:={SQUARE}", "no kind"),
        ("road=", "is not a number"),
        ("road=0.1,0.1,0.9,x,0.9,0.9", "'x' is not a number"),
        ("road=0.1,0.1,0.9,0.1,0.9", "5 numbers"),
        ("road=0.1,0.1,0.9,0.1", "at least three"),
        ("road=0.1,0.1,1.1,0.1,0.9,0.9", "outside the picture"),
        ("road=10,10,600,10,600,300", "outside the picture"),
        ("road=nan,0.1,0.9,0.1,0.9,0.9", "outside the picture"),
        ("road=0.1,0.1,0.9,0.9,0.9,0.1,0.1,0.9", "crosses itself"),
        ("road=0.1,0.1,0.5,0.5,0.9,0.9", ""),
    ],
)
def test_zone_refused(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_zone(text)
    assert said in caught.value.what
    assert "0–1" in caught.value.remedy


def test_zones_get_names_of_their_own() -> None:
    zones = parse_zones([f"road={SQUARE}", f"road={SQUARE}", f"crowd:road_3={SQUARE}", f"road={SQUARE}"])
    assert [zone.name for zone in zones] == ["road", "road_2", "road_3", "road_4"]
    with pytest.raises(UsageError, match="given twice"):
        parse_zones([f"road:a={SQUARE}", f"crowd:a={SQUARE}"])


@given(st.text(max_size=60))
def test_any_text_is_a_zone_or_refused(text: str) -> None:
    try:
        parse_zone(text)
    except UsageError:
        pass


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("rule.stationary.for=20s", "rule.stationary.for", "20s"),
        ("confirm.of=5", "confirm.of", 5),
        (" confirm.of = 5", "confirm.of", 5),
        ("rule.stationary.classes=[car, bus]", "rule.stationary.classes", ["car", "bus"]),
        (
            "severity.raise=[{when: duration >= 5s, to: high}]",
            "severity.raise",
            [{"when": "duration >= 5s", "to": "high"}],
        ),
        ("a=", "a", ""),
    ],
)
def test_set(text: str, key: str, value: object) -> None:
    assert parse_set(text) == (key, value)


@pytest.mark.parametrize("text", ["", "=3", "rule", "a=[1", "a={b: 1, b: 2}", "a=!!python/name:os.system"])
def test_set_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"key|value"):
        parse_set(text)
