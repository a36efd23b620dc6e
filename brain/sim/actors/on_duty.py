"""Vehicles on duty: their blue lamps flash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from brain.sim.actors.vehicles import Vehicle
from brain.sim.entity import LampPoint, Placed
from brain.sim.paint.mesh import turned
from brain.sim.paint.pad import Pad
from brain.sim.paint.shading import Shade
from brain.sim.paint.view import View

BLUE = (255.0, 120.0, 50.0)
RATE_HZ = 2.2
ASIDE_M = 0.6


class BeaconVehicle(Vehicle):
    """As ``Vehicle``; two blue lamps on the last part of its body flash in turn, driving and standing."""

    def at(self, time_s: float) -> Sequence[Placed]:
        """The vehicle with its lamps."""
        found = super().at(time_s)
        place = self.track.at(time_s)
        if not found or place is None:
            return found
        (part,) = found
        beat = int(time_s * RATE_HZ * 2) % 2
        bar = self.body[-1].points
        spot = np.array([[bar[:, 0].mean(), bar[:, 1].max(), ASIDE_M * (1 if beat else -1)]])
        world = turned(spot, place.heading) + part.foot
        ahead = (float(np.cos(place.heading)), 0.0, float(np.sin(place.heading)))
        at = (float(world[0, 0]), float(world[0, 1]), float(world[0, 2]))
        lamps = (LampPoint(at, BLUE, 0.7, ahead), LampPoint(at, BLUE, 0.7, (-ahead[0], 0.0, -ahead[2])))

        def paint(pad: Pad, view: View, shade: Shade) -> None:
            part.paint(pad, view, shade)
            pixels, depth = view.project(world)
            if depth[0] > 0.3:
                pad.hull(pixels, (0.14 * view.metre(float(depth[0])),), shade.own(BLUE))

        still = None if part.still is None else (part.still, "blue", beat)
        return (replace(part, paint=paint, still=still, lamps=(*part.lamps, *lamps)),)
