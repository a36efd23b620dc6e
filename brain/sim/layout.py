"""Where everything stands: chosen by the seed, cheap to work out, shared by pictures and truth.

Across the street (``z``, metres): near houses, near pavement with the camera's pole, kerb, two lanes, far kerb, far
pavement, far houses. Sizes: cars 4.5 × 1.8 × 1.5 m, lanes 3.5 m, footways 2–9 m, camera 5–6 m up, tilted 14–17°.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from brain.core.geometry import Polygon, polygon_area
from brain.core.types import Zone
from brain.sim.camera import Camera, Floats, Projector
from brain.sim.draw import stream
from brain.sim.spec import SceneSpec

NEAR_HOUSES_Z = -4.0
KERB_Z = 5.0
FAR_KERB_Z = 12.4
FAR_HOUSES_Z = 16.0
LANES_Z = (6.95, 10.5)
STREET_X = (-6.0, 80.0)
STREET_END_X = 92.0
GROUND_Z = (-8.0, 20.0)


@dataclass(frozen=True, slots=True)
class House:
    """One house of a row: its span along the street and its height, metres."""

    x1: float
    x2: float
    height: float


@dataclass(frozen=True, slots=True)
class Stand:
    """A still thing on the pavement: ``kind`` is ``tree``, ``lamp``, ``planter`` or ``bin``; ``size`` scales it."""

    kind: str
    x: float
    z: float
    size: float


@dataclass(frozen=True, slots=True)
class Cuboid:
    """The thing that is put down: middle of its foot, heading (radians) and size in metres."""

    x: float
    z: float
    heading: float
    length: float
    breadth: float
    height: float


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The street of one seed.

    Attributes:
        camera: with the margin that the spec's shake needs.
        sun: unit vector towards the sun.
        near_houses, far_houses: rows of houses.
        stands: trees, lamps and the like.
        thing: where and how large the thing is when it rests.
    """

    camera: Camera
    sun: Floats
    near_houses: tuple[House, ...]
    far_houses: tuple[House, ...]
    stands: tuple[Stand, ...]
    thing: Cuboid

    @property
    def shadow_step(self) -> tuple[float, float]:
        """How far along ``x`` and ``z`` the shadow of a point lies per metre of its height."""
        return float(-self.sun[0] / self.sun[1]), float(-self.sun[2] / self.sun[1])


def layout(spec: SceneSpec) -> Layout:
    """The street that a spec's seed chooses."""
    rng = stream(spec.seed, "layout")
    camera = Camera(
        width=spec.width,
        height=spec.height,
        focal=spec.width * rng.uniform(0.67, 0.73),
        height_m=rng.uniform(5.1, 5.9),
        yaw=np.radians(rng.uniform(57.0, 63.0)),
        tilt=np.radians(rng.uniform(14.0, 17.0)),
        mirrored=bool(rng.integers(2)),
        margin=int(np.ceil(spec.shake_px)) + 2 if spec.shake_px > 0 else 0,
    )
    azimuth, elevation = np.radians(rng.uniform(-45, 45)), np.radians(rng.uniform(42, 52))
    sun = np.array(
        [np.sin(azimuth) * np.cos(elevation), np.sin(elevation), -np.cos(azimuth) * np.cos(elevation)],
    )
    thing = Cuboid(
        x=rng.uniform(8.7, 9.6),
        z=rng.uniform(2.3, 2.7),
        heading=np.pi,
        length=rng.uniform(0.42, 0.5),
        breadth=rng.uniform(0.74, 0.86),
        height=rng.uniform(0.58, 0.68),
    )
    return Layout(camera, sun, _houses(rng, 4.0, 5.8), _houses(rng, 8.0, 14.0), _stands(rng), thing)


def zones(spec: SceneSpec) -> tuple[Zone, ...]:
    """Zones of the unshaken picture: ``pavement`` (kind ``public``) and ``road`` (kind ``road``), with their areas."""
    camera = layout(spec).camera
    return (
        _zone(camera, "pavement", "public", (3.0, 30.0, NEAR_HOUSES_Z + 0.3, KERB_Z - 0.2)),
        _zone(camera, "road", "road", (1.0, 45.0, KERB_Z + 0.1, FAR_KERB_Z - 0.1)),
    )


def _zone(camera: Camera, name: str, kind: str, ground: tuple[float, float, float, float]) -> Zone:
    x1, x2, z1, z2 = ground
    corners = np.array([[x1, 0, z1], [x2, 0, z1], [x2, 0, z2], [x1, 0, z2]], float)
    projector = Projector(camera)
    seen = shapely.Polygon(projector.shares(corners)).intersection(shapely.box(0, 0, 1, 1))
    outline = np.array(seen.exterior.coords)[:-1]
    polygon: Polygon = tuple((round(float(x), 4), round(float(y), 4)) for x, y in outline)
    square_metres = polygon_area([(float(x), float(z)) for x, z in projector.ground(outline)])
    return Zone(name=name, kind=kind, polygon=polygon, square_metres=round(square_metres, 1))


def _houses(rng: np.random.Generator, low: float, high: float) -> tuple[House, ...]:
    houses = []
    x = STREET_X[0] - rng.uniform(0, 6)
    while x < STREET_X[1]:
        width = rng.uniform(8, 15)
        houses.append(House(x, x + width, rng.uniform(low, high)))
        x += width
    return tuple(houses)


def _stands(rng: np.random.Generator) -> tuple[Stand, ...]:
    stands = [Stand("tree", x + rng.uniform(-1, 1), 13.1, rng.uniform(0.85, 1.15)) for x in range(11, 75, 8)]
    stands += [Stand("tree", x + rng.uniform(-1.5, 1.5), 4.45, rng.uniform(0.8, 1.0)) for x in (22, 32, 44, 58)]
    stands += [Stand("lamp", x + rng.uniform(-1, 1), 4.6, 1.0) for x in (17, 39, 63)]
    stands += [Stand("lamp", x + rng.uniform(-1, 1), 12.8, 1.0) for x in (15, 36, 60)]
    stands.append(Stand("planter", rng.uniform(13.0, 15.0), 4.3, rng.uniform(0.9, 1.2)))
    stands.append(Stand("planter", rng.uniform(16.0, 20.0), -2.6, rng.uniform(0.9, 1.2)))
    stands.append(Stand("bin", rng.uniform(18.5, 20.5), 4.4, 1.0))
    return tuple(stands)
