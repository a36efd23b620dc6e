"""Birds on and over the water, dogs on the bank."""

from __future__ import annotations

import numpy as np

from brain.sim.draw import Colour, scaled
from brain.sim.things.still import Body, Lump

DOGS: tuple[Colour, ...] = ((60, 110, 160), (220, 222, 222), (40, 40, 44), (90, 130, 180))


def duck(rng: np.random.Generator) -> Body:
    """A swimming duck, 0.5 m."""
    colour = ((70, 96, 120), (216, 218, 218), (60, 70, 76))[int(rng.integers(3))]
    body = np.array([[-0.2, 0.1, 0, 0.05], [-0.05, 0.08, 0, 0.12], [0.12, 0.08, 0, 0.1]])
    neck = np.array([[0.16, 0.14, 0, 0.05], [0.2, 0.27, 0, 0.05]])
    bill = np.array([[0.24, 0.27, 0, 0.025], [0.31, 0.26, 0, 0.015]])
    return Body(lumps=(Lump(body, colour), Lump(neck, scaled(colour, 0.8)), Lump(bill, (40, 150, 220))))


def egret(rng: np.random.Generator) -> Body:
    """A white bird that stands in shallow water, 0.9 m."""
    tone = rng.uniform(0.92, 1.05)
    white = scaled((232, 234, 234), tone)
    legs = tuple(Lump(np.array([[0.0, 0.0, z, 0.012], [0.0, 0.36, z, 0.014]]), (40, 44, 46)) for z in (-0.04, 0.04))
    body = np.array([[-0.22, 0.4, 0, 0.05], [0.0, 0.46, 0, 0.11], [0.12, 0.52, 0, 0.07]])
    neck = np.array([[0.13, 0.54, 0, 0.045], [0.2, 0.74, 0, 0.03], [0.16, 0.84, 0, 0.035]])
    bill = np.array([[0.18, 0.85, 0, 0.02], [0.32, 0.82, 0, 0.008]])
    return Body(lumps=(*legs, Lump(body, white), Lump(neck, white), Lump(bill, (40, 160, 210))))


def heron(rng: np.random.Generator) -> Body:
    """A large grey or white wader, 1.2–1.5 m: as high as a child."""
    size = rng.uniform(1.2, 1.5)
    tone = ((150, 142, 132), (228, 230, 230), (96, 98, 104))[int(rng.integers(3))]
    neck_tone = scaled(tone, 1.12)
    legs = tuple(
        Lump(np.array([[0.0, 0.0, z, 0.014], [0.0, 0.42 * size, z, 0.02]]), (50, 70, 80)) for z in (-0.06, 0.06)
    )
    body = np.array([[-0.3, 0.42, 0, 0.07], [0.0, 0.5, 0, 0.15], [0.16, 0.58, 0, 0.1]]) * [1, size, 1, 1]
    neck = np.array([[0.18, 0.62, 0, 0.06], [0.3, 0.76, 0, 0.04], [0.24, 0.92, 0, 0.045]]) * [1, size, 1, 1]
    bill = np.array([[0.27, 0.93, 0, 0.03], [0.48, 0.9, 0, 0.01]]) * [1, size, 1, 1]
    crest = np.array([[0.2, 0.95, 0, 0.02], [0.06, 0.93, 0, 0.008]]) * [1, size, 1, 1]
    return Body(lumps=(*legs, Lump(body, tone), Lump(neck, neck_tone), Lump(crest, (40, 40, 44)),
                       Lump(bill, (50, 150, 210))))  # fmt: skip


def goose(rng: np.random.Generator) -> Body:
    """A goose that stands or walks, 0.7 m."""
    tone = ((222, 224, 226), (96, 110, 124))[int(rng.integers(2))]
    legs = tuple(Lump(np.array([[0.0, 0.0, z, 0.02], [0.0, 0.2, z, 0.02]]), (50, 130, 230)) for z in (-0.06, 0.06))
    body = np.array([[-0.3, 0.32, 0, 0.06], [-0.05, 0.3, 0, 0.15], [0.16, 0.34, 0, 0.11]])
    neck = np.array([[0.2, 0.4, 0, 0.06], [0.26, 0.66, 0, 0.045]])
    bill = np.array([[0.3, 0.66, 0, 0.03], [0.4, 0.64, 0, 0.015]])
    return Body(lumps=(*legs, Lump(body, tone), Lump(neck, scaled(tone, 0.95)), Lump(bill, (50, 130, 230))))


def flying(time_s: float, phase: float, colour: Colour = (228, 230, 230)) -> Body:
    """A bird in the air, wings beating 2.5 times a second."""
    beat = float(np.sin(2 * np.pi * 2.5 * time_s + phase))
    body = np.array([[-0.25, 0, 0, 0.04], [0.05, 0, 0, 0.08], [0.32, 0.03, 0, 0.035]])
    wings = []
    for side in (-1.0, 1.0):
        wing = np.array([[0.06, 0.02, side * 0.06, 0.05], [0.0, 0.02 + 0.24 * beat, side * 0.38, 0.06],
                         [-0.1, 0.02 + 0.34 * beat, side * 0.68, 0.02]])  # fmt: skip
        wings.append(Lump(wing, scaled(colour, 0.9)))
    return Body(lumps=(Lump(body, colour), *wings))


def dog(colour: Colour, time_s: float, *, walks: bool = True) -> Body:
    """A dog of 0.55 m at the shoulder."""
    swing = 0.16 * float(np.sin(2 * np.pi * 1.9 * time_s)) if walks else 0.0
    legs = []
    for x, side, sign in ((0.26, 0.09, 1), (0.26, -0.09, -1), (-0.26, 0.09, -1), (-0.26, -0.09, 1)):
        legs.append(
            Lump(np.array([[x, 0.32, side, 0.055], [x + sign * swing, 0.03, side, 0.035]]), scaled(colour, 0.9))
        )
    body = np.array([[-0.28, 0.42, 0, 0.12], [0.26, 0.44, 0, 0.14]])
    neck = np.array([[0.3, 0.48, 0, 0.1], [0.42, 0.62, 0, 0.09]])
    muzzle = np.array([[0.46, 0.6, 0, 0.07], [0.58, 0.56, 0, 0.04]])
    wag = 0.1 * float(np.sin(2 * np.pi * 2.2 * time_s))
    tail = np.array([[-0.36, 0.48, 0, 0.04], [-0.5, 0.66, wag, 0.02]])
    parts = tuple(Lump(part, colour) for part in (body, neck, muzzle, tail))
    return Body(lumps=(*legs, *parts))
