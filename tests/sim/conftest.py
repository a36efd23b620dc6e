"""What tests of drawn scenes share: a stage that several scenes play on is painted once."""

from __future__ import annotations

import importlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator

import pytest

from brain.sim.stages.backdrop import Backdrop
from brain.sim.stages.plan import Plan

MOST = 40
RENDER = importlib.import_module("brain.sim.render")
"""The module; ``brain.sim.render`` is its function of the same name."""


def kept(draw: Callable[[Plan, int], Backdrop]) -> Callable[[Plan, int], Backdrop]:
    """The same painter; what it painted last is given again to whoever asks for the same stage, camera and stands."""
    known: OrderedDict[Hashable, Backdrop] = OrderedDict()

    def painted(plan: Plan, seed: int) -> Backdrop:
        key = (plan.name, seed, plan.camera, plan.stands)
        if key not in known:
            known[key] = draw(plan, seed)
        known.move_to_end(key)
        while len(known) > MOST:
            known.popitem(last=False)
        return known[key]

    return painted


@pytest.fixture(scope="session")
def kept_stages() -> Iterator[None]:
    """While a test asks for this, stages are painted once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RENDER, "backdrop", kept(RENDER.backdrop))
        yield
