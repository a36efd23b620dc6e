"""What a sweep leaves behind: the best setting as an override file, and everything as one JSON object."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from math import isinf
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from brain.config.paths import own_scenarios
from brain.core.errors import BrainError
from brain.core.files import write_whole
from brain.evaluation.figures import ScenarioFigures
from brain.evaluation.measures import interval_text
from brain.evaluation.sweep.choice import LeftOutSite, Scored
from brain.evaluation.sweep.grid import told_value, tuned_keys, values_at
from brain.evaluation.sweep.score import Score
from brain.evaluation.sweep.sweep import SweepResult
from brain.scenarios.manifest import Manifest
from brain.scenarios.overrides import shorten
from brain.scenarios.registry import Registry

OVERRIDE, TABLE = "override.yaml", "sweep.json"


def write_override(path: Path, result: SweepResult, best: Scored, figures: ScenarioFigures, budget: float) -> None:
    """Writes the best setting in the form of an assignment; its ``set`` fits into any other one.

    Args:
        figures: of the best setting.
        budget: that it had to keep.

    Raises:
        OSError: it cannot be written.
    """
    installed = _installed(result)
    values = override_values(result, best, installed)
    tree: dict[str, Any] = {"scenario": result.scenario.id}
    if result.run.header.profile != "normal":
        tree["profile"] = result.run.header.profile
    text = io.StringIO()
    YAML().dump({**tree, "set": values}, text)
    lines = "".join(f"# {line}\n" for line in _comment(result, best, figures, budget, installed))
    write_whole(path, (lines + text.getvalue()).encode())


def override_values(result: SweepResult, best: Scored, installed: Manifest | None) -> dict[str, Any]:
    """What has to be set so that the scenario as it is installed behaves like a setting.

    That is more than the setting itself where the run was made with overrides of its own.

    Args:
        installed: the scenario with the profile applied; ``None`` where it is not installed: then the setting alone.
    """
    keys = tuned_keys(result.manifests[best.number])
    chosen = values_at(result.manifests[best.number], keys)
    if installed is None:
        told = list(best.setting)
    else:
        there = values_at(installed, keys)
        told = [key for key in keys if chosen[key] != there[key] or key in best.setting]
    return {key: told_value(key, best.setting.get(key, chosen[key])) for key in told}


def summary(
    result: SweepResult, budget: float | None, figures: ScenarioFigures | None, *, everything: bool = False
) -> dict[str, Any]:
    """A sweep as one JSON object.

    Args:
        budget: as wished; ``None`` = the false alarms of the present setting.
        figures: of the best setting.
        everything: with all settings, not only those that matter.
    """
    best = result.best(budget)
    tree: dict[str, Any] = {
        "run": result.run.digest,
        "truth": str(result.truth.path),
        "scenario": result.scenario.id,
        "due": result.due,
        "max_false_per_camera_hour": result.budget(budget),
        "settings": len(result.scored),
        "present": entry(result.present),
        "best": None if best is None else entry(best),
        "best_figures": None if figures is None else figures.model_dump(mode="json"),
        "front": [entry(item) for item in result.front()],
        "left_out_sites": [_site(item) for item in result.by_site(budget)],
        "refused": [{"set": dict(item.setting), "why": item.why} for item in result.refused],
        "left_out": [{"clip": item.clip, "why": item.why, "is_error": item.is_error} for item in result.left_out],
        "notes": list(result.notes),
    }
    if everything:
        tree["all"] = [entry(item) for item in result.scored]
    return tree


def write_table(path: Path, tree: Mapping[str, Any]) -> None:
    """Writes a summary.

    Raises:
        OSError: it cannot be written.
    """
    write_whole(path, (json.dumps(tree, ensure_ascii=False, indent=1) + "\n").encode())


def entry(item: Scored) -> dict[str, Any]:
    """A setting and its figures as plain values."""
    return {"set": dict(item.setting), **score_values(item.score), "distance": round(item.distance, 6)}


def score_values(score: Score) -> dict[str, Any]:
    """Figures as plain values, called as in ``brain evaluate events``."""
    return {
        "truth": score.truth,
        "hits": score.hits,
        "late": score.late,
        "missed": score.truth - score.hits - score.late,
        "false": score.false,
        "early": score.early,
        "duplicates": score.duplicates,
        "recall": score.recall if score.truth else None,
        "false_per_camera_hour": score.false_per_camera_hour if score.seconds > 0 else None,
        "hours": score.hours,
        "time_to_alarm_s": None if isinf(score.delay_s) else round(score.delay_s, 3),
    }


def _site(item: LeftOutSite) -> dict[str, Any]:
    return {
        "site": item.site,
        "set": None if item.best is None else dict(item.best.setting),
        "figures": None if item.score is None else score_values(item.score),
        "present": score_values(item.present),
    }


def _installed(result: SweepResult) -> Manifest | None:
    try:
        manifest = Registry.open(own_scenarios()).get(result.scenario.id).manifest
    except BrainError:
        return None
    return shorten(manifest) if result.run.header.profile == "short" else manifest


def _comment(
    result: SweepResult, best: Scored, figures: ScenarioFigures, budget: float, installed: Manifest | None
) -> list[str]:
    score, present = best.score, result.present.score
    due = {"run": "the dwell of the run", "rule": "each setting's own dwell"}.get(str(result.due), f"{result.due} s")
    lines = [
        f"Best of {len(result.scored)} settings with at most {budget:.3g} false alarms per camera-hour.",
        f"run      {result.run.digest}",
        f"truth    {result.truth.path}, set {result.truth.set}",
        f"watched  {len(result.sites)} clips, {score.hours:.2f} camera-hours",
        f"due      after {due}",
        f"best     {_line(score)}",
        f"present  {_line(present)}",
        f"recall 95 % {interval_text(figures.recall_interval)}, "
        f"false alarms per camera-hour 95 % {interval_text(figures.false_per_camera_hour_interval)}",
        "Chosen on these clips: measure it on a test set before it goes live.",
    ]
    if installed is None:
        lines.append(
            "The scenario is not installed here: overrides with which the run was made are not repeated below."
        )
    return lines


def _line(score: Score) -> str:
    delay = "without end" if isinf(score.delay_s) else f"{score.delay_s:.1f} s"
    return (
        f"recall {score.recall:.3f} ({score.hits} of {score.truth}), {score.false} false alarms ({score.early} early), "
        f"{score.false_per_camera_hour:.3f} per camera-hour, median time to alarm {delay}"
    )
