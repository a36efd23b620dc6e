"""Drawn scenes as cameras of a settings file: ``source: sim:SCENE?seed=7&light=night``.

The clip is drawn once into the cache and then played in a loop like a file, so that no worker knows of drawing. A
camera without zones gets those of its scene.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from brain.config.logs import logger
from brain.config.settings import BrainSettings, CameraSettings, ZoneSettings, load_settings, source_scheme
from brain.config.yaml_file import line_of, read_yaml
from brain.core.errors import ConfigError, UsageError
from brain.runtime.pool import cores
from brain.sim.clips import ClipWish, Progress, clip_path, keep_clips
from brain.sim.scenes import SCENES, scene
from brain.sim.spec import SceneSpec
from brain.sim.truth import truth

KEYS = ("seed", "light", "weather", "seconds", "size", "fps")
EXAMPLE = "sim:parked_car?seed=7&light=night"
TELL_EVERY_S = 5.0


def read_source(source: str) -> SceneSpec:
    """The clip that a source asks for; what it leaves out is as in ``brain sim render``.

    Raises:
        UsageError: an unknown scene or key, or a value that is none.
    """
    name, _, query = source.removeprefix("sim:").partition("?")
    if name not in SCENES:
        near = get_close_matches(name, SCENES, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise UsageError(f"no scene {name!r}", remedy=f"{hint}take one of: {', '.join(SCENES)}")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError:
        raise UsageError("what stands after ? is not key=value&key=value", remedy=f"e.g. {EXAMPLE}") from None
    asked: dict[str, Any] = {}
    for key, text in pairs:
        if key not in KEYS:
            near = get_close_matches(key, KEYS, n=1)
            remedy = f"did you mean {near[0]}?" if near else f"take of: {', '.join(KEYS)}"
            raise UsageError(f"unknown key {key!r}", remedy=remedy)
        asked |= _value(key, text)
    return scene(name, **asked)


def _value(key: str, text: str) -> dict[str, Any]:
    kinds: dict[str, Callable[[str], Any]] = {"seed": int, "seconds": float, "fps": float}
    try:
        if key == "size":
            width, _, height = text.lower().partition("x")
            return {"width": int(width), "height": int(height)}
        return {key: kinds.get(key, str)(text)}
    except ValueError:
        raise UsageError(f"{key} is {text!r}", remedy="e.g. seed=7, seconds=60, fps=12, size=640x360") from None


def read_settings(path: Path) -> BrainSettings:
    """A settings file whose drawn scenes are known and have zones; nothing is drawn.

    Raises:
        ConfigError: as ``load_settings``, and for each drawn scene that is none, with file and line.
    """
    settings = load_settings(path)
    cameras, mistakes = [], []
    for index, camera in enumerate(settings.cameras):
        try:
            cameras.append(_with_zones(camera) if _is_drawn(camera) else camera)
        except UsageError as error:
            line = line_of(read_yaml(path), ["cameras", index, "source"])
            mistakes.append((f"{path}:{line}", f"cameras.{index}.source: {error.what}; {error.remedy}"))
    if mistakes:
        text = mistakes[0][1] + "".join(f"\n{at}: {sentence}" for at, sentence in mistakes[1:])
        raise ConfigError(
            text, where=mistakes[0][0], remedy=f"write it like {EXAMPLE}; `brain sim list` has all scenes"
        )
    return settings.model_copy(update={"cameras": tuple(cameras)})


def drawn_settings(path: Path) -> BrainSettings:
    """The same with each drawn scene replaced by its clip from the cache; what is lacking is drawn now.

    Raises:
        ConfigError: see ``read_settings``.
        UsageError: the cache cannot be written.
    """
    settings = read_settings(path)
    specs = {camera.id: read_source(camera.source) for camera in settings.cameras if _is_drawn(camera)}
    if not specs:
        return settings
    wishes = [ClipWish(spec) for spec in specs.values()]
    lacking = sum(not clip_path(wish).exists() for wish in wishes)
    if lacking:
        logger().info("drawing clips", clips=lacking)
    files = dict(zip(specs, keep_clips(wishes, cores(), _telling()), strict=True))
    cameras = [
        camera.model_copy(update={"source": str(files[camera.id]), "loop": True}) if camera.id in files else camera
        for camera in settings.cameras
    ]
    return settings.model_copy(update={"cameras": tuple(cameras)})


def _is_drawn(camera: CameraSettings) -> bool:
    return source_scheme(camera.source) == "sim"


def _with_zones(camera: CameraSettings) -> CameraSettings:
    spec = read_source(camera.source)
    if camera.zones:
        return camera
    zones = tuple(
        ZoneSettings(name=zone.name, kind=zone.kind, polygon=zone.polygon, square_metres=zone.square_metres)
        for zone in truth(spec).zones
    )
    return camera.model_copy(update={"zones": zones})


def _telling() -> Progress:
    """Tells the log every few seconds how far the drawing has come."""
    told_s = time.monotonic()

    def tell(done: float, total: int) -> None:
        nonlocal told_s
        if time.monotonic() - told_s >= TELL_EVERY_S:
            told_s = time.monotonic()
            logger().info("drawing clips", pictures=round(done), of=total)

    return tell
