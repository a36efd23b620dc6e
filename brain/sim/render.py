"""Pictures of a scene: the still stage in its light, what moves in it, the sensor; with exact truth when asked."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from brain.core.types import Picture
from brain.sim.bodies_layer import BodiesLayer
from brain.sim.camera import Projector
from brain.sim.canvas import Canvas
from brain.sim.cast import Cast
from brain.sim.climate import Illumination
from brain.sim.entity import Painted, Placed
from brain.sim.instances import Seen, instances
from brain.sim.rain import Rain
from brain.sim.sensor import Sensor
from brain.sim.spec import SceneSpec
from brain.sim.stages.backdrop import backdrop
from brain.sim.still import StillLight
from brain.sim.world import world


class Scene:
    """A spec made ready to be drawn; any picture can be asked for, in any order.

    Args:
        spec: what to draw.

    Attributes:
        cast: everything that is in it.
    """

    def __init__(self, spec: SceneSpec) -> None:
        self.spec = spec
        self.cast: Cast = world(spec)
        plan, climate = self.cast.plan, self.cast.climate
        self._projector = Projector(plan.camera)
        self._still = backdrop(plan, spec.seed)
        self._stage = StillLight(spec, plan, self._still, climate)
        self._light = Illumination(climate, plan)
        self._bodies = BodiesLayer(plan, self._still)
        self._sensor = Sensor(spec, climate, plan.camera.margin, plan.name.replace("_", " ").upper())
        self._sensor.effects = tuple(self.cast.effects)
        self._rain = Rain(spec, climate.rain, float(np.mean(climate.sky))) if climate.rain else None

    def picture(self, index: int) -> Picture:
        """Picture ``index`` (0 … ``spec.pictures - 1``): height × width × 3 uint8 BGR; the caller owns it."""
        return self._drawn(index, truth=False)[0]

    def look(self, index: int) -> Seen:
        """The same picture with its truth: the number of the instance at each pixel, and every instance that shows."""
        picture, canvas, parts = self._drawn(index, truth=True)
        assert canvas.ids is not None
        numbers = self._sensor.framed_numbers(canvas.ids, canvas.time_s)
        offset = self._sensor.offset(canvas.time_s)
        return Seen(picture, numbers, instances(self.cast, parts, numbers, canvas.own, self._projector, offset))

    def __iter__(self) -> Iterator[Picture]:
        return (self.picture(index) for index in range(self.spec.pictures))

    def _drawn(self, index: int, *, truth: bool) -> tuple[Picture, Canvas, list[tuple[int, Placed | Painted]]]:
        time_s = self.spec.time_s(index)
        clean, sunlit = self._stage.at(time_s)
        canvas = Canvas(
            image=clean.copy(),
            clean=clean,
            sunlit=sunlit,
            ids=np.zeros(sunlit.shape, np.uint16) if truth else None,
            own={},
            still=self._still,
            projector=self._projector,
            climate=self.cast.climate,
            light=self._light,
            mirrored=self._stage.mirrored,
            time_s=time_s,
        )
        parts = [(first + part.part, part) for first, entity in self.cast.present(time_s) for part in entity.at(time_s)]
        self._bodies.paint(canvas, parts)
        if self._rain is not None:
            self._rain.fall(canvas.image, index)
        return self._sensor.picture(canvas.image, index, time_s), canvas, parts


def render(spec: SceneSpec) -> Iterator[Picture]:
    """All pictures of a scene in order (height × width × 3 uint8 BGR), each drawn when asked for."""
    return iter(Scene(spec))


def measure_speed(spec: SceneSpec | None = None, pictures: int = 120) -> float:
    """Pictures that one core draws in a second, without encoding and without the once-only painting of the stage.

    Counted in seconds of processor time, so that what else runs on the machine does not weigh.

    Args:
        spec: what to draw; 640×360 with a thing, walkers and cars when not given.
        pictures: how many to draw, one after the other from the middle of the clip.
    """
    spec = spec or SceneSpec(seed=1, seconds=40, put_down_s=8, taken_s=24)
    scene = Scene(spec)
    scene.picture(0)
    began = time.process_time()
    for index in range(pictures):
        scene.picture((spec.pictures // 3 + index) % spec.pictures)
    return pictures / (time.process_time() - began)
