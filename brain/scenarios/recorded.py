"""Recorded observations through the tasks of a scenario: how a scenario is tested without any video.

A recording is JSON lines, one sample each, boxes as shares 0–1 of width and height:
``{"pts_s": 12.0, "detections": {"vehicle_detection": [["car", 0.9, x1, y1, x2, y2], …]}}``. An algorithm that is not
named in a line could not judge that sample. ``NAME.expected.yaml`` beside ``NAME.jsonl`` has the zones and the events.

A line may also say the ``"size": [width, height]`` of the sample in pixels, and under ``"unjudged"`` which algorithms
looked at it and could not judge it. With the size the boxes come back bit by bit: a share is the pixel divided by the
size in 64 bits, whose error is too small to reach the 32 bits of a detection.

A region has its outline behind the box: ``["water", 0.9, x1, y1, x2, y2, [[x, y, x, y, …], …]]``, the outer ring and
then the holes, as shares; written as short as 32 bits allow. An algorithm outlines all of its detections, or none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from brain.config.settings import Settings, ZoneSettings
from brain.config.yaml_file import load
from brain.core.errors import ConfigError
from brain.core.types import Detections, EventChange, EventKind, Observations, Picture, Ring, Sample, Severity
from brain.scenarios.assignment import Profile, resolve
from brain.scenarios.registry import Scenario
from brain.scenarios.task import ZoneTask

SIZE = (640, 360)
START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
LARGEST = 10.0
MAX_SIDE = 1 << 16
_LINE_ERRORS = (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError)


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


@dataclass(frozen=True, slots=True)
class RecordedLine:
    """One line of a recording.

    Attributes:
        pts_s: media time.
        size: width and height of the sample; those of ``SIZE`` where the line does not say them.
        detections: algorithm id → what it saw.
        unjudged: algorithms that looked and could not judge.
    """

    pts_s: float
    size: tuple[int, int]
    detections: dict[str, Detections]
    unjudged: tuple[str, ...] = ()

    @property
    def asked(self) -> frozenset[str]:
        """The algorithms that looked at the sample."""
        return frozenset((*self.detections, *self.unjudged))


def write_line(line: RecordedLine) -> str:
    """A sample as one line of a recording, without line end; always the same text for the same sample.

    Raises:
        ValueError: a figure that is not finite.
    """
    tree: dict[str, Any] = {
        "pts_s": line.pts_s,
        "size": line.size,
        "detections": {name: _items(line.detections[name], line.size) for name in sorted(line.detections)},
    }
    if line.unjudged:
        tree["unjudged"] = sorted(line.unjudged)
    return json.dumps(tree, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def read_line(text: str | bytes) -> RecordedLine:
    """The sample of a line.

    Raises:
        ValueError: it is none, and why.
    """
    try:
        tree = json.loads(text)
        pts_s = float(tree["pts_s"])
        size = _size(tree["size"]) if "size" in tree else SIZE
        found = {str(name): _detections(items, size) for name, items in tree["detections"].items()}
        unjudged = tuple(str(name) for name in tree.get("unjudged", ()))
    except _LINE_ERRORS as error:
        raise ValueError(f"{type(error).__name__}: {error}") from None
    if not np.isfinite(pts_s):
        raise ValueError("pts_s is no number of seconds")
    return RecordedLine(pts_s, size, found, unjudged)


def read_recording(path: Path, *, start: datetime = START) -> Iterator[tuple[Sample, Observations]]:
    """The samples (blank pictures) and observations of a recording.

    Raises:
        ConfigError: a line that is not a sample, with file and line.
    """
    for number, text in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            line = read_line(text)
            time = start + timedelta(seconds=line.pts_s)
        except (ValueError, OverflowError) as error:
            what = f"not a recorded sample ({error})"
            raise ConfigError(what, where=f"{path}:{number}", remedy="see brain.scenarios.recorded") from None
        sample = Sample("recorded", "main", line.pts_s, time, blank(line.size))
        yield sample, Observations(line.pts_s, time, line.size, line.detections)


@lru_cache(maxsize=8)
def blank(size: tuple[int, int]) -> Picture:
    """A black picture of that size that nobody can paint on, for samples of which no picture is kept."""
    picture = np.zeros((size[1], size[0], 3), np.uint8)
    picture.flags.writeable = False
    return picture


def _size(value: Any) -> tuple[int, int]:
    width, height = value
    if not (isinstance(width, int) and isinstance(height, int) and 0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise ValueError("size must be [width, height] in pixels")
    return width, height


def _items(detections: Detections, size: tuple[int, int]) -> list[list[Any]]:
    shares = (detections.xyxy.astype(np.float64) / (*size, *size)).tolist()
    scores = detections.score.astype(np.float64).tolist()
    items = [[label, score, *box] for label, score, box in zip(detections.label, scores, shares, strict=True)]
    if detections.outlines is None:
        return items
    rings = ([_figures(ring) for ring in outline] for outline in detections.outlines)
    return [[*item, outline] for item, outline in zip(items, rings, strict=True)]


def _figures(ring: Ring) -> list[float]:
    """x, y, x, y, … of a ring, each the shortest decimal that gives the same 32 bits again."""
    return [float(str(value)) for value in ring.ravel()]


def _detections(items: Sequence[Sequence[Any]], size: tuple[int, int]) -> Detections:
    if not items:
        return Detections.empty()
    length = len(items[0])
    if length not in (6, 7) or any(len(item) != length for item in items):
        raise ValueError(
            "a detection is a label, a score and four numbers; a region has its outline behind, all or none"
        )
    figures = np.array([item[1:6] for item in items], np.float64)
    _check_figures(figures)
    labels = tuple(str(item[0]).encode("utf-8", "replace").decode() for item in items)
    boxes = (figures[:, 1:] * (*size, *size)).astype(np.float32)
    outlines = None if length == 6 else tuple(tuple(_ring(ring) for ring in item[6]) for item in items)
    return Detections(boxes, figures[:, 0].astype(np.float32), labels, outlines)


def _ring(figures: Sequence[float]) -> Ring:
    ring = np.array(figures, np.float32)
    if ring.ndim != 1 or len(ring) < 6 or len(ring) % 2:
        raise ValueError("a ring of an outline is x, y of three points or more")
    _check_figures(ring)
    return ring.reshape(-1, 2)


def _check_figures(figures: NDArray[Any]) -> None:
    if not (np.isfinite(figures).all() and (np.abs(figures) <= LARGEST).all()):
        raise ValueError("a figure that is none, or far outside the picture")


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
