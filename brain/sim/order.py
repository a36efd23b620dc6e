"""What stands before what: bodies and fixed things over the ground, seen from the camera."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from brain.sim.camera import Floats
from brain.sim.draw import Rect

LONG_M = 3.5
"""A body longer than this is compared by its footprint, a shorter one by its depth alone."""


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """A thing over the ground: depth of its foot, the foot (2: x, z), its footprint (N×2, convex) and its box."""

    depth: float
    foot: Floats
    print: Floats
    rect: Rect
    long: bool


def standing(depth: float, foot: Floats, outline: Floats, rect: Rect) -> Standing:
    """From a ground point (3) and the world points (N×3) of a body."""
    flat = outline[:, [0, 2]]
    long = bool(np.hypot(*np.ptp(flat, axis=0)) > LONG_M)
    hull = cv2.convexHull(flat.astype(np.float32))[:, 0, :].astype(np.float64) if long else flat[:0]
    return Standing(depth, foot[[0, 2]], hull, rect, long)


def enters(hull: Floats, target: Floats) -> float | None:
    """Share of the way from the camera's foot (the origin) to a ground point at which a convex hull is entered."""
    low, high = 0.0, 1e9
    x, z = float(target[0]), float(target[1])
    corners = hull.tolist()
    inner_x, inner_z = sum(c[0] for c in corners) / len(corners), sum(c[1] for c in corners) / len(corners)
    for index, (ax, az) in enumerate(corners):
        bx, bz = corners[index - 1]
        nx, nz = az - bz, bx - ax
        bound = nx * ax + nz * az
        if nx * inner_x + nz * inner_z > bound:
            nx, nz, bound = -nx, -nz, -bound
        rate = nx * x + nz * z
        if abs(rate) < 1e-12:
            if bound < 0:
                return None
        elif rate > 0:
            high = min(high, bound / rate)
        else:
            low = max(low, bound / rate)
    return low if low <= high else None


def before(one: Standing, other: Standing) -> bool:
    """Whether ``one`` stands before ``other``."""
    if other.long:
        share = enters(other.print, one.foot)
        if share is not None:
            return share > 1.0
    if one.long:
        share = enters(one.print, other.foot)
        if share is not None:
            return share < 1.0
    return one.depth < other.depth


def touch(one: Rect, other: Rect) -> bool:
    """Whether two boxes share a pixel."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def far_to_near(things: list[Standing]) -> list[int]:
    """Order of painting: by depth, corrected where a long body overlaps another."""
    order = sorted(range(len(things)), key=lambda index: -things[index].depth)
    for place in range(len(order)):
        index = order[place]
        for later in range(place + 1, len(order)):
            other = order[later]
            if not (things[index].long or things[other].long) or not touch(things[index].rect, things[other].rect):
                continue
            if before(things[index], things[other]):
                # It must come after the other one; everything between stays in its order.
                order.insert(later, order.pop(place))
                index = order[place]
                break
    return order
