"""How far the sun reaches each pixel: shadow edge of houses, crowns of trees, clouds that pass."""

from __future__ import annotations

import cv2
import numpy as np

from brain.core.types import Picture
from brain.sim.camera import Floats32
from brain.sim.draw import clouds, stream
from brain.sim.spec import SceneSpec
from brain.sim.stages.backdrop import NO_GROUND, Backdrop
from brain.sim.stages.plan import Plan
from brain.sim.stages.stands import CROWN_M, SHADES, crown_shade

AMBIENT = 0.56
"""Brightness in full shade, as a share of that in the sun."""
SHADE_PER_METRE = 12.0
CLOUD_TILE = 256
CLOUD_CELL_M = 4.0
PENUMBRA_M = 0.22


class Sunshine:
    """How far the sun reaches each pixel of the street, at any moment."""

    def __init__(self, spec: SceneSpec, plan: Plan, still: Backdrop) -> None:
        self.moves = spec.shadow_moves
        # Moving shade is soft and is worked out anew for each picture: half the resolution serves.
        step = 2 if self.moves else 1
        self._size = (still.image.shape[1], still.image.shape[0])
        ground_x = np.ascontiguousarray(still.ground_x[::step, ::step])
        ground_z = np.ascontiguousarray(still.ground_z[::step, ::step])
        self._beyond = _beyond_houses(plan, ground_x, ground_z)
        self._crowns = _crowns(spec.seed, plan)
        self._crown_x = (ground_x - np.float32(plan.ground[0][0])) * np.float32(SHADE_PER_METRE)
        self._crown_z = (ground_z - np.float32(plan.ground[1][0])) * np.float32(SHADE_PER_METRE)
        self._cloud_x = np.clip(ground_x, -100, 400) / np.float32(CLOUD_CELL_M)
        self._cloud_z = np.clip(ground_z, -20, 20) / np.float32(CLOUD_CELL_M)
        rng = stream(spec.seed, "shade")
        tile = clouds(rng, (CLOUD_TILE, CLOUD_TILE), (12, 6))
        self._clouds = np.clip(tile * np.float32(0.9) + np.float32(0.2), 0, 1).astype(np.float32)
        self._wind = rng.uniform(1.2, 2.4, 2)
        self._phases = rng.uniform(0, 2 * np.pi, 4)
        self._drift = rng.uniform(0.9, 1.7), rng.uniform(70, 130)

    def sunlit(self, time_s: float) -> Picture:
        """Canvas height × width uint8: 255 in the sun, 0 in full shade."""
        sway_x = sway_z = drift = 0.0
        if self.moves:
            a, b, c, d = self._phases
            sway_x = 0.35 * np.sin(0.9 * time_s + a) + 0.14 * np.sin(2.7 * time_s + b)
            sway_z = 0.3 * np.sin(0.7 * time_s + c) + 0.02 * time_s
            drift = self._drift[0] * (np.sin(2 * np.pi * time_s / self._drift[1] + d) + 0.4)
        sun = np.clip((self._beyond - np.float32(drift)) / np.float32(PENUMBRA_M) + np.float32(0.5), 0, 1)
        crowns = cv2.remap(
            self._crowns,
            self._crown_x + np.float32(sway_x * SHADE_PER_METRE),
            self._crown_z + np.float32(sway_z * SHADE_PER_METRE),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=0,
        )
        sun *= np.float32(1) - crowns
        if self.moves:
            sun *= np.float32(1) - np.float32(0.85) * self._cloud(time_s)
        sunlit: Picture = cv2.convertScaleAbs(sun, alpha=255.0).astype(np.uint8, copy=False)
        if self.moves:
            sunlit = cv2.resize(sunlit, self._size, interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)
        return sunlit

    def _cloud(self, time_s: float) -> Floats32:
        x, z = self._wind * time_s
        found = cv2.remap(
            self._clouds,
            self._cloud_x + np.float32(x % CLOUD_TILE),
            self._cloud_z + np.float32(z % CLOUD_TILE),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_WRAP,
        )
        return found.astype(np.float32, copy=False)


LIGHT_OF_SUN: Picture = np.rint(255 * (AMBIENT + (1 - AMBIENT) * np.arange(256) / 255)).astype(np.uint8)


def in_sun(still: Picture, sunlit: Picture) -> Picture:
    """A picture in full sun, darkened where the sun does not reach."""
    factor = cv2.cvtColor(cv2.LUT(sunlit, LIGHT_OF_SUN), cv2.COLOR_GRAY2BGR)
    return cv2.multiply(still, factor, scale=1 / 255.0).astype(np.uint8, copy=False)


def _beyond_houses(plan: Plan, ground_x: Floats32, ground_z: Floats32) -> Floats32:
    """Metres from the shadow edge of the near houses into the sun; large where no ground is seen."""
    step_x, step_z = plan.shadow_step
    if plan.shading is None:
        return np.full(ground_x.shape, np.float32(NO_GROUND))
    front_z, houses = plan.shading
    places = np.arange(plan.ground[0][0] - 5, plan.ground[0][1] + 15, 0.1)
    edge = np.full(len(places), front_z)
    for house in houses:
        slide = step_x * house.height
        under = (places >= house.x1 + min(0.0, slide)) & (places < house.x2 + max(0.0, slide))
        edge[under] = np.maximum(edge[under], front_z + step_z * house.height)
    found = np.interp(ground_x.ravel(), places, edge).reshape(ground_x.shape)
    beyond: Floats32 = (ground_z - found).astype(np.float32)
    return beyond


def _crowns(seed: int, plan: Plan) -> Floats32:
    """The shade of all crowns and trunks on the ground, seen from above: 0 = sun … 1 = shade."""
    width = round((plan.ground[0][1] - plan.ground[0][0]) * SHADE_PER_METRE)
    height = round((plan.ground[1][1] - plan.ground[1][0]) * SHADE_PER_METRE)
    image: Picture = np.zeros((height, width), np.uint8)
    rng = stream(seed, "crowns")
    step = np.array(plan.shadow_step)
    corner = np.array([plan.ground[0][0], plan.ground[1][0]])
    for stand in plan.stands:
        foot = np.array([stand.x, stand.z])
        tip, broad = SHADES.get(stand.kind, (0.0, 0.0))
        if not broad:
            continue
        tip *= stand.size
        ends = [np.rint((place - corner) * SHADE_PER_METRE).astype(int) for place in (foot, foot + step * tip)]
        start, end = ((int(x), int(z)) for x, z in ends)
        cv2.line(image, start, end, 255, max(1, round(broad * SHADE_PER_METRE)), cv2.LINE_AA)
        if stand.kind == "tree":
            centre = (foot + step * CROWN_M * stand.size - corner) * SHADE_PER_METRE
            crown_shade(rng, image, centre, SHADE_PER_METRE, stand.size)
    soft = cv2.GaussianBlur(image, (0, 0), 0.11 * SHADE_PER_METRE)
    return (soft / np.float32(255)).astype(np.float32)
