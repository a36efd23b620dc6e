from __future__ import annotations

import sys
from pathlib import Path

import pytest

from brain.config.paths import assets
from brain.core.errors import ConfigError
from brain.inference.algorithms import load_algorithms
from brain.scenarios.registry import BrokenScenario, Registry, Scenario, read_scenario

SHIPPED = ("crowd_gathering", "illegal_parking", "left_object")
MANIFEST = """\
id: {id}
name: {{zh: 示例, en: Demo}}
field: grid
algorithms: [person_detection]
zones: {{kinds: [public], default: whole_picture}}
{rule}
case: {{class: "06036", department: street_office, deadline: 4 work_hour}}
"""
RULE = "rule: {present: {classes: [person]}}"
PLUGIN = """\
from brain.core.types import Finding
from brain.scenarios.plugin import ScenarioPlugin


class Mine(ScenarioPlugin):
    def observe(self, sample, observations, zone):
        return Finding(active=True)
"""


def scenario(root: Path, name: str, *, rule: str = RULE, plugin: str | None = None, own_id: str | None = None) -> Path:
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "scenario.yaml").write_text(MANIFEST.format(id=own_id or name, rule=rule), "utf-8")
    if plugin is not None:
        (folder / "scenario.py").write_text(plugin, "utf-8")
    return folder


def test_shipped_scenarios_are_sound_with_shipped_algorithms() -> None:
    algorithms = load_algorithms(assets() / "models" / "algorithms.yaml").ids()
    found = Registry.open(algorithms=algorithms).list()
    assert [item.id for item in found if isinstance(item, Scenario)] == sorted(SHIPPED)
    assert not [item for item in found if isinstance(item, BrokenScenario)]


@pytest.mark.parametrize(
    ("name", "of", "at_least", "every", "dwell", "code"),
    [
        ("illegal_parking", 10, 8, 2, 300, "09009"),
        ("crowd_gathering", 6, 5, 5, 300, "10903"),
        ("left_object", 10, 8, 5, 300, "06036"),
    ],
)
def test_numbers_of_the_domain(name: str, of: int, at_least: int, every: float, dwell: float, code: str) -> None:
    manifest = Registry.open().get(name).manifest
    assert (manifest.confirm.of, manifest.confirm.at_least, manifest.sample.every) == (of, at_least, every)
    assert manifest.rule is not None
    assert (manifest.rule.dwell_s, manifest.case.class_code) == (dwell, code)
    assert manifest.filing is not None
    assert manifest.closing is not None
    assert (assets() / "scenarios" / name / "README.md").read_text("utf-8").startswith(f"# {name} – {manifest.name.zh}")


def test_unknown_id_names_the_close_one_and_all() -> None:
    with pytest.raises(ConfigError) as caught:
        Registry.open().get("ilegal_parking")
    assert "did you mean 'illegal_parking'?" in caught.value.remedy
    assert all(name in caught.value.remedy for name in SHIPPED)


def test_own_folder_and_broken_ones_harm_nobody(tmp_path: Path) -> None:
    scenario(tmp_path, "fine")
    scenario(tmp_path, "bad_rule", rule="rule: {present: {}}")
    scenario(tmp_path, "no_rule", rule="")
    scenario(tmp_path, "both", plugin=PLUGIN)
    scenario(tmp_path, "raises", rule="", plugin="\n\nraise RuntimeError('boom')\n")
    scenario(tmp_path, "exits", rule="", plugin="import sys\nsys.exit(3)\n")
    scenario(tmp_path, "syntax", rule="", plugin="def (:\n")
    scenario(tmp_path, "empty_plugin", rule="", plugin="x = 1\n")
    scenario(tmp_path, "other_name", own_id="something")
    scenario(tmp_path, "illegal_parking")
    (tmp_path / "notes").mkdir()
    registry = Registry.open(tmp_path)
    broken = {item.id: str(item.error) for item in registry.list() if isinstance(item, BrokenScenario)}
    sound = [item.id for item in registry.list() if isinstance(item, Scenario)]
    assert sound == sorted((*SHIPPED, "fine"))
    assert registry.get("illegal_parking").folder == assets() / "scenarios" / "illegal_parking"
    taken = f"illegal_parking@{tmp_path / 'illegal_parking'}"
    said = {
        "bad_rule": "scenario.yaml:6: key 'rule.present.classes' is missing",
        "no_rule": "neither a rule nor a scenario.py",
        "both": "both a rule and a scenario.py",
        "raises": "scenario.py:3: does not load: RuntimeError: boom",
        "exits": "scenario.py:2: does not load: SystemExit",
        "syntax": "scenario.py:1: does not load: SyntaxError",
        "empty_plugin": "defines 0 subclasses",
        "other_name": "differs from the name of its folder",
        taken: "is taken by",
    }
    assert broken.keys() == said.keys()
    for name, text in said.items():
        assert text in broken[name]
    with pytest.raises(ConfigError, match="boom"):
        registry.get("raises")


def test_plugin_beside_the_manifest(tmp_path: Path) -> None:
    found = read_scenario(scenario(tmp_path, "mine", rule="", plugin=PLUGIN))
    assert found.plugin is not None
    assert found.plugin.__name__ == "Mine"


def test_unknown_algorithm_is_broken(tmp_path: Path) -> None:
    scenario(tmp_path, "fine")
    registry = Registry.open(tmp_path, {"vehicle_detection", "stationary_change", "face_detection"})
    with pytest.raises(ConfigError, match="unknown algorithm 'person_detection'"):
        registry.get("fine")


def test_folder_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such folder"):
        Registry.open(tmp_path / "away")


def test_entry_points_of_an_installed_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = scenario(tmp_path, "installed_scenario", rule="")
    (package / "__init__.py").write_text(PLUGIN, "utf-8")
    info = tmp_path / "installed_scenario-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: installed-scenario\nVersion: 1.0\n", "utf-8")
    (info / "entry_points.txt").write_text(
        "[brain.scenarios]\ninstalled_scenario = installed_scenario:Mine\ngone = no_such_package_here:Mine\n", "utf-8"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    registry = Registry.open()
    try:
        assert registry.get("installed_scenario").plugin is not None
        assert registry.get("illegal_parking")
        with pytest.raises(ConfigError, match="entry point gone = no_such_package_here:Mine does not load"):
            registry.get("gone")
    finally:
        sys.modules.pop("installed_scenario", None)
