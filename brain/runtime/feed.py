"""A camera that is a file of observations, growing line by line: what another analyser saw, without any video.

Each line is JSON: ``{"pts_s": 12.0, "detections": {"vehicle_detection": [["car", 0.9, x1, y1, x2, y2], …]}}`` with
boxes as shares 0–1 of width and height. The place in the file is kept with the rules' state, so each line counts once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from brain.core.clock import from_epoch
from brain.core.types import Detections, Observations, Picture, Sample

SIZE = (640, 360)
POSITION_KEY = "feed"
MAX_LINE = 1 << 20
LARGEST = 10.0


@dataclass(frozen=True, slots=True)
class FeedLine:
    """One line of a feed: what was seen, and where the next line begins."""

    sample: Sample
    observations: Observations
    next_byte: int


class FeedFile:
    """Reads a growing file of observations from a place on.

    Attributes:
        bad: lines that could not be read as observations.
    """

    def __init__(self, camera: str, view: str, path: Path, position: int = 0) -> None:
        self.camera = camera
        self.view = view
        self.path = path
        self.position = position
        self.bad = 0

    def lines(self) -> Iterator[FeedLine]:
        """The whole lines that are there now; call again for those that come later.

        Raises:
            OSError: the file cannot be read.
        """
        with self.path.open("rb") as file:
            file.seek(self.position)
            while True:
                raw = file.readline(MAX_LINE)
                if not raw.endswith(b"\n"):
                    if len(raw) < MAX_LINE:
                        return
                    self.position += len(raw)  # no line of ours is so long: passed over in pieces
                    self.bad += 1
                    continue
                self.position += len(raw)
                line = self._parse(raw)
                if line is None:
                    self.bad += 1
                else:
                    yield line

    def _parse(self, raw: bytes) -> FeedLine | None:
        try:
            tree = json.loads(raw)
            pts_s = float(tree["pts_s"])
            found = {str(name): _detections(items) for name, items in dict(tree["detections"]).items()}
            time = from_epoch(pts_s)
        except (ValueError, KeyError, TypeError, OverflowError, IndexError, AttributeError, RecursionError):
            return None
        if not np.isfinite(pts_s):
            return None
        sample = Sample(self.camera, self.view, pts_s, time, blank())
        return FeedLine(sample, Observations(pts_s, time, SIZE, found), self.position)


def blank() -> Picture:
    """The picture of a camera that sends none: even grey."""
    return np.full((SIZE[1], SIZE[0], 3), 96, np.uint8)


def _detections(items: list[list[object]]) -> Detections:
    if not items:
        return Detections.empty()
    if any(len(item) != 6 for item in items):
        raise ValueError("a detection is a label, a score and four numbers")
    scale = np.array([SIZE[0], SIZE[1], SIZE[0], SIZE[1]], np.float32)
    figures = np.array([item[1:] for item in items], np.float32)
    if not (np.isfinite(figures).all() and (np.abs(figures) <= LARGEST).all()):
        raise ValueError("a figure that is none, or far outside the picture")
    labels = tuple(str(item[0]).encode("utf-8", "replace").decode() for item in items)
    return Detections(figures[:, 1:] * scale, figures[:, 0], labels)
