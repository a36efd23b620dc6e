"""What a video file says of itself; nothing is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
from av.error import FFmpegError

from brain.video.demux import FILE_FORMATS

# The name comes from somebody's export: nothing but a file of this machine is opened, whatever FFmpeg takes it for.
_ONLY_FILES = {"protocol_whitelist": "file", "format_whitelist": FILE_FORMATS}


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
    """What a video file says of itself; ``None`` when it is not there or is no video.

    A name with a colon in it is a file as well and never an address: nothing but a regular file is opened.
    """
    try:
        if not path.is_file():
            return None
        with av.open(str(path.absolute()), options=_ONLY_FILES) as container:
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
