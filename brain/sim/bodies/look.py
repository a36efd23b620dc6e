"""How people look: build, colours, hair, clothes, and what they carry."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from brain.sim.draw import Colour, scaled, stream

TOPS: tuple[Colour, ...] = (
    (54, 47, 44), (40, 38, 38), (62, 56, 50), (150, 140, 132), (124, 72, 46), (54, 50, 132), (74, 96, 68),
    (206, 204, 200), (70, 104, 132), (122, 108, 100), (96, 56, 78), (140, 104, 66), (46, 44, 46), (220, 218, 216),
    (176, 200, 214), (60, 150, 190), (196, 168, 126), (150, 140, 206), (168, 188, 150), (56, 60, 168),
    (96, 84, 76), (188, 182, 172),
)  # fmt: skip
LEGS: tuple[Colour, ...] = (
    (48, 42, 40), (98, 70, 52), (64, 60, 58), (112, 116, 122), (38, 36, 34), (44, 40, 40), (124, 98, 74),
    (128, 150, 164), (74, 78, 84),
)  # fmt: skip
SKINS: tuple[Colour, ...] = ((132, 160, 198), (118, 146, 188), (142, 172, 212), (108, 134, 176))
HAIRS: tuple[Colour, ...] = ((26, 24, 24), (32, 30, 34), (28, 27, 30), (84, 86, 90), (34, 42, 60))
SHOES: tuple[Colour, ...] = ((34, 32, 32), (206, 206, 204), (50, 48, 60), (60, 74, 98))
CAPS: tuple[Colour, ...] = ((44, 42, 42), (150, 90, 60), (60, 54, 150), (200, 198, 196))
BAGS: tuple[Colour, ...] = ((44, 42, 44), (60, 84, 122), (70, 60, 140), (150, 120, 90), (214, 216, 218), (70, 150, 200))
MASKS: tuple[Colour, ...] = ((226, 206, 178), (222, 222, 222), (52, 50, 50))
LOWER = (("trousers", 0.7), ("shorts", 0.1), ("skirt", 0.2))


@dataclass(frozen=True, slots=True)
class Look:
    """How somebody looks: scale to 1.7 m, girth, colours, and what is worn or carried.

    Attributes:
        coat_m: how far the top reaches below the hips.
        lower: ``trousers``, ``shorts`` (bare calves) or ``skirt`` (to the knee).
        bare_arms: short sleeves.
        inner: colour of a shirt that shows in an open jacket.
        cap, helmet, mask: colours of what is worn on head and face.
    """

    scale: float
    girth: float
    top: Colour
    legs: Colour
    skin: Colour
    hair: Colour
    shoes: Colour
    long_hair: bool
    coat_m: float = 0.0
    backpack: Colour | None = None
    bag: Colour | None = None
    helmet: Colour | None = None
    vest: bool = False
    lower: str = "trousers"
    bare_arms: bool = False
    inner: Colour | None = None
    cap: Colour | None = None
    mask: Colour | None = None

    @staticmethod
    def of(seed: int) -> Look:
        """The look that a seed chooses."""
        rng = stream(seed, "look")

        def pick(colours: tuple[Colour, ...], share: float = 1.0) -> Colour:
            chosen = scaled(colours[int(rng.integers(len(colours)))], rng.uniform(0.88, 1.1))
            return chosen if rng.uniform() < share else scaled(chosen, 0.8)

        def perhaps(colours: tuple[Colour, ...], share: float) -> Colour | None:
            chosen = pick(colours)
            return chosen if rng.uniform() < share else None

        long_hair = bool(rng.uniform() < 0.42)
        shares = np.array([share for _, share in LOWER]) if long_hair else np.array([0.86, 0.14, 0.0])
        coat = bool(rng.uniform() < 0.3)
        return Look(
            scale=rng.uniform(0.9, 1.02) if long_hair else rng.uniform(0.95, 1.1),
            girth=float(np.clip(rng.normal(1.04, 0.1), 0.86, 1.3)),
            top=pick(TOPS, 0.9),
            legs=pick(LEGS),
            skin=pick(SKINS),
            hair=pick(HAIRS),
            shoes=pick(SHOES),
            long_hair=long_hair,
            coat_m=float(rng.uniform(0.2, 0.45)) if coat else float(rng.uniform(0.0, 0.1)),
            backpack=perhaps(BAGS, 0.25),
            bag=perhaps(BAGS, 0.35),
            lower=LOWER[int(rng.choice(len(LOWER), p=shares / shares.sum()))][0],
            bare_arms=not coat and bool(rng.uniform() < 0.3),
            inner=perhaps(TOPS, 0.4),
            cap=perhaps(CAPS, 0.12),
            mask=perhaps(MASKS, 0.15),
        )

    def worn(self, *, helmet: Colour | None = None, vest: bool = False) -> Look:
        """The same person with a helmet or an orange vest."""
        return replace(
            self,
            helmet=helmet,
            vest=vest,
            cap=None if helmet else self.cap,
            top=(40, 110, 236) if vest else self.top,
            inner=None if vest else self.inner,
        )
