"""A camera that is a file of observations, growing line by line: what another analyser saw, without any video.

Each line is JSON: ``{"pts_s": 12.0, "detections": {"vehicle_detection": [["car", 0.9, x1, y1, x2, y2], …]}}`` with
boxes as shares 0–1 of width and height (``brain.scenarios.recorded``). The place in the file is kept with the rules'
state, so each line counts once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from brain.core.clock import from_epoch
from brain.core.types import Observations, Picture, Sample
from brain.scenarios.recorded import SIZE, read_line

POSITION_KEY = "feed"
MAX_LINE = 1 << 20


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
            line = read_line(raw)
            time = from_epoch(line.pts_s)
        except (ValueError, OverflowError):
            return None
        sample = Sample(self.camera, self.view, line.pts_s, time, blank())
        return FeedLine(sample, Observations(line.pts_s, time, line.size, line.detections), self.position)


def blank() -> Picture:
    """The picture of a camera that sends none: even grey."""
    return np.full((SIZE[1], SIZE[0], 3), 96, np.uint8)
