"""A run and its truth, opened and judged the same way for every command; the use of a frozen set is entered."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from brain.config.paths import own_scenarios
from brain.core.errors import UsageError
from brain.core.ids import sha256_hex
from brain.evaluation.judgement import Judgement
from brain.evaluation.judging import judge
from brain.evaluation.ledger import enter
from brain.evaluation.sets import verify_frozen
from brain.evaluation.truth import TruthSet
from brain.evaluation.truth_file import read_truth
from brain.replay.run import Run, RunHeader
from brain.scenarios.registry import Registry


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
    truth = _as_frozen(read_truth(truth_path))
    judgement = judge(
        run, truth, scenarios=scenarios, known=[item.id for item in Registry.open(own_scenarios()).list()]
    )
    # Before anybody sees a figure: a use that cannot be written down is none.
    enter(truth, command=command, run_digest=run.digest, settings_digest=settings_digest(run.header), now=now)
    return run, truth, judgement


def _as_frozen(truth: TruthSet) -> TruthSet:
    """The same with the sha256 that each clip had when the set was frozen: a run over other bytes is not judged."""
    frozen = verify_frozen(truth, clips=False)
    if frozen is None:
        return truth
    known = {clip.file: clip.sha256 for clip in frozen.clips}
    clips = [clip.model_copy(update={"sha256": known.get(clip.file, clip.sha256)}) for clip in truth.clips]
    return replace(truth, clips=tuple(clips))


def settings_digest(header: RunHeader) -> str:
    """sha256 of what a run was told, clips left out: equal for two runs of the same version over different clips."""
    told = header.model_dump(mode="json", include={"profile", "weights", "scenarios"})
    return sha256_hex(json.dumps(told, sort_keys=True, ensure_ascii=False).encode())


def _check_names(header: RunHeader, asked: Sequence[str]) -> None:
    ran = [scenario.id for scenario in header.scenarios]
    for name in asked:
        if name not in ran:
            raise UsageError(f"the run has no scenario {name!r}", remedy=f"it has {', '.join(ran)}")
