"""The plan of a replay: what a run folder tells of it, and what may be replayed from observations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from brain.core.errors import ConfigError, UsageError
from brain.replay.plan import (
    PlannedScenario,
    ReplayPlan,
    change_plan,
    check_observed,
    observed_header,
    plan_as_run,
    plan_scenario,
)
from brain.replay.record import header_bytes
from brain.replay.run import HEADER, Run, RunClip, RunHeader
from brain.scenarios.assignment import Profile
from brain.scenarios.manifest import Manifest
from brain.scenarios.registry import Registry

REGISTRY = Registry.open()
START = datetime(2026, 11, 24, tzinfo=UTC)
IDS = ["crowd_gathering", "illegal_parking", "left_object"]


def plan(*names: str, profile: Profile = "normal", **sets: Mapping[str, Any]) -> ReplayPlan:
    return ReplayPlan(tuple(plan_scenario(REGISTRY.get(n), sets.get(n, {}), profile) for n in names), profile)


def run_of(folder: Path, source: ReplayPlan, **changes: Any) -> Run:
    header = RunHeader(
        product="0.1.0",
        profile=source.profile,
        runtime="onnxruntime",
        observed=source.observed,
        scenarios=tuple(item.as_run() for item in source.scenarios),
        clips=(RunClip(id="a", path="/a.mp4", sha256="", camera="a", site="a", start=START),),
    )
    folder.mkdir(exist_ok=True)
    (folder / HEADER).write_bytes(header_bytes(header.model_copy(update=changes)))
    return Run(folder)


@pytest.mark.parametrize("profile", ["normal", "short"])
@pytest.mark.parametrize("name", IDS)
def test_a_scenario_comes_back_from_a_run_as_it_ran(tmp_path: Path, name: str, profile: Profile) -> None:
    source = plan(name, profile=profile)
    run = run_of(tmp_path, source)
    assert plan_as_run(run).scenarios == source.scenarios
    told = run.header.scenario(name)
    assert Manifest.model_validate(told.manifest) == source.scenarios[0].manifest
    dwell = 10.0 if profile == "short" else 300.0
    assert told.dwell_s == dwell
    assert told.inherited_dwell_s == dwell * (2 if name == "illegal_parking" else 1)
    assert told.window_s == (120.0 if name == "left_object" else 30.0)
    assert (told.role, told.code, told.zh) == ("alerting", "", REGISTRY.get(name).manifest.name.zh)


def test_what_is_observed_is_the_union_of_what_is_asked() -> None:
    observed = plan(*IDS, left_object={"sample.every": "3s"}).observed
    assert (observed.every_s, observed.width) == (2.0, 960)
    assert {item.id: item.every_s for item in observed.algorithms} == {
        "person_detection": 5.0,
        "stationary_change": 3.0,
        "vehicle_detection": 2.0,
    }


@pytest.mark.parametrize(
    ("name", "sets", "said"),
    [
        ("crowd_gathering", {}, "person_detection, which was not recorded"),
        ("left_object", {"sample.every": "4s"}, "finer than recorded"),
        ("left_object", {"sample.width": 1280}, "wider than recorded"),
    ],
)
def test_what_was_not_recorded_is_refused(tmp_path: Path, name: str, sets: dict[str, Any], said: str) -> None:
    run = run_of(tmp_path, plan("left_object"))
    with pytest.raises(UsageError, match=said) as caught:
        check_observed(plan(name, **{name: sets}), run)
    assert caught.value.remedy
    assert caught.value.where == str(tmp_path)


def test_what_was_recorded_may_be_taken_rarer_and_otherwise(tmp_path: Path) -> None:
    run = run_of(tmp_path, plan(*IDS))
    sets = {"sample.every": "10s", "rule.change.for": "120s", "sample.width": 320}
    assert check_observed(plan("left_object", left_object=sets), run) == run.header.observed


def test_a_scenario_with_code_of_its_own_is_refused(tmp_path: Path) -> None:
    source = plan("left_object")
    coded = ReplayPlan((PlannedScenario(source.scenarios[0].manifest, "1" * 64),))
    with pytest.raises(UsageError, match="code of its own"):
        check_observed(coded, run_of(tmp_path, coded))


def test_a_run_that_does_not_say_what_it_holds_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not say"):
        check_observed(plan("left_object"), run_of(tmp_path, plan("left_object"), observed=None))


def test_a_manifest_of_another_time_is_refused(tmp_path: Path) -> None:
    run_of(tmp_path, plan("left_object"))
    tree = json.loads((tmp_path / HEADER).read_bytes())
    tree["scenarios"][0]["manifest"]["rule"] = {"hover": {}}
    (tmp_path / HEADER).write_text(json.dumps(tree))
    with pytest.raises(ConfigError, match="does not fit this version"):
        plan_as_run(Run(tmp_path))


def test_a_run_of_observations_names_where_they_come_from(tmp_path: Path) -> None:
    run = run_of(tmp_path, plan("left_object"))
    changed = change_plan(plan_as_run(run), {"left_object": {"rule.change.for": "60s"}})
    header = observed_header(run, changed)
    assert header.observed_by == run.digest
    assert header.scenarios[0].dwell_s == 60.0
    assert (header.clips, header.observed) == (run.header.clips, run.header.observed)


@pytest.mark.parametrize(
    ("name", "path", "title"),
    [
        ("gate", "/a/gate.mp4", "gate"),
        ("clip_2", "/录像/西门.mp4", "西门 (clip_2)"),
        ("gate_2", "/b/gate.mkv", "gate (gate_2)"),
    ],
)
def test_a_clip_is_called_what_its_file_is_called(name: str, path: str, title: str) -> None:
    assert RunClip(id=name, path=path, sha256="", camera="a", site="a", start=START).title == title
