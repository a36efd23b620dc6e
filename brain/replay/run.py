"""The run folder: what a replay of recordings was told, what it ran with, what it observed and which events it raised.

    run.json                        what was asked and with which parts: the same bytes for the same question
    clips/<id>/result.json          length, samples, outages and events of one clip
    clips/<id>/observations.jsonl   what the algorithms saw, one line a sample (``brain.scenarios.recorded``)
    clips/<id>/cost.json            CPU time and memory: measured, so different each time

A clip's folder appears whole or not at all, so a run that was killed goes on with the clips that are missing.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import ValidationError

from brain.config.settings import Identifier, Settings, ZoneSettings
from brain.core.errors import ConfigError
from brain.core.geometry import Box
from brain.core.ids import sha256_hex
from brain.core.types import Severity

RUN_VERSION: Literal[1] = 1
HEADER = "run.json"
RESULT = "result.json"
OBSERVATIONS = "observations.jsonl"
COST = "cost.json"
CITY = "Asia/Shanghai"
"""Zone of the schedules in a replay; a clip has no settings of a city."""


class RunWeights(Settings):
    """Weights that an algorithm ran with."""

    algorithm: Identifier
    id: str
    sha256: str


class RunScenario(Settings):
    """A scenario as it ran.

    Attributes:
        dwell_s: watched seconds that its trouble must last.
        inherited_dwell_s: the same for what is there from the first picture on.
        density_dwell_s: in a zone whose square metres are known, instead of both; ``None`` = the same everywhere.
        window_s: seconds after the due moment within which an alarm is in time.
        every_s: cadence.
        role: ``alerting`` or ``recording``, see ``EvaluationSettings``.
        manifest: with profile and overrides applied, as plain values.
        code: sha256 of its ``scenario.py``; empty for one that is made of stock rules.
    """

    id: Identifier
    zh: str
    en: str
    dwell_s: float
    inherited_dwell_s: float
    density_dwell_s: float | None = None
    window_s: float
    every_s: float
    role: Literal["alerting", "recording"]
    manifest: dict[str, Any]
    code: str = ""


class RunAlgorithm(Settings):
    """An algorithm whose observations were kept, and how often it was asked."""

    id: Identifier
    every_s: float


class RunObserved(Settings):
    """What the observations of a run are good for.

    Attributes:
        every_s: cadence of the samples, that of the fastest scenario.
        width: pixels to which the pictures were shrunk, that of the widest scenario.
    """

    every_s: float
    width: int
    algorithms: tuple[RunAlgorithm, ...]


class RunClip(Settings):
    """A recording of a run.

    Attributes:
        id: unique within the run; names its folder.
        path: absolute, or as the run that it was replayed from names it.
        sha256: of the file; empty when it cannot be read.
        camera, site: of the truth where one was given, else the clip's id.
        start: UTC moment of the first picture.
        light: ``day``, ``night`` or, where nobody said so, ``unknown``.
        zones: all zones of its view; none = every scenario watched the whole picture.
    """

    id: Identifier
    path: str
    sha256: str
    camera: str
    site: str
    start: datetime
    light: Literal["day", "night", "unknown"] = "unknown"
    zones: tuple[ZoneSettings, ...] = ()

    @property
    def title(self) -> str:
        """What people call it: the file's name, and the id where that is another (ids are ASCII)."""
        name = Path(self.path).stem
        return name if name == self.id else f"{name} ({self.id})"


class RunHeader(Settings):
    """``run.json``.

    Attributes:
        product: version of city-brain.
        profile: ``normal`` or ``short``.
        runtime: engine that ran the networks.
        observed_by: sha256 of the header of the run whose observations were used; empty when video was.
        observed: what the observations hold; the rules may be replayed from them (``brain replay --from``).
    """

    version: Literal[1] = RUN_VERSION
    product: str
    profile: Literal["normal", "short"]
    runtime: str
    observed_by: str = ""
    observed: RunObserved | None = None
    weights: tuple[RunWeights, ...] = ()
    scenarios: tuple[RunScenario, ...]
    clips: tuple[RunClip, ...]

    def scenario(self, name: str) -> RunScenario:
        """The scenario of that id; ``KeyError`` if it did not run."""
        return {item.id: item for item in self.scenarios}[name]


class RunBox(Settings):
    """A box that proves an event, shares 0–1 of width and height."""

    label: str
    score: float
    box: Box


class RunEvent(Settings):
    """An event that was raised; times in seconds from the clip's first picture.

    Attributes:
        ended_s: ``None`` when it lasts to the end of the clip.
        severity: highest that it reached.
        measure, score: of the last finding while it lasted.
        boxes: what proved it when it was raised.
    """

    scenario: Identifier
    zone: str
    began_s: float
    raised_s: float
    ended_s: float | None
    severity: Severity
    measure: float
    score: float
    boxes: tuple[RunBox, ...] = ()


class ClipResult(Settings):
    """``result.json`` of one clip.

    Attributes:
        seconds: length reached.
        samples, samples_due: frames analysed, frames due.
        outages: spans (from, to) in which no picture could be had, in order and apart; the last one is a cut-off end,
            which begins at or before ``seconds`` and ends where the file says that it ends.
        error: why the clip, or the rest of it, could not be replayed; empty when all is well.
        notes: what went wrong at single samples.
    """

    seconds: float
    samples: int
    samples_due: int
    outages: tuple[tuple[float, float], ...] = ()
    error: str = ""
    notes: tuple[str, ...] = ()
    events: tuple[RunEvent, ...] = ()


class ClipCost(Settings):
    """``cost.json`` of one clip: what its replay used on this machine.

    Attributes:
        cpu_s: user and system seconds of the process while it worked on the clip.
        wall_s: seconds by the clock.
        peak_mb: highest resident memory of that process, 10^6 bytes.
    """

    cpu_s: float
    wall_s: float
    peak_mb: float


Model = TypeVar("Model", ClipResult, ClipCost)


class Run:
    """A run folder, opened for reading.

    Attributes:
        folder: where it lies.
        header: what was asked, and with which parts.
        digest: sha256 of ``run.json``, which names the run.
    """

    def __init__(self, folder: Path) -> None:
        """Opens it.

        Raises:
            ConfigError: there is no run, it cannot be read, or it is of another version.
        """
        path = folder / HEADER
        try:
            data = path.read_bytes()
        except OSError as error:
            remedy = "name the folder that `brain replay --record FOLDER` wrote"
            raise ConfigError(f"no run folder: {error.strerror}", where=str(path), remedy=remedy) from None
        self.folder = folder
        self.header = _header(data, path)
        self.digest = sha256_hex(data)

    def clip_folder(self, clip: str) -> Path:
        """Where the files of a clip lie."""
        return self.folder / "clips" / clip

    def result(self, clip: str) -> ClipResult | None:
        """What came of a clip; ``None`` when the run has not finished it.

        Raises:
            ConfigError: the file is broken.
        """
        return _read(self.clip_folder(clip) / RESULT, ClipResult)

    def cost(self, clip: str) -> ClipCost | None:
        """What a clip cost; ``None`` when that is not known.

        Raises:
            ConfigError: the file is broken.
        """
        return _read(self.clip_folder(clip) / COST, ClipCost)


def _header(data: bytes, path: Path) -> RunHeader:
    try:
        return RunHeader.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        if first["loc"] == ("version",):
            what = f"a run folder of another version than {RUN_VERSION}"
        else:
            what = f"not a run folder: {'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
        raise ConfigError(what, where=str(path), remedy="replay the recordings again with this version") from None


def _read(path: Path, model: type[Model]) -> Model | None:
    try:
        return model.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        remedy = "delete that folder and run the same `brain replay` again: only this clip is replayed"
        raise ConfigError(f"broken: {type(error).__name__}", where=str(path), remedy=remedy) from None
