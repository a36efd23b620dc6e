"""When a camera is tried again."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.core.errors import AddressError, AuthError, MediaError, SourceError, UnreachableError
from brain.core.types import CameraState
from brain.video.backoff import AFTER_REFUSALS_S, LONGEST_S, Retry, state_after

AWAY, REFUSED = UnreachableError("away"), AuthError("wrong password")
errors = st.sampled_from([AWAY, REFUSED, MediaError("no video"), AddressError("outside")])


def after(*failures: SourceError) -> Retry:
    retry = Retry()
    for error in failures:
        retry = retry.failed(error)
    return retry


@pytest.mark.parametrize(
    ("failures", "longest"), [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 32), (7, 60), (8, 60), (5000, 60)]
)
def test_waits_double_up_to_a_minute(failures: int, longest: float) -> None:
    retry = Retry(failures)
    waits = [retry.wait_s(random.Random(seed)) for seed in range(200)]
    assert all(0.8 * longest <= wait <= longest for wait in waits)
    assert max(waits) - min(waits) > 0.1 * longest  # spread, so that a hall of cameras does not come back at once


def test_the_first_refused_password_is_tried_again_soon() -> None:
    assert after(REFUSED).wait_s(random.Random(1)) <= 1


@given(st.lists(errors, max_size=8), st.integers())
def test_after_two_refusals_in_a_row_a_camera_is_left_alone(earlier: list[SourceError], seed: int) -> None:
    wait = after(*earlier, REFUSED, REFUSED).wait_s(random.Random(seed))
    assert AFTER_REFUSALS_S <= wait <= 1.2 * AFTER_REFUSALS_S


@given(st.lists(errors, min_size=1, max_size=30), st.integers())
def test_any_history(history: list[SourceError], seed: int) -> None:
    retry = after(*history)
    assert retry.failures == len(history)
    refusals = sum(error is REFUSED for error in history)
    left_alone = refusals >= 2 and history[-1] is REFUSED
    assert retry.refusals == refusals
    wait = retry.wait_s(random.Random(seed))
    assert wait == retry.wait_s(random.Random(seed))
    assert 0.8 <= wait <= (1.2 * AFTER_REFUSALS_S if left_alone else LONGEST_S)


def test_another_failure_in_between_does_not_undo_a_refusal() -> None:
    """A flaky network must not let a wrong password be tried until the camera locks its account."""
    assert after(REFUSED, AWAY, REFUSED).wait_s(random.Random(1)) >= AFTER_REFUSALS_S
    assert after(REFUSED, REFUSED, AWAY).wait_s(random.Random(1)) <= LONGEST_S


def test_success_forgets() -> None:
    assert Retry() == Retry(0, 0)
    assert after(AWAY, AWAY, AWAY).failures == 3


@pytest.mark.parametrize(
    ("error", "was_live", "state"),
    [
        (REFUSED, False, CameraState.REFUSED),
        (REFUSED, True, CameraState.REFUSED),
        (AWAY, False, CameraState.UNREACHABLE),
        (AWAY, True, CameraState.STALLED),
        (MediaError("x"), False, CameraState.UNREACHABLE),
        (MediaError("x"), True, CameraState.STALLED),
    ],
)
def test_what_people_see(error: SourceError, was_live: bool, state: CameraState) -> None:
    assert state_after(error, was_live=was_live) is state
