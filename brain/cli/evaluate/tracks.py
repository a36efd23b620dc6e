"""``brain evaluate tracks RESULT --truth TRUTH``: how well objects were followed."""

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
from brain.core.errors import UsageError
from brain.core.files import sha256_of
from brain.core.ids import sha256_hex

if TYPE_CHECKING:
    from brain.evaluation.track_files import Sequences
    from brain.evaluation.tracks import TrackFigures, TrackReport
    from brain.evaluation.truth import TruthSet

_TRUTH_FILES = frozenset({".yaml", ".yml", ".json", ".xml"})


def command(
    result: Annotated[Path, typer.Argument(metavar="RESULT", help="MOT text file, or a folder of NAME.txt")],
    truth: Annotated[Path, typer.Option("--truth", help="MOT text, a folder of it, or a truth file (CVAT …)")],
    fps: Annotated[
        float | None, typer.Option("--fps", min=0.01, help="frame rate of the videos, where a CVAT export lacks it")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
) -> None:
    """Scores followed objects: HOTA, IDF1, MOTA, identity switches. 跟踪评测。

    Boxes count whatever their class; truth whose seventh number is 0 does not count.
    """
    need("trackeval", "scipy")
    from brain.evaluation.tracks import TrackReport, track_scores

    if not truth.exists():
        raise UsageError("there is no such file or folder", where=str(truth), remedy="check --truth")
    paired = _paired(result, truth, fps)
    for note in paired.notes:
        print(f"note: {note}", file=sys.stderr)
    for problem in paired.problems:
        print(f"brain: {problem}", file=sys.stderr)
    if not paired.truth:
        raise typer.Exit(1)
    total, each = track_scores(paired.truth, paired.found)
    report = TrackReport(**total.model_dump(), sequences=each, problems=paired.problems)
    if as_json:
        print(report.model_dump_json())
    else:
        _print(report)
    if paired.problems:
        raise typer.Exit(1)


def _paired(result: Path, truth: Path, fps: float | None) -> Sequences:
    from brain.evaluation.track_files import pair_files, pair_truth

    if truth.suffix.lower() in _TRUTH_FILES:
        from brain.evaluation.truth_file import read_truth

        read = read_truth(truth, fps=fps)
        _enter(read, result)
        return pair_truth(result, read)
    return pair_files(result, truth)


def _enter(truth: TruthSet, result: Path) -> None:
    """A frozen set is checked, and its use is written down before anybody sees a figure."""
    from brain.evaluation.ledger import enter
    from brain.evaluation.sets import verify_frozen

    if verify_frozen(truth, clips=False) is not None:
        digest = result_digest(result)
        enter(truth, command="brain evaluate tracks", run_digest=digest, settings_digest="", now=utc_now())


def result_digest(result: Path) -> str:
    """sha256 that names a result: of the file, or of the names and digests of all files of the folder."""
    if not result.is_dir():
        return sha256_of(result) if result.is_file() else ""
    files = sorted(path for path in result.rglob("*.txt") if path.is_file())
    return sha256_hex("".join(f"{sha256_of(path)}  {path.relative_to(result)}\n" for path in files).encode())


def _print(report: TrackReport) -> None:
    columns = ("HOTA", "DetA", "AssA", "IDF1", "MOTA", "IDSW", "false 误", "missed 漏", "truth 真值")
    table = Table("recording 录像", *columns, box=None)
    for name, figures in report.sequences.items():
        table.add_row(escape(name), *_cells(figures))
    if len(report.sequences) > 1:
        table.add_row("all 合计", *_cells(report), style="bold")
    Console().print(table)


def _cells(figures: TrackFigures) -> tuple[str, ...]:
    shares = (figures.hota, figures.deta, figures.assa, figures.idf1, figures.mota)
    counts = (figures.idsw, figures.false, figures.missed, figures.truth_boxes)
    return (*(f"{share:.3f}" for share in shares), *map(str, counts))
