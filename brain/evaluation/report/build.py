"""From a judged run to the values of its page."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from brain.core.files import sha256_of
from brain.evaluation.figures import Figures
from brain.evaluation.judgement import Judged, Judgement, Verdict
from brain.evaluation.ledger import LedgerEntry
from brain.evaluation.report.lines import clip_lines, curves
from brain.evaluation.report.page import data_uri, render
from brain.evaluation.report.pictures import Moment, Shot, take_shots, truth_places
from brain.evaluation.report.table import table
from brain.evaluation.report.words import (
    LIGHTS,
    MISSING,
    PROFILES,
    ROLES,
    SETS,
    VERDICTS,
    Text,
)
from brain.evaluation.truth import TruthSet
from brain.replay.run import ClipResult, Run, RunScenario

ITEMS = 100


@dataclass(frozen=True, slots=True)
class Material:
    """What a report is made of.

    Attributes:
        uses: of a frozen set, this one included.
        is_frozen: whether the set is frozen.
        items: pictures for each scenario and verdict, at most.
        with_clips: short clips beside the pictures.
    """

    run: Run
    truth: TruthSet
    judgement: Judgement
    figures: Figures
    uses: tuple[LedgerEntry, ...] = ()
    is_frozen: bool = False
    items: int = ITEMS
    with_clips: bool = True


@dataclass(frozen=True, slots=True)
class Card:
    """A verdict with its picture.

    Attributes:
        number: among all verdicts of the judgement; names the card.
        picture, video: data URIs; empty for none.
        missing: why there is no picture.
    """

    number: int
    item: Judged
    name: Text
    picture: str
    video: str
    missing: Text | None

    @property
    def zone(self) -> str:
        """Zone of the alarm, else of the trouble."""
        if self.item.alarm is not None:
            return self.item.alarm.zone
        return (self.item.truth.zone or "") if self.item.truth is not None else ""


def build_page(material: Material, shots: Sequence[Shot] | None = None) -> str:
    """The whole page as HTML.

    Args:
        shots: the pictures, if they are taken already (``shots_of``).
    """
    shown = chosen_items(material.judgement, material.items)
    taken = tuple(shots) if shots is not None else shots_of(material)
    return render("report.html.j2", {**_head(material), **_body(material, shown, taken)})


def chosen_items(judgement: Judgement, most: int) -> tuple[int, ...]:
    """Numbers of the verdicts that get a picture: the first ``most`` of each scenario and verdict."""
    counts: dict[tuple[str, Verdict], int] = {}
    chosen = []
    for number, item in enumerate(judgement.items):
        key = item.scenario, item.verdict
        counts[key] = counts.get(key, 0) + 1
        if counts[key] <= most:
            chosen.append(number)
    return tuple(chosen)


def moment_of(item: Judged) -> Moment:
    """What is to be shown of a verdict."""
    boxes = () if item.alarm is None else item.alarm.boxes
    truth_box = None if item.truth is None else item.truth.box
    zone = item.alarm.zone if item.alarm is not None else (item.truth.zone if item.truth is not None else None)
    return Moment(item.clip, item.at_s, boxes, truth_box, zone or "")


def shots_of(material: Material, progress: Callable[[int, int], None] | None = None) -> tuple[Shot, ...]:
    """Picture and clip of each verdict that is shown.

    Args:
        progress: told how many are done and how many there will be.
    """
    shown = chosen_items(material.judgement, material.items)
    moments = [moment_of(material.judgement.items[number]) for number in shown]
    done = 0

    def told(more: int) -> None:
        nonlocal done
        done += more
        if progress is not None:
            progress(done, len(moments))

    places = truth_places(material.run, material.truth)
    return take_shots(material.run, moments, places=places, with_clips=material.with_clips, progress=told)


def _head(material: Material) -> dict[str, Any]:
    header = material.run.header
    scenarios = [header.scenario(name) for name in material.judgement.scenarios]
    return {
        "run": material.run,
        "run_name": material.run.folder.resolve().name,
        "header": header,
        "scenarios": scenarios,
        "names": {item.id: Text(item.zh, item.en) for item in header.scenarios},
        "titles": {clip.id: clip.title for clip in header.clips},
        "manifests": {item.id: _plain(item) for item in scenarios},
        "truth_name": material.truth.path.name,
        "truth_sha256": _sha256(material.truth.path),
        "set": material.truth.set,
        "set_text": SETS[material.truth.set],
        "uses": material.uses,
        "is_frozen": material.is_frozen,
        "profile": PROFILES[header.profile],
        "roles": ROLES,
        "lights": LIGHTS,
        "verdicts": {verdict.value: text for verdict, text in VERDICTS.items()},
    }


def _body(material: Material, shown: Sequence[int], shots: Sequence[Shot]) -> dict[str, Any]:
    figures = material.figures.scenarios
    results = {clip.id: material.run.result(clip.id) for clip in material.run.header.clips}
    lines = clip_lines(material.run.header, material.judgement, results)
    return {
        "figures": figures,
        "groups": table(figures),
        "cards": _cards(material.judgement, shown, shots),
        "counts": _counts(material.judgement),
        "shown": frozenset(shown),
        "lines": tuple(line for line in lines if not line.is_quiet),
        "quiet_lines": tuple(line for line in lines if line.is_quiet),
        "curves": curves(material.run.header, material.judgement, figures, whole=material.truth.set == "dev"),
        "costs": _costs(material.run, results),
        "left_out": material.judgement.left_out,
        "errors": material.figures.errors,
        "mistakes": material.truth.mistakes,
        "not_shown": _not_shown(material, shown),
        "without_picture": sum(shot.missing is not None for shot in shots),
        "without_clip": material.with_clips and any(shot.jpeg and not shot.mp4 for shot in shots),
    }


def _cards(judgement: Judgement, shown: Sequence[int], shots: Sequence[Shot]) -> tuple[Card, ...]:
    """By scenario, then what went wrong first."""
    order = list(VERDICTS)
    cards = []
    for number, shot in zip(shown, shots, strict=True):
        item = judgement.items[number]
        missing = None if shot.missing is None else MISSING[shot.missing]
        picture, video = data_uri(shot.jpeg, "image/jpeg"), data_uri(shot.mp4, "video/mp4")
        cards.append(Card(number, item, VERDICTS[item.verdict], picture, video, missing))
    places = {name: index for index, name in enumerate(judgement.scenarios)}
    return tuple(
        sorted(cards, key=lambda card: (places[card.item.scenario], order.index(card.item.verdict), card.number))
    )


def _counts(judgement: Judgement) -> dict[str, int]:
    return {verdict.value: sum(item.verdict is verdict for item in judgement.items) for verdict in VERDICTS}


def _not_shown(material: Material, shown: Sequence[int]) -> tuple[tuple[str, Verdict, int], ...]:
    """Scenario, verdict and how many of its verdicts have no picture because there are too many."""
    seen = set(shown)
    counts: dict[tuple[str, Verdict], int] = {}
    for number, item in enumerate(material.judgement.items):
        if number not in seen:
            key = item.scenario, item.verdict
            counts[key] = counts.get(key, 0) + 1
    return tuple((scenario, verdict, count) for (scenario, verdict), count in counts.items())


def _costs(run: Run, results: Mapping[str, ClipResult | None]) -> dict[str, Any]:
    """Totals and one line a clip: id, seconds, samples, samples due, CPU seconds, wall seconds, peak memory."""
    lines = []
    for name, result in results.items():
        cost = run.cost(name)
        if result is not None:
            figures = (None, None, None) if cost is None else (cost.cpu_s, cost.wall_s, cost.peak_mb)
            lines.append((name, result.seconds, result.samples, result.samples_due, *figures))
    known = [line for line in lines if line[4] is not None]
    hours = sum(line[1] for line in known) / 3600
    cpu_s = sum(line[4] or 0.0 for line in known)
    return {
        "lines": lines,
        "hours": sum(line[1] for line in lines) / 3600,
        "cpu_s": cpu_s if known else None,
        "cpu_s_per_hour": cpu_s / hours if hours > 0 else None,
        "samples": sum(line[2] for line in lines),
        "samples_due": sum(line[3] for line in lines),
        "peak_mb": max((line[6] for line in known if line[6] is not None), default=None),
    }


def _plain(scenario: RunScenario) -> str:
    return json.dumps(scenario.manifest, ensure_ascii=False, indent=1, sort_keys=True)


def _sha256(path: Path) -> str:
    try:
        return sha256_of(path)
    except OSError:
        return ""
