"""The bare loops that the product is compared with; run as a process of their own: ``python -m brain.bench.bare``."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import av
import cv2
from av.video.reformatter import VideoReformatter

from brain.bench.subject import Subject
from brain.config.paths import assets, home
from brain.core.types import Picture, Sample
from brain.inference.change import ChangeSettings, StationaryChange
from brain.inference.library import Library, resolve
from brain.inference.model import Model, load_model

ANALYSIS_WIDTH = 640
WARM_UP = 3
EDGE_S = 0.02
DETECTIONS_A_SECOND = 5.0


@dataclass(frozen=True, slots=True)
class BareResult:
    """CPU seconds for so many media seconds of all cameras together, and the frames analysed."""

    cpu_s: float
    media_s: float
    samples: int


class Analyser:
    """The inference of a subject and nothing else: no rules, no tracks, no boxes."""

    def __init__(self, subject: Subject, cameras: int) -> None:
        self._model: Model | None = None
        self._methods: list[StationaryChange] = []
        if subject.weights:
            self._model = load_model(resolve(subject.weights, Library.at(assets(), home())), runtime="onnxruntime")
        else:
            self._methods = [StationaryChange(ChangeSettings()) for _ in range(cameras)]

    def look(self, camera: int, pts_s: float, image: Picture) -> None:
        """One picture of one camera."""
        if self._model is not None:
            self._model.raw(image)
        else:
            self._methods[camera].observe(Sample(str(camera), "main", pts_s, datetime.now(UTC), image))


def floor(subject: Subject, cameras: int, seconds: float) -> BareResult:
    """Demux everything, decode the key frame that is due, shrink it, infer: one thread, one camera after the other."""
    cv2.setNumThreads(1)
    analyser = Analyser(subject, cameras)
    _floor_camera(subject, analyser, 0, WARM_UP * subject.every_s)
    began = time.process_time()
    samples = sum(_floor_camera(subject, analyser, camera, seconds) for camera in range(cameras))
    return BareResult(time.process_time() - began, seconds * cameras, samples)


def _floor_camera(subject: Subject, analyser: Analyser, camera: int, seconds: float) -> int:
    samples, base_s, next_s = 0, 0.0, 0.0
    reformatter = VideoReformatter()
    while base_s < seconds:
        with av.open(str(subject.clip)) as container:
            stream = container.streams.video[0]
            stream.codec_context.thread_count = 1
            height = round(ANALYSIS_WIDTH * stream.height / stream.width) // 2 * 2
            length = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 1.0
            for packet in container.demux(stream):
                if packet.pts is None or packet.time_base is None:
                    continue
                at_s = base_s + float(packet.pts * packet.time_base)
                if at_s >= seconds - EDGE_S:
                    break
                if not packet.is_keyframe or at_s < next_s - subject.every_s / 4:
                    continue
                next_s = at_s + subject.every_s
                frames = [*packet.decode(), *stream.codec_context.decode(None)]
                stream.codec_context.flush_buffers()
                for frame in frames[:1]:
                    small = reformatter.reformat(
                        frame, ANALYSIS_WIDTH, height, "bgr24", interpolation="BILINEAR", threads=1
                    )
                    analyser.look(camera, at_s, cast(Picture, small.to_ndarray()))
                    samples += 1
            base_s += length
    return samples


def usual_loop(subject: Subject, seconds: float) -> BareResult:
    """What is commonly written: ``VideoCapture`` decodes every frame, and a detector sees five of them a second."""
    analyser = Analyser(subject, 1)
    began = time.process_time()
    read_s, next_s, samples = 0.0, 0.0, 0
    while read_s < seconds:
        capture = cv2.VideoCapture(str(subject.clip))
        step_s = 1.0 / (capture.get(cv2.CAP_PROP_FPS) or 25.0)
        while read_s < seconds:
            done, picture = capture.read()
            if not done:
                break
            if read_s >= next_s:
                analyser.look(0, read_s, cast(Picture, picture))
                samples += 1
                next_s += 1 / DETECTIONS_A_SECOND
            read_s += step_s
        capture.release()
    return BareResult(time.process_time() - began, seconds, samples)


def main() -> None:
    """Runs what the JSON on standard input asks for and prints the result as JSON."""
    asked = json.load(sys.stdin)
    subject = Subject(**asked["subject"] | {"clip": Path(asked["subject"]["clip"])})
    if asked["what"] == "floor":
        result = floor(subject, asked["cameras"], asked["seconds"])
    else:
        result = usual_loop(subject, asked["seconds"])
    print(json.dumps(asdict(result)))


if __name__ == "__main__":
    main()
