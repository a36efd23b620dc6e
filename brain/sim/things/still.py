"""Things that stand or lie: a body of meshes and rounded hulls, with a life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from brain.sim.camera import Floats
from brain.sim.draw import Colour
from brain.sim.entity import Placed
from brain.sim.paint.mesh import Mesh, paint_mesh, turned
from brain.sim.paint.pad import Pad
from brain.sim.paint.shading import Shade
from brain.sim.paint.view import View
from brain.sim.things.life import ALL_THE_TIME, Life


@dataclass(frozen=True, slots=True, eq=False)
class Lump:
    """The hull of discs (N×4: ahead, up, aside, radius in metres) in one colour."""

    discs: Floats
    colour: Colour
    shine: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """What a thing is made of, about its own ground point; lumps are painted from far to near, after the meshes."""

    meshes: tuple[Mesh, ...] = ()
    lumps: tuple[Lump, ...] = ()

    def points(self) -> Floats:
        """Points that enclose it."""
        found = [mesh.points for mesh in self.meshes]
        for lump in self.lumps:
            places, radii = lump.discs[:, :3], lump.discs[:, 3:]
            found += [
                places + radii * np.array(way)
                for way in ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1))
            ]
        points = np.vstack(found)
        points[:, 1] = np.maximum(points[:, 1], 0.0)
        return points


class StillThing:
    """One body at one place for its life.

    Args:
        label: class name; empty for what no algorithm looks for.
    """

    def __init__(
        self, label: str, body: Body, x: float, z: float, *, heading: float = 0.0, life: Life = ALL_THE_TIME
    ) -> None:
        self.labels = (label,)
        self.life = life
        self.span = life.span
        self._body = body
        self._middle = np.array([x, 0.0, z])
        self._heading = heading
        self._outline = turned(body.points(), heading) + self._middle

    def at(self, time_s: float) -> Sequence[Placed]:
        """The thing while it lives."""
        return (
            (placed(0, self._body, self._middle, self._heading, self._outline, "still"),)
            if self.life.there(time_s)
            else ()
        )


def placed(part: int, body: Body, middle: Floats, heading: float, outline: Floats, key: str) -> Placed:
    """A body as a part."""
    low = outline[outline[:, 1] < 0.25 * outline[:, 1].max() + 0.05]

    def paint(pad: Pad, view: View, shade: Shade) -> None:
        paint_body(pad, view, body, middle, heading, shade)

    return Placed(
        part, middle, outline, paint, casters=((outline, 0.0),), contact=low * np.array([1.0, 0.0, 1.0]), still=key
    )


def paint_body(pad: Pad, view: View, body: Body, middle: Floats, heading: float, shade: Shade) -> None:
    """Paint meshes, then lumps from far to near."""
    for mesh in body.meshes:
        paint_mesh(pad, view, mesh, middle, heading, shade)
    lumps = []
    for lump in body.lumps:
        pixels, depth = view.project(turned(lump.discs[:, :3], heading) + middle)
        if depth.min() > 0.3:
            lumps.append((float(depth.mean()), pixels, lump))
    sign = -1.0 if view.mirrored else 1.0
    for away, pixels, lump in sorted(lumps, key=lambda item: -item[0]):
        metre = view.metre(away)
        radii = np.maximum(lump.discs[:, 3] * metre, 0.35)
        pad.hull(pixels, radii, shade.flat(lump.colour, 0.72, 0.3))
        up = np.array([-0.1, -0.22]) * radii.max() * sign
        pad.hull(pixels + up, radii * 0.72, shade.flat(lump.colour, 1.0, 0.6))
        if lump.shine and radii.max() > 1.5:
            top = pixels[np.argmin(pixels[:, 1] * sign)] + np.array([-0.25, -0.3]) * radii.max() * sign
            glint = tuple(min(255.0, value + 255 * lump.shine) for value in lump.colour)
            pad.hull(top[None, :], (radii.max() * 0.24,), shade.flat((glint[0], glint[1], glint[2]), 1.0, 0.8))
