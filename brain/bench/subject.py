"""What a bench measures on: a clip as cameras send them, and a scenario that this machine can run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av

from brain.config.paths import assets, home
from brain.core.errors import BrainError
from brain.inference.algorithms import load_algorithms
from brain.inference.detector import choose_weights
from brain.inference.library import Library
from brain.sim.encode import encode
from brain.sim.spec import SceneSpec

CLIP_S = 8.0
WIDTH, HEIGHT, FPS, GOP_S = 1920, 1080, 25.0, 2.0
REPEATS = 8
BIT_RATE = 4_000_000  # a usual setting of cameras at this size


@dataclass(frozen=True, slots=True)
class Subject:
    """A clip and what is watched for on it.

    Attributes:
        clip: H.264 or H.265 file.
        scenario: ``illegal_parking`` where weights are at hand, else ``left_object``, which needs none.
        weights: id or file; empty when none is needed.
        every_s: cadence.
        zone: kind of the zone that covers the whole picture.
    """

    clip: Path
    scenario: str
    weights: str
    every_s: float
    zone: str


def choose(clip: Path, weights: str | None) -> Subject:
    """The subject for a clip: with the wished weights, else with those of this machine, else without."""
    if weights is None:
        vehicles = load_algorithms(assets() / "models" / "algorithms.yaml").get("vehicle_detection")
        try:
            weights = choose_weights(vehicles, Library.at(assets(), home())).card.id
        except BrainError:
            return Subject(clip, "left_object", "", 2.0, "public")
    path = Path(weights)
    return Subject(clip, "illegal_parking", str(path.absolute()) if path.exists() else weights, 2.0, "no_parking")


def draw_clip(folder: Path, say: Callable[[str], None]) -> Path:
    """A drawn 1080p street at 25 pictures a second with a key frame each 2 s, as a camera would send it."""
    path = folder / "street-1080p.mp4"
    if not path.exists():
        say(f"drawing {CLIP_S:g} s of {WIDTH}×{HEIGHT} street video …")
        folder.mkdir(parents=True, exist_ok=True)
        spec = SceneSpec(3, CLIP_S, width=WIDTH, height=HEIGHT, fps=FPS)
        once = encode(spec, folder / "once.mp4", gop_s=GOP_S, bit_rate=BIT_RATE).path
        repeat(once, path, REPEATS)
        once.unlink()
    return path


def repeat(source: Path, target: Path, times: int) -> None:
    """A clip several times over, packets untouched, so that opening it anew does not weigh on what is measured."""
    part = target.with_suffix(".part")
    with av.open(str(part), "w", format="mp4") as out:
        stream, shift = None, 0
        for _ in range(times):
            with av.open(str(source)) as box:
                video = box.streams.video[0]
                stream = stream or out.add_stream_from_template(video)
                for packet in box.demux(video):
                    if packet.pts is None or packet.dts is None:
                        continue
                    packet.pts += shift
                    packet.dts += shift
                    packet.stream = stream
                    out.mux(packet)
                shift += video.duration or 0
    part.rename(target)
