"""``brain scenarios``: which there are, and what one looks for."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table

from brain.config.paths import assets, home, own_scenarios
from brain.inference.algorithms import load_algorithms
from brain.inference.library import Library
from brain.scenarios.manifest import Manifest
from brain.scenarios.overrides import possible_keys
from brain.scenarios.registry import BrokenScenario, Registry, Scenario
from brain.scenarios.tier import Tier, tier_of

app = typer.Typer(help="Scenarios (场景): list them, show one.", no_args_is_help=True)

FolderOption = Annotated[Path | None, typer.Option("--folder", help="a folder of scenarios besides those that ship")]
JsonOption = Annotated[bool, typer.Option("--json", help="one JSON document")]


@app.command("list")
def list_(folder: FolderOption = None, as_json: JsonOption = False) -> None:
    """Lists all scenarios; a broken one with what is wrong."""
    found = _registry(folder).list()
    tiers = _tiers(item for item in found if isinstance(item, Scenario))
    if as_json:
        typer.echo(json.dumps([_plain(item, tiers.get(item.id)) for item in found], ensure_ascii=False))
        return
    table = Table(
        Column("id", no_wrap=True),
        Column("name", min_width=14),
        "rule",
        "zone kinds",
        "class",
        "tier 档次",
        box=None,
    )
    for item in found:
        if isinstance(item, Scenario):
            own = item.manifest
            names = f"{own.name.zh}\n{own.name.en}"
            word = own.rule.word if own.rule is not None else "plugin"
            kinds = ", ".join(own.zones.kinds)
            tier = tiers[item.id].words
            table.add_row(item.id, names, word, kinds, own.case.class_code, tier)
        else:
            table.add_row(item.id, "broken", "", "", "", "")
    Console().print(table)
    for item in found:
        if isinstance(item, BrokenScenario):
            typer.echo(f"\nbroken: {item.id}\n  {item.error}")


@app.command()
def show(
    scenario: Annotated[str, typer.Argument(help="id of a scenario")],
    folder: FolderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Shows one scenario: what it looks for, its numbers, and the keys that --set takes."""
    found = _registry(folder).get(scenario)
    if as_json:
        typer.echo(json.dumps(_plain(found, _tiers([found])[found.id]), ensure_ascii=False))
        return
    for line in _lines(found, _tiers([found])[found.id]):
        typer.echo(line)


def _registry(folder: Path | None) -> Registry:
    algorithms = load_algorithms(assets() / "models" / "algorithms.yaml").ids()
    own = folder or own_scenarios()
    return Registry.open(own, algorithms)


def _tiers(scenarios: Iterable[Scenario]) -> dict[str, Tier]:
    """The tier of each on this machine, by id."""
    algorithms = load_algorithms(assets() / "models" / "algorithms.yaml")
    library = Library.at(assets(), home())
    return {item.id: tier_of(item.manifest, algorithms, library) for item in scenarios}


def _plain(item: Scenario | BrokenScenario, tier: Tier | None) -> dict[str, Any]:
    if isinstance(item, BrokenScenario):
        return {"id": item.id, "broken": item.error.line}
    tree = item.manifest.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {**tree, "folder": str(item.folder), "plugin": item.plugin is not None, "tier": tier, "broken": None}


def _lines(found: Scenario, tier: Tier) -> list[str]:
    own = found.manifest
    lines = [f"{own.id}  {own.name.zh}  {own.name.en}"]
    if own.description is not None:
        lines += ["", own.description.zh, own.description.en]
    lines += ["", *_numbers(own), f"  tier (档次)  {tier.words}", f"  folder      {found.folder}"]
    for title, words in (("filing (立案标准)", own.filing), ("closing (结案标准)", own.closing)):
        if words is not None:
            lines += ["", title, f"  {words.zh}", f"  {words.en}"]
    if own.confusers:
        lines += ["", "looks like it and is not", *(f"  - {text}" for text in own.confusers)]
    return [*lines, "", "keys for --set", *(f"  {key}" for key in possible_keys(own))]


def _numbers(own: Manifest) -> list[str]:
    zones = ", ".join(own.zones.kinds) + (" (else the whole picture)" if own.zones.default != "none" else "")
    lines = [
        f"  algorithms  {', '.join(own.algorithms)}",
        f"  sample      every {own.sample.every:g} s, {own.sample.width} px wide",
        f"  zones       {zones}",
    ]
    if own.rule is not None:
        values = own.rule.parameters.model_dump(mode="json", by_alias=True, exclude_none=True)
        lines.append(f"  rule        {own.rule.word}: " + ", ".join(f"{key} {_text(v)}" for key, v in values.items()))
    raises = "".join(f"; {item.to} when {item.when}" for item in own.severity.raises)
    renotify = f", told again every {own.renotify:g} s" if own.renotify is not None else ""
    return [
        *lines,
        f"  confirm     {own.confirm.at_least} of {own.confirm.of} samples",
        f"  clear       {own.clear.after:g} s without it; cooldown {own.cooldown:g} s{renotify}",
        f"  severity    {own.severity.base}{raises}",
        f"  case        class {own.case.class_code} ({own.case.standard}), {own.case.department}, "
        f"deadline {own.case.deadline}",
    ]


def _text(value: object) -> str:
    if isinstance(value, dict):
        return f"({', '.join(f'{key} {_text(inner)}' for key, inner in value.items())})"
    if isinstance(value, float):
        return f"{value:g}"
    return " ".join(str(part) for part in value) if isinstance(value, list) else str(value)
