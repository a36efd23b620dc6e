"""What stands about: cones, parasols, a terrace's tables, a grill, cast-out furniture, a market stand, a boiler."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np

from brain.sim.draw import Colour, scaled
from brain.sim.paint.mesh import FINE, TRIM, Mesh, MeshBuilder
from brain.sim.things.still import Body, Lump
from brain.sim.things.wares import CLOTHS, PACKS, PARASOLS, STEEL, WOOD, add_parasol, pick

CONE: Colour = (30, 90, 235)
WHITE: Colour = (222, 226, 228)
SOFAS: tuple[Colour, ...] = ((60, 70, 110), (90, 100, 104), (70, 90, 60), (120, 110, 90))
COAL: Colour = (40, 40, 46)
FACES = 10


def cone() -> Body:
    """A traffic cone of 0.7 m with a white band."""
    lumps = []
    for low, high, colour in ((0.04, 0.3, CONE), (0.3, 0.46, WHITE), (0.46, 0.68, CONE)):
        reach = [0.17 * (1 - y / 0.78) for y in (low, high)]
        lumps.append(Lump(np.array([[0, low, 0, reach[0]], [0, high, 0, reach[1]]]), colour))
    builder = MeshBuilder()
    builder.box((-0.2, 0.0, -0.2), (0.2, 0.05, 0.2), (40, 40, 42))
    return Body((builder.mesh((0, 0.02, 0)),), tuple(lumps))


def parasol(rng: np.random.Generator) -> Body:
    """A shop's parasol on its own, with a foot of stone."""
    builder = MeshBuilder()
    builder.box((-0.25, 0.0, -0.25), (0.25, 0.1, 0.25), (150, 152, 152))
    shade = MeshBuilder()
    add_parasol(shade, rng.uniform(1.2, 1.5), rng.uniform(2.3, 2.6), PARASOLS[int(rng.integers(len(PARASOLS)))])
    return Body((builder.mesh((0, 0.05, 0)), shade.mesh((0, 1.5, 0))))


def terrace_table(rng: np.random.Generator) -> Body:
    """A round café table with two chairs that have backs; glasses on it."""
    builder, tone = MeshBuilder(), pick(rng, (WOOD, (70, 96, 120), (205, 206, 204)))
    turn = np.linspace(0, 2 * np.pi, FACES + 1)
    rim = [(0.36 * float(np.cos(a)), 0.36 * float(np.sin(a))) for a in turn]
    for (ax, az), (bx, bz) in itertools.pairwise(rim):
        builder.face(((ax, 0.73, az), (bx, 0.73, bz), (0.0, 0.74, 0.0)), tone, gloss=0.2)
    builder.box((-0.03, 0.0, -0.03), (0.03, 0.73, 0.03), STEEL)
    parts: list[Mesh] = []
    colour = pick(rng, ((44, 44, 48), WOOD, (60, 90, 60)))
    for side in (-1, 1):
        chair = MeshBuilder()
        x1, x2 = sorted((side * 0.55, side * 0.97))
        chair.box((x1, 0.42, -0.21), (x2, 0.46, 0.21), colour)
        back1, back2 = sorted((side * 0.93, side * 0.98))
        chair.box((back1, 0.46, -0.21), (back2, 0.88, 0.21), colour)
        for x in (x1 + 0.02, x2 - 0.05):
            for z in (-0.2, 0.17):
                chair.box((x, 0.0, z), (x + 0.03, 0.42, z + 0.03), colour, layer=FINE)
        parts.append(chair.mesh((side * 0.76, 0.4, 0)))
    glasses = tuple(
        Lump(np.array([[x, 0.78, z, 0.035], [x, 0.86, z, 0.035]]), (190, 210, 220), 0.3)
        for x, z in ((-0.12, 0.1), (0.14, -0.06))
    )
    return Body((*parts, builder.mesh((0, 0.5, 0))), glasses)


def grill(rng: np.random.Generator) -> Body:
    """A long charcoal grill on legs with skewers on it."""
    builder = MeshBuilder()
    builder.box((-0.75, 0.72, -0.16), (0.75, 0.9, 0.16), COAL, gloss=0.2)
    for x in (-0.7, 0.64):
        for z in (-0.14, 0.1):
            builder.box((x, 0.0, z), (x + 0.05, 0.72, z + 0.04), STEEL, layer=TRIM)
    skewers = []
    for x in np.arange(-0.62, 0.62, 0.11):
        if rng.uniform() < 0.75:
            meat = scaled((52, 78, 128), rng.uniform(0.75, 1.15))
            skewers.append(Lump(np.array([[x, 0.95, -0.2, 0.02], [x, 0.95, 0.12, 0.032]]), meat))
    return Body((builder.mesh((0, 0.6, 0)),), tuple(skewers))


def furniture(rng: np.random.Generator) -> Body:
    """A sofa, a cupboard, or a mattress that leans on a box: what is put out and left."""
    kind = int(rng.integers(3))
    if kind == 0:
        return _sofa(scaled(SOFAS[int(rng.integers(len(SOFAS)))], rng.uniform(0.9, 1.1)))
    builder = MeshBuilder()
    wood = scaled(WOOD, rng.uniform(0.7, 1.1))
    if kind == 1:
        half, high = rng.uniform(0.4, 0.6), rng.uniform(1.2, 1.8)
        builder.box((-half, 0.0, -0.28), (half, high, 0.28), wood, gloss=0.1)
        for z in (-0.285, 0.285):
            builder.face(((-0.01, 0.05, z), (0.01, 0.05, z), (0.01, high - 0.05, z), (-0.01, high - 0.05, z)),
                         scaled(wood, 0.5), layer=TRIM)  # fmt: skip
            builder.face(((0.06, high * 0.5, z), (0.1, high * 0.5, z), (0.1, high * 0.6, z), (0.06, high * 0.6, z)),
                         STEEL, layer=FINE)  # fmt: skip
        return Body((builder.mesh((0, high / 2, 0)),))
    crate = MeshBuilder()
    crate.box((-0.5, 0.0, 0.0), (0.5, 0.7, 0.5), wood)
    for index in range(3):
        y1, y2, z1, z2 = 0.6 * index, 0.6 * (index + 1), 0.42 - 0.15 * index, 0.27 - 0.15 * index
        stripe = scaled((196, 200, 206), 1.0 if index % 2 else 0.9)
        builder.face(((-0.95, y1, -z1), (0.95, y1, -z1), (0.95, y2, -z2), (-0.95, y2, -z2)), stripe)
    return Body((crate.mesh((0, 0.3, 0.3)), builder.mesh((0, 0.9, 0.4))))


def _sofa(colour: Colour) -> Body:
    seat, back = MeshBuilder(), MeshBuilder()
    seat.box((-0.9, 0.08, -0.4), (0.9, 0.42, 0.35), colour)
    for x in (-1.0, 0.86):
        seat.box((x, 0.05, -0.42), (x + 0.16, 0.6, 0.4), scaled(colour, 0.9))
    back.box((-0.9, 0.08, 0.3), (0.9, 0.85, 0.45), scaled(colour, 0.95))
    for x in (-0.86, 0.02):
        seat.box((x, 0.42, -0.38), (x + 0.84, 0.52, 0.3), scaled(colour, 1.12))
    return Body((back.mesh((0, 0.5, 0.38)), seat.mesh((0, 0.3, 0))))


def kiosk(rng: np.random.Generator) -> Body:
    """A market stand: a long table with boxes of goods below a striped roof on four posts."""
    table, cloth = MeshBuilder(), pick(rng, CLOTHS)
    table.box((-1.3, 0.1, -0.5), (1.3, 0.78, 0.5), cloth)
    meshes = [table.mesh((0, 0.4, 0))]
    for x in np.arange(-1.2, 1.1, 0.42):
        box = MeshBuilder()
        box.box((float(x), 0.78, -0.42), (float(x) + 0.36, 0.78 + rng.uniform(0.08, 0.25), 0.4), pick(rng, PACKS))
        meshes.append(box.mesh((float(x) + 0.18, 0.85, 0)))
    posts, roof = MeshBuilder(), MeshBuilder()
    for x in (-1.4, 1.36):
        for z in (-0.75, 0.71):
            posts.box((x, 0.0, z), (x + 0.04, 2.2, z + 0.04), STEEL)
    colours = PARASOLS[int(rng.integers(len(PARASOLS)))]
    for index, x in enumerate(np.linspace(-1.5, 1.2, 10)):
        for side in (-1, 1):
            pane = ((x, 2.5, 0.0), (x + 0.3, 2.5, 0.0), (x + 0.3, 2.12, side * 0.95), (x, 2.12, side * 0.95))
            roof.face([(float(a), float(b), float(c)) for a, b, c in pane], colours[index % 2], layer=TRIM)
            hem = ((x, 2.12, side * 0.95), (x + 0.3, 2.12, side * 0.95), (x + 0.3, 1.95, side * 0.95),
                   (x, 1.95, side * 0.95))  # fmt: skip
            roof.face([(float(a), float(b), float(c)) for a, b, c in hem], scaled(colours[index % 2], 0.85), layer=TRIM)
    return Body((posts.mesh((0, 1.2, 0)), *meshes, roof.mesh((0, 2.2, 0))))


def boiler(rng: np.random.Generator) -> Body:
    """A site's boiler house: a container with a steel stack of 4–5 m beside it."""
    paint = pick(rng, ((150, 110, 60), (70, 110, 150), (160, 162, 162)))
    house = MeshBuilder()
    house.box((-3.2, 0.0, -1.2), (1.2, 2.7, 1.2), paint)
    for x in np.arange(-3.1, 1.1, 0.35):
        house.face(((x, 0.1, -1.205), (x + 0.14, 0.1, -1.205), (x + 0.14, 2.6, -1.205), (x, 2.6, -1.205)),
                   scaled(paint, 0.85), layer=TRIM)  # fmt: skip
    house.face(((-2.6, 0.0, -1.21), (-1.6, 0.0, -1.21), (-1.6, 2.1, -1.21), (-2.6, 2.1, -1.21)), (70, 74, 80),
               layer=FINE)  # fmt: skip
    return Body((house.mesh((-1.0, 1.3, 0)), *_stack(rng.uniform(4.3, 4.9)).meshes))


def _stack(height_m: float) -> Body:
    """A chimney with two light rings."""
    builder = MeshBuilder()
    turn = np.linspace(0, 2 * np.pi, FACES + 1)
    for low, high, tone in ((0.0, 0.8, (96, 108, 132)), (0.8, 0.86, (200, 204, 208)), (0.86, 0.94, (60, 60, 150)),
                            (0.94, 1.0, (200, 204, 208))):  # fmt: skip
        r1, r2 = 0.36 - 0.06 * low, 0.36 - 0.06 * high
        for a, b in itertools.pairwise(turn):
            ring = ((r1, low, a), (r1, low, b), (r2, high, b), (r2, high, a))
            builder.face([(r * float(np.cos(t)), y * height_m, r * float(np.sin(t))) for r, y, t in ring], tone)
    return Body((builder.mesh((0, height_m / 2, 0)),))


def spilled(rng: np.random.Generator) -> Body:
    """Cartons and a sack as they fell: scattered over two metres, turned anyhow, one on its side."""
    meshes = []
    for index in range(int(rng.integers(4, 7))):
        away, bearing, turn = 0.32 * index + rng.uniform(0, 0.15), 2.4 * index, rng.uniform(0, 1.57)
        half, deep, high = rng.uniform(0.2, 0.34), rng.uniform(0.16, 0.26), rng.uniform(0.2, 0.42)
        box = MeshBuilder()
        box.box((-half, 0.0, -deep), (half, high, deep), scaled(WOOD, rng.uniform(0.9, 1.2)))
        box.face(((-half, high + 0.004, -0.03), (half, high + 0.004, -0.03), (half, high + 0.004, 0.03),
                  (-half, high + 0.004, 0.03)), (170, 196, 210), layer=TRIM)  # fmt: skip
        mesh = box.mesh((0, high / 2, 0))
        cos, sin = np.cos(turn), np.sin(turn)
        spin = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
        mesh = replace(mesh, points=mesh.points @ spin, normals=mesh.normals @ spin)
        meshes.append(mesh.moved(away * float(np.cos(bearing)), 0.0, 0.7 * away * float(np.sin(bearing))))
    sack = np.array([[0.5, 0.14, -0.5, 0.14], [1.0, 0.12, -0.4, 0.13]])
    return Body(tuple(meshes), (Lump(sack, (196, 204, 208)),))
