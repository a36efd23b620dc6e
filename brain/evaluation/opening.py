"""A run and its truth, opened and judged the same way for every command; the use of a frozen set is entered."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from brain.core.errors import UsageError
from brain.core.ids import sha256_hex
from brain.evaluation.judgement import Judgement
from brain.evaluation.judging import judge
from brain.evaluation.ledger import enter
from brain.evaluation.sets import as_frozen
from brain.evaluation.truth import TruthSet
from brain.evaluation.truth_file import read_truth
from brain.evaluation.vocabulary import known_scenarios
from brain.replay.run import Run, RunHeader


def open_judged(
    run_folder: Path, truth_path: Path, command: str, now: datetime, *, scenarios: Sequence[str] | None = None
) -> tuple[Run, TruthSet, Judgement]:
    """Opens a run and a truth file and judges the one by the other.

    Args:
        command: that asks, for the ledger, e.g. ``brain evaluate events``.
        now: the moment, with zone, for the ledger.
        scenarios: only these; ``None`` = all that ran and were looked for.

    Raises:
        UsageError: a scenario is asked for that the run does not have.
        ConfigError: run or truth cannot be read, a frozen set is not what it was, or its use cannot be written down.
    """
    run = Run(run_folder)
    _check_names(run.header, scenarios or ())
    known = sorted({*known_scenarios(), *(item.id for item in run.header.scenarios)})
    truth = as_frozen(read_truth(truth_path, scenarios=known))
    judgement = judge(run, truth, scenarios=scenarios, known=known)
    # Before anybody sees a figure: a use that cannot be written down is none.
    enter(truth, command=command, run_digest=run.digest, settings_digest=settings_digest(run.header), now=now)
    return run, truth, judgement


def settings_digest(header: RunHeader) -> str:
    """sha256 of what a run was told, clips left out: equal for two runs of the same version over different clips."""
    told = header.model_dump(mode="json", include={"profile", "weights", "scenarios"})
    return sha256_hex(json.dumps(told, sort_keys=True, ensure_ascii=False).encode())


def _check_names(header: RunHeader, asked: Sequence[str]) -> None:
    ran = [scenario.id for scenario in header.scenarios]
    for name in asked:
        if name not in ran:
            raise UsageError(f"the run has no scenario {name!r}", remedy=f"it has {', '.join(ran)}")
