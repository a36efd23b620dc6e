"""By which dwell a sweep judges its settings."""

from __future__ import annotations

from typing import Any

import pytest

from brain.evaluation.sweep.due import DueBy, due_note, judged_as
from brain.replay.plan import PlannedScenario
from brain.scenarios.overrides import override
from brain.scenarios.registry import Registry

HOURS = [{"days": "mon-fri", "from": "07:00", "to": "22:00"}]


@pytest.mark.parametrize(
    ("due", "dwells", "schedule"),
    [
        ("run", (30.0, 30.0, 0.0), None),
        ("rule", (40.0, 40.0, 5.0), HOURS),
        (12.0, (12.0, 12.0, 12.0), None),
    ],
)
def test_density_has_its_own_dwell(due: DueBy, dwells: tuple[float, float, float], schedule: Any) -> None:
    shipped = Registry.open().get("crowd_gathering").manifest
    ran = PlannedScenario(override(shipped, {"rule.count.for": 30})).as_run()
    setting = override(shipped, {"rule.count.for": 40, "rule.count.density.for": 5, "schedule": HOURS})
    found = judged_as(ran, setting, due)
    assert (found.dwell_s, found.inherited_dwell_s, found.density_dwell_s) == dwells
    assert found.manifest.get("schedule") == schedule
    assert ("0 s in a zone with square_metres" in due_note(ran, due, 30.0)) is (due == "run")


def test_a_rule_without_density_has_none() -> None:
    shipped = Registry.open().get("left_object").manifest
    ran = PlannedScenario(shipped).as_run()
    assert ran.density_dwell_s is None
    assert judged_as(ran, shipped, 12.0).density_dwell_s is None
    assert judged_as(ran, shipped, "rule").density_dwell_s is None
