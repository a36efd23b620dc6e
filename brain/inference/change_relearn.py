"""Learning a view anew without losing the things that are known to stand in it.

After an outage or a hard change of light the picture may fit the background nowhere. If its outlines are still the same
the camera has not moved: then what was known to stand there, and is still seen, is carried over.
"""

from __future__ import annotations

import cv2
import numpy as np

from brain.core.types import Sample
from brain.inference.change_background import Grey, Planes
from brain.inference.change_pixels import put_ground
from brain.inference.change_regions import Held, Region, Verdict, grown, half_slices
from brain.inference.change_state import State

SAME_VIEW = 0.25
STILL_THERE = 0.1


def relearned(old: State, sample: Sample, planes: Planes, ripe: int, settle: int) -> State:
    """The state that begins with this sample.

    Args:
        old: the state that no longer fits.
        sample, planes: the picture.
        ripe: ticks after which a pixel of the background counts as learned.
        settle: ticks until a thing is settled.
    """
    new = State.first(sample, planes)
    new.watched_s = new.born_s = old.watched_s
    new.cadence_s = old.cadence_s
    if _alike(_outlines(planes.y), _outlines(old.ground.y)) < SAME_VIEW:
        return new
    kept = []
    for held in old.held:
        region = _region_of(old.owner, held.number)
        if region is None or not held.accepted or held.verdict is not Verdict.NEW:
            continue
        if not _is_there(old, planes.y, region):
            continue
        _carry_over(old, new, region, held, ripe, settle)
        kept.append(held)
    new.held = tuple(kept)
    return new


def _carry_over(old: State, new: State, region: Region, held: Held, ripe: int, settle: int) -> None:
    place, half = region.slices, half_slices(region, old.ground.c.shape)
    wide = grown(region, 6, (old.age.shape[0], old.age.shape[1]))
    # What lies below the thing is brightened as its surroundings were.
    one, two = new.ground.y[wide.slices].astype(np.float32), old.ground.y[wide.slices].astype(np.float32)
    ring = old.owner[wide.slices] == 0
    gain = float(one[ring].mean() + 1) / float(two[ring].mean() + 1) if ring.any() else 1.0
    new.other[place][region.mask] = new.ground.y[place][region.mask]
    new.age[place][region.mask] = settle
    new.seen[place][region.mask] = ripe
    new.owner[place][region.mask] = held.number
    below = np.clip(old.ground.y[place] * gain, 0, 255).astype(np.uint8)
    put_ground(new, region, below, old.ground.c[half])


def _is_there(old: State, y: Grey, region: Region) -> bool:
    """Whether the picture shows the thing rather than the ground, judged by outlines and shades, not by brightness."""
    wide = grown(region, 4, (old.age.shape[0], old.age.shape[1]))
    now, ground = np.ascontiguousarray(y[wide.slices]), np.ascontiguousarray(old.ground.y[wide.slices])
    thing = np.where(old.owner[wide.slices] > 0, old.other[wide.slices], ground)
    fit = _alike(now, thing)
    return fit > STILL_THERE and fit > _alike(now, ground) + 0.05


def _region_of(owner: Grey, number: int) -> Region | None:
    mask = owner == number
    x, y, width, height = cv2.boundingRect(mask.view(np.uint8))
    if not width or not height:
        return None
    part = mask[y : y + height, x : x + width].copy()
    return Region((x, y, x + width, y + height), part, int(np.count_nonzero(part)))


def _outlines(y: Grey) -> Grey:
    small = cv2.resize(y, (max(1, y.shape[1] // 2), max(1, y.shape[0] // 2)), interpolation=cv2.INTER_AREA)
    gx, gy = cv2.Sobel(small, cv2.CV_32F, 1, 0), cv2.Sobel(small, cv2.CV_32F, 0, 1)
    size = np.log1p(cv2.GaussianBlur(cv2.magnitude(gx, gy), (5, 5), 0))
    return np.asarray(np.clip(size * 30, 0, 255), np.uint8)


def _alike(one: Grey, two: Grey) -> float:
    a, b = one.astype(np.float64).ravel(), two.astype(np.float64).ravel()
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / scale if scale > 1e-9 else 0.0
