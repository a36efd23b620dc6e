"""A cat or dog on a track."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from brain.sim.actors.tracks import Track
from brain.sim.bodies.animals import Animal, upright
from brain.sim.entity import Placed
from brain.sim.paint.mesh import turned
from brain.sim.things.still import placed


class WalkingAnimal:
    """It walks where its track leads and stands where that stands; no algorithm looks for it."""

    labels = ("",)

    def __init__(self, animal: Animal, track: Track) -> None:
        self.span = track.span
        self._animal, self._track = animal, track

    def at(self, time_s: float) -> Sequence[Placed]:
        """The animal while it is there."""
        place = self._track.at(time_s)
        if place is None:
            return ()
        body = upright(self._animal, place.walked if place.speed > 1e-6 else 0.0)
        middle = np.array([place.x, 0.0, place.z])
        part = placed(0, body, middle, place.heading, turned(body.points(), place.heading) + middle, "animal")
        return (Placed(0, part.foot, part.outline, part.paint, part.casters, part.contact),)
