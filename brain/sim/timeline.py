"""Who is where at which second: pure functions of media time, so that any picture can be drawn alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from brain.sim.draw import stream
from brain.sim.layout import LANES_Z, STREET_END_X, Cuboid, Layout
from brain.sim.spec import SceneSpec

WALK_MS = 1.5
REACH_M = 0.5
"""From the middle of a walker to the middle of the thing that he holds."""
HOLD_M = 0.72
"""Height of the foot of the thing while it is carried."""
LOWER_S = 0.7
STOP_S = 0.9
RISE_S = 0.25
TURN_S = 0.6
PASSERS_X = (-3.0, 74.0)
PASSERS_Z = ((3.5, 4.1), (-2.4, 0.8), (13.6, 15.2), (3.5, 4.1))


@dataclass(frozen=True, slots=True)
class Pose:
    """A walker at one moment: place, heading (radians, 0 = along ``+x``), metres walked, bend 0–1, arms forward 0–1."""

    x: float
    z: float
    heading: float
    walked: float
    pace: float
    bend: float = 0.0
    reach: float = 0.0


class Doing(StrEnum):
    """What a handler does with the thing."""

    PUT_DOWN = "put_down"
    TAKE = "take"


@dataclass(frozen=True, slots=True)
class Passer:
    """Somebody who walks to and fro along the street and turns out of sight."""

    seed: int
    z: float
    speed: float
    offset: float

    def pose(self, time_s: float) -> Pose:
        """Where he is."""
        span = PASSERS_X[1] - PASSERS_X[0]
        walked = self.offset + self.speed * time_s
        lap, along = divmod(walked, span)
        back = int(lap) % 2 == 1
        x = PASSERS_X[1] - along if back else PASSERS_X[0] + along
        return Pose(x, self.z, np.pi if back else 0.0, walked, 1.0)


@dataclass(frozen=True, slots=True)
class Handler:
    """Somebody who comes down the street, puts the thing down or takes it, and goes back where he came from."""

    seed: int
    doing: Doing
    moment_s: float
    thing: Cuboid

    def pose(self, time_s: float) -> Pose:
        """Where he is and how he stands; he is never between camera and thing."""
        stand_x = self.thing.x + REACH_M
        since = _since(time_s, self.moment_s)
        if since < -STOP_S:
            walked = WALK_MS * (since + STOP_S)
            return Pose(stand_x - walked, self.thing.z, np.pi, walked, 1.0, reach=self._holds(since))
        leave = RISE_S if self.doing is Doing.PUT_DOWN else LOWER_S
        if since < leave:
            return Pose(stand_x, self.thing.z, np.pi, 0.0, 0.0, _bend(since, leave), 1.0)
        gone = WALK_MS * (since - leave)
        turned = min(1.0, (since - leave) / TURN_S)
        heading = np.pi * (1 - turned)
        return Pose(stand_x + gone, self.thing.z, heading, gone, turned, reach=self._holds(since))

    def _holds(self, since: float) -> float:
        return 1.0 if (since < 0) == (self.doing is Doing.PUT_DOWN) else 0.0

    def holding(self, time_s: float) -> tuple[Cuboid, float] | None:
        """The thing while this handler holds it, and the height of its foot; ``None`` while he does not."""
        since = _since(time_s, self.moment_s)
        if (since < 0) != (self.doing is Doing.PUT_DOWN):
            return None
        pose = self.pose(time_s)
        height = HOLD_M * min(1.0, abs(since) / LOWER_S)
        held = Cuboid(
            pose.x + REACH_M * np.cos(pose.heading),
            pose.z + REACH_M * np.sin(pose.heading),
            pose.heading,
            self.thing.length,
            self.thing.breadth,
            self.thing.height,
        )
        return held, height


@dataclass(frozen=True, slots=True)
class Car:
    """A car that drives through: looks (by seed), lane, direction along ``x`` (±1), speed, second of entry."""

    seed: int
    z: float
    direction: int
    speed: float
    enters_s: float

    def x(self, time_s: float) -> float | None:
        """Where its middle is, ``None`` while it is not on the street."""
        done = self.speed * (time_s - self.enters_s)
        span = STREET_END_X + 10.0
        if not 0 <= done <= span:
            return None
        return -8.0 + done if self.direction > 0 else STREET_END_X + 2.0 - done


@dataclass(frozen=True, slots=True)
class Timeline:
    """All that moves in one scene."""

    passers: tuple[Passer, ...]
    handlers: tuple[Handler, ...]
    cars: tuple[Car, ...]
    thing: Cuboid | None
    put_down_s: float
    taken_s: float

    def thing_at(self, time_s: float) -> tuple[Cuboid, float] | None:
        """The thing at a moment and the height of its foot above the ground; ``None`` while it is away."""
        if self.thing is None:
            return None
        if _since(time_s, self.put_down_s) >= 0 > _since(time_s, self.taken_s):
            return self.thing, 0.0
        for handler in self.handlers:
            held = handler.holding(time_s)
            if held is not None:
                return held
        return None


def timeline(spec: SceneSpec, street: Layout) -> Timeline:
    """Everything that moves, chosen by the spec's seed."""
    rng = stream(spec.seed, "passers")
    passers = []
    for index in range(spec.walkers):
        low, high = PASSERS_Z[index % len(PASSERS_Z)]
        offset = rng.uniform(0, 2 * (PASSERS_X[1] - PASSERS_X[0]))
        if index % 2 == 0:
            # Half of them start in the foreground, so that a short clip shows people large enough to see.
            offset = rng.uniform(9, 26)
        passers.append(Passer(int(rng.integers(1 << 30)), rng.uniform(low, high), rng.uniform(1.15, 1.5), offset))
    handlers = []
    looks = stream(spec.seed, "handlers").integers(1 << 30, size=2)
    if spec.put_down_s is not None:
        handlers.append(Handler(int(looks[0]), Doing.PUT_DOWN, spec.put_down_s, street.thing))
    if spec.taken_s is not None:
        handlers.append(Handler(int(looks[1]), Doing.TAKE, spec.taken_s, street.thing))
    thing = street.thing if spec.put_down_s is not None and spec.show_thing else None
    return Timeline(
        tuple(passers),
        tuple(handlers),
        _cars(spec, street) if spec.cars else (),
        thing,
        spec.put_down_s if spec.put_down_s is not None else np.inf,
        spec.taken_s if spec.taken_s is not None else np.inf,
    )


def _cars(spec: SceneSpec, street: Layout) -> tuple[Car, ...]:
    """Traffic on the right: one speed per lane, so that nobody drives through anybody."""
    rng = stream(spec.seed, "cars")
    cars = []
    for lane, z in enumerate(LANES_Z):
        direction = 1 if (lane == 0) != street.camera.mirrored else -1
        speed = rng.uniform(8.0, 11.5)
        enters_s = -(STREET_END_X + 10.0) / speed
        while enters_s < spec.seconds:
            cars.append(Car(int(rng.integers(1 << 30)), z + rng.uniform(-0.25, 0.25), direction, speed, enters_s))
            enters_s += rng.uniform(2.2, 6.5)
    return tuple(cars)


def _since(time_s: float, moment_s: float) -> float:
    """Seconds since a moment, free of the last bits of rounding, so that a moment on a picture is met by it."""
    return round(time_s - moment_s, 9)


def _bend(since: float, leave: float) -> float:
    """0 upright … 1 bent down, deepest at the moment of touching the ground."""
    if since < 0:
        return max(0.0, 1.0 + since / LOWER_S)
    return max(0.0, 1.0 - since / leave)
