"""A promenade along a river: paving, stone edge, water, a green bank beyond; zones ``water`` and ``forbidden``."""

from __future__ import annotations

import numpy as np

from brain.sim.spec import SceneSpec
from brain.sim.stages.fronts import row_of_houses
from brain.sim.stages.grounds import band, hedge, sheet_of
from brain.sim.stages.paving import kerb, slabs
from brain.sim.stages.plan import Area, Hang, House, Lamp, Lane, Plan, Stand, Surfaces, Wall, hang, row, stream, sun_of

X, Z = (-20.0, 90.0), (-6.0, 44.0)
EDGE_Z, FAR_Z = 7.0, 32.0
"""Where the water begins and where the other bank stands."""


def river_bank(spec: SceneSpec) -> Plan:
    """The river bank that a spec's seed chooses."""
    rng = stream(spec.seed, "layout")
    camera = hang(spec, rng, Hang((5.5, 7.0), (40.0, 56.0), (15.0, 19.0)))
    houses = row(rng, (-30.0, 130.0), 6.0, 12.0)
    stands = [Stand("tree", x + rng.uniform(-1, 1), 0.4, rng.uniform(0.8, 1.1)) for x in (24, 34, 46, 60)]
    stands += [Stand("lamp", x, 6.0, 1.0, -1.0) for x in (1, 20, 40, 62)]
    stands += [Stand("planter", rng.uniform(16, 19), 5.6, 1.1), Stand("bin", rng.uniform(22, 24), 5.4)]
    return Plan(
        name="river_bank",
        camera=camera,
        sun=sun_of(rng),
        surfaces=lambda paint, per_metre: _surfaces(paint, per_metre, houses),
        stands=tuple(stands),
        areas=(
            Area.box("river", "water", (2.0, 55.0), (EDGE_Z + 0.1, 24.0)),
            Area.box("edge", "forbidden", (2.0, 40.0), (EDGE_Z - 1.2, EDGE_Z + 0.1)),
            Area.box("promenade", "public", (2.0, 30.0), (-1.0, EDGE_Z - 1.3)),
        ),
        walks={"promenade": Lane((-6.0, 3.6), (78.0, 3.6), 1.4), "trees": Lane((-6.0, 1.6), (78.0, 1.6), 0.5)},
        spots={
            "edge": (rng.uniform(11.0, 16.0), EDGE_Z - 0.5, np.pi / 2),
            "water": (rng.uniform(12.0, 17.0), 11.0, 0.0),
            "pavement": (rng.uniform(9.0, 12.0), 4.0, 0.0),
        },
        lamps=tuple(Lamp(stand.x, 6.3, stand.z - 1.5) for stand in stands if stand.kind == "lamp"),
        ground=(X, Z),
        water=(EDGE_Z, FAR_Z),
    )


def _surfaces(rng: np.random.Generator, per_metre: float, houses: tuple[House, ...]) -> Surfaces:
    per_metre = min(per_metre, 32.0)
    sheet, blotches, grain = sheet_of(rng, per_metre, X, Z)
    texture = sheet.texture
    wet = texture.wet
    assert wet is not None
    slabs(rng, sheet, (Z[0], EDGE_Z), 4 * blotches + 3 * grain, size=(0.6, 0.3), tone=rng.uniform(146, 168))
    wet[: round((EDGE_Z - Z[0]) * per_metre)] = 160
    band(sheet, wet, (EDGE_Z, FAR_Z), (72, 80, 70), 3 * blotches, 0)
    band(sheet, wet, (FAR_Z, Z[1]), (58, 104, 86), 9 * blotches + 7 * grain, 20)
    kerb(sheet, X, EDGE_Z, 0.0, 0.2)
    sheet.box(X, (EDGE_Z - 0.75, EDGE_Z - 0.25), (142, 146, 148), 0.9)
    trees = hedge(rng, (-60.0, 140.0), 5.5, per_metre)
    return Surfaces(
        texture,
        (
            Wall("z", FAR_Z, -60.0, 140.0, trees, 0.9),
            Wall("z", FAR_Z + 9.0, -60.0, 160.0, row_of_houses(rng, houses, per_metre), 0.95),
        ),
    )
