"""What weights cost: CPU time per picture on one thread, in each runtime and form, beside others in the same run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import cv2

from brain.core.errors import BrainError
from brain.core.types import Picture
from brain.inference.library import Weights
from brain.inference.model import Model, load_model
from brain.inference.runtimes import RuntimeName

ROUNDS = 15
Clock = Callable[[], float]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class WeightsCost:
    """What one file costs in one runtime.

    Attributes:
        id: of the weights; ``ID.NAME`` is another form.
        ms_per_picture: median CPU milliseconds of preparing a picture, network and decoding; ``None`` where it failed.
        ratio: that divided by the same of the weights beside, in the same runtime; ``None`` where either failed.
        problem: why it failed; empty where it did not.
    """

    id: str
    file: str
    runtime: RuntimeName
    input: str
    layout: str
    ms_per_picture: float | None = None
    ratio: float | None = None
    problem: str = ""


def measure_weights(
    weights: Sequence[Weights],
    beside: Weights | None,
    runtimes: Sequence[RuntimeName],
    picture: Picture,
    *,
    rounds: int = ROUNDS,
    progress: Progress = lambda _done, _all: None,
    clock: Clock = time.process_time,
) -> list[WeightsCost]:
    """The cost of each of ``weights`` in each runtime; files that fail are named and the others measured.

    Each round runs all of them once, one after the other, so that a busy moment of the machine hits all alike; each
    round begins with the next one, so that none always runs after the same neighbour. One round goes before, uncounted.

    Args:
        beside: measured as well, for the ratio; it may be one of ``weights``.
        picture: what they look at.
        clock: seconds of CPU time of this process, all its threads.
    """
    every = list(weights)
    if beside is not None and beside not in every:
        every.append(beside)
    models: dict[tuple[int, RuntimeName], Model] = {}
    problems: dict[tuple[int, RuntimeName], str] = {}
    for place, one in enumerate(every):
        for runtime in runtimes:
            try:
                models[place, runtime] = load_model(one, runtime=runtime)
            except BrainError as error:
                problems[place, runtime] = error.line
    with _one_thread():
        costs = _rounds(models, problems, picture, rounds, progress, clock)
    base = None if beside is None else every.index(beside)
    return [
        _cost(
            every[place],
            runtime,
            costs.get((place, runtime)),
            costs.get((base, runtime)) if base is not None else None,
            problems.get((place, runtime), ""),
        )
        for place in range(len(weights))
        for runtime in runtimes
    ]


def _rounds(
    models: dict[tuple[int, RuntimeName], Model],
    problems: dict[tuple[int, RuntimeName], str],
    picture: Picture,
    rounds: int,
    progress: Progress,
    clock: Clock,
) -> dict[tuple[int, RuntimeName], float]:
    """Median seconds a picture of each model; one that fails is moved to ``problems``."""
    spent: dict[tuple[int, RuntimeName], list[float]] = {key: [] for key in models}
    for number in range(rounds + 1):
        keys = list(spent)
        first = number % max(1, len(keys))
        for key in (*keys[first:], *keys[:first]):
            begin = clock()
            try:
                models[key].detect(picture)
            except BrainError as error:
                problems[key] = error.line
                del spent[key]
                continue
            cost = clock() - begin
            if number:
                spent[key].append(cost)
        progress(number, rounds)
    return {key: statistics.median(values) for key, values in spent.items()}


def _cost(weights: Weights, runtime: RuntimeName, cost: float | None, base: float | None, problem: str) -> WeightsCost:
    card = weights.card
    return WeightsCost(
        id=card.id,
        file=str(weights.file),
        runtime=runtime,
        input=f"{card.input.width}x{card.input.height}",
        layout=card.layout.value,
        ms_per_picture=None if cost is None else round(cost * 1e3, 3),
        ratio=None if cost is None or not base else round(cost / base, 3),
        problem=problem,
    )


@contextmanager
def _one_thread() -> Iterator[None]:
    """OpenCV, which shrinks the pictures, keeps to one thread as the runtimes do."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)
