"""The bare loops that the product is compared with; run as a process of their own: ``python -m brain.bench.bare``."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

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


class BareCamera:
    """One paced copy of the clip: demuxes everything, decodes only the key frame that is due, shrinks it."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._reformatter = VideoReformatter()
        self._base_s = 0.0
        self._packets = self._endless()

    def advance(self, until_s: float) -> tuple[float, Picture] | None:
        """Reads on to the key frame at ``until_s``: its media time and picture; ``None`` where the clip has none."""
        for at_s, packet, stream in self._packets:
            if packet.is_keyframe and at_s >= until_s - EDGE_S:
                return at_s, self._decode(packet, stream)
        return None

    def _endless(self) -> Iterator[tuple[float, av.Packet[Any], av.VideoStream]]:
        while True:
            with av.open(str(self._subject.clip)) as container:
                stream = container.streams.video[0]
                stream.codec_context.thread_count = 1
                length = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 1.0
                for packet in container.demux(stream):
                    if packet.pts is not None and packet.time_base is not None:
                        yield self._base_s + float(packet.pts * packet.time_base), packet, stream
                self._base_s += length

    def _decode(self, packet: av.Packet[Any], stream: av.VideoStream) -> Picture:
        frames = [*packet.decode(), *stream.codec_context.decode(None)]
        stream.codec_context.flush_buffers()
        height = round(ANALYSIS_WIDTH * stream.height / stream.width) // 2 * 2
        small = self._reformatter.reformat(
            frames[0], ANALYSIS_WIDTH, height, "bgr24", interpolation="BILINEAR", threads=1
        )
        return cast(Picture, small.to_ndarray())


def floor(subject: Subject, cameras: int, seconds: float) -> BareResult:
    """So many paced copies of the clip in one thread, one after the other at each due moment, at the clock's pace."""
    cv2.setNumThreads(1)
    analyser = Analyser(subject, cameras)
    copies = [BareCamera(subject) for _ in range(cameras)]
    rounds = round(seconds / subject.every_s)
    samples, cpu_0, began = 0, 0.0, time.monotonic()
    for turn in range(rounds + WARM_UP):
        if turn == WARM_UP:
            cpu_0, samples = time.process_time(), 0
        for number, copy in enumerate(copies):
            due_s = subject.every_s * (turn + number / cameras)
            time.sleep(max(0.0, began + due_s - time.monotonic()))
            found = copy.advance(subject.every_s * turn)
            if found is not None:
                analyser.look(number, *found)
                samples += 1
    return BareResult(time.process_time() - cpu_0, rounds * subject.every_s * cameras, samples)


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
