"""Which drawn cameras are served: clips from a choice, each camera at another moment of its clip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from brain.core.clock import from_epoch
from brain.core.errors import UsageError
from brain.sim.clips import ClipWish, Progress, keep_clips
from brain.sim.clips_choice import Choice
from brain.sim.scenes import kind_of
from brain.sim.serve import RtspServer, Stream
from brain.sim.serve_rtp import read_clip
from brain.sim.spec import SceneSpec
from brain.sim.truth import truth

MOST_CAMERAS = 2000
CLIPS = 12
"""Different clips unless told otherwise; more cameras show them again, at other moments."""


@dataclass(frozen=True, slots=True)
class DrawnCamera:
    """A served camera: what it shows, where its clip lies, how it is sent."""

    spec: SceneSpec
    path: Path
    stream: Stream

    def plain(self, server: RtspServer) -> dict[str, Any]:
        """Address and truth of a running camera, for JSON.

        An event is there from ``loop_began`` + ``began_s`` to ``loop_began`` + ``ended_s``, and again after each
        ``loop_s``.
        """
        spec, known = self.spec, truth(self.spec)
        events = [
            {"scenario": one.scenario, "zone": one.zone, "began_s": one.began_s, "ended_s": one.ended_s, "box": one.box}
            for one in known.events
        ]
        zones = [{"name": zone.name, "kind": zone.kind, "polygon": zone.polygon} for zone in known.zones]
        kind = kind_of(spec.scene)
        return {
            "id": self.stream.mount,
            "url": server.url(self.stream),
            "scene": spec.scene,
            "seed": spec.seed,
            "light": spec.light,
            "weather": spec.weather,
            "width": spec.width,
            "height": spec.height,
            "fps": spec.fps,
            "shows": kind.shows or None,
            "confuses": kind.confuses or None,
            "clip": str(self.path),
            "loop_s": spec.pictures / float(spec.rate),
            "loop_began": from_epoch(self.stream.first_began_unix_s).isoformat(),
            "events": events,
            "zones": zones,
        }


def drawn_cameras(
    choice: Choice, cameras: int, seconds: float, fps: float, clips: int | None, workers: int, progress: Progress | None
) -> list[DrawnCamera]:
    """Draws what is lacking in the cache and makes the streams.

    Args:
        cameras: how many.
        seconds, fps: of each clip.
        clips: how many different ones; ``None`` = one a camera, at most 12.

    Raises:
        UsageError: a figure out of range, or a cache that cannot be written.
    """
    if not 1 <= cameras <= MOST_CAMERAS:
        raise UsageError(f"--cameras {cameras} is not from 1 to {MOST_CAMERAS}", remedy="e.g. --cameras 16")
    different = min(cameras, CLIPS if clips is None else clips)
    if different < 1:
        raise UsageError(f"--clips {clips} is below 1", remedy="leave it out, or give a whole number")
    specs = [choice.spec(number, seconds=seconds, fps=fps) for number in range(different)]
    paths = keep_clips([ClipWish(spec) for spec in specs], workers, progress)
    coded = [read_clip(path, spec.rate) for path, spec in zip(paths, specs, strict=True)]
    return [_camera(number, cameras, specs, paths, coded) for number in range(cameras)]


def _camera(
    number: int, cameras: int, specs: Sequence[SceneSpec], paths: Sequence[Path], coded: Sequence[Any]
) -> DrawnCamera:
    turn, which = divmod(number, len(specs))
    turns = -(-cameras // len(specs))
    offset = turn * len(coded[which].pictures) // turns
    stream = Stream(f"cam-{number + 1}", coded[which], offset)
    return DrawnCamera(specs[which], paths[which], stream)
