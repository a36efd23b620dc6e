"""Scenes by name. A new scene is one entry of ``KINDS`` in a file here, and that file's line in ``_FILES``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from difflib import get_close_matches
from types import MappingProxyType

from brain.core.errors import UsageError
from brain.sim.draw import stream
from brain.sim.scenes import (
    busy_places,
    closed_areas,
    cycle_parking,
    cycle_piles,
    fire,
    fire_lane,
    fire_likes,
    fires,
    flood,
    garbage,
    garbage_likes,
    gathering,
    gathering_likes,
    intrusion,
    kerb_cases,
    kerb_stops,
    left_cases,
    lens_troubles,
    parking,
    places,
    plumes,
    rivers,
    road_cases,
    road_damage,
    shop_fronts,
    shop_likes,
    site_cases,
    sites,
    street_life,
    vendor_cases,
    vendors,
    waste_cases,
    water_safety,
    wet_roads,
)
from brain.sim.scenes.kinds import SceneKind
from brain.sim.spec import SceneSpec

_FILES = (
    street_life,
    parking,
    gathering,
    fire,
    flood,
    garbage,
    places,
    road_damage,
    cycle_parking,
    vendors,
    shop_fronts,
    intrusion,
    kerb_stops,
    garbage_likes,
    gathering_likes,
    fires,
    fire_likes,
    wet_roads,
    rivers,
    water_safety,
    sites,
    lens_troubles,
    kerb_cases,
    cycle_piles,
    vendor_cases,
    shop_likes,
    waste_cases,
    site_cases,
    road_cases,
    plumes,
    fire_lane,
    busy_places,
    closed_areas,
    left_cases,
)
SCENES: Mapping[str, SceneKind] = MappingProxyType({kind.name: kind for file in _FILES for kind in file.KINDS})
"""Every named scene."""
SECONDS = 40.0
PUT_DOWN_S = 8.0
TAKEN_S = 24.0
STEP = 0.4
"""How far the confusers' light steps go: gains of 1 − STEP and 1 + STEP."""


def left_object(seed: int = 1, *, seconds: float = SECONDS, fps: float = 12.0) -> SceneSpec:
    """A thing is put down at a fifth of the clip and taken away at three fifths (40 s: at 8 s and at 24 s)."""
    return scene("left_object", seed, seconds=seconds, fps=fps)


def quiet(seed: int = 1, *, seconds: float = SECONDS, fps: float = 12.0) -> SceneSpec:
    """An ordinary street: walkers and cars pass, nothing is left behind."""
    return scene("quiet", seed, seconds=seconds, fps=fps)


def left_object_confusers(seed: int = 1, *, seconds: float = 60.0, fps: float = 12.0) -> SceneSpec:
    """Nothing is left, but all that fools a change detector happens.

    The light jumps to 0.6 and 1.4 times its level and back, clouds pass, tree shade sways, the shadow edge of the
    houses drifts over the pavement, the camera shakes by up to 3 pixels, cars and walkers pass.
    """
    return scene("left_object_confusers", seed, seconds=seconds, fps=fps)


def kind_of(name: str) -> SceneKind:
    """The scene of a name.

    Raises:
        UsageError: there is none.
    """
    kind = SCENES.get(name)
    if kind is None:
        near = get_close_matches(name, SCENES, n=3)
        hint = f"did you mean {' or '.join(near)}? " if near else "take e.g. parked_car; "
        raise UsageError(f"no scene {name!r}", where="scene", remedy=f"{hint}`brain sim list` has all {len(SCENES)}")
    return kind


def scene(
    name: str,
    seed: int = 1,
    *,
    seconds: float | None = None,
    fps: float = 12.0,
    width: int = 640,
    height: int = 360,
    light: str = "day",
    weather: str = "dry",
    start_time: datetime | None = None,
) -> SceneSpec:
    """The spec of a named scene.

    Args:
        seconds: length; ``None`` = the scene's own.

    Raises:
        UsageError: there is no scene of that name, or a value is out of range.
    """
    kind = kind_of(name)
    seconds = kind.seconds if seconds is None else seconds
    leaves = name == "left_object"
    confuses = name == "left_object_confusers"
    spec = SceneSpec(
        seed=seed,
        seconds=seconds,
        width=width,
        height=height,
        fps=fps,
        put_down_s=seconds * PUT_DOWN_S / SECONDS if leaves else None,
        taken_s=seconds * TAKEN_S / SECONDS if leaves else None,
        shadow_moves=kind.shadow_moves,
        shake_px=kind.shake_px,
        walkers=int(stream(seed, "count").integers(3, 7)) if confuses else kind.walkers,
        start_time=start_time,
        scene=name,
        light=light,
        weather=weather,
    )
    return spec if not confuses else _with_steps(spec)


def _with_steps(spec: SceneSpec) -> SceneSpec:
    """The same with jumps of light over its length."""
    from dataclasses import replace

    rng = stream(spec.seed, "confusers")
    gains = [1 - STEP, 1.0, 1 + STEP, 1.0] if rng.integers(2) else [1 + STEP, 1.0, 1 - STEP, 1.0]
    steps = []
    at_s = spec.seconds * rng.uniform(0.12, 0.22)
    for gain in gains:
        if at_s < spec.seconds:
            steps.append((round(float(at_s), 2), gain))
        at_s += spec.seconds * rng.uniform(0.16, 0.24)
    return replace(spec, light_steps=tuple(steps))
