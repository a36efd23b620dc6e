"""Still pictures: read from a file, mark what was found."""

from __future__ import annotations

import colorsys
import zlib
from pathlib import Path

import cv2
import numpy as np

from brain.core.errors import WeightsError
from brain.core.regions import region_mask
from brain.core.types import Detections, Outline, Picture

MAX_PICTURE_BYTES = 64 << 20
TINT = 0.4
_Colour = tuple[int, int, int]


def read_picture(path: Path) -> Picture:
    """A picture file as H×W×3 uint8, BGR.

    Raises:
        WeightsError: missing, too large, or no picture that OpenCV can decode.
    """
    try:
        if path.stat().st_size > MAX_PICTURE_BYTES:
            raise WeightsError("picture is larger than 64 MiB", where=str(path), remedy="shrink it to 1920×1080")
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(
            f"picture cannot be read: {error.strerror}", where=str(path), remedy="check the path and its rights"
        ) from None
    image = decode_picture(data)
    if image is None:
        raise WeightsError("is no picture that can be decoded", where=str(path), remedy="give a PNG or JPEG file")
    return image


def decode_picture(data: bytes) -> Picture | None:
    """The picture in some bytes as H×W×3 uint8 BGR, or ``None`` when they hold none."""
    if not data:
        return None
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        return None
    return None if image is None else np.asarray(image, np.uint8)


def encode_png(image: Picture) -> bytes:
    """A picture as PNG bytes (lossless, so that a reference stays a reference)."""
    ok, data = cv2.imencode(".png", image)
    if not ok:
        raise WeightsError("picture cannot be written as PNG", remedy="give a picture of H×W×3 bytes")
    return bytes(data)


def annotate(image: Picture, detections: Detections) -> Picture:
    """A copy of the picture with a coloured box, class name and score for every detection; regions are tinted."""
    marked = image.copy()
    for label, outline in zip(detections.label, detections.outlines or (), strict=False):
        tint(marked, outline, label_colour(label))
    thick = max(1, round(max(image.shape[:2]) / 500))
    size = 0.4 + thick / 10
    for index, label in enumerate(detections.label):
        x1, y1, x2, y2 = (round(v) for v in detections.box(index))
        colour = label_colour(label)
        cv2.rectangle(marked, (x1, y1), (x2, y2), colour, thick)
        text = f"{label} {detections.score[index]:.2f}"
        (width, height), base = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size, 1)
        top = y1 - height - base if y1 > height + base else y1
        cv2.rectangle(marked, (x1, top), (x1 + width, top + height + base), colour, -1)
        cv2.putText(marked, text, (x1, top + height), cv2.FONT_HERSHEY_SIMPLEX, size, (255, 255, 255), 1, cv2.LINE_AA)
    return marked


def tint(image: Picture, outline: Outline, colour: tuple[int, int, int]) -> None:
    """Colours (BGR) a region of a picture, half seen through."""
    inside = region_mask([outline], (image.shape[1], image.shape[0]))
    image[inside] = (image[inside] * (1 - TINT) + np.array(colour) * TINT).astype(np.uint8)


def label_colour(label: str) -> _Colour:
    """A dark, saturated BGR colour that is always the same for one class name."""
    hue = zlib.crc32(label.encode()) % 360 / 360
    red, green, blue = colorsys.hsv_to_rgb(hue, 0.9, 0.75)
    return round(blue * 255), round(green * 255), round(red * 255)
