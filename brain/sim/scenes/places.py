"""Ordinary life by the river and in the courtyard: nothing happens that anybody should report."""

from __future__ import annotations

from brain.sim.cast import Cast
from brain.sim.life import parked_cycles, traffic, walkers
from brain.sim.scenes.kinds import SceneKind


def promenade(cast: Cast) -> None:
    """People walk along the river; the water mirrors the other bank."""
    walkers(cast, max(5, cast.spec.walkers))


def courtyard_life(cast: Cast) -> None:
    """Residents come and go, a car now and then drives through without stopping."""
    walkers(cast, max(5, cast.spec.walkers))
    traffic(cast, ("lane",), gaps_s=(14.0, 26.0), mix={"car": 0.9, "van": 0.1})
    parked_cycles(cast, int(cast.rng("row").integers(3, 8)), 12.0, 10.9, heading=1.57)


KINDS = (
    SceneKind("promenade", "河边步道", "people walk along a river, the water mirrors the bank", "river_bank",
              promenade, confuses="floating_debris"),
    SceneKind("courtyard_life", "小区消防通道畅通", "a courtyard whose fire lane stays free", "courtyard",
              courtyard_life, confuses="fire_lane_blocked"),
)  # fmt: skip
