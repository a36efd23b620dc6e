"""``brain check CONFIG.yaml``: everything that `brain run` would stumble over, before it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from brain.runtime.checks import Verdict, check_settings

MARKS = {Verdict.GOOD: "ok  ", Verdict.NOTE: "note", Verdict.BAD: "BAD "}


def command(
    config: Annotated[Path, typer.Argument(metavar="CONFIG.yaml", help="settings file; see configs/")],
    connect: Annotated[bool, typer.Option("--connect", help="also open each camera and take one picture")] = False,
) -> None:
    """Checks a settings file, its scenarios, weights, folders and the machine."""
    bad = 0
    for finding in check_settings(config, connect=connect):
        bad += finding.verdict is Verdict.BAD
        print(f"{MARKS[finding.verdict]} {finding.text}", flush=True)
    if bad:
        print(f"{bad} of these must be mended")
        raise typer.Exit(1)
    print("ready to run")
