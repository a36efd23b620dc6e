"""A run of different clips: scenes in turn, light and weather drawn, each with a seed of its own."""

from __future__ import annotations

from dataclasses import dataclass

from brain.core.errors import UsageError
from brain.sim.draw import stream
from brain.sim.scenes import SCENES, kind_of, scene
from brain.sim.spec import LIGHTS, WEATHERS, SceneSpec


@dataclass(frozen=True, slots=True)
class Choice:
    """What clips are taken from; empty = all.

    Attributes:
        seed: the clips take it and the numbers after it.
        scenes: names.
        lights, weathers: each is drawn as often as another.
        width, height: pixels.

    Raises:
        UsageError: an unknown name, or a seed or size out of range.
    """

    seed: int
    scenes: tuple[str, ...] = ()
    lights: tuple[str, ...] = ()
    weathers: tuple[str, ...] = ()
    width: int = 640
    height: int = 360

    def __post_init__(self) -> None:
        for name in self.scenes:
            kind_of(name)
        for option, names, known in (("light", self.lights, LIGHTS), ("weather", self.weathers, WEATHERS)):
            for name in names:
                if name not in known:
                    raise UsageError(f"{option} is {name!r}", remedy=f"take of: {', '.join(known)}, or all")
        scene("quiet", self.seed, width=self.width, height=self.height)  # its check speaks of seed and size

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all scenes to take from."""
        return self.scenes or tuple(SCENES)

    def spec(self, number: int, *, seconds: float | None = None, fps: float = 12.0) -> SceneSpec:
        """The clip of a number from 0: every scene once, then again in another order."""
        turn, place = divmod(number, len(self.names))
        order = stream(self.seed + turn, "order of scenes").permutation(len(self.names))
        seed = self.seed + number
        rng = stream(seed, "light and weather")
        return scene(
            self.names[int(order[place])],
            seed,
            seconds=seconds,
            fps=fps,
            width=self.width,
            height=self.height,
            light=str(rng.choice(self.lights or LIGHTS)),
            weather=str(rng.choice(self.weathers or WEATHERS)),
        )
