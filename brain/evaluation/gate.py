"""Holds a release back: the figures of a run against those stored before, one by one. Pure.

A figure falls when it is worse than the stored one by more than its tolerance. A run of fewer troubles or hours than
the stored figures were measured on falls as well, for it proves nothing; so does a scenario that is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pydantic import Field

from brain.config.settings import Identifier, Settings
from brain.evaluation.figures import Figures, JudgedBy, ScenarioFigures

_ROUNDING = 1e-9
"""Sums of seconds may come out a last digit different; no figure that people set is so close to another."""


class Tolerances(Settings):
    """How much worse than stored a figure may be."""

    truth: int = Field(0, ge=0, description="so many troubles fewer")
    hours: float = Field(0.0, ge=0, description="so many camera-hours fewer")
    recall: float = Field(0.0, ge=0, le=1)
    precision: float = Field(0.0, ge=0, le=1)
    false_per_camera_hour: float = Field(0.0, ge=0)
    time_to_alarm_p95_s: float = Field(0.0, ge=0)


class StoredFigures(Settings):
    """What a scenario reached when it was stored.

    Attributes:
        recall, precision, false_per_camera_hour: ``None`` where there was nothing to divide by.
        time_to_alarm_p95_s: from the begin of the trouble, misses as infinite; ``None`` = without end.
        dwell_s, window_s: by which it was judged; with others it is another measure.
        tolerance: goes before that of the whole file, key by key.
    """

    truth: int = Field(ge=0)
    hours: float = Field(ge=0)
    recall: float | None = Field(None, ge=0, le=1)
    precision: float | None = Field(None, ge=0, le=1)
    false_per_camera_hour: float | None = Field(None, ge=0)
    time_to_alarm_p95_s: float | None = None
    dwell_s: float | None = Field(None, ge=0)
    window_s: float | None = Field(None, ge=0)
    tolerance: Tolerances = Tolerances()


class Baseline(Settings):
    """A baseline file.

    Attributes:
        run: digest of the run that it was measured on; product: version of city-brain.
        tolerance: of every scenario.
    """

    run: str = ""
    product: str = ""
    tolerance: Tolerances = Tolerances()
    scenarios: dict[Identifier, StoredFigures] = Field(min_length=1)


class Result(StrEnum):
    """What came of one figure."""

    OK = "ok"
    FELL = "fell"
    BETTER = "better"


class GateLine(Settings):
    """One figure held against the stored one.

    Attributes:
        stored, now: ``None`` where there is no such figure; of the time to alarm: without end.
        tolerance: how much worse was allowed.
        why: a sentence where the numbers do not say it.
    """

    scenario: str
    figure: str
    stored: float | None
    now: float | None
    tolerance: float
    result: Result
    why: str = ""


class Gate(Settings):
    """All that ``brain evaluate gate`` says.

    Attributes:
        passed: nothing fell.
        unknown: scenarios of the run that the baseline does not know.
    """

    passed: bool
    run: str
    lines: tuple[GateLine, ...]
    unknown: tuple[str, ...] = ()

    @property
    def fell(self) -> tuple[GateLine, ...]:
        """What holds the release back."""
        return tuple(line for line in self.lines if line.result is Result.FELL)

    @property
    def better(self) -> tuple[GateLine, ...]:
        """What the baseline could be raised to."""
        return tuple(line for line in self.lines if line.result is Result.BETTER)


@dataclass(frozen=True, slots=True)
class _Rule:
    """How a figure is held against the stored one.

    Attributes:
        higher_is_better: else lower is.
        is_amount: of what it was measured on: more of it is no improvement.
        none_is_endless: ``None`` is the worst there is, not the lack of a figure.
        none_is_silence: ``None`` = no alarm at all.
    """

    higher_is_better: bool = True
    is_amount: bool = False
    none_is_endless: bool = False
    none_is_silence: bool = False


_RULES: Mapping[str, _Rule] = {
    "truth": _Rule(is_amount=True),
    "hours": _Rule(is_amount=True),
    "recall": _Rule(),
    "precision": _Rule(none_is_silence=True),
    "false_per_camera_hour": _Rule(higher_is_better=False),
    "time_to_alarm_p95_s": _Rule(higher_is_better=False, none_is_endless=True),
}


def hold_against(baseline: Baseline, figures: Figures) -> Gate:
    """Every stored figure against that of a run, in order of the baseline."""
    lines: list[GateLine] = []
    for name, stored in baseline.scenarios.items():
        tolerance = _tolerance(baseline, stored)
        found = figures.scenarios.get(name)
        if found is None:
            why = "the run is not judged on this scenario"
            lines.append(_line(name, "truth", stored.truth, None, tolerance, why))
        else:
            now = present(found, figures.judged_by.get(name))
            lines.extend([*_lines(name, stored, now, tolerance), *_other_measure(name, stored, now)])
    passed = all(line.result is not Result.FELL for line in lines)
    unknown = tuple(name for name in figures.scenarios if name not in baseline.scenarios)
    return Gate(passed=passed, run=figures.run, lines=tuple(lines), unknown=unknown)


def present(figures: ScenarioFigures, judged_by: JudgedBy | None = None) -> StoredFigures:
    """The figures of a scenario that a baseline stores, and by what it was judged if that is known."""
    return StoredFigures(
        truth=figures.truth,
        hours=figures.hours,
        recall=figures.recall,
        precision=figures.precision,
        false_per_camera_hour=figures.false_per_camera_hour,
        time_to_alarm_p95_s=figures.time_to_alarm_s.p95,
        dwell_s=None if judged_by is None else judged_by.dwell_s,
        window_s=None if judged_by is None else judged_by.window_s,
    )


def new_baseline(figures: Figures, product: str, old: Baseline | None = None) -> Baseline:
    """The present figures as a baseline; tolerances stay as they were in the old one.

    Args:
        product: version of city-brain that the run was made with.
    """
    stored = {}
    for name, found in figures.scenarios.items():
        known = old.scenarios.get(name) if old is not None else None
        now = present(found, figures.judged_by.get(name))
        stored[name] = now if known is None else now.model_copy(update={"tolerance": known.tolerance})
    tolerance = Tolerances() if old is None else old.tolerance
    return Baseline(run=figures.run, product=product, tolerance=tolerance, scenarios=stored)


def _tolerance(baseline: Baseline, stored: StoredFigures) -> Tolerances:
    own = {name: getattr(stored.tolerance, name) for name in stored.tolerance.model_fields_set}
    return baseline.tolerance.model_copy(update=own)


def _lines(name: str, stored: StoredFigures, now: StoredFigures, tolerance: Tolerances) -> list[GateLine]:
    lines = []
    for figure, rule in _RULES.items():
        before, after = getattr(stored, figure), getattr(now, figure)
        why = ""
        if rule.none_is_endless and not (stored.truth and now.truth):
            # Without a trouble there is no time to alarm: the number of troubles speaks for itself.
            continue
        if before is None and after is None and not rule.none_is_endless:
            continue
        if rule.none_is_silence and after is None and (not stored.truth or before <= getattr(tolerance, figure)):
            # Where nothing is due silence is right, and where no alarm was right silence is not worse.
            lines.append(
                _line(name, figure, None, None, tolerance, "no alarm at all").model_copy(update={"stored": before})
            )
            continue
        if rule.is_amount and after < before - getattr(tolerance, figure) - _ROUNDING:
            why = "measured on less than the stored figures: proves nothing"
        lines.append(_line(name, figure, before, after, tolerance, why))
    return lines


def _other_measure(name: str, stored: StoredFigures, now: StoredFigures) -> list[GateLine]:
    """What is judged by another dwell or window cannot be held against the stored figures: a wider window hits more."""
    why = "another measure than the stored figures: look at both, then store these with --write"
    told = []
    for figure in ("dwell_s", "window_s"):
        before, after = getattr(stored, figure), getattr(now, figure)
        if before is not None and after is not None and abs(before - after) > _ROUNDING:
            told.append(
                GateLine(
                    scenario=name, figure=figure, stored=before, now=after, tolerance=0.0, result=Result.FELL, why=why
                )
            )
    return told


def _line(
    name: str, figure: str, before: float | None, after: float | None, tolerance: Tolerances, why: str
) -> GateLine:
    allowed = float(getattr(tolerance, figure))
    result = _result(_RULES[figure], before, after, allowed)
    return GateLine(scenario=name, figure=figure, stored=before, now=after, tolerance=allowed, result=result, why=why)


def _result(rule: _Rule, before: float | None, after: float | None, allowed: float) -> Result:
    """``None`` where a figure was stored is worse than every number; where none was stored every number will do."""
    if before is None:
        return Result.BETTER if rule.none_is_endless and after is not None else Result.OK
    if after is None:
        return Result.FELL
    gain = after - before if rule.higher_is_better else before - after
    if gain < -allowed - _ROUNDING:
        return Result.FELL
    return Result.BETTER if gain > _ROUNDING and not rule.is_amount else Result.OK
