"""A paved square seen from a high pole: pale slabs in a pattern, tree tubs, benches, houses behind; zone ``crowd``."""

from __future__ import annotations

import numpy as np

from brain.sim.draw import clouds, stream
from brain.sim.spec import SceneSpec
from brain.sim.stages.fronts import HOUSES_TOP_M, Sheet, row_of_houses
from brain.sim.stages.paving import slabs
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

X = (-30.0, 70.0)
Z = (-4.0, 46.0)
BACK_Z = 44.0
END_X = 64.0


def plaza(spec: SceneSpec) -> Plan:
    """The square that a spec's seed chooses."""
    rng = stream(spec.seed, "layout")
    camera = hang(spec, rng, Hang((6.5, 8.0), (14.0, 34.0), (19.0, 25.0), (0.68, 0.8)))
    back, end = row(rng, (-40.0, 80.0), 8.0, 14.5), row(rng, (-10.0, 50.0), 8.0, 14.0)
    stands = _stands(rng)
    lamps = tuple(Lamp(stand.x, 6.3, stand.z + 1.5 * stand.side, 1.5) for stand in stands if stand.kind == "lamp")
    middle = (float(np.tan(camera.yaw) * 16.0), 16.0)
    x, z = middle
    return Plan(
        name="plaza",
        camera=camera,
        sun=sun_of(rng),
        surfaces=lambda paint, per_metre: _surfaces(paint, per_metre, back, end),
        stands=stands,
        areas=(
            Area.box("square", "crowd", (x - 9.0, x + 9.0), (9.5, 26.0)),
            Area.box("paving", "public", (x - 16.0, x + 16.0), (7.0, 36.0)),
        ),
        walks={
            "front": Lane((-24.0, 11.0), (60.0, 11.0), 1.5),
            "middle": Lane((-26.0, 20.0), (60.0, 20.0), 4.0),
            "back": Lane((-26.0, 36.0), (60.0, 36.0), 4.0),
            "slope": Lane((x - 20.0, 8.0), (x + 22.0, 40.0), 3.0),
            "counter slope": Lane((x + 20.0, 8.0), (x - 20.0, 42.0), 3.0),
        },
        spots={"middle": (x, z, 0.0), "pavement": (x + rng.uniform(-3, 3), 13.0, 0.0)},
        lamps=lamps,
        ground=(X, Z),
    )


def _stands(rng: np.random.Generator) -> tuple[Stand, ...]:
    stands = [Stand("tree", x + rng.uniform(-1, 1), 40.5, rng.uniform(0.9, 1.2)) for x in range(-24, 62, 7)]
    stands += [Stand("planter", x + rng.uniform(-1, 1), 31.0, rng.uniform(1.0, 1.4)) for x in (-14, -4, 8, 20, 32)]
    stands += [Stand("lamp", x, 30.0, 1.0, -1.0) for x in (-18, 0, 18, 36)]
    stands += [Stand("lamp", x, 8.0, 1.0) for x in (-9, 17)]
    stands += [Stand("bin", float(rng.uniform(14, 22)), 29.5)]
    return tuple(stands)


def _surfaces(rng: np.random.Generator, per_metre: float, back: tuple[House, ...], end: tuple[House, ...]) -> Surfaces:
    per_metre = min(per_metre, 30.0)
    behind, aside = row_of_houses(rng, back, per_metre), row_of_houses(rng, end, per_metre)
    return Surfaces(
        _ground(rng, per_metre),
        (Wall("z", BACK_Z, -60.0, 90.0, behind, 1.0), Wall("x", END_X, -20.0, BACK_Z, aside, 0.85)),
    )


def _ground(rng: np.random.Generator, per_metre: float) -> Texture:
    width, height = round((X[1] - X[0]) * per_metre), round((Z[1] - Z[0]) * per_metre)
    grain = rng.standard_normal((height, width)).astype(np.float32)
    blotches = clouds(rng, (height, width), (per_metre * 4, per_metre * 0.9))
    image = np.zeros((height, width, 3), np.uint8)
    texture = Texture(image, per_metre, (X[0], Z[0]), wet=np.full((height, width), 190, np.uint8))
    sheet = Sheet(texture)
    tone = rng.uniform(150, 178)
    tint = ((0.97, 1.0, 1.03), (0.94, 0.99, 1.06), (1.0, 1.0, 1.0))[int(rng.integers(3))]
    slabs(rng, sheet, Z, 4 * blotches + 2.5 * grain, size=(0.8, 0.8), tone=tone, tint=tint, spread=4.0)
    band = tuple(float(tone * share * 0.72) for share in tint)
    step = rng.uniform(5.0, 7.5)
    for x in np.arange(*X, step):
        sheet.box((x, x + 0.6), Z, (band[0], band[1], band[2]), 0.7)
    for z in np.arange(*Z, step):
        sheet.box(X, (z, z + 0.6), (band[0], band[1], band[2]), 0.7)
    return texture


__all__ = ["HOUSES_TOP_M", "plaza"]
