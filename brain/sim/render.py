"""Pictures of a scene: the still street in its light, shadows, bodies from far to near, lens, sensor, clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from brain.core.types import Picture
from brain.sim.camera import Projector
from brain.sim.draw import Cut, Rect, darken, put_over, stream
from brain.sim.figures import Look, draw_figure, figure_rect, figure_shadow, skeleton
from brain.sim.layout import Cuboid, layout
from brain.sim.light import AMBIENT, Clock, Noise, Shade, gain_table, lit
from brain.sim.spec import SceneSpec
from brain.sim.street import backdrop, haze
from brain.sim.things import draw_thing, thing_rect, thing_shadow
from brain.sim.timeline import Car, Pose, timeline
from brain.sim.vehicles import CarModel, car_rect, car_shadow, draw_car

SHADOW = 1.0 - AMBIENT
LENS_SIGMA = 0.55


@dataclass(frozen=True, slots=True, eq=False)
class _Actor:
    """A moving body, ready to be drawn: depth, box with its shadow, its shadow's mask, and how to draw it."""

    depth: float
    rect: Rect
    shadow: tuple[Rect, Picture] | None
    draw: Callable[[Picture, float], None]


class Scene:
    """A spec made ready to be drawn; any picture can be asked for, in any order.

    Args:
        spec: what to draw.
    """

    def __init__(self, spec: SceneSpec) -> None:
        self.spec = spec
        self._street = layout(spec)
        self._projector = Projector(self._street.camera)
        self._still = backdrop(self._street, spec.seed)
        self._timeline = timeline(spec, self._street)
        self._shade = Shade(spec, self._street, self._still)
        self._noise = Noise(spec)
        self._clock = Clock(spec)
        self._unmoved: tuple[Picture, Picture] | None = None
        self._looks: dict[int, Look] = {}
        self._models: dict[int, CarModel] = {}
        rng = stream(spec.seed, "shake")
        self._shake = rng.uniform(0.4, 3.0, (2, 2)), rng.uniform(0, 2 * np.pi, (2, 2))

    def picture(self, index: int) -> Picture:
        """Picture ``index`` (0 … ``spec.pictures - 1``): height × width × 3 uint8 BGR; the caller owns it."""
        time_s = self.spec.time_s(index)
        clean, sunlit = self._light(time_s)
        canvas = clean.copy()
        self._draw_actors(canvas, clean, sunlit, self._actors(time_s))
        image = self._through_lens(canvas, time_s)
        gain = self._gain(time_s)
        if gain != 1.0:
            image = cv2.LUT(image, gain_table(gain)).astype(np.uint8, copy=False)
        image = self._noise.add(image, index)
        self._clock.write(image, time_s)
        return image

    def __iter__(self) -> Iterator[Picture]:
        return (self.picture(index) for index in range(self.spec.pictures))

    def _light(self, time_s: float) -> tuple[Picture, Picture]:
        """The street without moving bodies, and where the sun reaches."""
        if self._unmoved is None or self._shade.moves:
            sunlit = self._shade.sunlit(time_s)
            self._unmoved = lit(self._still.image, sunlit), sunlit
        return self._unmoved

    def _gain(self, time_s: float) -> float:
        gain = 1.0
        for step_s, value in self.spec.light_steps:
            if time_s >= step_s - 1e-9:
                gain = value
        return gain

    def _through_lens(self, canvas: Picture, time_s: float) -> Picture:
        """Shake and blur; also cuts the margins away."""
        size = (self.spec.width, self.spec.height)
        if self.spec.shake_px > 0:
            speeds, phases = self._shake
            waves = np.sin(2 * np.pi * speeds * time_s + phases)
            move = self.spec.shake_px * (0.6 * waves[0] + 0.4 * waves[1]) + self._street.camera.margin
            matrix = np.array([[1.0, 0.0, move[0]], [0.0, 1.0, move[1]]])
            canvas = cv2.warpAffine(canvas, matrix, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)  # type: ignore[assignment]
        sigma = LENS_SIGMA * max(1.0, self.spec.width / 640) ** 0.5
        return cv2.GaussianBlur(canvas, (0, 0), sigma).astype(np.uint8, copy=False)

    def _actors(self, time_s: float) -> list[_Actor]:
        moving = self._timeline
        actors: list[_Actor | None] = []
        for car in moving.cars:
            x = car.x(time_s)
            if x is not None:
                actors.append(self._car(car, x))
        actors += [self._walker(passer.seed, passer.pose(time_s)) for passer in moving.passers]
        actors += [self._walker(handler.seed, handler.pose(time_s)) for handler in moving.handlers]
        thing = moving.thing_at(time_s)
        if thing is not None:
            actors.append(self._thing(*thing))
        return [actor for actor in actors if actor is not None]

    def _car(self, car: Car, x: float) -> _Actor | None:
        model = self._models.get(car.seed)
        if model is None:
            model = self._models[car.seed] = CarModel.of(car.seed, car.direction)
        middle = np.array([x, 0.0, car.z])
        place = car_rect(self._projector, model, middle)
        if place is None:
            return None
        rect, depth = place

        def draw(image: Picture, light: float) -> None:
            draw_car(image, self._projector, model, middle, sun=self._street.sun, light=light, haze=haze(depth))

        return _Actor(depth, rect, car_shadow(self._projector, model, middle, self._street.shadow_step), draw)

    def _walker(self, seed: int, pose: Pose) -> _Actor | None:
        look = self._looks.get(seed)
        if look is None:
            look = self._looks[seed] = Look.of(seed)
        joints = skeleton(pose, look)
        place = figure_rect(self._projector, joints)
        if place is None:
            return None
        rect, depth = place

        def draw(image: Picture, light: float) -> None:
            draw_figure(image, self._projector, joints, look, light=light, haze=haze(depth))

        return _Actor(depth, rect, figure_shadow(self._projector, joints, self._street.shadow_step), draw)

    def _thing(self, thing: Cuboid, lift: float) -> _Actor | None:
        place = thing_rect(self._projector, thing, lift)
        if place is None:
            return None
        rect, depth = place

        def draw(image: Picture, light: float) -> None:
            draw_thing(image, self._projector, thing, lift, seed=self.spec.seed, sun=self._street.sun, light=light)

        return _Actor(depth, rect, thing_shadow(self._projector, thing, lift, self._street.shadow_step), draw)

    def _draw_actors(self, canvas: Picture, clean: Picture, sunlit: Picture, actors: list[_Actor]) -> None:
        for actor in actors:
            if actor.shadow is not None:
                darken(canvas, actor.shadow[0], actor.shadow[1], sunlit, SHADOW)
        order: list[_Actor | Cut] = [*actors, *self._still.cuts]
        order.sort(key=lambda item: -item.depth)
        drawn: list[Rect] = [actor.shadow[0] for actor in actors if actor.shadow is not None]
        for item in order:
            if isinstance(item, Cut):
                for rect in drawn:
                    put_over(canvas, clean, item, rect)
                continue
            x = min(max(0, (item.rect[0] + item.rect[2]) // 2), canvas.shape[1] - 1)
            y = min(item.rect[3], canvas.shape[0]) - 1
            item.draw(canvas, AMBIENT + (1 - AMBIENT) * float(sunlit[y, x]) / 255)
            drawn.append(item.rect)


def render(spec: SceneSpec) -> Iterator[Picture]:
    """All pictures of a scene in order (height × width × 3 uint8 BGR), each drawn when asked for."""
    return iter(Scene(spec))


def measure_speed(spec: SceneSpec | None = None, pictures: int = 120) -> float:
    """Pictures per second of drawing alone, without encoding and without the once-only painting of the street.

    Args:
        spec: what to draw; 640×360 with a thing, walkers and cars when not given.
        pictures: how many to draw.
    """
    spec = spec or SceneSpec(seed=1, seconds=40, put_down_s=8, taken_s=24)
    scene = Scene(spec)
    scene.picture(0)
    began = time.perf_counter()
    for index in range(pictures):
        scene.picture(index * spec.pictures // pictures)
    return pictures / (time.perf_counter() - began)
