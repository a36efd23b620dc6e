"""The figures of a comparison of two runs, as `brain evaluate compare --json` prints them."""

from __future__ import annotations

from enum import StrEnum

from brain.config.settings import Settings
from brain.evaluation.figures import Counts, Interval
from brain.evaluation.judgement import Verdict
from brain.evaluation.run_difference import Difference


class Outcome(StrEnum):
    """What a comparison says of a scenario; of the second run as against the first."""

    BETTER = "better"
    WORSE = "worse"
    UNPROVEN = "no proven difference"
    FEW = "too few cameras"
    NOT_COMPARABLE = "not comparable"


class Change(Settings):
    """A trouble or a false alarm that the two runs tell apart.

    Attributes:
        clip: id in the first run, clip_b: in the second.
        zone: of the alarm, else of the trouble; empty = anywhere.
        began_s, ended_s: of the trouble, of a false alarm its own; ``None`` = it lasts to the end of the clip.
        raised_s: of the alarm of that run that raised it, in time if one did; ``None`` = neither raised it.
        a, b: what each run made of it; ``None`` = nothing, rightly.
    """

    clip: str
    clip_b: str
    camera: str
    zone: str
    began_s: float
    ended_s: float | None
    raised_s: float | None
    a: Verdict | None
    b: Verdict | None


class FigureDifference(Settings):
    """Second run less first.

    Attributes:
        cameras: on how many there is anything to measure it by.
        interval: paired bootstrap over cameras; ``None`` = too few cameras.
        p: of the same bootstrap; p_holm: adjusted for the number of scenarios, that of the headline figure
            together with the headline figures of the others.
    """

    value: float | None
    cameras: int
    interval: Interval | None = None
    p: float | None = None
    p_holm: float | None = None


class ScenarioComparison(Settings):
    """A scenario in both runs.

    Attributes:
        outcome, why: the verdict, and the figures it stands on.
        headline: the figure that it stands on: ``f1`` or ``false_per_camera_hour``.
        clips, cameras: that are compared.
        a, b: figures over these alone.
        difference: recall, precision, f1 and false_per_camera_hour → second less first.
        won: raised in time by the second run only; lost: by the first only.
        false_gone, false_new: false alarms of the first only, of the second only.
        mcnemar_p: of won against lost; rate_p: of the false alarms' rates; both also adjusted for the scenarios.
        not_comparable: settings that move the due moment; with any of them there is no verdict.
    """

    zh: str
    en: str
    outcome: Outcome
    why: str
    headline: str
    clips: int
    cameras: int
    a: Counts
    b: Counts
    difference: dict[str, FigureDifference]
    won: tuple[Change, ...]
    lost: tuple[Change, ...]
    false_gone: tuple[Change, ...]
    false_new: tuple[Change, ...]
    mcnemar_p: float
    mcnemar_p_holm: float
    rate_p: float
    rate_p_holm: float
    not_comparable: tuple[str, ...] = ()


class Comparison(Settings):
    """All that ``brain evaluate compare`` says.

    Attributes:
        a, b: digests of the runs; truth: path of the truth file.
        clips: how many stand in both runs.
        differences: in what else the runs differ.
        left_out: what is not compared, and why; errors: what has to be mended.
        seed: of the bootstrap's draws.
    """

    a: str
    b: str
    truth: str
    clips: int
    scenarios: dict[str, ScenarioComparison]
    differences: tuple[Difference, ...] = ()
    left_out: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    seed: int = 0
