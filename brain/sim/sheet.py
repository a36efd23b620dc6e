"""Contact sheets: every scene by day, by night and in rain, a page for each field of work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from brain.core.errors import UsageError
from brain.core.files import write_whole
from brain.core.types import Picture
from brain.runtime.pool import Task, Tell, run_jobs
from brain.sim.export import check_makeable
from brain.sim.render import Scene
from brain.sim.scenes import kind_of, scene
from brain.sim.scenes.kinds import SceneKind
from brain.sim.topics import Topic, topics
from brain.sim.truth import truth

LOOKS = (("day", "dry"), ("night", "dry"), ("day", "rain"))
PAGES = {
    "traffic": ("illegal_parking", "nonmotor_parking", "fire_lane_blocked", "road_damage"),
    "trade": ("street_vendor", "shop_overflow", "left_object"),
    "cleanliness": ("exposed_garbage", "bin_overflow", "construction_site"),
    "water": ("road_waterlogging", "floating_debris", "water_safety"),
    "fire": ("fire_smoke",),
    "people": ("crowd_gathering", "perimeter_intrusion"),
}
"""Page → its scenarios; what is on none comes onto a page ``others``."""
TITLE_PX, HEAD_PX, GAP_PX = 16, 24, 6
PAPER, INK, MARK = (24, 24, 24), (225, 225, 225), (90, 200, 255)
COLUMNS = 2
WIDTHS = (160, 640)
DRAWN = (640, 360)
"""Pictures are drawn at this size and shrunk: a sheet shows what the clips look like."""
SECONDS = 40.0
QUALITIES = range(88, 35, -4)


@dataclass(frozen=True, slots=True)
class SheetWish:
    """What sheets are asked to be.

    Attributes:
        scenes: names; empty = all.
        seed: of every scene.
        width: of one picture in pixels.
        limit_mb: of all pages together (1 MB = 10⁶ bytes).

    Raises:
        UsageError: an unknown scene, or a figure out of range.
    """

    scenes: tuple[str, ...] = ()
    seed: int = 1
    width: int = 208
    limit_mb: float = 1.6

    def __post_init__(self) -> None:
        for name in self.scenes:
            kind_of(name)
        scene("quiet", self.seed)  # its check speaks of the seed
        if not WIDTHS[0] <= self.width <= WIDTHS[1] or self.width % 16:
            what = f"--width {self.width} is no multiple of 16 from {WIDTHS[0]} to {WIDTHS[1]}"
            raise UsageError(what, remedy="e.g. --width 208")
        if not 0.01 <= self.limit_mb <= 1000:
            raise UsageError(f"--limit-mb {self.limit_mb:g} is not from 0.01 to 1000", remedy="e.g. --limit-mb 1.6")

    @property
    def height(self) -> int:
        """Of one picture in pixels."""
        return self.width * DRAWN[1] // DRAWN[0]


def write_sheets(wish: SheetWish, folder: Path, workers: int, progress: Callable[[int, int], None]) -> tuple[Path, ...]:
    """Draw all pages, then write them: ``drawn-PAGE.jpg``.

    Args:
        folder: made if need be.
        workers: processes.
        progress: told how many scenes of how many are drawn.

    Raises:
        UsageError: the folder cannot be written, or no JPEG quality is low enough for the limit.
    """
    _check(folder)
    pages = _pages(wish)
    names = [kind.name for page in pages.values() for topic in page for kind in topic.scenes]
    rows: dict[str, Picture] = {}

    def lost(number: int, how: str) -> Picture:
        raise UsageError(f"the process that drew {names[number]} died ({how})", remedy="call it again")

    for number, row in run_jobs(Task(_RowWorker, wish, names, lost, lambda *_: None), workers):
        rows[names[number]] = row
        progress(len(rows), len(names))
    files = _fitting({name: _page(page, rows) for name, page in pages.items()}, wish.limit_mb)
    return tuple(_write(folder / f"drawn-{name}.jpg", data) for name, data in files.items())


def _pages(wish: SheetWish) -> dict[str, list[Topic]]:
    """Page → its topics with those of their scenes that are wished."""
    found: dict[str, list[Topic]] = {name: [] for name in (*PAGES, "others")}
    for topic in topics():
        kinds = tuple(kind for kind in topic.scenes if not wish.scenes or kind.name in wish.scenes)
        page = next((name for name, ids in PAGES.items() if topic.id in ids), "others")
        if kinds:
            found[page].append(Topic(topic.id, topic.zh, topic.en, kinds))
    return {name: page for name, page in found.items() if page}


class _RowWorker:
    """Draws the pictures of scene after scene; see ``brain.runtime.pool``."""

    def __init__(self, wish: SheetWish) -> None:
        self._wish = wish
        cv2.setNumThreads(1)

    def work(self, name: str, tell: Tell) -> Picture:
        """A scene's pictures side by side."""
        size = (self._wish.width, self._wish.height)
        pictures = []
        for number, (light, weather) in enumerate(LOOKS):
            drawn = _moment(name, self._wish.seed, light, weather)
            pictures.append(cv2.resize(drawn, size, interpolation=cv2.INTER_AREA))
            tell(number + 1)
        return np.hstack(pictures).astype(np.uint8, copy=False)


def _moment(name: str, seed: int, light: str, weather: str) -> Picture:
    """A picture well inside of the scene's first event, or past the middle of a scene without."""
    width, height = DRAWN
    spec = scene(name, seed, seconds=SECONDS, fps=4, width=width, height=height, light=light, weather=weather)
    events = truth(spec).events
    time_s = 0.6 * SECONDS
    if events:
        ends_s = events[0].ended_s or SECONDS
        time_s = events[0].began_s + 0.75 * (ends_s - events[0].began_s)
    return Scene(spec).picture(min(spec.pictures - 1, spec.first_picture(time_s)))


def _page(page: Sequence[Topic], rows: dict[str, Picture]) -> Picture:
    """Topics one below the other, each with a heading and its scenes in columns."""
    width = next(iter(rows.values())).shape[1]
    whole = COLUMNS * width + (COLUMNS - 1) * GAP_PX
    parts = []
    for topic in page:
        head = _paper(HEAD_PX, whole)
        _text(head, f"{topic.id}: {topic.en}", 0.52, MARK)
        parts.append(head)
        cells = [_cell(kind, rows[kind.name]) for kind in topic.scenes]
        for start in range(0, len(cells), COLUMNS):
            line = cells[start : start + COLUMNS]
            line += [_paper(line[0].shape[0], width)] * (COLUMNS - len(line))
            gaps = [_paper(line[0].shape[0], GAP_PX)] * COLUMNS
            parts.append(np.hstack([part for pair in zip(line, gaps, strict=True) for part in pair][:-1]))
    return np.vstack(parts).astype(np.uint8, copy=False)


def _cell(kind: SceneKind, row: Picture) -> Picture:
    """A scene's pictures below its name; what is only taken for the scenario says so."""
    title = _paper(TITLE_PX, row.shape[1])
    _text(title, kind.name if kind.shows else f"{kind.name} (is none)", 0.4, INK)
    return np.vstack([title, row]).astype(np.uint8, copy=False)


def _paper(height: int, width: int) -> Picture:
    return np.full((height, width, 3), PAPER, np.uint8)


def _text(paper: Picture, text: str, size: float, colour: tuple[int, int, int]) -> None:
    cv2.putText(paper, text, (4, paper.shape[0] - 5), cv2.FONT_HERSHEY_SIMPLEX, size, colour, 1, cv2.LINE_AA)


def _fitting(pages: dict[str, Picture], limit_mb: float) -> dict[str, bytes]:
    """Pages as JPEG of the best quality that fits."""
    for quality in QUALITIES:
        coded = {
            name: cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1])[1]
            for name, page in pages.items()
        }
        if sum(data.size for data in coded.values()) <= limit_mb * 1e6:
            return {name: data.tobytes() for name, data in coded.items()}
    size_mb = sum(data.size for data in coded.values()) / 1e6
    what = f"{size_mb:.1f} MB at the lowest quality, more than --limit-mb {limit_mb:g}"
    raise UsageError(what, remedy="raise --limit-mb, or take fewer --scenes or a smaller --width")


def _check(folder: Path) -> None:
    if folder.suffix.lower() in (".jpg", ".jpeg", ".png"):
        raise UsageError("-o is a folder for several pages", where=str(folder), remedy="e.g. -o sheets")
    check_makeable(folder)


def _write(path: Path, data: bytes) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
    except OSError as error:
        what = f"cannot be written: {error.strerror}"
        raise UsageError(what, where=str(path), remedy="name another folder with -o") from None
    return path
