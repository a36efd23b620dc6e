"""``brain evaluate events RUN --truth FILE``: the alarms of a run held against what a person saw."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from brain.cli.evaluate.extra import need
from brain.core.errors import UsageError

if TYPE_CHECKING:
    from brain.evaluation.figures import Counts, Figures, Interval, Percentiles, ScenarioFigures
    from brain.evaluation.judgement import Judged, Judgement
    from brain.replay.run import RunHeader

LISTED = 40
WIDTH = 130
COLUMNS = (
    ("scenario", "场景"),
    ("hits", "命中/应报"),
    ("late", "迟报"),
    ("missed", "漏报"),
    ("false", "误报"),
    ("twice", "重复"),
    ("recall", "召回"),
    ("precision", "精确"),
    ("F1", ""),
    ("false/h", "误报每路每小时"),
    ("time to alarm", "报警用时 p50 p95"),
    ("hours", "时长"),
)
WRONG_COLUMNS = ("", "scenario 场景", "clip 录像", "at 时刻", "zone 区域", "note 说明")
LIGHTS = {"day": "day 白天", "night": "night 夜间", "unknown": "light unknown 未标"}
VERDICTS = {"missed": "missed 漏报", "false": "false 误报", "late": "late 迟报", "duplicate": "twice 重复"}

RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="run folder of `brain replay --record`")]
TruthOption = Annotated[
    Path, typer.Option("--truth", metavar="FILE", help="what a person saw: truth.yaml or an export")
]
ScenarioOption = Annotated[list[str] | None, typer.Option("--scenario", metavar="ID", help="only this one; repeatable")]


def command(
    run: RunArgument,
    truth: TruthOption,
    scenario: ScenarioOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="tables for a document")] = False,
    seed: Annotated[int, typer.Option("--seed", min=0, help="of the bootstrap's draws")] = 0,
) -> None:
    """Figures of a run's alarms as events, for each scenario: found, missed, false, and how fast. 事件评测。

    Ends with 1 when a clip could not be judged; the others are judged all the same.
    """
    if as_json and as_markdown:
        raise UsageError("--json and --markdown: only one of the two", remedy="leave one of them out")
    need("scipy")
    from brain.evaluation.measures import figures
    from brain.evaluation.opening import open_judged

    opened, _, judgement = open_judged(run, truth, "brain evaluate events", datetime.now(UTC), scenarios=scenario)
    result = figures(judgement, opened, str(truth), seed=seed)
    if as_json:
        print(json.dumps(_plain(result, judgement), ensure_ascii=False))
    elif as_markdown:
        print("\n".join(_markdown(result, judgement, opened.header)))
    else:
        _print(result, judgement, opened.header)
    _complain(judgement)
    if result.errors:
        raise typer.Exit(1)


def _plain(result: Figures, judgement: Judgement) -> dict[str, Any]:
    """The figures with every verdict behind them and all that was left out."""
    items = [
        {
            "verdict": item.verdict.value,
            "scenario": item.scenario,
            "clip": item.clip,
            "camera": item.camera,
            "at_s": round(item.at_s, 3),
            "due_s": None if item.due_s is None else round(item.due_s, 3),
            "truth": None if item.truth is None else item.truth.model_dump(mode="json"),
            "alarm": None if item.alarm is None else item.alarm.model_dump(mode="json"),
        }
        for item in judgement.items
    ]
    left_out = [
        {"clip": x.clip, "scenario": x.scenario, "why": x.why, "is_error": x.is_error} for x in judgement.left_out
    ]
    return {**result.model_dump(mode="json"), "items": items, "left_out": left_out}


def _print(result: Figures, judgement: Judgement, header: RunHeader) -> None:
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH)
    if not result.scenarios:
        console.print("no scenario could be judged 没有可评的场景")
        return
    table = Table(*("\n".join(names) for names in COLUMNS), box=None, header_style="", padding=(0, 2, 1, 0))
    for name, own in result.scenarios.items():
        scenario = header.scenario(name)
        table.add_row(escape(f"{scenario.zh}\n{scenario.en}"), *_row(own, own, "\n"))
        for light, counts in own.by_light.items() if len(own.by_light) > 1 else ():
            table.add_row(f"  {LIGHTS[light]}", *_row(counts, None, "\n"))
    console.print(table)
    for name, own in result.scenarios.items():
        console.print(escape(f"{header.scenario(name).zh} ({name})"), highlight=False)
        for line in _lines(own):
            console.print(f"  {escape(line)}", highlight=False)
    wrong = _wrong(judgement)
    if wrong:
        table = Table(*WRONG_COLUMNS, box=None, header_style="", padding=(0, 2, 0, 0))
        for item in wrong[:LISTED]:
            table.add_row(*(escape(cell) for cell in _wrong_row(item, judgement, header)))
        console.print()
        console.print(table)
    if len(wrong) > LISTED:
        console.print(f"and {len(wrong) - LISTED} more; --json lists all")


def _markdown(result: Figures, judgement: Judgement, header: RunHeader) -> Iterator[str]:
    yield _markdown_row([" ".join(filter(None, names)) for names in COLUMNS])
    yield _markdown_row(["---", *["---:"] * (len(COLUMNS) - 1)])
    for name, own in result.scenarios.items():
        scenario = header.scenario(name)
        yield _markdown_row([f"{scenario.zh} {scenario.en}", *_row(own, own, " ")])
        for light, counts in own.by_light.items() if len(own.by_light) > 1 else ():
            yield _markdown_row([f"– {LIGHTS[light]}", *_row(counts, None, " ")])
    wrong = _wrong(judgement)
    if wrong:
        yield ""
        yield _markdown_row(WRONG_COLUMNS)
        yield _markdown_row(["---"] * len(WRONG_COLUMNS))
        yield from (_markdown_row(_wrong_row(item, judgement, header)) for item in wrong)


def _markdown_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _row(counts: Counts, own: ScenarioFigures | None, between: str) -> list[str]:
    """The cells of a line after the first; intervals and times where ``own`` gives them, set apart by ``between``."""
    times, recall, precision, f1, false = "", None, None, None, None
    if own is not None:
        times = between.join(_times(own.time_to_alarm_s, own.missed))
        recall, precision = own.recall_interval, own.precision_interval
        f1, false = own.f1_interval, own.false_per_camera_hour_interval
    taken_off = (("outage", counts.outage_hours), ("off duty", counts.off_duty_hours))
    beside = "".join(f"{between}{name} {length:.2f}" for name, length in taken_off if length >= 0.005)
    return [
        f"{counts.hits}/{counts.truth}",
        str(counts.late),
        str(counts.missed),
        str(counts.false),
        str(counts.duplicates),
        _figure(counts.recall, recall, between),
        _figure(counts.precision, precision, between),
        _figure(counts.f1, f1, between),
        _figure(counts.false_per_camera_hour, false, between),
        times,
        f"{counts.hours:.2f}{beside}",
    ]


def _lines(own: ScenarioFigures) -> Iterator[str]:
    from brain.evaluation.statistics import FEWEST_GROUPS

    few = ""
    if own.cameras < FEWEST_GROUPS:
        few = f", under {FEWEST_GROUPS}: too few for an interval of F1 路数不足"
    elif own.f1 is not None and own.f1_interval is None:
        few = ", F1 too seldom defined for an interval 有效抽样不足"
    late = f"recall with late ones 含迟报 {_figure(own.recall_late)}"
    day = f"false per camera-day 每路每天误报 {_figure(own.false_per_camera_day)}"
    yield f"cameras 摄像机 {own.cameras}{few}; {late}; {day}"
    due = " / ".join(_times(own.time_after_due_s, 0))
    clear = " / ".join(_times(own.clear_error_s, 0))
    yield f"p50 / p95: after due 应报后 {due}; clear error 解除误差 {clear}"
    cost = f"CPU s per camera-hour 每路每小时 {_figure(own.cpu_s_per_camera_hour)}"
    peers = f"ActEV nAUDC@0.2TFA {_figure(own.naudc)}; AI City S4 {_figure(own.s4)}; i-LIDS F {_figure(own.role_f)}"
    yield f"{cost}; {peers}"


def _figure(value: float | None, interval: Interval | None = None, between: str = " ") -> str:
    if value is None:
        return "–"
    return f"{value:.2f}" if interval is None else f"{value:.2f}{between}{interval.low:.2f}–{interval.high:.2f}"


def _times(times: Percentiles, missed: int) -> list[str]:
    """``∞`` where so many are missed that there is no end to it."""
    return [f"{t:.1f} s" if t is not None else "∞" if missed else "–" for t in (times.p50, times.p95)]


def _wrong(judgement: Judgement) -> list[Judged]:
    return [item for item in judgement.items if item.verdict.value in VERDICTS]


def _wrong_row(item: Judged, judgement: Judgement, header: RunHeader) -> list[str]:
    title = next(clip.title for clip in header.clips if clip.id == item.clip)
    zone = item.alarm.zone if item.alarm is not None else (item.truth.zone if item.truth is not None else None)
    note = "" if item.truth is None else f"began {item.truth.began_s:g} s, due {item.due_s:g} s"
    beside = _beside(item, judgement)
    cells = [VERDICTS[item.verdict.value], item.scenario, title, f"{item.at_s:.1f} s", zone or "–"]
    return [*cells, f"{note}; {beside}" if beside else note]


def _beside(item: Judged, judgement: Judgement) -> str:
    """Of a miss: the false alarm that would have been the one for it, had its box been in the same place."""
    from brain.evaluation.matching import MIN_IOU, MIN_IOU_CENTRED, overlap, same_zone

    if item.truth is None or item.due_s is None or item.verdict.value != "missed":
        return ""
    for other in judgement.items:
        if (other.clip, other.scenario, other.verdict.value) != (item.clip, item.scenario, "false"):
            continue
        assert other.alarm is not None
        shared = overlap(item.truth, other.alarm)
        if shared is not None and same_zone(item.truth, other.alarm) and item.due_s <= other.at_s:
            needs = f"needs {MIN_IOU:g}, or {MIN_IOU_CENTRED:g} with its middle inside the truth"
            return f"the alarm at {other.at_s:g} s marks another place (IoU {shared:.2f}, {needs})"
    return ""


def _complain(judgement: Judgement) -> None:
    """Errors, and a word on what was left out: clips and scenarios each, single troubles and alarms as a number."""
    single = [item for item in judgement.left_out if item.clip and item.scenario and not item.is_error]
    for item in judgement.left_out:
        if item.is_error or not (item.clip and item.scenario):
            print(f"{'brain' if item.is_error else 'note'}: {item.sentence}", file=sys.stderr)
    if single:
        what = "troubles and alarms count for nothing (not due, or in ignored time); --json tells why"
        print(f"note: {len(single)} {what}", file=sys.stderr)
