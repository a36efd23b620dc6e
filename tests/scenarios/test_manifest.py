from __future__ import annotations

from pathlib import Path

import pytest

from brain.core.errors import ConfigError
from brain.core.types import Severity
from brain.scenarios.manifest import Manifest, load_manifest

GOOD = """\
id: demo
name: {zh: 示例, en: Demo}
field: urban_management
algorithms: [vehicle_detection]
sample: {every: 2s, width: 640}
zones: {kinds: [no_parking], default: none}
rule:
  stationary:
    classes: [car]
    for: 300s
confirm: {of: 10, at_least: 8}
clear: {after: 60s}
cooldown: 10min
renotify: 30min
schedule: [{days: mon-fri, from: "07:00", to: "22:00"}]
severity:
  base: low
  raise: [{when: duration >= 30min, to: medium}]
case: {class: "09009", per: zone, department: traffic_police, deadline: 2 work_hour, review: auto, close: camera}
"""


def load(folder: Path, text: str) -> Manifest:
    file = folder / "scenario.yaml"
    file.write_text(text, "utf-8")
    return load_manifest(file, {"vehicle_detection", "person_detection"})


def test_good(tmp_path: Path) -> None:
    manifest = load(tmp_path, GOOD)
    assert manifest.sample.every == 2
    assert manifest.rule is not None
    assert (manifest.rule.word, manifest.rule.dwell_s) == ("stationary", 300)
    assert manifest.case.deadline_parts == (2.0, "work_hour")
    lifecycle = manifest.lifecycle()
    assert (lifecycle.of, lifecycle.at_least, lifecycle.clear_s, lifecycle.cooldown_s) == (10, 8, 60, 600)
    assert lifecycle.renotify_s == 1800
    assert lifecycle.raises[0].to is Severity.MEDIUM


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("    for: 300s", "    four: 300s", 10, "unknown key 'rule.stationary.four'; did you mean 'for'?"),
        ("    for: 300s", "", 8, "key 'rule.stationary.for' is missing"),
        ("    for: 300s", "    for: .nan", 10, "rule.stationary.for"),
        ("    for: 300s", "    for: -3", 10, "rule.stationary.for"),
        ("    for: 300s", "    for: 5 minutes", 10, "not a duration"),
        ("    for: 300s", "    for: 300s\n    min_score: .nan", 11, "rule.stationary.min_score"),
        ("    for: 300s", "    for: 300s\n    for: 20s", 11, "stands twice"),
        ("    for: 300s", "    for: 300s\n    algorithm: person_detection", 11, "not among algorithms"),
        ("    for: 300s", "    for: 300s\n  count: {classes: [car], at_least: 3}", 7, "exactly one rule word"),
        ("  stationary:", "  stationery:", 8, "did you mean 'stationary'?"),
        ("at_least: 8", "at_least: 11", 11, "at_least 11 must not exceed of 10"),
        ("of: 10, at_least: 8", "of: 150, at_least: 8", 10, ""),
        ("[vehicle_detection]", "[vehicle_detecton]", 4, "did you mean 'vehicle_detection'?"),
        ("[vehicle_detection]", "[vehicle_detection, person_detection]", 8, "rule.stationary.algorithm is missing"),
        ("duration >= 30min", "duration > soon", 18, "severity.raise.0.when"),
        ("duration >= 30min", "size > 3", 18, "'size' is not known"),
        ("to: medium", "to: bad", 18, "severity.raise.0.to"),
        ("2 work_hour", "2 hours", 19, "is not a deadline"),
        ("2 work_hour", "0 work_hour", 19, "is not a deadline"),
        ('"09009"', "09009", 19, "case.class"),
        ('from: "07:00"', "from: 7", 15, "not a time of day"),
        ("[{days: mon-fri", "sometimes #", 15, "write always, or a list"),
        ("kinds: [no_parking]", "kinds: [mask]", 6, "mask"),
        ("every: 2s", "every: 0s", 5, "sample.every"),
        ("id: demo", "id: de mo", 1, "id"),
    ],
)
def test_mistakes_name_file_and_line(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new)
    if new.startswith("of: 150"):
        text, line, said = (
            text.replace("    for: 300s\n", "    for: 60s\n"),
            11,
            "the window of 150 samples lasts 298 s",
        )
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert said in str(caught.value)
    assert f"{tmp_path / 'scenario.yaml'}:{line}" in str(caught.value)
    assert caught.value.remedy


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, GOOD.replace("for: 300s", "for: soon").replace("2 work_hour", "soon"))
    assert "scenario.yaml:10:" in str(caught.value)
    assert "scenario.yaml:19:" in str(caught.value)


def test_always_is_a_schedule(tmp_path: Path) -> None:
    text = GOOD.replace('[{days: mon-fri, from: "07:00", to: "22:00"}]', "always")
    assert load(tmp_path, text).schedule is None
    with pytest.raises(ConfigError, match="schedule"):
        load(tmp_path, GOOD.replace('[{days: mon-fri, from: "07:00", to: "22:00"}]', "[]"))
