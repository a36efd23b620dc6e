"""The verdict on each alarm and each trouble of a run: what everything else of this room counts, shows or compares."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from brain.evaluation.spans import Span
from brain.evaluation.truth import Light, TruthEvent
from brain.replay.run import RunEvent


class Verdict(StrEnum):
    """What became of a trouble or of an alarm."""

    HIT = "hit"
    LATE = "late"
    MISSED = "missed"
    FALSE = "false"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Judged:
    """One verdict.

    Attributes:
        clip: id of the clip within the run.
        camera: of the clip; light: of the clip.
        truth: the trouble; ``None`` for a false alarm.
        due_s: when it should have been raised; ``None`` for a false alarm.
        alarm: the event that was raised; ``None`` for a miss. A late trouble has the alarm that came too late.
    """

    verdict: Verdict
    scenario: str
    clip: str
    camera: str
    light: Light
    truth: TruthEvent | None = None
    due_s: float | None = None
    alarm: RunEvent | None = None

    @property
    def at_s(self) -> float:
        """The moment to look at: that of the alarm, else the due moment."""
        if self.alarm is not None:
            return self.alarm.raised_s
        assert self.due_s is not None
        return self.due_s


@dataclass(frozen=True, slots=True)
class Watched:
    """How long a scenario was really watched on a clip.

    Attributes:
        seconds: length less outage, less time off duty and less what is ignored.
        outage_s, ignored_s, off_duty_s: what was taken off; no second stands in two of them.
        cpu_s: what the clip cost, ``None`` when that is not known.
        spans: the time really watched, from and to; together ``seconds``.
        length_s: of the clip, outages at its end included.
    """

    scenario: str
    clip: str
    camera: str
    light: Light
    seconds: float
    outage_s: float
    ignored_s: float
    cpu_s: float | None
    spans: tuple[Span, ...] = ()
    length_s: float = 0.0
    off_duty_s: float = 0.0


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A clip that is not judged, or a trouble or alarm that counts for nothing, and why."""

    clip: str
    scenario: str
    why: str
    is_error: bool = False

    @property
    def sentence(self) -> str:
        """Clip, or else scenario, and the reason on one line."""
        place = self.clip or self.scenario
        return f"{place}: {self.why}" if place else self.why


@dataclass(frozen=True, slots=True)
class Judgement:
    """All verdicts on a run, in order of scenario, clip and time.

    Attributes:
        scenarios: ids of the scenarios that were judged.
        items: each trouble once (hit, late or missed), each further alarm once (false or duplicate).
        watched: one for each scenario and clip.
        left_out: with ``is_error`` what has to be mended.
    """

    scenarios: tuple[str, ...]
    items: tuple[Judged, ...]
    watched: tuple[Watched, ...]
    left_out: tuple[LeftOut, ...]
