"""What one picture costs before and after an export: CPU time on one thread, so that a busy machine counts little."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from brain.inference.cards import Card
from brain.inference.runtimes import Runtime

RUNS = 7


def cpu_milliseconds(
    runtimes: Sequence[tuple[Runtime, Card]], clock: Callable[[], float] = time.process_time
) -> tuple[float, ...]:
    """CPU milliseconds per picture of each network: the best of seven runs, taken in turns after one that warms up."""
    best = [float("inf")] * len(runtimes)
    for turn in range(RUNS + 1):
        for place, (runtime, card) in enumerate(runtimes):
            batch = np.full((1, 3, card.input.height, card.input.width), 0.4, np.float32)
            begin = clock()
            runtime.run(batch, card.output.names)
            if turn:
                best[place] = min(best[place], (clock() - begin) * 1e3)
    return tuple(best)
