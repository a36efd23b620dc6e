"""When a thing is there, and how a quantity of it grows and shrinks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from brain.sim.entity import since


@dataclass(frozen=True, slots=True)
class Life:
    """From ``begins_s`` (its picture shows the thing) to before ``ends_s`` (its picture does not any more).

    Attributes:
        grows_s: seconds from its begin to its full size; 0 = at once.
        shrinks_s: seconds before its end in which it shrinks again; 0 = it vanishes at once.
    """

    begins_s: float = -np.inf
    ends_s: float = np.inf
    grows_s: float = 0.0
    shrinks_s: float = 0.0

    @property
    def span(self) -> tuple[float, float]:
        """As of an entity."""
        return self.begins_s, self.ends_s

    def there(self, time_s: float) -> bool:
        """Whether it is there."""
        return since(time_s, self.begins_s) >= 0 > since(time_s, self.ends_s)

    def size(self, time_s: float) -> float:
        """0 … 1 of its full size while it is there."""
        up = 1.0 if self.grows_s <= 0 else min(1.0, max(0.0, since(time_s, self.begins_s) / self.grows_s))
        down = 1.0 if self.shrinks_s <= 0 else min(1.0, max(0.0, -since(time_s, self.ends_s) / self.shrinks_s))
        return min(up, down)


ALL_THE_TIME = Life()
