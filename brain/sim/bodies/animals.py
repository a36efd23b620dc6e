"""Cats and dogs: walking, standing, asleep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from brain.sim.draw import Colour, scaled
from brain.sim.things.still import Body, Lump

COATS: tuple[Colour, ...] = ((60, 92, 130), (40, 42, 46), (190, 196, 200), (70, 110, 160), (110, 114, 120))
STRIDE_SHARE = 1.1
"""Metres of a stride per metre of body length."""


@dataclass(frozen=True, slots=True)
class Animal:
    """Length of the trunk in metres, height of the back, girth (radius), coat, and whether it is a cat."""

    length: float
    height: float
    girth: float
    coat: Colour
    cat: bool

    @staticmethod
    def of(rng: np.random.Generator, *, cat: bool) -> Animal:
        """One that the numbers choose."""
        coat = scaled(COATS[int(rng.integers(len(COATS)))], rng.uniform(0.9, 1.1))
        if cat:
            return Animal(rng.uniform(0.3, 0.38), rng.uniform(0.24, 0.28), 0.075, coat, cat=True)
        return Animal(rng.uniform(0.5, 0.7), rng.uniform(0.42, 0.55), rng.uniform(0.1, 0.13), coat, cat=False)


def upright(animal: Animal, walked: float) -> Body:
    """Standing or walking; ``walked`` metres turn the legs."""
    half, high, thick = animal.length / 2, animal.height, animal.girth
    phase = 2 * np.pi * walked / (STRIDE_SHARE * animal.length)
    lumps = []
    for ahead, side, turn in ((half, 1, 0.0), (half, -1, np.pi), (-half, 1, np.pi), (-half, -1, 0.0)):
        swing = 0.32 * high * float(np.sin(phase + turn)) if walked else 0.0
        lumps.append(Lump(np.array([[ahead * 0.9, high - 0.5 * thick, side * thick * 0.6, thick * 0.5],
                                    [ahead * 0.9 + swing, 0.03, side * thick * 0.6, thick * 0.3]]),
                          scaled(animal.coat, 0.85)))  # fmt: skip
    lumps.append(Lump(np.array([[half, high, 0, thick], [-half, high - 0.02, 0, thick * 0.9]]), animal.coat, 0.03))
    neck = [half + thick, high + 0.9 * thick, 0, thick * 0.55]
    head = [half + 1.8 * thick, high + 1.7 * thick, 0, thick * 0.72]
    lumps.append(Lump(np.array([neck, head]), animal.coat))
    lumps.append(Lump(np.array([[head[0] + thick, head[1] - 0.25 * thick, 0, thick * 0.36]]), scaled(animal.coat, 0.8)))
    for side in (-1, 1):
        lumps.append(Lump(np.array([[head[0], head[1] + 0.8 * thick, side * 0.45 * thick, thick * 0.22]]),
                          scaled(animal.coat, 0.7)))  # fmt: skip
    tail = [-half - (3.2 if animal.cat else 2.0) * thick, high + (2.6 if animal.cat else 1.2) * thick, 0, thick * 0.2]
    lumps.append(Lump(np.array([[-half, high, 0, thick * 0.35], tail]), scaled(animal.coat, 0.9)))
    return Body(lumps=tuple(lumps))


def asleep(animal: Animal) -> Body:
    """Curled up on the ground."""
    thick, coat = animal.girth * 1.4, animal.coat
    turn = np.linspace(-0.5, 3.9, 7)
    radius = animal.length * 0.42
    ring = [[radius * np.cos(a), thick * 0.8, radius * 0.8 * np.sin(a), thick * (1.0 - 0.09 * i)]
            for i, a in enumerate(turn)]  # fmt: skip
    lumps = [Lump(np.array([ring[i], ring[i + 1]]), scaled(coat, 1 - 0.03 * (i % 2)), 0.02) for i in range(6)]
    lumps.append(Lump(np.array([[ring[0][0] * 0.5, thick * 1.0, ring[0][2], thick * 0.62],
                                [ring[0][0] * 0.1, thick * 0.8, ring[0][2] * 1.2, thick * 0.4]]),
                      scaled(coat, 0.92)))  # fmt: skip
    return Body(lumps=tuple(lumps))
