"""A residential courtyard with a marked fire lane before the entrances; zone ``fire_lane``."""

from __future__ import annotations

import numpy as np

from brain.sim.spec import SceneSpec
from brain.sim.stages.fronts import Sheet, row_of_houses
from brain.sim.stages.grounds import band, sheet_of
from brain.sim.stages.paving import kerb, slabs
from brain.sim.stages.plan import Area, Hang, House, Lamp, Lane, Plan, Stand, Surfaces, Wall, hang, row, stream, sun_of

X, Z = (-10.0, 60.0), (-8.0, 18.0)
LANE_Z = (4.6, 9.4)
HOUSE_Z, END_X = 12.2, 50.0
YELLOW = (50, 175, 205)


def courtyard(spec: SceneSpec) -> Plan:
    """The courtyard that a spec's seed chooses."""
    rng = stream(spec.seed, "layout")
    camera = hang(spec, rng, Hang((4.8, 6.2), (54.0, 64.0), (15.0, 18.0)))
    houses, end = row(rng, X, 11.5, 14.5), row(rng, (-20.0, 40.0), 10.0, 14.0)
    stands = [Stand("tree", x + rng.uniform(-1, 1), 2.4, rng.uniform(0.7, 0.95)) for x in (20, 30, 42)]
    stands += [Stand("lamp", x, 3.9, 0.8) for x in (1.5, 17, 36)]
    stands += [Stand("planter", x + rng.uniform(-0.5, 0.5), 11.0, 0.9) for x in (12, 19, 27)]
    middle = sum(LANE_Z) / 2
    return Plan(
        name="courtyard",
        camera=camera,
        sun=sun_of(rng),
        surfaces=lambda paint, per_metre: _surfaces(paint, per_metre, houses, end),
        stands=tuple(stands),
        areas=(
            Area.box("fire lane", "fire_lane", (4.0, 32.0), LANE_Z),
            Area.box("entrances", "public", (4.0, 32.0), (LANE_Z[1] + 0.1, HOUSE_Z - 0.1)),
        ),
        lanes={
            "lane": Lane((-8.0, middle), (48.0, middle), 0.3),
            "side": Lane((-8.0, LANE_Z[1] - 1.2), (48.0, LANE_Z[1] - 1.2), 0.1),
            "cycles": Lane((-8.0, LANE_Z[0] + 0.8), (48.0, LANE_Z[0] + 0.8), 0.2),
        },
        walks={"entrances": Lane((-4.0, 10.4), (46.0, 10.4), 0.4), "lane": Lane((-4.0, 6.4), (46.0, 6.4), 1.0)},
        spots={
            "lane": (rng.uniform(11.0, 17.0), LANE_Z[1] - 1.2, 0.0),
            "pavement": (rng.uniform(10.0, 16.0), 10.4, 0.0),
        },
        lamps=tuple(Lamp(stand.x, 5.1, stand.z + 1.2, 0.8) for stand in stands if stand.kind == "lamp"),
        ground=(X, Z),
    )


def _surfaces(
    rng: np.random.Generator, per_metre: float, houses: tuple[House, ...], end: tuple[House, ...]
) -> Surfaces:
    sheet, blotches, grain = sheet_of(rng, per_metre, X, Z)
    texture = sheet.texture
    wet = texture.wet
    assert wet is not None
    band(sheet, wet, (Z[0], 3.4), (60, 108, 92), 8 * blotches + 8 * grain, 20)
    slabs(rng, sheet, (3.4, LANE_Z[0] - 0.2), 4 * blotches + 3 * grain, tone=146.0)
    slabs(rng, sheet, (LANE_Z[1] + 0.1, Z[1]), 4 * blotches + 3 * grain, tone=158.0)
    kerb(sheet, X, LANE_Z[0], 0.2, 0.14)
    kerb(sheet, X, LANE_Z[1], -0.2, -0.02)
    _marks(sheet)
    row_far, row_end = (
        row_of_houses(rng, houses, per_metre, shops=False),
        row_of_houses(rng, end, per_metre / 2, shops=False),
    )
    return Surfaces(
        texture, (Wall("z", HOUSE_Z, -20.0, END_X, row_far, 1.0), Wall("x", END_X, -20.0, 40.0, row_end, 0.9))
    )


def _marks(sheet: Sheet) -> None:
    """The yellow net of a fire lane: edge lines and a hatched box."""
    for z in (LANE_Z[0] + 0.35, LANE_Z[1] - 0.45):
        sheet.box((4.0, 32.0), (z, z + 0.14), YELLOW, 0.85)
    for x in (4.0, 31.86):
        sheet.box((x, x + 0.14), (LANE_Z[0] + 0.35, LANE_Z[1] - 0.35), YELLOW, 0.85)
    width = LANE_Z[1] - LANE_Z[0] - 0.8
    for x in np.arange(9.0, 20.0, 1.6):
        sheet.path([(x, LANE_Z[0] + 0.4), (x + width, LANE_Z[1] - 0.4)], YELLOW, 0.1)
        sheet.path([(x + width, LANE_Z[0] + 0.4), (x, LANE_Z[1] - 0.4)], YELLOW, 0.1)
