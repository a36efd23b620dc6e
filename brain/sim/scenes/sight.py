"""Places that nothing fixed hides from the camera, and the moment at which something comes into the picture."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from brain.sim.camera import Floats, Projector
from brain.sim.cast import Cast
from brain.sim.things.moving import Spot

TRIES = 16
HALF_M = {"tree": 1.9, "planter": 0.7}
"""Half the width of fixed things that are wider than a post."""


def clear_x(cast: Cast, rng: np.random.Generator, between: tuple[float, float], z: float) -> float:
    """A place along the street at depth ``z`` whose line of sight passes trees and posts as far off as can be."""
    tried = rng.uniform(*between, TRIES)
    stands = [(stand.x, stand.z, HALF_M.get(stand.kind, 0.3)) for stand in cast.plan.stands if 1.0 < stand.z < z]
    if not stands:
        return float(tried[0])
    at = np.array(stands)
    off = (np.abs(tried[:, None] * at[None, :, 1] / z - at[None, :, 0]) - at[None, :, 2]).min(axis=1)
    return float(tried[int(np.argmax(off))])


def enters_s(
    cast: Cast, place: Callable[[float], Spot], margin: float = 0.02, times: Floats | None = None
) -> float | None:
    """First time at which a ground point lies in the picture, ``margin`` (share) from its edges.

    Args:
        place: media second → where it is.
        times: seconds to try; ``None`` = those of the clip's pictures.

    Returns:
        Media seconds, ``None`` when it never does.
    """
    if times is None:
        times = np.array([cast.spec.time_s(index) for index in range(cast.spec.pictures)])
    points = np.array([(spot.x, 0.0, spot.z) for spot in (place(float(time_s)) for time_s in times)])
    projector = Projector(cast.plan.camera)
    _, depth = projector(points)
    shares = projector.shares(points)
    inside = (depth > 1.0) & (shares > margin).all(axis=1) & (shares < 1 - margin).all(axis=1)
    found = np.flatnonzero(inside)
    return float(times[found[0]]) if len(found) else None
