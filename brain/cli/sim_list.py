"""``brain sim list``: the scenes by scenario."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

if TYPE_CHECKING:
    from brain.sim.scenes.kinds import SceneKind
    from brain.sim.topics import Topic

LEAST_TEXT = 24
SHOWS, CONFUSES = "●", "○"


def command(
    scenario: Annotated[list[str] | None, typer.Option(metavar="ID", help="only scenes about it; repeatable")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
) -> None:
    """Lists every scene by scenario: what it shows, or what it is easily taken for. 场景一览。"""
    from brain.core.errors import UsageError
    from brain.sim.spec import LIGHTS, WEATHERS
    from brain.sim.topics import topics

    found = topics()
    known = {topic.id: topic for topic in found}
    for name in scenario or ():
        if name not in known:
            raise UsageError(f"no scene is about {name!r}", where="--scenario", remedy=f"take of: {', '.join(known)}")
    chosen = [topic for topic in found if not scenario or topic.id in scenario]
    if as_json:
        plain = {
            "scenarios": [{"id": topic.id, "zh": topic.zh, "en": topic.en} for topic in chosen],
            "scenes": [_plain(kind) for topic in chosen for kind in topic.scenes],
            "lights": LIGHTS,
            "weathers": WEATHERS,
        }
        print(json.dumps(plain, ensure_ascii=False))
        return
    _show(chosen)


def _plain(kind: SceneKind) -> dict[str, Any]:
    return {
        "name": kind.name,
        "zh": kind.zh,
        "en": kind.en,
        "stage": kind.stage,
        "shows": kind.shows or None,
        "confuses": kind.confuses or None,
        "seconds": kind.seconds,
    }


def _show(topics: Sequence[Topic]) -> None:
    """Names are never cut: what does not fit beside them is wrapped."""
    longest = max(len(kind.name) for topic in topics for kind in topic.scenes)
    console = Console(highlight=False)
    width = max(console.width, longest + LEAST_TEXT)
    for topic in topics:
        console.print(Text.assemble((topic.id, "bold"), f"  {topic.zh}  {topic.en}"), width=width)
        table = Table(
            Column(width=1), Column(no_wrap=True, width=longest), Column(overflow="fold"), box=None, show_header=False
        )
        for kind in topic.scenes:
            table.add_row(SHOWS if kind.shows else CONFUSES, kind.name, f"{kind.zh}  {kind.en}")
        console.print(table, width=width)
    count = sum(len(topic.scenes) for topic in topics)
    console.print(f"\n{count} scenes: {SHOWS} shows it, {CONFUSES} is easily taken for it", width=width)
