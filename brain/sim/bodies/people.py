"""People: clothes over joints, painted as rounded hulls from far to near."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from brain.sim.bodies.heads import Head, paint_head
from brain.sim.bodies.look import Look
from brain.sim.bodies.pose import AT, Pose, skeleton
from brain.sim.camera import Floats
from brain.sim.draw import Colour, mixed, scaled
from brain.sim.paint.pad import Pad
from brain.sim.paint.roundness import round_off
from brain.sim.paint.shading import Shade
from brain.sim.paint.view import NEAR_M, View

COARSE_PX = 16.0
"""Pixels per metre below which limbs are drawn whole."""
DETAIL_PX = 20.0
"""Pixels per metre from which collars, bands and belts are drawn."""
TRUNK = [AT["shoulder_l"], AT["shoulder_r"], AT["hip_r"], AT["hip_l"]]
GIRTH_M = 0.16
"""How far clothes reach beyond the joints."""
AROUND = np.array([[0, 0, 0], [0.8, 0, 0], [-0.8, 0, 0], [0, 0, 0.8], [0, 0, -0.8]])
"""From a joint to what encloses it, in girths."""
BAND: Colour = (190, 230, 235)
LEG = (("hip", "knee", 0.094, 0.07), ("knee", "ankle", 0.068, 0.056), ("ankle", "toe", 0.05, 0.042))
ARM = (("shoulder", "elbow", 0.068, 0.056), ("elbow", "hand", 0.054, 0.042))


def outline(joints: Floats, scale: float) -> Floats:
    """World points (N×3) that enclose the body."""
    pad, count = GIRTH_M * scale, len(joints)
    found = np.empty((5 * count + 1, 3))
    np.add(joints, (AROUND * pad)[:, None], out=found[:-1].reshape(5, count, 3))
    found[-1] = joints[AT["head"]]
    found[-1, 1] += pad
    return found


def paint_person(pad: Pad, view: View, pose: Pose, look: Look, shade: Shade) -> None:
    """Paint one person: what is far, body and head, what is near; then the light round the whole."""
    joints = skeleton(pose, look.scale)
    ahead = np.array([np.cos(pose.heading), 0.0, np.sin(pose.heading)])
    pixels, depth = view.project(np.vstack([joints, _flesh(joints, ahead * look.scale, shade)]))
    if depth.min() < NEAR_M:
        return
    metre = view.metre(float(depth[: len(joints)].mean()))
    painter = _Painter(pad, pixels, depth, metre * look.scale, look, shade, -1.0 if view.mirrored else 1.0)
    painter.paint(pose)
    if metre >= COARSE_PX and not view.mirrored:
        round_off(pad, metre, pixels[LIGHT] - pixels[AT["neck"]], shade)


CHEST, BACK, BELLY, SEAT, NOSE, LIGHT = range(len(AT), len(AT) + 6)
FLESH_AHEAD = np.array([[0.04], [-0.05], [0.035], [-0.05], [0.1], [0.0]])
"""Metres by which each of these lies ahead of where it hangs."""


def _flesh_of() -> Floats:
    """Shares of the joints (6×16) that each of these hangs on: along the spine, at the head, at the neck."""
    shares = np.zeros((6, len(AT)))
    for row, up in enumerate((0.72, 0.72, 0.3, 0.0)):
        shares[row, [AT["hip_l"], AT["hip_r"]]] = (1 - up) / 2
        shares[row, AT["neck"]] = up
    shares[4, AT["head"]] = shares[5, AT["neck"]] = 1.0
    return shares


FLESH_OF = _flesh_of()


def _flesh(joints: Floats, ahead: Floats, shade: Shade) -> Floats:
    """Six more points: chest, back, belly, seat, nose, and a place from the neck towards the light."""
    found: Floats = FLESH_OF @ joints + FLESH_AHEAD * ahead
    found[-1] += 0.25 * shade.towards
    return found


@dataclass(slots=True)
class _Painter:
    """One person on a pad; ``up`` is -1 in a mirror image."""

    pad: Pad
    pixels: Floats
    depth: Floats
    metre: float
    look: Look
    shade: Shade
    up: float

    def paint(self, pose: Pose) -> None:
        left_first = self.depth[AT["shoulder_l"]] > self.depth[AT["shoulder_r"]]
        far, near = ("l", "r") if left_first else ("r", "l")
        seated = pose.sits > 0
        faces_us = bool(self.depth[NOSE] < self.depth[AT["head"]])
        before = [side for side in (far, near) if self.depth[AT[f"hand_{side}"]] > self.depth[BACK] + 0.02]
        self._leg(far, 0.84)
        if not seated:
            self._leg(near, 1.0)
        for side in before:
            self._arm(side, 0.88)
        if self.look.backpack and faces_us:
            self._pack()
        self._body(faces_us=faces_us, seated=seated)
        if self.look.backpack and not faces_us:
            self._pack()
        if seated:
            self._leg(near, 1.04)
        paint_head(self.pad, self._head(), self.look, self.shade)
        for side in (far, near):
            if side not in before:
                self._arm(side, 0.98 if side == far else 1.06)
        if self.look.bag and not seated and pose.reach < 0.5:
            self._bag(self.pixels[AT[f"hand_{near}"]])

    def _cloth(self, colour: Colour, gain: float = 1.0, up: float = 0.45) -> Colour:
        return self.shade.cloth(colour, gain, up)

    def _down(self, metres: float) -> Floats:
        return np.array([0.0, metres * self.metre * self.up])

    def _pack(self) -> None:
        colour = self.look.backpack or self.look.top
        spots = np.array([self.pixels[BACK] - self._down(0.02), self.pixels[BACK] + self._down(0.24)])
        self.pad.hull(spots, np.array([0.13, 0.16]) * self.metre, self._cloth(colour, 0.95, 0.5))
        if self.metre >= DETAIL_PX:
            self.pad.hull(spots[1:], (0.1 * self.metre,), self._cloth(scaled(colour, 0.8), 0.95, 0.4))

    def _bag(self, hand: Floats) -> None:
        spots = np.array([hand + self._down(0.1), hand + self._down(0.25)])
        self.pad.hull(spots, np.array([0.06, 0.13]) * self.metre, self._cloth(self.look.bag or self.look.top, 0.95))

    def _limb(self, start: str, end: str, radii: tuple[float, float], colour: Colour) -> None:
        ends = self.pixels[[AT[start], AT[end]]]
        self.pad.hull(ends, np.array(radii) * self.metre, colour)

    def _leg(self, side: str, gain: float) -> None:
        look, girth = self.look, self.look.girth
        cloth, skin = self._cloth(look.legs, gain, 0.3), self.shade.skin(look.skin, gain)
        bare = look.lower != "trousers"
        if self.metre < COARSE_PX:
            self._limb(f"hip_{side}", f"ankle_{side}", (0.09, 0.06), cloth)
            return
        colour = (skin if look.lower == "skirt" else cloth, skin if bare else cloth, self._cloth(look.shoes, gain))
        for part, (start, end, one, other) in enumerate(LEG):
            slim = 0.8 if bare and part == 1 else 1.0
            self._limb(f"{start}_{side}", f"{end}_{side}", (one * girth * slim, other * girth * slim), colour[part])

    def _arm(self, side: str, gain: float) -> None:
        look, girth = self.look, self.look.girth
        cloth, skin = self._cloth(look.top, gain, 0.4), self.shade.skin(look.skin, gain)
        if self.metre < COARSE_PX:
            self._limb(f"shoulder_{side}", f"hand_{side}", (0.062, 0.045), cloth)
            return
        for part, (start, end, one, other) in enumerate(ARM):
            slim = 0.78 if part == 1 and look.bare_arms else girth
            colour = skin if part == 1 and look.bare_arms else cloth
            self._limb(f"{start}_{side}", f"{end}_{side}", (one * slim, other * slim), colour)
        self.pad.hull(self.pixels[[AT[f"hand_{side}"]]], (0.05 * self.metre,), skin)

    def _body(self, *, faces_us: bool, seated: bool) -> None:
        look, metre, girth = self.look, self.metre, self.look.girth
        hips = self.pixels[TRUNK[2:]]
        if look.lower == "skirt" and not seated:
            hem = self.pixels[[AT["knee_l"], AT["knee_r"]]] - self._down(0.04)
            radii = np.array([0.11, 0.11, 0.13, 0.13]) * metre * girth
            self.pad.hull(np.vstack([hips, hem]), radii, self._cloth(look.legs, 0.98, 0.35))
        spots = self.pixels[[*TRUNK, CHEST, BACK, BELLY, SEAT, AT["neck"]]].copy()
        spots[:2] += self._down(0.03)
        spots[8] += self._down(0.02)
        broad = np.array([0.066, 0.066, 0.1, 0.1, 0.1, 0.1, 0.108, 0.112, 0.06])
        if not seated and look.coat_m:
            spots[[2, 3, 7]] += self._down(look.coat_m)
            broad[[2, 3, 7]] += 0.05 * min(1.0, look.coat_m / 0.3)
        broad[2:] *= girth
        self.pad.hull(spots, broad * metre, self._cloth(look.top, 0.97, 0.45))
        if metre >= DETAIL_PX:
            self._details(spots, faces_us=faces_us)

    def _details(self, spots: Floats, *, faces_us: bool) -> None:
        """Light on the shoulders, an open jacket, the bands of a vest."""
        look, metre = self.look, self.metre
        self.pad.hull(
            spots[:2] - self._down(0.025), (0.045 * metre,) * 2,
            self._cloth(mixed(look.top, (235, 235, 235), 0.08), 1.12, 0.85),
        )  # fmt: skip
        if look.inner is not None and faces_us:
            strip = np.array([self.pixels[CHEST] - self._down(0.1), self.pixels[BELLY] + self._down(0.1)])
            self.pad.hull(strip, np.array([0.035, 0.05]) * metre, self._cloth(look.inner, 1.0))
        if look.vest:
            side = (spots[0] - spots[1]) * 0.36
            for middle in (self.pixels[BELLY], self.pixels[CHEST] + self._down(0.06)):
                self.pad.hull(np.array([middle - side, middle + side]), (0.028 * metre,) * 2, self._cloth(BAND, 1.25))

    def _head(self) -> Head:
        neck, head, nose = (self.pixels[index] for index in (AT["neck"], AT["head"], NOSE))
        facing = float(self.depth[AT["head"]] - self.depth[NOSE]) / (0.1 * self.look.scale)
        across = self.pixels[AT["shoulder_l"]] - self.pixels[AT["shoulder_r"]]
        return Head(neck, head, nose - head, across / 0.36, facing, self.metre, self.up)


__all__ = ["TRUNK", "Look", "outline", "paint_person"]
