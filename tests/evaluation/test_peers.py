"""The figures of others, against cases worked by hand from their published definitions."""

from __future__ import annotations

from itertools import pairwise
from math import sqrt
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brain.evaluation.peers import (
    Instance,
    align,
    det_points,
    ilids_f,
    n_mide,
    naudc,
    naudc_at_tfa,
    ndcr,
    pmiss,
    rfa,
    s4,
    s4_of,
    tfa,
    weighted_pmiss,
)

# One file of ten minutes, scored from end to end.
FOOTAGE = {"f": [(0.0, 600.0)]}


def truth(begin_s: float, end_s: float, file: str = "f") -> Instance:
    return Instance(file, begin_s, end_s)


def system(begin_s: float, end_s: float, confidence: float = 0.5, file: str = "f") -> Instance:
    return Instance(file, begin_s, end_s, confidence)


# The case that the next tests work through. Truth: 60 + 10 + 0.6 + 60 = 130.6 s, so 600 - 130.6 = 469.4 s without.
A, B, C, D = truth(100, 160), truth(200, 210), truth(300, 300.6), truth(400, 460)
# Confidences on 0-1: (x - 0.3) / (0.9 - 0.3); similarity = 1 + that.
S1 = system(110, 170, 0.9)  # 50 s of A, similarity 2
S2 = system(209.5, 230, 0.8)  # 0.5 s of B: B lasts 1 s or more, so 1 s would be needed: not allowed
S3 = system(300.3, 320, 0.5)  # 0.3 s of C, which lasts 0.6 s: half of it, allowed, similarity 1.33
S4 = system(500, 520, 0.3)  # touches nothing
S5 = system(120, 130, 0.6)  # 10 s of A, similarity 1.5: S1 has more
TRUTHS = [A, B, C, D]
SYSTEMS = [S1, S2, S3, S4, S5]
IDLE = 469.4


def test_actev_alignment() -> None:
    found = align(TRUTHS, SYSTEMS)
    assert found.pairs == ((A, S1), (C, S3))
    assert found.missed == (B, D)
    assert found.false == (S5, S2, S4)


@pytest.mark.parametrize(
    ("one", "other", "allowed"),
    [
        (truth(100, 160), system(159, 200), True),  # 1 s of overlap
        (truth(100, 160), system(159.1, 200), False),  # 0.9 s
        (truth(100, 101), system(100, 101), True),  # a truth of 1 s needs all of it
        (truth(100, 101), system(100.1, 101), False),
        (truth(100, 100.8), system(100.4, 120), True),  # a shorter one needs half
        (truth(100, 100.8), system(100.5, 120), False),
        (truth(100, 160), system(160, 200), False),
        (truth(100, 160), system(100, 160, file="g"), False),  # another file
    ],
)
def test_actev_kernel(one: Instance, other: Instance, allowed: bool) -> None:
    assert len(align([one], [other]).pairs) == allowed


def test_actev_takes_the_greatest_sum_of_similarities() -> None:
    """One system covers both truths, the other only the first: both pairs together are worth more than the best one."""
    both, first = system(100, 230, 0.9), system(100, 160, 0.1)
    found = align([A, B], [both, first])
    assert set(found.pairs) == {(A, first), (B, both)}


@pytest.mark.parametrize(
    ("missed", "truths", "expected", "weighted"),
    [
        (2, 4, 0.5, 10 / 14),  # (2 + 8) / (4 + 10)
        (0, 4, 0.0, 8 / 14),
        (4, 4, 1.0, 12 / 14),
        (0, 0, None, None),
    ],
)
def test_pmiss(missed: int, truths: int, expected: float | None, weighted: float | None) -> None:
    assert pmiss(missed, truths) == expected
    assert weighted_pmiss(missed, truths) == weighted


@pytest.mark.parametrize(
    ("false", "footage", "expected"),
    [
        (3, FOOTAGE, 0.3),  # 3 in 10 minutes
        (0, FOOTAGE, 0.0),
        (3, {"f": [(0.0, 100.0), (200.0, 260.0)], "g": [(0.0, 20.0)]}, 1.0),  # 3 in 100 + 60 + 20 s = 3 minutes
        (3, {}, None),
    ],
)
def test_rfa(false: int, footage: Any, expected: float | None) -> None:
    assert rfa(false, footage) == expected


@pytest.mark.parametrize(
    ("systems", "excess"),
    [
        ([], 0),
        ([S1], 10),  # 160-170; within A it is no more than there is
        ([S1, S5], 20),  # 120-130: two systems, one truth
        ([S1, S2], 30),  # 210-230
        ([S3], 19.4),  # 300.6-320
        ([S4], 20),
        ([S4, S4], 40),  # counted once for each instance
        (SYSTEMS, 79.4),  # 10 + 10 + 20 + 19.4 + 20
    ],
)
def test_tfa(systems: list[Instance], excess: float) -> None:
    assert tfa(TRUTHS, systems, FOOTAGE) == pytest.approx(excess / IDLE)


def test_tfa_counts_scored_time_only() -> None:
    # Scored 0-165 and 505-600 s: 260 s, of which A takes 60; S1 has 5 s beyond A, S4 15 s from 505 on.
    footage = {"f": [(0.0, 165.0), (505.0, 600.0)]}
    assert tfa(TRUTHS, [S1, S4], footage) == pytest.approx((5 + 15) / (260 - 60))
    assert tfa([truth(0, 600)], [S1], FOOTAGE) is None


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([(A, A)], 0.0),
        ([(A, S1)], 10 / 60 + 10 / 540),  # 100-110 missed; 160-170 extra of the 600 - 60 s without A
        ([(C, S3)], 0.3 / 0.6 + 19.4 / 599.4),
        ([(A, S1), (C, S3)], (10 / 60 + 10 / 540 + 0.3 / 0.6 + 19.4 / 599.4) / 2),
        ([(truth(0, 600), S1)], None),  # no time without it: rejected
        ([], None),
    ],
)
def test_n_mide(pairs: list[tuple[Instance, Instance]], expected: float | None) -> None:
    assert n_mide(pairs, FOOTAGE) == (None if expected is None else pytest.approx(expected))


def test_actev_curve() -> None:
    """Systems come in by confidence: S1 0.9, S2 0.8, S5 0.6, S3 0.5, S4 0.3; the pairs stay as they are."""
    mide = 10 / 60 + 10 / 540
    both = (mide + 0.3 / 0.6 + 19.4 / 599.4) / 2
    table = [
        # confidence, Pmiss, wPmiss, false per 10 min, excess s, N-MIDE
        (0.9, 0.75, 11 / 14, 0, 10.0, mide),
        (0.8, 0.75, 11 / 14, 1, 30.0, mide),
        (0.6, 0.75, 11 / 14, 2, 40.0, mide),
        (0.5, 0.5, 10 / 14, 2, 59.4, both),
        (0.3, 0.5, 10 / 14, 3, 79.4, both),
    ]
    points = det_points(TRUTHS, SYSTEMS, FOOTAGE)
    assert [point.confidence for point in points] == [row[0] for row in table]
    for point, row in zip(points, table, strict=True):
        assert (point.pmiss, point.weighted_pmiss, point.rfa) == pytest.approx((row[1], row[2], row[3] / 10))
        assert (point.tfa, point.n_mide) == pytest.approx((row[4] / IDLE, row[5]))


def test_actev_naudc_of_the_case() -> None:
    """With u = 1/469.4 the curve is (0, 1) (10u, .75) (30u, .75) (40u, .75) (59.4u, .5) (79.4u, .5), level to 0.2."""
    u = 1 / IDLE
    area = (
        10 * u * (1 + 0.75) / 2
        + 20 * u * 0.75
        + 10 * u * 0.75
        + 19.4 * u * (0.75 + 0.5) / 2
        + 20 * u * 0.5
        + (0.2 - 79.4 * u) * 0.5
    )
    assert area == pytest.approx(0.129133, abs=1e-6)
    assert naudc_at_tfa(TRUTHS, SYSTEMS, FOOTAGE) == pytest.approx(area / 0.2)


@pytest.mark.parametrize(
    ("curve", "expected"),
    [
        ([], 1.0),  # a system that says nothing
        ([(0.0, 0.0)], 0.0),  # everything found without a false alarm
        ([(0.0, 0.5)], 0.5),
        ([(0.0, 0.6), (0.0, 0.2)], 0.2),  # straight down at no false alarm
        ([(0.2, 0.0)], 0.5),  # a triangle
        ([(0.1, 0.5), (0.3, 0.1)], (0.1 * 0.75 + 0.1 * (0.5 + 0.3) / 2) / 0.2),  # cut at 0.2, where it is 0.3
        ([(0.4, 0.0)], (1 + 0.5) / 2),  # (0, 1) to (0.4, 0): 0.5 at the limit
    ],
)
def test_naudc(curve: list[tuple[float, float]], expected: float) -> None:
    assert naudc(curve) == pytest.approx(expected)


def test_naudc_of_a_run() -> None:
    assert naudc_at_tfa([], [S4], FOOTAGE) is None
    assert naudc_at_tfa(TRUTHS, [], FOOTAGE) == 1.0
    assert naudc_at_tfa([A], [A], FOOTAGE) == 0.0
    assert naudc_at_tfa([truth(0, 600)], [system(0, 600)], FOOTAGE) is None


def test_ai_city_s4_of_the_2020_winner() -> None:
    """0.9855 x (1 - 4.8737 / 300) = 0.9855 x 0.983754 = 0.9695."""
    assert s4_of(0.9855, 4.8737) == pytest.approx(0.9695, abs=5e-5)


@pytest.mark.parametrize(
    ("truths", "systems", "expected"),
    [
        ([A], [system(100, 200)], 1.0),
        # 6 s off: F1 = 1, RMSE = 6
        ([A], [system(106, 200)], 1 - 6 / 300),
        ([A], [system(90, 200)], 1 - 10 / 300),
        ([A], [system(89.9, 200)], 0.0),  # more than 10 s off: a miss and a false alarm
        # two of three found, 3 and 4 s off, one false: F1 = 4 / (3 + 3), RMSE = sqrt((9 + 16) / 2)
        ([A, B, D], [system(103, 150), system(196, 260), system(500, 510)], 4 / 6 * (1 - sqrt(12.5) / 300)),
        ([A], [system(101, 150), system(102, 150)], 2 / 3 * (1 - 1 / 300)),  # one to one
        ([A], [system(100, 160, file="g")], 0.0),
        ([A], [], 0.0),
        ([], [S1], None),
    ],
)
def test_ai_city_s4(truths: list[Instance], systems: list[Instance], expected: float | None) -> None:
    assert s4(truths, systems) == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("missed", "per_hour", "expected"), [(0.5, 10, 0.55), (1.0, 0, 1.0), (0.0, 200, 1.0), (0.0, 0, 0.0)]
)
def test_trecvid_ndcr(missed: float, per_hour: float, expected: float) -> None:
    assert ndcr(missed, per_hour) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("recall", "precision", "role", "expected"),
    [
        (0.8, 0.5, "alerting", 1.65 * 0.4 / (0.8 + 0.65 * 0.5)),  # 0.66 / 1.125
        (0.8, 0.5, "recording", 61 * 0.4 / (0.8 + 60 * 0.5)),  # 24.4 / 30.8
        (1.0, 1.0, "alerting", 1.0),
        (0.0, 0.0, "alerting", 0.0),
        (None, 0.5, "alerting", None),
        (0.5, None, "recording", None),
    ],
)
def test_ilids_f(recall: float | None, precision: float | None, role: str, expected: float | None) -> None:
    assert ilids_f(recall, precision, role) == (None if expected is None else pytest.approx(expected))


def test_ilids_roles_weigh_the_way_they_say() -> None:
    sure, thorough = (0.5, 0.9), (0.9, 0.5)  # recall, precision
    assert ilids_f(*sure, "alerting") > ilids_f(*thorough, "alerting")  # type: ignore[operator]
    assert ilids_f(*sure, "recording") < ilids_f(*thorough, "recording")  # type: ignore[operator]


drawn = st.lists(
    st.tuples(st.sampled_from("fg"), st.integers(0, 500), st.integers(1, 99), st.integers(0, 9)).map(
        lambda row: Instance(row[0], row[1], row[1] + row[2], row[3] / 10)
    ),
    max_size=6,
)


@settings(max_examples=80)
@given(drawn, drawn, st.randoms(use_true_random=False))
def test_order_does_not_matter_and_figures_stay_in_range(
    truths: list[Instance], systems: list[Instance], random: Any
) -> None:
    footage = {"f": [(0.0, 600.0)], "g": [(0.0, 700.0)]}
    mixed_truths, mixed_systems = list(truths), list(systems)
    random.shuffle(mixed_truths)
    random.shuffle(mixed_systems)
    points = det_points(truths, systems, footage)
    assert points == det_points(mixed_truths, mixed_systems, footage)
    false_alarms = [point.tfa for point in points if point.tfa is not None]
    assert false_alarms == sorted(false_alarms)
    if truths:
        area = naudc_at_tfa(truths, systems, footage)
        assert area is not None
        assert -1e-12 <= area <= 1 + 1e-12
        assert 0 <= (s4(truths, systems) or 0.0) <= 1


def plain_tfa(truths: list[Instance], systems: list[Instance], footage: Any) -> float | None:
    """The definition as it stands: every step of every file, and everything that is there in its middle."""
    excess = idle = 0.0
    for file, spans in footage.items():
        cuts = {moment for item in [*truths, *systems] if item.file == file for moment in (item.begin_s, item.end_s)}
        for begin, end in spans:
            for one, other in pairwise([begin, *sorted(cut for cut in cuts if begin < cut < end), end]):
                middle = (one + other) / 2
                there, said = (
                    sum(item.file == file and item.begin_s <= middle < item.end_s for item in items)
                    for items in (truths, systems)
                )
                excess += max(0, said - there) * (other - one)
                idle += 0.0 if there else other - one
    return excess / idle if idle > 0 else None


@settings(max_examples=80, deadline=None)
@given(drawn, drawn)
def test_the_sweep_is_the_definition(truths: list[Instance], systems: list[Instance]) -> None:
    footage = {"f": [(0.0, 120.5), (200.0, 330.25), (330.25, 420.0)], "g": [(10.0, 700.0)]}
    expected = plain_tfa(truths, systems, footage)
    assert tfa(truths, systems, footage) == (None if expected is None else pytest.approx(expected, abs=1e-9))
    for point in det_points(truths, systems, footage):
        counted = [item for item in systems if item.confidence >= point.confidence]
        expected = plain_tfa(truths, counted, footage)
        assert point.tfa == (None if expected is None else pytest.approx(expected, abs=1e-9))
        aligned = align(truths, systems)
        hits = [pair for pair in aligned.pairs if pair[1].confidence >= point.confidence]
        assert point.pmiss == pmiss(len(truths) - len(hits), len(truths))
        assert point.rfa == rfa(sum(item.confidence >= point.confidence for item in aligned.false), footage)
        mide = n_mide(hits, footage)
        assert point.n_mide == (None if mide is None else pytest.approx(mide, abs=1e-9))


def test_a_thousand_alarms_take_no_long_time() -> None:
    truths = [truth(80.0 * n, 80.0 * n + 30) for n in range(100)]
    systems = [system(8.0 * n + 1, 8.0 * n + 12, 0.3 + n / 2000) for n in range(1000)]
    began = process_time()
    area = naudc_at_tfa(truths, systems, {"f": [(0.0, 86400.0)]})
    assert process_time() - began < 5
    assert area is not None
    assert 0 <= area <= 1
