"""``brain evaluate compare RUN_A RUN_B --truth FILE``: what a new version wins and loses."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from brain.cli.evaluate.extra import need
from brain.cli.evaluate.progress import counting
from brain.core.clock import utc_now

if TYPE_CHECKING:
    from brain.evaluation.comparison_figures import Change, Comparison, FigureDifference, ScenarioComparison
    from brain.evaluation.figures import Counts

LISTED = 40
WIDTH = 130
COLUMNS = (
    "",
    "truth 应报",
    "hits 命中",
    "late 迟报",
    "missed 漏报",
    "false 误报",
    "twice 重复",
    "recall 召回",
    "precision 精确",
    "F1",
    "false/h 误报每小时",
    "hours 时长",
)
OUTCOMES = {
    "better": ("green", "更好"),
    "worse": ("red", "更差"),
    "no proven difference": ("yellow", "差异未证实"),
    "too few cameras": ("yellow", "摄像机太少"),
    "not comparable": ("magenta", "不可比"),
}
CHANGES = {
    "won": "won 新命中",
    "lost": "lost 丢失",
    "false_gone": "false gone 误报消失",
    "false_new": "false new 新误报",
}


def command(
    run_a: Annotated[Path, typer.Argument(metavar="RUN_A", help="run folder of the version before")],
    run_b: Annotated[Path, typer.Argument(metavar="RUN_B", help="run folder of the version after")],
    truth: Annotated[Path, typer.Option("--truth", metavar="FILE", help="what a person saw in the clips of both")],
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="page with pictures, index.html")
    ] = None,
    items: Annotated[int, typer.Option(min=0, help="pictures for each scenario and kind of change, at most")] = 100,
    clips: Annotated[bool, typer.Option("--clips/--no-clips", help="short clips beside the pictures")] = True,
    seed: Annotated[int, typer.Option("--seed", min=0, help="of the bootstrap's draws")] = 0,
) -> None:
    """Which troubles and false alarms RUN_B wins and loses against RUN_A, and whether that is proven. 版本对比。

    "better" only if the 95 % interval of the difference excludes 0. Ends with 1 when a clip could not be judged or no
    scenario stands in both; the rest is compared all the same.
    """
    need("scipy", *(("jinja2",) if out is not None else ()))
    from brain.evaluation.comparison import compare
    from brain.evaluation.comparison_pairs import RunSide
    from brain.evaluation.opening import open_judged

    name = "brain evaluate compare"
    first, truth_set, judgement_a = open_judged(run_a, truth, name, utc_now())
    second, _, judgement_b = open_judged(run_b, truth, name, utc_now())
    side_a = RunSide(first.header, first.digest, judgement_a)
    side_b = RunSide(second.header, second.digest, judgement_b)
    result = compare(side_a, side_b, str(truth), seed=seed)
    if out is not None:
        from brain.evaluation.comparison_page import Material, build_page
        from brain.evaluation.report.page import write_page

        material = Material(first, second, side_a, side_b, truth_set, result, items, clips)
        with counting("pictures") as bar:
            html = build_page(material, bar.tell)
        print(f"note: {write_page(out, html)} shows every change", file=sys.stderr)
    if as_json:
        print(result.model_dump_json())
    else:
        _print(result)
    _complain(result, in_full=not as_json)
    if result.errors or not result.scenarios:
        raise typer.Exit(1)


def _print(result: Comparison) -> None:
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH)
    for name, item in result.scenarios.items():
        colour, zh = OUTCOMES[item.outcome.value]
        title = escape(f"{item.zh} {item.en} ({name})")
        console.print(f"\n[bold]{title}[/bold]: [bold {colour}]{item.outcome.value} {zh}[/]")
        compared = f"{item.clips} clips 段录像, {item.cameras} cameras 台摄像机"
        console.print(f"  {escape(item.why)}; {compared}", highlight=False)
        console.print(_figures(item))
        console.print(escape(_tests(item)), highlight=False)
        changes = list(_changes(item))
        if changes:
            console.print(_change_table(changes[:LISTED]))
        if len(changes) > LISTED:
            console.print(f"and {len(changes) - LISTED} more; --json lists all")
    if not result.scenarios:
        console.print("no scenario stands in both runs on the same clips 没有可对比的场景")
    if result.differences:
        console.print("\n[bold]settings that differ 设置差异[/bold] (RUN_A → RUN_B)")
        for difference in result.differences[:LISTED]:
            console.print(f"  {escape(str(difference))}", highlight=False)
        if len(result.differences) > LISTED:
            console.print(f"  and {len(result.differences) - LISTED} more; --json lists all")


def _figures(item: ScenarioComparison) -> Table:
    table = Table(*COLUMNS, box=None, header_style="")
    table.add_row("A", *_row(item.a))
    table.add_row("B", *_row(item.b))
    shares = [_difference(item.difference[name]) for name in ("recall", "precision", "f1", "false_per_camera_hour")]
    table.add_row("B − A", "", "", "", "", "", "", *shares, "")
    return table


def _row(counts: Counts) -> tuple[str, ...]:
    numbers = (counts.truth, counts.hits, counts.late, counts.missed, counts.false, counts.duplicates)
    shares = (counts.recall, counts.precision, counts.f1, counts.false_per_camera_hour)
    return (*map(str, numbers), *("–" if share is None else f"{share:.2f}" for share in shares), f"{counts.hours:.2f}")


def _difference(item: FigureDifference) -> str:
    if item.value is None:
        return "–"
    if item.interval is None:
        return f"{item.value:+.2f}"
    return f"{item.value:+.2f} [{item.interval.low:+.2f}, {item.interval.high:+.2f}]"


def _tests(item: ScenarioComparison) -> str:
    counts = f"won 新命中 {len(item.won)}, lost 丢失 {len(item.lost)}"
    false = f"false alarms gone 误报消失 {len(item.false_gone)}, new 新增 {len(item.false_new)}"
    mcnemar = f"McNemar p {item.mcnemar_p:.3g} (Holm {item.mcnemar_p_holm:.3g})"
    return f"  {counts}: {mcnemar}; {false}: rate test p {item.rate_p:.3g} (Holm {item.rate_p_holm:.3g})"


def _changes(item: ScenarioComparison) -> Iterator[tuple[str, Change]]:
    """What got worse first."""
    for kind in ("lost", "false_new", "won", "false_gone"):
        yield from ((kind, change) for change in getattr(item, kind))


def _change_table(changes: Sequence[tuple[str, Change]]) -> Table:
    table = Table("", "clip 录像", "began 开始", "raised 报警", "zone 区域", "A", "B", box=None, header_style="")
    for kind, change in changes:
        raised = "–" if change.raised_s is None else f"{change.raised_s:.1f} s"
        verdicts = ["–" if verdict is None else verdict.value for verdict in (change.a, change.b)]
        cells = (CHANGES[kind], change.clip, f"{change.began_s:.1f} s", raised, change.zone or "–", *verdicts)
        table.add_row(*(escape(cell) for cell in cells))
    return table


def _complain(result: Comparison, in_full: bool) -> None:
    for error in result.errors:
        print(f"brain: {error}", file=sys.stderr)
    shown = result.left_out if in_full else ()
    for note in shown[:LISTED]:
        print(f"note: {note}", file=sys.stderr)
    if len(shown) > LISTED:
        print(f"note: and {len(shown) - LISTED} more; --json lists all", file=sys.stderr)
