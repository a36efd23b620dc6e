"""The still picture of a stage: ground and fronts seen by ray casting, fixed things painted before them.

Besides its colours it keeps what the light needs: depth, place and side of the surface that each pixel shows, what
shines by itself at night, and what a wet ground would mirror.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from brain.core.types import Picture
from brain.sim.camera import Camera, Floats32, Projector
from brain.sim.draw import Cut, clouds, stream
from brain.sim.stages.plan import Plan, Surfaces, Texture
from brain.sim.stages.stands import paint_stand

BAND_ROWS = 60
FAR = np.float32(1e6)
NO_GROUND = 1e4
"""Stands for the ground place of pixels that show no ground."""
SKY, GROUND, ACROSS, ALONG, STANDS = range(5)
"""Side of the surface that a pixel shows: sky, ground, a plane ``z = …``, a plane ``x = …``, a fixed thing."""


@dataclass(frozen=True, slots=True, eq=False)
class Backdrop:
    """A stage without moving things: colours as in full sun, without cast shadows and haze.

    Attributes:
        image: canvas height × width × 3.
        glow: the same size, what shines by itself when the lamps burn.
        mirror, mirror_glow: what the ground would mirror if it were a mirror (valid where ``side`` is ``GROUND``).
        side: height × width, see ``SKY`` …
        depth: metres along the axis of view.
        place: height × width × 3 float32, world point that each pixel shows.
        ground_x, ground_z: ground that a pixel shows or stands on; ``ground_z`` is ``NO_GROUND`` on walls and sky.
        wet: height × width float32, 0 … 1 how far the ground mirrors when wet.
        cuts: fixed things that may stand before moving ones.
    """

    image: Picture
    glow: Picture
    mirror: Picture
    mirror_glow: Picture
    side: NDArray[np.uint8]
    depth: Floats32
    place: Floats32
    ground_x: Floats32
    ground_z: Floats32
    wet: Floats32
    cuts: tuple[Cut, ...]


@dataclass(slots=True)
class _Hit:
    """What rays meet: colours (float), glow, depth and side, all of one band."""

    colour: Floats32
    glow: Floats32
    reach: Floats32
    side: NDArray[np.uint8]
    wet: Floats32


def backdrop(plan: Plan, seed: int) -> Backdrop:
    """Draw a stage; takes about a second, once per scene."""
    camera = plan.camera
    surfaces = plan.surfaces(stream(seed, "surfaces"), float(np.clip(40 * camera.width / 640, 24, 64)))
    sky = _sky_texture(stream(seed, "sky"))
    width, height = camera.canvas
    shape = (height, width)
    image, glow, mirror, mirror_glow = (np.zeros((*shape, 3), np.uint8) for _ in range(4))
    side, depth, wet = np.zeros(shape, np.uint8), np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    place = np.zeros((*shape, 3), np.float32)
    fine = 3 if camera.width <= 800 else 2
    for top in range(0, height, BAND_ROWS):
        rows = slice(top, min(height, top + BAND_ROWS))
        rays = camera.rays(fine, (rows.start, rows.stop))
        size = (width, rows.stop - top)
        hit = _cast(camera, rays, surfaces, sky)
        image[rows], glow[rows] = _shrunk(hit.colour, size), _shrunk(hit.glow, size)
        wet[rows] = cv2.resize(hit.wet, size, interpolation=cv2.INTER_AREA)
        middle = fine // 2
        side[rows] = hit.side[middle::fine, middle::fine]
        depth[rows] = np.minimum(hit.reach[middle::fine, middle::fine], NO_GROUND)
        place[rows] = rays[middle::fine, middle::fine] * depth[rows][..., None]
        if (hit.side == GROUND).any():
            below = camera.rays(1, (rows.start, rows.stop))
            seen = _cast(camera, below, surfaces, sky, mirrored=True)
            mirror[rows], mirror_glow[rows] = _shrunk(seen.colour, size), _shrunk(seen.glow, size)
    place[..., 1] += np.float32(camera.height_m)
    ground_x = place[..., 0].copy()
    ground_z = np.where(side == GROUND, place[..., 2], np.float32(NO_GROUND)).astype(np.float32)
    still = Backdrop(image, glow, mirror, mirror_glow, side, depth, place, ground_x, ground_z, wet, ())
    cuts = _place_stands(plan, seed, still)
    return Backdrop(image, glow, mirror, mirror_glow, side, depth, place, ground_x, ground_z, wet, cuts)


def _shrunk(colour: Floats32, size: tuple[int, int]) -> Picture:
    small = cv2.resize(np.clip(colour, 0, 255).astype(np.uint8), size, interpolation=cv2.INTER_AREA)
    return small.astype(np.uint8, copy=False)


def _sky_texture(rng: np.random.Generator) -> Picture:
    tone = clouds(rng, (128, 256), (60, 26, 11))
    sky = np.empty((128, 256, 3), np.float32)
    for channel, (base, swing) in enumerate(((228, 7), (216, 9), (206, 11))):
        sky[..., channel] = base + swing * tone
    return np.clip(sky, 0, 255).astype(np.uint8)


def _cast(camera: Camera, rays: Floats32, surfaces: Surfaces, sky: Picture, *, mirrored: bool = False) -> _Hit:
    """What each ray meets first; mirrored: after it was thrown back by the ground."""
    eye = np.float32(camera.height_m)
    dx, dy, dz = (np.ascontiguousarray(rays[..., axis]) for axis in range(3))
    rise = -dy if mirrored else dy
    shape = dx.shape
    hit = _Hit(
        _sky(dx, rise, dz, sky), np.zeros((*shape, 3), np.float32), np.full(shape, FAR), np.zeros(shape, np.uint8),
        np.zeros(shape, np.float32),
    )  # fmt: skip
    with np.errstate(divide="ignore", invalid="ignore"):
        if not mirrored:
            down = np.where(dy < -1e-6, -eye / dy, FAR).astype(np.float32)
            _ground(hit, surfaces.ground, down, down * dx, down * dz)
        for wall in surfaces.walls:
            ray, other = (dz, dx) if wall.axis == "z" else (dx, dz)
            reach = np.where(np.abs(ray) > 1e-6, np.float32(wall.at) / ray, FAR).astype(np.float32)
            along = (reach * other).astype(np.float32)
            up = (eye + reach * dy).astype(np.float32)
            if mirrored:
                up = -up
            meets = (reach > 0) & (reach < hit.reach) & (along >= wall.low) & (along < wall.high)
            meets &= (up >= 0) & (up < wall.texture.origin[1])
            if meets.any():
                _front(hit, wall.texture, meets, reach, along, up, wall.light, ACROSS if wall.axis == "z" else ALONG)
    return hit


def _sky(dx: Floats32, dy: Floats32, dz: Floats32, sky: Picture) -> Floats32:
    bearing = np.arctan2(dx, dz) * np.float32(90.0)
    rise = np.clip(110.0 - dy * np.float32(260.0), 0, 126).astype(np.float32)
    around = (np.abs(bearing) % np.float32(255)).astype(np.float32)
    return cv2.remap(sky, around, rise, cv2.INTER_LINEAR).astype(np.float32)


def _ground(hit: _Hit, texture: Texture, reach: Floats32, along: Floats32, across: Floats32) -> None:
    where = reach < FAR
    u, v = _indices(texture, along, across)
    hit.colour[where] = _look_up(texture.image, u, v)[..., :3][where]
    hit.wet[where] = 1.0 if texture.wet is None else _look_up(texture.wet, u, v)[where] / np.float32(255)
    hit.reach[where] = reach[where]
    hit.side[where] = GROUND


def _front(
    hit: _Hit, texture: Texture, meets: NDArray[np.bool_], reach: Floats32, along: Floats32, up: Floats32,
    light: float, side: int,
) -> None:  # fmt: skip
    u, v = _indices(texture, np.where(meets, along, 0), np.where(meets, up, texture.origin[1]))
    found = _look_up(texture.image, u, v)
    shown = meets & (found[..., 3] > 127)
    hit.colour[shown] = found[..., :3][shown] * np.float32(light)
    hit.glow[shown] = 0 if texture.glow is None else _look_up(texture.glow, u, v)[shown]
    hit.reach[shown] = reach[shown]
    hit.side[shown] = side
    hit.wet[shown] = 0


def _indices(texture: Texture, along: NDArray[np.floating], across: NDArray[np.floating]) -> tuple[Floats32, Floats32]:
    u = (along - texture.origin[0]) * texture.per_metre
    v = np.abs(across - texture.origin[1]) * texture.per_metre
    return np.clip(u, -1, 3e4).astype(np.float32), np.clip(v, 0, 3e4).astype(np.float32)


def _look_up(image: Picture, u: Floats32, v: Floats32) -> Picture:
    return cv2.remap(image, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.uint8, copy=False)


def _place_stands(plan: Plan, seed: int, still: Backdrop) -> tuple[Cut, ...]:
    """Paint all stands into the still picture, from far to near."""
    projector = Projector(plan.camera)
    rng = stream(seed, "stands")
    if not plan.stands:
        return ()
    feet = np.array([[stand.x, 0.0, stand.z] for stand in plan.stands])
    _, depths = projector(feet)
    cuts = []
    for index in np.argsort(-depths):
        stand = plan.stands[index]
        sprite = paint_stand(rng, projector, stand, plan.sun)
        if sprite is None:
            continue
        (x1, y1, x2, y2), colours, alpha = sprite
        rows, columns = slice(y1, y2), slice(x1, x2)
        under = still.image[rows, columns]
        under[:] = (under * (1 - alpha) + colours * alpha + 0.5).astype(np.uint8)
        dim = still.glow[rows, columns]
        dim[:] = (dim * (1 - alpha) + 0.5).astype(np.uint8)
        solid = alpha[..., 0] > 0.5
        still.ground_x[rows, columns][solid] = stand.x
        still.ground_z[rows, columns][solid] = NO_GROUND
        still.side[rows, columns][solid] = STANDS
        still.depth[rows, columns][solid] = depths[index]
        still.wet[rows, columns] *= 1 - alpha[..., 0]
        # Where on the upright thing the ray meets it, so that lamps light its upper parts as well.
        eye, floor = np.array([0.0, plan.camera.height_m, 0.0]), feet[index]
        share = depths[index] / np.maximum(1e-3, _old_depth(still, rows, columns, plan))
        spot = eye + (still.place[rows, columns] - eye) * share[..., None]
        spot[..., 0], spot[..., 2] = floor[0], floor[2]
        still.place[rows, columns][solid] = spot[solid]
        cover = cv2.cvtColor(np.rint(alpha[..., 0] * 255).astype(np.uint8), cv2.COLOR_GRAY2BGR).astype(np.uint8)
        box = (x1, y1, x2, y2)
        cuts.append(Cut(float(depths[index]), box, cover, 255 - cover, (stand.x, stand.z)))
    return tuple(cuts)


def _old_depth(still: Backdrop, rows: slice, columns: slice, plan: Plan) -> Floats32:
    """Depth of the places that the pixels showed before the stand came."""
    forward = plan.camera.axes[2]
    local = still.place[rows, columns] - np.array([0.0, plan.camera.height_m, 0.0])
    depth: Floats32 = (local @ forward).astype(np.float32)
    return depth
