"""A vehicle that stands in rising water: what is below the surface is not seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from brain.sim.actors.tracks import Track
from brain.sim.actors.vehicles import Vehicle, meshes
from brain.sim.entity import Placed
from brain.sim.paint.mesh import Mesh

STEP_M = 0.03


class WadingVehicle:
    """A vehicle, sunk by the depth of the water around it.

    Args:
        kind, seed, track: as of ``Vehicle``.
        depth_m: media second → depth of the water where it stands.
    """

    def __init__(self, kind: str, seed: int, track: Track, depth_m: Callable[[float], float]) -> None:
        self.labels = (kind,)
        self.span = track.span
        self.track = track
        self._seed, self._depth_m = seed, depth_m
        self._sunk: dict[int, Vehicle] = {}

    def at(self, time_s: float) -> Sequence[Placed]:
        """The vehicle as far as it stands out of the water."""
        step = round(self._depth_m(time_s) / STEP_M)
        if step not in self._sunk:
            kind = self.labels[0]
            body = tuple(_cut(mesh, step * STEP_M) for mesh in meshes(kind, self._seed))
            self._sunk[step] = Vehicle(kind, self._seed, self.track, body=body)
        return tuple(replace(part, still=(part.still, step), contact=None) for part in self._sunk[step].at(time_s))


def _cut(mesh: Mesh, depth_m: float) -> Mesh:
    """What is above the water: the rest lies flat in its surface and is seen from no side."""
    points = mesh.points - np.array([0.0, depth_m, 0.0])
    points[:, 1] = np.maximum(points[:, 1], 0.0)
    return replace(mesh, points=points)
