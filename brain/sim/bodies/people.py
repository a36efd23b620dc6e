"""People: clothes over joints, painted as rounded hulls from far to near."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from brain.sim.bodies.pose import AT, Pose, skeleton
from brain.sim.camera import Floats
from brain.sim.draw import Colour, mixed, scaled, stream
from brain.sim.paint.pad import Pad
from brain.sim.paint.shading import Shade
from brain.sim.paint.view import View

TOPS: tuple[Colour, ...] = (
    (54, 47, 44), (40, 38, 38), (62, 56, 50), (150, 140, 132), (104, 66, 46), (54, 50, 120), (74, 90, 68),
    (196, 194, 190), (70, 100, 122), (112, 100, 92), (84, 52, 66), (120, 92, 60), (46, 44, 46), (212, 210, 208),
)  # fmt: skip
LEGS: tuple[Colour, ...] = ((48, 42, 40), (86, 62, 48), (64, 60, 58), (112, 116, 122), (38, 36, 34), (44, 40, 40))
SKINS: tuple[Colour, ...] = ((132, 160, 198), (118, 146, 188), (142, 172, 212), (108, 134, 176))
HAIRS: tuple[Colour, ...] = ((26, 24, 24), (32, 30, 34), (64, 64, 68), (30, 30, 40))
SHOES: tuple[Colour, ...] = ((34, 32, 32), (196, 196, 194), (50, 48, 60))
COARSE_PX = 13.0
"""Pixels per metre below which limbs are drawn whole."""
TOES, ANKLES = [AT["toe_l"], AT["toe_r"]], [AT["ankle_l"], AT["ankle_r"]]
TRUNK = [AT["shoulder_l"], AT["shoulder_r"], AT["hip_r"], AT["hip_l"]]
LIMBS = (
    ("hip", "knee", 0.088, 0.066), ("knee", "ankle", 0.064, 0.046), ("ankle", "toe", 0.046, 0.036),
    ("shoulder", "elbow", 0.058, 0.047), ("elbow", "hand", 0.047, 0.038),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """How somebody looks: scale to 1.7 m, girth, colours, and what is worn or carried."""

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

    @staticmethod
    def of(seed: int) -> Look:
        """The look that a seed chooses."""
        rng = stream(seed, "look")

        def pick(colours: tuple[Colour, ...]) -> Colour:
            return scaled(colours[int(rng.integers(len(colours)))], rng.uniform(0.9, 1.08))

        return Look(
            scale=rng.uniform(0.93, 1.07),
            girth=rng.uniform(0.92, 1.15),
            top=pick(TOPS),
            legs=pick(LEGS),
            skin=pick(SKINS),
            hair=pick(HAIRS),
            shoes=pick(SHOES),
            long_hair=bool(rng.uniform() < 0.4),
            coat_m=float(rng.uniform(0.12, 0.45)) if rng.uniform() < 0.4 else 0.06,
            backpack=pick(TOPS) if rng.uniform() < 0.25 else None,
            bag=pick(TOPS) if rng.uniform() < 0.3 else None,
        )

    def worn(self, *, helmet: Colour | None = None, vest: bool = False) -> Look:
        """The same person with a helmet or an orange vest."""
        return replace(self, helmet=helmet, vest=vest, top=(40, 110, 236) if vest else self.top)


def outline(joints: Floats, scale: float) -> Floats:
    """World points (N×3) that enclose the body."""
    pad = 0.13 * scale
    tops = joints + np.array([0.0, pad, 0.0])
    return np.vstack([joints, tops, joints[[AT["head"]]] + np.array([0.0, pad * 1.1, 0.0])])


def paint_person(pad: Pad, view: View, pose: Pose, look: Look, shade: Shade) -> None:
    """Paint one person: far limbs, body and head, near limbs."""
    joints = skeleton(pose, look.scale)
    pixels, depth = view.project(joints)
    if depth.min() < 0.3:
        return
    _Painter(pad, pixels, depth, view.metre(float(depth.mean())) * look.scale, look, shade).paint(pose)


@dataclass(slots=True)
class _Painter:
    pad: Pad
    pixels: Floats
    depth: Floats
    metre: float
    look: Look
    shade: Shade

    def paint(self, pose: Pose) -> None:
        left_first = self.depth[AT["shoulder_l"]] > self.depth[AT["shoulder_r"]]
        far, near = ("l", "r") if left_first else ("r", "l")
        faces_us = bool(self.depth[TOES].sum() < self.depth[ANKLES].sum())
        self._limbs(far, lambda colour: self.shade.flat(colour, 0.86, 0.35))
        if self.look.backpack and faces_us:
            self._pack()
        self._body(faces_us=faces_us, seated=pose.sits > 0)
        if self.look.backpack and not faces_us:
            self._pack()
        self._limbs(near, lambda colour: self.shade.flat(colour, 1.05, 0.5))
        if self.look.bag and not pose.sits and pose.reach < 0.5:
            hand = self.pixels[AT[f"hand_{near}"]]
            drop = np.array([[0.0, 0.1], [0.0, 0.24]]) * self.metre
            self.pad.hull(hand + drop, np.array([0.06, 0.12]) * self.metre, self.shade.flat(self.look.bag, 0.9))

    def _pack(self) -> None:
        back = self.pixels[TRUNK[:2]].mean(axis=0), self.pixels[TRUNK].mean(axis=0)
        colour = self.look.backpack or self.look.top
        self.pad.hull(np.array(back), np.array([0.13, 0.15]) * self.metre, self.shade.flat(colour, 1.0, 0.6))

    def _limbs(self, side: str, shade: Callable[[Colour], Colour]) -> None:
        look = self.look
        if self.metre < COARSE_PX:
            leg = self.pixels[[AT[f"hip_{side}"], AT[f"ankle_{side}"]]]
            self.pad.hull(leg, np.array([0.085, 0.055]) * self.metre, shade(look.legs))
            arm = self.pixels[[AT[f"shoulder_{side}"], AT[f"hand_{side}"]]]
            self.pad.hull(arm, np.array([0.055, 0.042]) * self.metre, shade(look.top))
            return
        for start, end, radius_1, radius_2 in LIMBS:
            colour = {"hip": look.legs, "knee": look.legs, "ankle": look.shoes}.get(start, look.top)
            ends = self.pixels[[AT[f"{start}_{side}"], AT[f"{end}_{side}"]]]
            radii = np.array([radius_1, radius_2]) * self.metre * look.girth
            self.pad.hull(ends, radii, shade(colour))
        self.pad.hull(self.pixels[[AT[f"hand_{side}"]]], (0.048 * self.metre,), shade(look.skin))

    def _body(self, *, faces_us: bool, seated: bool) -> None:
        look, metre = self.look, self.metre
        trunk = self.pixels[TRUNK].copy()
        radii = np.array([0.07, 0.07, 0.1, 0.1]) * metre * look.girth
        if not seated:
            trunk[2:] += np.array([0.0, look.coat_m]) * metre
        top = self.shade.flat(look.top, 0.92, 0.45)
        self.pad.hull(trunk, radii, top)
        if metre < COARSE_PX:
            self._head(self.pixels[AT["neck"]], self.pixels[AT["head"]], faces_us=faces_us)
            return
        # The light comes from above: brighter copies shifted up round the body.
        self.pad.hull(trunk + np.array([0.01, -0.05]) * metre, radii * 0.7, self.shade.flat(look.top, 1.04, 0.6))
        if look.vest:
            band = (trunk[[0, 1]] + trunk[[3, 2]]) / 2
            self.pad.hull(band, (0.03 * metre,) * 2, self.shade.flat((190, 230, 235), 1.1))
        shoulders = trunk[:2] + np.array([0.0, -0.02]) * metre
        self.pad.hull(
            shoulders, (0.045 * metre,) * 2, self.shade.flat(mixed(look.top, (235, 235, 235), 0.06), 1.14, 0.9)
        )
        self._head(self.pixels[AT["neck"]], self.pixels[AT["head"]], faces_us=faces_us)

    def _head(self, neck: Floats, head: Floats, *, faces_us: bool) -> None:
        look, metre, shade = self.look, self.metre, self.shade
        self.pad.hull(np.array([neck, head]), (0.05 * metre, 0.06 * metre), shade.flat(look.skin, 0.85))
        if look.helmet is not None:
            self.pad.hull(head[None, :], (0.105 * metre,), shade.flat(look.skin if faces_us else look.hair))
            self.pad.hull(
                head[None, :] + np.array([0.0, -0.045]) * metre, (0.125 * metre,), shade.flat(look.helmet, 1.1)
            )
            return
        if faces_us:
            if look.long_hair:
                self.pad.hull(np.array([head, neck]), (0.115 * metre, 0.1 * metre), shade.flat(look.hair))
            self.pad.hull(
                np.array([head, head + np.array([0, 0.03 * metre])]),
                (0.092 * metre, 0.075 * metre),
                shade.flat(look.skin),
            )
            self.pad.hull(head[None, :] + np.array([0.0, -0.05]) * metre, (0.09 * metre,), shade.flat(look.hair, 1.1))
            return
        nape = head + (neck - head) * (0.9 if look.long_hair else 0.3)
        self.pad.hull(np.array([head, nape]), (0.112 * metre, 0.088 * metre), shade.flat(look.hair, 1.05))
