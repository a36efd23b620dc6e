"""The street as it is, with a case left on the pavement if the spec says so."""

from __future__ import annotations

from brain.sim.actors.people import Walker
from brain.sim.bodies.people import Look
from brain.sim.cast import Cast
from brain.sim.cuboid import Cuboid
from brain.sim.life import parked_cycles, riders, traffic, walkers
from brain.sim.scenes.kinds import Begins, SceneKind
from brain.sim.things.carried import CarriedCase, Doing, Handler


def build(cast: Cast) -> None:
    """Walkers, traffic and, when ``spec.put_down_s`` is given, a case that is put down and taken."""
    spec = cast.spec
    walkers(cast, spec.walkers)
    if spec.cars:
        traffic(cast)
        riders(cast)
    if spec.walkers:
        parked_cycles(cast, int(cast.rng("row").integers(0, 6)), 20.6, 3.9)
    if spec.put_down_s is not None:
        _left_case(cast, spec.put_down_s, spec.taken_s)


def _left_case(cast: Cast, put_down_s: float, taken_s: float | None) -> None:
    rng = cast.rng("case")
    x, z, heading = cast.plan.spots["pavement"]
    thing = Cuboid(x, z, heading, rng.uniform(0.42, 0.5), rng.uniform(0.74, 0.86), rng.uniform(0.58, 0.68))
    looks = cast.rng("handlers").integers(1 << 30, size=2)
    handlers = [Handler(Doing.PUT_DOWN, put_down_s, thing)]
    if taken_s is not None:
        handlers.append(Handler(Doing.TAKE, taken_s, thing))
    for look, handler in zip(looks, handlers, strict=False):
        cast.add(Walker(Look.of(int(look)), handler))
    if cast.spec.show_thing:
        case = cast.add(CarriedCase(cast.spec.seed, thing, put_down_s, taken_s, handlers))
        cast.event("left_object", "pavement", put_down_s, taken_s, case)


KINDS = (
    SceneKind("left_object", "人行道遗留物", "a case is put down on the pavement and taken away again", "street", build,
              shows="left_object", begins=Begins.STANDS),
    SceneKind("quiet", "平常街道", "an ordinary street, nothing is left behind", "street", build,
              confuses="left_object"),
    SceneKind("left_object_confusers", "光照突变、影子移动、镜头抖动",
              "light steps, moving shadows, a shaking camera, nothing left", "street", build,
              confuses="left_object", seconds=60.0, shake_px=3.0, shadow_moves=True),
)  # fmt: skip
