"""The gate of a building site on a road: hoarding, gate, bare soil behind; dump trucks come out over the exit line."""

from __future__ import annotations

import numpy as np

from brain.sim.spec import SceneSpec
from brain.sim.stages.fronts import row_of_houses
from brain.sim.stages.grounds import band, hoarding, sheet_of
from brain.sim.stages.paving import kerb, slabs
from brain.sim.stages.plan import Area, Hang, House, Lamp, Lane, Plan, Stand, Surfaces, Wall, hang, row, stream, sun_of

X, Z = (-14.0, 80.0), (-8.0, 46.0)
KERB_Z, FAR_KERB_Z, FENCE_Z, BACK_Z = 4.6, 12.2, 15.0, 43.0
LANES_Z = (6.6, 10.3)
SOIL = (92, 122, 148)


def site_gate(spec: SceneSpec) -> Plan:
    """The site that a spec's seed chooses."""
    rng = stream(spec.seed, "layout")
    camera = hang(spec, rng, Hang((5.5, 7.0), (38.0, 48.0), (15.0, 18.5)))
    houses = row(rng, (-40.0, 120.0), 10.0, 14.5)
    gate_x = rng.uniform(13.0, 16.0)
    gate = gate_x - 4.2, gate_x + 4.2
    stands = [Stand("lamp", x, 13.0, 1.0, -1.0) for x in (3, 27, 50)]
    stands += [Stand("tree", x, 3.4, rng.uniform(0.75, 0.95)) for x in (26, 38, 52)]
    return Plan(
        name="site_gate",
        camera=camera,
        sun=sun_of(rng),
        surfaces=lambda paint, per_metre: _surfaces(paint, per_metre, houses, gate),
        stands=tuple(stands),
        areas=(
            Area.box("exit", "road", (gate[0] - 0.5, gate[1] + 0.5), (FAR_KERB_Z - 1.0, FENCE_Z + 2.0)),
            Area.box("site", "public", (2.0, 44.0), (FENCE_Z + 1.0, BACK_Z - 8.0)),
        ),
        lanes={
            "near": Lane((-12.0, LANES_Z[0]), (76.0, LANES_Z[0]), 0.15),
            "far": Lane((76.0, LANES_Z[1]), (-12.0, LANES_Z[1]), 0.15),
            "exit": Lane((gate_x, 38.0), (gate_x, LANES_Z[1]), 0.2),
        },
        walks={"footway": Lane((-6.0, 3.0), (70.0, 3.0), 0.8)},
        spots={"gate": (gate_x, FENCE_Z, -np.pi / 2), "soil": (gate_x - 1.5, 24.0, 0.0)},
        lamps=tuple(Lamp(stand.x, 6.3, stand.z - 1.5) for stand in stands if stand.kind == "lamp"),
        ground=(X, Z),
    )


def _surfaces(
    rng: np.random.Generator, per_metre: float, houses: tuple[House, ...], gate: tuple[float, float]
) -> Surfaces:
    per_metre = min(per_metre, 32.0)
    sheet, blotches, grain = sheet_of(rng, per_metre, X, Z)
    texture = sheet.texture
    wet = texture.wet
    assert wet is not None
    slabs(rng, sheet, (Z[0], KERB_Z), 4 * blotches + 3 * grain)
    band(sheet, wet, (FAR_KERB_Z, FENCE_Z), (128, 136, 142), 5 * blotches + 4 * grain, 120)
    band(sheet, wet, (FENCE_Z, Z[1]), SOIL, 11 * blotches + 7 * grain, 60)
    kerb(sheet, X, KERB_Z, 0.25, 0.14)
    kerb(sheet, X, FAR_KERB_Z, -0.25, -0.02)
    for offset in (-0.14, 0.06):
        sheet.box(X, (8.45 + offset, 8.55 + offset), (60, 158, 186), 0.75)
    # Wheels carry soil onto the road.
    for _ in range(26):
        x, z = rng.uniform(*gate), rng.uniform(9.0, FENCE_Z)
        sheet.box((x, x + rng.uniform(0.2, 0.7)), (z, z + rng.uniform(0.6, 2.4)), SOIL, rng.uniform(0.15, 0.4))
    fence = hoarding(rng, (-60.0, 120.0), gate, per_metre)
    return Surfaces(
        texture,
        (
            Wall("z", FENCE_Z, -60.0, 120.0, fence, 1.0),
            Wall("z", BACK_Z, -60.0, 140.0, row_of_houses(rng, houses, per_metre), 0.95),
        ),
    )
