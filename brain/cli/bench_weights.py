"""``brain bench weights``: what weights cost on this machine, beside others in the same run."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from brain.bench.weights import ROUNDS, WeightsCost, measure_weights
from brain.cli.evaluate.progress import counting
from brain.config.paths import assets, home
from brain.core.errors import BrainError, UsageError
from brain.inference.choice import cpu_model
from brain.inference.library import Library, Weights, all_forms, resolve
from brain.inference.runtimes import installed_runtimes
from brain.inference.street import street_picture

BESIDE = "yolox_nano"


def command(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[ID|FILE]…", help="all on this machine unless told")
    ] = None,
    beside: Annotated[
        str | None, typer.Option("--beside", metavar="ID|FILE", help=f"what they are compared with; default: {BESIDE}")
    ] = None,
    rounds: Annotated[int, typer.Option(min=3, max=1000, help="how often each looks at the picture")] = ROUNDS,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
) -> None:
    """CPU time per picture of weights on one thread, in every runtime that is here, beside others in the same run.

    All forms of the weights are measured (`ID.int8` beside `ID`), in turns; medians are shown.
    """
    library = Library.at(assets(), home())
    weights, broken = _asked(names or [], library)
    base = _beside(beside, weights, library)
    if not weights:
        raise UsageError("no weights on this machine", remedy="name some, or `brain models pull yolox_nano`")
    runtimes = installed_runtimes()
    picture = street_picture()
    with counting("rounds") as bar:
        costs = measure_weights(weights, base, tuple(runtimes), picture, rounds=rounds, progress=bar.tell)
    result = {
        "cpu": cpu_model(),
        "threads": 1,
        "runtimes": runtimes,
        "rounds": rounds,
        "picture": f"{picture.shape[1]}x{picture.shape[0]}",
        "beside": base.card.id if base else None,
        "weights": [asdict(cost) for cost in costs],
    }
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False))
    else:
        _print(costs, base.card.id if base else None)
    for line in broken:
        print(f"brain: {line}", file=sys.stderr)
    if broken or any(cost.problem for cost in costs):
        raise typer.Exit(1)


def _asked(names: list[str], library: Library) -> tuple[list[Weights], list[str]]:
    """The weights that were named, else all on this machine, in all their forms; and what is wrong with the others."""
    found: list[Weights] = []
    broken: list[str] = []
    for name in names or library.folders():
        try:
            found += [form for form in all_forms(resolve(name, library)) if form not in found]
        except BrainError as error:
            if names:
                raise
            broken.append(error.line)
    return found, broken


def _beside(name: str | None, weights: list[Weights], library: Library) -> Weights | None:
    """What was asked for; else the usual ones, where they are among the weights or here."""
    if name is not None:
        return resolve(name, library)
    return next((one for one in weights if one.card.id == BESIDE), None) or library.locate(BESIDE)


def _print(costs: list[WeightsCost], beside: str | None) -> None:
    title = f"÷ {beside}" if beside else "÷ (none: give --beside)"
    table = Table("ID 权重", "Runtime 引擎", "Input 输入", "CPU ms 每图", title, box=None)
    for cost in costs:
        if cost.problem:
            table.add_row(cost.id, cost.runtime, cost.input, "failed", "")
            continue
        ratio = "" if cost.ratio is None else f"{cost.ratio:.2f}"
        table.add_row(cost.id, cost.runtime, cost.input, f"{cost.ms_per_picture:.2f}", ratio)
    console = Console()
    console.print(table)
    for cost in costs:
        if cost.problem:
            console.print(escape(f"{cost.id} ({cost.runtime}): {cost.problem}"))
