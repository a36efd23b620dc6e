"""Bodies of flat faces: built by sweeping sections, painted from far to near."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from brain.sim.camera import Floats
from brain.sim.draw import Colour
from brain.sim.paint.pad import Pad
from brain.sim.paint.shading import Shade
from brain.sim.paint.view import NEAR_M, View

BODY, TRIM, FINE = 0, 1, 3
"""Layers: what lies on the body is painted after it, and small parts only when they are large enough to be seen."""
FINE_PX = 16.0
"""Pixels per metre from which small parts are drawn."""
COARSE_PX = 6.0
"""Pixels per metre from which trim is drawn."""


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """One nearly convex part of a body, about its own origin: ``x`` ahead, ``y`` up, ``z`` aside.

    Attributes:
        points: N×3 metres.
        faces: F×4 indices of corners (a triangle repeats one).
        normals: F×3 unit vectors outwards.
        colours: F×3 BGR.
        gloss: F, 0 matt … 1 like glass.
        layer: F, painted in this order.
        lamp: F, 0 none, 1 head lamp, 2 tail lamp, 3 brake lamp only.
    """

    points: Floats
    faces: NDArray[np.int64]
    normals: Floats
    colours: Floats
    gloss: Floats
    layer: NDArray[np.int64]
    lamp: NDArray[np.int64]

    def moved(self, ahead: float, up: float = 0.0, aside: float = 0.0) -> Mesh:
        """The same, shifted."""
        points = self.points + np.array([ahead, up, aside])
        return Mesh(points, self.faces, self.normals, self.colours, self.gloss, self.layer, self.lamp)


@dataclass(slots=True)
class MeshBuilder:
    """Collects faces."""

    points: list[tuple[float, float, float]] = field(default_factory=list)
    faces: list[tuple[int, int, int, int]] = field(default_factory=list)
    looks: list[tuple[Colour, float, int, int]] = field(default_factory=list)

    def face(
        self,
        corners: Sequence[tuple[float, float, float]],
        colour: Colour,
        *,
        gloss: float = 0.0,
        layer: int = BODY,
        lamp: int = 0,
    ) -> None:
        """A face of four corners (or three)."""
        start = len(self.points)
        self.points.extend(corners)
        last = start + len(corners) - 1
        self.faces.append((start, start + 1, start + 2, last))
        self.looks.append((colour, gloss, layer, lamp))

    def box(
        self,
        low: tuple[float, float, float],
        high: tuple[float, float, float],
        colour: Colour,
        *,
        gloss: float = 0.0,
        layer: int = BODY,
    ) -> None:
        """An upright box from corner to corner."""
        (a, b, c), (d, e, f) = low, high
        for corners in (
            ((a, b, c), (d, b, c), (d, e, c), (a, e, c)), ((a, b, f), (d, b, f), (d, e, f), (a, e, f)),
            ((a, b, c), (a, b, f), (a, e, f), (a, e, c)), ((d, b, c), (d, b, f), (d, e, f), (d, e, c)),
            ((a, e, c), (d, e, c), (d, e, f), (a, e, f)),
        ):  # fmt: skip
            self.face(corners, colour, gloss=gloss, layer=layer)

    def disc(
        self, middle: tuple[float, float, float], radius: float, colour: Colour, *, layer: int, gloss: float = 0.0
    ) -> None:
        """A disc that stands along ``x``, as wheels do: four quads of a twelve-sided polygon."""
        x, y, z = middle
        turn = np.linspace(0, 2 * np.pi, 13)[:-1]
        rim = [(float(x + radius * np.cos(a)), float(y + radius * np.sin(a)), z) for a in turn]
        for first, second in ((0, 1), (3, 4), (6, 7), (9, 10)):
            self.face((rim[first], rim[second], rim[second + 1], rim[(second + 2) % 12]), colour, gloss=gloss,
                      layer=layer)  # fmt: skip
        self.face((rim[0], rim[3], rim[6], rim[9]), colour, gloss=gloss, layer=layer)

    def mesh(self, inside: tuple[float, float, float] = (0.0, 0.8, 0.0)) -> Mesh:
        """All faces; normals look away from a point inside."""
        points, faces = np.array(self.points, float), np.array(self.faces)
        quads = points[faces]
        normals = np.cross(quads[:, 2] - quads[:, 0], quads[:, 3] - quads[:, 1])
        normals /= np.maximum(1e-9, np.linalg.norm(normals, axis=1, keepdims=True))
        outwards = np.einsum("ij,ij->i", normals, quads.mean(axis=1) - np.array(inside))
        normals[outwards < 0] *= -1
        colours, gloss, layer, lamp = zip(*self.looks, strict=True)
        # Corners that faces share are kept once: each is turned and projected for every picture.
        points, corners = np.unique(points, axis=0, return_inverse=True)
        faces = corners.reshape(-1)[faces]
        return Mesh(
            points, faces, normals, np.array(colours, float), np.array(gloss), np.array(layer), np.array(lamp)
        )  # fmt: skip


def turned(points: Floats, heading: float) -> Floats:
    """Points (N×3) turned about the upright axis so that ``x`` looks along ``heading`` (0 = ``+x``, π/2 = ``+z``)."""
    cosine, sine = math.cos(heading), math.sin(heading)
    found: Floats = points @ np.array([[cosine, 0.0, sine], [0.0, 1.0, 0.0], [-sine, 0.0, cosine]])
    return found


LAMP_COLOURS = np.array([[0, 0, 0], [232, 246, 255], [48, 40, 225], [70, 60, 255]], float)


def paint_mesh(
    pad: Pad,
    view: View,
    mesh: Mesh,
    place: Floats,
    heading: float,
    shade: Shade,
    *,
    lamps: tuple[bool, bool] = (False, False),
) -> None:
    """Paint the faces that show.

    Args:
        place: world point (3) of the mesh's origin.
        lamps: whether lamps are on, whether it brakes.
    """
    world = turned(mesh.points, heading) + place
    pixels, depth = view.project(world)
    normals = turned(mesh.normals, heading)
    to_eye = view.eye - world[mesh.faces].mean(axis=1)
    far = np.linalg.norm(to_eye, axis=1)
    to_eye /= far[:, None]
    showing = (np.einsum("ij,ij->i", normals, to_eye) > 0) & (depth[mesh.faces].min(axis=1) > NEAR_M)
    metre = view.metre(float(depth.mean()))
    if metre < FINE_PX or view.mirrored:
        # A mirror image is blurred by what mirrors it.
        showing &= mesh.layer < (FINE if metre > COARSE_PX else TRIM)
    chosen = np.flatnonzero(showing)
    if not len(chosen):
        return
    chosen = chosen[np.lexsort((-far[chosen], mesh.layer[chosen]))]
    colours = shade.faces(mesh.colours[chosen], normals[chosen], to_eye[chosen], mesh.gloss[chosen])
    lamp = mesh.lamp[chosen]
    shining = (lamp > 0) & (lamps[0] & (lamp < 3) | (lamps[1] & (lamp >= 2)))
    colours[shining] = shade.through_air(LAMP_COLOURS[np.where(lamps[1] & (lamp == 2), 3, lamp)[shining]])
    pad.polys(pixels, mesh.faces[chosen], colours)
