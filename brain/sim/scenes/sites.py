"""A building site's gate: dust, an open loaded truck that leaves; and fog, mist, exhaust, trucks in good order."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from brain.sim.actors.people import Waiting, Walker
from brain.sim.actors.tracks import Track
from brain.sim.actors.vehicles import Vehicle
from brain.sim.bodies.heavy import make_dump_truck
from brain.sim.bodies.people import Look
from brain.sim.camera import Floats
from brain.sim.cast import Cast
from brain.sim.life import traffic, walkers
from brain.sim.scenes.kinds import Begins, SceneKind
from brain.sim.stages.site_gate import FENCE_Z
from brain.sim.things.fence import FenceBefore
from brain.sim.things.fire import Plume
from brain.sim.things.life import Life
from brain.sim.things.shining import Flag
from brain.sim.things.trail import DUST, EXHAUST, FOG_BANK, MIST, Place, Trail

GATE_HALF_M = 4.2
EXIT_Z = FENCE_Z + 2.0
"""Where the zone of the exit begins."""
WAITS_Z, ROAD_Z = 22.5, 10.3
SPEED_MS = 3.2
SETTLED = 0.76
"""Share of a puff's life after which it is too thin to count, to half a second."""
LABELS = {"soil": "truck_uncovered", "covered": "truck_covered", "empty": "dump_truck"}


def gate(cast: Cast) -> float:
    """Ordinary life before the gate and the fence beside it; returns the gate's middle."""
    x = cast.plan.spots["gate"][0]
    for between in ((-30.0, x - GATE_HALF_M), (x + GATE_HALF_M, 80.0)):
        cast.add(FenceBefore(between, FENCE_Z))
    walkers(cast, min(3, cast.spec.walkers))
    rng = cast.rng("guard")
    look = Look.of(int(rng.integers(1 << 30))).worn(helmet=(40, 190, 235), vest=True)
    cast.add(Walker(look, Waiting(x + GATE_HALF_M - 0.5, FENCE_Z - 1.0, -1.6, float(rng.uniform(0, 6)))))
    return float(x)


def _way(x: float) -> Floats:
    """From where trucks wait behind the gate out into the road and away."""
    turn = np.radians(np.linspace(0, 90, 10))
    corner = np.column_stack([x - 5.0 + 5.0 * np.cos(turn), ROAD_Z + 5.0 - 5.0 * np.sin(turn)])
    return np.vstack([[[x, WAITS_Z], [x, EXIT_Z]], corner, [[x - 45.0, ROAD_Z]]])


def leaving(cast: Cast, rng: np.random.Generator, load: str, crosses_s: float, *, waits: bool) -> Vehicle:
    """A truck whose middle crosses the exit line at ``crosses_s``; before, it waits behind the gate or is away."""
    points = _way(cast.plan.spots["gate"][0])
    gone = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    times = crosses_s + (gone - gone[1]) / SPEED_MS
    track = Track(times, points, heading=-np.pi / 2, before=waits)
    body = make_dump_truck(rng, load=load)
    return cast.add(Vehicle(LABELS[load], int(rng.integers(1 << 30)), track, lights=cast.lights, body=body))


def uncovered_truck(cast: Cast) -> None:
    """A dump truck heaped with soil waits behind the gate and leaves uncovered; later a covered one follows."""
    spec, rng = cast.spec, cast.rng("trucks")
    gate(cast)
    crosses_s = spec.seconds * rng.uniform(0.2, 0.35)
    truck = leaving(cast, rng, "soil", crosses_s, waits=True)
    ends_s = crosses_s + 26.0 / SPEED_MS
    later_s = crosses_s + rng.uniform(12.0, 16.0)
    leaving(cast, rng, "covered" if rng.uniform() < 0.6 else "empty", later_s, waits=False)
    cast.event("construction_site", "exit", crosses_s, ends_s, truck)


def proper_trucks(cast: Cast) -> None:
    """Covered and empty dump trucks leave one after the other."""
    rng = cast.rng("trucks")
    gate(cast)
    crosses_s, first = cast.spec.seconds * rng.uniform(0.1, 0.2), True
    while crosses_s < cast.spec.seconds:
        load = "covered" if rng.uniform() < 0.6 else "empty"
        leaving(cast, rng, load, crosses_s, waits=first)
        crosses_s, first = crosses_s + rng.uniform(11.0, 18.0), False


def site_dust(cast: Cast) -> None:
    """A cloud of dust rises at the gate and drifts over it; it settles near the end on every other seed."""
    spec, rng = cast.spec, cast.rng("dust")
    x = gate(cast)
    traffic(cast, ("near",), gaps_s=(5.0, 10.0))
    begins_s = spec.seconds * rng.uniform(0.12, 0.22)
    stops_s = spec.seconds * rng.uniform(0.65, 0.75) if rng.uniform() < 0.5 else np.inf
    phase, sway = rng.uniform(0, 6), rng.uniform(1.2, 2.4)

    def source(time_s: float) -> Place:
        return (
            1.1 * x - 2.0 + sway * float(np.sin(1.3 * time_s + phase)),
            0.3,
            17.0 + 1.2 * float(np.sin(0.8 * time_s)),
        )

    dust = cast.add(Trail(DUST, int(rng.integers(1 << 30)), source, Life(begins_s, stops_s),
                          start_radius=rng.uniform(1.0, 1.4), puffs_per_s=1.8))  # fmt: skip
    ends_s = None if np.isinf(stops_s) else stops_s + SETTLED * DUST.life_s
    cast.event("construction_site", "exit", begins_s, ends_s, dust)


def _fixed(x: float, y: float, z: float) -> Callable[[float], Place]:
    return lambda _time: (x, y, z)


def site_fog(cast: Cast) -> None:
    """Banks of fog drift before the gate."""
    rng = cast.rng("fog")
    x = gate(cast)
    traffic(cast, ("near",), gaps_s=(5.0, 10.0))
    for z in (13.0, 19.0):
        seed = int(rng.integers(1 << 30))
        cast.add(Trail(FOG_BANK, seed, _fixed(x - 9.0, 0.7, z), Life(), start_radius=2.0,
                       puffs_per_s=0.16))  # fmt: skip


def fog_cannon(cast: Cast) -> None:
    """A cannon behind the gate sprays water mist against dust."""
    rng = cast.rng("cannon")
    x = gate(cast)
    traffic(cast, ("near",), gaps_s=(5.0, 10.0))
    cast.add(Plume(MIST, int(rng.integers(1 << 30)), 1.33 * x - 3.0, 20.0, Life(), start_radius=0.5, foot_m=1.6))


def site_exhaust(cast: Cast) -> None:
    """A covered truck idles behind the gate, its exhaust white, and leaves at last."""
    rng = cast.rng("exhaust")
    x = gate(cast)
    truck = leaving(cast, rng, "covered", cast.spec.seconds * 0.8, waits=True)

    def pipe(time_s: float) -> Place | None:
        place = truck.track.at(time_s)
        if place is None:
            return None
        ahead, aside = 2.0, -1.3
        return (float(place.x + ahead * np.cos(place.heading) - aside * np.sin(place.heading)), 0.9,
                float(place.z + ahead * np.sin(place.heading) + aside * np.cos(place.heading)))  # fmt: skip

    cast.add(Trail(EXHAUST, int(rng.integers(1 << 30)), pipe, Life(), start_radius=0.3, puffs_per_s=5.0))
    cast.add(Flag(int(rng.integers(1 << 30)), x - GATE_HALF_M - 0.8, FENCE_Z - 0.6, lift=2.6))


KINDS = (
    SceneKind("uncovered_truck", "渣土车未密闭出场", "an open loaded dump truck leaves the site", "site_gate",
              uncovered_truck, shows="construction_site", begins=Begins.ENTERS),
    SceneKind("site_dust", "工地扬尘", "a cloud of dust at the site's gate", "site_gate", site_dust,
              shows="construction_site"),
    SceneKind("proper_trucks", "渣土车密闭或空车出场", "covered and empty dump trucks leave", "site_gate",
              proper_trucks, confuses="construction_site"),
    SceneKind("site_fog", "工地团雾", "banks of fog before the site's gate", "site_gate", site_fog,
              confuses="construction_site"),
    SceneKind("fog_cannon", "雾炮降尘", "a cannon sprays mist behind the gate", "site_gate", fog_cannon,
              confuses="construction_site"),
    SceneKind("site_exhaust", "渣土车尾气", "a covered truck idles, its exhaust white", "site_gate", site_exhaust,
              confuses="construction_site"),
)  # fmt: skip
