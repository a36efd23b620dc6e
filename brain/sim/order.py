"""What stands before what: bodies and fixed things over the ground, seen from the camera."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from brain.sim.camera import Floats
from brain.sim.draw import Rect

LONG_M = 3.5
"""A body longer than this is compared by its footprint, a shorter one by its depth alone."""
Edge = tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """A thing over the ground.

    Attributes:
        depth: of its middle, metres from the camera along the axis of view.
        foot: ``(x, z)`` metres.
        edges: of the rectangle that a long body covers: ``(nx, nz, bound)``; within it ``nx·x + nz·z ≤ bound`` for all.
        rect: its box on the canvas.
        long: whether it is compared by its footprint.
    """

    depth: float
    foot: tuple[float, float]
    edges: tuple[Edge, ...]
    rect: Rect
    long: bool


def standing(depth: float, foot: Floats, outline: Floats, rect: Rect) -> Standing:
    """From a ground point (3) and the world points (N×3) of a body."""
    flat = outline[:, [0, 2]]
    wide, deep = (flat.max(axis=0) - flat.min(axis=0)).tolist()
    long = wide * wide + deep * deep > LONG_M * LONG_M
    edges = footprint_edges(cv2.boxPoints(cv2.minAreaRect(flat.astype(np.float32))).tolist()) if long else ()
    return Standing(depth, (float(foot[0]), float(foot[2])), edges, rect, long)


def footprint_edges(corners: list[list[float]]) -> tuple[Edge, ...]:
    """The edges of a convex polygon given by its corners ``[x, z]``, each pointing outwards."""
    inner_x, inner_z = sum(c[0] for c in corners) / len(corners), sum(c[1] for c in corners) / len(corners)
    edges = []
    for index, (ax, az) in enumerate(corners):
        bx, bz = corners[index - 1]
        nx, nz = az - bz, bx - ax
        bound = nx * ax + nz * az
        outwards = nx * inner_x + nz * inner_z <= bound
        edges.append((nx, nz, bound) if outwards else (-nx, -nz, -bound))
    return tuple(edges)


def enters(edges: tuple[Edge, ...], target: tuple[float, float]) -> float | None:
    """Share of the way from the camera's foot (the origin) to a ground point at which a footprint is entered."""
    low, high = 0.0, 1e9
    x, z = target
    for nx, nz, bound in edges:
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
        share = enters(other.edges, one.foot)
        if share is not None:
            return share > 1.0
    if one.long:
        share = enters(one.edges, other.foot)
        if share is not None:
            return share < 1.0
    return one.depth < other.depth


def touch(one: Rect, other: Rect) -> bool:
    """Whether two boxes share a pixel."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def far_to_near(things: list[Standing]) -> list[int]:
    """Order of painting: by depth, corrected where a long body overlaps another."""
    order = sorted(range(len(things)), key=lambda index: -things[index].depth)
    if not any(thing.long for thing in things):
        return order
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
