"""What ``StationaryChange`` remembers of a view, and its form as bytes.

Form: ``BSCH``, version (1 byte), CRC-32 of the rest, length of a JSON head, the head, then the planes in the order of
the head as PNG (lossless, a quarter of the raw size).
"""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from brain.core.types import Sample
from brain.inference.change_background import Grey, Planes
from brain.inference.change_regions import Held, Region, Removed

Ages = NDArray[np.uint16]
MAGIC = b"BSCH"
VERSION = 1
TICK_S = 0.1
"""Ages are counted in ticks of this many seconds."""
_HEAD = struct.Struct("<4sBII")
_SCALARS = ("watched_s", "born_s", "samples", "pts_s", "cadence_s", "misfit_s")
_PLANES = ("seen", "other", "age", "doubt", "owner", "noise")


@dataclass(slots=True)
class State:
    """Everything that is remembered of a view, all pictures in integers so that saving loses nothing.

    Attributes:
        size: width and height of the samples.
        ground: the background.
        seen: H×W ticks for which the background was seen, up to the time of learning.
        other: H×W luminance of the other thing that stands at a pixel, in the light of the background.
        age: H×W ticks for which it has been the same, up to the time of settling; 0 = background.
        doubt: H×W ticks for which a settled pixel has shown something else.
        owner: H×W number of the held region that a pixel belongs to, 0 = none.
        noise: usual departure from the background, see ``change_background.update_noise``.
        watched_s: seconds watched; gaps count as one step.
        born_s: ``watched_s`` when learning the view began.
        samples: number of samples since then.
        pts_s, cadence_s: media time of the last sample, usual distance of samples.
        misfit_s: watched seconds for which the picture has not fitted the background.
        held: regions of lasting change.
        removed: things of the background that are gone.
    """

    size: tuple[int, int]
    ground: Planes
    seen: Ages
    other: Grey
    age: Ages
    doubt: Ages
    owner: Grey
    noise: Grey
    watched_s: float = 0.0
    born_s: float = 0.0
    samples: int = 1
    pts_s: float = 0.0
    cadence_s: float = 0.0
    misfit_s: float = 0.0
    held: tuple[Held, ...] = ()
    removed: tuple[Removed, ...] = ()

    @staticmethod
    def first(sample: Sample, planes: Planes) -> State:
        """The state after the first sample: all of it is background."""
        shape = (planes.y.shape[0], planes.y.shape[1])
        seen, age, doubt = (np.zeros(shape, np.uint16) for _ in range(3))
        other, owner = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
        noise = np.full((-(-shape[0] // 4), -(-shape[1] // 4)), 4, np.uint8)
        ground = Planes(planes.y.copy(), planes.c.copy())
        return State(sample.size, ground, seen, other, age, doubt, owner, noise, pts_s=sample.pts_s)


def to_bytes(state: State | None) -> bytes:
    """The state as bytes; ``None`` (nothing seen yet) is a state too."""
    blobs: list[bytes] = []
    head: dict[str, Any] = {}
    if state is not None:
        blobs += [_png(state.ground.y), *(_png(np.ascontiguousarray(state.ground.c[..., i])) for i in (0, 1))]
        blobs += [_png(getattr(state, name)) for name in _PLANES]
        for gone in state.removed:
            blobs += [_png(gone.region.mask.view(np.uint8)), _png(gone.y)]
            blobs += [_png(np.ascontiguousarray(gone.c[..., i])) for i in (0, 1)]
        head = {name: getattr(state, name) for name in _SCALARS}
        head["size"] = list(state.size)
        head["held"] = [asdict(held) for held in state.held]
        head["removed"] = [
            {"window": g.region.window, "area": g.region.area, "since_s": g.since_s, "contrast": g.contrast}
            for g in state.removed
        ]
    head["blobs"] = [len(blob) for blob in blobs]
    text = json.dumps(head, separators=(",", ":")).encode()
    body = text + b"".join(blobs)
    return _HEAD.pack(MAGIC, VERSION, zlib.crc32(body), len(text)) + body


def from_bytes(data: bytes) -> State | None:
    """The state that ``to_bytes`` wrote.

    Raises:
        ValueError: other bytes, another version, or damaged.
    """
    if len(data) < _HEAD.size or data[:4] != MAGIC:
        raise ValueError("not a saved state of stationary_change")
    _, version, checksum, length = _HEAD.unpack_from(data)
    if version != VERSION:
        raise ValueError(f"saved state of stationary_change has version {version}, this program reads {VERSION}")
    body = data[_HEAD.size :]
    if zlib.crc32(body) != checksum:
        raise ValueError("saved state of stationary_change is damaged: checksum differs")
    try:
        head = json.loads(body[:length])
        return _read(head, body[length:]) if "size" in head else None
    except (KeyError, TypeError, IndexError, cv2.error) as error:
        raise ValueError(f"saved state of stationary_change is damaged: {error!r}") from error


def _read(head: dict[str, Any], data: bytes) -> State:
    blobs, start = [], 0
    for length in head["blobs"]:
        blobs.append(data[start : start + length])
        start += length
    y, cr, cb, *rest = (_picture(blob) for blob in blobs[: 3 + len(_PLANES)])
    planes: dict[str, Any] = dict(zip(_PLANES, rest, strict=True))
    shape = (y.shape[0], y.shape[1])
    if any(planes[name].shape != shape for name in _PLANES[:-1]):
        raise ValueError("saved state of stationary_change is damaged: planes differ in size")
    scalars: dict[str, Any] = {name: head[name] for name in _SCALARS}
    removed = []
    for index, entry in enumerate(head["removed"]):
        mask, look, *chroma = (_picture(blob) for blob in blobs[3 + len(_PLANES) + 4 * index :][:4])
        region = Region(tuple(entry["window"]), mask > 0, entry["area"])
        removed.append(Removed(region, look, np.dstack(chroma), entry["since_s"], entry["contrast"]))
    return State(
        tuple(head["size"]),
        Planes(y, np.ascontiguousarray(np.dstack([cr, cb]))),
        **planes,
        **scalars,
        held=tuple(Held(**held) for held in head["held"]),
        removed=tuple(removed),
    )


def _png(plane: NDArray[Any]) -> bytes:
    done, coded = cv2.imencode(".png", plane, [cv2.IMWRITE_PNG_COMPRESSION, 6])
    if not done:
        raise ValueError(f"cannot encode a plane of {plane.shape} {plane.dtype}")
    return coded.tobytes()


def _picture(blob: bytes) -> NDArray[Any]:
    plane = cv2.imdecode(np.frombuffer(blob, np.uint8), cv2.IMREAD_UNCHANGED)
    if plane is None:
        raise ValueError("saved state of stationary_change is damaged: a plane cannot be read")
    return plane
