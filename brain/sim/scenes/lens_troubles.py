"""What lies on or before the lens and moves: insects in the infrared lamp's light."""

from __future__ import annotations

from brain.sim.cast import Cast
from brain.sim.climate import lamp_of_camera
from brain.sim.life import walkers
from brain.sim.paint.lens import Insects
from brain.sim.scenes.kinds import SceneKind


def insects_ir(cast: Cast) -> None:
    """Moths dart through the infrared lamp's light over an empty square."""
    cast.climate = lamp_of_camera(cast.climate)
    walkers(cast, min(1, cast.spec.walkers))
    count = int(cast.rng("insects").integers(5, 11))
    cast.effects.append(Insects(cast.spec.seed, (cast.spec.width, cast.spec.height), count))


KINDS = (
    SceneKind("insects_ir", "红外下飞虫", "insects dart through the infrared lamp's light", "courtyard", insects_ir,
              confuses="perimeter_intrusion"),
)  # fmt: skip
