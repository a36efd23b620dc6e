"""A contact sheet: every scene by day, by night and in rain."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from brain.core.errors import UsageError
from brain.core.types import Picture
from brain.sim.render import Scene
from brain.sim.scenes import SCENES, scene
from brain.sim.truth import truth

LOOKS = (("day", "dry"), ("night", "dry"), ("day", "rain"))
TITLE_PX = 18
WIDTHS = (160, 640)
SECONDS = 40.0


def write_sheet(path: Path, seed: int, width: int, progress: Callable[[int, int], None] | None = None) -> None:
    """Draw the sheet: one row a scene, one column a look, the scene's name above.

    Args:
        width: of one picture in pixels, even, 160 … 640.
        progress: told how many scenes of how many are drawn.

    Raises:
        UsageError: the width is out of range, or the file cannot be written.
    """
    if not WIDTHS[0] <= width <= WIDTHS[1] or width % 32:
        raise UsageError(f"width is {width}", where="sheet", remedy="take a multiple of 32 from 160 to 640, e.g. 320")
    if path.suffix.lower() not in (".jpg", ".jpeg", ".png") or not path.absolute().parent.is_dir():
        raise UsageError("cannot be written", where=str(path), remedy="name a .jpg or .png in a folder that exists")
    rows = []
    for done, name in enumerate(SCENES):
        rows.append(_row(name, seed, width))
        if progress is not None:
            progress(done + 1, len(SCENES))
    cv2.imwrite(str(path), np.vstack(rows), [cv2.IMWRITE_JPEG_QUALITY, 82])


def _row(name: str, seed: int, width: int) -> Picture:
    pictures = []
    for light, weather in LOOKS:
        spec = scene(
            name, seed, seconds=SECONDS, fps=4, width=width, height=width * 9 // 16, light=light, weather=weather
        )
        events = truth(spec).events
        time_s = 0.6 * SECONDS
        if events:
            ends_s = events[0].ended_s or SECONDS
            time_s = events[0].began_s + 0.75 * (ends_s - events[0].began_s)
        pictures.append(Scene(spec).picture(min(spec.pictures - 1, spec.first_picture(time_s))))
    title: Picture = np.full((TITLE_PX, width * len(LOOKS), 3), 24, np.uint8)
    cv2.putText(title, name, (4, TITLE_PX - 5), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (230, 230, 230), 1, cv2.LINE_AA)
    return np.vstack([title, np.hstack(pictures)])
