"""Replays real clips that have a truth, prints their figures, and with --write puts them into docs/evaluation.md.

    .venv/bin/python scripts/real_clips.py FOLDER/manifest.json --weights FILE.onnx [--write]

Exits 1 when a clip could not be judged, or a scenario falls below scripts/real_clips_gate.yaml.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

ROOT = Path(__file__).resolve().parents[1]
BRAIN = [sys.executable, "-m", "brain.cli.main"]
SCENARIOS = ("illegal_parking", "crowd_gathering", "left_object")
DOCUMENT = ROOT / "docs" / "evaluation.md"
BASELINE = ROOT / "scripts" / "real_clips_gate.yaml"
BEGIN, END = "<!-- real clips: begin -->", "<!-- real clips: end -->"


def main(
    truth: Annotated[Path, typer.Argument(help="truth file of the clips")],
    weights: Annotated[str, typer.Option(help="weights for vehicles and persons: id or file")],
    write: Annotated[bool, typer.Option("--write", help="put the table into docs/evaluation.md")] = False,
) -> None:
    """Replay, figures, gate."""
    scenarios = [word for name in SCENARIOS for word in ("--scenario", name)]
    with tempfile.TemporaryDirectory(prefix="real-clips-") as folder:
        run = Path(folder) / "run"
        options = ["--truth", str(truth), "--profile", "short", "--weights", weights, "--record", str(run)]
        brain("replay", *options, *scenarios)
        table = brain("evaluate", "events", str(run), "--truth", str(truth), "--markdown")
        print(table)
        if write:
            fill_in(table)
        print(brain("evaluate", "gate", str(run), "--truth", str(truth), "--baseline", str(BASELINE)))


def brain(*arguments: str) -> str:
    """What a command of the product prints; ends with its exit code when that is not 0."""
    done = subprocess.run([*BRAIN, *arguments], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        print(done.stdout)
        sys.exit(done.returncode)
    return done.stdout.strip()


def fill_in(table: str) -> None:
    """Puts the table between the two marks of the document."""
    text = DOCUMENT.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    DOCUMENT.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    typer.run(main)
