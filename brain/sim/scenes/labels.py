"""Class names of what scenes show, by the algorithm that looks for it; what has another name has none: it is empty."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

CLASSES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "vehicle_detection": ("car", "van", "bus", "truck", "dump_truck"),
        "nonmotor_detection": ("bicycle", "ebike", "motorcycle", "tricycle"),
        "person_detection": ("person",),
        "stall_detection": ("stall", "food_cart", "umbrella", "goods", "table_chair"),
        "waste_detection": ("garbage_bag", "garbage_pile", "rubble_pile", "bin", "bin_overflow"),
        "water_segmentation": ("water",),
        "fire_smoke_detection": ("flame", "smoke"),
        "debris_detection": ("floating_debris", "algae", "foam"),
        "road_surface_detection": ("pothole", "crack", "manhole_missing", "manhole_ok"),
        "site_detection": ("truck_covered", "truck_uncovered", "bare_soil", "dust"),
    }
)
"""Spelt as in ``models/algorithms.yaml``, of which not every algorithm need be installed."""
LABELS: frozenset[str] = frozenset(name for names in CLASSES.values() for name in names) | {""}
"""Every label that a part of an entity may have."""
