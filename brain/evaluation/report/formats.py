"""Figures as people read them. Pure."""

from __future__ import annotations

from brain.evaluation.figures import Interval

NOTHING = "–"


def percent(share: float | None) -> str:
    """A share 0–1 as ``91.7 %``; a dash for none."""
    return NOTHING if share is None else f"{_trimmed(100 * share, 1)} %"


def percent_interval(interval: Interval | None) -> str:
    """``62.1–98.4 %``; empty for none."""
    return "" if interval is None else f"{_trimmed(100 * interval.low, 1)}–{_trimmed(100 * interval.high, 1)} %"


def number(value: float | None, digits: int = 2) -> str:
    """A number with at most ``digits`` after the point, more for small ones so that they are not 0; a dash for none."""
    if value is None:
        return NOTHING
    if value and abs(value) < 10**-digits:
        return f"{value:.1g}" if abs(value) >= 1e-4 else f"{value:.0e}"
    return _trimmed(value, digits)


def number_interval(interval: Interval | None) -> str:
    """``0.026–0.37``; empty for none."""
    return "" if interval is None else f"{number(interval.low)}–{number(interval.high)}"


def seconds(value: float | None, otherwise: str = NOTHING) -> str:
    """``12.5 s``; ``otherwise`` for none."""
    return otherwise if value is None else f"{_trimmed(value, 1)} s"


def clock(value: float) -> str:
    """A moment of a recording: ``0:18.2``, ``1:02:03.5``."""
    tenths = round(max(0.0, value) * 10)
    minutes, tenths = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    rest = f"{tenths / 10:04.1f}"
    return f"{hours}:{minutes:02}:{rest}" if hours else f"{minutes}:{rest}"


def axis_time(value: float) -> str:
    """A mark of a time axis: ``15 s``, ``5 min``, ``2 h``."""
    for unit, name in ((3600, "h"), (60, "min")):
        if value >= unit and value % unit == 0:
            return f"{value / unit:g} {name}"
    return clock(value).removesuffix(".0") if value >= 60 else f"{value:g} s"


def hours(value: float) -> str:
    """A duration in hours as ``26.4 h``, a short one as ``3.2 min``."""
    return f"{_trimmed(value, 1)} h" if value >= 1 else f"{_trimmed(value * 60, 1)} min"


def size(count: int) -> str:
    """Bytes as ``1.2 MB``."""
    return f"{count / 1e6:.1f} MB" if count >= 100_000 else f"{count / 1e3:.1f} kB"


def _trimmed(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text.replace("-", "−")
