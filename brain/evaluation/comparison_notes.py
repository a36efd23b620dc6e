"""What two runs cannot be compared on, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath

from brain.evaluation.comparison_pairs import RunSide
from brain.evaluation.judgement import LeftOut


def left_out_lines(a: RunSide, b: RunSide, others: Iterable[LeftOut]) -> tuple[str, ...]:
    """Each thing that is not compared, once.

    Args:
        others: what pairing the runs has left out.
    """
    notes = [*others, *_in_neither(a, b), *_not_judged(a, b), *_one_sided(a, b)]
    return tuple(dict.fromkeys(_line(item) for item in notes))


def error_lines(a: RunSide, b: RunSide) -> tuple[str, ...]:
    """What has to be mended; what both runs meet, a mistake of the truth file, once.

    That a run lacks a clip of the truth is no mistake here: only clips of both are compared.
    """
    of_a, of_b = ([_line(item) for item in side.judgement.left_out if _is_own_error(item, side)] for side in (a, b))
    both = [line for line in of_a if line in of_b]
    first = [f"first run: {line}" for line in of_a if line not in both]
    second = [f"second run: {line}" for line in of_b if line not in both]
    return tuple(dict.fromkeys([*both, *first, *second]))


def _one_sided(a: RunSide, b: RunSide) -> list[LeftOut]:
    """Scenarios that only one of the runs is judged on."""
    ours, theirs = a.judgement.scenarios, b.judgement.scenarios
    first = [
        LeftOut("", name, "not compared: only the first run is judged on it") for name in ours if name not in theirs
    ]
    second = [
        LeftOut("", name, "not compared: only the second run is judged on it") for name in theirs if name not in ours
    ]
    return [*first, *second]


def _not_judged(a: RunSide, b: RunSide) -> list[LeftOut]:
    """Clips that count for nothing in one of the runs, without being a mistake."""
    every = [*a.judgement.left_out, *b.judgement.left_out]
    return [item for item in every if not item.scenario and not item.is_error]


def _in_neither(a: RunSide, b: RunSide) -> list[LeftOut]:
    """Clips that the truth speaks of and neither run has."""

    def lacking(side: RunSide) -> list[str]:
        return [item.clip for item in side.judgement.left_out if item.is_error and not _is_own_error(item, side)]

    of_b = set(lacking(b))
    return [LeftOut(name, "", "not compared: neither run has it") for name in lacking(a) if name in of_b]


def _is_own_error(item: LeftOut, side: RunSide) -> bool:
    """An error that is not about a clip which the run does not have."""
    known = {clip.id for clip in side.header.clips} | {PurePath(clip.path).name for clip in side.header.clips}
    return item.is_error and (not item.clip or bool({item.clip, PurePath(item.clip).name} & known))


def _line(item: LeftOut) -> str:
    place = ", ".join(part for part in (item.clip, item.scenario) if part)
    return f"{place}: {item.why}" if place else item.why
