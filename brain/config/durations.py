"""Durations as people write them: ``2s``, ``5min``, ``1.5h``, ``7d``; kept as seconds."""

from __future__ import annotations

import math
import re
from typing import Annotated

from pydantic import BeforeValidator

_UNITS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_FORM = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|min|h|d)")
MAX_SECONDS = 366 * 86400.0


def parse_duration(value: object) -> float:
    """Seconds of ``"300s"``, ``"5min"``, ``"2h"`` or a bare number of seconds.

    Raises:
        ValueError: not such a text, negative, not finite or longer than a year.
    """
    if isinstance(value, bool):
        raise ValueError("a duration is a text like 300s or 5min, not true or false")
    if isinstance(value, int | float):
        seconds = float(value)
    else:
        match = _FORM.fullmatch(str(value).strip())
        if match is None:
            raise ValueError(
                f"{str(value)!r} is not a duration: write a number and ms, s, min, h or d, like 300s or 5min"
            )
        seconds = float(match[1]) * _UNITS[match[2]]
    if not math.isfinite(seconds) or not 0 <= seconds <= MAX_SECONDS:
        raise ValueError(f"duration {value!r} must lie between 0 and 366 days")
    return seconds


Duration = Annotated[float, BeforeValidator(parse_duration)]
"""Seconds; accepts ``"300s"``, ``"5min"`` … in YAML."""
