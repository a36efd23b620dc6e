"""Walkers: a jointed body of capsules in metres, projected through the same camera as the street.

Proportions of an adult of 1.7 m after Winter, Biomechanics and Motor Control of Human Movement, ch. 4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from brain.core.types import Picture
from brain.sim.camera import Floats, Projector
from brain.sim.draw import Colour, Rect, bounds, hull, mixed, scaled, stream
from brain.sim.timeline import Pose

TOPS: tuple[Colour, ...] = (
    (60, 52, 48), (150, 140, 132), (110, 60, 40), (50, 50, 140), (70, 96, 60), (190, 188, 184), (58, 104, 128),
    (120, 100, 92), (92, 48, 70),
)  # fmt: skip
LEGS: tuple[Colour, ...] = ((52, 46, 44), (96, 70, 52), (70, 66, 62), (120, 126, 134), (40, 38, 36))
SKINS: tuple[Colour, ...] = ((128, 158, 200), (112, 142, 188), (140, 172, 214))
HAIRS: tuple[Colour, ...] = ((28, 26, 26), (36, 34, 38), (70, 70, 74))
Shade = Callable[[Colour, float], Colour]
SHOES: Colour = (36, 34, 34)
AIR: Colour = (196, 190, 184)
"""Colour of the haze in the distance."""
STRIDE_M = 1.4


@dataclass(frozen=True, slots=True)
class Look:
    """How somebody looks: scale to 1.7 m, girth, colours of clothes, skin and hair."""

    scale: float
    girth: float
    top: Colour
    legs: Colour
    skin: Colour
    hair: Colour
    long_hair: bool

    @staticmethod
    def of(seed: int) -> Look:
        """The look that a seed chooses."""
        rng = stream(seed, "look")
        return Look(
            scale=rng.uniform(0.93, 1.07),
            girth=rng.uniform(0.9, 1.15),
            top=TOPS[int(rng.integers(len(TOPS)))],
            legs=LEGS[int(rng.integers(len(LEGS)))],
            skin=SKINS[int(rng.integers(len(SKINS)))],
            hair=HAIRS[int(rng.integers(len(HAIRS)))],
            long_hair=bool(rng.integers(2)),
        )


JOINTS = (
    "hip_l", "knee_l", "ankle_l", "toe_l", "hip_r", "knee_r", "ankle_r", "toe_r",
    "shoulder_l", "elbow_l", "hand_l", "shoulder_r", "elbow_r", "hand_r", "neck", "head",
)  # fmt: skip
AT = {name: index for index, name in enumerate(JOINTS)}
TOES, ANKLES = [AT["toe_l"], AT["toe_r"]], [AT["ankle_l"], AT["ankle_r"]]
TRUNK = [AT["shoulder_l"], AT["shoulder_r"], AT["hip_r"], AT["hip_l"]]
LIMBS = (
    ("hip", "knee", 0.085, 0.062), ("knee", "ankle", 0.06, 0.042), ("ankle", "toe", 0.045, 0.035),
    ("shoulder", "elbow", 0.055, 0.045), ("elbow", "hand", 0.045, 0.04),
)  # fmt: skip


def skeleton(pose: Pose, look: Look) -> Floats:
    """World places of the joints (16×3) in the order of ``JOINTS``."""
    phase = 2 * np.pi * pose.walked / STRIDE_M
    hip_y = 0.9 - 0.16 * pose.bend - 0.02 * pose.pace * abs(np.sin(phase))
    lean = 0.04 + 0.95 * pose.bend
    spine = np.array([np.sin(lean), np.cos(lean)])
    neck = np.array([0.0, hip_y]) + 0.52 * spine
    head = neck + 0.15 * spine + np.array([0.03, 0.0])
    local = np.zeros((len(JOINTS), 3))
    for side, sign in (("l", 1.0), ("r", -1.0)):
        swing = sign * np.sin(phase) * pose.pace
        knee, ankle, toe = _leg(swing, hip_y, phase + (0 if sign > 0 else np.pi), pose)
        for name, (ahead, up) in (("hip", (0.0, hip_y)), ("knee", knee), ("ankle", ankle), ("toe", toe)):
            local[AT[f"{name}_{side}"]] = ahead, up, sign * 0.1
        shoulder = neck - 0.04 * spine
        elbow, hand = _arm(shoulder, -swing, pose)
        for name, (ahead, up) in (("shoulder", shoulder), ("elbow", elbow), ("hand", hand)):
            width = 0.19 if name == "shoulder" else 0.24 + 0.06 * pose.reach
            local[AT[f"{name}_{side}"]] = ahead, up, sign * width
    local[AT["neck"]] = neck[0], neck[1], 0.0
    local[AT["head"]] = head[0], head[1], 0.0
    local *= look.scale
    ahead_x, ahead_z = np.cos(pose.heading), np.sin(pose.heading)
    return np.column_stack(
        [
            pose.x + local[:, 0] * ahead_x - local[:, 2] * ahead_z,
            local[:, 1],
            pose.z + local[:, 0] * ahead_z + local[:, 2] * ahead_x,
        ]
    )


def _leg(swing: float, hip_y: float, phase: float, pose: Pose) -> tuple[Floats, Floats, Floats]:
    """Knee, ankle and toe of one leg, metres ahead and up."""
    thigh = 0.45 * swing + 0.75 * pose.bend
    flex = 0.75 * pose.pace * max(0.0, np.cos(phase)) * 0.9 + 1.35 * pose.bend + 0.08
    knee = np.array([0.42 * np.sin(thigh), hip_y - 0.42 * np.cos(thigh)])
    shin = thigh - flex
    ankle = knee + 0.42 * np.array([np.sin(shin), -np.cos(shin)])
    ankle[1] = max(ankle[1], 0.06)
    toe = ankle + np.array([0.15, -0.03 if ankle[1] < 0.12 else -0.09])
    return knee, ankle, toe


def _arm(shoulder: Floats, swing: float, pose: Pose) -> tuple[Floats, Floats]:
    hanging = 0.55 * swing
    elbow = shoulder + 0.28 * np.array([np.sin(hanging), -np.cos(hanging)])
    hand = elbow + 0.27 * np.array([np.sin(hanging + 0.35), -np.cos(hanging + 0.35)])
    held_hand = np.array([0.45, 1.0 - 0.72 * pose.bend])
    held_elbow = (shoulder + held_hand) / 2 + np.array([-0.08, -0.1])
    return elbow + (held_elbow - elbow) * pose.reach, hand + (held_hand - hand) * pose.reach


def figure_rect(projector: Projector, joints: Floats) -> tuple[Rect, float] | None:
    """Box of a walker on the canvas and his depth in metres; ``None`` when he is out of the picture."""
    pixels, depth = projector(joints)
    nearest = float(depth.min())
    if nearest < 1.0:
        return None
    rect = bounds(pixels, projector.camera.canvas, pad=0.25 * projector.camera.focal / nearest)
    return (rect, float(depth.mean())) if rect else None


def figure_shadow(projector: Projector, joints: Floats, step: tuple[float, float]) -> tuple[Rect, Picture] | None:
    """Box and mask (0–255, soft) of a walker's shadow on the ground; ``step`` as ``Layout.shadow_step``."""
    ground = np.column_stack(
        [joints[:, 0] + step[0] * joints[:, 1], np.zeros(len(joints)), joints[:, 2] + step[1] * joints[:, 1]]
    )
    pixels, depth = projector(ground)
    if depth.min() < 1.0:
        return None
    metre = projector.camera.focal / float(depth.mean())
    rect = bounds(pixels, projector.camera.canvas, pad=0.25 * metre)
    if rect is None:
        return None
    mask: Picture = np.zeros((rect[3] - rect[1], rect[2] - rect[0]), np.uint8)
    pixels -= np.array(rect[:2])
    for side in "lr":
        for start, end in (("hip", "knee"), ("knee", "ankle"), ("shoulder", "elbow"), ("elbow", "hand")):
            radius = (0.07 if start in ("hip", "knee") else 0.045) * metre
            hull(mask, pixels[[AT[f"{start}_{side}"], AT[f"{end}_{side}"]]], (radius, radius), 255)
    hull(mask, pixels[TRUNK], [0.1 * metre] * len(TRUNK), 255)
    hull(mask, pixels[[AT["head"]]], (0.11 * metre,), 255)
    soft = max(0.6, 0.03 * metre)
    return rect, cv2.GaussianBlur(mask, (0, 0), soft).astype(np.uint8, copy=False)


def draw_figure(image: Picture, projector: Projector, joints: Floats, look: Look, *, light: float, haze: float) -> None:
    """Draw one walker: far limbs, body and head, near limbs. ``light`` 1 = full sun, ``haze`` 0–1."""
    pixels, depth = projector(joints)
    metre = projector.camera.focal / float(depth.mean()) * look.scale

    def shade(colour: Colour, factor: float) -> Colour:
        return mixed(scaled(colour, factor * light), AIR, haze)

    left_first = depth[AT["shoulder_l"]] > depth[AT["shoulder_r"]]
    far, near = ("l", "r") if left_first else ("r", "l")
    _limbs(image, pixels, metre, (far, look), lambda colour: shade(colour, 0.72))
    faces_us = depth[TOES].sum() < depth[ANKLES].sum()
    _body(image, pixels, metre, look, shade, faces_us=bool(faces_us))
    _limbs(image, pixels, metre, (near, look), lambda colour: shade(colour, 0.95))


def _limbs(
    image: Picture, pixels: Floats, metre: float, which: tuple[str, Look], shade: Callable[[Colour], Colour]
) -> None:
    side, look = which
    for start, end, radius_1, radius_2 in LIMBS:
        colour = {"hip": look.legs, "knee": look.legs, "ankle": SHOES}.get(start, look.top)
        ends = pixels[[AT[f"{start}_{side}"], AT[f"{end}_{side}"]]]
        hull(image, ends, (radius_1 * metre * look.girth, radius_2 * metre * look.girth), shade(colour))
    hull(image, pixels[[AT[f"hand_{side}"]]], (0.045 * metre,), shade(look.skin))


def _body(image: Picture, pixels: Floats, metre: float, look: Look, shade: Shade, *, faces_us: bool) -> None:
    trunk = pixels[TRUNK]
    radii = np.array([0.075, 0.075, 0.1, 0.1]) * metre * look.girth
    hull(image, trunk, radii, shade(look.top, 0.8))
    # The light comes from above: a brighter, smaller copy shifted up rounds the body.
    hull(image, trunk + np.array([0.015, -0.05]) * metre, radii * 0.66, shade(look.top, 1.08))
    _head(image, pixels[AT["neck"]], pixels[AT["head"]], metre, look, shade, faces_us=faces_us)


def _head(
    image: Picture, neck: Floats, head: Floats, metre: float, look: Look, shade: Shade, *, faces_us: bool
) -> None:
    hull(image, np.array([neck, head]), (0.05 * metre, 0.06 * metre), shade(look.skin, 0.8))
    if faces_us:
        hull(image, head[None, :], (0.1 * metre,), shade(look.skin, 1.0))
        crown = head + np.array([0.0, -0.04]) * metre
        hull(image, crown[None, :], (0.095 * metre,), shade(look.hair, 1.1))
        return
    nape = head + (neck - head) * (0.9 if look.long_hair else 0.3)
    hull(image, np.array([head, nape]), (0.11 * metre, 0.08 * metre), shade(look.hair, 1.0))
