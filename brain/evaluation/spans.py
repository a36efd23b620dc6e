"""Spans of time: disjoint, in order, as (from, to) in seconds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Span = tuple[float, float]


def union(spans: Iterable[Span], low: float, high: float) -> tuple[Span, ...]:
    """The time that any of ``spans`` covers between ``low`` and ``high``; they may overlap and stand in any order."""
    found: list[Span] = []
    for begin, end in sorted((max(low, begin), min(high, end)) for begin, end in spans):
        if end <= begin:
            continue
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return tuple(found)


def without(spans: Sequence[Span], taken: Sequence[Span]) -> tuple[Span, ...]:
    """What is left of ``spans`` when ``taken`` is cut out of them; both disjoint and in order."""
    left: list[Span] = []
    for begin, end in spans:
        at = begin
        for cut_begin, cut_end in taken:
            if cut_end <= at or cut_begin >= end:
                continue
            if cut_begin > at:
                left.append((at, cut_begin))
            at = cut_end
        if at < end:
            left.append((at, end))
    return tuple(left)


def seconds(spans: Sequence[Span]) -> float:
    """How long they are together."""
    return sum(end - begin for begin, end in spans)


def contains(spans: Sequence[Span], moment: float) -> bool:
    """Whether the moment lies in one of them, ends included."""
    return any(begin <= moment <= end for begin, end in spans)


def covers(spans: Sequence[Span], begin: float, end: float) -> bool:
    """Whether one of them holds all from ``begin`` to ``end``."""
    return any(low <= begin and end <= high for low, high in spans)


def after_watching(begin: float, wanted: float, blind: Sequence[Span]) -> float:
    """The moment at which ``wanted`` seconds have been watched since ``begin``; time in ``blind`` does not count."""
    at = begin
    for low, high in blind:
        if high <= at:
            continue
        if low >= at + wanted:
            break
        wanted -= max(0.0, low - at)
        at = high
    return at + wanted
