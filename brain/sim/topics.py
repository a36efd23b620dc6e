"""The scenes as people look for them: by scenario, what shows it first, then what is taken for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from brain.config.paths import own_scenarios
from brain.scenarios.registry import Registry, Scenario
from brain.sim.scenes import SCENES
from brain.sim.scenes.kinds import SceneKind

NAMES = {
    "illegal_parking": ("机动车乱停放", "Illegal parking"),
    "nonmotor_parking": ("非机动车乱停放", "Cycles parked in disorder"),
    "street_vendor": ("占道经营", "Street vendor"),
    "shop_overflow": ("店外经营", "Goods before shops"),
    "exposed_garbage": ("暴露垃圾", "Exposed garbage"),
    "bin_overflow": ("垃圾满溢", "Overflowing bin"),
    "construction_site": ("工地扬尘/渣土车未密闭", "Site dust, uncovered lorry"),
    "road_damage": ("道路破损/井盖异常", "Road damage, manholes"),
    "road_waterlogging": ("道路积水", "Water on the road"),
    "floating_debris": ("水域漂浮物", "Floating debris"),
    "water_safety": ("涉水险情", "Danger at the water"),
    "fire_smoke": ("烟火", "Fire and smoke"),
    "fire_lane_blocked": ("占用消防通道", "Blocked fire lane"),
    "crowd_gathering": ("人群聚集", "Crowd gathering"),
    "perimeter_intrusion": ("重点区域闯入", "Intrusion"),
    "left_object": ("占道堆物/遗留物", "Left object"),
}
"""Names of scenarios that the scenes are about, for those that are not installed; and the order of all."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A scenario and the scenes that are about it.

    Attributes:
        id: of the scenario.
        zh, en: its names.
        scenes: those that show it, then those that are taken for it.
    """

    id: str
    zh: str
    en: str
    scenes: tuple[SceneKind, ...]


def topics() -> tuple[Topic, ...]:
    """Every scenario that scenes are about; names of installed ones are those of their manifests."""
    installed = [item for item in Registry.open(own_scenarios()).list() if isinstance(item, Scenario)]
    names = {item.id: (item.manifest.name.zh, item.manifest.name.en) for item in installed}
    return group(tuple(SCENES.values()), NAMES | names)


def group(kinds: tuple[SceneKind, ...], names: Mapping[str, tuple[str, str]]) -> tuple[Topic, ...]:
    """Scenes by scenario, in the order of ``names``; a scenario without a name comes last and is called by its id."""
    found: dict[str, list[SceneKind]] = {}
    for kind in sorted(kinds, key=lambda kind: not kind.shows):
        found.setdefault(kind.shows or kind.confuses, []).append(kind)
    order = [*(one for one in names if one in found), *(one for one in found if one not in names)]
    return tuple(Topic(one, *names.get(one, ("", one)), tuple(found[one])) for one in order)
