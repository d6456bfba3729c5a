"""Cost ratios and latency percentiles, each with how far it can be trusted."""

from __future__ import annotations

import math

import numpy as np

from evalbench.core.estimate import Estimate, Percentiles
from evalbench.stats.clusters import Floats, Labels, grouping
from evalbench.stats.student import quantile
from evalbench.stats.tails import percentile_rank

_BOUND_ALPHA = 0.05


def fieller_interval(x: Floats, y: Floats, level: float = 0.95, clusters: Labels | None = None) -> Estimate:
    """The ratio mean(x) / mean(y) of paired values, (items,) each, with its interval (Fieller 1954).

    Student's t with n - 1 degrees of freedom and the sample covariance, of the sums of each cluster
    where there are any, since those are independent and the items are not. `low` and `high` are
    None where the mean of y could be 0, so that the ratio has no bound, and for a single pair.
    It is the ratio of totals, not the mean of the items' ratios.
    """
    above, below = _pairs(x, y)
    groups = grouping(clusters, len(above))
    if groups is not None:
        above, below = groups.sums(above), groups.sums(below)
    pairs, ratio = len(above), float(above.mean() / below.mean())
    if pairs == 1:
        return Estimate(ratio, None, None, level, "fieller", pairs)
    (var_x, cov), (_, var_y) = np.cov(above, below, ddof=1) / pairs
    t = quantile((1 + level) / 2, pairs - 1)
    g = t * t * var_y / float(below.mean()) ** 2
    if g >= 1:
        return Estimate(ratio, None, None, level, "fieller", pairs)
    unexplained = var_x - cov**2 / var_y if var_y > 0 else 0.0
    inner = var_x - 2 * ratio * cov + ratio**2 * var_y - g * unexplained
    half = t / abs(float(below.mean())) * math.sqrt(max(0.0, inner))
    centre = ratio - g * (cov / var_y if var_y > 0 else 0.0)
    low, high = float((centre - half) / (1 - g)), float((centre + half) / (1 - g))
    return Estimate(ratio, low, high, level, "fieller", pairs)


def ratio_standard_error(x: Floats, y: Floats) -> float:
    """Standard error of mean(x) / mean(y) by the delta method; NaN for a single pair."""
    above, below = _pairs(x, y)
    if len(above) == 1:
        return math.nan
    residuals = above - above.mean() / below.mean() * below
    return float(residuals.std(ddof=1) / math.sqrt(len(above)) / abs(below.mean()))


def latency_percentiles(latencies: Floats) -> Percentiles | None:
    """Percentiles of `latencies` in seconds; None without a single one.

    `p95_high` is the ordered call that bounds the 95th percentile at 95 % from above, without
    assuming a distribution; it exists from 59 calls on. It covers the choice of calls, not the
    time of day or the load.
    """
    seconds = np.sort(np.asarray(latencies, dtype=np.float64))
    if not len(seconds):
        return None
    p50, p95, p99 = (float(value) for value in np.percentile(seconds, (50, 95, 99)))
    rank = percentile_rank(len(seconds), _BOUND_ALPHA)
    high = None if rank is None else float(seconds[rank - 1])
    return Percentiles(p50, p95, p99, len(seconds), high)


def _pairs(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    above, below = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if above.ndim != 1 or above.shape != below.shape or not len(above):
        raise ValueError(f"x and y must be pairs, at least one, not shapes {above.shape} and {below.shape}")
    if below.mean() == 0:
        raise ValueError("the mean of y is 0, so there is no ratio to it")
    return above, below
