"""Light and weather of a scene as figures: what falls from sun, sky and lamps, how far one sees, what the sensor adds.

A new light is one entry in ``SKIES``; a new weather one function in ``WEATHERS``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from brain.sim.camera import Floats, Floats32
from brain.sim.draw import stream
from brain.sim.paint.shading import Shade
from brain.sim.spec import SceneSpec
from brain.sim.stages.plan import Lamp, Plan

Bgr = tuple[float, float, float]
LAMP_REACH = 46.0
"""Brightness · m² that a lamp of strength 1 throws straight down."""
LAMP_CUT = 1.4
"""How quickly a lamp's light falls off aside: exponent of the cosine from straight down."""
IR_HALF_M = 13.0
"""Depth at which the camera's own lamp has lost half its light (exposure counted in)."""


@dataclass(frozen=True, slots=True)
class Climate:
    """Light and weather.

    Attributes:
        sun: direct light, 0 = no cast shadows.
        sky, ground: light from above and from below, BGR, 1 = white comes out white.
        mirror: colour of the sky in glossy surfaces, BGR 0–255.
        dome: what the drawn sky is multiplied with, BGR.
        air: colour of the haze; ``haze_m``: depth at which it hides all but 1/e.
        lamps: strength of street lamps and lit windows, 0 = off; vehicles drive with lamps on when above 0.
        wet: how far the ground mirrors, 0 … 1.
        rain: streaks in the air, 0 … 1.
        infrared: the camera's own lamp lights the scene and the picture is grey.
        noise: deviation of the sensor's noise.
    """

    sun: float
    sky: Bgr
    ground: Bgr
    mirror: Bgr
    dome: Bgr
    air: Bgr
    haze_m: float = 190.0
    lamps: float = 0.0
    wet: float = 0.0
    rain: float = 0.0
    infrared: bool = False
    noise: float = 2.1

    def haze(self, depth: float) -> float:
        """Share of the air's colour at a depth in metres."""
        return 1.0 - math.exp(-depth / self.haze_m)


SKIES: Mapping[str, Climate] = MappingProxyType(
    {
        "day": Climate(0.58, (0.56, 0.53, 0.5), (0.33, 0.33, 0.33), (248, 236, 224), (1, 1, 1), (196, 190, 184)),
        "overcast": Climate(0.0, (0.84, 0.83, 0.82), (0.4,) * 3, (228, 226, 222), (0.93, 0.95, 0.97), (190, 188, 184)),
        "dusk": Climate(
            0.0, (0.42, 0.35, 0.31), (0.18, 0.17, 0.16), (150, 118, 104), (0.62, 0.5, 0.46), (112, 92, 84), lamps=0.75,
            noise=3.0,
        ),
        "night": Climate(
            0.0, (0.165, 0.145, 0.132), (0.075,) * 3, (26, 20, 18), (0.13, 0.1, 0.085), (30, 26, 24), lamps=1.0,
            noise=3.6,
        ),
        "ir": Climate(
            0.0, (0.06,) * 3, (0.03,) * 3, (14, 14, 14), (0.06,) * 3, (22, 22, 22), lamps=0.3, infrared=True, noise=3.4
        ),
    }
)  # fmt: skip


def dry(climate: Climate, rng: np.random.Generator) -> Climate:
    """Clear air; how clear differs from day to day."""
    return replace(climate, haze_m=climate.haze_m * rng.uniform(0.8, 1.3))


def rain(climate: Climate, rng: np.random.Generator) -> Climate:
    """Grey light without shadows, a wet ground, streaks."""
    if climate.sun:
        climate = replace(SKIES["overcast"], sky=(0.66, 0.65, 0.64), dome=(0.8, 0.81, 0.82), air=(172, 170, 166))
    return replace(climate, haze_m=rng.uniform(75, 120), wet=1.0, rain=rng.uniform(0.5, 1.0), noise=climate.noise + 0.6)


def fog(climate: Climate, rng: np.random.Generator) -> Climate:
    """One sees 60–120 m (four times ``haze_m`` is the end of sight)."""
    if climate.sun:
        climate = replace(SKIES["overcast"], air=(206, 204, 202), mirror=(206, 204, 202))
    elif not climate.infrared:
        climate = replace(climate, air=(climate.air[0] * 2.1, climate.air[1] * 2.2, climate.air[2] * 2.3))
    return replace(climate, haze_m=rng.uniform(18, 34), wet=0.15)


WEATHERS: Mapping[str, Callable[[Climate, np.random.Generator], Climate]] = MappingProxyType(
    {"dry": dry, "rain": rain, "fog": fog}
)


def climate_of(spec: SceneSpec) -> Climate:
    """The light and weather that a spec asks for."""
    return WEATHERS[spec.weather](SKIES[spec.light], stream(spec.seed, "weather"))


def lamp_light(lamps: tuple[Lamp, ...], points: Floats, normals: Floats | None) -> tuple[Floats, Floats]:
    """Light (N×3, BGR) of all lamps on points (N×3), and the summed direction it comes from (N×3).

    Args:
        normals: N×3 of the surfaces; ``None`` = as on a small ball.
    """
    total, towards = np.zeros(points.shape), np.zeros(points.shape)
    for lamp in lamps:
        to_lamp = np.array([lamp.x, lamp.y, lamp.z]) - points
        square = np.maximum(0.6, np.einsum("ij,ij->i", to_lamp, to_lamp))
        way = to_lamp / np.sqrt(square)[:, None]
        down = np.clip(way[:, 1], 0.0, 1.0) ** LAMP_CUT
        onto = 0.6 if normals is None else np.clip(np.einsum("ij,ij->i", normals, way), 0.0, 1.0)
        bright = lamp.strength * LAMP_REACH * down * onto / square
        total += bright[:, None] * np.array(lamp.colour)
        towards += bright[:, None] * way
    return total, towards


Lamps = tuple[Floats, Floats, Floats]
"""Places (N×3), strengths (N) and colours (N×3) of lamps."""


def _on_one(lamps: Lamps, point: Floats) -> tuple[Floats, Floats]:
    """The same on one small ball (3 and 3), for all lamps at once."""
    heads, strengths, colours = lamps
    to_lamp = heads - point
    square = np.maximum(0.6, np.einsum("ij,ij->i", to_lamp, to_lamp))
    way = to_lamp / np.sqrt(square)[:, None]
    bright = strengths * LAMP_REACH * 0.6 * np.maximum(way[:, 1], 0.0) ** LAMP_CUT / square
    return bright @ colours, bright @ way


def _arrays(lamps: tuple[Lamp, ...]) -> Lamps:
    places = np.array([[lamp.x, lamp.y, lamp.z] for lamp in lamps])
    return places, np.array([lamp.strength for lamp in lamps]), np.array([lamp.colour for lamp in lamps])


class Illumination:
    """The light of one scene at any place."""

    def __init__(self, climate: Climate, plan: Plan) -> None:
        self.climate = climate
        self._plan = plan
        lamps = tuple(replace(lamp, strength=lamp.strength * climate.lamps) for lamp in plan.lamps)
        self._lamps = _arrays(lamps) if lamps and climate.lamps else None
        self._sky, self._ground = np.array(climate.sky), np.array(climate.ground)
        self._mirror, self._air = np.array(climate.mirror), np.array(climate.air)

    def shade(self, foot: Floats, depth: float, sunlit: float) -> Shade:
        """Light on a body that stands on a ground point (3), its middle at a depth; ``sunlit`` 0–1."""
        climate = self.climate
        sky, ground = self._sky, self._ground
        direct, towards = np.full(3, climate.sun * sunlit), self._plan.sun
        if self._lamps is not None:
            found, way = _on_one(self._lamps, foot + np.array([0.0, 1.0, 0.0]))
            strength = math.sqrt(float(way @ way))
            if strength > 1e-6:
                direct, towards = direct + found * 0.9, way / strength
                sky = sky + found * 0.28
                ground = ground + found * 0.22
        if climate.infrared:
            spot = infrared(depth)
            sky, ground = sky + spot, ground + spot * 0.9
        return Shade(
            towards, direct, sky, ground, self._mirror, self._air, climate.haze(depth),
            infrared=climate.infrared,
        )  # fmt: skip


def infrared(depth: float | Floats | Floats32) -> float | Floats:
    """Light of the camera's own lamp at a depth: falls with the square, exposure holds the foreground."""
    bright: Floats = 1.05 / (1.0 + (np.asarray(depth, float) / IR_HALF_M) ** 2)
    return bright


def dark_sky(climate: Climate) -> Climate:
    """Daylight before a storm, so dim that lamps burn; what is dim already stays as it is."""
    if climate.lamps:
        return climate
    return replace(
        SKIES["dusk"], sky=(0.4, 0.38, 0.37), dome=(0.5, 0.5, 0.52), air=(104, 100, 98), haze_m=climate.haze_m,
        rain=climate.rain, wet=climate.wet,
    )  # fmt: skip


def after_rain(climate: Climate, wet: float = 0.9) -> Climate:
    """The ground is wet although no rain falls; a sun is gone behind clouds."""
    if climate.sun:
        climate = replace(SKIES["overcast"], haze_m=climate.haze_m, sky=(0.72, 0.71, 0.7), dome=(0.86, 0.87, 0.88))
    return replace(climate, wet=max(wet, climate.wet))


def sunset(climate: Climate) -> Climate:
    """A low sun ahead: orange light, no cast shadows on what faces the camera; night stays night."""
    if climate.infrared or float(np.mean(climate.sky)) < 0.2:
        return climate
    return replace(
        SKIES["overcast"], sky=(0.42, 0.5, 0.6), ground=(0.17, 0.19, 0.22), dome=(0.6, 0.82, 1.02),
        mirror=(110, 160, 226), air=(128, 160, 198), haze_m=climate.haze_m * 0.9,
    )  # fmt: skip


def lamp_of_camera(climate: Climate) -> Climate:
    """The camera's own infrared lamp lights the scene, whatever light was asked for."""
    if climate.infrared:
        return climate
    return replace(SKIES["ir"], haze_m=climate.haze_m, wet=climate.wet, rain=climate.rain)
