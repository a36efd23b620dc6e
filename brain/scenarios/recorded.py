"""Recorded observations through the tasks of a scenario: how a scenario is tested without any video.

A recording is JSON lines, one sample each, boxes as shares 0–1 of width and height:
``{"pts_s": 12.0, "detections": {"vehicle_detection": [["car", 0.9, x1, y1, x2, y2], …]}}``. An algorithm that is not
named in a line could not judge that sample. ``NAME.expected.yaml`` beside ``NAME.jsonl`` has the zones and the events.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field

from brain.config.settings import Settings, ZoneSettings
from brain.config.yaml_file import load
from brain.core.errors import ConfigError
from brain.core.types import Detections, EventChange, EventKind, Observations, Sample, Severity
from brain.scenarios.assignment import Profile, resolve
from brain.scenarios.registry import Scenario
from brain.scenarios.task import ZoneTask

SIZE = (640, 360)
START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
_BLANK = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)


class ExpectedChange(Settings):
    """One change of an event that a recording must cause, in order of time."""

    kind: EventKind
    zone: str
    began_s: float
    at_s: float
    severity: Severity = Severity.LOW


class Expected(Settings):
    """What a recording shows and what must come of it."""

    shows: str = Field(description="one sentence for people")
    zones: tuple[ZoneSettings, ...] = ()
    start: datetime = Field(START, description="UTC of media time 0")
    profile: Literal["normal", "short"] = "normal"
    set: dict[str, Any] = Field(default_factory=dict, description="overrides")
    changes: tuple[ExpectedChange, ...] = Field(description="all of them; empty = nothing may be raised")


def read_recording(path: Path, *, start: datetime = START) -> Iterator[tuple[Sample, Observations]]:
    """The samples (blank pictures) and observations of a recording.

    Raises:
        ConfigError: a line that is not a sample, with file and line.
    """
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            tree = json.loads(line)
            pts_s = float(tree["pts_s"])
            found = {str(name): _detections(items) for name, items in tree["detections"].items()}
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            text = f"not a recorded sample ({type(error).__name__}: {error})"
            raise ConfigError(text, where=f"{path}:{number}", remedy="see brain.scenarios.recorded") from None
        time = start + timedelta(seconds=pts_s)
        yield Sample("recorded", "main", pts_s, time, _BLANK), Observations(pts_s, time, SIZE, found)


def _detections(items: Sequence[Sequence[Any]]) -> Detections:
    scale = np.array([SIZE[0], SIZE[1], SIZE[0], SIZE[1]], np.float32)
    boxes = np.array([item[2:6] for item in items], np.float32).reshape(-1, 4) * scale
    scores = np.array([item[1] for item in items], np.float32)
    return Detections(boxes, scores, tuple(str(item[0]) for item in items))


def play(tasks: Iterable[ZoneTask], samples: Iterable[tuple[Sample, Observations]]) -> tuple[EventChange, ...]:
    """All changes of events that the samples cause, in order of time."""
    watched = tuple(tasks)
    return tuple(
        change for sample, observations in samples for task in watched for change in task.step(sample, observations)[1]
    )


def expected_of(recording: Path) -> Expected:
    """What lies beside ``NAME.jsonl`` in ``NAME.expected.yaml``.

    Raises:
        ConfigError: it is missing or wrong, with file and line.
    """
    return load(recording.with_name(f"{recording.stem}.expected.yaml"), Expected)


def changes_of(scenario: Scenario, recording: Path) -> tuple[ExpectedChange, ...]:
    """What a scenario makes of a recording, in the form in which it is expected; seconds to the hundredth.

    Raises:
        ConfigError: the recording, or what lies beside it, is wrong.
    """
    expected = expected_of(recording)
    profile: Profile = expected.profile
    tasks = resolve(
        scenario,
        "recorded",
        [zone.zone() for zone in expected.zones],
        overrides=expected.set,
        profile=profile,
        whole_when_none=True,
    )
    return tuple(
        ExpectedChange(
            kind=change.kind,
            zone=change.zone,
            began_s=round(change.began_s, 2),
            at_s=round(change.at_s, 2),
            severity=change.severity,
        )
        for change in play(tasks, read_recording(recording, start=expected.start))
    )
