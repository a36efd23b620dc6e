"""Durations as people write them: ``2s``, ``5min``, ``1.5h``, ``7d``; kept as seconds."""

from __future__ import annotations

import math
import re
from typing import Annotated

from pydantic import BeforeValidator

_UNITS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_FORM = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|min|h|d)")
_FORM_TOLD = "a number and ms, s, min, h or d, like 300s or 5min"
MAX_SECONDS = 366 * 86400.0


def parse_duration(value: object) -> float:
    """Seconds of ``"300s"``, ``"5min"``, ``"2h"`` or a bare number of seconds.

    Raises:
        ValueError: not such a text, negative, not finite or longer than a year.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"a duration is {_FORM_TOLD}")
    if isinstance(value, str):
        match = _FORM.fullmatch(value.strip())
        if match is None:
            raise ValueError(f"{_short(value)} is not a duration: write {_FORM_TOLD}")
        seconds = float(match[1]) * _UNITS[match[2]]
    else:
        # Compared before it is converted: an int may be too large for a float.
        seconds = float(value) if 0 <= value <= MAX_SECONDS else math.nan
    if not 0 <= seconds <= MAX_SECONDS:
        raise ValueError(f"duration {_short(value)} must lie between 0 and 366 days")
    return seconds


Duration = Annotated[float, BeforeValidator(parse_duration)]
"""Seconds; accepts ``"300s"``, ``"5min"`` … in YAML."""


def _short(value: float | str) -> str:
    shown = repr(value) if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)[:40]
    return shown if len(shown) <= 40 else shown[:39] + "…"
