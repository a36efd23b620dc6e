"""How a person stands, walks, sits and carries: joints of a body of 1.7 m.

Proportions after Winter, Biomechanics and Motor Control of Human Movement, ch. 4.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from brain.sim.camera import Floats

STRIDE_M = 1.4
JOINTS = (
    "hip_l", "knee_l", "ankle_l", "toe_l", "hip_r", "knee_r", "ankle_r", "toe_r",
    "shoulder_l", "elbow_l", "hand_l", "shoulder_r", "elbow_r", "hand_r", "neck", "head",
)  # fmt: skip
AT = {name: index for index, name in enumerate(JOINTS)}
STANCES: tuple[tuple[tuple[float, float, float], tuple[float, float, float]] | None, ...] = (
    None,
    ((0.24, 0.34, 0.06), (0.22, 0.34, -0.02)),
    ((0.02, 0.36, 0.21), (0.02, 0.36, 0.21)),
    None,
    ((0.26, 0.24, 0.02), (0.26, 0.2, -0.04)),
    ((0.1, -0.1, 0.14), (0.04, 0.52, 0.25)),
)
"""Where left and right hand of somebody who stands are: metres ahead of, below and aside of the neck. Hanging arms
(``None``), a telephone held in both hands, hands on the hips or in pockets, folded arms, one hand at the ear."""


@dataclass(frozen=True, slots=True)
class Pose:
    """A person at one moment.

    Attributes:
        x, z: metres; ``heading`` radians, 0 = along ``+x``.
        walked: metres walked so far; ``pace`` 0 stands … 1 walks.
        bend: 0 upright … 1 bent to the ground.
        reach: 0 arms hang … 1 both arms forward.
        raised: 0 … 1 one arm holds something above the head.
        sits: 0 stands, else height of the seat in metres; ``pedals`` turns the legs of who cycles (radians).
        lift: metres by which all is raised.
        stance: 0 … 1 how somebody stands who does nothing: feet, and where the hands are (``STANCES``).
    """

    x: float
    z: float
    heading: float
    walked: float = 0.0
    pace: float = 0.0
    bend: float = 0.0
    reach: float = 0.0
    raised: float = 0.0
    sits: float = 0.0
    pedals: float | None = None
    lift: float = 0.0
    stance: float = 0.0


@lru_cache(maxsize=256)
def skeleton(pose: Pose, scale: float) -> Floats:
    """World places of the joints (16×3) in the order of ``JOINTS``; kept for who asks again, not to be written on."""
    local = _seated(pose) if pose.sits else _upright(pose)
    ahead_x, ahead_z = scale * math.cos(pose.heading), scale * math.sin(pose.heading)
    turn = np.array([[ahead_x, 0.0, ahead_z], [0.0, scale, 0.0], [-ahead_z, 0.0, ahead_x]])
    joints: Floats = local @ turn + np.array([pose.x, pose.lift, pose.z])
    joints.flags.writeable = False
    return joints


# Plain numbers: for a handful of joints, arrays cost more than they save.
Spot = tuple[float, float]
"""Metres ahead and up, in the plane in which somebody walks."""
Joints = list[tuple[float, float, float]]


def _upright(pose: Pose) -> Floats:
    phase = 2 * math.pi * pose.walked / STRIDE_M
    hip_y = 0.9 - 0.16 * pose.bend - 0.02 * pose.pace * abs(math.sin(phase))
    lean = 0.04 + 0.95 * pose.bend
    spine = math.sin(lean), math.cos(lean)
    neck = 0.52 * spine[0], hip_y + 0.52 * spine[1]
    shoulder = _on(neck, spine, -0.04)
    width = 0.245 + 0.045 * pose.reach
    lead, apart, hands = _stance(pose)
    local = [(0.0, 0.0, 0.0)] * len(JOINTS)
    for side, sign in (("l", 1.0), ("r", -1.0)):
        swing = sign * math.sin(phase) * pose.pace
        knee, ankle, toe = _leg(swing, hip_y, phase + (0 if sign > 0 else math.pi), pose)
        ahead = sign * lead
        knee, ankle, toe = (knee[0] + ahead / 2, knee[1]), (ankle[0] + ahead, ankle[1]), (toe[0] + ahead, toe[1])
        elbow, hand = _arm(shoulder, -swing, pose, raised=pose.raised if sign > 0 else 0.0)
        elbow_width = hand_width = width
        if hands is not None:
            before, below, hand_width = hands[0 if sign > 0 else 1]
            hand = neck[0] + before, neck[1] - below
            elbow = (shoulder[0] + hand[0]) / 2 - 0.06, (shoulder[1] + hand[1]) / 2 - 0.13
            elbow_width = 0.29
        _put(local, side, sign, (
            ("hip", (0.0, hip_y), 0.1), ("knee", knee, 0.1 + apart / 2), ("ankle", ankle, 0.1 + apart),
            ("toe", toe, 0.11 + apart), ("shoulder", shoulder, 0.18), ("elbow", elbow, elbow_width),
            ("hand", hand, hand_width),
        ))  # fmt: skip
    _top(local, neck, spine)
    return np.array(local)


def _stance(pose: Pose) -> tuple[float, float, tuple[tuple[float, float, float], ...] | None]:
    """How far the left foot stands ahead and each foot aside, and where the hands are unless the arms hang."""
    if pose.stance <= 0 or pose.pace or pose.bend or pose.reach or pose.raised:
        return 0.0, 0.0, None
    chosen = STANCES[min(len(STANCES) - 1, int(pose.stance * len(STANCES)))]
    return 0.12 * math.sin(40 * pose.stance), 0.05 * (1 + math.cos(23 * pose.stance)), chosen


def _seated(pose: Pose) -> Floats:
    """On a saddle or seat of a given height, hands on the handlebar, feet on board or pedals."""
    hip_y = pose.sits + 0.08
    spine = math.sin(0.18), math.cos(0.18)
    neck = 0.52 * spine[0], hip_y + 0.52 * spine[1]
    shoulder, hand = _on(neck, spine, -0.04), (0.5, hip_y + 0.26)
    elbow = (shoulder[0] + hand[0]) / 2 - 0.02, (shoulder[1] + hand[1]) / 2 - 0.1
    local = [(0.0, 0.0, 0.0)] * len(JOINTS)
    for side, sign in (("l", 1.0), ("r", -1.0)):
        if pose.pedals is None:
            knee, ankle = (0.4, hip_y + 0.02), (0.42, max(0.32, hip_y - 0.42))
        else:
            turn = pose.pedals + (0 if sign > 0 else math.pi)
            ankle = 0.2 + 0.17 * math.cos(turn), 0.34 + 0.17 * math.sin(turn)
            knee = _knee((0.0, hip_y), ankle)
        _put(local, side, sign, (
            ("hip", (0.0, hip_y), 0.1), ("knee", knee, 0.13), ("ankle", ankle, 0.1),
            ("toe", (ankle[0] + 0.15, ankle[1] - 0.04), 0.1), ("shoulder", shoulder, 0.18), ("elbow", elbow, 0.27),
            ("hand", hand, 0.24),
        ))  # fmt: skip
    _top(local, neck, spine)
    return np.array(local)


def _put(local: Joints, side: str, sign: float, joints: tuple[tuple[str, Spot, float], ...]) -> None:
    """Write joints (name, place, metres aside) of one side of the body."""
    for name, (ahead, up), aside in joints:
        local[AT[f"{name}_{side}"]] = ahead, up, sign * aside


def _on(spot: Spot, way: Spot, metres: float) -> Spot:
    return spot[0] + metres * way[0], spot[1] + metres * way[1]


def _between(one: Spot, other: Spot, share: float) -> Spot:
    return one[0] + (other[0] - one[0]) * share, one[1] + (other[1] - one[1]) * share


def _top(local: Joints, neck: Spot, spine: Spot) -> None:
    head = _on(neck, spine, 0.15)
    local[AT["neck"]] = neck[0], neck[1], 0.0
    local[AT["head"]] = head[0] + 0.03, head[1], 0.0


def _knee(hip: Spot, ankle: Spot) -> Spot:
    """Where thigh and shin of 0.42 m meet, knee ahead."""
    ahead, up = ankle[0] - hip[0], ankle[1] - hip[1]
    length = max(1e-6, math.hypot(ahead, up))
    out = math.sqrt(max(0.0, 0.42**2 - (length / 2) ** 2)) / length
    return (hip[0] + ankle[0]) / 2 - out * up, (hip[1] + ankle[1]) / 2 + out * ahead


def _leg(swing: float, hip_y: float, phase: float, pose: Pose) -> tuple[Spot, Spot, Spot]:
    """Knee, ankle and toe of one leg."""
    thigh = 0.45 * swing + 0.75 * pose.bend
    flex = 0.75 * pose.pace * max(0.0, math.cos(phase)) * 0.9 + 1.35 * pose.bend + 0.08
    knee = 0.42 * math.sin(thigh), hip_y - 0.42 * math.cos(thigh)
    shin = thigh - flex
    ankle = knee[0] + 0.42 * math.sin(shin), max(knee[1] - 0.42 * math.cos(shin), 0.06)
    toe = ankle[0] + 0.15, ankle[1] - (0.03 if ankle[1] < 0.12 else 0.09)
    return knee, ankle, toe


def _arm(shoulder: Spot, swing: float, pose: Pose, *, raised: float) -> tuple[Spot, Spot]:
    hanging = 0.55 * swing
    elbow = _on(shoulder, (math.sin(hanging), -math.cos(hanging)), 0.28)
    hand = _on(elbow, (math.sin(hanging + 0.35), -math.cos(hanging + 0.35)), 0.27)
    held_hand = 0.45, 1.0 - 0.72 * pose.bend
    held_elbow = (shoulder[0] + held_hand[0]) / 2 - 0.08, (shoulder[1] + held_hand[1]) / 2 - 0.1
    elbow, hand = _between(elbow, held_elbow, pose.reach), _between(hand, held_hand, pose.reach)
    up_elbow, up_hand = _on(shoulder, (0.18, -0.16), 1.0), _on(shoulder, (0.26, 0.12), 1.0)
    return _between(elbow, up_elbow, raised), _between(hand, up_hand, raised)
