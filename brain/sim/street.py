"""The still picture of the street: textures seen by ray casting, then trees, lamps and planters before them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from brain.core.types import Picture
from brain.sim.camera import Camera, Floats32, Projector
from brain.sim.draw import Cut, clouds, stream
from brain.sim.figures import AIR
from brain.sim.layout import FAR_HOUSES_Z, NEAR_HOUSES_Z, STREET_END_X, Layout
from brain.sim.stands import paint_stand
from brain.sim.textures import Texture, ground, row_of_houses

BAND_ROWS = 60
HAZE_M = 190.0
"""Depth at which haze hides all but 1/e of a thing's own colour."""
NO_GROUND = 1e4
"""Stands for the ground place of pixels that show no ground."""


@dataclass(frozen=True, slots=True, eq=False)
class Backdrop:
    """The street without moving things, in full sun and without cast shadows.

    Attributes:
        image: canvas height × width × 3.
        ground_x, ground_z: metres of the ground that each pixel shows or stands on; ``ground_z`` is ``NO_GROUND``
            where no shadow of houses or trees can fall (walls, sky).
        cuts: still things that may stand before moving ones, from far to near.
    """

    image: Picture
    ground_x: Floats32
    ground_z: Floats32
    cuts: tuple[Cut, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Surfaces:
    """All textures of one street, and the sky."""

    ground: Texture
    far: Texture
    near: Texture
    end: Texture
    sky: Picture


def haze(depth: float) -> float:
    """Share of the air's colour at a depth in metres."""
    return float(1.0 - np.exp(-depth / HAZE_M))


def backdrop(street: Layout, seed: int) -> Backdrop:
    """Draw the street of a layout; takes about a second, once per scene."""
    camera = street.camera
    surfaces = _surfaces(street, seed)
    width, height = camera.canvas
    image: Picture = np.empty((height, width, 3), np.uint8)
    ground_x, ground_z = np.empty((height, width), np.float32), np.empty((height, width), np.float32)
    oversample = 3 if camera.width <= 800 else 2
    for top in range(0, height, BAND_ROWS):
        rows = (top, min(height, top + BAND_ROWS))
        fine, fine_x, fine_z = _band(camera, camera.rays(oversample, rows), surfaces)
        size = (width, rows[1] - top)
        image[top : rows[1]] = cv2.resize(fine, size, interpolation=cv2.INTER_AREA)
        middle = oversample // 2
        ground_x[top : rows[1]] = fine_x[middle::oversample, middle::oversample]
        ground_z[top : rows[1]] = fine_z[middle::oversample, middle::oversample]
    cuts = _place_stands(street, seed, image, ground_x, ground_z)
    return Backdrop(image, ground_x, ground_z, cuts)


def _surfaces(street: Layout, seed: int) -> Surfaces:
    rng = stream(seed, "surfaces")
    per_metre = float(np.clip(40 * street.camera.width / 640, 24, 64))
    sky_tone = clouds(rng, (128, 256), (60, 26, 11))
    sky = np.empty((128, 256, 3), np.float32)
    for channel, (base, swing) in enumerate(((224, 7), (212, 9), (202, 11))):
        sky[..., channel] = base + swing * sky_tone
    return Surfaces(
        ground=ground(rng, per_metre),
        far=row_of_houses(rng, street.far_houses, per_metre),
        near=row_of_houses(rng, street.near_houses, per_metre),
        end=row_of_houses(rng, street.far_houses[:4], per_metre / 2),
        sky=np.clip(sky, 0, 255).astype(np.uint8),
    )


def _band(camera: Camera, rays: Floats32, surfaces: Surfaces) -> tuple[Picture, Floats32, Floats32]:
    """Colours and ground places of some rows of rays."""
    eye = camera.height_m
    dx, dy, dz = (np.ascontiguousarray(rays[..., axis]) for axis in range(3))
    with np.errstate(divide="ignore", invalid="ignore"):
        down = np.where(dy < -1e-6, -eye / dy, np.float32(1e6))
        far = np.where(dz > 1e-6, FAR_HOUSES_Z / dz, np.float32(1e6))
        near = np.where(dz < -1e-6, NEAR_HOUSES_Z / dz, np.float32(1e6))
        end = np.where(dx > 1e-6, STREET_END_X / dx, np.float32(1e6))
    colour = _sky(rays, surfaces.sky)
    ground_x, ground_z = end * dx, np.full(dx.shape, NO_GROUND, np.float32)
    # From the back to the front: what is met first along the ray is painted last.
    _wall(colour, surfaces.end, end, along=end * dz + 20.0, up=eye + end * dy, light=0.92)
    hit = down < end
    _surface(colour, hit, _look_up(surfaces.ground, down * dx, down * dz)[..., :3], down)
    ground_x[hit], ground_z[hit] = (down * dx)[hit], (down * dz)[hit]
    for texture, reach, light in ((surfaces.far, far, 1.0), (surfaces.near, near, 0.62)):
        shown = _wall(
            colour,
            texture,
            np.where(reach < end, reach, np.float32(1e6)),
            along=reach * dx,
            up=eye + reach * dy,
            light=light,
        )
        ground_x[shown], ground_z[shown] = (reach * dx)[shown], NO_GROUND
    return np.clip(colour, 0, 255).astype(np.uint8), ground_x, ground_z


def _sky(rays: Floats32, sky: Picture) -> Floats32:
    bearing = np.arctan2(rays[..., 0], rays[..., 2]) * np.float32(90.0)
    rise = np.clip(110.0 - rays[..., 1] * np.float32(260.0), 0, 126)
    return cv2.remap(sky, np.abs(bearing) % np.float32(255), rise.astype(np.float32), cv2.INTER_LINEAR).astype(
        np.float32
    )


def _look_up(texture: Texture, along: Floats32, across: Floats32) -> Picture:
    u = (along - np.float32(texture.origin[0])) * np.float32(texture.per_metre)
    v = np.abs(across - np.float32(texture.origin[1])) * np.float32(texture.per_metre)
    limit = np.float32(3e4)
    found = cv2.remap(
        texture.image, np.clip(u, -1, limit), np.clip(v, 0, limit), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return found.astype(np.uint8, copy=False)


def _wall(
    colour: Floats32, texture: Texture, reach: Floats32, *, along: Floats32, up: Floats32, light: float
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Paint an upright row of houses where rays meet it; returns where."""
    meets = (reach < 1e5) & (up >= 0) & (up < texture.origin[1])
    found = _look_up(texture, along, np.where(meets, up, np.float32(texture.origin[1])))
    shown = meets & (found[..., 3] > 127)
    _surface(colour, shown, found[..., :3], reach, light)
    return shown


def _surface(
    colour: Floats32,
    where: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    found: Picture,
    depth: Floats32,
    light: float = 1.0,
) -> None:
    air = np.array(AIR, np.float32)
    share = np.exp(-depth[where] / np.float32(HAZE_M))[:, None]
    colour[where] = air + (found[where] * np.float32(light) - air) * share


def _place_stands(street: Layout, seed: int, image: Picture, ground_x: Floats32, ground_z: Floats32) -> tuple[Cut, ...]:
    """Paint all stands into the still picture, from far to near."""
    projector = Projector(street.camera)
    rng = stream(seed, "stands")
    feet = np.array([[stand.x, 0.0, stand.z] for stand in street.stands])
    _, depths = projector(feet)
    cuts = []
    for index in np.argsort(-depths):
        stand = street.stands[index]
        sprite = paint_stand(rng, projector, stand, street.sun, haze(float(depths[index])))
        if sprite is None:
            continue
        (x1, y1, x2, y2), colours, alpha = sprite
        under = image[y1:y2, x1:x2]
        under[:] = (under * (1 - alpha) + colours * alpha + 0.5).astype(np.uint8)
        solid = alpha[..., 0] > 0.5
        ground_x[y1:y2, x1:x2][solid] = stand.x
        ground_z[y1:y2, x1:x2][solid] = NO_GROUND
        cuts.append(Cut(float(depths[index]), (x1, y1, x2, y2), alpha))
    return tuple(cuts)
