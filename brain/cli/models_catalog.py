"""``brain models catalog``: public weights with their licence and cost, and how each comes here."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from brain.config import paths
from brain.inference.catalog import Catalog, PublicWeights
from brain.inference.library import Library


def command(
    name: Annotated[str | None, typer.Argument(metavar="[ID]", help="one of them, with the steps")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
) -> None:
    """Public weights stronger than those that ship, as their makers describe them. 公开权重。

    The figures are the makers' own, of COCO val2017; nothing of it was measured here. AGPL-3.0 asks who offers a
    service with such weights to open its source: ask a lawyer before you use them.
    """
    catalog = Library.at(paths.assets(), paths.home()).catalog
    chosen = catalog.public if name is None else (_one(catalog, name),)
    if as_json:
        typer.echo(json.dumps({"public": [_plain(entry) for entry in chosen]}, ensure_ascii=False))
        return
    table = Table("ID", "Licence", "Input", "AP %", "G op", "M param", "Way")
    for entry in chosen:
        said = entry.published
        licence = f"[red]{escape(entry.licence)}[/]" if _strict(entry) else escape(entry.licence)
        operations = "" if said.gflops is None else f"{said.gflops:g}"
        table.add_row(entry.id, licence, str(said.input), f"{said.ap:g}", operations, f"{said.params_m:g}", _way(entry))
    Console().print(table)
    typer.echo("AP on COCO val2017, operations and parameters as the makers publish them; not measured here")
    if name is not None:
        _steps(chosen[0])


def _one(catalog: Catalog, name: str) -> PublicWeights:
    entry = catalog.public_by_id(name)
    if entry is None:
        raise catalog.unknown(name)
    return entry


def _strict(entry: PublicWeights) -> bool:
    return "AGPL" in entry.licence.upper()


def _way(entry: PublicWeights) -> str:
    return "pull" if entry.download else "by hand"


def _steps(entry: PublicWeights) -> None:
    typer.echo(f"page     {entry.page}")
    typer.echo(f"figures  {entry.published.source}")
    if entry.download:
        typer.echo(f"file     {entry.download.url} ({entry.download.size:,} bytes)")
        typer.echo(f"sum      {entry.download.known_from}")
    steps = entry.how or (f"brain models pull {entry.id}",)
    for number, step in enumerate(steps, 1):
        typer.echo(f"{number}. {step}")


def _plain(entry: PublicWeights) -> dict[str, object]:
    found: dict[str, object] = {
        "id": entry.id,
        "name": entry.name,
        "licence": entry.licence,
        "page": entry.page,
        "way": _way(entry),
        "published": entry.published.model_dump(),
        "how": list(entry.how) or [f"brain models pull {entry.id}"],
    }
    if entry.download:
        found |= entry.download.model_dump(include={"url", "size", "sha256", "known_from"})
    return found
