"""The manifest of a scenario, ``scenario.yaml``: every key with its meaning, and every mistake with file and line."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from brain.config.durations import Duration
from brain.config.settings import Identifier, Settings
from brain.config.yaml_file import build, line_of, read_yaml
from brain.core.errors import ConfigError
from brain.core.types import Severity
from brain.rules.conditions import parse_condition
from brain.rules.lifecycle import Lifecycle, Raise
from brain.rules.schedule import Hours
from brain.rules.words import RuleWords

MASK_KIND = "mask"
DEADLINE_UNITS = ("urgent_hour", "work_hour", "work_day", "natural_day")
_DEADLINE = re.compile(r"(\d+(?:\.\d+)?) (urgent_hour|work_hour|work_day|natural_day)")
_DWELL_SLACK = 2.0
_WINDOW_ALWAYS_S = 60.0


class Words(Settings):
    """The same text in Chinese and English."""

    zh: str = Field(min_length=1, max_length=2000)
    en: str = Field(min_length=1, max_length=2000)


class SampleSettings(Settings):
    """Which samples it asks for."""

    every: Duration = Field(2.0, ge=0.04, le=3600, description="media time between two samples")
    width: int = Field(640, ge=64, le=3840, description="pixels to which the picture is shrunk")


class ZonesSettings(Settings):
    """Which zones (区域) it watches."""

    kinds: tuple[Identifier, ...] = Field(min_length=1, description="kinds of zone that it watches")
    default: Literal["none", "whole_picture"] = Field("none", description="where a camera has no zone of these kinds")

    @field_validator("kinds")
    @classmethod
    def _kinds(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if MASK_KIND in value:
            raise ValueError("zones of kind mask are left out of the picture: they cannot be watched")
        return value


class ConfirmSettings(Settings):
    """How many of the last samples must show it, once it lasted long enough."""

    of: int = Field(1, ge=1, le=200, description="judged samples in the window")
    at_least: int = Field(1, ge=1, le=200, description="of these, how many must be active")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.at_least > self.of:
            raise ValueError(f"at_least {self.at_least} must not exceed of {self.of}")
        return self


class ClearSettings(Settings):
    """When it is over."""

    after: Duration = Field(60.0, description="watched time without it")


class RaiseSettings(Settings):
    """One step of severity."""

    when: str = Field(description="a condition, like duration >= 30min, measure >= 45, density >= 3 or kind == road")
    to: Severity

    @field_validator("when")
    @classmethod
    def _when(cls, value: str) -> str:
        parse_condition(value)
        return value


class SeveritySettings(Settings):
    """How bad it is; only rises while the event is open."""

    base: Severity = Severity.LOW
    raises: tuple[RaiseSettings, ...] = Field((), alias="raise", description="what makes it worse")


class CaseSettings(Settings):
    """The case (案卷) that an event opens."""

    class_code: str = Field(
        alias="class", pattern=r"^[0-9]{5}$", description="five digits of the matter in the standard, in quotes"
    )
    standard: str = Field("GB/T 47678.5-2026", max_length=60, description="where the class code comes from")
    per: Literal["zone"] = Field("zone", description="one open case for each of these")
    department: Identifier = Field(description="who handles it")
    deadline: str = Field(description="number and unit: urgent_hour, work_hour, work_day or natural_day")
    review: Literal["auto", "always"] = Field("auto", description="always: a person must accept it before dispatch")
    close: Literal["camera", "desk"] = Field(
        "camera",
        description="camera: closed when the camera sees it gone; desk: the desk closes, the camera only says so",
    )

    @field_validator("deadline")
    @classmethod
    def _deadline(cls, value: str) -> str:
        match = _DEADLINE.fullmatch(value.strip())
        if match is None or not 0 < float(match[1]) <= 1000:
            raise ValueError(f"{value!r} is not a deadline: write it like 2 work_hour ({', '.join(DEADLINE_UNITS)})")
        return value.strip()

    @property
    def deadline_parts(self) -> tuple[float, str]:
        """Number and unit of the deadline."""
        amount, _, unit = self.deadline.partition(" ")
        return float(amount), unit


class EvaluationSettings(Settings):
    """How its alarms are judged on recorded video (评测)."""

    window: Duration = Field(
        30.0, gt=0, le=3600, description="an alarm is in time when it comes within this after the dwell is over"
    )
    role: Literal["alerting", "recording"] = Field(
        "alerting", description="alerting: a false alarm weighs more than a miss; recording: the other way round"
    )


class Manifest(Settings):
    """A scenario as data."""

    id: Identifier
    name: Words
    field: Identifier = Field(description="urban_management, water, fire, social_order or grid")
    algorithms: tuple[Identifier, ...] = Field(min_length=1, description="algorithms whose observations it needs")
    sample: SampleSettings = SampleSettings()
    zones: ZonesSettings
    rule: RuleWords | None = Field(None, description="one rule word; left out where scenario.py stands beside")
    confirm: ConfirmSettings = ConfirmSettings()
    clear: ClearSettings = ClearSettings()
    cooldown: Duration = Field(600.0, description="watched time after the end before a new event may be raised")
    renotify: Duration | None = Field(None, gt=0, description="an event that lasts is told again after this time")
    schedule: tuple[Hours, ...] | None = Field(
        None, min_length=1, description="always, or a list of weekly hours, in the city's zone"
    )
    severity: SeveritySettings = SeveritySettings()
    case: CaseSettings
    evaluation: EvaluationSettings = EvaluationSettings()
    description: Words | None = None
    confusers: tuple[str, ...] = Field((), description="what looks like it and is not")
    filing: Words | None = Field(None, description="filing standard (立案标准): what must be seen")
    closing: Words | None = Field(None, description="closing standard (结案标准): what must be gone")

    @field_validator("schedule", mode="before")
    @classmethod
    def _always(cls, value: object) -> object:
        if isinstance(value, str) and value != "always":
            raise ValueError('write always, or a list like [{days: mon-fri, from: "07:00", to: "22:00"}]')
        return None if value == "always" else value

    def lifecycle(self) -> Lifecycle:
        """The numbers by which findings become an event."""
        return Lifecycle(
            of=self.confirm.of,
            at_least=self.confirm.at_least,
            clear_s=self.clear.after,
            cooldown_s=self.cooldown,
            renotify_s=self.renotify,
            base=self.severity.base,
            raises=tuple(Raise(parse_condition(item.when), item.to) for item in self.severity.raises),
        )


def load_manifest(path: Path, algorithms: Collection[str] | None = None) -> Manifest:
    """The manifest in a file, checked.

    Args:
        path: a ``scenario.yaml``.
        algorithms: ids of all algorithms that exist; ``None`` = not checked.

    Raises:
        ConfigError: with file and line for every mistake.
    """
    tree = read_yaml(path)
    manifest = build(tree, Manifest, str(path))
    mistakes = check_manifest(manifest, algorithms)
    if mistakes:
        where = f"{path}:{line_of(tree, mistakes[0][0])}"
        more = "".join(f"\n{path}:{line_of(tree, location)}: {text}" for location, text in mistakes[1:])
        raise ConfigError(mistakes[0][1] + more, where=where, remedy="mend the lines named above")
    return manifest


def check_manifest(manifest: Manifest, algorithms: Collection[str] | None) -> list[tuple[tuple[Any, ...], str]]:
    """What is wrong across keys: location of the key, and a sentence; empty when all fits."""
    mistakes: list[tuple[tuple[Any, ...], str]] = []
    for index, name in enumerate(manifest.algorithms):
        if algorithms is not None and name not in algorithms:
            near = get_close_matches(name, list(algorithms), n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(sorted(algorithms))}"
            mistakes.append((("algorithms", index), f"unknown algorithm {name!r}; {hint}"))
    if manifest.rule is None:
        return mistakes
    word = manifest.rule.word
    try:
        manifest.rule.algorithm(manifest.algorithms)
    except ValueError as error:
        mistakes.append((("rule", word, "algorithm"), str(error)))
    dwell_s, window_s = manifest.rule.dwell_s, (manifest.confirm.of - 1) * manifest.sample.every
    if dwell_s > 0 and window_s > max(_DWELL_SLACK * dwell_s, _WINDOW_ALWAYS_S):
        mistakes.append(
            (
                ("confirm", "of"),
                f"the window of {manifest.confirm.of} samples lasts {window_s:g} s, far longer than the dwell of "
                f"{dwell_s:g} s (rule.{word}.for): lower confirm.of or sample.every",
            )
        )
    return mistakes
