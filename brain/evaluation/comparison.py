"""Two runs over the same clips: what was won and lost, and whether the difference is more than chance.

A scenario's verdict stands on one figure that is chosen before anything is looked at: F1, or false alarms per
camera-hour where nothing was due. It is "better" only if the 95 % interval of the difference, a paired bootstrap over
cameras, excludes 0, and Holm's adjustment for the number of scenarios leaves that standing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from brain.evaluation.comparison_figures import Change, Comparison, FigureDifference, Outcome, ScenarioComparison
from brain.evaluation.comparison_notes import error_lines, left_out_lines
from brain.evaluation.comparison_pairs import RunSide, ScenarioPair, TroublePair, pair_clips_of_runs, pair_scenario
from brain.evaluation.judgement import Judged, Verdict
from brain.evaluation.measures import DRAWS, Sums, by_camera, counts, f1_of
from brain.evaluation.run_difference import run_differences
from brain.evaluation.statistics import (
    FEWEST_GROUPS,
    PairedDifference,
    holm,
    mcnemar_exact,
    paired_difference_of_sums,
    rate_difference_p,
)

PROVEN = 0.05
_HOUR_S = 3600.0


def compare(a: RunSide, b: RunSide, truth_path: str, *, seed: int = 0, draws: int = DRAWS) -> Comparison:
    """Everything about two runs; depends on nothing but what is given.

    Args:
        seed: of the bootstrap: the same one gives the same intervals.
    """
    clips, left_out = pair_clips_of_runs(a.header, b.header)
    differences = run_differences(a.header, b.header, clips)
    notes = list(left_out)
    found: dict[str, ScenarioComparison] = {}
    for pair in scenario_pairs(a, b):
        moved = tuple(str(item) for item in differences if item.moves_due and item.where == pair.scenario)
        found[pair.scenario] = _of_scenario(pair, a, dict(clips), moved, seed, draws)
        notes.extend(pair.left_out)
    return Comparison(
        a=a.digest,
        b=b.digest,
        truth=truth_path,
        clips=len(clips),
        scenarios=_adjusted(found),
        differences=differences,
        left_out=left_out_lines(a, b, notes),
        errors=error_lines(a, b),
        seed=seed,
    )


def scenario_pairs(a: RunSide, b: RunSide) -> tuple[ScenarioPair, ...]:
    """The scenarios that both runs are judged on, in order of the first, those without a common clip left out."""
    clips, _ = pair_clips_of_runs(a.header, b.header)
    both = [name for name in a.judgement.scenarios if name in b.judgement.scenarios]
    pairs = (pair_scenario(name, a.judgement, b.judgement, clips) for name in both)
    return tuple(pair for pair in pairs if pair.watched_a)


def decide(cameras: int, found: PairedDifference | None, p_holm: float | None, *, lower_is_better: bool) -> Outcome:
    """The verdict on one scenario.

    Args:
        cameras: that bear the figure.
        found: of the figure that decides; ``None`` = there is no interval.
        p_holm: its p, adjusted for the number of scenarios.
        lower_is_better: of that figure.
    """
    if cameras < FEWEST_GROUPS or found is None or p_holm is None:
        return Outcome.FEW
    low, high = found.interval.low, found.interval.high
    if low <= 0 <= high or p_holm >= PROVEN:
        return Outcome.UNPROVEN
    return Outcome.BETTER if (low > 0) != lower_is_better else Outcome.WORSE


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that is compared.

    Attributes:
        value: of the sums over some cameras; ``None`` where there is nothing to divide by.
        columns: of ``Sums`` that it is a share of. A camera with nothing there says nothing about the figure and does
            not count as one of those it was measured on.
    """

    value: Callable[[Sums], float | None]
    columns: tuple[int, ...]


def _recall(sums: Sums) -> float | None:
    return float(sums[1] / sums[0]) if sums[0] else None


def _precision(sums: Sums) -> float | None:
    return float(sums[1] / sums[2]) if sums[2] else None


def _false_per_hour(sums: Sums) -> float | None:
    return float(sums[3] / (sums[4] / _HOUR_S)) if sums[4] > 0 else None


FIGURES: Mapping[str, Figure] = {
    "recall": Figure(_recall, (0,)),
    "precision": Figure(_precision, (2,)),
    "f1": Figure(f1_of, (0, 2)),
    "false_per_camera_hour": Figure(_false_per_hour, (4,)),
}


def _of_scenario(
    pair: ScenarioPair, a: RunSide, clips: Mapping[str, str], moved: tuple[str, ...], seed: int, draws: int
) -> ScenarioComparison:
    """All of a scenario but what takes the other scenarios to know (see ``_adjusted``)."""
    scenario = a.header.scenario(pair.scenario)
    of_a, of_b = by_camera(pair.items_a, pair.watched_a), by_camera(pair.items_b, pair.watched_b)
    cameras = len(of_a)
    back = {second: first for first, second in clips.items()}
    counts_a, counts_b = counts(pair.items_a, pair.watched_a), counts(pair.items_b, pair.watched_b)
    mcnemar_p = mcnemar_exact(len(pair.won), len(pair.lost))
    rate_p = rate_difference_p(counts_a.false, counts_a.hours, counts_b.false, counts_b.hours)
    return ScenarioComparison(
        zh=scenario.zh,
        en=scenario.en,
        outcome=Outcome.NOT_COMPARABLE if moved else Outcome.UNPROVEN,
        why="",
        headline="f1" if counts_a.truth else "false_per_camera_hour",
        clips=len(pair.watched_a),
        cameras=cameras,
        a=counts_a,
        b=counts_b,
        difference={name: _difference(of_a, of_b, figure, seed, draws) for name, figure in FIGURES.items()},
        won=tuple(_trouble(item) for item in pair.won),
        lost=tuple(_trouble(item) for item in pair.lost),
        false_gone=tuple(_alarm(item, item.clip, clips[item.clip], Verdict.FALSE, None) for item in pair.false_gone),
        false_new=tuple(_alarm(item, back[item.clip], item.clip, None, Verdict.FALSE) for item in pair.false_new),
        mcnemar_p=mcnemar_p,
        mcnemar_p_holm=mcnemar_p,
        rate_p=rate_p,
        rate_p_holm=rate_p,
        not_comparable=moved,
    )


def _difference(a: Sums, b: Sums, figure: Figure, seed: int, draws: int) -> FigureDifference:
    """Of all cameras together, and what a bootstrap over them says."""
    before, after = figure.value(a.sum(axis=0)), figure.value(b.sum(axis=0))
    value = None if before is None or after is None else after - before
    bearing = (a + b)[:, figure.columns].sum(axis=1) > 0
    found = paired_difference_of_sums(a[bearing], b[bearing], figure.value, draws=draws, seed=seed)
    cameras = int(bearing.sum())
    if found is None:
        return FigureDifference(value=value, cameras=cameras)
    return FigureDifference(value=value, cameras=cameras, interval=found.interval, p=found.p)


def _trouble(pair: TroublePair) -> Change:
    raised = pair.b.alarm if pair.is_won else pair.a.alarm
    truth = pair.a.truth
    assert truth is not None
    return Change(
        clip=pair.a.clip,
        clip_b=pair.b.clip,
        camera=pair.a.camera,
        zone=raised.zone if raised is not None else (truth.zone or ""),
        began_s=truth.began_s,
        ended_s=truth.ended_s,
        raised_s=None if raised is None else raised.raised_s,
        a=pair.a.verdict,
        b=pair.b.verdict,
    )


def _alarm(item: Judged, clip: str, clip_b: str, a: Verdict | None, b: Verdict | None) -> Change:
    alarm = item.alarm
    assert alarm is not None
    return Change(
        clip=clip,
        clip_b=clip_b,
        camera=item.camera,
        zone=alarm.zone,
        began_s=alarm.began_s,
        ended_s=alarm.ended_s,
        raised_s=alarm.raised_s,
        a=a,
        b=b,
    )


def _adjusted(scenarios: Mapping[str, ScenarioComparison]) -> dict[str, ScenarioComparison]:
    """With every p adjusted for the scenarios that are looked at, and the verdict that follows.

    A scenario makes one claim, on its headline figure, whichever that is: these are adjusted together. Every other
    figure is adjusted for the scenarios that have it and decides nothing. Scenarios that are not comparable, or have
    too few cameras, claim nothing and so count for nothing there.
    """
    claims = {name: item for name, item in scenarios.items() if item.outcome is not Outcome.NOT_COMPARABLE}
    mcnemar = holm({name: item.mcnemar_p for name, item in claims.items()})
    rate = holm({name: item.rate_p for name, item in claims.items()})
    figures = {}
    for figure in FIGURES:
        known = {name: item.difference[figure].p for name, item in claims.items()}
        figures[figure] = holm({name: p for name, p in known.items() if p is not None})
    headlines = {name: item.difference[item.headline].p for name, item in claims.items()}
    decisive = holm({name: p for name, p in headlines.items() if p is not None})
    found = {}
    for name, item in scenarios.items():
        difference = {
            figure: value.model_copy(
                update={"p_holm": (decisive if figure == item.headline else figures[figure]).get(name)}
            )
            for figure, value in item.difference.items()
        }
        p_values = {"mcnemar_p_holm": mcnemar.get(name, item.mcnemar_p), "rate_p_holm": rate.get(name, item.rate_p)}
        found[name] = _decided(item.model_copy(update={"difference": difference, **p_values}))
    return found


def _decided(item: ScenarioComparison) -> ScenarioComparison:
    decisive = item.difference[item.headline]
    if item.not_comparable:
        outcome = Outcome.NOT_COMPARABLE
        why = f"a trouble is due at another moment: {'; '.join(item.not_comparable)}"
    else:
        known = None if decisive.interval is None else PairedDifference(decisive.interval, decisive.p or 0.0)
        lower_is_better = item.headline == "false_per_camera_hour"
        outcome = decide(decisive.cameras, known, decisive.p_holm, lower_is_better=lower_is_better)
        why = _why(item, decisive, outcome)
    return item.model_copy(update={"outcome": outcome, "why": why})


def _why(item: ScenarioComparison, decisive: FigureDifference, outcome: Outcome) -> str:
    name = {"f1": "F1", "false_per_camera_hour": "false alarms per camera-hour"}[item.headline]
    value = "–" if decisive.value is None else f"{decisive.value:+.3f}"
    interval = decisive.interval
    if interval is None:
        of = "" if decisive.cameras == item.cameras else " with a trouble or an alarm"
        number = f"{decisive.cameras} camera{'' if decisive.cameras == 1 else 's'}"
        few = f"on {number}{of}; an interval takes {FEWEST_GROUPS}"
        return f"{name} {value}, {few if decisive.cameras < FEWEST_GROUPS else 'too seldom defined for an interval'}"
    text = f"{name} {value}, 95 % interval {interval.low:+.3f} to {interval.high:+.3f}"
    if outcome is Outcome.UNPROVEN and not interval.low <= 0 <= interval.high:
        return f"{text}, which may be chance among so many scenarios (p {decisive.p_holm:.3f} after Holm)"
    return text
