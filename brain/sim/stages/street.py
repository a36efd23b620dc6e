"""A shopping street: near footway with the camera's pole, kerb, two lanes, far kerb, far footway, houses on both sides.

Across the street (``z``, metres). Sizes: lanes 3.5 m, footways 3–9 m, camera 5–6 m up, tilted 14–17°.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from brain.sim.draw import clouds, stream
from brain.sim.spec import SceneSpec
from brain.sim.stages.fronts import HOUSES_TOP_M, Sheet, row_of_houses
from brain.sim.stages.paving import kerb, slabs
from brain.sim.stages.plan import (
    Area,
    Hang,
    House,
    Lamp,
    Lane,
    Plan,
    Stand,
    Surfaces,
    Texture,
    Wall,
    hang,
    row,
    sun_of,
)

NEAR_HOUSES_Z = -4.0
KERB_Z = 5.0
FAR_KERB_Z = 12.4
FAR_HOUSES_Z = 16.0
LANES_Z = (7.25, 10.4)
STREET_X = (-6.0, 80.0)
STREET_END_X = 92.0
GROUND_Z = (-8.0, 20.0)
CROSSING_X = (25.0, 31.0)
"""Where the stripes of the crossing may begin."""
WALKS: Mapping[str, Lane] = MappingProxyType(
    {
        "kerb side": Lane((-3.0, 3.4), (74.0, 3.4), 0.3),
        "house side": Lane((-3.0, -0.8), (74.0, -0.8), 1.6),
        "far": Lane((-3.0, 14.4), (74.0, 14.4), 0.8),
    }
)
"""Where people walk."""


def street(spec: SceneSpec) -> Plan:
    """The street that a spec's seed chooses."""
    rng = stream(spec.seed, "layout")
    camera = hang(spec, rng, Hang((5.1, 5.9), (57.0, 63.0), (14.0, 17.0)))
    sun = sun_of(rng)
    near, far = row(rng, STREET_X, 4.0, 5.8), row(rng, STREET_X, 8.0, 14.0)
    crossing = rng.uniform(*CROSSING_X)
    stands = _stands(rng)
    return Plan(
        name="street",
        camera=camera,
        sun=sun,
        surfaces=lambda paint, per_metre: _surfaces(paint, per_metre, near, far, crossing),
        stands=stands,
        areas=_areas(crossing),
        lanes=_lanes(mirrored=camera.mirrored),
        walks=WALKS,
        spots=_spots(rng, crossing),
        lamps=tuple(Lamp(stand.x, 6.3, stand.z + 1.5 * stand.side) for stand in stands if stand.kind == "lamp"),
        shading=(NEAR_HOUSES_Z, near),
        ground=(STREET_X, GROUND_Z),
    )


def _lanes(*, mirrored: bool) -> dict[str, Lane]:
    """On the right, as China drives: the nearer lane leads away unless the picture is mirrored."""
    ways = ((-8.0, STREET_END_X + 2.0), (STREET_END_X + 2.0, -8.0))
    near, far = ways[::-1] if mirrored else ways

    def lane(way: tuple[float, float], z: float, spread: float) -> Lane:
        return Lane((way[0], z), (way[1], z), spread)

    return {
        "near": lane(near, LANES_Z[0], 0.15),
        "far": lane(far, LANES_Z[1], 0.2),
        "kerb": lane(near, KERB_Z + 1.05, 0.05),
        "cycles": lane(near, KERB_Z + 0.5, 0.1),
    }


def _spots(rng: np.random.Generator, crossing: float) -> dict[str, tuple[float, float, float]]:
    return {
        "pavement": (rng.uniform(8.7, 9.6), rng.uniform(2.3, 2.7), np.pi),
        "stop line": (crossing - 2.2, LANES_Z[0], 0.0),
        "kerb": (rng.uniform(11.5, 16.0), KERB_Z + 1.05, 0.0),
        "tree": (rng.uniform(15.0, 17.0), 3.6, 0.0),
        "low road": (rng.uniform(10.0, 14.0), KERB_Z + 1.2, 0.0),
        "shop": (rng.uniform(14.0, 20.0), FAR_HOUSES_Z - 1.0, 0.0),
    }


def _areas(crossing: float) -> tuple[Area, ...]:
    return (
        Area.box("pavement", "public", (3.0, 30.0), (NEAR_HOUSES_Z + 0.3, KERB_Z - 0.2)),
        Area.box("road", "road", (1.0, 45.0), (KERB_Z + 0.1, FAR_KERB_Z - 0.1)),
        Area.box("kerb", "no_parking", (4.0, crossing - 2.0), (KERB_Z + 0.05, KERB_Z + 2.4)),
        Area.box("shops", "shop_front", (3.0, 30.0), (FAR_HOUSES_Z - 1.6, FAR_HOUSES_Z - 0.05)),
    )


def _stands(rng: np.random.Generator) -> tuple[Stand, ...]:
    stands = [Stand("tree", x + rng.uniform(-1, 1), 13.1, rng.uniform(0.85, 1.15)) for x in range(11, 75, 8)]
    stands += [Stand("tree", x + rng.uniform(-1.5, 1.5), 4.45, rng.uniform(0.8, 1.0)) for x in (22, 32, 44, 58)]
    stands += [Stand("lamp", x + rng.uniform(-1, 1), 4.6, 1.0) for x in (17, 39, 63)]
    stands.append(Stand("lamp", rng.uniform(-0.5, 1.0), 4.6, 1.0))
    stands += [Stand("lamp", x + rng.uniform(-1, 1), 12.8, 1.0, -1.0) for x in (15, 36, 60)]
    stands.append(Stand("planter", rng.uniform(13.0, 15.0), 4.3, rng.uniform(0.9, 1.2)))
    stands.append(Stand("planter", rng.uniform(16.0, 20.0), -2.6, rng.uniform(0.9, 1.2)))
    stands.append(Stand("bin", rng.uniform(18.5, 20.5), 4.4, 1.0))
    return tuple(stands)


def _surfaces(
    rng: np.random.Generator, per_metre: float, near: tuple[House, ...], far: tuple[House, ...], crossing: float
) -> Surfaces:
    end = row_of_houses(rng, far[:4], per_metre / 2)
    end = Texture(end.image, end.per_metre, (end.origin[0] - 20.0, HOUSES_TOP_M), end.glow)
    far_row, near_row = row_of_houses(rng, far, per_metre), row_of_houses(rng, near, per_metre)
    return Surfaces(
        _ground(rng, per_metre, crossing),
        (
            Wall("x", STREET_END_X, -30.0, 60.0, end, 0.92),
            Wall("z", FAR_HOUSES_Z, STREET_X[0] - 20, STREET_END_X, far_row, 1.0),
            Wall("z", NEAR_HOUSES_Z, STREET_X[0] - 20, STREET_END_X, near_row, 0.62),
        ),
    )


def _ground(rng: np.random.Generator, per_metre: float, crossing: float) -> Texture:
    """Road with marks, kerbs and paved footways, seen from above; across = ``z``."""
    width = round((STREET_X[1] - STREET_X[0]) * per_metre)
    height = round((GROUND_Z[1] - GROUND_Z[0]) * per_metre)
    grain = rng.standard_normal((height, width)).astype(np.float32)
    blotches = clouds(rng, (height, width), (per_metre * 2.5, per_metre * 0.7))
    image = np.empty((height, width, 3), np.uint8)
    image[:] = np.clip(98 + rng.uniform(-9, 9) + 5.0 * blotches + 6.0 * grain, 0, 255)[..., None]
    wet = np.full((height, width), 255, np.uint8)
    sheet = Sheet(Texture(image, per_metre, (STREET_X[0], GROUND_Z[0]), wet=wet))
    _road(rng, sheet, crossing)
    for low, high in ((GROUND_Z[0], KERB_Z), (FAR_KERB_Z, GROUND_Z[1])):
        slabs(rng, sheet, (low, high), 5 * blotches + 3.0 * grain)
        rows = [round((value - GROUND_Z[0]) * per_metre) for value in (low, high)]
        wet[rows[0] : rows[1]] = 150
    for at, gutter, face in ((KERB_Z, 0.3, 0.14), (FAR_KERB_Z, -0.3, -0.02)):
        kerb(sheet, STREET_X, at, gutter, face)
    sheet.box(STREET_X, (1.2, 1.75), (92, 158, 178), 0.55)
    for bar in np.arange(1.27, 1.75, 0.14):
        sheet.box(STREET_X, (bar, bar + 0.05), (70, 128, 146), 0.5)
    return Texture(image, per_metre, (STREET_X[0], GROUND_Z[0]), wet=wet)


def _road(rng: np.random.Generator, sheet: Sheet, start: float) -> None:
    for lane in LANES_Z:
        for wheel in (-0.85, 0.85):
            sheet.box(STREET_X, (lane + wheel - 0.3, lane + wheel + 0.3), (78, 78, 80), 0.25)
        sheet.box(STREET_X, (lane - 0.2, lane + 0.2), (72, 72, 74), 0.18)
    middle = sum(LANES_Z) / 2
    paint = (178, 182, 184)
    for edge in (KERB_Z + 0.45, FAR_KERB_Z - 0.6):
        sheet.box(STREET_X, (edge, edge + 0.13), paint, 0.75)
    for offset in (-0.14, 0.06):
        sheet.box(STREET_X, (middle + offset, middle + offset + 0.11), (60, 158, 186), 0.75)
    sheet.box((start - 1.6, start - 1.3), (KERB_Z + 0.6, middle - 0.3), paint, 0.8)
    for bar in np.arange(KERB_Z + 0.55, FAR_KERB_Z - 0.5, 0.9):
        sheet.box((start, start + 3.4), (bar, bar + 0.45), paint, 0.8)
    for _ in range(7):
        x, z = rng.uniform(2, 60), rng.uniform(KERB_Z + 0.8, FAR_KERB_Z - 2)
        sheet.box((x, x + rng.uniform(1.2, 4)), (z, z + rng.uniform(0.6, 1.6)), (70, 70, 72), rng.uniform(0.2, 0.5))
    for _ in range(9):
        x, z = rng.uniform(0, 60), rng.uniform(KERB_Z + 0.6, FAR_KERB_Z - 0.6)
        steps = np.cumsum(rng.uniform(-0.3, 0.3, (9, 2)) + np.array([0.35, 0.0]), axis=0)
        sheet.path([(x + dx, z + dz) for dx, dz in steps], (62, 62, 64), 0.03)
    for x in rng.uniform(5, 50, 3):
        sheet.disc(float(x), LANES_Z[0] + 0.9, 0.37, (58, 60, 62))
        sheet.disc(float(x), LANES_Z[0] + 0.9, 0.31, (74, 76, 78))
