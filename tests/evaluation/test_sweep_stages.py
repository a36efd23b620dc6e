"""A sweep is exact: any setting raises what its tasks raise step by step."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from brain.core.errors import ConfigError
from brain.evaluation.sweep.stages import ClipStages, stage_keys
from brain.replay.observed import events_of, judge_observed
from brain.replay.plan import PlannedScenario, ReplayPlan
from brain.scenarios.overrides import override

from .sweep_runs import (
    HALVES,
    KERB,
    SCENARIOS,
    clip_of,
    samples_of,
    scene,
    zones_of,
)

COMMON = {
    "confirm": st.integers(1, 10).flatmap(lambda of: st.tuples(st.just(of), st.integers(1, of))),
    "clear.after": st.sampled_from([0, 6, 20, 60]),
    "cooldown": st.sampled_from([0, 30, 120]),
    "sample.every": st.sampled_from(["2s", "4s", "6s"]),
    "schedule": st.sampled_from(["always", [{"days": "daily", "from": "12:01", "to": "12:05"}]]),
}
SCORE, DWELL = st.sampled_from([0.15, 0.3, 0.45, 0.6]), st.sampled_from([0, 10, 30, 60, 90])
OWN: dict[str, dict[str, Any]] = {
    "stationary": {"min_score": SCORE, "for": DWELL, "occlusion": st.sampled_from([0, 4, 10, 30])},
    "change": {
        "min_score": SCORE,
        "for": DWELL,
        "occlusion": st.sampled_from([0, 4, 10]),
        "inside": st.sampled_from([0.2, 0.5, 1.0]),
        "min_area": st.sampled_from([0.0, 0.0149, 0.0151]),
        "labels": st.sampled_from([["new"], ["removed"], ["new", "removed"]]),
    },
    "count": {
        "min_score": SCORE,
        "for": DWELL,
        "gap": st.sampled_from([0, 10, 20]),
        "at_least": st.integers(2, 4),
        "release_below": st.sampled_from([1, 2]),
        "density.at_least": st.sampled_from([0.1, 0.2]),
        "density.hysteresis": st.sampled_from([0.0, 0.05]),
        "density.for": DWELL,
    },
    "present": {"min_score": SCORE, "for": DWELL, "gap": st.sampled_from([0, 3, 20])},
}


def _as_setting(word: str, drawn: dict[str, Any]) -> dict[str, Any]:
    setting = dict(drawn)
    if "confirm" in setting:
        setting["confirm.of"], setting["confirm.at_least"] = setting.pop("confirm")
    return {f"rule.{word}.{key}" if key in OWN[word] else key: value for key, value in setting.items()}


def settings_for(word: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    one = st.fixed_dictionaries({}, optional={**COMMON, **OWN[word]}).map(lambda drawn: _as_setting(word, drawn))
    return st.lists(one, min_size=2, max_size=8)


@pytest.mark.parametrize("word", list(SCENARIOS))
@given(data=st.data())
@hypothesis_settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_settings_raise_what_their_tasks_raise_step_by_step(word: str, data: st.DataObject) -> None:
    planned = SCENARIOS[word]
    polygons = data.draw(st.sampled_from([(), (KERB,), HALVES]))
    clip = clip_of(
        "gate",
        zones_of(
            planned.manifest.zones.kinds[0],
            *polygons,
            masked=bool(polygons) and data.draw(st.booleans()),
            square_metres=data.draw(st.sampled_from([None, 20.0])),
        ),
    )
    algorithm = planned.manifest.algorithms[0]
    samples = samples_of(scene(data.draw(st.integers(0, 10**6)), 130, algorithm))
    stages = ClipStages(clip, samples, 2.0)
    for setting in [{}, *data.draw(settings_for(word)), {}]:
        try:
            changed = PlannedScenario(override(planned.manifest, setting))
        except ConfigError:
            continue  # values that exclude each other
        tasks = ReplayPlan((changed,)).tasks(clip.camera, [zone.zone() for zone in clip.zones], None)
        slow = events_of(judge_observed(tasks, samples, 2.0))
        assert stages.events(changed, stage_keys(changed.manifest)) == slow, setting


def test_the_scenes_of_these_tests_raise_something() -> None:
    """Else the test above would prove that nothing equals nothing."""
    for word, planned in SCENARIOS.items():
        clip = clip_of("gate", zones_of(planned.manifest.zones.kinds[0], KERB))
        raised = 0
        for seed in range(10):
            samples = samples_of(scene(seed, 130, planned.manifest.algorithms[0]))
            raised += len(ClipStages(clip, samples, 2.0).events(planned, stage_keys(planned.manifest)))
        assert raised >= 5, word
