"""Media time: a clock per camera that never goes back and never runs on a jump. Pure."""

from __future__ import annotations

from dataclasses import dataclass

JUMP_S = 5.0
REORDER_S = 2.0
FEW_FRAMES = 10
STILL_S = 1.0


@dataclass(slots=True)
class Timeline:
    """Turns time stamps of a stream into media seconds.

    Attributes:
        base_s: media time at which the stream begins; live cameras use Unix seconds, replays 0.
        live: whether packets arrive at their own pace, so that arrival time can judge a jump.
        nominal_s: assumed distance of frames without usable time stamps.

    Missing stamps, one stamp that stays for longer than a second (live), stamps that go back by more than frames are
    reordered, and jumps of more than 5 s are put right by rebasing on the arrival time (live) or the nominal distance
    (files): cameras do all of these. Live, jumps are judged against the clock, also those that add up because the
    camera's clock runs fast or slow. ``rebased`` counts the jumps.
    """

    base_s: float
    live: bool
    nominal_s: float = 0.04
    rebased: int = 0
    _offset_s: float | None = None
    _last_s: float | None = None
    _last_arrival_s: float = 0.0
    _stamp_s: float | None = None
    _stamp_since_s: float = 0.0
    _began_s: float = 0.0
    _began_arrival_s: float = 0.0

    def media_time(self, stamp_s: float | None, arrival_s: float) -> float:
        """Media seconds of a packet.

        Args:
            stamp_s: its presentation time in seconds as the container has it, ``None`` if missing.
            arrival_s: monotonic seconds at which it was read.
        """
        still = self._stands_still(stamp_s, arrival_s)
        waited = arrival_s - self._last_arrival_s if self._last_s is not None else 0.0
        if self._last_s is None:
            result = self.base_s
            self._offset_s = None if stamp_s is None else result - stamp_s
            self._began_s, self._began_arrival_s = result, arrival_s
        elif stamp_s is None or still:
            result = self._last_s + (waited if self.live else self.nominal_s)
            self._offset_s = self._offset_s if stamp_s is None else result - stamp_s
        elif self._offset_s is None:
            result = self._last_s + (max(waited, self.nominal_s) if self.live else self.nominal_s)
            self._offset_s = result - stamp_s
        else:
            result = stamp_s + self._offset_s
            drift_s = (result - self._began_s) - (arrival_s - self._began_arrival_s)
            if self._jumped(result - self._last_s, waited) or (self.live and abs(drift_s) > JUMP_S):
                result = self._last_s + (max(waited, 0.0) if self.live else self.nominal_s)
                self._offset_s = result - stamp_s
                self.rebased += 1
        self._last_s = max(result, self.base_s) if self._last_s is None else max(self._last_s, result)
        self._last_arrival_s = arrival_s
        return result

    def _stands_still(self, stamp_s: float | None, arrival_s: float) -> bool:
        """Whether a camera's clock does not run: else its media time would stand, and nothing ever be due."""
        if stamp_s != self._stamp_s:
            self._stamp_s, self._stamp_since_s = stamp_s, arrival_s
        return self.live and arrival_s - self._stamp_since_s > STILL_S

    def _jumped(self, ahead_s: float, waited: float) -> bool:
        """Whether a packet so far ahead of the furthest one yet cannot be believed."""
        few_frames_s = FEW_FRAMES * self.nominal_s
        if ahead_s < -max(REORDER_S, few_frames_s):
            return True
        if self.live:
            return abs(ahead_s - waited) > JUMP_S
        return ahead_s > max(JUMP_S, few_frames_s)
