"""``brain evaluate truth …``: mistakes in truth files, other file forms, splitting by site, freezing a test set."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from brain.cli.evaluate.progress import CountBar, counting
from brain.core.clock import utc_now
from brain.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from brain.evaluation.truth import TruthClip, TruthSet
    from brain.replay.run import Run

app = typer.Typer(no_args_is_help=True, help="What a person saw: check, convert, split and freeze truth files. 真值。")

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="truth file, or the export of another tool")]
LabelOption = Annotated[
    list[str] | None,
    typer.Option(
        "--label", metavar="THEIRS=SCENARIO", help="what a label of another tool means; THEIRS= for nothing; repeatable"
    ),
]
FpsOption = Annotated[float | None, typer.Option("--fps", min=0.01, help="frame rate, where a file does not say it")]
JsonOption = Annotated[bool, typer.Option("--json", help="one JSON object")]


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="truth files, or exports of other tools")],
    label: LabelOption = None,
    fps: FpsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Finds mistakes, each with file and line, in the files and in the clips that they name. 检查真值。"""
    from brain.evaluation.formats.draft import ReadOptions
    from brain.evaluation.truth_check import check_file
    from brain.evaluation.vocabulary import known_scenarios

    options = ReadOptions(_labels(label), known_scenarios(), fps)
    reports = []
    for file in files:
        with counting("reads clips") as bar:
            reports.append(check_file(file, options, partial(_begin, bar)))
    wrong = sum(len(report.mistakes) for report in reports)
    if as_json:
        print(json.dumps({"files": [report.plain() for report in reports], "mistakes": wrong}, ensure_ascii=False))
    for report in reports:
        for mistake in report.mistakes:
            print(f"{mistake.where}: {mistake.what}", file=sys.stderr)
        if not as_json:
            counted = f"{report.clips} clips, {report.events} events, set {report.set or '–'}"
            print(f"{report.file}: {report.form or 'not readable'}: {counted}, {len(report.mistakes)} mistakes")
    if wrong:
        raise typer.Exit(1)


@app.command()
def convert(
    file: Annotated[
        Path, typer.Argument(metavar="FILE|RUN", help="truth file or export, or with --truth a run folder")
    ],
    to: Annotated[str, typer.Option("--to", help="truth, actev, mot or coco; of a run actev or coco")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="OUT", help="file; for mot a folder")],
    truth: Annotated[
        Path | None, typer.Option("--truth", help="truth of the clips of a run: writes what the run raised or observed")
    ] = None,
    label: LabelOption = None,
    fps: FpsOption = None,
) -> None:
    """Writes truth in another file form; of a run what it raised (actev) or observed (coco). 转换。"""
    from brain.evaluation.convert import RUN_WRITERS, WRITERS, refuse_sources
    from brain.replay.run import Run

    known = RUN_WRITERS if truth is not None else WRITERS
    if to not in known:
        raise UsageError(f"--to {to}: no such form", remedy=f"use one of {', '.join(known)}")
    source = _read(file if truth is None else truth, label, fps)
    run = Run(file) if truth is not None else None
    refuse_sources(out, source, run)
    if run is None:
        paths = WRITERS[to](source, out)
    else:
        source = _used(source, run)
        paths = RUN_WRITERS[to](run, source, out)
    for path in paths:
        print(path)
    _tell_mistakes(source)


@app.command()
def split(
    file: FileArgument,
    test_sites: Annotated[str, typer.Option("--test-sites", metavar="A,B", help="sites to measure on")] = "",
    test_share: Annotated[
        float | None, typer.Option("--test-share", metavar="SHARE", help="or that share of the clips, sites drawn")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="for drawing sites")] = 0,
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="FOLDER", help="default: that of FILE")] = None,
    label: LabelOption = None,
    fps: FpsOption = None,
    force: Annotated[bool, typer.Option("--force", help="write over what lies there")] = False,
) -> None:
    """Writes a truth file to tune on (dev) and one to measure on (test); a site is in one of them. 按地点划分。"""
    from brain.evaluation.convert import write_truth
    from brain.evaluation.sets import split_sites

    if bool(test_sites) == (test_share is not None):
        raise UsageError("give --test-sites or --test-share, one of the two")
    truth = _read(file, label, fps)
    if truth.mistakes:
        _tell_mistakes(truth, leave=False)
        what = f"{len(truth.mistakes)} mistakes in it: clips would be lost"
        raise UsageError(what, where=str(file), remedy="mend them first")
    sites = [name.strip() for name in test_sites.split(",") if name.strip()]
    dev, test = split_sites(truth, test_sites=sites, test_share=test_share, seed=seed)
    suffix = ".json" if any(clip.tracks for clip in truth.clips) else ".yaml"
    paths = {name: (out or file.parent) / f"{file.stem}.{name}{suffix}" for name in ("dev", "test")}
    _refuse_frozen_or_there(paths.values(), force)
    for name, clips in (("dev", dev), ("test", test)):
        path = paths[name]
        write_truth(truth, path, clips, set_=name)
        places = sorted({clip.site or "" for clip in clips})
        print(f"{path}: {len(clips)} clips, {len(places)} sites ({', '.join(places)})")


@app.command()
def freeze(file: FileArgument) -> None:
    """Makes a set a test set for good: every use of it is written down, nothing may be tuned on it. 封存测试集。"""
    from brain.evaluation.sets import freeze as freeze_set
    from brain.evaluation.sets import frozen_path

    truth = _read(file, None, None)
    _tell_mistakes(truth, leave=False)
    with counting("reads clips") as bar:
        frozen = freeze_set(truth, now=utc_now(), progress=_begin(bar, len(truth.clips)))
    print(f"{frozen_path(file)}: {len(frozen.clips)} clips, frozen {frozen.frozen}")


@app.command()
def ledger(file: FileArgument, as_json: JsonOption = False) -> None:
    """Lists the uses of a frozen set. 使用记录。"""
    from brain.evaluation.ledger import uses
    from brain.evaluation.sets import verify_frozen

    truth = _read(file, None, None)
    frozen = verify_frozen(truth, clips=False)
    entries = uses(truth)
    if as_json:
        told: dict[str, Any] = {"file": str(file), "frozen": frozen.frozen if frozen else None}
        print(json.dumps({**told, "uses": [entry.model_dump() for entry in entries]}, ensure_ascii=False))
        return
    print(f"{file}: {f'frozen {frozen.frozen}' if frozen else 'not frozen'}, used {len(entries)} times")
    if entries:
        titles = ("moment 时间", "who 谁", "command 命令", "run 回放", "settings 设置", "version 版本")
        table = Table(*(Column(title, overflow="fold") for title in titles), box=None)
        for entry in entries:
            digests = (entry.run[:12], entry.settings[:12])
            table.add_row(*map(escape, (entry.moment, entry.who, entry.command, *digests, entry.product)))
        Console().print(table)


def _used(truth: TruthSet, run: Run) -> TruthSet:
    """The truth as it was frozen, its use entered; as it is where it is not frozen."""
    from brain.evaluation.ledger import enter
    from brain.evaluation.opening import settings_digest
    from brain.evaluation.sets import as_frozen

    frozen = as_frozen(truth)
    command, settings = "brain evaluate truth convert", settings_digest(run.header)
    enter(frozen, command=command, run_digest=run.digest, settings_digest=settings, now=utc_now())
    return frozen


def _refuse_frozen_or_there(paths: Iterable[Path], force: bool) -> None:
    """Both are checked before one is written."""
    from brain.evaluation.sets import frozen_path

    paths = tuple(paths)
    for path in paths:
        if frozen_path(path).exists():
            raise UsageError("a frozen set is not written over", where=str(path), remedy="name another folder with -o")
    for path in paths:
        if path.exists() and not force:
            remedy = "name another folder with -o, or write over it with --force"
            raise UsageError("is there already, and may have been edited", where=str(path), remedy=remedy)


def _read(file: Path, label: list[str] | None, fps: float | None) -> TruthSet:
    from brain.evaluation.truth_file import read_truth
    from brain.evaluation.vocabulary import known_scenarios

    return read_truth(file, scenarios=known_scenarios(), labels=_labels(label), fps=fps)


def _labels(texts: list[str] | None) -> dict[str, str]:
    from brain.evaluation.vocabulary import known_scenarios

    found: dict[str, str] = {}
    for text in texts or ():
        theirs, mark, ours = text.rpartition("=")
        if not mark or not theirs:
            raise UsageError(f"--label {text}: no label", remedy="write it like --label 'abandoned bag=left_object'")
        found[theirs] = ours
    known = known_scenarios() if found else ()
    for theirs, ours in found.items():
        if ours and ours not in known:
            raise UsageError(
                f"--label {theirs}={ours}: there is no scenario {ours!r}", remedy="see `brain scenarios list`"
            )
    return found


def _tell_mistakes(truth: TruthSet, *, leave: bool = True) -> None:
    """Mistakes on stderr; what is left out makes the command fail, when all else is done."""
    for mistake in truth.mistakes:
        print(f"brain: {mistake.where}: {mistake.what}", file=sys.stderr)
    if leave and truth.mistakes:
        raise typer.Exit(1)


def _begin(bar: CountBar, total: int) -> Callable[[TruthClip], None]:
    """What is called before each of so many clips is read."""
    bar.begin(total)
    return lambda clip: bar.next(clip.file)
