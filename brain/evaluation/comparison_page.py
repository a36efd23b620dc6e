"""The page of a comparison: a picture and a short clip of each trouble won or lost, each false alarm gone or new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from brain.evaluation.comparison import scenario_pairs
from brain.evaluation.comparison_figures import Comparison, Outcome
from brain.evaluation.comparison_pairs import RunSide, ScenarioPair
from brain.evaluation.judgement import Judged
from brain.evaluation.report.build import moment_of
from brain.evaluation.report.page import data_uri, render
from brain.evaluation.report.pictures import Shot, take_shots, truth_places
from brain.evaluation.report.words import MISSING, VERDICTS, Text
from brain.evaluation.truth import TruthSet
from brain.replay.run import Run

TEMPLATES = Path(__file__).parent / "templates"

OUTCOMES: dict[Outcome, Text] = {
    Outcome.BETTER: Text("更好", "better"),
    Outcome.WORSE: Text("更差", "worse"),
    Outcome.UNPROVEN: Text("差异未证实", "no proven difference"),
    Outcome.FEW: Text("摄像机太少，无法判断", "too few cameras to tell"),
    Outcome.NOT_COMPARABLE: Text("不可比", "not comparable"),
}
KINDS: dict[str, Text] = {
    "lost": Text("丢失的命中", "lost"),
    "new": Text("新增误报", "new false alarm"),
    "won": Text("新增的命中", "won"),
    "gone": Text("消失的误报", "false alarm gone"),
}
"""What got worse first."""
_COLOURS = {"lost": "missed", "new": "false", "won": "hit", "gone": "duplicate"}


@dataclass(frozen=True, slots=True)
class Material:
    """What the page is made of.

    Attributes:
        items: pictures for each scenario and kind of change, at most.
        with_clips: short clips beside the pictures.
    """

    run_a: Run
    run_b: Run
    side_a: RunSide
    side_b: RunSide
    truth: TruthSet
    comparison: Comparison
    items: int = 100
    with_clips: bool = True


@dataclass(frozen=True, slots=True)
class ChangeItem:
    """A change to be shown.

    Attributes:
        kind: key of ``KINDS``.
        shown: the verdict whose moment is shown, of the second run if ``of_b``.
        a, b: what each run made of it; ``None`` = nothing.
    """

    kind: str
    shown: Judged
    of_b: bool
    a: Judged | None
    b: Judged | None


@dataclass(frozen=True, slots=True)
class Card:
    """A change with its picture, as data URIs; empty for none."""

    item: ChangeItem
    colour: str
    name: Text
    a: Text | None
    b: Text | None
    picture: str
    video: str
    missing: Text | None

    @property
    def zone(self) -> str:
        """Zone of the alarm, else of the trouble."""
        shown = self.item.shown
        if shown.alarm is not None:
            return shown.alarm.zone
        return (shown.truth.zone or "") if shown.truth is not None else ""


def build_page(material: Material, progress: Callable[[int, int], None] | None = None) -> str:
    """The whole page as HTML, self-contained.

    Args:
        progress: told how many pictures are done and how many there will be.
    """
    changes = [item for pair in scenario_pairs(material.side_a, material.side_b) for item in changes_of(pair)]
    chosen = chosen_changes(changes, material.items)
    shots = _shots(material, chosen, progress)
    comparison = material.comparison
    values: dict[str, Any] = {
        "comparison": comparison,
        "a": material.run_a,
        "b": material.run_b,
        "name_a": material.run_a.folder.resolve().name,
        "name_b": material.run_b.folder.resolve().name,
        "truth_name": material.truth.path.name,
        "outcomes": {outcome.value: text for outcome, text in OUTCOMES.items()},
        "names": {name: Text(item.zh, item.en) for name, item in comparison.scenarios.items()},
        "titles": {clip.id: clip.title for run in (material.run_a, material.run_b) for clip in run.header.clips},
        "kinds": KINDS,
        "colours": _COLOURS,
        "numbers": {kind: sum(item.kind == kind for item in changes) for kind in KINDS},
        "cards": [_card(item, shot) for item, shot in zip(chosen, shots, strict=True)],
        "not_shown": len(changes) - len(chosen),
    }
    return render("comparison.html.j2", values, TEMPLATES)


def changes_of(pair: ScenarioPair) -> tuple[ChangeItem, ...]:
    """Everything that the two runs tell apart in a scenario, what got worse first."""
    lost = (ChangeItem("lost", item.a, False, item.a, item.b) for item in pair.lost)
    new = (ChangeItem("new", item, True, None, item) for item in pair.false_new)
    won = (ChangeItem("won", item.b, True, item.a, item.b) for item in pair.won)
    gone = (ChangeItem("gone", item, False, item, None) for item in pair.false_gone)
    return (*lost, *new, *won, *gone)


def chosen_changes(changes: Iterable[ChangeItem], most: int) -> tuple[ChangeItem, ...]:
    """The first ``most`` of each scenario and kind."""
    counts: dict[tuple[str, str], int] = {}
    chosen = []
    for item in changes:
        key = item.shown.scenario, item.kind
        counts[key] = counts.get(key, 0) + 1
        if counts[key] <= most:
            chosen.append(item)
    return tuple(chosen)


def _card(item: ChangeItem, shot: Shot) -> Card:
    return Card(
        item=item,
        colour=_COLOURS[item.kind],
        name=KINDS[item.kind],
        a=None if item.a is None else VERDICTS[item.a.verdict],
        b=None if item.b is None else VERDICTS[item.b.verdict],
        picture=data_uri(shot.jpeg, "image/jpeg"),
        video=data_uri(shot.mp4, "video/mp4"),
        missing=None if shot.missing is None else MISSING[shot.missing],
    )


def _shots(
    material: Material, chosen: Sequence[ChangeItem], progress: Callable[[int, int], None] | None
) -> tuple[Shot, ...]:
    """A shot of each change, from the recording of the run whose verdict is shown."""
    done = 0

    def told(more: int) -> None:
        nonlocal done
        done += more
        if progress is not None:
            progress(done, len(chosen))

    shots: dict[int, Shot] = {}
    for run, of_b in ((material.run_a, False), (material.run_b, True)):
        own = [number for number, item in enumerate(chosen) if item.of_b is of_b]
        moments = [moment_of(chosen[number].shown) for number in own]
        places = truth_places(run, material.truth)
        taken = take_shots(run, moments, places=places, with_clips=material.with_clips, progress=told)
        shots.update(zip(own, taken, strict=True))
    return tuple(shots[number] for number in range(len(chosen)))
