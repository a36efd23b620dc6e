"""Which scenario ids a truth file may name."""

from __future__ import annotations

from brain.config.paths import own_scenarios
from brain.scenarios.registry import Registry

# Troubles that people mark in recordings though no scenario that finds them may be installed: a name outside of these
# and of the installed ones is a mistake in writing.
TROUBLES = (
    "bin_overflow",
    "construction_site",
    "crowd_gathering",
    "exposed_garbage",
    "fire_lane_blocked",
    "fire_smoke",
    "floating_debris",
    "illegal_parking",
    "left_object",
    "nonmotor_parking",
    "perimeter_intrusion",
    "road_damage",
    "road_waterlogging",
    "shop_overflow",
    "street_vendor",
    "water_safety",
)


def known_scenarios() -> tuple[str, ...]:
    """Ids of all installed scenarios, broken ones too, and of the troubles that are known by name."""
    return tuple(sorted({*TROUBLES, *(item.id for item in Registry.open(own_scenarios()).list())}))
