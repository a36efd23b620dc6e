"""Timed paths over the ground: where something is at which second, which way it looks, whether it brakes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from brain.sim.camera import Floats
from brain.sim.stages.plan import Lane

STEP_S = 0.2


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is: metres, heading (radians, 0 = along ``+x``), speed in m/s, metres gone, whether it brakes."""

    x: float
    z: float
    heading: float
    speed: float
    walked: float
    brakes: bool = False


class Track:
    """Knots in time, straight between them.

    Args:
        times: ascending seconds.
        points: N×2 metres ``(x, z)``.
        heading: way it looks while it has not moved yet, and all the time when it never moves.
        before, after: whether it stands at its first or last point outside of the times, or is not there.
    """

    def __init__(
        self,
        times: Sequence[float] | Floats,
        points: Floats,
        *,
        heading: float = 0.0,
        before: bool = False,
        after: bool = False,
    ) -> None:
        knots, points = np.asarray(times, float), np.asarray(points, float)
        self.span = (-np.inf if before else float(knots[0]), np.inf if after else float(knots[-1]))
        steps = np.diff(points, axis=0)
        lengths = np.hypot(steps[:, 0], steps[:, 1])
        gone = np.concatenate([[0.0], np.cumsum(lengths)])
        # Plain lists: a track is asked for one moment at a time.
        self._times: list[float] = knots.tolist()
        self._knots: list[list[float]] = np.column_stack([points, gone]).tolist()
        self._speeds: list[float] = (lengths / np.maximum(1e-9, np.diff(knots))).tolist()
        headings = np.full(len(lengths), heading)
        for index, length in enumerate(lengths):
            if length > 1e-6:
                headings[index] = np.arctan2(steps[index, 1], steps[index, 0])
            elif index:
                headings[index] = headings[index - 1]
        self._headings: list[float] = headings.tolist() if len(headings) else [heading]

    def at(self, time_s: float) -> Place | None:
        """Where it is, ``None`` when it is not there."""
        if not self.span[0] <= time_s <= self.span[1]:
            return None
        times = self._times
        index = min(max(bisect_right(times, time_s) - 1, 0), len(self._headings) - 1)
        inside = times[0] <= time_s < times[-1]
        speed = self._speeds[index] if inside else 0.0
        following = self._speeds[index + 1] if inside and index + 1 < len(self._speeds) else speed
        x, z, walked = self._between(index, time_s) if inside else self._knots[0 if time_s < times[0] else -1]
        return Place(x, z, self._headings[index], speed, walked, brakes=inside and following < speed - 0.05)

    def _between(self, index: int, time_s: float) -> list[float]:
        """Place and metres gone after knot ``index``."""
        share = (time_s - self._times[index]) / (self._times[index + 1] - self._times[index])
        knots = zip(self._knots[index], self._knots[index + 1], strict=True)
        return [first + (second - first) * share for first, second in knots]


def standing(x: float, z: float, heading: float) -> Track:
    """Always at one place."""
    return Track([0.0], np.array([[x, z]]), heading=heading, before=True, after=True)


def through(lane: Lane, enters_s: float, speed: float, *, aside: float = 0.0) -> Track:
    """From end to end of a lane at one speed."""
    return Track([enters_s, enters_s + lane.length / speed], _along(lane, np.array([0.0, lane.length]), aside))


def stopping(
    lane: Lane,
    stop_m: float,
    halts_s: float,
    leaves_s: float | None,
    speed: float,
    *,
    aside: float = 0.0,
    brake: float = 2.2,
    gather: float = 1.5,
    pull_over: float = 0.0,
) -> Track:
    """Along a lane, braking to a halt ``stop_m`` metres from its start at ``halts_s``, on again from ``leaves_s``.

    Args:
        leaves_s: ``None`` = it stays.
        brake, gather: deceleration and acceleration, m/s².
        pull_over: metres aside at which it halts, reached over the last 15 m (left of the way is positive).
    """
    braking = speed / brake
    way = speed * braking / 2
    back = np.arange(0.0, braking, STEP_S)[::-1]
    times = [halts_s - braking - max(0.0, stop_m - way) / speed, *(halts_s - back)]
    gone = [min(0.0, stop_m - way), *(stop_m - 0.5 * brake * back**2)]
    if leaves_s is not None:
        on = np.arange(STEP_S, speed / gather, STEP_S)
        rest = lane.length - stop_m - 0.5 * gather * (speed / gather) ** 2
        times += [leaves_s, *(leaves_s + on), leaves_s + speed / gather + max(0.0, rest) / speed]
        gone += [stop_m, *(stop_m + 0.5 * gather * on**2), lane.length]
    distance = np.array(gone)
    share = np.clip(1 - np.abs(distance - stop_m) / 15.0, 0, 1)
    smooth = share * share * (3 - 2 * share)
    order = np.concatenate([[True], np.diff(times) > 1e-6])
    points = _along(lane, distance, aside + pull_over * smooth)
    return Track(np.array(times)[order], points[order], after=leaves_s is None)


def along(points: Sequence[tuple[float, float]], begins_s: float, speed: float, *, after: bool = True) -> Track:
    """Along a broken line at one speed, then staying there."""
    line = np.array(points, float)
    lengths = np.hypot(*np.diff(line, axis=0).T)
    return Track(begins_s + np.concatenate([[0.0], np.cumsum(lengths)]) / speed, line, after=after)


def _along(lane: Lane, distance: Floats, aside: float | Floats) -> Floats:
    way = (np.array(lane.end) - np.array(lane.start)) / lane.length
    left = np.array([-way[1], way[0]])
    points: Floats = np.array(lane.start) + distance[:, None] * way + np.asarray(aside)[..., None] * left
    return points
