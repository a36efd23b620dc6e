"""What a stage is: where everything fixed stands, cheap to work out, shared by pictures and truth.

World: metres, the camera above the origin, ``x`` along the street, ``y`` up, ``z`` across. A stage is one file with one
function ``(spec) -> Plan``; ``brain.sim.stages.STAGES`` lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import shapely

from brain.core.geometry import Polygon, polygon_area
from brain.core.types import Picture, Zone
from brain.sim.camera import Camera, Floats, Projector
from brain.sim.draw import stream
from brain.sim.spec import SceneSpec

NEAR_CUT_M = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Texture:
    """A flat picture and how to look things up in it.

    Attributes:
        image: H×W×3 or H×W×4 uint8; BGR, BGR and coverage.
        per_metre: pixels per metre.
        origin: metres at the top left corner: along the row, and across (ground) or up (fronts).
        glow: H×W×3 uint8 of what shines by itself at night, or ``None``.
        wet: H×W uint8, how far the ground mirrors when wet (255 = like a road), or ``None`` for the same everywhere.
    """

    image: Picture
    per_metre: float
    origin: tuple[float, float]
    glow: Picture | None = None
    wet: Picture | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Wall:
    """An upright plane with a row of fronts.

    Attributes:
        axis: ``z`` for a plane along the street at ``z = at``, ``x`` for one across it at ``x = at``.
        at, low, high: where it stands and from where to where it goes, metres.
        texture: seen from the front; its first coordinate is the one along the plane.
        light: brightness by day, 1 = in the sun.
    """

    axis: str
    at: float
    low: float
    high: float
    texture: Texture
    light: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Surfaces:
    """Everything flat of one stage."""

    ground: Texture
    walls: tuple[Wall, ...]


@dataclass(frozen=True, slots=True)
class House:
    """One house of a row: its span along the row and its height, metres."""

    x1: float
    x2: float
    height: float


@dataclass(frozen=True, slots=True)
class Stand:
    """A fixed thing: ``kind`` names a painter of ``stages.stands``; ``size`` scales it, ``side`` turns arms (±1)."""

    kind: str
    x: float
    z: float
    size: float = 1.0
    side: float = 1.0


@dataclass(frozen=True, slots=True)
class Area:
    """A zone on the ground: name, kind (``domain``'s words) and outline in metres ``(x, z)``."""

    name: str
    kind: str
    outline: tuple[tuple[float, float], ...]

    @staticmethod
    def box(name: str, kind: str, x: tuple[float, float], z: tuple[float, float]) -> Area:
        """A rectangle along the axes."""
        return Area(name, kind, ((x[0], z[0]), (x[1], z[0]), (x[1], z[1]), (x[0], z[1])))


@dataclass(frozen=True, slots=True)
class Lane:
    """A straight way for vehicles or walkers from one end to the other, with a half width to either side."""

    start: tuple[float, float]
    end: tuple[float, float]
    half: float = 0.3

    @property
    def length(self) -> float:
        """Metres from end to end."""
        return float(np.hypot(self.end[0] - self.start[0], self.end[1] - self.start[1]))


@dataclass(frozen=True, slots=True)
class Lamp:
    """A street lamp's head: place, strength (1 = a usual lamp 6 m up), colour BGR 0–1."""

    x: float
    y: float
    z: float
    strength: float = 1.0
    colour: tuple[float, float, float] = (0.62, 0.86, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A stage of one seed.

    Attributes:
        name: of the stage.
        camera: with the margin that the spec's shake needs.
        sun: unit vector towards the sun.
        surfaces: paints ground and fronts; asked once, when the scene is drawn.
        stands: fixed things; the painter sorts them.
        areas: zones.
        lanes, walks: where vehicles and walkers go, by name.
        spots: places for things, by name: ``(x, z, heading)``.
        lamps: street lamps that burn at dusk and night.
        shading: row of houses behind the camera that throws its shadow on the ground, and where its front stands.
        ground: extent of the ground texture: ``x`` and ``z`` from … to, metres.
        water: from which ``z`` to which the ground is open water.
    """

    name: str
    camera: Camera
    sun: Floats
    surfaces: Callable[[np.random.Generator, float], Surfaces]
    stands: tuple[Stand, ...] = ()
    areas: tuple[Area, ...] = ()
    lanes: Mapping[str, Lane] = field(default_factory=dict)
    walks: Mapping[str, Lane] = field(default_factory=dict)
    spots: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)
    lamps: tuple[Lamp, ...] = ()
    shading: tuple[float, tuple[House, ...]] | None = None
    ground: tuple[tuple[float, float], tuple[float, float]] = ((-6.0, 80.0), (-8.0, 20.0))
    water: tuple[float, float] | None = None

    @property
    def shadow_step(self) -> tuple[float, float]:
        """How far along ``x`` and ``z`` the shadow of a point lies per metre of its height."""
        return float(-self.sun[0] / self.sun[1]), float(-self.sun[2] / self.sun[1])

    @property
    def zones(self) -> tuple[Zone, ...]:
        """The areas as the unshaken picture shows them, with their square metres; those out of sight are left out."""
        found = (zone_of(self.camera, area) for area in self.areas)
        return tuple(zone for zone in found if zone is not None)


@dataclass(frozen=True, slots=True)
class Hang:
    """Ranges from which a stage's camera is drawn: height (m), yaw and tilt (degrees), focal length (widths)."""

    height_m: tuple[float, float]
    yaw: tuple[float, float]
    tilt: tuple[float, float]
    focal: tuple[float, float] = (0.67, 0.73)
    mirrored: bool = True


def hang(spec: SceneSpec, rng: np.random.Generator, ranges: Hang) -> Camera:
    """A camera within the ranges."""
    return Camera(
        width=spec.width,
        height=spec.height,
        focal=spec.width * rng.uniform(*ranges.focal),
        height_m=rng.uniform(*ranges.height_m),
        yaw=np.radians(rng.uniform(*ranges.yaw)),
        tilt=np.radians(rng.uniform(*ranges.tilt)),
        mirrored=bool(rng.integers(2)) and ranges.mirrored,
        margin=int(np.ceil(spec.shake_px)) + 2 if spec.shake_px > 0 else 0,
    )


def sun_of(rng: np.random.Generator) -> Floats:
    """A sun behind the camera, 42–52° high."""
    azimuth, elevation = np.radians(rng.uniform(-45, 45)), np.radians(rng.uniform(42, 52))
    return np.array(
        [np.sin(azimuth) * np.cos(elevation), np.sin(elevation), -np.cos(azimuth) * np.cos(elevation)],
    )


def row(rng: np.random.Generator, span: tuple[float, float], low: float, high: float) -> tuple[House, ...]:
    """A row of houses of random width and height over a span."""
    houses = []
    x = span[0] - rng.uniform(0, 6)
    while x < span[1]:
        width = rng.uniform(8, 15)
        houses.append(House(x, x + width, rng.uniform(low, high)))
        x += width
    return tuple(houses)


def zone_of(camera: Camera, area: Area) -> Zone | None:
    """A ground polygon as a zone of the unshaken picture; ``None`` when less than a sliver of it is seen."""
    projector = Projector(camera)
    corners = np.array([[x, 0.0, z] for x, z in area.outline], float)
    kept = _before_camera(corners, projector)
    if len(kept) < 3:
        return None
    seen = shapely.Polygon(projector.shares(kept)).intersection(shapely.box(0, 0, 1, 1))
    if seen.geom_type != "Polygon" or seen.area < 1e-4:
        return None
    outline = np.array(seen.exterior.coords)[:-1]
    polygon: Polygon = tuple((round(float(x), 4), round(float(y), 4)) for x, y in outline)
    square_metres = polygon_area([(float(x), float(z)) for x, z in projector.ground(outline)])
    return Zone(name=area.name, kind=area.kind, polygon=polygon, square_metres=round(square_metres, 1))


def _before_camera(corners: Floats, projector: Projector) -> Floats:
    """The part of a polygon that lies before the camera's plane (Sutherland and Hodgman, 1974)."""
    _, depth = projector(corners)
    kept = []
    for index in range(len(corners)):
        one, other = corners[index - 1], corners[index]
        near, far = depth[index - 1] - NEAR_CUT_M, depth[index] - NEAR_CUT_M
        if near * far < 0:
            kept.append(one + (other - one) * near / (near - far))
        if far >= 0:
            kept.append(other)
    return np.array(kept)


__all__ = [
    "Area", "Hang", "House", "Lamp", "Lane", "Plan", "Stand", "Surfaces", "Texture", "Wall", "hang", "row", "stream",
    "sun_of", "zone_of",
]  # fmt: skip
