"""``brain evaluate gate RUN --truth FILE --baseline FILE``: holds a release back when a figure falls."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from brain.cli.evaluate.extra import need
from brain.core.clock import utc_now

if TYPE_CHECKING:
    from brain.evaluation.figures import Figures
    from brain.evaluation.gate import Baseline, Gate, GateLine
    from brain.replay.run import Run

WIDTH = 130
FIGURES = {
    "truth": "truth 应报",
    "hours": "hours 时长",
    "recall": "recall 召回",
    "precision": "precision 精确",
    "false_per_camera_hour": "false per camera-hour 误报每小时",
    "time_to_alarm_p95_s": "p95 time to alarm 报警用时 s",
    "dwell_s": "dwell 停留 s",
    "window_s": "window 时限 s",
}
RESULTS = {"ok": "ok", "fell": "[bold red]FELL 下降[/]", "better": "[green]ok, better 提升[/]"}


def command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="run folder of `brain replay --record`")],
    truth: Annotated[Path, typer.Option("--truth", metavar="FILE", help="what a person saw in its clips")],
    baseline: Annotated[Path, typer.Option("--baseline", metavar="FILE", help="stored figures, YAML or JSON")],
    write: Annotated[bool, typer.Option("--write", help="store the figures of this run as the baseline")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
) -> None:
    """Ends with 1 when a scenario falls below its stored figures, or was measured on less than they were. 发布门禁。

    Clips that cannot be judged are named; that they are missing shows in the troubles and hours.
    """
    need("scipy")
    from brain.evaluation.gate import hold_against
    from brain.evaluation.gate_file import read_baseline
    from brain.evaluation.measures import figures
    from brain.evaluation.opening import open_judged

    old = None if write and not baseline.exists() else read_baseline(baseline)
    opened, _, judgement = open_judged(run, truth, "brain evaluate gate", utc_now())
    result = figures(judgement, opened, str(truth), seed=0)
    for error in result.errors:
        print(f"brain: {error}", file=sys.stderr)
    gate = None if old is None else hold_against(old, result)
    if write:
        _write(baseline, result, opened, old, gate)
    if as_json:
        print(gate.model_dump_json() if gate is not None else _written_json(result))
    elif gate is not None:
        _print(gate, opened, baseline, write)
    if gate is not None and not gate.passed and not write:
        raise typer.Exit(1)


def _write(path: Path, result: Figures, run: Run, old: Baseline | None, gate: Gate | None) -> None:
    """Stores the figures and says what the baseline loses by it."""
    from brain.core.errors import UsageError
    from brain.evaluation.gate import new_baseline
    from brain.evaluation.gate_file import write_baseline

    if not result.scenarios:
        raise UsageError("no scenario could be judged, so there is nothing to store", remedy="see the lines above")
    write_baseline(path, new_baseline(result, run.header.product, old))
    for line in gate.fell if gate is not None else ():
        if line.scenario in result.scenarios:
            change = f"{line.figure} {_number(line.stored, line)} → {_number(line.now, line)}"
            print(f"note: {line.scenario}: the baseline is lowered: {change}", file=sys.stderr)
        else:
            print(f"note: {line.scenario}: left out of the baseline, the run has no figures of it", file=sys.stderr)
    print(f"note: {path}: stored the figures of {len(result.scenarios)} scenarios", file=sys.stderr)


def _written_json(result: Figures) -> str:
    """What ``--write`` says where there was nothing to hold the run against."""
    from brain.evaluation.gate import Gate

    return Gate(passed=True, run=result.run, lines=()).model_dump_json()


def _print(gate: Gate, run: Run, path: Path, written: bool) -> None:
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH)
    names = {scenario.id: f"{scenario.zh} {scenario.id}" for scenario in run.header.scenarios}
    table = Table("scenario 场景", "figure 指标", "stored 基线", "now 现在", "allowed 容差", "", "", box=None)
    for line in gate.lines:
        cells = (_number(line.stored, line), _number(line.now, line), f"{line.tolerance:g}" if line.tolerance else "–")
        name = escape(names.get(line.scenario, line.scenario))
        table.add_row(name, FIGURES[line.figure], *cells, RESULTS[line.result.value], escape(line.why))
    console.print(table)
    for name in gate.unknown:
        console.print(f"{escape(name)}: not in the baseline 不在基线中; --write takes it in", soft_wrap=True)
    if not gate.passed:
        fallen = len({line.scenario for line in gate.fell})
        console.print(f"[bold red]FELL 未通过[/]: {len(gate.fell)} figures of {fallen} scenarios", soft_wrap=True)
    else:
        console.print("[bold green]passed 通过[/]")
    if gate.better and gate.passed and not written:
        console.print(
            f"{len(gate.better)} figures are better than {escape(str(path))}: raise it with --write 可提高基线",
            soft_wrap=True,
        )


def _number(value: float | None, line: GateLine) -> str:
    """As short as it may be without hiding a difference between stored and now."""
    if value is None:
        return "∞" if line.figure == "time_to_alarm_p95_s" else "–"
    if line.figure == "truth":
        return f"{value:g}"
    close = line.stored is not None and line.now is not None and line.stored != line.now
    digits = 6 if close and abs((line.stored or 0.0) - (line.now or 0.0)) < 0.001 else 3
    return f"{value:.{digits}f}"
