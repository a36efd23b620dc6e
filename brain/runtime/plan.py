"""The shard plan: which cameras a worker watches. Pure."""

from __future__ import annotations

import os
from collections.abc import Sequence


def worker_count(wished: int, cameras: int) -> int:
    """How many workers: as wished, else one per core; never more than cameras."""
    cores = len(os.sched_getaffinity(0))
    return max(1, min(wished or cores, cameras))


def shards(cameras: Sequence[str], workers: int) -> tuple[tuple[str, ...], ...]:
    """Deals the cameras out evenly, in order, so that the same settings give the same shards."""
    return tuple(tuple(cameras[i::workers]) for i in range(workers))
