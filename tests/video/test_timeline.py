"""Media time goes on, whatever stamps a camera sends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brain.video.timeline import FEW_FRAMES, JUMP_S, REORDER_S, Timeline

RTP_WRAP_S = 2**32 / 90_000


def run(timeline: Timeline, stamps: list[float | None], arrivals: list[float] | None = None) -> list[float]:
    times = arrivals if arrivals is not None else [0.04 * k for k in range(len(stamps))]
    return [timeline.media_time(stamp, arrival) for stamp, arrival in zip(stamps, times, strict=True)]


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("base", [0.0, 1.8e9])
def test_steady_stamps_keep_their_distances(live: bool, base: float) -> None:
    timeline = Timeline(base, live)
    times = run(timeline, [7.5 + 0.04 * k for k in range(100)])
    assert times == pytest.approx([base + 0.04 * k for k in range(100)])
    assert timeline.rebased == 0


def test_reordered_stamps_stay_reordered() -> None:
    timeline = Timeline(0.0, live=False)
    assert run(timeline, [0.0, 0.16, 0.08, 0.04, 0.12]) == pytest.approx([0.0, 0.16, 0.08, 0.04, 0.12])
    assert timeline.rebased == 0


@pytest.mark.parametrize(
    ("name", "stamps", "arrivals", "expected", "rebased"),
    [
        ("forward jump", [0, 0.04, 3600, 3600.04], [0, 0.04, 0.08, 0.12], [0, 0.04, 0.08, 0.12], 1),
        ("backward jump", [500, 500.04, 3, 3.04], [0, 0.04, 0.08, 0.12], [0, 0.04, 0.08, 0.12], 1),
        ("stall of the camera and its clock", [0, 0.04, 0.08], [0, 0.04, 8], [0, 0.04, 8], 1),
        ("stall that the stamps tell as well", [0, 0.04, 30, 30.04], [0, 0.04, 30, 30.04], [0, 0.04, 30, 30.04], 0),
        ("late, then at once", [0, 0.04, 2, 2.04], [0, 0.04, 4, 4.0], [0, 0.04, 2, 2.04], 0),
        ("no stamps", [None, None, None], [0, 0.5, 0.7], [0, 0.5, 0.7], 0),
        ("some missing", [0, None, None, 0.12], [0, 0.04, 0.08, 0.12], [0, 0.04, 0.08, 0.12], 0),
        ("long missing", [0, *[None] * 10, 10], [*range(11), 10], [*range(11), 10], 0),
        ("stamps come later", [None, None, 500, 500.5], [0, 1, 2, 2.5], [0, 1, 2, 2.5], 0),
        ("equal stamps", [1, 1, 1], [0, 0.04, 0.08], [0, 0, 0], 0),
    ],
)
def test_live(
    name: str, stamps: list[float | None], arrivals: list[float], expected: list[float], rebased: int
) -> None:
    timeline = Timeline(100.0, live=True)
    assert run(timeline, stamps, arrivals) == pytest.approx([100 + value for value in expected]), name
    assert timeline.rebased == rebased


@pytest.mark.parametrize(
    ("name", "stamps", "expected", "rebased"),
    [
        ("forward jump", [0, 0.04, 3600, 3600.04], [0, 0.04, 0.08, 0.12], 1),
        ("backward jump", [500, 500.04, 3, 3.04], [0, 0.04, 0.08, 0.12], 1),
        ("a gap of a few seconds", [0, 0.04, 4, 4.04], [0, 0.04, 4, 4.04], 0),
        ("no stamps", [None, None, None], [0, 0.04, 0.08], 0),
        ("some missing", [0, None, None, 0.12], [0, 0.04, 0.08, 0.12], 0),
    ],
)
def test_files(name: str, stamps: list[float | None], expected: list[float], rebased: int) -> None:
    timeline = Timeline(0.0, live=False)
    assert run(timeline, stamps) == pytest.approx(expected), name
    assert timeline.rebased == rebased


def test_pictures_far_apart_are_no_jump_in_a_file_made_so() -> None:
    timeline = Timeline(0.0, live=False, nominal_s=10.0)
    assert run(timeline, [0, 10, 40, 20, 30]) == [0, 10, 40, 20, 30]
    assert timeline.rebased == 0


@pytest.mark.parametrize("live", [True, False])
def test_the_wrap_of_32_bit_stamps(live: bool) -> None:
    timeline = Timeline(0.0, live)
    stamps: list[float | None] = [(RTP_WRAP_S - 2 + 0.04 * k) % RTP_WRAP_S for k in range(200)]
    times = run(timeline, stamps)
    assert times == pytest.approx([0.04 * k for k in range(200)], abs=0.05)
    assert timeline.rebased == 1


def test_stamps_that_creep_back_do_not_take_media_time_along() -> None:
    # Each step is small enough for reordered frames; together they are not.
    for live in (True, False):
        times = run(Timeline(0.0, live), [100 - 1.5 * k for k in range(50)])
        assert min(times) > -REORDER_S - 1e-6


stamp = st.one_of(
    st.none(), st.floats(0, 10), st.floats(0, 1e5), st.sampled_from([0.0, 1e9, -1e9, RTP_WRAP_S]), st.integers(0, 50)
)


@given(
    st.lists(st.tuples(stamp, st.floats(0, 8)), min_size=1, max_size=40),
    st.booleans(),
    st.sampled_from([0.0, 1.8e9]),
    st.sampled_from([0.02, 0.04, 1.0]),
)
def test_any_stamps(packets: list[tuple[float | None, float]], live: bool, base: float, nominal: float) -> None:
    timeline = Timeline(base, live, nominal)
    arrival, furthest = 0.0, base
    slack = max(REORDER_S, FEW_FRAMES * nominal) + 1e-5
    for number, (stamp_s, wait) in enumerate(packets):
        arrival += wait
        result = timeline.media_time(stamp_s, arrival)
        assert result >= furthest - slack, "went back by more than reordering explains"
        allowed = wait + JUMP_S if live else max(JUMP_S, FEW_FRAMES * nominal)
        if number:
            assert result <= furthest + max(allowed, nominal) + 1e-5, "jumped ahead"
        else:
            assert result == base
        furthest = max(furthest, result)


@given(st.lists(st.tuples(stamp, st.floats(0, 8)), max_size=40))
def test_files_do_not_ask_the_clock(packets: list[tuple[float | None, float]]) -> None:
    stamps = [one for one, _ in packets]
    slow, fast = Timeline(0.0, live=False), Timeline(0.0, live=False)
    arrivals = [sum(wait for _, wait in packets[: k + 1]) for k in range(len(packets))]
    assert run(slow, stamps, arrivals) == run(fast, stamps)


@pytest.mark.parametrize("rate", [2.0, 0.5, 1.02])
def test_a_camera_clock_that_runs_wrong_cannot_run_away(rate: float) -> None:
    """Ten minutes of a stream whose stamps run fast or slow: media time stays with the clock on the wall."""
    line = Timeline(1000.0, live=True)
    for step in range(15_000):
        now = step * 0.04
        media = line.media_time(now * rate, now)
        assert abs(media - 1000.0 - now) <= JUMP_S + 0.2
    assert line.rebased > 0
