"""A case that somebody puts down on the pavement and somebody else takes away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from brain.sim.bodies.pose import Pose
from brain.sim.camera import Floats
from brain.sim.cuboid import FACES, Cuboid, corners
from brain.sim.draw import Colour, scaled, stream
from brain.sim.entity import Placed, since
from brain.sim.paint.pad import Pad
from brain.sim.paint.shading import Shade
from brain.sim.paint.view import View

COLOURS: tuple[Colour, ...] = ((70, 40, 28), (42, 36, 118), (38, 36, 34), (50, 66, 32), (38, 56, 84))
WALK_MS = 1.5
REACH_M = 0.5
"""From the middle of a walker to the middle of the thing that he holds."""
HOLD_M = 0.72
"""Height of the foot of the thing while it is carried."""
LOWER_S = 0.7
STOP_S = 0.9
RISE_S = 0.25
TURN_S = 0.6


class Doing(StrEnum):
    """What a handler does with the thing."""

    PUT_DOWN = "put_down"
    TAKE = "take"


@dataclass(frozen=True, slots=True)
class Handler:
    """Pose of somebody who comes down the street, puts a thing down or takes it, and goes back where he came from."""

    doing: Doing
    moment_s: float
    thing: Cuboid

    def __call__(self, time_s: float) -> Pose:
        """Where he is and how he stands; he is never between camera and thing."""
        stand_x = self.thing.x + REACH_M
        past = since(time_s, self.moment_s)
        if past < -STOP_S:
            walked = WALK_MS * (past + STOP_S)
            return Pose(stand_x - walked, self.thing.z, np.pi, walked, 1.0, reach=self._holds(past))
        leave = RISE_S if self.doing is Doing.PUT_DOWN else LOWER_S
        if past < leave:
            return Pose(stand_x, self.thing.z, np.pi, 0.0, 0.0, _bend(past, leave), 1.0)
        gone = WALK_MS * (past - leave)
        turned = min(1.0, (past - leave) / TURN_S)
        return Pose(stand_x + gone, self.thing.z, np.pi * (1 - turned), gone, turned, reach=self._holds(past))

    def _holds(self, past: float) -> float:
        return 1.0 if (past < 0) == (self.doing is Doing.PUT_DOWN) else 0.0

    def holding(self, time_s: float) -> tuple[Cuboid, float] | None:
        """The thing while this handler holds it, and the height of its foot; ``None`` while he does not."""
        past = since(time_s, self.moment_s)
        if (past < 0) != (self.doing is Doing.PUT_DOWN):
            return None
        pose = self(time_s)
        height = HOLD_M * min(1.0, abs(past) / LOWER_S)
        x, z = pose.x + REACH_M * np.cos(pose.heading), pose.z + REACH_M * np.sin(pose.heading)
        size = self.thing.length, self.thing.breadth, self.thing.height
        return Cuboid(float(x), float(z), pose.heading, *size), height


class CarriedCase:
    """The case itself: carried, at rest, carried away.

    Args:
        put_down_s: second at which it comes to rest.
        taken_s: second at which it is lifted; ``None`` = never.
        handlers: who carries it.
    """

    labels = ("",)
    span = (-np.inf, np.inf)

    def __init__(
        self, seed: int, thing: Cuboid, put_down_s: float, taken_s: float | None, handlers: Sequence[Handler]
    ) -> None:
        self.thing = thing
        self.put_down_s, self.taken_s = put_down_s, taken_s
        self._handlers = tuple(handlers)
        rng = stream(seed, "thing")
        self._paint = COLOURS[int(rng.integers(len(COLOURS)))]

    def where(self, time_s: float) -> tuple[Cuboid, float] | None:
        """The case at a moment and the height of its foot above the ground; ``None`` while it is away."""
        rests = since(time_s, self.put_down_s) >= 0
        if rests and (self.taken_s is None or since(time_s, self.taken_s) < 0):
            return self.thing, 0.0
        for handler in self._handlers:
            held = handler.holding(time_s)
            if held is not None:
                return held
        return None

    def at(self, time_s: float) -> Sequence[Placed]:
        """The case, unless it is away."""
        found = self.where(time_s)
        if found is None:
            return ()
        thing, lift = found
        return (placed_case(thing, lift, self._paint),)


def placed_case(thing: Cuboid, lift: float, paint: Colour) -> Placed:
    """A case with bands and straps."""
    world = corners(thing, lift)
    middle = np.array([thing.x, 0.0, thing.z])

    def draw(pad: Pad, view: View, shade: Shade) -> None:
        _case(pad, view, world, paint, shade)

    resting = lift == 0.0
    return Placed(
        0, middle, world, draw, casters=((world, 0.0),), contact=world[:4] if resting else None,
        still=(thing.x, thing.z) if resting else None,
    )  # fmt: skip


def _case(pad: Pad, view: View, world: Floats, paint: Colour, shade: Shade) -> None:
    pixels, depth = view.project(world)
    if depth.min() < 0.3:
        return
    middle, eye = world.mean(axis=0), view.eye
    for index, face in enumerate(FACES):
        points = world[list(face)]
        normal = points.mean(axis=0) - middle
        normal = normal / np.linalg.norm(normal)
        to_eye = eye - points.mean(axis=0)
        if normal @ to_eye <= 0:
            continue
        to_eye = to_eye / np.linalg.norm(to_eye)
        tone = shade.faces(np.array([paint]), normal[None], to_eye[None], np.array([0.2]))[0]
        colour = (float(tone[0]), float(tone[1]), float(tone[2]))
        pad.poly(pixels[list(face)], colour)
        _trim(pad, pixels[list(face)], colour, side=index >= 2)


def _trim(pad: Pad, face: Floats, colour: Colour, *, side: bool) -> None:
    """A band or strap across one face (4×2 pixels) and, on a side, ribs."""
    a, b, c, d = face
    for low, high, factor in ((0.14, 0.2, 0.7), (0.8, 0.86, 0.7), (0.44, 0.56, 1.45)):
        if side:
            strap = np.array([a + (b - a) * low, a + (b - a) * high, d + (c - d) * high, d + (c - d) * low])
        else:
            strap = np.array([a + (d - a) * low, b + (c - b) * low, b + (c - b) * high, a + (d - a) * high])
        pad.poly(strap, scaled(colour, factor))


def _bend(past: float, leave: float) -> float:
    """0 upright … 1 bent down, deepest at the moment of touching the ground."""
    if past < 0:
        return max(0.0, 1.0 + past / LOWER_S)
    return max(0.0, 1.0 - past / leave)
