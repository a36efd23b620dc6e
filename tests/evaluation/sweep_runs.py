"""Scenes, run folders and truths for the tests of sweeps."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from brain.config.paths import assets
from brain.config.settings import ZoneSettings
from brain.core.types import Detections, Observations, Sample
from brain.evaluation.sweep.due import DueBy
from brain.evaluation.sweep.grid import Axis, settings_of
from brain.evaluation.truth import TruthClip, TruthSet
from brain.replay.observed import ObservedSample, events_of, judge_observed
from brain.replay.plan import PlannedScenario, ReplayPlan, change_plan, observed_header, plan_as_run, plan_scenario
from brain.replay.record import Recorder, clip_recorder, header_bytes
from brain.replay.run import HEADER, ClipCost, ClipResult, Run, RunClip, RunHeader
from brain.replay.work import ClipWorker, WorkOrder
from brain.scenarios.manifest import load_manifest
from brain.scenarios.recorded import RecordedLine, blank, read_line, write_line
from brain.scenarios.registry import Scenario

NOON = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
SIZE = (640, 360)
KERB = ((0.05, 0.2), (0.95, 0.2), (0.9, 0.97), (0.1, 0.9))
HALVES = (((0.0, 0.2), (0.5, 0.2), (0.5, 1.0), (0.0, 1.0)), ((0.5, 0.2), (1.0, 0.2), (1.0, 1.0), (0.5, 1.0)))
BAY = ((0.4, 0.4), (0.6, 0.4), (0.6, 0.95))
LABELS = {
    "vehicle_detection": ("car", "truck"),
    "stationary_change": ("new", "removed"),
    "person_detection": ("person", "person"),
}


def manifest_of(name: str, **rule: Any) -> Any:
    manifest = load_manifest(assets() / "scenarios" / name / "scenario.yaml")
    if rule:  # a word that no shipped scenario uses
        tree = manifest.model_dump(by_alias=True, exclude_none=True)
        manifest = type(manifest).model_validate({**tree, "rule": rule})
    return manifest


SHORT = {"clear.after": "20s", "cooldown": "40s", "confirm.of": 6, "confirm.at_least": 4}
COUNT = {"rule.count.at_least": 2, "rule.count.release_below": 1, "rule.count.for": "30s"}
SCENARIOS: dict[str, PlannedScenario] = {
    name: plan_scenario(Scenario(manifest, Path()), {"sample.every": "2s", **SHORT, **own}, "normal")
    for name, manifest, own in (
        ("stationary", manifest_of("illegal_parking"), {"rule.stationary.for": "60s"}),
        ("change", manifest_of("left_object"), {"rule.change.for": "60s"}),
        ("count", manifest_of("crowd_gathering"), COUNT),
        ("present", manifest_of("illegal_parking", present={"classes": ["car"], "for": 20.0}), {}),
    )
}


def scene(
    seed: int, count: int, algorithm: str, *, parked: int = 3, every_s: float = 2.0, odd: bool = True
) -> list[RecordedLine]:
    """Things that stay and things that pass; detectors flicker, fail and have gaps (``odd``)."""
    draw = random.Random(seed)
    first, second = LABELS[algorithm]
    stays = [
        (
            draw.uniform(0.05, 0.8),
            draw.uniform(0.2, 0.7),
            start := draw.uniform(-20, count),
            start + draw.uniform(15, 120),
        )
        for _ in range(parked * max(1, count // 60))
    ]
    lines, pts_s = [], 0.0
    for number in range(count):
        pts_s += every_s if not odd or draw.random() < 0.97 else draw.choice([0.5, 9.0, 40.0])
        rows = [(x, y, first if draw.random() < 0.9 else second) for x, y, start, end in stays if start <= number < end]
        rows = [row for row in rows if draw.random() < 0.85]
        rows += [
            (draw.uniform(0, 0.9), draw.uniform(0.1, 0.8), draw.choice([first, second]))
            for _ in range(draw.randrange(3))
        ]
        found = {} if odd and draw.random() < 0.04 else {algorithm: _detections(rows, draw)}
        lines.append(RecordedLine(pts_s, SIZE, found, () if found else (algorithm,)))
    return lines


def _detections(rows: Sequence[tuple[float, float, str]], draw: random.Random) -> Detections:
    boxes = [[(x + draw.gauss(0, 0.002)) * 640, y * 360, (x + 0.1) * 640, (y + 0.15) * 360] for x, y, _ in rows]
    scores = [min(0.99, max(0.12, draw.gauss(0.55, 0.15))) for _ in rows]
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4), np.array(scores, np.float32), tuple(label for *_, label in rows)
    )


def samples_of(lines: Sequence[RecordedLine], start: datetime = NOON) -> list[ObservedSample]:
    """The lines after a trip through the file, as a sweep reads them."""
    samples = []
    for line in (read_line(write_line(item)) for item in lines):
        moment = start + timedelta(seconds=line.pts_s)
        sample = Sample("gate", "main", line.pts_s, moment, blank(line.size))
        samples.append(ObservedSample(sample, Observations(line.pts_s, moment, line.size, line.detections), line.asked))
    return samples


def zones_of(
    kind: str, *polygons: Any, masked: bool = False, square_metres: float | None = None
) -> tuple[ZoneSettings, ...]:
    zones = [
        {"name": f"z{number}", "kind": kind, "polygon": polygon, "square_metres": square_metres}
        for number, polygon in enumerate(polygons)
    ]
    zones += [{"name": "bay", "kind": "mask", "polygon": BAY}] if masked else []
    return tuple(ZoneSettings.model_validate(zone) for zone in zones)


def clip_of(name: str, zones: tuple[ZoneSettings, ...], site: str = "north") -> RunClip:
    return RunClip(id=name, path=f"/videos/{name}.mp4", sha256="", camera=name, site=site, start=NOON, zones=zones)


def make_recorded(
    folder: Path, word: str, seeds: Mapping[str, int], *, sites: Mapping[str, str] | None = None, count: int = 300
) -> Run:
    """A run folder with observations and with the events that the scenario raises on them."""
    plan = ReplayPlan((SCENARIOS[word],))
    manifest = plan.scenarios[0].manifest
    zones = zones_of(manifest.zones.kinds[0], KERB)
    clips = tuple(clip_of(name, zones, (sites or {}).get(name, "north")) for name in seeds)
    header = RunHeader(
        product="0.1.0",
        profile="normal",
        runtime="onnxruntime",
        observed=plan.observed,
        scenarios=(plan.scenarios[0].as_run(),),
        clips=clips,
    )
    folder.mkdir(parents=True)
    (folder / HEADER).write_bytes(header_bytes(header))
    for clip in clips:
        lines = scene(seeds[clip.id], count, manifest.algorithms[0], parked=2, odd=False)
        tasks = plan.tasks(clip.camera, [zone.zone() for zone in zones], None)
        events = events_of(judge_observed(tasks, samples_of(lines), plan.every_s))
        with clip_recorder(folder, clip.id) as recorder:
            for line in lines:
                recorder.observation(write_line(line))
            seconds = lines[-1].pts_s + 2.0
            result = ClipResult(seconds=seconds, samples=count, samples_due=count, events=events)
            recorder.finish(result, ClipCost(cpu_s=1.0, wall_s=1.0, peak_mb=1.0))
    return Run(folder)


def make_labels(run: Run, path: Path, *, every: int = 4, changes: Mapping[str, Any] | None = None) -> TruthSet:
    """A truth that agrees with most of the run's events, and with more that it did not raise."""
    name = run.header.scenarios[0].id
    clips = []
    for clip in run.header.clips:
        result = run.result(clip.id)
        assert result is not None
        events: list[dict[str, Any]] = []
        free_s = 0.0
        for number, event in enumerate(result.events):
            began_s, ended_s = max(free_s, event.began_s - 1.0), (event.ended_s or result.seconds) - 1.0
            if number % every and ended_s > began_s + 1:
                events.append({"scenario": name, "began_s": round(began_s, 3), "ended_s": round(ended_s, 3)})
                free_s = ended_s + 0.1
        if result.seconds - free_s > 100:
            events.append({"scenario": name, "began_s": round(result.seconds - 99, 3)})
        values = {"file": f"{clip.id}.mp4", "camera": clip.camera, "site": clip.site, "labelled": [name]}
        clips.append({**values, "events": events, "ignore": [{"from_s": 1.0, "to_s": 9.0}], **(changes or {})})
    path.write_text(json.dumps({"set": "dev", "clips": clips}), encoding="utf-8")
    return TruthSet(path, "dev", tuple(TruthClip.model_validate(clip) for clip in clips))


def make_three(folder: Path) -> tuple[Run, TruthSet]:
    """Three clips of two sites, and their truth."""
    sites = {"a": "north", "b": "south", "c": "south"}
    run = make_recorded(folder / "run", "stationary", {"a": 1, "b": 2, "c": 5}, sites=sites)
    return run, make_labels(run, folder / "truth.json")


GRID = settings_of(
    [
        Axis("rule.stationary.for", ("20s", "60s", "90s")),
        Axis("rule.stationary.min_score", (0.3, 0.5)),
        Axis("confirm.at_least", (2, 4, 6)),
    ]
)


def replayed(run: Run, setting: Mapping[str, Any], folder: Path, due: DueBy = "rule") -> Run:
    """The rules of a run over again with a setting, the way of ``brain replay --from``."""
    plan = change_plan(plan_as_run(run), {run.header.scenarios[0].id: setting})
    header = observed_header(run, plan)
    if due != "rule":
        as_due = run.header.scenarios[0]
        dwells = (as_due.dwell_s, as_due.inherited_dwell_s) if due == "run" else (due, 2 * float(due))
        scenario = header.scenarios[0].model_copy(update={"dwell_s": dwells[0], "inherited_dwell_s": dwells[1]})
        header = header.model_copy(update={"scenarios": (scenario,)})
    with Recorder(folder, header):
        worker = ClipWorker(WorkOrder(plan, observed=run.folder, record=folder))
        for clip in run.header.clips:
            worker.work(clip, lambda done_s: None)
    return Run(folder)
