"""Zones that a scene needs beyond those of its stage."""

from __future__ import annotations

from dataclasses import replace

from brain.sim.cast import Cast
from brain.sim.stages.plan import Area


def add_areas(cast: Cast, *areas: Area) -> None:
    """Add zones to the stage; one of the same name is replaced."""
    names = {area.name for area in areas}
    kept = tuple(area for area in cast.plan.areas if area.name not in names)
    cast.plan = replace(cast.plan, areas=(*kept, *areas))
