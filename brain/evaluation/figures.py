"""The figures of a scenario, as `brain evaluate events --json` prints them; never one pooled over scenarios."""

from __future__ import annotations

from pydantic import Field

from brain.config.settings import Settings


class Interval(Settings):
    """A 95 % interval."""

    low: float
    high: float


class Percentiles(Settings):
    """Median and 95th percentile in seconds; ``None`` = without end (a miss), or nothing to take it of."""

    p50: float | None
    p95: float | None


class Counts(Settings):
    """What was counted and follows from it at once.

    Attributes:
        truth: troubles that were due; hits in time + late + missed.
        false, duplicates: further alarms.
        recall: hits / truth; recall_late: with late ones; precision: hits / (hits + false + duplicates). ``None`` where
            there is nothing to divide by.
        f1: 2 hits / (truth + hits + false + duplicates): 0 where nothing was found; ``None`` where nothing was due and
            nothing raised.
        false_per_camera_hour: false / hours.
        hours: camera-hours really watched.
        outage_hours, ignored_hours, off_duty_hours: taken off.
    """

    truth: int
    hits: int
    late: int
    missed: int
    false: int
    duplicates: int
    recall: float | None
    recall_late: float | None
    precision: float | None
    f1: float | None
    false_per_camera_hour: float | None
    false_per_camera_day: float | None
    hours: float
    outage_hours: float
    ignored_hours: float
    off_duty_hours: float = 0.0


class ScenarioFigures(Counts):
    """All figures of a scenario.

    Attributes:
        recall_interval: Wilson; precision_interval: Wilson.
        f1_interval: bootstrap over cameras; ``None`` = too few cameras (under ten), or too seldom defined.
        false_per_camera_hour_interval: exact Poisson.
        role_f: F of i-LIDS for the scenario's role.
        time_to_alarm_s: from the begin of the trouble, misses as infinite; time_after_due_s: from the due moment, over
            hits and late ones.
        clear_error_s: end of the event less end of the trouble, signed, where both have one.
        cameras: how many were watched.
        by_light: day, night, unknown apart.
        cpu_s_per_camera_hour: of the whole replay of the clips, shared by all scenarios that ran in it.
        naudc, s4: NIST ActEV nAUDC at 0.2 time-based false alarm; AI City's S4; ``None`` where nothing is due.
    """

    cameras: int
    recall_interval: Interval | None
    precision_interval: Interval | None
    f1_interval: Interval | None
    false_per_camera_hour_interval: Interval | None
    role_f: float | None
    time_to_alarm_s: Percentiles
    time_after_due_s: Percentiles
    clear_error_s: Percentiles
    by_light: dict[str, Counts]
    cpu_s_per_camera_hour: float | None
    naudc: float | None
    s4: float | None


class JudgedBy(Settings):
    """By what a scenario was judged: the dwell after which an alarm is due, and how late it may come."""

    dwell_s: float
    window_s: float


class Figures(Settings):
    """All that `brain evaluate events` says.

    Attributes:
        run: digest of the run; truth: path of the truth file.
        judged_by: of each scenario; figures by other measures cannot be compared.
        errors: clips that could not be judged, and why.
    """

    run: str
    truth: str
    scenarios: dict[str, ScenarioFigures]
    judged_by: dict[str, JudgedBy] = Field(default_factory=dict)
    errors: tuple[str, ...] = ()
