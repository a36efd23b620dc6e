"""Walkers, people who stand, riders on two- and three-wheelers, umbrellas."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from brain.sim.actors.tracks import Place, Track
from brain.sim.bodies.cycles import CYCLES, Cycle, paint_cycle
from brain.sim.bodies.people import TRUNK, Look, outline, paint_person
from brain.sim.bodies.pose import AT, Pose, skeleton
from brain.sim.camera import Floats
from brain.sim.draw import Colour, scaled
from brain.sim.entity import ALWAYS, Placed
from brain.sim.kept import Kept
from brain.sim.paint.mesh import turned
from brain.sim.paint.pad import Pad
from brain.sim.paint.shading import Shade
from brain.sim.paint.view import View
from brain.sim.stages.plan import Lane

UMBRELLAS: tuple[Colour, ...] = (
    (60, 52, 48),
    (130, 60, 40),
    (50, 46, 160),
    (160, 120, 90),
    (70, 120, 60),
    (200, 190, 200),
)
UMBRELLA_M = (2.02, 0.52, 0.3)
"""Height of its rim above the ground, radius, rise of its top."""
CASTERS = np.array([*TRUNK, AT["head"], AT["hip_l"], AT["ankle_l"], AT["hip_r"], AT["ankle_r"]])
"""Joints of what of a person throws shadow: trunk (4), head (1), each leg (2)."""
FEET = np.array([AT["ankle_l"], AT["ankle_r"], AT["toe_l"], AT["toe_r"]])
LEVEL = np.array([1.0, 0.0, 1.0])


class Walker:
    """A person whose pose is a function of time.

    Args:
        pose: media second → pose, ``None`` while away.
        umbrella: whether an umbrella is carried; it is a part of its own.
    """

    def __init__(
        self,
        look: Look,
        pose: Callable[[float], Pose | None],
        *,
        span: tuple[float, float] = ALWAYS,
        umbrella: Colour | None = None,
    ) -> None:
        self.labels = ("person",) if umbrella is None else ("person", "umbrella")
        self.span = span
        self.look = look
        self.pose = pose
        self._umbrella = umbrella
        self._kept: Kept[Sequence[Placed]] = Kept(1)

    def at(self, time_s: float) -> Sequence[Placed]:
        """The person, and the umbrella above."""
        pose = self.pose(time_s)
        if pose is None:
            return ()
        # Who waits holds a pose for a while.
        return self._kept.get(pose, self._parts, pose)

    def _parts(self, pose: Pose) -> Sequence[Placed]:
        if self._umbrella is None:
            return (placed_person(0, pose, self.look),)
        held = Pose(pose.x, pose.z, pose.heading, pose.walked, pose.pace, pose.bend, pose.reach, raised=1.0)
        return placed_person(0, held, self.look), _umbrella(1, held, self._umbrella)


def on_track(track: Track) -> Callable[[float], Pose | None]:
    """The pose of somebody who walks along a track and stands where it stands."""

    def pose(time_s: float) -> Pose | None:
        place = track.at(time_s)
        if place is None:
            return None
        return Pose(place.x, place.z, place.heading, place.walked, min(1.0, place.speed / 1.0))

    return pose


@dataclass(frozen=True, slots=True)
class ToAndFro:
    """Walks a lane to and fro; the turn lies out of sight."""

    lane: Lane
    aside: float
    speed: float
    offset: float

    def __call__(self, time_s: float) -> Pose:
        """Where he is."""
        (x1, z1), (x2, z2) = self.lane.start, self.lane.end
        span = self.lane.length
        walked = self.offset + self.speed * time_s
        lap, gone = divmod(walked, span)
        back = int(lap) % 2 == 1
        way = np.arctan2(z2 - z1, x2 - x1)
        share = (span - gone if back else gone) / span
        x = x1 + (x2 - x1) * share - self.aside * np.sin(way)
        z = z1 + (z2 - z1) * share + self.aside * np.cos(way)
        return Pose(float(x), float(z), float(way + np.pi if back else way), walked, 1.0)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Stands, shifts its weight and looks about."""

    x: float
    z: float
    heading: float
    phase: float

    def __call__(self, time_s: float) -> Pose:
        """How he stands; in small steps, so that his sprite can be kept for a while."""
        sway = round(2 * float(np.sin(0.5 * time_s + self.phase))) / 2
        turn = round(3 * float(np.sin(0.23 * time_s + 2.3 * self.phase))) / 3
        heading, stance = self.heading + 0.35 * turn, self.phase / 6.2832 % 1.0
        return Pose(self.x + 0.03 * sway, self.z + 0.02 * turn, heading, stance=stance)


class Rider:
    """A two- or three-wheeler on a track: the cycle is one part, its rider another."""

    def __init__(self, kind: str, seed: int, track: Track, *, helmet: Colour | None = None) -> None:
        self.labels = (kind, "person")
        self.span = track.span
        self.track = track
        self._cycle = CYCLES[kind](seed)
        self._look = Look.of(seed).worn(helmet=helmet)

    def at(self, time_s: float) -> Sequence[Placed]:
        """Cycle and rider."""
        place = self.track.at(time_s)
        if place is None:
            return ()
        height, back = self._cycle.seat
        x, z = place.x + back * np.cos(place.heading), place.z + back * np.sin(place.heading)
        pedals = -place.walked / 0.9 if self._cycle.label == "bicycle" else None
        pose = Pose(float(x), float(z), place.heading, sits=height, pedals=pedals)
        return placed_cycle(0, self._cycle, place), placed_person(1, pose, self._look)


class ParkedCycle:
    """A cycle that stands without a rider."""

    def __init__(self, kind: str, seed: int, track: Track) -> None:
        self.labels = (kind,)
        self.span = track.span
        self._track = track
        self._cycle = CYCLES[kind](seed)
        self._kept: Kept[Placed] = Kept(1)

    def at(self, time_s: float) -> Sequence[Placed]:
        """The cycle."""
        place = self._track.at(time_s)
        return () if place is None else (self._kept.get(place, placed_cycle, 0, self._cycle, place),)


def placed_person(part: int, pose: Pose, look: Look) -> Placed:
    """A person as a part."""
    joints = skeleton(pose, look.scale)
    foot = np.array([pose.x, 0.0, pose.z])

    def paint(pad: Pad, view: View, shade: Shade) -> None:
        paint_person(pad, view, pose, look, shade)

    thrown = joints[CASTERS]
    casters = ((thrown[:4], 0.11), (thrown[4:5], 0.11), (thrown[5:7], 0.075), (thrown[7:], 0.075))
    contact = None if pose.sits else joints[FEET] * LEVEL
    still = pose if pose.pace == 0 and not pose.sits else None
    return Placed(part, foot, outline(joints, look.scale), paint, casters=casters, contact=contact, still=still)


def placed_cycle(part: int, cycle: Cycle, place: Place) -> Placed:
    """A cycle as a part."""
    middle = np.array([place.x, 0.0, place.z])
    local, ends, radii = _cycle_points(cycle)
    outline, contact, *casters = np.split(turned(local, place.heading) + middle, ends)

    def paint(pad: Pad, view: View, shade: Shade) -> None:
        paint_cycle(pad, view, cycle, middle, place.heading, shade)

    still = (round(place.x, 4), round(place.z, 4)) if place.speed < 1e-6 else None
    thrown = tuple(zip(casters, radii, strict=True))
    return Placed(part, middle, outline, paint, casters=thrown, contact=contact, still=still)


@lru_cache(maxsize=256)
def _cycle_points(cycle: Cycle) -> tuple[Floats, list[int], list[float]]:
    """Outline, what touches the ground and each caster, about its own origin, one after the other (N×3).

    Returns:
        The points, where each group but the first begins, and the radius of each caster.
    """
    discs, half = cycle.discs[:, :3], cycle.length / 2 - 0.2
    ground = np.array([[-half, 0, -0.08], [half, 0, -0.08], [half, 0, 0.08], [-half, 0, 0.08]])
    wheels = [np.array([[ahead, radius, side]]) for ahead, side, radius in cycle.wheels]
    groups = [cycle.outline(), ground, discs[discs[:, 1] < 0.8], *wheels, discs[discs[:, 1] >= 0.8]]
    ends = np.cumsum([len(group) for group in groups])[:-1].tolist()
    return np.vstack(groups), ends, [0.05, *(radius * 0.9 for _, _, radius in cycle.wheels), 0.04]


def _canopy() -> Floats:
    """An umbrella about the foot of its stick (17×3): eight points on its rim, eight on its shoulder, its top."""
    height, radius, rise = UMBRELLA_M
    x, z = radius * np.cos(GORE_TURNS), radius * np.sin(GORE_TURNS)
    rim = np.column_stack([x, np.full(8, height), z])
    shoulder = np.column_stack([0.6 * x, np.full(8, height + rise * 0.75), 0.6 * z])
    return np.vstack([rim, shoulder, [[0.0, height + rise, 0.0]]])


GORE_TURNS = np.linspace(0, 2 * np.pi, 9)[:-1]
CANOPY = _canopy()
GORES = np.array([
    [(index, after, 8 + after, 8 + index), (8 + index, 8 + after, 16, 16)]
    for index, after in ((index, (index + 1) % 8) for index in range(8))
])  # fmt: skip
"""Corners in ``CANOPY`` of the lower and the upper face of each gore (8×2×4)."""


@lru_cache(maxsize=64)
def _gores(colour: Colour) -> tuple[tuple[Colour, Colour], ...]:
    """Colour of the lower and of the upper face of each gore."""
    gains = (0.8 + 0.28 * math.cos(turn + 0.8) + (0.06 if index % 2 else 0.0) for index, turn in enumerate(GORE_TURNS))
    return tuple((scaled(colour, gain), scaled(colour, gain * 1.15)) for gain in gains)


def _umbrella(part: int, pose: Pose, colour: Colour) -> Placed:
    middle = np.array([pose.x + 0.12 * np.cos(pose.heading), 0.0, pose.z + 0.12 * np.sin(pose.heading)])
    every = CANOPY + middle
    rim, top = every[:8], every[16]

    cloth = _gores(colour)

    def paint(pad: Pad, view: View, shade: Shade) -> None:
        pixels, depth = view.project(every)
        if depth.min() < 0.3:
            return
        hand = view.project(np.array([top, top - np.array([0.0, 0.9, 0.0])]))[0]
        pad.line(hand, 0.02 * view.metre(float(depth.mean())), shade.flat((90, 90, 92)))
        order = np.argsort(-depth[:8])
        colours = []
        for low, high in (cloth[index] for index in order.tolist()):
            colours += [shade.flat(low, 1.0, 0.8), shade.flat(high, 1.0, 0.9)]
        pad.polys(pixels, GORES[order].reshape(-1, 4), np.array(colours))

    still = pose if pose.pace == 0 else None
    return Placed(part, middle, every, paint, casters=((rim, 0.0),), still=still)
