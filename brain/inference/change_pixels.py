"""What each sample does to the pixels of a remembered view: things age, the ground is learned, regions join it."""

from __future__ import annotations

import cv2
import numpy as np

from brain.inference.change_background import Compared, Grey, Mask, unlit, update_noise
from brain.inference.change_regions import Region, Removed, grown, half_mask, half_slices
from brain.inference.change_state import TICK_S, State

LEARN_EVERY_S = 4.0
"""The background drifts by one grey step in this time."""
REMOVED_MAX = 24
REMOVED_SHARE = 0.5
"""Removed things kept: so many, and together at most this share of the picture."""
_KEEP_CLEAR = np.ones((9, 9), np.uint8)


def age_things(state: State, seen: Compared, step: int, settle: int, limit: int) -> Mask:
    """Let pixels age that show the same other thing as before.

    Args:
        state: changed in place.
        seen: the picture against the background.
        step: ticks since the sample before.
        settle: ticks until a thing is settled; ages stop there.
        limit: ticks for which a settled thing may be hidden.

    Returns:
        H×W, where the picture shows the same other thing as before.
    """
    same = np.zeros(seen.differs.shape, np.bool_)
    place = np.flatnonzero(seen.differs | (state.age > 0))
    differs, age, doubt = (p.ravel()[place] for p in (seen.differs, state.age, state.doubt))
    gain = seen.gain.ravel()[place]
    current, other = seen.now.y.ravel()[place], state.other.ravel()[place]
    close = np.abs(current - other * gain) <= seen.tolerance.ravel()[place]
    stays = differs & close & (age > 0)
    settled = age >= settle
    # Background seen twice in a row ends a thing; something else in front may last up to the limit.
    doubt += np.where(settled & ~stays, np.where(differs, step, (limit + 1) // 2), 0).astype(np.uint16)
    doubt[stays] = 0
    loose = ~settled | (doubt >= limit)
    doubt[loose] = 0
    age = np.minimum(age + np.where(stays, step, 0), settle).astype(np.uint16)
    # 1: a fresh thing was seen once.
    age[loose & ~stays] = differs[loose & ~stays]
    fresh = loose & ~stays & differs
    other[fresh] = np.clip(np.rint(current[fresh] / gain[fresh]), 0, 255).astype(np.uint8)
    other[age == 0] = 0
    for plane, values in ((state.age, age), (state.doubt, doubt), (state.other, other), (same, stays)):
        plane.reshape(-1)[place] = values
    return same


def learn_ground(state: State, seen: Compared, step: int, ripe: int, settle: int, *, learning: bool) -> None:
    """Let the background drift towards the picture where nothing stands.

    Args:
        state: changed in place; ``watched_s`` already counts this sample.
        seen: the picture against the background.
        step: ticks since the sample before.
        ripe: ticks after which a pixel of the background counts as learned.
        settle: ticks until a thing is settled.
        learning: the view is new.
    """
    # Kept clear of every thing: its soft rim would be learned first, then what lies inside the rim.
    calm = _far_from(seen.differs | (state.age > 0))
    update_noise(state.noise, seen.over, _far_from(state.age >= settle) == 0, learning)
    np.minimum(state.seen + calm.astype(np.uint16) * np.uint16(step), ripe, out=state.seen)
    before_s = state.watched_s - step * TICK_S
    if int(state.watched_s / LEARN_EVERY_S) == int(before_s / LEARN_EVERY_S):
        return
    _drift(state.ground.y, seen.now.y, seen.expected.y, calm > 0)
    if seen.coloured:
        size = (state.ground.c.shape[1], state.ground.c.shape[0])
        half = cv2.resize(calm, size, interpolation=cv2.INTER_NEAREST)
        _drift(state.ground.c, seen.now.c, seen.expected.c, np.asarray(half)[..., None] > 0)


def join_ground(state: State, seen: Compared, region: Region) -> Removed:
    """Make what stands in a region part of the background; returns what the background showed there before."""
    wide = grown(region, 2, (state.age.shape[0], state.age.shape[1]))
    place, half = wide.slices, half_slices(wide, state.ground.c.shape)
    before = Removed(wide, state.ground.y[place].copy(), state.ground.c[half].copy(), state.watched_s, 0.0)
    current = unlit(np.ascontiguousarray(seen.now.y[place]), np.ascontiguousarray(seen.gain[place]))
    put_ground(state, wide, current, seen.now.c[half])
    for plane in (state.age, state.doubt, state.other):
        plane[place][wide.mask] = 0
    return before


def put_ground(state: State, region: Region, y: Grey, c: Grey) -> None:
    """Write luminance (size of the window) and chroma (half of it) into the background within a region."""
    half = half_slices(region, state.ground.c.shape)
    np.copyto(state.ground.y[region.slices], y, where=region.mask)
    np.copyto(state.ground.c[half], c, where=half_mask(region, state.ground.c.shape)[..., None])


def remember(removed: tuple[Removed, ...], gone: Removed, pixels: int) -> tuple[Removed, ...]:
    """Removed things with one more; the oldest are forgotten, so that memory and saved state stay small."""
    things = [*removed, gone][-REMOVED_MAX:]
    while len(things) > 1 and sum(t.region.mask.size for t in things) > REMOVED_SHARE * pixels:
        del things[0]
    return tuple(things)


def _far_from(mask: Mask) -> Grey:
    """1 where nothing of a mask is within four pixels, else 0."""
    near = np.asarray(cv2.dilate(mask.view(np.uint8), _KEEP_CLEAR), np.uint8)
    return np.asarray(1 - near, np.uint8)


def _drift(ground: Grey, now: Grey, expected: Grey, where: Mask) -> None:
    np.add(ground, 1, out=ground, where=where & (now > expected) & (ground < 255))
    np.subtract(ground, 1, out=ground, where=where & (now < expected) & (ground > 0))
