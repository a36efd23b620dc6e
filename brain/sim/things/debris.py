"""What floats on a river and does not belong there; leaves and lotus, which may."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from brain.sim.draw import Colour, scaled
from brain.sim.paint.mesh import TRIM, MeshBuilder
from brain.sim.things.still import Body, Lump

BOTTLES: tuple[Colour, ...] = ((214, 216, 206), (190, 206, 170), (120, 170, 110), (70, 160, 220))
BAGS: tuple[Colour, ...] = ((226, 226, 226), (60, 60, 200), (48, 46, 46), (190, 150, 90), (120, 190, 220))
WOODS: tuple[Colour, ...] = ((60, 84, 108), (44, 62, 82), (84, 112, 136))


def bottle(rng: np.random.Generator) -> Body:
    """A plastic bottle on its side."""
    size = rng.uniform(0.2, 0.34)
    colour = BOTTLES[int(rng.integers(len(BOTTLES)))]
    body = np.array([[-size / 2, 0.03, 0.0, 0.05], [size * 0.25, 0.03, 0.0, 0.05]])
    neck = np.array([[size * 0.3, 0.03, 0.0, 0.035], [size * 0.62, 0.03, 0.0, 0.018]])
    return Body(lumps=(Lump(body, colour, 0.25), Lump(neck, scaled(colour, 0.9))))


def plastic_bag(rng: np.random.Generator) -> Body:
    """A bag with air in it."""
    size = rng.uniform(0.22, 0.45)
    colour = BAGS[int(rng.integers(len(BAGS)))]
    discs = [(rng.normal(0, 0.25) * size, size * rng.uniform(0.05, 0.25), rng.normal(0, 0.2) * size,
              size * rng.uniform(0.2, 0.42)) for _ in range(3)]  # fmt: skip
    return Body(lumps=(Lump(np.array(discs), colour, 0.2),))


def foam_box(rng: np.random.Generator) -> Body:
    """A box of white plastic foam, or a piece of one."""
    a, b, height = rng.uniform(0.15, 0.32), rng.uniform(0.1, 0.22), rng.uniform(0.08, 0.26)
    builder = MeshBuilder()
    builder.box((-a, 0.0, -b), (a, height, b), scaled((236, 236, 234), rng.uniform(0.9, 1.05)))
    lid = ((-a, height + 0.004, -b * 0.3), (a, height + 0.004, -b * 0.3), (a, height + 0.004, -b * 0.1),
           (-a, height + 0.004, -b * 0.1))  # fmt: skip
    builder.face(lid, (196, 198, 198), layer=TRIM)
    return Body(meshes=(builder.mesh((0, height / 2, 0)),))


def dead_fish(rng: np.random.Generator) -> Body:
    """A fish on its side, belly up and pale, 0.4–0.75 m."""
    size = rng.uniform(0.4, 0.75)
    tone = scaled((206, 214, 216), rng.uniform(0.88, 1.05))
    trunk = np.array([[-0.36, 0.02, 0.0, 0.05], [0.0, 0.03, 0.0, 0.13], [0.3, 0.03, 0.0, 0.09]]) * size
    back = np.array([[-0.3, 0.0, 0.1, 0.03], [0.25, 0.0, 0.1, 0.06]]) * size
    tail = np.array([[-0.4, 0.02, 0.0, 0.03], [-0.56, 0.02, 0.12, 0.03], [-0.56, 0.02, -0.12, 0.03]]) * size
    return Body(lumps=(Lump(back, (96, 108, 112)), Lump(trunk, tone, 0.2), Lump(tail, scaled(tone, 0.8))))


def branch(rng: np.random.Generator) -> Body:
    """A branch with twigs."""
    length = rng.uniform(0.7, 1.9)
    colour = WOODS[int(rng.integers(len(WOODS)))]
    lumps = [Lump(np.array([[-length / 2, 0.02, 0, 0.07], [length / 2, 0.05, rng.normal(0, 0.1), 0.03]]), colour)]
    for _ in range(3):
        start = rng.uniform(-0.3, 0.4) * length
        end = start + rng.uniform(0.2, 0.4), rng.uniform(0.02, 0.3), rng.normal(0, 0.3)
        lumps.append(Lump(np.array([[start, 0.03, 0, 0.03], [*end, 0.015]]), scaled(colour, rng.uniform(0.8, 1.2))))
    return Body(lumps=tuple(lumps))


def leaf_raft(rng: np.random.Generator) -> Body:
    """Leaves, reeds and scraps that stick together."""
    reach = rng.uniform(0.3, 0.8)
    lumps = []
    for _ in range(16):
        away, bearing = reach * np.sqrt(rng.uniform()), rng.uniform(0, 6.28)
        x, z, turn = away * np.cos(bearing), 0.7 * away * np.sin(bearing), rng.uniform(0, 6.28)
        size = rng.uniform(0.05, 0.14)
        tone = ((70, 120, 110), (60, 130, 160), (50, 90, 84), (200, 206, 206))[
            int(rng.choice(4, p=(0.4, 0.3, 0.2, 0.1)))
        ]
        discs = np.array(
            [[x, 0.01, z, size * 0.5], [x + size * np.cos(turn), 0.02, z + size * np.sin(turn), size * 0.4]]
        )
        lumps.append(Lump(discs, scaled(tone, rng.uniform(0.8, 1.15))))
    return Body(lumps=tuple(lumps))


def lotus(rng: np.random.Generator) -> Body:
    """A group of lotus leaves, some with a bud."""
    lumps = []
    for _ in range(int(rng.integers(5, 10))):
        away, bearing = 1.1 * np.sqrt(rng.uniform()), rng.uniform(0, 6.28)
        x, z, height, radius = (
            away * np.cos(bearing),
            away * np.sin(bearing),
            rng.uniform(0.01, 0.3),
            rng.uniform(0.16, 0.3),
        )
        rim = [
            (x + radius * 0.8 * np.cos(a), height, z + radius * 0.8 * np.sin(a), 0.03) for a in np.arange(0, 6.2, 0.8)
        ]
        lumps.append(Lump(np.array(rim), scaled((70, 140, 84), rng.uniform(0.8, 1.15))))
        if rng.uniform() < 0.2:
            bud = np.array([[x, height + 0.22, z, 0.05], [x, height + 0.34, z, 0.03]])
            lumps.append(Lump(bud, (190, 150, 235), 0.1))
    return Body(lumps=tuple(lumps))


ITEMS: Mapping[str, Callable[[np.random.Generator], Body]] = {
    "bottle": bottle, "plastic_bag": plastic_bag, "foam_box": foam_box, "branch": branch, "leaf_raft": leaf_raft,
}  # fmt: skip
SHARES = (0.3, 0.25, 0.13, 0.12, 0.2)


def item(rng: np.random.Generator) -> Body:
    """Something that floats."""
    return tuple(ITEMS.values())[int(rng.choice(len(ITEMS), p=SHARES))](rng)
