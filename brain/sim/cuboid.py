"""An upright box on the ground: corners and faces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from brain.sim.camera import Floats

FACES = ((0, 1, 2, 3), (4, 7, 6, 5), (0, 4, 5, 1), (1, 5, 6, 2), (2, 6, 7, 3), (3, 7, 4, 0))
"""Corners of bottom, top and the four sides, counted so that the normal points outwards."""


@dataclass(frozen=True, slots=True)
class Cuboid:
    """Middle of its foot, heading (radians) and size in metres."""

    x: float
    z: float
    heading: float
    length: float
    breadth: float
    height: float


def corners(box: Cuboid, lift: float) -> Floats:
    """World corners (8×3) of a cuboid whose foot is ``lift`` metres above the ground: four below, four above."""
    ahead = np.array([np.cos(box.heading), np.sin(box.heading)]) * box.length / 2
    aside = np.array([-np.sin(box.heading), np.cos(box.heading)]) * box.breadth / 2
    middle = np.array([box.x, box.z])
    foot = np.array([middle - ahead - aside, middle + ahead - aside, middle + ahead + aside, middle - ahead + aside])
    below = np.column_stack([foot[:, 0], np.full(4, lift), foot[:, 1]])
    return np.vstack([below, below + np.array([0.0, box.height, 0.0])])
