"""When a trouble is due, while the dwell itself is tried."""

from __future__ import annotations

from typing import Literal

from brain.replay.run import RunScenario
from brain.rules.words import RuleWords
from brain.scenarios.manifest import Manifest

DueBy = Literal["run", "rule"] | float
"""When troubles are due: after the dwell with which the run was made, after that of each setting, or after so many
seconds."""


def judged_as(scenario: RunScenario, manifest: Manifest, due: DueBy) -> RunScenario:
    """The scenario with the dwell by which troubles are due; its own schedule goes with the dwell of a setting."""
    if due == "run":
        return scenario
    told = scenario.manifest
    if due == "rule":
        told = {**told, "schedule": manifest.model_dump(mode="json", by_alias=True, include={"schedule"})["schedule"]}
        rule = rule_of(manifest)
        dwell_s, inherited_s, density_s = rule.dwell_s, rule.inherited_dwell_s, rule.density_dwell_s
    else:
        density_s = None if scenario.density_dwell_s is None else due
        dwell_s, inherited_s = due, due * (scenario.inherited_dwell_s / scenario.dwell_s if scenario.dwell_s else 1.0)
    dwells = {"dwell_s": dwell_s, "inherited_dwell_s": inherited_s, "density_dwell_s": density_s}
    return scenario.model_copy(update={**dwells, "manifest": told})


def due_note(scenario: RunScenario, due: DueBy, shortest_s: float) -> str:
    """How settings of unlike dwell are compared."""
    if due == "rule":
        return (
            "each setting is judged by its own dwell: with a longer one fewer troubles are due, and recall is of those"
        )
    due_s = scenario.dwell_s if due == "run" else due
    text = f"with every setting a trouble is due after {due_s:g} s"
    if due == "run" and scenario.density_dwell_s is not None:
        text += f" ({scenario.density_dwell_s:g} s in a zone with square_metres)"
    early = f"; an alarm before that counts as false and is told as early (--due {shortest_s:g}s would welcome it)"
    return text + (early if shortest_s < due_s else "")


def rule_of(manifest: Manifest) -> RuleWords:
    """The rule of a scenario that is made of a rule word, as all are that can be swept."""
    assert manifest.rule is not None  # check_observed refuses a scenario without
    return manifest.rule
