"""What a video file says of itself; nothing is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
from av.error import FFmpegError


@dataclass(frozen=True, slots=True)
class Media:
    """Facts of a video file.

    Attributes:
        fps: average frame rate; ``None`` when the file does not say it.
        duration_s: length in seconds; ``None`` when the file does not say it.
    """

    fps: float | None
    duration_s: float | None
    width: int
    height: int


def probe(path: Path) -> Media | None:
    """What a video file says of itself; ``None`` when it is not there or is no video."""
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                return None
            stream = container.streams.video[0]
            duration_s = None
            if stream.duration is not None and stream.time_base is not None:
                duration_s = float(stream.duration * stream.time_base)
            elif container.duration is not None:
                duration_s = container.duration / av.time_base
            fps = float(stream.average_rate) if stream.average_rate else None
            return Media(fps, duration_s, stream.width, stream.height)
    except (FFmpegError, OSError, ValueError):
        return None
