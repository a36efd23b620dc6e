"""From settings to running parts: tasks, detector, methods and reader settings of each camera."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from brain.cases.classes import CaseClass
from brain.cases.deadlines import Deadline
from brain.config.paths import assets, cache, home, own_scenarios
from brain.config.settings import BrainSettings, CameraSettings, source_scheme
from brain.core.errors import ConfigError
from brain.inference.algorithms import load_algorithms
from brain.inference.change import ChangeSettings, StationaryChange
from brain.inference.choice import RuntimeChoice
from brain.inference.detector import Detector, choose_weights, load_detector
from brain.inference.library import Library
from brain.runtime.pipeline import CameraPipeline
from brain.scenarios.assignment import resolve
from brain.scenarios.manifest import Manifest
from brain.scenarios.registry import Registry
from brain.scenarios.task import ZoneTask
from brain.video.demux import OpenOptions
from brain.video.reader import ReaderSettings

STATIONARY_CHANGE = "stationary_change"


class Parts:
    """What every camera of a process shares: scenarios, algorithms and the one detector.

    Args:
        wishes: algorithm id → weights id or file; ``*`` for all.
        runtime: which engine runs the networks.
    """

    def __init__(self, wishes: Mapping[str, str], runtime: RuntimeChoice = "auto") -> None:
        self.algorithms = load_algorithms(assets() / "models" / "algorithms.yaml")
        self.registry = Registry.open(own_scenarios(), algorithms=self.algorithms.ids())
        self._library = Library.at(assets(), home())
        self._wishes = wishes
        self._runtime = runtime
        self._detector: Detector | None = None
        self._covered: frozenset[str] = frozenset()

    def detector(self, tasks: Sequence[ZoneTask]) -> Detector | None:
        """The detector that serves these tasks; ``None`` when they need none.

        Every file of weights is loaded once if the first call names the tasks of all cameras.

        Raises:
            WeightsError, ConfigError: weights are missing or broken.
        """
        names = {name for task in tasks for name in task.algorithms}
        needed = frozenset(name for name in names if self.algorithms.get(name).kind == "weights")
        if not needed:
            return None
        if not needed <= self._covered:
            self._covered |= needed
            wanted = [self.algorithms.get(name) for name in sorted(self._covered)]
            self._detector = load_detector(
                wanted, self._library, wishes=self._wishes, runtime=self._runtime, cache_dir=cache()
            )
        return self._detector

    def check_weights(self, tasks: Sequence[ZoneTask]) -> None:
        """Finds the weights that tasks need without loading them.

        Raises:
            WeightsError, ConfigError: they are not on this machine, or their card is broken.
        """
        for name in sorted({name for task in tasks for name in task.algorithms}):
            algorithm = self.algorithms.get(name)
            if algorithm.kind == "weights":
                choose_weights(algorithm, self._library, self._wishes.get(name) or self._wishes.get("*"))

    def pipeline(self, tasks: Sequence[ZoneTask]) -> CameraPipeline:
        """A pipeline for one camera's tasks."""
        names = {name for task in tasks for name in task.algorithms}
        methods = {STATIONARY_CHANGE: StationaryChange(ChangeSettings())} if STATIONARY_CHANGE in names else {}
        return CameraPipeline(tasks, self.detector(tasks), methods)


class Assembly:
    """Builds what a settings file describes.

    Args:
        settings: checked.
        base: folder of the settings file; relative paths are meant from there.
    """

    def __init__(self, settings: BrainSettings, base: Path) -> None:
        self.settings = settings
        self.base = base
        wishes = {name: _located(text, base) for name, text in settings.weights.items()}
        self.parts = Parts(wishes, settings.runtime)
        self._cameras = {camera.id: camera for camera in settings.cameras}

    def camera(self, name: str) -> CameraSettings:
        """Settings of a camera."""
        return self._cameras[name]

    def tasks(self, name: str) -> tuple[ZoneTask, ...]:
        """All tasks of a camera.

        Raises:
            ConfigError: an assignment that does not fit, or two of the same scenario on one zone.
        """
        camera = self.camera(name)
        zones = [zone.zone() for zone in camera.zones]
        tasks: list[ZoneTask] = []
        for assignment in self.settings.assignments:
            if assignment.cameras != "all" and name not in assignment.cameras:
                continue
            tasks += resolve(
                self.parts.registry.get(assignment.scenario),
                name,
                zones,
                view=camera.view,
                zone_names=assignment.zones,
                overrides=assignment.set,
                profile=assignment.profile,
                timezone=self.settings.city.timezone,
            )
        keys = [task.key for task in tasks]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise ConfigError(f"{twice} is assigned twice on camera {name!r}", remedy="keep one of the two assignments")
        return tuple(tasks)

    def check(self) -> None:
        """Everything that would keep a camera from being watched, before any process is started.

        Raises:
            ConfigError, WeightsError: a camera without assignment, one that does not fit, weights that are not here.
        """
        for name in self._cameras:
            tasks = self._assigned(name)
            if source_scheme(self.camera(name).source) != "feed":
                self.parts.check_weights(tasks)
            self.camera(name).resolved_address(self.base)

    def prepare(self, names: Sequence[str]) -> None:
        """Loads what the cameras of a shard need, once for all of them."""
        seen = [name for name in names if source_scheme(self.camera(name).source) != "feed"]
        self.parts.detector([task for name in seen for task in self.tasks(name)])

    def pipeline(self, name: str) -> CameraPipeline:
        """The pipeline of a camera, ready to be restored.

        Raises:
            ConfigError: nothing is assigned to it, or the assignment does not fit.
        """
        tasks = self._assigned(name)
        if source_scheme(self.camera(name).source) == "feed":
            return CameraPipeline(tasks, None, {})  # its observations come with it
        return self.parts.pipeline(tasks)

    def _assigned(self, name: str) -> tuple[ZoneTask, ...]:
        tasks = self.tasks(name)
        if not tasks:
            raise ConfigError(f"camera {name!r} has no assignment", remedy="add one, or take the camera out")
        return tasks

    def reader(self, name: str, every_s: float) -> ReaderSettings:
        """How the camera is read."""
        camera = self.camera(name)
        return ReaderSettings(
            name,
            camera.resolved_address(self.base),
            every_s,
            OpenOptions(camera.transport, self.settings.network.allow),
            loop=camera.loop,
            realtime=camera.realtime,
        )

    def case_classes(self) -> dict[str, CaseClass]:
        """What the cases of every assigned scenario are."""
        names = dict.fromkeys(assignment.scenario for assignment in self.settings.assignments)
        return {name: case_class(self.parts.registry.get(name).manifest) for name in names}


def case_class(manifest: Manifest) -> CaseClass:
    """The case part of a manifest in the words of ``brain.cases``."""
    case = manifest.case
    return CaseClass(
        manifest.id,
        manifest.name.zh,
        manifest.name.en,
        case.class_code,
        case.department,
        Deadline.parse(case.deadline),
        case.close,
    )


def _located(text: str, base: Path) -> str:
    """A weights file's path seen from the settings file; an id stays as it is."""
    return str(base / Path(text).expanduser()) if "/" in text or text.endswith(".onnx") else text
