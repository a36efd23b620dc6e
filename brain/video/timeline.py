"""Media time: a clock per camera that never goes back and never runs on a jump. Pure."""

from __future__ import annotations

from dataclasses import dataclass

JUMP_S = 5.0
REORDER_S = 2.0


@dataclass(slots=True)
class Timeline:
    """Turns time stamps of a stream into media seconds.

    Attributes:
        base_s: media time at which the stream begins; live cameras use Unix seconds, replays 0.
        live: whether packets arrive at their own pace, so that arrival time can judge a jump.
        nominal_s: assumed distance of frames without usable time stamps.

    Missing, equal and backward stamps, and jumps of more than 5 s against the clock, are put right by rebasing on the
    arrival time (live) or the nominal distance (files): cameras do all of these.
    """

    base_s: float
    live: bool
    nominal_s: float = 0.04
    rebased: int = 0
    _offset_s: float | None = None
    _last_s: float | None = None
    _last_stamp_s: float = 0.0
    _last_arrival_s: float = 0.0

    def media_time(self, stamp_s: float | None, arrival_s: float) -> float:
        """Media seconds of a packet.

        Args:
            stamp_s: its presentation time in seconds as the container has it, ``None`` if missing.
            arrival_s: monotonic seconds at which it was read.
        """
        waited = arrival_s - self._last_arrival_s if self._last_s is not None else 0.0
        if self._last_s is None:
            result = self.base_s
            self._offset_s = None if stamp_s is None else result - stamp_s
        elif stamp_s is None:
            result = self._last_s + (waited if self.live else self.nominal_s)
        elif self._offset_s is None:
            result = self._last_s + (max(waited, self.nominal_s) if self.live else self.nominal_s)
            self._offset_s = result - stamp_s
        else:
            result = stamp_s + self._offset_s
            if self._jumped(stamp_s, waited):
                result = self._last_s + (max(waited, 0.0) if self.live else self.nominal_s)
                self._offset_s = result - stamp_s
                self.rebased += 1
        if stamp_s is not None:
            self._last_stamp_s = stamp_s
        self._last_s = max(result, self.base_s) if self._last_s is None else max(self._last_s, result)
        self._last_arrival_s = arrival_s
        return result

    def _jumped(self, stamp_s: float, waited: float) -> bool:
        step = stamp_s - self._last_stamp_s
        if step < -REORDER_S:
            return True
        return self.live and abs(step - waited) > JUMP_S
