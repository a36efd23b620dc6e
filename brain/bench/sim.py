"""How fast street scenes are drawn, and what a detector trained on real pictures says of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from brain.sim.judge import Verdict, judge, load_judge
from brain.sim.render import measure_speed
from brain.sim.scenes import scene

JUDGED_SCENES = ("left_object", "parked_car", "queue_at_lights", "crossing_square")
SEEDS = range(1000, 1004)
"""Never used while the drawing was tuned."""
EVERY_S = 4.0


@dataclass(frozen=True, slots=True)
class SimFigures:
    """Pictures per second at 640×360 without encoding, and the judge's verdict if weights were given."""

    pictures_per_s: float
    judge: Verdict | None

    def plain(self) -> dict[str, object]:
        """As printed by ``--json``."""
        verdict = None if self.judge is None else {key: round(value, 4) for key, value in asdict(self.judge).items()}
        return {"pictures_per_s": round(self.pictures_per_s, 1), "judge": verdict}


def measure_sim(weights: Path | None, seeds: range = SEEDS) -> SimFigures:
    """Measure speed and, with weights, the judge's figures.

    Raises:
        WeightsError: the weights cannot be read or are unknown.
    """
    model = None if weights is None else load_judge(weights)
    speed = measure_speed()
    if model is None:
        return SimFigures(speed, None)
    specs = [scene(name, seed) for name in JUDGED_SCENES for seed in seeds]
    return SimFigures(speed, judge(model, specs, EVERY_S))
