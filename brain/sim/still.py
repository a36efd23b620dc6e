"""The stage in its light, without anything that moves; worked out once, or at each moment while shadows move."""

from __future__ import annotations

import cv2
import numpy as np

from brain.core.types import Picture
from brain.sim.camera import Floats32, Projector
from brain.sim.climate import Climate, infrared, lamp_light
from brain.sim.glow import add_glow
from brain.sim.spec import SceneSpec
from brain.sim.stages.backdrop import ACROSS, ALONG, GROUND, SKY, STANDS, Backdrop
from brain.sim.stages.plan import Plan
from brain.sim.sunshine import Sunshine, in_sun


class StillLight:
    """What the camera sees of the stage alone.

    Attributes:
        mirrored: what a flat water on the ground would mirror of the stage, lit.
    """

    def __init__(self, spec: SceneSpec, plan: Plan, still: Backdrop, climate: Climate) -> None:
        self._climate = climate
        self._sunshine = Sunshine(spec, plan, still) if climate.sun else None
        light = _light(plan, still, climate)
        self.mirrored = _mirrored(still, climate)
        self._shown = self._seen(plan, still, light)
        self._kept: tuple[Picture, Picture] | None = None

    def at(self, time_s: float) -> tuple[Picture, Picture]:
        """The stage at a moment, and where the sun reaches (255 … 0). Neither may be written on."""
        if self._sunshine is None:
            if self._kept is None:
                self._kept = self._shown, np.zeros(self._shown.shape[:2], np.uint8)
        elif self._kept is None or self._sunshine.moves:
            sunlit = self._sunshine.sunlit(time_s)
            self._kept = in_sun(self._shown, sunlit), sunlit
        return self._kept

    def _seen(self, plan: Plan, still: Backdrop, light: Floats32) -> Picture:
        climate = self._climate
        colours = still.image.astype(np.float32) * light
        if climate.wet:
            _wet(colours, still, self.mirrored, climate.wet, plan.camera.height_m)
        if climate.lamps:
            shining = still.glow.astype(np.float32) * np.float32(min(1.0, 0.35 + 0.65 * climate.lamps))
            colours = np.maximum(colours, shining) + cv2.GaussianBlur(shining, (0, 0), 5.0) * np.float32(0.3)
        share = np.exp(-still.depth / np.float32(climate.haze_m))[..., None]
        share[still.side == SKY] = 1.0 if climate.haze_m > 60 else 0.12
        air = np.array(climate.air, np.float32)
        seen: Picture = np.clip(air + (colours - air) * share, 0, 255).astype(np.uint8)
        if climate.lamps:
            _lamp_heads(seen, plan, climate)
        return seen


def _light(plan: Plan, still: Backdrop, climate: Climate) -> Floats32:
    """What each pixel's surface receives, canvas height × width × 3."""
    light = np.empty(still.image.shape, np.float32)
    sky = np.array(climate.sky if climate.sun == 0 else (1.0, 1.0, 1.0), np.float32)
    light[:] = sky
    light[(still.side == ACROSS) | (still.side == ALONG)] = sky * np.float32(0.92)
    light[still.side == SKY] = np.array(climate.dome, np.float32)
    if climate.lamps:
        normals = np.zeros((5, 3))
        normals[GROUND], normals[ACROSS], normals[ALONG] = (0, 1, 0), (0, 0, -1), (-1, 0, 0)
        where = np.flatnonzero((still.side != SKY).ravel() & (still.depth.ravel() < 90))
        sides = still.side.ravel()[where]
        points = still.place.reshape(-1, 3)[where].astype(np.float64)
        near_wall = (sides == ACROSS) & (points[:, 2] < 0)
        facing = normals[sides]
        facing[near_wall] = (0, 0, 1)
        found, _ = lamp_light(plan.lamps, points, facing)
        loose = sides == STANDS
        found[loose] = np.minimum(0.7, lamp_light(plan.lamps, points[loose], None)[0])
        light.reshape(-1, 3)[where] += (found / (1 + found.max(axis=1, keepdims=True) / 1.6) * climate.lamps).astype(
            np.float32
        )
    if climate.infrared:
        spot = np.asarray(infrared(still.depth), np.float32)
        height, width = spot.shape
        across = (np.arange(width) - width / 2) / width
        down = (np.arange(height) - height / 2) / width
        spot = spot * np.exp(-2.2 * (across[None, :] ** 2 + down[:, None] ** 2)).astype(np.float32)
        spot[still.side == SKY] = 0
        light += spot[..., None]
    return light


def _mirrored(still: Backdrop, climate: Climate) -> Picture:
    """What the ground would mirror, lit."""
    walls = np.array(climate.sky, np.float32) * 0.9 if climate.sun == 0 else np.full(3, 0.95, np.float32)
    seen = still.mirror.astype(np.float32) * (walls + np.float32(0.06 * climate.lamps))
    open_sky = (still.mirror.min(axis=2) > 175) & (still.mirror[..., 0] > still.mirror[..., 2])
    seen[open_sky] = still.mirror[open_sky] * np.array(climate.dome, np.float32)
    if climate.lamps:
        seen = np.maximum(seen, still.mirror_glow.astype(np.float32) * np.float32(climate.lamps))
    return np.clip(seen, 0, 255).astype(np.uint8)


def fresnel(still: Backdrop, eye_m: float) -> Floats32:
    """Share of light that a water surface throws back at each ground pixel (Schlick, 2 % straight down)."""
    away = np.hypot(still.place[..., 0], still.place[..., 2])
    cosine = np.float32(eye_m) / np.sqrt(away**2 + np.float32(eye_m**2))
    share: Floats32 = (0.02 + 0.98 * (1 - cosine) ** 5).astype(np.float32)
    return share


def _wet(colours: Floats32, still: Backdrop, mirrored: Picture, wet: float, eye_m: float) -> None:
    """Darken the wet ground and lay a blurred mirror image over it."""
    height = colours.shape[0]
    blurred = cv2.blur(mirrored, (max(3, height // 90), max(5, height // 14))).astype(np.float32)
    where = still.side == GROUND
    ground = where[..., None] * still.wet[..., None]
    share = np.clip(0.10 + 1.5 * fresnel(still, eye_m), 0, 0.6)[..., None] * ground * np.float32(wet)
    colours *= 1 - np.float32(0.36 * wet) * where[..., None]
    colours += (blurred - colours * np.float32(0.5)) * share


def _lamp_heads(seen: Picture, plan: Plan, climate: Climate) -> None:
    """White heads with a halo; larger in fog and rain."""
    projector = Projector(plan.camera)
    for lamp in plan.lamps:
        pixels, depth = projector(np.array([[lamp.x, lamp.y, lamp.z]]))
        if depth[0] < 1.0:
            continue
        metre = plan.camera.focal / float(depth[0])
        fade = 1 - 0.8 * climate.haze(float(depth[0]))
        white = tuple(150 + 105 * share for share in lamp.colour)
        colour = (white[0], white[1], white[2])
        soft = 1.6 if climate.haze_m < 130 else 1.0
        add_glow(seen, pixels[0], 0.34 * metre + 1.2, colour, 1.0 * climate.lamps)
        add_glow(seen, pixels[0], 1.7 * metre * soft + 5, colour, 0.34 * climate.lamps * fade)
