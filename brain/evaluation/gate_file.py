"""The baseline file of the gate: YAML (or JSON) that people read in a review."""

from __future__ import annotations

import json
import re
from pathlib import Path

from brain.config.yaml_file import load
from brain.core.errors import ConfigError, UsageError
from brain.core.files import write_whole
from brain.evaluation.gate import Baseline, StoredFigures, Tolerances

_HEAD = """\
# Figures below which no release may fall: `brain evaluate gate RUN --truth FILE --baseline THIS_FILE`.
# Written by the same command with --write. A figure may be worse than stored by its key under `tolerance` (default 0),
# here for all scenarios or below one of them for that alone.
"""
_PLAIN = re.compile("[a-z][a-z0-9_-]*")
_WORDS = ("true", "false", "null", "yes", "no", "on", "off", "y", "n")
_MEANINGS = {
    "truth": "troubles due; fewer prove nothing",
    "hours": "camera-hours watched; fewer prove nothing",
    "recall": "in time",
    "precision": "duplicates count against it",
    "false_per_camera_hour": "",
    "time_to_alarm_p95_s": "from the begin of the trouble; null = without end, as misses are among the slowest",
    "dwell_s": "by which the alarms were due",
    "window_s": "within which an alarm was in time",
}


def read_baseline(path: Path) -> Baseline:
    """A baseline file, checked.

    Raises:
        ConfigError: with file and line for every mistake.
    """
    if not path.exists():
        remedy = "check --baseline; with --write the figures of this run become the baseline"
        raise ConfigError("there is no such file", where=str(path), remedy=remedy)
    try:
        return load(path, Baseline)
    except ConfigError as error:
        remedy = "mend the lines named above, or delete the file and store the figures anew with --write"
        raise ConfigError(error.what, where=error.where, remedy=remedy) from None


def write_baseline(path: Path, baseline: Baseline) -> None:
    """Writes it as YAML, or as JSON where the name ends so; the file appears whole or stays as it was.

    Raises:
        UsageError: it cannot be written.
    """
    text = json_text(baseline) if path.suffix.lower() == ".json" else yaml_text(baseline)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode())
    except OSError as error:
        remedy = "name another file with --baseline, or check its rights and the disk's space"
        raise UsageError(f"cannot be written: {error.strerror}", where=str(path), remedy=remedy) from None


def json_text(baseline: Baseline) -> str:
    """As JSON, with what is set and nothing else."""
    return baseline.model_dump_json(indent=1, exclude_unset=True) + "\n"


def yaml_text(baseline: Baseline) -> str:
    """As YAML with comments; ``read_yaml`` gives the same baseline back."""
    lines = [_HEAD.rstrip()]
    lines.append(f"run: {json.dumps(baseline.run)}  # sha256 of the run.json that it was measured on")
    lines.append(f"product: {json.dumps(baseline.product)}  # version of city-brain that made the run")
    lines += _tolerance_lines(baseline.tolerance, "")
    lines.append("scenarios:")
    for name, stored in baseline.scenarios.items():
        lines.append(f"  {_key(name)}:")
        lines += _figure_lines(stored)
        lines += _tolerance_lines(stored.tolerance, "    ")
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    """Quoted only where YAML would read something else than a text."""
    return name if _PLAIN.fullmatch(name) and name not in _WORDS else json.dumps(name)


def _figure_lines(stored: StoredFigures) -> list[str]:
    lines = []
    for key, meaning in _MEANINGS.items():
        value = json.dumps(getattr(stored, key))
        lines.append(f"    {key}: {value}" + (f"  # {meaning}" if meaning else ""))
    return lines


def _tolerance_lines(tolerance: Tolerances, indent: str) -> list[str]:
    own = tolerance.model_dump(exclude_unset=True)
    return [f"{indent}tolerance: {json.dumps(own)}"] if own else []
