"""What is sold in the street and before shops: stalls, food carts, racks, crates, tables, and planters and boards."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from brain.sim.draw import Colour, scaled
from brain.sim.paint.mesh import FINE, TRIM, MeshBuilder
from brain.sim.things.still import Body, Lump

FRUIT: tuple[Colour, ...] = (
    (40, 60, 200), (40, 140, 235), (60, 200, 230), (70, 160, 80), (60, 110, 60), (150, 60, 110), (90, 200, 150),
)  # fmt: skip
WOOD: Colour = (92, 128, 158)
CLOTHS: tuple[Colour, ...] = ((60, 60, 170), (150, 80, 50), (190, 195, 200), (70, 120, 70), (60, 150, 200))
STEEL: Colour = (168, 166, 164)
PACKS: tuple[Colour, ...] = (
    (60, 60, 190), (190, 120, 50), (60, 180, 220), (210, 212, 214), (90, 150, 70), (110, 140, 175), (120, 70, 120),
)  # fmt: skip
PARASOLS: tuple[tuple[Colour, Colour], ...] = (
    ((60, 60, 190), (215, 218, 220)), ((180, 100, 40), (210, 214, 216)), ((70, 130, 60), (215, 218, 220)),
    ((50, 150, 225), (60, 60, 180)),
)  # fmt: skip
Maker = Callable[[np.random.Generator], Body]


def pick(rng: np.random.Generator, colours: tuple[Colour, ...]) -> Colour:
    """One of the colours, a little brighter or darker."""
    return scaled(colours[int(rng.integers(len(colours)))], rng.uniform(0.88, 1.08))


def _heap(rng: np.random.Generator, span: tuple[float, float, float, float], height: float) -> list[Lump]:
    """Fruit or vegetables of one sort, laid out over ``x1, x2, z1, z2`` at a height."""
    x1, x2, z1, z2 = span
    colour = pick(rng, FRUIT)
    found = []
    for x in np.arange(x1 + 0.06, x2 - 0.03, 0.12):
        for z in np.arange(z1 + 0.06, z2 - 0.03, 0.13):
            place = (x + rng.normal(0, 0.012), height + rng.uniform(0.0, 0.05), z + rng.normal(0, 0.012), 0.068)
            found.append(Lump(np.array([place]), scaled(colour, rng.uniform(0.85, 1.1))))
    return found


def add_parasol(
    builder: MeshBuilder, radius: float, top: float, colours: tuple[Colour, Colour], x: float = 0.0
) -> None:
    """A big parasol on a pole: panes of two colours."""
    builder.box((x - 0.02, 0.0, -0.02), (x + 0.02, top, 0.02), STEEL)
    turn = np.linspace(0, 2 * np.pi, 9)
    rim = [(float(x + radius * np.cos(a)), top - 0.42, float(radius * np.sin(a))) for a in turn]
    for index in range(8):
        pane = (rim[index], rim[index + 1], (x, top, 0.0))
        builder.face(pane, colours[index % 2], layer=TRIM)
        low = tuple((px, py - 0.12, pz) for px, py, pz in pane[:2])
        builder.face((rim[index], rim[index + 1], low[1], low[0]), scaled(colours[index % 2], 0.85), layer=TRIM)


def stall(rng: np.random.Generator) -> Body:
    """A table with a hanging cloth and fruit or goods on it, often under a parasol."""
    builder, cloth = MeshBuilder(), pick(rng, CLOTHS)
    a, b, high = rng.uniform(0.8, 1.15), rng.uniform(0.4, 0.55), rng.uniform(0.7, 0.82)
    builder.box((-a, 0.12, -b), (a, high, b), cloth)
    builder.face(((-a, high + 0.01, -b), (a, high + 0.01, -b), (a, high + 0.01, b), (-a, high + 0.01, b)),
                 scaled(cloth, 1.12), layer=TRIM)  # fmt: skip
    meshes = [builder.mesh((0, high / 2, 0))]
    lumps: list[Lump] = []
    edges = np.linspace(-a + 0.04, a - 0.04, int(rng.integers(3, 5)) + 1)
    for x1, x2 in itertools.pairwise(edges):
        lumps += _heap(rng, (float(x1), float(x2), -b + 0.03, b - 0.03), high + 0.05)
    if rng.uniform() < 0.7:
        shade = MeshBuilder()
        add_parasol(shade, rng.uniform(1.05, 1.35), rng.uniform(2.25, 2.5), PARASOLS[int(rng.integers(len(PARASOLS)))])
        meshes.append(shade.mesh((0, 1.5, 0)))
    return Body(tuple(meshes), tuple(lumps))


def food_cart(rng: np.random.Generator) -> Body:
    """A snack cart: box on wheels, glass case, roof with a lettered board."""
    builder, paint = MeshBuilder(), pick(rng, PACKS)
    builder.box((-0.85, 0.35, -0.42), (0.85, 0.92, 0.42), paint, gloss=0.3)
    builder.box((-0.8, 0.92, -0.38), (0.8, 1.4, 0.38), (150, 152, 150), gloss=0.9)
    for side in (-1, 1):
        z = side * 0.425
        builder.face(((-0.6, 0.45, z), (0.6, 0.45, z), (0.6, 0.8, z), (-0.6, 0.8, z)), (205, 212, 214), layer=TRIM)
        builder.face(((-0.5, 0.54, z * 1.01), (-0.1, 0.54, z * 1.01), (-0.1, 0.72, z * 1.01), (-0.5, 0.72, z * 1.01)),
                     (50, 50, 180), layer=FINE)  # fmt: skip
        builder.face(((0.05, 0.54, z * 1.01), (0.5, 0.54, z * 1.01), (0.5, 0.72, z * 1.01), (0.05, 0.72, z * 1.01)),
                     (50, 50, 180), layer=FINE)  # fmt: skip
        builder.disc((-0.5, 0.24, side * 0.43), 0.24, (30, 30, 30), layer=TRIM)
    roof = MeshBuilder()
    for x in (-0.82, 0.78):
        for z in (-0.4, 0.36):
            roof.box((x, 1.4, z), (x + 0.04, 1.95, z + 0.04), STEEL)
    roof.box((-1.0, 1.95, -0.62), (1.0, 2.05, 0.62), pick(rng, CLOTHS))
    roof.box((-0.9, 2.05, -0.05), (0.9, 2.32, 0.05), (60, 60, 190))
    for x in (-0.7, -0.25, 0.2):
        for z in (-0.052, 0.052):
            roof.face(((x, 2.1, z), (x + 0.3, 2.1, z), (x + 0.3, 2.27, z), (x, 2.27, z)), (90, 215, 240), layer=FINE)
    return Body((builder.mesh((0, 0.8, 0)), roof.mesh((0, 2.0, 0))))


def load(rng: np.random.Generator) -> Body:
    """What a vendor's tricycle carries on its bed: fruit in heaps or baskets, about the cycle's own ground point."""
    lumps: list[Lump] = []
    for x1, x2 in ((-1.2, -0.75), (-0.72, -0.3), (-0.28, 0.1)):
        lumps += _heap(rng, (x1, x2, -0.45, 0.45), 0.9)
        if rng.uniform() < 0.6:
            lumps += _heap(rng, (x1 + 0.08, x2 - 0.05, -0.3, 0.3), 0.98)
    return Body(lumps=tuple(lumps))


def crates(rng: np.random.Generator) -> Body:
    """Two to six crates of goods, stacked in twos, the upper ones full of fruit."""
    meshes, lumps = [], []
    for index in range(int(rng.integers(2, 4))):
        x = 0.62 * (index - 1)
        high = 0.0
        for _ in range(int(rng.integers(1, 3))):
            builder, tone = MeshBuilder(), scaled(WOOD if rng.uniform() < 0.6 else pick(rng, PACKS), 1.0)
            builder.box((x - 0.28, high, -0.2), (x + 0.28, high + 0.28, 0.2), tone)
            for y in (0.06, 0.15):
                for z in (-0.202, 0.202):
                    builder.face(((x - 0.27, high + y, z), (x + 0.27, high + y, z), (x + 0.27, high + y + 0.03, z),
                                  (x - 0.27, high + y + 0.03, z)), scaled(tone, 0.6), layer=FINE)  # fmt: skip
            meshes.append(builder.mesh((x, high + 0.14, 0)))
            high += 0.28
        if rng.uniform() < 0.75:
            lumps += _heap(rng, (x - 0.27, x + 0.27, -0.19, 0.19), high + 0.03)
    return Body(tuple(meshes), tuple(lumps))


def rack(rng: np.random.Generator) -> Body:
    """A metal shelf with packs on three boards."""
    frame = MeshBuilder()
    half = rng.uniform(0.45, 0.65)
    frame.box((-half, 0.0, 0.16), (half, 1.35, 0.19), scaled(STEEL, 0.7))
    for y in (0.12, 0.52, 0.92):
        frame.box((-half, y, -0.2), (half, y + 0.03, 0.19), STEEL)
    meshes = [frame.mesh((0, 0.7, 0.3))]
    for y in (0.15, 0.55, 0.95):
        x = -half + 0.02
        while x < half - 0.16:
            pack, wide = MeshBuilder(), rng.uniform(0.1, 0.22)
            pack.box((x, y, -0.18), (x + wide, y + rng.uniform(0.18, 0.32), 0.12), pick(rng, PACKS))
            meshes.append(pack.mesh((x + wide / 2, y + 0.1, 0)))
            x += wide + 0.015
    return Body(tuple(meshes))


def clothes_rail(rng: np.random.Generator) -> Body:
    """Clothes that hang on a rail."""
    rail = MeshBuilder()
    half = rng.uniform(0.6, 0.85)
    for x in (-half, half - 0.04):
        rail.box((x, 0.0, -0.02), (x + 0.04, 1.55, 0.02), STEEL)
    rail.box((-half, 1.5, -0.02), (half, 1.54, 0.02), STEEL)
    lumps = []
    for x in np.arange(-half + 0.1, half - 0.08, 0.11):
        foot = rng.uniform(0.55, 0.85)
        lumps.append(Lump(np.array([[x, 1.36, -0.16, 0.05], [x, 1.36, 0.16, 0.05], [x, foot, -0.14, 0.05],
                                    [x, foot, 0.14, 0.05]]), pick(rng, (*CLOTHS, *PACKS))))  # fmt: skip
    return Body((rail.mesh((0, 1.0, 0)),), tuple(lumps))


def table(rng: np.random.Generator) -> Body:
    """A folding table with plastic stools around it."""
    builder, tone = MeshBuilder(), pick(rng, (WOOD, (200, 202, 204), (70, 110, 60)))
    builder.box((-0.42, 0.68, -0.42), (0.42, 0.73, 0.42), tone)
    for x in (-0.38, 0.34):
        for z in (-0.38, 0.34):
            builder.box((x, 0.0, z), (x + 0.04, 0.68, z + 0.04), STEEL)
    meshes = []
    colour = pick(rng, ((50, 50, 190), (170, 100, 40), (70, 150, 70)))
    for turn in np.arange(4) * np.pi / 2 + rng.uniform(0.5, 1.0):
        x, z = 0.72 * float(np.cos(turn)), 0.72 * float(np.sin(turn))
        stool = MeshBuilder()
        stool.box((x - 0.16, 0.0, z - 0.16), (x + 0.16, 0.44, z + 0.16), colour)
        meshes.append(stool.mesh((x, 0.22, z)))
    return Body((*meshes, builder.mesh((0, 0.5, 0))))


def planter(rng: np.random.Generator) -> Body:
    """A flower trough."""
    builder = MeshBuilder()
    half = rng.uniform(0.4, 0.6)
    builder.box((-half, 0.0, -0.2), (half, 0.42, 0.2), pick(rng, ((110, 122, 140), (70, 90, 130), (170, 172, 174))))
    lumps = []
    for _ in range(46):
        x, y, z = rng.uniform(-half + 0.05, half - 0.05), rng.uniform(0.42, 0.85), rng.uniform(-0.17, 0.17)
        bloom = rng.uniform() < 0.14
        tone = pick(rng, ((140, 90, 200), (60, 190, 230), (200, 200, 215))) if bloom else (52, 104, 80)
        size = rng.uniform(0.04, 0.09)
        lumps.append(Lump(np.array([[x, y, z, size]]), scaled(tone, 0.6 + 0.6 * y + rng.uniform(-0.15, 0.15))))
    return Body((builder.mesh((0, 0.2, 0)),), tuple(lumps))


def board(rng: np.random.Generator) -> Body:
    """A sign board that stands like an A."""
    builder, paint = MeshBuilder(), pick(rng, ((40, 40, 44), (60, 60, 180), (150, 90, 40), (60, 120, 70)))
    for side in (-1, 1):
        foot, top = side * 0.26, side * 0.03
        builder.face(((-0.32, 0.0, foot), (0.32, 0.0, foot), (0.32, 1.05, top), (-0.32, 1.05, top)), paint, gloss=0.1)
        for index in range(4):
            y = 0.25 + 0.18 * index
            z = foot + (top - foot) * y / 1.05 + side * 0.006
            builder.face(((-0.24, y, z), (0.24 - 0.1 * (index % 2), y, z), (0.24 - 0.1 * (index % 2), y + 0.08, z),
                          (-0.24, y + 0.08, z)), (215, 220, 222), layer=TRIM)  # fmt: skip
    return Body((builder.mesh((0, 0.5, 0)),))


def parcels(rng: np.random.Generator) -> Body:
    """A stack of cartons."""
    meshes = []
    for index in range(int(rng.integers(4, 8))):
        x, high = 0.46 * (index % 3) - 0.46, 0.36 * (index // 3)
        box = MeshBuilder()
        box.box((x - 0.21, high, -0.18), (x + 0.21, high + rng.uniform(0.26, 0.34), 0.18), scaled(WOOD, 1.1))
        meshes.append(box.mesh((x, high + 0.15, 0)))
    return Body(tuple(meshes))


GOODS: Mapping[str, tuple[str, Maker]] = MappingProxyType(
    {
        "crates": ("goods", crates), "rack": ("goods", rack), "clothes rail": ("goods", clothes_rail),
        "table": ("table_chair", table), "parcels": ("goods", parcels),
    }
)  # fmt: skip
"""What stands before shops: class name and maker."""
