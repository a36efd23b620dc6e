"""Scenes by name, and families of scenes by seed."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

from brain.core.errors import UsageError
from brain.sim.draw import stream
from brain.sim.spec import SceneSpec

SECONDS = 40.0
PUT_DOWN_S = 8.0
TAKEN_S = 24.0
STEP = 0.4
"""How far the confusers' light steps go: gains of 1 − STEP and 1 + STEP."""


def left_object(seed: int = 1, *, seconds: float = SECONDS, fps: float = 12.0) -> SceneSpec:
    """A thing is put down at a fifth of the clip and taken away at three fifths (40 s: at 8 s and at 24 s)."""
    return SceneSpec(
        seed=seed,
        seconds=seconds,
        fps=fps,
        put_down_s=seconds * PUT_DOWN_S / SECONDS,
        taken_s=seconds * TAKEN_S / SECONDS,
    )


def quiet(seed: int = 1, *, seconds: float = SECONDS, fps: float = 12.0) -> SceneSpec:
    """An ordinary street: walkers and cars pass, nothing is left behind."""
    return SceneSpec(seed=seed, seconds=seconds, fps=fps)


def left_object_confusers(seed: int = 1, *, seconds: float = 60.0, fps: float = 12.0) -> SceneSpec:
    """Nothing is left, but all that fools a change detector happens.

    The light jumps to 0.6 and 1.4 times its level and back, clouds pass, tree shade sways, the shadow edge of the
    houses drifts over the pavement, the camera shakes by up to 3 pixels, cars and walkers pass.
    """
    rng = stream(seed, "confusers")
    gains = [1 - STEP, 1.0, 1 + STEP, 1.0] if rng.integers(2) else [1 + STEP, 1.0, 1 - STEP, 1.0]
    steps = []
    at_s = seconds * rng.uniform(0.12, 0.22)
    for gain in gains:
        if at_s < seconds:
            steps.append((round(float(at_s), 2), gain))
        at_s += seconds * rng.uniform(0.16, 0.24)
    return SceneSpec(
        seed=seed,
        seconds=seconds,
        fps=fps,
        light_steps=tuple(steps),
        shadow_moves=True,
        shake_px=3.0,
        walkers=int(rng.integers(3, 7)),
    )


SCENES = MappingProxyType[str, Callable[..., SceneSpec]](
    {"left_object": left_object, "quiet": quiet, "left_object_confusers": left_object_confusers}
)
"""Every named scene; each takes ``seed``, ``seconds`` and ``fps``."""


def scene(name: str, seed: int = 1, *, seconds: float | None = None, fps: float = 12.0) -> SceneSpec:
    """The named scene.

    Args:
        seconds: length; ``None`` = the scene's own.

    Raises:
        UsageError: there is no scene of that name.
    """
    maker = SCENES.get(name)
    if maker is None:
        raise UsageError(f"no scene {name!r}", where="scene", remedy=f"take one of: {', '.join(SCENES)}")
    return maker(seed, fps=fps) if seconds is None else maker(seed, seconds=seconds, fps=fps)
