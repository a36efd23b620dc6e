"""More of building sites: soil laid bare; and covered trucks, empty trucks, a rippling net, a low sun."""

from __future__ import annotations

from brain.sim.cast import Cast
from brain.sim.climate import sunset
from brain.sim.life import traffic
from brain.sim.paint.lens import SunGlare
from brain.sim.scenes.kinds import SceneKind
from brain.sim.scenes.sites import gate, leaving
from brain.sim.stages.site_gate import BACK_Z, FENCE_Z
from brain.sim.things.life import Life
from brain.sim.things.net import DustNet
from brain.sim.things.sheets import Sheet

SITE_X, SITE_Z = (-14.0, 80.0), (FENCE_Z + 0.2, BACK_Z)
SOIL = (96, 128, 158)


def _trucks(cast: Cast, load: str) -> None:
    rng = cast.rng("trucks")
    gate(cast)
    crosses_s, first = cast.spec.seconds * rng.uniform(0.1, 0.2), True
    while crosses_s < cast.spec.seconds:
        leaving(cast, rng, load, crosses_s, waits=first)
        crosses_s, first = crosses_s + rng.uniform(11.0, 18.0), False


def covered_trucks(cast: Cast) -> None:
    """Loaded trucks leave, every bed shut by its lid."""
    _trucks(cast, "covered")


def empty_trucks(cast: Cast) -> None:
    """Trucks with open, empty beds leave."""
    _trucks(cast, "empty")


def bare_soil(cast: Cast) -> None:
    """The site lies below green net; the net is taken off and a wide field of soil is laid bare."""
    spec, rng = cast.spec, cast.rng("bare soil")
    x = gate(cast)
    traffic(cast, ("near",), gaps_s=(5.0, 10.0))
    cast.add(DustNet(int(rng.integers(1 << 30)), SITE_X, SITE_Z))
    begins_s = spec.seconds * rng.uniform(0.12, 0.2)
    life = Life(begins_s, grows_s=spec.seconds * 0.45)
    middle = 1.7 * x + rng.uniform(-2, 3), rng.uniform(25.0, 28.0)
    soil = cast.add(
        Sheet(int(rng.integers(1 << 30)), "bare_soil", SOIL, *middle, reach_m=rng.uniform(6.5, 8.5),
              stretch=rng.uniform(1.8, 2.4), z_between=SITE_Z, life=life, rough=0.07, least_m=2.0)
    )  # fmt: skip
    cast.event("construction_site", "site", begins_s, None, soil)


def green_net(cast: Cast) -> None:
    """The whole site lies below green net, the wind runs through it in folds."""
    rng = cast.rng("net")
    gate(cast)
    traffic(cast, ("near",), gaps_s=(5.0, 10.0))
    cast.add(DustNet(int(rng.integers(1 << 30)), SITE_X, SITE_Z, ripple=1.0))


def site_low_sun(cast: Cast) -> None:
    """The low sun shines into the lens over the site: the air looks brown and veiled, and is clear."""
    before = cast.climate
    cast.climate = sunset(cast.climate)
    gate(cast)
    traffic(cast, ("near",), gaps_s=(4.0, 9.0))
    if cast.climate is not before:
        cast.effects.append(SunGlare(cast.spec.seed, (cast.spec.width, cast.spec.height)))


KINDS = (
    SceneKind("covered_trucks", "渣土车密闭出场", "covered dump trucks leave a site", "site_gate", covered_trucks,
              confuses="construction_site"),
    SceneKind("empty_trucks", "空渣土车出场", "empty dump trucks leave a site", "site_gate", empty_trucks,
              confuses="construction_site"),
    SceneKind("bare_soil", "裸土未覆盖", "soil is laid bare on a site", "site_gate", bare_soil,
              shows="construction_site"),
    SceneKind("green_net", "防尘网飘动", "green net ripples in the wind", "site_gate", green_net,
              confuses="construction_site"),
    SceneKind("site_low_sun", "工地低角度阳光", "a low sun shines over the site's gate", "site_gate", site_low_sun,
              confuses="construction_site"),
)  # fmt: skip
