"""Cars, vans, buses and lorries on their tracks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from brain.sim.actors.tracks import Place, Track
from brain.sim.bodies.cars import make_car, make_van
from brain.sim.bodies.heavy import make_bus, make_dump_truck, make_truck
from brain.sim.camera import Floats
from brain.sim.draw import stream
from brain.sim.entity import LampPoint, Placed
from brain.sim.kept import Kept
from brain.sim.paint.mesh import Mesh, paint_mesh, turned
from brain.sim.paint.pad import Pad
from brain.sim.paint.shading import Shade
from brain.sim.paint.view import View

VEHICLES: Mapping[str, Callable[[np.random.Generator], tuple[Mesh, ...]]] = MappingProxyType(
    {"car": make_car, "van": make_van, "bus": make_bus, "truck": make_truck, "dump_truck": make_dump_truck}
)
"""Every kind of vehicle by its class name."""
HEAD_COLOUR, TAIL_COLOUR, BRAKE_COLOUR = (235.0, 248.0, 255.0), (30.0, 24.0, 200.0), (46.0, 40.0, 255.0)


@lru_cache(maxsize=512)
def meshes(kind: str, seed: int) -> tuple[Mesh, ...]:
    """The body that a seed chooses."""
    return VEHICLES[kind](stream(seed, "vehicle"))


class Vehicle:
    """A vehicle that follows a track.

    Args:
        kind: class name, see ``VEHICLES``.
        lights: whether its lamps are on.
        body: meshes instead of the seed's own.
    """

    def __init__(
        self, kind: str, seed: int, track: Track, *, lights: bool = False, body: tuple[Mesh, ...] | None = None
    ) -> None:
        self.labels = (kind,)
        self.span = track.span
        self.track = track
        self._seed = seed
        self._lights = lights
        self._body = body
        self._kept: Kept[Placed] = Kept(1)

    @property
    def body(self) -> tuple[Mesh, ...]:
        """Its meshes."""
        return self._body if self._body is not None else meshes(self.labels[0], self._seed)

    def at(self, time_s: float) -> Sequence[Placed]:
        """The vehicle, unless it is off its track."""
        place = self.track.at(time_s)
        return () if place is None else (self._kept.get(place, self._placed, place),)

    def _placed(self, place: Place) -> Placed:
        middle = np.array([place.x, 0.0, place.z])
        body = self.body
        each = [turned(mesh.points, place.heading) + middle for mesh in body]
        points = each[0] if len(each) == 1 else np.vstack(each)
        corners = turned(footprint(body), place.heading) + middle
        stands = place.speed < 1e-6
        lamps = self._lamps(body, place) if self._lights or place.brakes else ()

        def paint(pad: Pad, view: View, shade: Shade) -> None:
            far = [float(np.linalg.norm(part.mean(axis=0) - view.eye)) for part in each]
            for index in sorted(range(len(body)), key=lambda index: -far[index]):
                paint_mesh(pad, view, body[index], middle, place.heading, shade, lamps=(self._lights, place.brakes))

        return Placed(
            0, middle, points, paint,
            casters=tuple((part, 0.0) for part in each),
            contact=corners,
            still=(round(place.x, 4), round(place.z, 4)) if stands else None,
            lamps=lamps,
            beam=place.heading if self._lights else None,
        )  # fmt: skip

    def _lamps(self, body: tuple[Mesh, ...], place: Place) -> tuple[LampPoint, ...]:
        found = []
        ahead = (math.cos(place.heading), 0.0, math.sin(place.heading))
        for mesh in body:
            for face in np.flatnonzero(mesh.lamp):
                kind = int(mesh.lamp[face])
                if not self._lights and kind == 1:
                    continue
                x, y, z = mesh.points[mesh.faces[face]].mean(axis=0).tolist()
                spot = (x * ahead[0] - z * ahead[2] + place.x, y, x * ahead[2] + z * ahead[0] + place.z)
                if kind == 1:
                    found.append(LampPoint(spot, HEAD_COLOUR, 1.0, ahead))
                else:
                    colour, strength = (BRAKE_COLOUR, 0.5) if place.brakes else (TAIL_COLOUR, 0.28)
                    found.append(LampPoint(spot, colour, strength, (-ahead[0], 0.0, -ahead[2])))
        return tuple(found)


def footprint(body: tuple[Mesh, ...]) -> Floats:
    """The four ground corners below a body (4×3)."""
    points = np.vstack([mesh.points for mesh in body])
    (x1, _, z1), (x2, _, z2) = points.min(axis=0), points.max(axis=0)
    z1, z2 = z1 + 0.15, z2 - 0.15
    return np.array([[x1, 0, z1], [x2, 0, z1], [x2, 0, z2], [x1, 0, z2]], float)
