"""Intervals of a single score: how far the truth may lie from what one run shows."""

from __future__ import annotations

import math

import numpy as np

from evalbench.core.estimate import Estimate
from evalbench.stats.clusters import Floats, Labels, grouping, mean_variance
from evalbench.stats.student import quantile


def wilson_interval(successes: float, trials: int, level: float = 0.95) -> Estimate:
    """Share of successes, with the score interval (Wilson 1927).

    It stays within 0 and 1 and does not collapse to a point when every trial succeeds, which
    is common on easy eval sets. Trials must be independent: repeated attempts at one item are
    not. It says nothing about the difference of two tiers on the same items.
    """
    _check(successes, trials, level)
    z = quantile((1 + level) / 2)
    share, weight = successes / trials, z * z / trials
    centre = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * math.sqrt(share * (1 - share) / trials + weight / (4 * trials))
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == trials else min(1.0, centre + half)
    return Estimate(share, low, high, level, "wilson", trials)


def clopper_pearson_interval(successes: float, trials: int, level: float = 0.95) -> Estimate:
    """Share of successes, with the exact interval (Clopper and Pearson 1934).

    It holds the truth at least `level` of the time, usually more often; use it where being
    wrong more often than stated is not acceptable. Trials must be independent.
    """
    from scipy.special import betaincinv

    _check(successes, trials, level)
    tail = (1 - level) / 2
    failures = trials - successes
    low = 0.0 if successes == 0 else float(betaincinv(successes, failures + 1, tail))
    high = 1.0 if failures == 0 else float(betaincinv(successes + 1, failures, 1 - tail))
    return Estimate(successes / trials, low, high, level, "clopper-pearson", trials)


def mean_interval(values: Floats, level: float = 0.95, clusters: Labels | None = None) -> Estimate:
    """Mean score, with Student's interval clipped to 0 and 1; `values` and `clusters` are (items,).

    The standard error is that of items, or of clusters where items share one. `low` and `high`
    are None for a single item or cluster, whose spread is unknown. Where no value differs from
    another the interval is a point, which understates what is unknown.
    """
    numbers = _numbers(values)
    groups = grouping(clusters, len(numbers))
    count = len(numbers) if groups is None else groups.count
    freedom = len(numbers) - 1 if groups is None else groups.effective - 1
    method = "t" if groups is None else "t, clustered"
    value, variance = float(numbers.mean()), mean_variance(numbers, groups)
    if math.isnan(variance):
        return Estimate(value, None, None, level, method, count)
    half = quantile((1 + level) / 2, freedom) * math.sqrt(variance)
    return Estimate(value, max(0.0, value - half), min(1.0, value + half), level, method, count)


def score_interval(values: Floats, level: float = 0.95, clusters: Labels | None = None) -> Estimate:
    """Mean score with the interval that suits it: Wilson for right or wrong, Student's t otherwise.

    Clustered items that are all right, or all wrong, get Wilson's interval on the number of
    clusters: the cluster standard error would be 0.
    """
    numbers = _numbers(values)
    groups = grouping(clusters, len(numbers))
    if not np.isin(numbers, (0.0, 1.0)).all():
        return mean_interval(numbers, level, clusters)
    if groups is None:
        return wilson_interval(float(numbers.sum()), len(numbers), level)
    if numbers.min() == numbers.max():
        return wilson_interval(float(numbers[0]) * groups.count, groups.count, level)
    return mean_interval(numbers, level, clusters)


def standard_error(values: Floats, clusters: Labels | None = None) -> float:
    """Standard error of the mean of `values` over items, or over clusters; NaN for a single unit."""
    numbers = _numbers(values)
    return math.sqrt(mean_variance(numbers, grouping(clusters, len(numbers))))


def _numbers(values: Floats) -> Floats:
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.ndim != 1 or not len(numbers):
        raise ValueError(f"values must be one number per item and at least one, not shape {numbers.shape}")
    return numbers


def _check(successes: float, trials: int, level: float) -> None:
    if trials < 1 or not 0 <= successes <= trials:
        raise ValueError(f"successes must be from 0 to trials (1 or more), not {successes!r} of {trials!r}")
    if not 0 < level < 1:
        raise ValueError(f"level must be between 0 and 1, not {level!r}")
