"""The light that falls on a body at one place, and what a camera sees of its surfaces.

Diffuse light from one direction, from the sky and back from the ground; glossy surfaces mirror sky, fronts or ground
by Schlick's approximation of Fresnel's law (Computer Graphics Forum 13, 1994).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from brain.sim.camera import Floats
from brain.sim.draw import Colour, mixed

IR_GREY: Colour = (196.0, 196.0, 196.0)
IR_CLOTH = 0.15
"""How far cloth comes out light grey in infrared light: dyes hardly take it up."""
FRONTS = 0.55
"""Brightness of what stands along a street, as a share of the sky's."""


@dataclass(frozen=True, slots=True, eq=False)
class Shade:
    """Light at one place; colours BGR, 1 = a white surface comes out white (255).

    Attributes:
        towards: unit vector towards the strongest lamp or the sun.
        direct, sky, ground: light from there, from above and from below (3 each).
        mirror: colour (0–255) of the sky that glossy surfaces mirror.
        air, haze: colour of the air and its share (0–1).
        infrared: whether the camera's own lamp lights it; dyed cloth and skin throw its light back.
        plain: ``direct``, ``sky``, ``ground`` and ``air`` as lists.
    """

    towards: Floats
    direct: Floats
    sky: Floats
    ground: Floats
    mirror: Floats
    air: Floats
    haze: float
    infrared: bool = False
    plain: tuple[list[float], ...] = field(init=False)

    def __post_init__(self) -> None:
        lights = tuple(light.tolist() for light in (self.direct, self.sky, self.ground, self.air))
        object.__setattr__(self, "plain", lights)

    @property
    def aimed(self) -> float:
        """Share (0–1) of the light that comes from one direction."""
        direct, sky, ground = (sum(light) for light in self.plain[:3])
        around = sky + ground
        return direct / max(1e-6, direct + around)

    @property
    def overhead(self) -> float:
        """How much more light (0–1) comes from above than from below, apart from ``direct``."""
        _, sky, ground = (sum(light) for light in self.plain[:3])
        return max(0.0, (sky - ground) / max(1e-6, sky + ground))

    def faces(self, colours: Floats, normals: Floats, to_eye: Floats, gloss: Floats) -> Floats:
        """Colours (F×3, 0–255) of faces with unit normals, seen along unit vectors towards the eye."""
        up = normals[:, 1:2] * 0.5 + 0.5
        sun = np.maximum(normals @ self.towards, 0.0)[:, None]
        light = self.direct * sun + self.sky * up + self.ground * (1.0 - up)
        shown = colours * light
        cosine = np.einsum("ij,ij->i", normals, to_eye)
        mirrored = 2 * cosine[:, None] * normals - to_eye
        rise = mirrored[:, 1]
        fresnel = gloss * (0.06 + 0.94 * (1 - np.clip(cosine, 0, 1)) ** 4)
        open_sky = np.clip(rise * 2.2 - 0.25, 0, 1) * (1 - FRONTS) + FRONTS * np.clip(rise * 6 + 0.6, 0.45, 1)
        shown += fresnel[:, None] * (self.mirror * open_sky[:, None] - shown * 0.6)
        flash = gloss * np.clip(mirrored @ self.towards, 0, 1) ** 50
        shown += flash[:, None] * self.direct * 170.0
        return self.through_air(shown)

    def flat(self, colour: Colour, gain: float = 1.0, up: float = 0.45) -> Colour:
        """A matt colour lit from all around; ``up`` 0–1 tells how far it looks towards the sky."""
        # Plain numbers, and no loop: this is asked for some hundred times a picture.
        (d0, d1, d2), (s0, s1, s2), (g0, g1, g2), (a0, a1, a2) = self.plain
        keep, haze, down = (1 - self.haze), self.haze, 1 - up
        return (
            min(255.0, colour[0] * (d0 * 0.55 + s0 * up + g0 * down) * gain) * keep + a0 * haze,
            min(255.0, colour[1] * (d1 * 0.55 + s1 * up + g1 * down) * gain) * keep + a1 * haze,
            min(255.0, colour[2] * (d2 * 0.55 + s2 * up + g2 * down) * gain) * keep + a2 * haze,
        )

    def cloth(self, colour: Colour, gain: float = 1.0, up: float = 0.45, *, lift: float = IR_CLOTH) -> Colour:
        """Dyed cloth: as ``flat``, but light grey in infrared light whatever its colour (by the share ``lift``)."""
        return self.flat(mixed(colour, IR_GREY, lift) if self.infrared else colour, gain, up)

    def skin(self, colour: Colour, gain: float = 1.0, up: float = 0.5) -> Colour:
        """Skin: as ``flat``, bright in infrared light."""
        return self.flat(
            mixed(colour, IR_GREY, 0.5) if self.infrared else colour, gain * (1.1 if self.infrared else 1.0), up
        )

    def own(self, colour: Colour) -> Colour:
        """A colour that shines by itself, only hazed."""
        shown = self.through_air(np.array(colour))
        return float(shown[0]), float(shown[1]), float(shown[2])

    def through_air(self, colours: Floats) -> Floats:
        """Colours (…×3) as they arrive through the haze, kept within 0–255."""
        found: Floats = np.clip(colours + (self.air - colours) * self.haze, 0, 255)
        return found
