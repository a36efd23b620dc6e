"""Pictures into an MP4 file that browsers play: 4:2:0, index in front."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.stream import VideoStream

from brain.core.errors import UsageError
from brain.core.types import Picture

H264 = "libx264"
"""The encoder whose files every browser plays."""


@dataclass(frozen=True, slots=True)
class EncoderPlan:
    """How to encode.

    Attributes:
        encoder: FFmpeg's name.
        width, height: pixels, both even.
        rate: pictures a second.
        gop: pictures from key frame to key frame.
        options: the encoder's own.
        bit_rate: bits a second; ``None`` = as the options say.
        threads: 0 = as the encoder likes; 1 = the same bytes on every machine.
    """

    encoder: str
    width: int
    height: int
    rate: Fraction
    gop: int
    options: Mapping[str, str] = field(default_factory=dict)
    bit_rate: int | None = None
    threads: int = 0


def has_encoder(name: str) -> bool:
    """Whether this FFmpeg was built with that encoder."""
    try:
        av.Codec(name, "w")
    except av.codec.codec.UnknownCodecError:
        return False
    return True


def write_mp4(
    path: Path, pictures: Iterable[Picture], plan: EncoderPlan, progress: Callable[[int], None] | None = None
) -> int:
    """Encodes pictures (H×W×3 BGR, all of the plan's size) into a file; how many there were.

    Args:
        progress: told after each picture how many are done.

    Raises:
        UsageError: the plan's encoder is none for video.
        OSError: the file cannot be written (FFmpeg's errors are among these).
    """
    count = 0
    with av.open(str(path.absolute()), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream(plan.encoder, rate=plan.rate, options=dict(plan.options))
        if not isinstance(stream, VideoStream):
            raise UsageError(f"{plan.encoder} is no video encoder", where="encode", remedy="take codec h264 or hevc")
        stream.width, stream.height, stream.pix_fmt = plan.width, plan.height, "yuv420p"
        stream.gop_size = plan.gop
        if plan.threads:
            stream.codec_context.thread_count = plan.threads
        if plan.bit_rate is not None:
            stream.bit_rate = plan.bit_rate
        if plan.encoder == "libx265":
            stream.codec_tag = "hvc1"
        for picture in pictures:
            planes = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420).astype(np.uint8, copy=False)
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base = count, 1 / plan.rate
            container.mux(stream.encode(frame))
            count += 1
            if progress is not None:
                progress(count)
        container.mux(stream.encode(None))
    return count
