"""Clips made here, whose every picture carries its number, and packets that need no picture."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from brain.core.types import Picture
from brain.video.packets import VideoPacket

BITS = 12
DARK, LIGHT = 50, 200


def draw(number: int, width: int = 320, height: int = 240) -> Picture:
    """A picture with its number as dark and light blocks, most significant first, four in a row."""
    image = np.full((height, width, 3), 128, np.uint8)
    tall, wide = height // 3, width // 4
    for bit in range(BITS):
        row, column = divmod(bit, 4)
        value = LIGHT if number >> (BITS - 1 - bit) & 1 else DARK
        image[row * tall : (row + 1) * tall, column * wide : (column + 1) * wide] = value
    return image


def read_number(image: Picture) -> int:
    """The number that ``draw`` put into a picture of any size; fails where a block is neither dark nor light."""
    height, width = image.shape[:2]
    number = 0
    for bit in range(BITS):
        row, column = divmod(bit, 4)
        block = image[
            int((row + 0.3) * height / 3) : int((row + 0.7) * height / 3),
            int((column + 0.3) * width / 4) : int((column + 0.7) * width / 4),
        ]
        value = float(block.mean())
        assert min(abs(value - DARK), abs(value - LIGHT)) < 40, f"block {bit} has brightness {value}"
        number = number << 1 | (value > (DARK + LIGHT) / 2)
    return number


def encode(
    path: Path,
    *,
    frames: int = 100,
    fps: int = 25,
    codec: str = "libx264",
    gop: int = 25,
    b_frames: int = 0,
    size: tuple[int, int] = (320, 240),
    form: str | None = None,
    moments: Sequence[int] | None = None,
    options: dict[str, str] | None = None,
) -> Path:
    """A clip of numbered pictures; ``moments`` are their times in ticks of 1 / fps, one each by default."""
    with av.open(str(path), "w", format=form) as out:
        stream = out.add_stream(codec, rate=fps)
        stream.width, stream.height = size
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.gop_size = gop
        if codec.startswith("libx26"):
            stream.max_b_frames = b_frames
            x265 = f"log-level=none:keyint={gop}:min-keyint={gop}:bframes={b_frames}:scenecut=0"
            own = {"x265-params": x265} if codec == "libx265" else {"sc_threshold": "0"}
            stream.options = {"preset": "ultrafast", **own, **(options or {})}
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(draw(number, *size), format="bgr24")
            frame.pts = number if moments is None else moments[number]
            frame.time_base = Fraction(1, fps)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def packet(seq: int, pts_s: float, *, key: bool = False, size: int = 100, late_s: float = 0.0) -> VideoPacket:
    """A packet for logic that never looks into it."""
    return VideoPacket(seq, pts_s, pts_s - late_s, key, size, av.Packet(0))
