"""What was worked out before and comes out the same again: the most recently used of it are kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
V = TypeVar("V")


class Kept(Generic[V]):
    """Results by key, the least recently used given up first.

    A key must hold all that a result depends on, so that it never matters whether one was kept or is made anew.

    Args:
        most: how many are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: OrderedDict[Hashable, V] = OrderedDict()

    def get(self, key: Hashable | None, make: Callable[P, V], *given: P.args, **named: P.kwargs) -> V:
        """The result of a key, made from what is given when it is not known; with no key it is made and not kept."""
        if key is None:
            return make(*given, **named)
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        made = self._known[key] = make(*given, **named)
        if len(self._known) > self._most:
            self._known.popitem(last=False)
        return made
