"""Where scenes play. A new stage is one file here and one line in ``STAGES``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from brain.sim.spec import SceneSpec
from brain.sim.stages.courtyard import courtyard
from brain.sim.stages.plan import Plan
from brain.sim.stages.plaza import plaza
from brain.sim.stages.river_bank import river_bank
from brain.sim.stages.site_gate import site_gate
from brain.sim.stages.street import street

STAGES: Mapping[str, Callable[[SceneSpec], Plan]] = MappingProxyType(
    {"street": street, "plaza": plaza, "river_bank": river_bank, "courtyard": courtyard, "site_gate": site_gate}
)
"""Every stage by name: a function from a spec to its plan."""

__all__ = ["STAGES", "Plan"]
