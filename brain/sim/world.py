"""From a spec to everything that is in its scene; nothing is drawn for it."""

from __future__ import annotations

from brain.sim.cast import Cast
from brain.sim.climate import climate_of
from brain.sim.scenes import kind_of
from brain.sim.spec import SceneSpec
from brain.sim.stages import STAGES
from brain.sim.things.water import River


def world(spec: SceneSpec) -> Cast:
    """The stage, its entities and events.

    Raises:
        UsageError: there is no scene of the spec's name.
    """
    kind = kind_of(spec.scene)
    cast = Cast(spec, STAGES[kind.stage](spec), climate_of(spec))
    if cast.plan.water is not None:
        cast.add(River(spec.seed, cast.plan.water))
    kind.build(cast)
    return cast
