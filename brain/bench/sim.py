"""How fast street scenes are drawn, and what a detector trained on real pictures says of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2

from brain.sim.judge import Verdict, judge, load_judge
from brain.sim.render import measure_speed
from brain.sim.scenes import SCENES, scene

JUDGED_SCENES = ("left_object", "parked_car", "queue_at_lights", "crossing_square")
SEEDS = range(1000, 1004)
"""Never used while the drawing was tuned."""
EVERY_S = 4.0
CONDITIONS = (("day", "dry"), ("night", "rain"), ("night", "fog"))
"""Light and weather in which all scenes are measured: cast shadows; lamps, mirror images and streaks; halos in fog."""
SCENE_PICTURES = 24
"""Pictures that are drawn to measure one scene."""
GOAL = 40.0
"""Pictures per second that every scene should be drawn with at 640×360 on one core."""
NAMED = 10
"""How many of the slowest scenes are named."""


@dataclass(frozen=True, slots=True)
class SceneSpeed:
    """Pictures per second of one scene in one light and weather, at 640×360 without encoding."""

    scene: str
    light: str
    weather: str
    pictures_per_s: float

    def plain(self) -> dict[str, object]:
        """As printed by ``--json``."""
        return asdict(self) | {"pictures_per_s": round(self.pictures_per_s, 1)}


@dataclass(frozen=True, slots=True)
class SimFigures:
    """Pictures per second at 640×360 without encoding, and the judge's verdict if weights were given.

    Attributes:
        scenes: all scenes, the slowest first; ``None`` when they were not asked for.
    """

    pictures_per_s: float
    judge: Verdict | None
    scenes: tuple[SceneSpeed, ...] | None = None

    def plain(self) -> dict[str, object]:
        """As printed by ``--json``."""
        verdict = None if self.judge is None else {key: round(value, 4) for key, value in asdict(self.judge).items()}
        found: dict[str, object] = {"pictures_per_s": round(self.pictures_per_s, 1), "judge": verdict}
        if self.scenes is not None:
            found["measured"] = len(self.scenes)
            found["below_goal"] = sum(speed.pictures_per_s < GOAL for speed in self.scenes)
            found["slowest"] = [speed.plain() for speed in self.scenes[:NAMED]]
        return found


def measure_sim(
    weights: Path | None,
    seeds: range = SEEDS,
    *,
    every_scene: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> SimFigures:
    """Measure speed and, with weights, the judge's figures.

    Args:
        every_scene: also measure each scene in each of ``CONDITIONS``; takes some minutes.
        progress: told how many of these of how many are measured.

    Raises:
        WeightsError: the weights cannot be read or are unknown.
    """
    model = None if weights is None else load_judge(weights)
    with _one_core():
        speed = measure_speed()
    scenes = measure_scenes(tuple(SCENES), progress=progress) if every_scene else None
    if model is None:
        return SimFigures(speed, None, scenes)
    specs = [scene(name, seed) for name in JUDGED_SCENES for seed in seeds]
    return SimFigures(speed, judge(model, specs, EVERY_S), scenes)


def measure_scenes(
    names: tuple[str, ...],
    *,
    conditions: Sequence[tuple[str, str]] = CONDITIONS,
    seed: int = SEEDS[0],
    pictures: int = SCENE_PICTURES,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[SceneSpeed, ...]:
    """The speed of named scenes, the slowest first.

    Args:
        conditions: light and weather in which each is measured.
        pictures: how many are drawn of each.
        progress: told how many of how many are measured.

    Raises:
        UsageError: there is no scene of a name.
    """
    asked = [(name, light, weather) for name in names for light, weather in conditions]
    found = []
    for name, light, weather in asked:
        spec = scene(name, seed, light=light, weather=weather)
        with _one_core():
            found.append(SceneSpeed(name, light, weather, measure_speed(spec, pictures)))
        if progress is not None:
            progress(len(found), len(asked))
    return tuple(sorted(found, key=lambda speed: speed.pictures_per_s))


@contextmanager
def _one_core() -> Iterator[None]:
    """OpenCV keeps to one thread within, so that the figure is that of one core."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(threads)
