"""Where scenarios are found: the shipped folder, the user's own folder, and installed packages."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

from brain.config.paths import assets
from brain.core.errors import BrainError, ConfigError
from brain.core.ids import derived_id
from brain.scenarios.manifest import Manifest, load_manifest
from brain.scenarios.plugin import ScenarioPlugin

ENTRY_POINTS = "brain.scenarios"
MANIFEST_FILE = "scenario.yaml"
PLUGIN_FILE = "scenario.py"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario that can run.

    Attributes:
        manifest: its data.
        folder: where it lies.
        plugin: the class of its own rule, if it has one.
    """

    manifest: Manifest
    folder: Path
    plugin: type[ScenarioPlugin] | None = None

    @property
    def id(self) -> str:
        """Its id."""
        return self.manifest.id


@dataclass(frozen=True, slots=True)
class BrokenScenario:
    """A scenario that was found and cannot run.

    Attributes:
        id: name of its folder or entry point.
        folder: where it lies; ``None`` for an entry point that does not even load.
        error: what is wrong.
    """

    id: str
    folder: Path | None
    error: BrainError


class Registry:
    """All scenarios that were found; a broken one is kept with its error and harms no other."""

    def __init__(self, found: Collection[Scenario | BrokenScenario]) -> None:
        self._found: dict[str, Scenario | BrokenScenario] = {}
        for item in found:
            first = self._found.get(item.id)
            if first is None:
                self._found[item.id] = item
            else:
                key = f"{item.id}@{item.folder or 'package'}"
                self._found[key] = BrokenScenario(key, item.folder, _twice(item, first))

    @classmethod
    def open(cls, folder: Path | None = None, algorithms: Collection[str] | None = None) -> Registry:
        """Looks into the shipped folder, ``folder`` and the entry points ``brain.scenarios``.

        Args:
            folder: the user's own folder of scenario folders.
            algorithms: ids of all algorithms that exist; ``None`` = not checked.

        Raises:
            ConfigError: ``folder`` is given and is no folder.
        """
        if folder is not None and not folder.is_dir():
            raise ConfigError("no such folder of scenarios", where=str(folder), remedy="check the path")
        found: list[Scenario | BrokenScenario] = []
        for root in (assets() / "scenarios", folder):
            found += [_read(path, algorithms) for path in _folders(root)]
        found += [_read_entry(entry, algorithms) for entry in entry_points(group=ENTRY_POINTS)]
        return cls(found)

    def list(self) -> tuple[Scenario | BrokenScenario, ...]:
        """All that were found, by id."""
        return tuple(self._found[key] for key in sorted(self._found))

    def get(self, scenario_id: str) -> Scenario:
        """The scenario of that id.

        Raises:
            ConfigError: unknown (with the closest ids), or broken (with its error).
        """
        item = self._found.get(scenario_id)
        if isinstance(item, Scenario):
            return item
        if item is not None:
            raise item.error
        sound = [key for key, value in sorted(self._found.items()) if isinstance(value, Scenario)]
        near = get_close_matches(scenario_id, sound, n=1)
        remedy = f"did you mean {near[0]!r}? " if near else ""
        raise ConfigError(f"unknown scenario {scenario_id!r}", remedy=f"{remedy}there are {', '.join(sound) or 'none'}")


def _twice(item: Scenario | BrokenScenario, first: Scenario | BrokenScenario) -> BrainError:
    return ConfigError(
        f"scenario id {item.id!r} is taken by {first.folder or 'a package'}",
        where=str(item.folder or ""),
        remedy="give the copy an id of its own, and its folder the same name",
    )


def _folders(root: Path | None) -> Iterator[Path]:
    if root is not None and root.is_dir():
        for path in sorted(root.iterdir()):
            if (path / MANIFEST_FILE).is_file():
                yield path


def _read(folder: Path, algorithms: Collection[str] | None) -> Scenario | BrokenScenario:
    try:
        return read_scenario(folder, algorithms)
    except BrainError as error:
        return BrokenScenario(folder.name, folder, error)


def read_scenario(folder: Path, algorithms: Collection[str] | None = None) -> Scenario:
    """The scenario in a folder.

    Raises:
        ConfigError: its manifest or its ``scenario.py`` is wrong, with file and line.
    """
    manifest = load_manifest(folder / MANIFEST_FILE, algorithms)
    if manifest.id != folder.name:
        raise ConfigError(
            f"id {manifest.id!r} differs from the name of its folder {folder.name!r}",
            where=str(folder / MANIFEST_FILE),
            remedy="make them the same",
        )
    file = folder / PLUGIN_FILE
    plugin = _plugin_of(_load(file), file) if file.is_file() else None
    return _complete(manifest, folder, plugin)


def _complete(manifest: Manifest, folder: Path, plugin: type[ScenarioPlugin] | None) -> Scenario:
    if (manifest.rule is None) == (plugin is None):
        problem = "neither a rule nor a" if plugin is None else "both a rule and a"
        raise ConfigError(
            f"{problem} {PLUGIN_FILE}",
            where=f"{folder / MANIFEST_FILE}",
            remedy="a scenario has one of the two: a rule word in the manifest, or a plug-in class beside it",
        )
    return Scenario(manifest, folder, plugin)


def _load(file: Path) -> ModuleType:
    """Runs a ``scenario.py`` under a name of its own; whatever it raises becomes a ``ConfigError``."""
    name = f"brain_scenario_{derived_id(str(file)).replace('-', '')}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        line = next((f":{frame.lineno}" for frame in reversed(_frames(error)) if frame.filename == str(file)), "")
        if isinstance(error, SyntaxError):
            line = f":{error.lineno}"
        raise ConfigError(
            f"does not load: {type(error).__name__}: {error}", where=f"{file}{line}", remedy="mend the plug-in"
        ) from error
    return module


def _frames(error: BaseException) -> list[inspect.FrameInfo]:
    return inspect.getinnerframes(error.__traceback__) if error.__traceback__ is not None else []


def _plugin_of(module: ModuleType, file: Path) -> type[ScenarioPlugin]:
    found = [
        item
        for item in vars(module).values()
        if inspect.isclass(item)
        and issubclass(item, ScenarioPlugin)
        and not inspect.isabstract(item)
        and item.__module__ == module.__name__
    ]
    if len(found) != 1:
        raise ConfigError(
            f"defines {len(found)} subclasses of ScenarioPlugin with observe(), not one",
            where=str(file),
            remedy="see brain.scenarios.plugin",
        )
    return found[0]


def _read_entry(entry: EntryPoint, algorithms: Collection[str] | None) -> Scenario | BrokenScenario:
    """A scenario of an installed package: the entry point names a plug-in class, or a package with a manifest in it."""
    try:
        target = entry.load()
        if inspect.isclass(target) and issubclass(target, ScenarioPlugin):
            folder, plugin = Path(inspect.getfile(target)).parent, target
        elif isinstance(target, ModuleType) and target.__file__:
            folder, plugin = Path(target.__file__).parent, None
        else:
            raise TypeError("names neither a subclass of ScenarioPlugin nor a package")
        return _complete(load_manifest(folder / MANIFEST_FILE, algorithms), folder, plugin)
    except BrainError as error:
        return BrokenScenario(entry.name, None, error)
    except (Exception, SystemExit) as error:
        text = f"entry point {entry.name} = {entry.value} does not load: {type(error).__name__}: {error}"
        return BrokenScenario(entry.name, None, ConfigError(text, remedy="mend or remove the package"))
