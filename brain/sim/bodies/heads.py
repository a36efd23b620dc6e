"""Heads: hair, face, caps, helmets and masks, and eyes that shine back in infrared light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from brain.sim.bodies.look import Look
from brain.sim.camera import Floats
from brain.sim.draw import scaled
from brain.sim.paint.pad import Pad
from brain.sim.paint.shading import Shade

FACE_PX = 34.0
"""Pixels per metre from which eyes and masks are drawn."""
SHINING_PX = 24.0
"""Pixels per metre from which eyes shine back in infrared light."""


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """Where a head is in the picture.

    Attributes:
        neck, head: pixels of the joints.
        ahead: from its middle to the tip of the nose, pixels.
        across: one metre from its right to its left, pixels.
        facing: 1 looks at the camera … -1 away from it.
        metre: pixels per metre; up: 1, or -1 in a mirror image.
    """

    neck: Floats
    head: Floats
    ahead: Floats
    across: Floats
    facing: float
    metre: float
    up: float

    def at(self, ahead: float, up: float) -> Floats:
        """A place about its middle: share of the way to the nose, metres upwards."""
        place: Floats = self.head + ahead * self.ahead - np.array([0.0, up * self.metre * self.up])
        return place


def paint_head(pad: Pad, head: Head, look: Look, shade: Shade) -> None:
    """Neck, hair, face, what is worn on it."""
    metre = head.metre
    hair, skin = shade.cloth(look.hair, 1.05, 0.5, lift=0.3), shade.skin(look.skin, 1.02)
    pad.hull(np.array([head.neck, head.head]), (0.056 * metre, 0.06 * metre), shade.skin(look.skin, 0.82))
    if look.long_hair:
        fall = head.at(-0.35, -0.2)
        pad.hull(np.array([head.at(-0.2, 0.0), fall]), (0.108 * metre, 0.095 * metre), hair)
    pad.hull(np.array([head.at(-0.25, 0.03), head.at(-0.15, -0.04)]), (0.104 * metre, 0.085 * metre), hair)
    if head.facing > -0.55:
        face = np.array([head.at(0.32, 0.0), head.at(0.36, -0.065)])
        pad.hull(face, (0.084 * metre, 0.058 * metre), skin)
        _features(pad, head, look, shade)
    top = head.at(-0.12, 0.062)
    if look.helmet is not None:
        pad.hull(np.array([top, head.at(-0.35, 0.02)]), (0.116 * metre, 0.118 * metre), shade.cloth(look.helmet, 1.05))
        pad.hull(head.at(-0.1, 0.12)[None, :], (0.06 * metre,), shade.cloth(look.helmet, 1.25, 0.9))
    elif look.cap is not None:
        pad.hull(np.array([top, head.at(0.95, 0.035)]), (0.1 * metre, 0.035 * metre), shade.cloth(look.cap, 1.0, 0.7))
    else:
        pad.hull(np.array([top, head.at(-0.3, 0.04)]), (0.088 * metre, 0.094 * metre), hair)
        pad.hull(head.at(-0.05, 0.1)[None, :], (0.045 * metre,), shade.cloth(scaled(look.hair, 1.5), 1.15, 0.95))


def _features(pad: Pad, head: Head, look: Look, shade: Shade) -> None:
    """Mask and eyes as far as the face is turned to the camera."""
    metre = head.metre
    if metre < FACE_PX and not (shade.infrared and metre >= SHINING_PX):
        return
    if head.facing < 0.25:
        return
    side = head.across * 0.032
    if look.mask is not None and metre >= FACE_PX:
        mask = np.array([head.at(0.5, -0.035), head.at(0.5, -0.075)])
        pad.hull(mask, (0.062 * metre, 0.045 * metre), shade.cloth(look.mask, 1.0, 0.5))
    eyes = np.array([head.at(0.6, 0.012) - side, head.at(0.6, 0.012) + side])
    if shade.infrared and head.facing > 0.5:
        for eye in eyes:
            pad.hull(eye[None, :], (max(0.45, 0.013 * metre),), shade.own((240, 240, 240)))
    elif metre >= FACE_PX:
        pad.hull(eyes, (0.016 * metre,) * 2, shade.skin(look.skin, 0.55))
