"""Pictures into a video file, the way a camera would send them: no B-frames, key frames at a fixed gap."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import av

from brain.core.errors import UsageError
from brain.core.types import Picture
from brain.sim.instances import Seen
from brain.sim.render import Scene
from brain.sim.spec import SceneSpec
from brain.sim.unfinished import unfinished_file
from brain.video.encode import EncoderPlan, write_mp4

VideoCodec = Literal["h264", "hevc"]
ENCODERS: dict[str, tuple[str, ...]] = {"h264": ("libx264", "mpeg4"), "hevc": ("libx265",)}
"""Encoders by codec, the wanted one first; the others stand in where FFmpeg was built without it."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A video file that was written.

    Attributes:
        path: the file.
        encoder: FFmpeg's name of the encoder used.
        pictures: how many it holds.
        size: bytes.
        note: what is not as asked (another codec stood in); empty when all is.
    """

    path: Path
    encoder: str
    pictures: int
    size: int
    note: str = ""


def encode(
    spec: SceneSpec,
    path: Path,
    *,
    codec: VideoCodec = "h264",
    gop_s: float = 2.0,
    crf: int = 23,
    bit_rate: int | None = None,
    preset: str = "veryfast",
    progress: Callable[[int, int], None] | None = None,
    record: Callable[[Scene], Callable[[int, Seen], None]] | None = None,
    finish: Callable[[], None] | None = None,
) -> Encoded:
    """Draw a scene into an MP4 file (4:2:0, index in front). The file appears whole or not at all.

    Args:
        path: where to; its folder must exist; an existing file is replaced.
        codec: ``h264`` or ``hevc``.
        gop_s: seconds from key frame to key frame.
        crf: constant quality, 0–51, lower is better; not used when ``bit_rate`` is given.
        bit_rate: bits per second instead of constant quality.
        preset: speed of x264 or x265, ``ultrafast`` … ``slow``.
        progress: called after each picture with how many are done and how many there will be.
        record: called once with the scene; what it returns is given the truth of every picture.
        finish: called when all is drawn, before the file appears.

    Raises:
        UsageError: unknown codec, a figure out of range, a folder that cannot be written, no encoder for the codec.
    """
    path = Path(path)
    _check(path, codec, gop_s, crf, bit_rate)
    encoder, note = _encoder(codec)
    options = _options(encoder, crf, bit_rate, preset)
    gop = max(1, round(gop_s * spec.fps))
    plan = EncoderPlan(encoder, spec.width, spec.height, spec.rate, gop, options, bit_rate)
    told = None if progress is None else (lambda done: progress(done, spec.pictures))
    with _whole(path) as part:  # before the drawing: a place that cannot be written is told at once
        scene = Scene(spec)
        write_mp4(part, scene if record is None else _recorded(scene, record(scene)), plan, told)
        size = part.stat().st_size
        if finish is not None:
            finish()
    return Encoded(path, encoder, spec.pictures, size, note)


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """``unfinished_file`` with its errors in words; the path is absolute: FFmpeg takes a colon for a protocol's end."""
    try:
        with unfinished_file(path) as part:
            yield part
    except OSError as error:
        raise UsageError(
            f"cannot write the video: {error.strerror or 'the disk refused it'}",
            where=str(path),
            remedy="choose a folder that exists, may be written and has room",
        ) from error


def _check(path: Path, codec: str, gop_s: float, crf: int, bit_rate: int | None) -> None:
    if codec not in ENCODERS:
        raise UsageError(f"codec is {codec!r}", where="encode", remedy=f"take one of: {', '.join(ENCODERS)}")
    if not 0 < gop_s <= 60:
        raise UsageError(f"gop_s is {gop_s}", where="encode", remedy="give seconds above 0 and at most 60, e.g. 2")
    if not 0 <= crf <= 51:
        raise UsageError(f"crf is {crf}", where="encode", remedy="give 0 (best) to 51 (worst), e.g. 23")
    if bit_rate is not None and not 10_000 <= bit_rate <= 100_000_000:
        raise UsageError(f"bit_rate is {bit_rate}", where="encode", remedy="give bits per second, e.g. 1_000_000")
    if not path.parent.is_dir():
        raise UsageError("no such folder", where=str(path.parent), remedy="make the folder first, or choose another")


def _encoder(codec: str) -> tuple[str, str]:
    """Name of an encoder that is there, and a note when it is not the wanted one."""
    names = ENCODERS[codec]
    for name in names:
        if name in av.codecs_available:
            note = "" if name == names[0] else f"{names[0]} is missing in this FFmpeg: written with {name} instead"
            return name, note
    raise UsageError(
        f"no encoder for {codec} in this FFmpeg (looked for {', '.join(names)})",
        where="encode",
        remedy="install the av package from its binary wheel, or take codec h264",
    )


def _options(encoder: str, crf: int, bit_rate: int | None, preset: str) -> dict[str, str]:
    if encoder == "mpeg4":
        return {} if bit_rate else {"q": "5"}
    options = {"preset": preset}
    if bit_rate is None:
        options["crf"] = str(crf)
    if encoder == "libx264":
        options |= {"bf": "0", "sc_threshold": "0"}
    else:
        options["x265-params"] = "bframes=0:scenecut=0:open-gop=0:log-level=error"
    return options


def _recorded(scene: Scene, take: Callable[[int, Seen], None]) -> Iterator[Picture]:
    """All pictures, each with its truth handed on."""
    for index in range(scene.spec.pictures):
        seen = scene.look(index)
        take(index, seen)
        yield seen.picture
