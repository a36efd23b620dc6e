"""Intervals and tests against published values, against scipy's other functions, and against their own promises."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from brain.evaluation.statistics import (
    FEWEST_GROUPS,
    cluster_bootstrap,
    holm,
    mcnemar_exact,
    paired_bootstrap,
    paired_difference,
    paired_difference_of_sums,
    poisson_rate,
    rate_difference_p,
    wilson,
)

counts = st.integers(0, 300)
shares = st.tuples(counts, counts).map(lambda pair: (min(pair), max(pair)))


# Newcombe 1998 (Statistics in Medicine 17:857), table I, method 3, and the case of the research notes (18 of 20).
@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (18, 20, 0.6990, 0.9721),
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
    ],
)
def test_wilson_published(hits: int, n: int, low: float, high: float) -> None:
    found = wilson(hits, n)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_wilson_of_nothing() -> None:
    assert wilson(0, 0) is None
    with pytest.raises(ValueError, match="no share"):
        wilson(3, 2)
    with pytest.raises(ValueError, match="no share"):
        wilson(-1, 2)


@given(shares)
def test_wilson_solves_its_equation(pair: tuple[int, int]) -> None:
    """Each bound p is where |share - p| is exactly z standard errors of p."""
    hits, n = pair
    assume(n > 0)
    found = wilson(hits, n)
    assert found is not None
    assert 0 <= found.low <= hits / n <= found.high <= 1
    z = stats.norm.ppf(0.975)
    for bound in (found.low, found.high):
        assert abs(hits / n - bound) == pytest.approx(z * math.sqrt(bound * (1 - bound) / n), abs=1e-9)


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))))
def test_wilson_rises_with_hits(pair: tuple[int, int]) -> None:
    hits, n = pair
    fewer, more = wilson(hits, n), wilson(hits + 1, n)
    assert fewer is not None
    assert more is not None
    assert fewer.low < more.low
    assert fewer.high < more.high


@pytest.mark.parametrize(
    ("count", "hours", "low", "high"),
    # Garwood 1936 for one unit of exposure; the others from the research notes.
    [
        (0, 1, 0.0, 3.689),
        (1, 1, 0.025, 5.572),
        (5, 1, 1.623, 11.668),
        (10, 1, 4.795, 18.390),
        (0, 24, 0.0, 0.1537),
        (3, 24, 0.0258, 0.3653),
    ],
)
def test_poisson_published(count: int, hours: float, low: float, high: float) -> None:
    found = poisson_rate(count, hours)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-4)


def test_poisson_of_no_time() -> None:
    assert poisson_rate(3, 0.0) is None
    with pytest.raises(ValueError, match="count"):
        poisson_rate(-1, 2.0)


@given(st.integers(0, 200), st.floats(0.01, 1e5))
def test_poisson_bounds_are_the_tails(count: int, hours: float) -> None:
    """At the low bound so many or more have a chance of 2.5 %, at the high bound so many or fewer."""
    found = poisson_rate(count, hours)
    assert found is not None
    assert found.low <= count / hours <= found.high
    assert stats.poisson.cdf(count, found.high * hours) == pytest.approx(0.025, abs=1e-6)
    if count:
        assert stats.poisson.sf(count - 1, found.low * hours) == pytest.approx(0.025, abs=1e-6)
    else:
        assert found.low == 0


@pytest.mark.parametrize("rate", [0.3, 2.0, 7.5])
def test_poisson_covers_the_truth(rate: float) -> None:
    """Exact means: whatever the true rate, at least 95 % of what can be counted leads to an interval with it inside."""
    covered = 0.0
    for count in range(60):
        found = poisson_rate(count, 1.0)
        assert found is not None
        if found.low <= rate <= found.high:
            covered += stats.poisson.pmf(count, rate)
    assert covered >= 0.95


Pair = tuple[float, float]


def _ratio(groups: Sequence[Pair]) -> float | None:
    below = sum(group[1] for group in groups)
    return sum(group[0] for group in groups) / below if below else None


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def test_bootstrap_needs_ten_cameras() -> None:
    groups = [(1.0, 2.0)] * (FEWEST_GROUPS - 1)
    assert cluster_bootstrap(groups, _ratio, seed=0) is None
    found = cluster_bootstrap([*groups, (1.0, 2.0)], _ratio, seed=0)
    assert found is not None
    assert (found.low, found.high) == (0.5, 0.5)


def test_bootstrap_without_a_value_in_too_many_draws() -> None:
    one_of_ten = [(1.0, 1.0)] + [(0.0, 0.0)] * 9  # a third of the draws have nothing to divide by
    assert cluster_bootstrap(one_of_ten, _ratio, seed=0) is None
    four_of_ten = [(1.0, 1.0)] * 4 + [(0.0, 0.0)] * 6  # 0.6 % of them
    assert cluster_bootstrap(four_of_ten, _ratio, seed=0) is not None


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-100, 100), min_size=10, max_size=20), st.integers(0, 5))
def test_bootstrap_promises(values: list[float], seed: int) -> None:
    found = cluster_bootstrap(values, _mean, draws=200, seed=seed)
    assert found is not None
    assert found == cluster_bootstrap(values, _mean, draws=200, seed=seed)
    slack = 1e-9
    assert min(values) - slack <= found.low <= found.high <= max(values) + slack
    shifted = cluster_bootstrap([value + 7 for value in values], _mean, draws=200, seed=seed)
    assert shifted is not None
    assert (shifted.low, shifted.high) == pytest.approx((found.low + 7, found.high + 7), abs=1e-6)


def test_bootstrap_agrees_with_scipy() -> None:
    values = np.random.default_rng(3).normal(10, 2, 40)
    ours = cluster_bootstrap(values.tolist(), _mean, draws=4000, seed=1)
    theirs = stats.bootstrap((values,), np.mean, n_resamples=4000, method="percentile", rng=2).confidence_interval
    assert ours is not None
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.06)


def test_bootstrap_covers_the_truth() -> None:
    """Over many worlds the 95 % interval holds the true mean about as often as it says (a little less at 20 groups)."""
    generator = np.random.default_rng(11)
    held = 0
    for world in range(150):
        values = generator.normal(0, 1, 20).tolist()
        found = cluster_bootstrap(values, _mean, draws=300, seed=world)
        assert found is not None
        held += found.low <= 0 <= found.high
    assert 0.86 <= held / 150 <= 0.99


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(-50, 50), st.floats(-50, 50)), min_size=10, max_size=16), st.integers(0, 5))
def test_paired_turns_with_its_sides(pairs: list[Pair], seed: int) -> None:
    found = paired_difference(pairs, _mean, draws=200, seed=seed)
    turned = paired_difference([(b, a) for a, b in pairs], _mean, draws=200, seed=seed)
    assert found is not None
    assert turned is not None
    assert (turned.interval.low, turned.interval.high) == pytest.approx((-found.interval.high, -found.interval.low))
    assert turned.p == found.p
    assert paired_bootstrap(pairs, _mean, draws=200, seed=seed) == found.interval


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 5)] * 4), min_size=8, max_size=16), st.integers(0, 5))
def test_paired_of_sums_is_the_same_only_faster(rows: list[tuple[int, int, int, int]], seed: int) -> None:
    table = np.array(rows, dtype=float)
    pairs = [((float(a), float(b)), (float(c), float(d))) for a, b, c, d in rows]
    slow = paired_difference(pairs, _ratio, draws=100, seed=seed)
    fast = paired_difference_of_sums(
        table[:, :2], table[:, 2:], lambda sums: _ratio([(sums[0], sums[1])]), draws=100, seed=seed
    )
    assert fast == slow


def test_paired_sees_what_cameras_hide() -> None:
    """Cameras differ by far more than the runs: only because they are paired can the difference be seen."""
    before = [10.0 * camera for camera in range(12)]
    pairs = [(value, value + 1 + 0.1 * (number % 3)) for number, value in enumerate(before)]
    found = paired_difference(pairs, _mean, seed=0)
    assert found is not None
    assert 1 <= found.interval.low <= found.interval.high <= 1.2
    assert found.p == pytest.approx(2 / 2001)


def test_paired_with_itself_proves_nothing() -> None:
    found = paired_difference([(value, value) for value in range(10)], _mean, seed=0)
    assert found is not None
    assert (found.interval.low, found.interval.high, found.p) == (0, 0, 1)


@pytest.mark.parametrize(
    ("b", "c", "p"),
    # Signs as in any table of the sign test: 2 * sum of Binomial(n, 1/2) up to the smaller one.
    [(0, 0, 1.0), (0, 5, 0.0625), (0, 6, 0.03125), (1, 9, 22 / 1024), (3, 3, 1.0), (10, 2, 158 / 4096)],
)
def test_mcnemar_table(b: int, c: int, p: float) -> None:
    assert mcnemar_exact(b, c) == pytest.approx(p)
    assert mcnemar_exact(c, b) == pytest.approx(p)


@given(counts, counts)
def test_mcnemar_is_the_doubled_tail(b: int, c: int) -> None:
    expected = min(1.0, 2 * stats.binom.cdf(min(b, c), b + c, 0.5))
    assert mcnemar_exact(b, c) == pytest.approx(expected)


def test_mcnemar_refuses_nonsense() -> None:
    with pytest.raises(ValueError, match="counts"):
        mcnemar_exact(-1, 3)


@pytest.mark.parametrize(
    ("n1", "h1", "n2", "h2", "p"),
    [
        (5, 10.0, 15, 10.0, 0.041389),  # equal times make it the sign test
        (0, 5.0, 6, 5.0, 0.03125),
        (0, 1.0, 4, 3.0, 148 / 256),  # all but the likeliest outcome, of 81, 108, 54, 12 and 1 in 256
        (11, 800.0, 21, 3011.0, 0.07967),  # the example in the manual of R's poisson.test
        (0, 7.0, 0, 2.0, 1.0),
    ],
)
def test_rate_difference_table(n1: int, h1: float, n2: int, h2: float, p: float) -> None:
    assert rate_difference_p(n1, h1, n2, h2) == pytest.approx(p, abs=5e-6)


def test_rate_difference_of_no_time() -> None:
    assert rate_difference_p(0, 0.0, 4, 3.0) == 1
    assert rate_difference_p(4, 3.0, 0, 0.0) == 1


@given(st.integers(0, 40), st.floats(0.1, 50), st.integers(0, 40), st.floats(0.1, 50))
def test_rate_difference_sums_what_is_no_likelier(n1: int, h1: float, n2: int, h2: float) -> None:
    found = rate_difference_p(n1, h1, n2, h2)
    assert found == pytest.approx(rate_difference_p(n2, h2, n1, h1), rel=1e-6)
    chances = stats.binom.pmf(np.arange(n1 + n2 + 1), n1 + n2, h1 / (h1 + h2))
    assert found == pytest.approx(chances[chances <= chances[n1] * (1 + 1e-7)].sum(), rel=1e-6)


def test_holm_published() -> None:
    """Holm 1979 / R's p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")."""
    found = holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005})
    assert found == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02})
    assert list(found) == ["a", "b", "c", "d"]
    assert holm({}) == {}


@given(st.dictionaries(st.text("abcdef", max_size=3), st.floats(0, 1), max_size=8))
def test_holm_promises(p_values: dict[str, float]) -> None:
    found = holm(p_values)
    assert list(found) == list(p_values)
    for name, p in p_values.items():
        assert p <= found[name] <= min(1.0, len(p_values) * p)
        # By definition: the largest of (m - rank) p over all that are no larger.
        ranked = sorted(p_values.values())
        index = max(number for number, value in enumerate(ranked) if value == p)
        steps = [(len(ranked) - number) * value for number, value in enumerate(ranked[: index + 1])]
        assert found[name] == pytest.approx(min(1.0, max(steps)))
