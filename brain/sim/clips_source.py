"""Drawn scenes as sources of video: ``sim:SCENE?seed=7&light=night``, in settings files and on command lines.

The clip is drawn once into the cache and then read like a file, so that nothing else knows of drawing. Where no zones
are given those of the scene count.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
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
from brain.sim.scenes import kind_of, scene
from brain.sim.spec import SceneSpec
from brain.sim.truth import truth

MOMENTS = {"put_down": "put_down_s", "taken": "taken_s"}
"""Keys of scenes in which a thing is put down → attribute of the spec, in seconds."""
KEYS = ("seed", "light", "weather", "seconds", "size", "fps", *MOMENTS)
EXAMPLE = "sim:left_object?seed=7&light=night"
TELL_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class DrawnClip:
    """A source's clip in the cache: what was asked for, and where it lies."""

    spec: SceneSpec
    path: Path


def camera_name(spec: SceneSpec) -> str:
    """A name for the camera that shows a clip."""
    return f"{spec.scene}-{spec.seed}".replace("_", "-")


def is_drawn(source: str) -> bool:
    """Whether a source is a drawn scene."""
    return source_scheme(source) == "sim"


def planned_clip(source: str) -> DrawnClip:
    """The clip of a source, and where it will lie once it is drawn.

    Raises:
        UsageError: as ``read_source``.
    """
    spec = read_source(source)
    return DrawnClip(spec, clip_path(ClipWish(spec)))


def drawn_clips(sources: Sequence[str], progress: Progress | None = None) -> tuple[DrawnClip, ...]:
    """The clips of sources, in order; what the cache lacks is drawn now, by all cores.

    Raises:
        UsageError: a source that is none, or a cache that cannot be written.
    """
    specs = [read_source(source) for source in sources]
    paths = keep_clips([ClipWish(spec) for spec in specs], cores(), progress)
    return tuple(map(DrawnClip, specs, paths))


def read_source(source: str) -> SceneSpec:
    """The clip that a source asks for; what it leaves out is as in ``brain sim render``.

    Raises:
        UsageError: an unknown scene or key, a key that stands twice, or a value that is none; ``where`` is the source.
    """
    try:
        return _read(source)
    except UsageError as error:
        raise UsageError(error.what, where=source, remedy=error.remedy) from None


def _read(source: str) -> SceneSpec:
    name, _, query = source.removeprefix("sim:").partition("?")
    kind_of(name)
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError:
        raise UsageError("what stands after ? is not key=value&key=value", remedy=f"e.g. {EXAMPLE}") from None
    asked: dict[str, Any] = {}
    given: dict[str, str] = {}
    for key, text in pairs:
        if key not in KEYS:
            near = get_close_matches(key, KEYS, n=1)
            remedy = f"did you mean {near[0]}?" if near else f"take of: {', '.join(KEYS)}"
            raise UsageError(f"unknown key {key!r}", remedy=remedy)
        if key in given:
            raise UsageError(f"{key} stands twice: {given[key]!r} and {text!r}", remedy="leave one of them away")
        given[key] = text
        asked |= _value(key, text)
    moments = {key: asked.pop(key) for key in MOMENTS.values() if key in asked}
    spec = scene(name, **asked)
    if moments and spec.put_down_s is None:
        what = f"in {name} nothing is put down"
        raise UsageError(what, remedy=f"leave {' and '.join(MOMENTS)} away, or take left_object")
    return replace(spec, **moments)


def _value(key: str, text: str) -> dict[str, Any]:
    kinds: dict[str, Callable[[str], Any]] = {"seed": int, "light": str, "weather": str}
    try:
        if key == "size":
            width, _, height = text.lower().partition("x")
            return {"width": int(width), "height": int(height)}
        return {MOMENTS.get(key, key): kinds.get(key, float)(text)}
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
            cameras.append(_with_zones(camera) if is_drawn(camera.source) else camera)
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
    sources = {camera.id: camera.source for camera in settings.cameras if is_drawn(camera.source)}
    if not sources:
        return settings
    lacking = sum(not clip_path(ClipWish(read_source(source))).exists() for source in sources.values())
    if lacking:
        logger().info("drawing clips", clips=lacking)
    clips = dict(zip(sources, drawn_clips(list(sources.values()), _telling()), strict=True))
    cameras = [
        camera.model_copy(update={"source": str(clips[camera.id].path), "loop": True}) if camera.id in clips else camera
        for camera in settings.cameras
    ]
    return settings.model_copy(update={"cameras": tuple(cameras)})


def _with_zones(camera: CameraSettings) -> CameraSettings:
    spec = read_source(camera.source)
    return camera if camera.zones else camera.model_copy(update={"zones": scene_zones(spec)})


def scene_zones(spec: SceneSpec) -> tuple[ZoneSettings, ...]:
    """The zones of a scene, as a settings file has them."""
    return tuple(map(ZoneSettings.of, truth(spec).zones))


def _telling() -> Progress:
    """Tells the log every few seconds how far the drawing has come."""
    told_s = time.monotonic()

    def tell(done: float, total: int) -> None:
        nonlocal told_s
        if time.monotonic() - told_s >= TELL_EVERY_S:
            told_s = time.monotonic()
            logger().info("drawing clips", pictures=round(done), of=total)

    return tell
