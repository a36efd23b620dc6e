"""Which class of the labels is which class of the weights: matched by name, or as the user says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from brain.core.errors import UsageError

_SHOWN = 12


@dataclass(frozen=True, slots=True)
class ClassMatch:
    """Classes that both sides know.

    Attributes:
        names: the weights' classes that are judged, in the weights' order.
        index: for each class of the labels its place in ``names``; ``None`` = left out.
        left_out_theirs: classes of the labels that the weights lack.
        left_out_ours: classes of the weights that the labels lack.
    """

    names: tuple[str, ...]
    index: tuple[int | None, ...]
    left_out_theirs: tuple[str, ...]
    left_out_ours: tuple[str, ...]


def match_classes(theirs: Sequence[str], ours: Sequence[str], maps: Sequence[str] = ()) -> ClassMatch:
    """Classes of the labels (theirs) held against those of the weights (ours).

    Names are the same if they differ in nothing but case, spaces, underscores and hyphens. ``maps`` come first, each
    ``theirs=ours``; several of theirs may become one of ours.

    Raises:
        UsageError: a map of another form, of a class that is not there, or of one class twice; a name that fits two
            classes of the weights; no class in common.
    """
    said = _parse(maps, theirs, ours)
    chosen = [said.get(name) or _same(name, ours) for name in theirs]
    names = tuple(name for name in ours if name in chosen)
    if not names:
        raise UsageError(
            f"labels and weights have no class in common: labels have {shown(theirs)}; weights have {shown(ours)}",
            remedy="say which is which with --map theirs=ours, e.g. "
            f"--map '{theirs[0] if theirs else 'car'}={ours[0]}', or name other weights",
        )
    return ClassMatch(
        names,
        tuple(None if name is None else names.index(name) for name in chosen),
        tuple(their for their, our in zip(theirs, chosen, strict=True) if our is None),
        tuple(name for name in ours if name not in names),
    )


def shown(names: Sequence[str]) -> str:
    """Some names for people: the first dozen and how many more."""
    rest = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "") or "none"


def _key(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter not in " _-\t")


def _same(name: str, ours: Sequence[str]) -> str | None:
    if name in ours:
        return name
    near = [our for our in ours if _key(our) == _key(name)]
    if len(near) > 1:
        raise UsageError(
            f"class {name!r} of the labels fits {near[0]!r} and {near[1]!r} of the weights",
            remedy=f"say which: --map '{name}={near[0]}'",
        )
    return near[0] if near else None


def _parse(maps: Sequence[str], theirs: Sequence[str], ours: Sequence[str]) -> dict[str, str]:
    said: dict[str, str] = {}
    for text in maps:
        their, mark, our = (part.strip() for part in text.partition("="))
        if not (their and mark and our):
            raise UsageError(
                f"--map {text!r} is no pair", remedy="write --map theirs=ours, e.g. --map motorbike=motorcycle"
            )
        name = _known(their, theirs, "labels")
        if name in said:
            raise UsageError(
                f"--map gives class {name!r} twice", remedy="one class of the labels can be one of ours only"
            )
        said[name] = _known(our, ours, "weights")
    return said


def _known(name: str, names: Sequence[str], side: str) -> str:
    found = _same_of(name, names)
    if found is not None:
        return found
    near = get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise UsageError(f"--map: the {side} have no class {name!r}", remedy=f"{hint}the {side} have: {shown(names)}")


def _same_of(name: str, names: Sequence[str]) -> str | None:
    return name if name in names else next((known for known in names if _key(known) == _key(name)), None)
