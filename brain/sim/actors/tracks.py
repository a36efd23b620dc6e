"""Timed paths over the ground: where something is at which second, which way it looks, whether it brakes."""

from __future__ import annotations

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
        self._times = np.asarray(times, float)
        self._points = np.asarray(points, float)
        self.span = (-np.inf if before else float(self._times[0]), np.inf if after else float(self._times[-1]))
        steps = np.diff(self._points, axis=0)
        lengths = np.hypot(steps[:, 0], steps[:, 1])
        self._gone = np.concatenate([[0.0], np.cumsum(lengths)])
        self._speeds = lengths / np.maximum(1e-9, np.diff(self._times))
        headings = np.full(len(lengths), heading)
        for index, length in enumerate(lengths):
            if length > 1e-6:
                headings[index] = np.arctan2(steps[index, 1], steps[index, 0])
            elif index:
                headings[index] = headings[index - 1]
        self._headings = headings if len(headings) else np.array([heading])

    def at(self, time_s: float) -> Place | None:
        """Where it is, ``None`` when it is not there."""
        if not self.span[0] <= time_s <= self.span[1]:
            return None
        times = self._times
        x, z = float(np.interp(time_s, times, self._points[:, 0])), float(np.interp(time_s, times, self._points[:, 1]))
        index = int(np.clip(np.searchsorted(times, time_s, side="right") - 1, 0, len(self._headings) - 1))
        inside = times[0] <= time_s < times[-1] and len(self._speeds) > 0
        speed = float(self._speeds[index]) if inside else 0.0
        following = float(self._speeds[index + 1]) if inside and index + 1 < len(self._speeds) else speed
        walked = float(np.interp(time_s, times, self._gone))
        return Place(x, z, float(self._headings[index]), speed, walked, brakes=inside and following < speed - 0.05)


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
