"""How a person stands, walks, sits and carries: joints of a body of 1.7 m.

Proportions after Winter, Biomechanics and Motor Control of Human Movement, ch. 4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from brain.sim.camera import Floats

STRIDE_M = 1.4
JOINTS = (
    "hip_l", "knee_l", "ankle_l", "toe_l", "hip_r", "knee_r", "ankle_r", "toe_r",
    "shoulder_l", "elbow_l", "hand_l", "shoulder_r", "elbow_r", "hand_r", "neck", "head",
)  # fmt: skip
AT = {name: index for index, name in enumerate(JOINTS)}


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


def skeleton(pose: Pose, scale: float) -> Floats:
    """World places of the joints (16×3) in the order of ``JOINTS``."""
    local = (_seated(pose) if pose.sits else _upright(pose)) * scale
    ahead_x, ahead_z = np.cos(pose.heading), np.sin(pose.heading)
    return np.column_stack(
        [
            pose.x + local[:, 0] * ahead_x - local[:, 2] * ahead_z,
            local[:, 1] + pose.lift,
            pose.z + local[:, 0] * ahead_z + local[:, 2] * ahead_x,
        ]
    )


def _upright(pose: Pose) -> Floats:
    phase = 2 * np.pi * pose.walked / STRIDE_M
    hip_y = 0.9 - 0.16 * pose.bend - 0.02 * pose.pace * abs(np.sin(phase))
    lean = 0.04 + 0.95 * pose.bend
    spine = np.array([np.sin(lean), np.cos(lean)])
    neck = np.array([0.0, hip_y]) + 0.52 * spine
    local = np.zeros((len(JOINTS), 3))
    for side, sign in (("l", 1.0), ("r", -1.0)):
        swing = sign * np.sin(phase) * pose.pace
        knee, ankle, toe = _leg(swing, hip_y, phase + (0 if sign > 0 else np.pi), pose)
        for name, (ahead, up) in (("hip", (0.0, hip_y)), ("knee", knee), ("ankle", ankle), ("toe", toe)):
            local[AT[f"{name}_{side}"]] = ahead, up, sign * 0.1
        shoulder = neck - 0.04 * spine
        elbow, hand = _arm(shoulder, -swing, pose, raised=pose.raised if sign > 0 else 0.0)
        for name, (ahead, up) in (("shoulder", shoulder), ("elbow", elbow), ("hand", hand)):
            width = 0.18 if name == "shoulder" else 0.23 + 0.06 * pose.reach
            local[AT[f"{name}_{side}"]] = ahead, up, sign * width
    _top(local, neck, spine)
    return local


def _seated(pose: Pose) -> Floats:
    """On a saddle or seat of a given height, hands on the handlebar, feet on board or pedals."""
    hip_y = pose.sits + 0.08
    spine = np.array([np.sin(0.18), np.cos(0.18)])
    neck = np.array([0.0, hip_y]) + 0.52 * spine
    local = np.zeros((len(JOINTS), 3))
    for side, sign in (("l", 1.0), ("r", -1.0)):
        if pose.pedals is None:
            knee, ankle = np.array([0.4, hip_y + 0.02]), np.array([0.42, max(0.32, hip_y - 0.42)])
        else:
            turn = pose.pedals + (0 if sign > 0 else np.pi)
            ankle = np.array([0.2 + 0.17 * np.cos(turn), 0.34 + 0.17 * np.sin(turn)])
            knee = _knee(np.array([0.0, hip_y]), ankle)
        shoulder = neck - 0.04 * spine
        hand = np.array([0.5, hip_y + 0.26])
        elbow = (shoulder + hand) / 2 + np.array([-0.02, -0.1])
        for name, (ahead, up), width in (
            ("hip", (0.0, hip_y), 0.1), ("knee", knee, 0.13), ("ankle", ankle, 0.1),
            ("toe", ankle + np.array([0.15, -0.04]), 0.1), ("shoulder", shoulder, 0.18), ("elbow", elbow, 0.27),
            ("hand", hand, 0.24),
        ):  # fmt: skip
            local[AT[f"{name}_{side}"]] = ahead, up, sign * width
    _top(local, neck, spine)
    return local


def _top(local: Floats, neck: Floats, spine: Floats) -> None:
    head = neck + 0.15 * spine + np.array([0.03, 0.0])
    local[AT["neck"]] = neck[0], neck[1], 0.0
    local[AT["head"]] = head[0], head[1], 0.0


def _knee(hip: Floats, ankle: Floats) -> Floats:
    """Where thigh and shin of 0.42 m meet, knee ahead."""
    middle, between = (hip + ankle) / 2, ankle - hip
    length = max(1e-6, float(np.linalg.norm(between)))
    out = np.sqrt(max(0.0, 0.42**2 - (length / 2) ** 2))
    knee: Floats = middle + out * np.array([-between[1], between[0]]) / length
    return knee


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


def _arm(shoulder: Floats, swing: float, pose: Pose, *, raised: float) -> tuple[Floats, Floats]:
    hanging = 0.55 * swing
    elbow = shoulder + 0.28 * np.array([np.sin(hanging), -np.cos(hanging)])
    hand = elbow + 0.27 * np.array([np.sin(hanging + 0.35), -np.cos(hanging + 0.35)])
    held_hand = np.array([0.45, 1.0 - 0.72 * pose.bend])
    held_elbow = (shoulder + held_hand) / 2 + np.array([-0.08, -0.1])
    elbow = elbow + (held_elbow - elbow) * pose.reach
    hand = hand + (held_hand - hand) * pose.reach
    up_elbow, up_hand = shoulder + np.array([0.18, -0.16]), shoulder + np.array([0.26, 0.12])
    return elbow + (up_elbow - elbow) * raised, hand + (up_hand - hand) * raised
