"""A car parked at the kerb where nobody may park; and a queue at the lights, which only looks like it."""

from __future__ import annotations

from brain.sim.actors.tracks import stopping
from brain.sim.actors.vehicles import Vehicle
from brain.sim.cast import Cast
from brain.sim.life import kind_of, traffic, walkers
from brain.sim.scenes.kinds import Begins, SceneKind

PASSING_M = 1.05
"""How far the near lane's traffic swings out around a parked car."""
ROOM_M = 0.35
"""How far the other lane makes room."""


def parked_car(cast: Cast) -> None:
    """A car pulls up at the kerb at a fifth of the clip and stays, or drives on at four fifths; others pass it."""
    spec, rng = cast.spec, cast.rng("parking")
    walkers(cast, spec.walkers)
    side = -1 if cast.plan.camera.mirrored else 1
    swing = {"near": side * PASSING_M, "far": -side * ROOM_M}
    traffic(cast, gaps_s=(3.0, 8.0), aside=swing, mix={"car": 0.85, "van": 0.15})
    lane, (x, _, _) = cast.plan.lanes["kerb"], cast.plan.spots["kerb"]
    halts_s = spec.seconds * rng.uniform(0.18, 0.25)
    leaves_s = spec.seconds * rng.uniform(0.78, 0.88) if rng.uniform() < 0.5 else None
    kind = "car" if rng.uniform() < 0.75 else "van"
    track = stopping(lane, abs(x - lane.start[0]), halts_s, leaves_s, 8.0)
    car = cast.add(Vehicle(kind, int(rng.integers(1 << 30)), track, lights=cast.lights))
    cast.event("illegal_parking", "kerb", halts_s, leaves_s, car)


def queue_at_lights(cast: Cast) -> None:
    """Both lanes come to a halt before the crossing and stand for half of the clip, then all drive on."""
    spec, rng = cast.spec, cast.rng("queue")
    walkers(cast, spec.walkers)
    halts_s, leaves_s = spec.seconds * 0.12, spec.seconds * rng.uniform(0.6, 0.8)
    stop_x = cast.plan.spots["stop line"][0]
    for name in ("near", "far"):
        lane = cast.plan.lanes[name]
        outwards = lane.end[0] > lane.start[0]
        line = abs((stop_x if outwards else stop_x + 10.0) - lane.start[0]) - 2.6
        for place in range(int(rng.integers(4, 8))):
            kind = kind_of(rng, {"car": 0.85, "van": 0.15})
            if line < 4.0:
                break
            track = stopping(lane, line, halts_s + 1.1 * place, leaves_s + 1.3 * place, rng.uniform(7.5, 9.0))
            shift = rng.uniform(5.8, 6.8)
            cast.add(Vehicle(kind, int(rng.integers(1 << 30)), track, lights=cast.lights))
            line -= shift


KINDS = (
    SceneKind("parked_car", "禁停区违停", "a car parks at the kerb in a no-parking zone", "street", parked_car,
              shows="illegal_parking", begins=Begins.STANDS),
    SceneKind("queue_at_lights", "红灯排队", "cars queue at a red light and drive on", "street", queue_at_lights,
              confuses="illegal_parking"),
)  # fmt: skip
