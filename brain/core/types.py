"""The currency of the house: what passes from room to room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from brain.core.geometry import WHOLE_PICTURE, Box, Polygon

Picture = NDArray[np.uint8]
Ring = NDArray[np.float32]
"""A closed line: N×2 points as shares (0–1) of the picture's width and height; the last joins the first."""
Outline = tuple[Ring, ...]
"""A region of a picture: its outer ring, then one ring for each hole in it."""


class CameraState(StrEnum):
    """What a camera is doing; each change carries a reason."""

    CONNECTING = "connecting"
    LIVE = "live"
    STALLED = "stalled"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    ENDED = "ended"


class Severity(StrEnum):
    """How bad an event is; it only rises while the event is open."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for low … 3 for critical."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Zone:
    """A polygon of a camera's view (区域).

    Attributes:
        name: unique within the camera.
        kind: what it is for: ``no_parking``, ``public``, ``crowd``, ``road``, ``water``, ``mask`` …; ``whole_picture``
            for the one that stands in when none is drawn.
        polygon: points as shares (0–1) of width and height.
        square_metres: area of the zone on the ground, if known.
    """

    name: str
    kind: str
    polygon: Polygon = WHOLE_PICTURE
    square_metres: float | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """One decoded frame taken for analysis.

    Attributes:
        camera: camera id.
        view: id of the fixed framing (a PTZ preset is a view); ``main`` unless told.
        pts_s: media time in seconds; never goes back within a camera.
        time: UTC.
        image: H×W×3 uint8, BGR, shrunk to the analysis size.
    """

    camera: str
    view: str
    pts_s: float
    time: datetime
    image: Picture

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of ``image`` in pixels."""
        return self.image.shape[1], self.image.shape[0]


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """What one algorithm saw in one sample.

    Attributes:
        xyxy: N×4 float32, pixels of the sample.
        score: N float32, 0–1.
        label: N class names.
        outlines: N regions (区域轮廓) where the network gives regions, each within its box; ``None`` where there are
            boxes alone. ``brain.core.regions`` says what they cover.
    """

    xyxy: NDArray[np.float32]
    score: NDArray[np.float32]
    label: tuple[str, ...]
    outlines: tuple[Outline, ...] | None = None

    def __len__(self) -> int:
        return len(self.label)

    def box(self, index: int) -> Box:
        """Box ``index`` as four floats."""
        x1, y1, x2, y2 = (float(v) for v in self.xyxy[index])
        return x1, y1, x2, y2

    @staticmethod
    def empty() -> Detections:
        """No detections."""
        return Detections(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), ())

    def keep(self, mask: NDArray[np.bool_]) -> Detections:
        """Only the detections for which ``mask`` (N bool) is true."""
        label = tuple(n for n, k in zip(self.label, mask, strict=True) if k)
        outlines = self.outlines
        if outlines is not None:
            outlines = tuple(n for n, k in zip(outlines, mask, strict=True) if k)
        return Detections(self.xyxy[mask], self.score[mask], label, outlines)

    def renamed(self, names: Mapping[str, str]) -> Detections:
        """The same with other class names.

        Args:
            names: each class name that occurs → its new one.
        """
        return Detections(self.xyxy, self.score, tuple(names[name] for name in self.label), self.outlines)


@dataclass(frozen=True, slots=True)
class Observations:
    """All that algorithms say of one sample.

    Attributes:
        pts_s, time: of the sample.
        size: width and height of the sample in pixels (boxes are in these).
        by_algorithm: algorithm id → detections; an algorithm that failed or could not judge is missing.
    """

    pts_s: float
    time: datetime
    size: tuple[int, int]
    by_algorithm: Mapping[str, Detections] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MarkedBox:
    """A box that proves something: shares (0–1) of width and height, so that it fits any size of the picture.

    Attributes:
        outline: rings of the region in it, outer one first, for drawing; not kept in the database.
    """

    box: Box
    label: str
    score: float
    outline: tuple[Polygon, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says of one zone at one sample.

    Attributes:
        active: whether the trouble is there; ``None`` = cannot be judged (neither presence nor absence).
        since_s: media time at which the present trouble began; ``None`` when there is none. With ``active=None`` it
            tells hidden (it was there, something stands before it) from unknown (nothing can be said).
        lasted_s: watched seconds that it has lasted, outages not counted.
        needed_s: watched seconds it must last before it may be raised (twice the dwell for inherited objects).
        measure: the rule's own figure (count, seconds, share …).
        score: confidence 0–1.
        boxes: what proves it.
    """

    active: bool | None
    since_s: float | None = None
    lasted_s: float = 0.0
    needed_s: float = 0.0
    measure: float = 0.0
    score: float = 0.0
    boxes: tuple[MarkedBox, ...] = ()


class EventKind(StrEnum):
    """What happened to an event."""

    RAISED = "raised"
    UPDATED = "updated"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class EventChange:
    """One change of one event (事件): what a worker reports and the store keeps.

    Attributes:
        event_id: deterministic (``brain.core.ids.event_id``).
        kind: raised, updated (severity rose, or renotify) or ended.
        scenario, camera, view, zone: where.
        began_s, at_s: media time of the begin and of this change; ``began``, ``at`` the same in UTC.
        severity: highest so far.
        measure, score, boxes: of the finding that caused the change.
    """

    event_id: str
    kind: EventKind
    scenario: str
    camera: str
    view: str
    zone: str
    began_s: float
    at_s: float
    began: datetime
    at: datetime
    severity: Severity
    measure: float
    score: float
    boxes: tuple[MarkedBox, ...] = ()


class EvidenceKind(StrEnum):
    """What a piece of evidence is."""

    PICTURE = "picture"
    PICTURE_MARKED = "picture_marked"
    CLIP = "clip"
    CLEAR_PICTURE = "clear_picture"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that proves an event (证据); complete on disk before anything names it.

    Attributes:
        kind: picture (untouched), picture_marked (with boxes), clip (remuxed MP4) or clear_picture (trouble gone).
        path: relative to the evidence folder, with ``/``.
        sha256: of the bytes.
        media_type: ``image/jpeg`` or ``video/mp4``.
        size: bytes.
        at: UTC moment that it shows (a clip: its begin).
    """

    kind: EvidenceKind
    path: str
    sha256: str
    media_type: str
    size: int
    at: datetime
