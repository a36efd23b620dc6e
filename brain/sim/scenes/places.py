"""Ordinary life by the river, in the courtyard and at the site's gate: nothing happens that anybody should report."""

from __future__ import annotations

from brain.sim.actors.tracks import along
from brain.sim.actors.vehicles import Vehicle
from brain.sim.bodies.heavy import make_dump_truck
from brain.sim.cast import Cast
from brain.sim.life import parked_cycles, riders, traffic, walkers
from brain.sim.scenes.kinds import SceneKind


def promenade(cast: Cast) -> None:
    """People walk along the river; the water mirrors the other bank."""
    walkers(cast, max(5, cast.spec.walkers))


def courtyard_life(cast: Cast) -> None:
    """Residents come and go, a car now and then drives through without stopping."""
    walkers(cast, max(5, cast.spec.walkers))
    traffic(cast, ("lane",), gaps_s=(14.0, 26.0), mix={"car": 0.9, "van": 0.1})
    parked_cycles(cast, int(cast.rng("row").integers(3, 8)), 12.0, 10.9, heading=1.57)


def covered_trucks(cast: Cast) -> None:
    """Dump trucks leave the site, their loads covered or their beds empty, and turn into the road."""
    spec, rng = cast.spec, cast.rng("trucks")
    walkers(cast, 3)
    traffic(cast, ("near",), gaps_s=(4.0, 9.0))
    riders(cast)
    exit_lane = cast.plan.lanes["exit"]
    (x, z1), (_, z2) = exit_lane.start, exit_lane.end
    begins_s = -rng.uniform(0, 6)
    while begins_s < spec.seconds:
        turn = [(x, z1), (x, z2 + 5.0), (x - 0.8, z2 + 2.4), (x - 2.6, z2 + 0.6), (x - 6.0, z2), (x - 40.0, z2)]
        body = make_dump_truck(rng, load="covered" if rng.uniform() < 0.7 else "empty")
        track = along(turn, begins_s, 4.0, after=False)
        cast.add(Vehicle("dump_truck", int(rng.integers(1 << 30)), track, lights=cast.lights, body=body))
        begins_s += rng.uniform(14.0, 24.0)


KINDS = (
    SceneKind("promenade", "河边步道", "people walk along a river, the water mirrors the bank", "river_bank",
              promenade, confuses="floating_debris"),
    SceneKind("courtyard_life", "小区消防通道畅通", "a courtyard whose fire lane stays free", "courtyard",
              courtyard_life, confuses="fire_lane_blocked"),
    SceneKind("covered_trucks", "渣土车密闭出场", "covered and empty dump trucks leave a site", "site_gate",
              covered_trucks, confuses="construction_site"),
)  # fmt: skip
