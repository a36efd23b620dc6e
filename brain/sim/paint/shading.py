"""The light that falls on a body at one place, and what a camera sees of its surfaces.

Diffuse light from one direction, from the sky and back from the ground; glossy surfaces mirror sky, fronts or ground
by Schlick's approximation of Fresnel's law (Computer Graphics Forum 13, 1994).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from brain.sim.camera import Floats
from brain.sim.draw import Colour

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
    """

    towards: Floats
    direct: Floats
    sky: Floats
    ground: Floats
    mirror: Floats
    air: Floats
    haze: float

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
        # Plain numbers: this is asked for some hundred times a picture.
        keep, haze = 1 - self.haze, self.haze
        shown = []
        for channel in range(3):
            light = float(self.direct[channel]) * 0.55 + float(self.sky[channel]) * up
            light += float(self.ground[channel]) * (1 - up)
            value = min(255.0, colour[channel] * light * gain) * keep + float(self.air[channel]) * haze
            shown.append(min(255.0, max(0.0, value)))
        return shown[0], shown[1], shown[2]

    def own(self, colour: Colour) -> Colour:
        """A colour that shines by itself, only hazed."""
        shown = self.through_air(np.array(colour))
        return float(shown[0]), float(shown[1]), float(shown[2])

    def through_air(self, colours: Floats) -> Floats:
        """Colours (…×3) as they arrive through the haze, kept within 0–255."""
        found: Floats = np.clip(colours + (self.air - colours) * self.haze, 0, 255)
        return found
