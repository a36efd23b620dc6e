"""``brain check CONFIG.yaml``: everything that `brain run` would stumble over, before it runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from brain.core.errors import ConfigError
from brain.runtime.checks import CheckFinding, Verdict, check_settings
from brain.sim.clips_source import drawn_settings, read_settings

MARKS = {Verdict.GOOD: "ok  ", Verdict.NOTE: "note", Verdict.BAD: "BAD "}


def command(
    config: Annotated[Path, typer.Argument(metavar="CONFIG.yaml", help="settings file; see configs/")],
    connect: Annotated[bool, typer.Option("--connect", help="also open each camera")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
) -> None:
    """Checks a settings file, its scenarios, weights, folders and the machine."""
    findings: list[CheckFinding] = []
    try:
        for finding in check_settings(config, connect=connect, read=drawn_settings if connect else read_settings):
            findings.append(finding)
            if not as_json:
                print(f"{MARKS[finding.verdict]} {finding.text}", flush=True)
    except ConfigError as error:
        if not as_json:
            raise
        findings.append(CheckFinding(Verdict.BAD, error.line))
    bad = sum(finding.verdict is Verdict.BAD for finding in findings)
    if as_json:
        told = [{"verdict": finding.verdict.value, "text": finding.text} for finding in findings]
        print(json.dumps({"ready": not bad, "findings": told}, ensure_ascii=False))
        raise typer.Exit(1 if bad else 0)
    if bad:
        print(f"{bad} of these must be mended")
        raise typer.Exit(1)
    print("ready to run")
