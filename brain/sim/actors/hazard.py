"""A vehicle that stands with its hazard lights blinking."""

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

AMBER = (40.0, 150.0, 255.0)
RATE_HZ = 1.4


class HazardVehicle(Vehicle):
    """As ``Vehicle``; all four amber lamps blink while it stands."""

    def at(self, time_s: float) -> Sequence[Placed]:
        """The vehicle with its lamps."""
        found = super().at(time_s)
        if not found or found[0].still is None:
            return found
        (part,) = found
        on = (time_s * RATE_HZ) % 1.0 < 0.5
        if not on:
            return found
        place = self.track.at(time_s)
        assert place is not None
        points = np.vstack([mesh.points for mesh in self.body])
        (x1, _, z1), (x2, _, z2) = points.min(axis=0), points.max(axis=0)
        spots = np.array([[x, 0.78, z] for x in (x1 + 0.03, x2 - 0.03) for z in (z1 + 0.3, z2 - 0.3)])
        world = turned(spots, place.heading) + part.foot
        ahead = (float(np.cos(place.heading)), 0.0, float(np.sin(place.heading)))
        lamps = tuple(
            LampPoint((float(x), float(y), float(z)), AMBER, 0.6, ahead if index >= 2 else (-ahead[0], 0.0, -ahead[2]))
            for index, (x, y, z) in enumerate(world)
        )

        def paint(pad: Pad, view: View, shade: Shade) -> None:
            part.paint(pad, view, shade)
            to_eye = view.eye - part.foot
            shows = 2 if to_eye[0] * ahead[0] + to_eye[2] * ahead[2] > 0 else 0
            pixels, depth = view.project(world[shows : shows + 2])
            if depth.min() > 0.3:
                for pixel in pixels:
                    pad.hull(pixel[None, :], (0.09 * view.metre(float(depth.mean())),), shade.own(AMBER))

        return (replace(part, paint=paint, still=(part.still, "amber"), lamps=(*part.lamps, *lamps)),)
