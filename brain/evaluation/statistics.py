"""How sure a figure is: exact and bootstrap intervals, and tests of one run against another.

Intervals are of 95 % and two-sided. ``None`` always means that nothing can be said, never "no difference".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest, chi2

from brain.evaluation.figures import Interval

LEVEL = 0.95
FEWEST_GROUPS = 10
"""Under so many cameras a bootstrap says nothing."""
UNDEFINED_SHARE = 0.05
"""With more draws than this in which the statistic has no value, there is no interval."""

Group = TypeVar("Group")
Sums = npt.NDArray[np.float64]


def wilson(hits: int, n: int) -> Interval | None:
    """Interval of a share ``hits / n`` (Wilson 1927, without continuity correction); ``None`` for none of none.

    Raises:
        ValueError: not 0 <= hits <= n.
    """
    if not 0 <= hits <= n:
        raise ValueError(f"{hits} of {n} is no share")
    if n == 0:
        return None
    found = binomtest(hits, n).proportion_ci(LEVEL, method="wilson")
    # At the ends the bound is exact; computed, it lies a rounding error off.
    return Interval(
        low=0.0 if hits == 0 else max(0.0, float(found.low)),
        high=1.0 if hits == n else min(1.0, float(found.high)),
    )


def poisson_rate(count: int, hours: float) -> Interval | None:
    """Exact interval of a rate per hour: chi2(.025; 2n)/2H to chi2(.975; 2n + 2)/2H (Garwood 1936).

    ``None`` when nothing was watched.

    Raises:
        ValueError: a negative count.
    """
    if count < 0:
        raise ValueError(f"{count} cannot be a count")
    if hours <= 0:
        return None
    tail = (1 - LEVEL) / 2
    low = float(chi2.ppf(tail, 2 * count)) / (2 * hours) if count else 0.0
    return Interval(low=low, high=float(chi2.ppf(1 - tail, 2 * count + 2)) / (2 * hours))


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """A difference as a bootstrap sees it.

    Attributes:
        p: twice the share of draws on the rarer side of 0, at most 1: small where nearly all lie on one side.
    """

    interval: Interval
    p: float


def cluster_bootstrap(
    groups: Sequence[Group],
    statistic: Callable[[Sequence[Group]], float | None],
    *,
    draws: int = 2000,
    seed: int,
) -> Interval | None:
    """Percentile bootstrap that draws whole groups (cameras), for what one camera sees hangs together.

    Args:
        groups: one for each camera; their order matters to the draws, so keep it the same.
        statistic: the figure of some groups, ``None`` where it has no value.
        draws: how often to draw; seed: the same one gives the same interval.

    Returns:
        ``None`` under ten groups, or where the statistic has no value in more than a twentieth of the draws.
    """
    values = _drawn(groups, statistic, draws, seed)
    return None if values is None else _interval(values)


def paired_bootstrap(
    pairs: Sequence[tuple[Group, Group]],
    statistic: Callable[[Sequence[Group]], float | None],
    *,
    draws: int = 2000,
    seed: int,
) -> Interval | None:
    """Interval of the second run's figure less the first's, both over the same draw of cameras.

    Args:
        pairs: for each camera what the first and what the second run made of it.
        statistic, draws, seed: as in ``cluster_bootstrap``, which also says when there is none.
    """
    found = paired_difference(pairs, statistic, draws=draws, seed=seed)
    return None if found is None else found.interval


def paired_difference(
    pairs: Sequence[tuple[Group, Group]],
    statistic: Callable[[Sequence[Group]], float | None],
    *,
    draws: int = 2000,
    seed: int,
) -> PairedDifference | None:
    """As ``paired_bootstrap``, with the p that belongs to the interval, so that it can be adjusted with ``holm``."""

    def difference(chosen: Sequence[tuple[Group, Group]]) -> float | None:
        before = statistic([first for first, _ in chosen])
        after = statistic([second for _, second in chosen])
        return None if before is None or after is None else after - before

    values = _drawn(pairs, difference, draws, seed)
    return None if values is None else _paired(values)


def paired_difference_of_sums(
    before: Sums,
    after: Sums,
    figure: Callable[[Sums], float | None],
    *,
    draws: int = 2000,
    seed: int,
) -> PairedDifference | None:
    """As ``paired_difference`` where the figure follows from sums over the cameras, and many times faster.

    Args:
        before, after: what each run counted, one row a camera (cameras × counts), in the same order.
        figure: of the sums over some cameras (counts), ``None`` where it has no value.
    """
    number = len(before)
    if number < FEWEST_GROUPS:
        return None
    chosen = np.random.default_rng(seed).integers(number, size=(draws, number))
    # How often each draw holds each camera, so that all sums are one product of matrices.
    places = (chosen + np.arange(draws)[:, None] * number).ravel()
    times = np.bincount(places, minlength=draws * number).reshape(draws, number).astype(np.float64)
    values = []
    for sums_before, sums_after in zip(times @ before, times @ after, strict=True):
        first, second = figure(sums_before), figure(sums_after)
        if first is not None and second is not None:
            values.append(second - first)
    return _paired(values) if _are_enough(values, draws) else None


def _paired(values: Sequence[float]) -> PairedDifference:
    rarer = min(sum(value <= 0 for value in values), sum(value >= 0 for value in values))
    # One is added on either side, for a p of 0 would claim more than any number of draws can show.
    return PairedDifference(_interval(values), min(1.0, 2 * (rarer + 1) / (len(values) + 1)))


def _are_enough(values: Sequence[float], draws: int) -> bool:
    return bool(values) and len(values) >= (1 - UNDEFINED_SHARE) * draws


def _drawn(
    groups: Sequence[Group], statistic: Callable[[Sequence[Group]], float | None], draws: int, seed: int
) -> list[float] | None:
    if len(groups) < FEWEST_GROUPS:
        return None
    generator = np.random.default_rng(seed)
    values = []
    for _ in range(draws):
        chosen = generator.integers(len(groups), size=len(groups)).tolist()
        value = statistic([groups[index] for index in chosen])
        if value is not None:
            values.append(value)
    return values if _are_enough(values, draws) else None


def _interval(values: Sequence[float]) -> Interval:
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(values, (tail, 1 - tail))
    return Interval(low=float(low), high=float(high))


def mcnemar_exact(b: int, c: int) -> float:
    """Two-sided p of McNemar's exact test: of ``b + c`` that turned, ``b`` one way and ``c`` the other.

    1 when none turned.
    """
    return _binomial_p(b, b + c, 0.5)


def rate_difference_p(n1: int, h1: float, n2: int, h2: float) -> float:
    """Two-sided p of equal Poisson rates: given n1 + n2, n1 ~ Binomial(h1/(h1 + h2)) (Przyborowski and Wilenski 1940).

    1 when nothing was counted, or one of the two watched for no time.
    """
    if h1 <= 0 or h2 <= 0:
        return 1.0
    return _binomial_p(n1, n1 + n2, h1 / (h1 + h2))


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """p adjusted for having looked at several (Holm 1979): below 0.05 stays proven however many were looked at.

    The order of the keys is kept.
    """
    ranked = sorted(p_values, key=lambda name: p_values[name])
    adjusted: dict[str, float] = {}
    highest = 0.0
    for number, name in enumerate(ranked):
        highest = max(highest, min(1.0, (len(ranked) - number) * p_values[name]))
        adjusted[name] = highest
    return {name: adjusted[name] for name in p_values}


def _binomial_p(k: int, n: int, share: float) -> float:
    if k < 0 or n < k:
        raise ValueError(f"{k} of {n} cannot be counts")
    return min(1.0, float(binomtest(k, n, share).pvalue)) if n else 1.0
