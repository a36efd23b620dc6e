from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.rules.watch import Watch, WatchState

STEPS = st.lists(st.tuples(st.floats(0, 500, allow_nan=False), st.booleans()), min_size=1, max_size=60)


def run(cadence: float, samples: list[tuple[float, bool]]) -> list[float]:
    watch, watched = Watch(cadence), []
    state = watch.start()
    for pts_s, judged in samples:
        state, now = watch.step(state, pts_s, judged)
        watched.append(now.watched_s)
    return watched


@pytest.mark.parametrize(
    ("cadence", "samples", "expected"),
    [
        (2, [(0, True), (2, True), (4, True)], [0, 2, 4]),
        (2, [(7, True), (9, True)], [0, 2]),
        # rarer samples count whole up to max(3 x cadence, 10 s); beyond that one cadence
        (2, [(0, True), (10, True), (20.5, True)], [0, 10, 12]),
        (5, [(0, True), (15, True), (30.1, True)], [0, 15, 20]),
        # an unknown sample adds nothing, and the step after it one cadence at most
        (2, [(0, True), (2, False), (4, False), (6, True), (8, True)], [0, 0, 0, 2, 4]),
        (2, [(0, True), (2, False), (9, True)], [0, 0, 2]),
        (2, [(0, False), (2, True), (4, True)], [0, 2, 4]),
        # a small step back is ignored, a large one starts a new time base
        (2, [(10, True), (9, True), (12, True)], [0, 0, 2]),
        (2, [(100, True), (0, True), (2, True)], [0, 0, 2]),
    ],
)
def test_table(cadence: float, samples: list[tuple[float, bool]], expected: list[float]) -> None:
    assert run(cadence, samples) == pytest.approx(expected)


@given(STEPS, st.floats(0.1, 60))
def test_never_runs_in_a_gap_nor_back(steps: list[tuple[float, bool]], cadence: float) -> None:
    pts_s, samples = 0.0, []
    for step, judged in steps:
        pts_s += step
        samples.append((pts_s, judged))
    watched = run(cadence, samples)
    limit = max(3 * cadence, 10.0)
    for (before, b), (after, a), old, new in zip(samples, samples[1:], watched, watched[1:], strict=False):
        step = after - before
        assert new >= old
        assert new - old <= step + 1e-9
        if not a:
            assert new == old
        if step > limit or not b:
            assert new - old <= cadence + 1e-9


@given(STEPS, st.floats(0.1, 60))
def test_state_survives_json(steps: list[tuple[float, bool]], cadence: float) -> None:
    watch = Watch(cadence)
    state, kept, pts_s = watch.start(), watch.start(), 0.0
    for step, judged in steps:
        pts_s += step
        state, now = watch.step(state, pts_s, judged)
        kept, again = watch.step(WatchState.model_validate_json(kept.model_dump_json()), pts_s, judged)
        assert (kept, again) == (state, now)


@pytest.mark.parametrize("cadence", [0.0, -1.0, float("nan")])
def test_cadence_must_be_positive(cadence: float) -> None:
    with pytest.raises(ValueError, match="cadence"):
        Watch(cadence)
