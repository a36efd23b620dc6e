"""A road that breaks open, a manhole without its cover; and patches and shadows that look like it."""

from __future__ import annotations

import numpy as np

from brain.sim.cast import Cast
from brain.sim.life import riders, traffic, walkers
from brain.sim.scenes.kinds import SceneKind
from brain.sim.things import road_marks
from brain.sim.things.decal import Decal
from brain.sim.things.life import Life
from brain.sim.things.manhole import Manhole

NEAR_LANE_M = 0.55
"""How far the near lane's traffic keeps away from the kerb, so that nobody drives over the hole."""


def _street(cast: Cast) -> None:
    """Traffic that passes behind the place where the road is damaged."""
    side = -1 if cast.plan.camera.mirrored else 1
    walkers(cast, cast.spec.walkers, ("far", "house side"))
    traffic(cast, aside={"near": side * NEAR_LANE_M})


def _place(rng: np.random.Generator) -> tuple[float, float]:
    return float(rng.uniform(9.6, 12.6)), float(rng.uniform(5.75, 6.0))


def pothole(cast: Cast) -> None:
    """The asphalt breaks open at a fifth of the clip and the hole grows over some seconds."""
    spec, rng = cast.spec, cast.rng("pothole")
    _street(cast)
    x, z = _place(rng)
    begins_s = spec.seconds * rng.uniform(0.15, 0.25)
    life = Life(begins_s, grows_s=spec.seconds * 0.2)
    hole = cast.add(Decal("pothole", road_marks.pothole(rng, rng.uniform(0.5, 0.95)), x, z, life=life))
    cast.event("road_damage", "road", begins_s, None, hole)


def _manhole(cast: Cast, *, displaced: bool) -> None:
    spec, rng = cast.spec, cast.rng("manhole")
    _street(cast)
    x, z = _place(rng)
    begins_s = spec.seconds * rng.uniform(0.15, 0.25)
    ends_s = spec.seconds * rng.uniform(0.82, 0.92) if rng.uniform() < 0.5 else float("inf")
    manhole = cast.add(Manhole(rng, x, z, Life(begins_s, ends_s), displaced=displaced))
    cast.event("road_damage", "road", begins_s, None if np.isinf(ends_s) else ends_s, manhole)


def manhole_missing(cast: Cast) -> None:
    """A cover is gone from a fifth of the clip on; on every other seed it is put back near the end."""
    _manhole(cast, displaced=False)


def manhole_displaced(cast: Cast) -> None:
    """The same, but the cover lies beside the open shaft."""
    _manhole(cast, displaced=True)


def road_patches(cast: Cast) -> None:
    """Repaired places and manholes in good order: nothing is damaged."""
    rng = cast.rng("patches")
    walkers(cast, cast.spec.walkers, ("far", "house side"))
    traffic(cast)
    riders(cast)
    for _ in range(int(rng.integers(3, 6))):
        cast.add(Decal("", road_marks.patch(rng), rng.uniform(9, 20), rng.uniform(6.0, 10.5)))
    for _ in range(2):
        cast.add(Manhole(rng, rng.uniform(9.5, 18), rng.uniform(5.8, 6.4), None))


def shade_on_road(cast: Cast) -> None:
    """Shadows of houses and clouds move over a sound road with its manholes."""
    rng = cast.rng("shadows")
    walkers(cast, cast.spec.walkers, ("far", "house side"))
    traffic(cast)
    riders(cast)
    for _ in range(2):
        cast.add(Manhole(rng, rng.uniform(9.5, 18), rng.uniform(5.8, 6.4), None))


KINDS = (
    SceneKind("pothole", "路面坑洞", "the road breaks open, the hole grows", "street", pothole, shows="road_damage"),
    SceneKind("manhole_missing", "井盖缺失", "a manhole loses its cover", "street", manhole_missing,
              shows="road_damage"),
    SceneKind("manhole_displaced", "井盖移位", "a manhole's cover lies beside the open shaft", "street",
              manhole_displaced, shows="road_damage"),
    SceneKind("road_patches", "路面修补", "repaired places and sound manholes", "street", road_patches,
              confuses="road_damage"),
    SceneKind("shade_on_road", "路面影子移动", "shadows move over a sound road", "street", shade_on_road,
              confuses="road_damage", shadow_moves=True),
)  # fmt: skip
