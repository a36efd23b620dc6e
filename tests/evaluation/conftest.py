"""Run folders and truth files written by hand, for every test of this room.

Fixtures that are functions, so that a test names what matters to it and leaves the rest:

    run = make_run(tmp_path / "run", clips=[make_clip("a", seconds=600)], events={"a": [make_event(130.0)]})
    truth = make_truth(tmp_path / "truth.yaml", [{"file": "a.mp4", "events": [{"began_s": 100.0, "ended_s": 300.0}]}])
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from brain.core.types import Severity
from brain.evaluation.truth import TruthClip, TruthSet
from brain.replay.run import (
    COST,
    HEADER,
    RESULT,
    ClipCost,
    ClipResult,
    Run,
    RunClip,
    RunEvent,
    RunHeader,
    RunScenario,
)

SCENARIO = "left_object"
ZONE = "pavement"
NOON = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)


def digest(name: str) -> str:
    """The sha256 that clip ``name`` bears in runs and truths made here."""
    return hashlib.sha256(name.encode()).hexdigest()


def _scenario(name: str = SCENARIO, **changes: Any) -> RunScenario:
    """A scenario as it ran: dwell 30 s, inherited 60 s, window 30 s, a sample each 2 s, alerting."""
    values: dict[str, Any] = {
        "id": name,
        "zh": "遗留物" if name == SCENARIO else name,
        "en": "Left object" if name == SCENARIO else name.replace("_", " "),
        "dwell_s": 30.0,
        "inherited_dwell_s": 60.0,
        "window_s": 30.0,
        "every_s": 2.0,
        "role": "alerting",
        "manifest": {},
    }
    return RunScenario.model_validate({**values, **changes})


def _event(raised_s: float, ended_s: float | None = None, **changes: Any) -> RunEvent:
    """An event of ``left_object`` in zone ``pavement``, begun 30 s before it was raised."""
    values: dict[str, Any] = {
        "scenario": SCENARIO,
        "zone": ZONE,
        "began_s": max(0.0, raised_s - 30.0),
        "raised_s": raised_s,
        "ended_s": ended_s,
        "severity": Severity.LOW,
        "measure": 30.0,
        "score": 0.9,
    }
    return RunEvent.model_validate({**values, **changes})


def _clip(name: str = "a", **changes: Any) -> dict[str, Any]:
    """Header and result of a clip: ``{"clip": {…}, "result": {…}, "cost": {…} or None}``; 600 s long unless told.

    ``seconds``, ``samples``, ``samples_due``, ``outages``, ``error``, ``notes`` and ``cpu_s`` go to result and cost,
    the rest to the header; ``unfinished=True`` writes no result.
    """
    seconds = float(changes.pop("seconds", 600.0))
    result = {
        "seconds": seconds,
        "samples": changes.pop("samples", int(seconds // 2)),
        "samples_due": changes.pop("samples_due", int(seconds // 2)),
        "outages": changes.pop("outages", ()),
        "error": changes.pop("error", ""),
        "notes": changes.pop("notes", ()),
    }
    cpu_s = changes.pop("cpu_s", 2.0)
    unfinished = changes.pop("unfinished", False)
    clip = {"id": name, "path": f"/videos/{name}.mp4", "sha256": digest(name), "camera": name, "site": name}
    return {
        "clip": {**clip, "start": NOON, **changes},
        "result": None if unfinished else result,
        "cost": None if cpu_s is None or unfinished else {"cpu_s": cpu_s, "wall_s": cpu_s, "peak_mb": 100.0},
    }


def _run(
    folder: Path,
    scenarios: Sequence[RunScenario] | None = None,
    clips: Sequence[Mapping[str, Any]] | None = None,
    events: Mapping[str, Sequence[RunEvent]] | None = None,
    **header: Any,
) -> Run:
    """Writes a run folder and opens it.

    Args:
        folder: made if need be.
        scenarios: of ``make_scenario``; default ``left_object``.
        clips: of ``make_clip``; default one, ``a``.
        events: clip id → events of ``make_event``.
        header: other keys of ``run.json``.
    """
    items = [_clip()] if clips is None else clips
    head = RunHeader(
        **{"product": "0.1.0", "profile": "normal", "runtime": "onnxruntime", **header},
        scenarios=tuple([_scenario()] if scenarios is None else scenarios),
        clips=tuple(RunClip.model_validate(item["clip"]) for item in items),
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / HEADER).write_text(head.model_dump_json(indent=1), encoding="utf-8")
    run = Run(folder)
    for clip, item in zip(head.clips, items, strict=True):
        if item["result"] is None:
            continue
        own = run.clip_folder(clip.id)
        own.mkdir(parents=True, exist_ok=True)
        raised = sorted((events or {}).get(clip.id, ()), key=lambda event: event.raised_s)
        result = ClipResult.model_validate({**item["result"], "events": tuple(raised)})
        (own / RESULT).write_text(result.model_dump_json(), encoding="utf-8")
        if item["cost"] is not None:
            (own / COST).write_text(ClipCost.model_validate(item["cost"]).model_dump_json(), encoding="utf-8")
    return run


def _truth(path: Path, clips: Sequence[Mapping[str, Any]], **changes: Any) -> TruthSet:
    """Writes a truth file (``clips`` as they stand in it) and gives the same as a ``TruthSet``.

    In a clip ``scenario`` and ``zone`` of an event may be left out (``left_object``, ``pavement``); camera and site are
    the stem of the file, the sha256 is that of ``make_clip``, ``labelled`` is ``[left_object]`` unless told.
    """
    whole = []
    for clip in clips:
        stem = Path(clip["file"]).stem
        events = [{"scenario": SCENARIO, "zone": ZONE, **event} for event in clip.get("events", ())]
        own = {"camera": stem, "site": stem, "sha256": digest(stem), "labelled": [SCENARIO], **clip, "events": events}
        whole.append({key: value for key, value in own.items() if value is not None})
    text = {"set": changes.get("set", "dev"), "clips": whole}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(text, default=str, indent=1), encoding="utf-8")
    models = tuple(TruthClip.model_validate(clip) for clip in whole)
    return TruthSet(path=path, set=text["set"], clips=models, mistakes=tuple(changes.get("mistakes", ())))


@pytest.fixture(scope="session")
def make_scenario() -> Callable[..., RunScenario]:
    """See ``_scenario``."""
    return _scenario


@pytest.fixture(scope="session")
def make_event() -> Callable[..., RunEvent]:
    """See ``_event``."""
    return _event


@pytest.fixture(scope="session")
def make_clip() -> Callable[..., dict[str, Any]]:
    """See ``_clip``."""
    return _clip


@pytest.fixture(scope="session")
def make_run() -> Callable[..., Run]:
    """See ``_run``."""
    return _run


@pytest.fixture(scope="session")
def make_truth() -> Callable[..., TruthSet]:
    """See ``_truth``."""
    return _truth
