"""Proof pictures: untouched, and with what was found drawn on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

import cv2
import numpy as np

from brain.core.types import EventChange, MarkedBox, Picture, Zone
from brain.inference.pictures import tint

QUALITY = 90
ZONE_COLOUR = (60, 200, 255)
BOX_COLOUR = (40, 40, 235)
TEXT_COLOUR = (255, 255, 255)


def jpeg(picture: Picture, quality: int = QUALITY) -> bytes:
    """A picture (H×W×3 BGR) as JPEG bytes."""
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError("picture cannot be encoded")
    return data.tobytes()


def marked(picture: Picture, boxes: Sequence[MarkedBox], zone: Zone | None, caption: str) -> Picture:
    """A copy of a picture with zone, boxes, regions tinted, and a caption strip.

    Args:
        picture: H×W×3 BGR.
        boxes: shares 0–1 of width and height.
        zone: outlined when given.
        caption: lines in the lower left corner, one under the other, ASCII (OpenCV's own letters); empty = none.
    """
    height, width = picture.shape[:2]
    out = picture.copy()
    thick = max(1, round(width / 480))
    size = max(0.4, width / 1600)
    if zone is not None:
        points = np.array([(round(x * (width - 1)), round(y * (height - 1))) for x, y in zone.polygon], np.int32)
        cv2.polylines(out, [points], True, ZONE_COLOUR, thick, cv2.LINE_AA)
    for box in boxes:
        tint(out, tuple(np.array(ring, np.float32) for ring in box.outline), BOX_COLOUR)
    for box in boxes:
        x1, y1, x2, y2 = (round(v * s) for v, s in zip(box.box, (width, height, width, height), strict=True))
        cv2.rectangle(out, (x1, y1), (x2, y2), BOX_COLOUR, thick)
        _label(out, f"{box.label} {box.score:.2f}", (x1, max(y1, round(22 * size))), size)
    foot = height - 6
    for line in reversed(caption.splitlines()):
        foot = _label(out, line, (4, foot), size)
    return out


def caption_of(change: EventChange, city: tzinfo) -> str:
    """What the strip under a proof picture says, in the city's time."""
    at = change.at.astimezone(city).isoformat(sep=" ", timespec="seconds")
    return f"{change.camera}/{change.zone}  {change.scenario} {change.kind} {change.severity}  {at}"


def _label(picture: Picture, text: str, foot: tuple[int, int], size: float) -> int:
    """Writes one line on black; the foot of a line above it, whose letters may reach below theirs."""
    text = text.encode("ascii", "replace").decode()  # OpenCV's letters know no others, and some crash it
    thick = max(1, round(size * 1.6))
    (width, height), base = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, thick)
    x, y = foot
    cv2.rectangle(picture, (x, y - height - base), (x + width, y + base // 2), (0, 0, 0), cv2.FILLED)
    cv2.putText(picture, text, (x, y - base // 2), cv2.FONT_HERSHEY_SIMPLEX, size, TEXT_COLOUR, thick, cv2.LINE_AA)
    return y - height - base - height // 3
