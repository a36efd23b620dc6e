"""The due frames of one source, one after the other."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from brain.config.secrets import Address
from brain.video.decoder import DecodedFrame, FrameDecoder
from brain.video.demux import Demuxer, OpenOptions
from brain.video.packets import PacketRing
from brain.video.sampling import SampleJob, Sampler
from brain.video.timeline import Timeline

RING_BYTES = 64 << 20
RING_S = 60.0
AHEAD = 4
STOP_POLL_S = 0.1


@dataclass(slots=True)
class FrameCounts:
    """What has been read so far.

    Attributes:
        due, made: frames that were due and frames that could be had.
        reached_s: media time reached.
        nominal_s: time that one frame is shown.
        duration_s: of the file as its container says, 0 if unknown.
    """

    due: int = 0
    made: int = 0
    reached_s: float = 0.0
    nominal_s: float = 0.0
    duration_s: float = 0.0


def due_frames(
    address: Address,
    options: OpenOptions,
    every_s: float,
    width: int,
    counts: FrameCounts,
    *,
    live: bool,
    base_s: float,
) -> Iterator[DecodedFrame]:
    """Decodes what is due from a file or a camera.

    Args:
        every_s, width: cadence and analysis width.
        counts: kept up to date while the frames are taken.
        live, base_s: see ``brain.video.timeline.Timeline``.

    Raises:
        SourceError: it cannot be opened or read.
    """
    timeline = Timeline(base_s, live)
    demuxer = Demuxer(address, options, timeline)
    try:
        counts.duration_s = demuxer.duration_s
        counts.nominal_s = timeline.nominal_s
        sampler = Sampler(every_s, lookahead=demuxer.info.reorder)
        ring = PacketRing(RING_BYTES, RING_S)
        decoder = FrameDecoder(demuxer.info, width)

        def decoded(jobs: list[SampleJob]) -> Iterator[DecodedFrame]:
            nonlocal decoder
            counts.due = sampler.due
            for job in jobs:
                frame = decoder.decode(job)
                if decoder.resized:
                    decoder = FrameDecoder(demuxer.info, width)
                if frame is not None:
                    counts.made += 1
                    yield frame

        for packet in demuxer.packets():
            ring.append(packet)
            counts.reached_s = max(counts.reached_s, packet.pts_s)
            jobs = sampler.push(packet, ring)
            if jobs:
                yield from decoded(jobs)
        yield from decoded(sampler.finish(ring))
    finally:
        demuxer.close()


def ahead(frames: Iterator[DecodedFrame], depth: int = AHEAD) -> Generator[DecodedFrame]:
    """The same frames in the same order, decoded by a thread of its own while the ones before are analysed.

    Args:
        frames: begun, read and closed by that thread.
        depth: how many may lie ready; so much memory is used and no more.

    Raises:
        Exception: whatever reading them raised, after the frames that came before.
    """
    ready: queue.Queue[DecodedFrame | BaseException | None] = queue.Queue(depth)
    stop = threading.Event()

    def put(item: DecodedFrame | BaseException | None) -> bool:
        while not stop.is_set():
            try:
                ready.put(item, timeout=STOP_POLL_S)
            except queue.Full:
                continue
            return True
        return False

    def read() -> None:
        try:
            for frame in frames:
                if not put(frame):
                    break
            put(None)
        except BaseException as error:  # handed to the one who waits for frames
            put(error)
        finally:
            if isinstance(frames, Generator):
                frames.close()

    reader = threading.Thread(target=read, name="decode", daemon=True)
    reader.start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
        reader.join()
