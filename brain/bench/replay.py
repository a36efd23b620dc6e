"""The bench of ``brain replay``: one hour of 1080p, beside a bare loop that decodes and infers the same samples.

Run as a process of its own, ``python -m brain.bench.replay``, it is the bare loop.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import av
import cv2
from av.video.reformatter import VideoReformatter

from brain.bench.subject import BIT_RATE, FPS, GOP_S, HEIGHT, WIDTH, repeat
from brain.config.paths import assets, home
from brain.core.errors import BrainError
from brain.core.types import Picture, Sample
from brain.inference.algorithms import load_algorithms
from brain.inference.change import ChangeSettings, StationaryChange
from brain.inference.detector import choose_weights
from brain.inference.library import Library, resolve
from brain.inference.model import load_model
from brain.replay.run import ClipCost, Run
from brain.sim.encode import encode
from brain.sim.spec import SceneSpec

MINUTE_S = 60.0
EVERY_S = 2.0
WITH_WEIGHTS = ("illegal_parking", "crowd_gathering", "left_object")
WITHOUT_WEIGHTS = ("left_object",)
WIDE, NARROW = 960, 640
EDGE_S = 0.02


@dataclass(frozen=True, slots=True)
class HourSubject:
    """What is replayed.

    Attributes:
        clip: the file.
        scenarios: those that this machine can run.
        weights: id or file; empty when none is at hand.
        width: pixels to which the scenarios let pictures be shrunk.
    """

    clip: Path
    scenarios: tuple[str, ...]
    weights: str
    width: int


@dataclass(frozen=True, slots=True)
class HourReplay:
    """What the replay took: wall seconds of the whole command, CPU seconds of the clip, and what came of it."""

    wall_s: float
    cost: ClipCost
    samples: int
    seconds: float


@dataclass(frozen=True, slots=True)
class BareHour:
    """What the bare loop took."""

    cpu_s: float
    wall_s: float
    samples: int


def draw_hour(cache: Path, folder: Path, minutes: int, say: Callable[[str], None]) -> Path:
    """A drawn minute of street as a camera sends it, so many times over; the minute is kept, the hour is not."""
    minute = cache / "street-1080p-minute.mp4"
    if not minute.exists():
        say(f"drawing {MINUTE_S:g} s of {WIDTH}×{HEIGHT} street video, once …")
        cache.mkdir(parents=True, exist_ok=True)
        spec = SceneSpec(3, MINUTE_S, width=WIDTH, height=HEIGHT, fps=FPS)
        encode(spec, minute, gop_s=GOP_S, bit_rate=BIT_RATE)
    hour = folder / "hour.mp4"
    repeat(minute, hour, minutes)
    return hour


def hour_subject(clip: Path, weights: str | None) -> HourSubject:
    """Three scenarios with the wished weights or those of this machine, else the one that needs none."""
    if weights is None:
        vehicles = load_algorithms(assets() / "models" / "algorithms.yaml").get("vehicle_detection")
        try:
            weights = choose_weights(vehicles, Library.at(assets(), home())).card.id
        except BrainError:
            return HourSubject(clip, WITHOUT_WEIGHTS, "", NARROW)
    path = Path(weights)
    return HourSubject(clip, WITH_WEIGHTS, str(path.absolute()) if path.exists() else weights, WIDE)


def replay_hour(subject: HourSubject, run: Path) -> HourReplay:
    """Runs ``brain replay --record``.

    Raises:
        BrainError: it failed.
    """
    options = [part for name in subject.scenarios for part in ("--scenario", name)]
    options += ["--weights", subject.weights] if subject.weights else []
    options += ["--set", f"sample.every={EVERY_S:g}s", "--record", str(run), "--json"]
    began_s = time.monotonic()
    _command(["-m", "brain.cli.main", "replay", str(subject.clip), *options], "")
    wall_s = time.monotonic() - began_s
    opened = Run(run)
    name = opened.header.clips[0].id
    result, cost = opened.result(name), opened.cost(name)
    assert result is not None
    assert cost is not None
    return HourReplay(wall_s, cost, result.samples, result.seconds)


def bare_hour(subject: HourSubject) -> BareHour:
    """Runs the bare loop in a process of its own.

    Raises:
        BrainError: it failed.
    """
    plain = asdict(subject) | {"clip": str(subject.clip)}
    return BareHour(**json.loads(_command(["-m", "brain.bench.replay"], json.dumps(plain))))


def bare_loop(subject: HourSubject) -> BareHour:
    """Demuxes everything, decodes the key frame that is due, shrinks it, infers; nothing else, in one thread."""
    cv2.setNumThreads(1)
    model = None
    if subject.weights:
        model = load_model(resolve(subject.weights, Library.at(assets(), home())), runtime="onnxruntime")
    change, reformatter = StationaryChange(ChangeSettings()), VideoReformatter()
    cpu_s, wall_s = time.process_time(), time.monotonic()
    samples, due_s = 0, 0.0
    with av.open(str(subject.clip)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        height = round(subject.width * stream.height / stream.width) // 2 * 2
        for packet in container.demux(stream):
            if packet.pts is None or packet.time_base is None or not packet.is_keyframe:
                continue
            at_s = float(packet.pts * packet.time_base)
            if at_s < due_s - EDGE_S:
                continue
            frame = [*packet.decode(), *stream.codec_context.decode(None)][0]
            stream.codec_context.flush_buffers()
            small = reformatter.reformat(
                frame, subject.width, height, "bgr24", interpolation="BILINEAR", threads=1
            ).to_ndarray()
            picture = cast(Picture, small)
            if model is not None:
                model.raw(picture)
            change.observe(Sample("bare", "main", at_s, datetime.now(UTC), picture))
            due_s, samples = at_s + EVERY_S, samples + 1
    return BareHour(time.process_time() - cpu_s, time.monotonic() - wall_s, samples)


def _command(arguments: Sequence[str], told: str) -> str:
    done = subprocess.run([sys.executable, "-P", *arguments], input=told, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BrainError(f"{arguments[1]} failed", remedy=done.stderr.strip() or "it said nothing")
    return done.stdout


def main() -> None:
    """The bare loop over what the JSON on standard input names; prints its result as JSON."""
    asked: dict[str, Any] = json.load(sys.stdin)
    subject = HourSubject(Path(asked["clip"]), tuple(asked["scenarios"]), asked["weights"], asked["width"])
    print(json.dumps(asdict(bare_loop(subject))))


if __name__ == "__main__":
    main()
