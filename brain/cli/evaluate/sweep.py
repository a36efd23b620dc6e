"""``brain evaluate sweep RUN``: the best thresholds, dwell and agreement, from what a run has observed already."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from math import isfinite, isinf
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from brain.cli.evaluate.extra import need
from brain.cli.evaluate.progress import counting
from brain.config.durations import parse_duration
from brain.core.errors import StoreError, UsageError
from brain.runtime.pool import cores

if TYPE_CHECKING:
    from brain.evaluation.figures import ScenarioFigures
    from brain.evaluation.sweep.choice import Scored
    from brain.evaluation.sweep.due import DueBy
    from brain.evaluation.sweep.score import Score
    from brain.evaluation.sweep.sweep import SweepResult

REASONS_SHOWN = 5
_OVER_HELP = "a manifest key and what is tried for it; repeatable: all combinations"
_DUE_HELP = (
    "when a trouble is due: after the dwell of the run, whatever is tried (run); after that of each setting (rule); "
    "or after a time, like 60s. An alarm before that counts as false"
)
_BUDGET_HELP = "budget for the best setting; default: what the present one has"


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="run folder of `brain replay --record`")],
    truth: Annotated[Path, typer.Option(metavar="FILE", help="truth of a dev set; a test set is refused 真值")],
    scenario: Annotated[str, typer.Option(metavar="ID", help="one scenario of the run")],
    over: Annotated[list[str], typer.Option("--over", metavar="KEY=V1,V2,…|LO..HI[:N]", help=_OVER_HELP)],
    draws: Annotated[
        int | None, typer.Option("--random", min=1, metavar="N", help="try N of the combinations, drawn")
    ] = None,
    seed: Annotated[int, typer.Option(help="of the draw")] = 0,
    budget: Annotated[float | None, typer.Option("--max-false-per-camera-hour", metavar="X", help=_BUDGET_HELP)] = None,
    due: Annotated[str, typer.Option(metavar="run|rule|TIME", help=_DUE_HELP)] = "run",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="override.yaml, front.svg, front.png, sweep.json")
    ] = None,
    workers: Annotated[int, typer.Option(min=0, max=64, help="processes; 0 = one per core")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
) -> None:
    """Tries many settings on recorded observations, without video or network, and finds the best one. 调参。

    For example --over rule.change.for=60s..300s:5 --over rule.change.min_score=0.3,0.5 --over confirm.at_least=4..8.

    Each setting is judged like `brain evaluate events` judges a run made with it. The best one has most recall within
    the budget of false alarms, then fewest false alarms, then the shortest time to alarm, then the least change.
    """
    need("scipy", "matplotlib")
    from brain.evaluation.sweep.files import summary
    from brain.evaluation.sweep.sweep import figures_of_setting

    if budget is not None and not (isfinite(budget) and budget >= 0):
        raise UsageError(f"a budget of {budget:g}", where="--max-false-per-camera-hour", remedy="name 0 or more")
    result = _swept(run, truth, scenario, over, draws, seed, _due(due), workers or cores())
    best = result.best(budget)
    figures = None if best is None else figures_of_setting(result, best)
    tree = summary(result, budget, figures)
    if out is not None:
        tree["files"] = _write(out, result, budget, figures)
    if as_json:
        print(json.dumps(tree, ensure_ascii=False))
    else:
        _print(result, budget, figures)
        for name in tree.get("files", ()):
            print(name)
    if best is not None and best.score.truth and not best.score.recall:
        print("note: the best setting within the budget finds nothing: allow more", file=sys.stderr)
    _complain(result, best is None)


def _swept(
    run: Path, truth: Path, scenario: str, over: Sequence[str], draws: int | None, seed: int, due: DueBy, workers: int
) -> SweepResult:
    from brain.evaluation.sets import refuse_tuning
    from brain.evaluation.sweep.grid import parse_over, settings_of
    from brain.evaluation.sweep.sweep import planned_scenario, sweep
    from brain.evaluation.truth_file import read_truth
    from brain.evaluation.vocabulary import known_scenarios
    from brain.replay.run import Run

    opened = Run(run)
    manifest = planned_scenario(opened, scenario).manifest
    settings = settings_of([parse_over(text, manifest) for text in over], draws, seed)
    truth_set = read_truth(truth, scenarios={*known_scenarios(), *(item.id for item in opened.header.scenarios)})
    refuse_tuning(truth_set)
    with counting("settings × clips") as bar:
        return sweep(opened, truth_set, scenario, settings, workers=workers, due=due, progress=bar.tell)


def _due(text: str) -> DueBy:
    if text == "run":
        return "run"
    if text == "rule":
        return "rule"
    try:
        return parse_duration(text)
    except ValueError as error:
        raise UsageError(str(error), where=f"--due {text}", remedy="write run, rule or a time like 60s") from None


def _write(folder: Path, result: SweepResult, budget: float | None, figures: ScenarioFigures | None) -> list[str]:
    from brain.evaluation.sweep.files import OVERRIDE, TABLE, summary, write_override, write_table
    from brain.evaluation.sweep.plot import write_front

    best = result.best(budget)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = [*write_front(result, budget, folder), folder / TABLE]
        write_table(folder / TABLE, summary(result, budget, figures, everything=True))
        if best is not None and figures is not None:
            write_override(folder / OVERRIDE, result, best, figures, result.budget(budget))
            written.append(folder / OVERRIDE)
        else:
            (folder / OVERRIDE).unlink(missing_ok=True)  # one of an earlier sweep would be taken for this one's
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}"
        raise StoreError(what, where=str(folder), remedy="check free space and rights") from None
    return [str(path) for path in written]


def _print(result: SweepResult, budget: float | None, figures: ScenarioFigures | None) -> None:
    from brain.evaluation.measures import interval_text

    best, limit, score = result.best(budget), result.budget(budget), result.present.score
    print(
        f"{result.scenario.zh} {result.scenario.en}: {len(result.scored)} settings, {len(result.sites)} clips, "
        f"{score.hours:.2f} camera-hours; budget {limit:.3g} false alarms per camera-hour 误报上限"
    )
    front = [item for item in result.front() if item is not best and item is not result.present]
    shown = [*(("front 前沿", item) for item in front), ("present 现用", result.present)]
    if best is not None:
        shown.append(("best 最佳", best))
    table = _table("", result.keys)
    for name, item in sorted(shown, key=lambda row: (row[1].score.false_per_camera_hour, row[1].score.recall)):
        table.add_row(name, *_cells(item.score), *_values(result, item), style="bold" if item is best else None)
    Console().print(table)
    if figures is not None:
        rates = interval_text(figures.false_per_camera_hour_interval, 3)
        print(f"best: recall 95 % {interval_text(figures.recall_interval)}, false alarms per camera-hour 95 % {rates}")
    _print_sites(result, budget)


def _print_sites(result: SweepResult, budget: float | None) -> None:
    sites = result.by_site(budget)
    if not sites:
        return
    print("each site with the best setting of the others, and with the present one 留一站点法:")
    table = _table("site 站点", result.keys)
    for item in sites:
        name = escape(item.site)
        if item.best is not None and item.score is not None:
            table.add_row(name, *_cells(item.score), *_values(result, item.best))
        else:
            table.add_row(f"{name}: none keeps the budget")
        table.add_row("  present 现用", *_cells(item.present))
    Console().print(table)


_COLUMNS = ("recall 召回", "hits", "false 误报", "false/h", "early 过早", "delay 用时")


def _table(first: str, keys: Sequence[str]) -> Table:
    fixed = [Column(name, no_wrap=True) for name in (first, *_short(keys))]
    return Table(fixed[0], *_COLUMNS, *fixed[1:], box=None, padding=(0, 1, 0, 0))


def _cells(score: Score) -> tuple[str, ...]:
    delay = "∞" if isinf(score.delay_s) else f"{score.delay_s:.1f} s"
    per_hour = f"{score.false_per_camera_hour:.3f}"
    return f"{score.recall:.3f}", f"{score.hits}/{score.truth}", str(score.false), per_hour, str(score.early), delay


def _values(result: SweepResult, item: Scored) -> list[str]:
    from brain.evaluation.sweep.grid import told_value

    return [escape(str(told_value(key, value))) for key, value in result.values(item).items()]


def _short(keys: Sequence[str]) -> list[str]:
    """The last part of each key, or the two last where that is not enough to tell them apart."""
    last = [key.rpartition(".")[2] for key in keys]
    return [
        name if last.count(name) == 1 else ".".join(key.split(".")[-2:]) for key, name in zip(keys, last, strict=True)
    ]


def _complain(result: SweepResult, nothing_fits: bool) -> None:
    """Says what was left out and what one should know; ends with 1 when something is wrong."""
    for note in result.notes:
        print(f"note: {note}", file=sys.stderr)
    if result.refused:
        whys = list(dict.fromkeys(item.why for item in result.refused))
        print(f"note: {len(result.refused)} settings cannot be: {'; '.join(whys[:REASONS_SHOWN])}", file=sys.stderr)
    errors = [item for item in result.left_out if item.is_error]
    for item in errors:
        print(f"brain: {item.clip}: {item.why}", file=sys.stderr)
    if nothing_fits:
        print("brain: no setting keeps the budget of false alarms\n  remedy: allow more, or try more", file=sys.stderr)
    if errors or nothing_fits:
        raise typer.Exit(1)
