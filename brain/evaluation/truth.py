"""What a careful person saw in recordings (真值): one file for a set of clips.

set: dev                         # dev = may be tuned on; test = only to be measured on
labelled: [left_object]          # what was looked for in every clip; a clip may say its own
clips:
  - file: gate/0901.mp4          # from the folder of this file
    camera: gate-1               # default: the name of the file, with its folder where two have it
    site: north-gate             # default: the camera
    light: day
    zones: [{name: pavement, kind: public, polygon: [[0.1, 0.5], [0.9, 0.5], [0.9, 1], [0.1, 1]]}]
    events: [{scenario: left_object, zone: pavement, began_s: 15.5, ended_s: 120}]
    ignore: [{from_s: 200, to_s: 215, why: a hand before the lens}]
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import Field

from brain.config.settings import Identifier, Settings, ZoneSettings
from brain.core.geometry import Box

Light = Literal["day", "night", "unknown"]


class TruthEvent(Settings):
    """One trouble that is there."""

    scenario: Identifier
    zone: Identifier | None = Field(None, description="name of the zone it lies in; left out = anywhere")
    began_s: float = Field(ge=0, description="seconds from the first picture at which it is there")
    ended_s: float | None = Field(None, description="at which it is gone; left out = it lasts to the end")
    box: Box | None = Field(None, description="where it is: [x1, y1, x2, y2] as shares 0–1")
    inherited: bool | None = Field(None, description="it was there before the first picture; left out = began_s is 0")
    note: str = ""


class TruthIgnore(Settings):
    """A span that counts for nothing: unsure, camera moved, no picture."""

    from_s: float = Field(ge=0)
    to_s: float
    scenario: Identifier | None = Field(None, description="only for this scenario; left out = for all")
    why: str = ""


class TruthTrack(Settings):
    """One object followed over pictures, as annotation tools export it.

    Attributes:
        id: number of the object within its clip.
        boxes: picture index (from 0) and box as shares 0–1, in order of pictures.
    """

    id: int
    label: str
    boxes: tuple[tuple[int, Box], ...]


class TruthClip(Settings):
    """A recording and what is to be seen in it."""

    file: str = Field(min_length=1, description="from the folder of the truth file")
    camera: Identifier | None = Field(None, description="default: the file's name, with its folder where two have it")
    site: Identifier | None = Field(None, description="sets are split by site; default: the camera")
    sha256: str | None = Field(None, pattern="^[0-9a-f]{64}$")
    duration_s: float | None = Field(None, gt=0)
    fps: float | None = Field(None, gt=0)
    width: int | None = Field(None, gt=0)
    height: int | None = Field(None, gt=0)
    start: datetime | None = Field(None, description="moment of the first picture, with zone")
    light: Light = "unknown"
    labelled: tuple[Identifier, ...] | None = Field(None, description="what was looked for in this clip")
    zones: tuple[ZoneSettings, ...] = ()
    events: tuple[TruthEvent, ...] = ()
    ignore: tuple[TruthIgnore, ...] = ()
    tracks: tuple[TruthTrack, ...] = ()


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong in a truth file.

    Attributes:
        where: ``file:line``, or the file where it has no lines.
        clip: file name of the clip that is left out for it; empty = the whole file.
        what: a sentence.
    """

    where: str
    clip: str
    what: str


@dataclass(frozen=True, slots=True)
class TruthSet:
    """All that is known of a set of clips; clips with mistakes are left out.

    Attributes:
        path: the file that it was read from.
        set: ``dev`` or ``test``.
        clips: every one with ``camera``, ``site`` and ``labelled`` filled in.
        mistakes: what was wrong; empty when all is well.
    """

    path: Path
    set: Literal["dev", "test"]
    clips: tuple[TruthClip, ...]
    mistakes: tuple[Mistake, ...] = ()

    def location(self, clip: TruthClip) -> Path:
        """Where the clip's file should lie."""
        return self.path.parent / clip.file
